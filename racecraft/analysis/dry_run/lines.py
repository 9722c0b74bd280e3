"""How drawn laps are driven: how fast along a line, how the wheels are turned, when a lap ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from racecraft.analysis.closed_line import ClosedLine
from racecraft.analysis.dry_run.laps import Lap
from racecraft.domain.car import CarSpec
from racecraft.domain.episode import CONTROL_HZ
from racecraft.domain.reward import COLUMN

Values = NDArray[np.float64]

STEERING_GAIN = 0.5
"""The front wheels turn half as far as they are told: see `docs/explanation/physics.md`."""
SPEED_CHANGE_MPS2 = 3.0
"""How hard a fast lap brakes before a bend and speeds up after it."""
FIRST_BEND_M = 1.0
"""A bend nearer to the start than this is not the one to fail in."""


@dataclass(frozen=True)
class Speeds:
    """How fast the drawn laps are (m/s)."""

    slow_mps: float = 0.5
    fast_mps: float = 1.0


def lap_of(name: str, title: str, rows: Values, objects: Values | None = None) -> Lap:
    """A lap of which the last row is the step that ends it."""
    is_over = rows[:, COLUMN["progress_percent"]] >= 100.0
    is_over |= (rows[:, [COLUMN["is_offtrack"], COLUMN["is_crashed"]]] > 0).any(axis=1)
    count = int(np.argmax(is_over)) + 1 if is_over.any() else len(rows)
    last = rows[count - 1]
    return Lap(
        name=name,
        title=title,
        rows=rows[:count],
        objects=None if objects is None else objects[:count],
        is_complete=bool(last[COLUMN["progress_percent"]] >= 100.0),
        time_s=float(last[COLUMN["steps"]] - 1) / CONTROL_HZ,
    )


def speeds_on(line: ClosedLine, top_mps: float, car: CarSpec) -> Values:
    """(M,) the speed at each point: at most `top_mps`, and what grip and brakes allow."""
    bend = np.maximum(np.abs(line.curvature_per_m[:-1]), 1e-6)
    square = limit = np.minimum(top_mps**2, car.grip.lateral_mps2 / bend)
    gain = 2 * SPEED_CHANGE_MPS2 * line.length_m / len(limit)  # of the square from point to point
    for away in range(1, int((limit.max() - limit.min()) / gain) + 1):
        nearby = np.minimum(np.roll(limit, away), np.roll(limit, -away))
        square = np.minimum(square, nearby + away * gain)
    return np.asarray(np.sqrt(np.append(square, square[0])))


def steering_for(curvature_per_m: Values, car: CarSpec) -> Values:
    """(N,) the angle that makes the car turn so (rad)."""
    angle = np.arctan(curvature_per_m * car.wheelbase_m / STEERING_GAIN)
    return np.clip(angle, -car.max_steering_rad, car.max_steering_rad)


def is_bend(line: ClosedLine, from_m: float) -> NDArray[np.bool_]:
    """(M,) which points lie in a bend that asks for steering, so far from the start or further."""
    bend = np.abs(line.curvature_per_m)
    return np.asarray((bend > 0.5 * bend.max()) & (line.along_m > from_m))
