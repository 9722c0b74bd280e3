"""Fastest laps that were worked out before: as text, and those that come with shipped tracks.

A lap is known by a key of all that it depends on, so one of another road, car or method is never
taken for it. Beside the `track.json` of a shipped track lies a `limit.json` with the laps of the
standard car in both directions.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import Any

import numpy as np

from racecraft.domain.car import STEERING_GAIN, CarSpec
from racecraft.domain.errors import InvalidInput
from racecraft.domain.limit import FastestLap
from racecraft.domain.track import Track
from racecraft.tracks.library import FOLDER, load_track, shipped_names

METHOD = 1
"""Another number whenever `racecraft.analysis.fastest_lap` finds other laps than before."""
FILE = "limit.json"
SPACING_M = 0.2
"""Points of a kept line are at least so far apart."""


def limit_key(track: Track, car: CarSpec, top_mps: float) -> str:
    """Thirty-two letters for all that a fastest lap depends on."""
    digest = hashlib.sha256()
    design: tuple[float, ...] = (car.grip.lateral_mps2, car.wheelbase_m, car.max_steering_rad)
    gain = max(car.response.steering_gains)
    if gain != STEERING_GAIN:  # of the usual car it is part of the method
        design = (*design, gain)
    top = min(top_mps, car.max_speed_mps)
    digest.update(json.dumps([METHOD, *design, top]).encode())
    for line in (track.centre, track.inner, track.outer):
        digest.update(np.ascontiguousarray(np.round(line, 6) + 0.0, np.float64).tobytes())
    return digest.hexdigest()[:32]


def lap_document(lap: FastestLap) -> dict[str, Any]:
    """A lap as plain values, millimetres kept."""
    spacing_m = lap.length_m / (len(lap.points) - 1)
    every = max(1, round(SPACING_M / spacing_m))
    chosen = np.append(np.arange(0, len(lap.points) - 1, every), len(lap.points) - 1)
    x_m, y_m = np.round(lap.points[chosen], 3).T.tolist()
    speed = np.round(lap.speed_mps[chosen], 3).tolist()
    return {"time_s": round(lap.time_s, 4), "x_m": x_m, "y_m": y_m, "speed_mps": speed}


def lap_of(document: Any) -> FastestLap:
    """The lap of such plain values.

    Raises:
        InvalidInput: they are none.
    """
    try:
        points = np.array([document["x_m"], document["y_m"]], np.float64).T
        speed = np.array(document["speed_mps"], np.float64)
        time_s = float(document["time_s"])
        step = np.linalg.norm(np.diff(points, axis=0), axis=1)
        passed = np.cumsum(2 * step / (speed[1:] + speed[:-1]))
        return FastestLap(
            time_s=time_s,
            points=points,
            along_m=np.append(0.0, np.cumsum(step)),
            speed_mps=speed,
            clock_s=np.append(0.0, passed * (time_s / passed[-1])),
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise InvalidInput("The kept limit is damaged; remove its file.") from error


def shipped_lap(track: Track, car: CarSpec, top_mps: float) -> FastestLap | None:
    """The lap that comes with racecraft; None for other tracks, cars or speeds."""
    if track.name not in shipped_names():
        return None
    found = _shipped(track.name).get(limit_key(track, car, top_mps))
    return None if found is None else lap_of(found)


def stale_tracks() -> list[str]:
    """Shipped tracks whose `limit.json` is not that of their road and of the method."""
    car = CarSpec()
    return [
        name
        for name in shipped_names()
        if set(_shipped(name))
        != {
            limit_key(load_track(name, is_reversed=turned), car, car.max_speed_mps)
            for turned in (False, True)
        }
    ]


@lru_cache(maxsize=128)
def _shipped(name: str) -> dict[str, Any]:
    path = FOLDER / name / FILE
    if not path.is_file():
        return {}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
