"""Where a lap loses time against what is physically possible: corner by corner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from racecraft.analysis.fastest_lap import fastest_lap
from racecraft.analysis.study.episodes import step_times, step_ways
from racecraft.analysis.study.findings import Finding, Weight
from racecraft.analysis.study.parts import corners_of
from racecraft.analysis.study.road import Floats, Road
from racecraft.domain.car import CarSpec
from racecraft.domain.limit import FastestLap, LapLimit, league_scale
from racecraft.domain.randomisation import RandomisationSpec
from racecraft.domain.track import Track

MOST_LOSSES = 3
"""Places that a finding names."""
_LEAST_LOST_S = 0.05
_MOST_TRIED = 50
_NEAR_SHARE = 0.02
"""Of the lap: so far from where its progress says a car may be."""
_SHORTEST_STRAIGHT_SHARE = 0.005


@dataclass(frozen=True, eq=False)
class Possible:
    """What is physically possible on the track of some logs."""

    track: Track
    car: CarSpec
    of_car: FastestLap
    of_model: FastestLap
    """At the top speed of the model's actions."""
    top_mps: float
    drawn: RandomisationSpec | None = None
    """The widest luck that may have been drawn for a lap, if it is known."""

    @property
    def limit(self) -> LapLimit:
        """Both times."""
        own_s = max(self.of_model.time_s, self.of_car.time_s)
        return LapLimit(limit_s=self.of_car.time_s, own_limit_s=own_s, own_top_mps=self.top_mps)


def possible_on(
    track: Track, car: CarSpec, action_space: Any, drawn: RandomisationSpec | None = None
) -> Possible:
    """What a car can do on a track.

    Args:
        track: the road, in the direction in which it is driven.
        car: the car design.
        action_space: as logs tell it; the car's own top speed if they do not.
        drawn: the widest luck that may have been drawn for a lap, if it is known.
    """
    top_mps = min(_top_mps(action_space) or car.max_speed_mps, car.max_speed_mps)
    of_car = fastest_lap(track, car)
    own = of_car if top_mps == car.max_speed_mps else fastest_lap(track, car, top_mps=top_mps)
    return Possible(track, car, of_car, own, top_mps, drawn)


def stretches_of(road: Road) -> pd.DataFrame:
    """Corners and the straights between them, in driving order: `part`, `from_share`, `to_share`.

    Together they are the whole lap; the last one may end beyond 1.
    """
    rows: list[tuple[str, float, float]] = []
    corners = [
        (int(row.corner), float(row.from_share), float(row.to_share), float(row.turn))
        for row in corners_of(road).itertuples()
    ]
    if not corners:
        return pd.DataFrame([("the lap", 0.0, 1.0)], columns=["part", "from_share", "to_share"])
    for place, (number, begin, end, turn) in enumerate(corners):
        rows.append((f"corner {number} ({'left' if turn > 0 else 'right'})", begin, end))
        following = corners[place + 1][1] if place + 1 < len(corners) else corners[0][1] + 1.0
        if following - end > _SHORTEST_STRAIGHT_SHARE:
            rows.append((f"straight after corner {number}", end, following))
        else:  # nothing may be left out
            rows[-1] = (rows[-1][0], begin, following)
    return pd.DataFrame(rows, columns=["part", "from_share", "to_share"])


def losses_of(lap: pd.DataFrame, road: Road, possible: Possible) -> pd.DataFrame:
    """What a complete lap loses in each corner and on each straight.

    Args:
        lap: the steps of one complete lap.
        road: its corners.
        possible: on the same track.

    Returns:
        Columns: `part`, `from_m`, `to_m`, `time` (s), `possible` and `lost` (s, against the
        limit of the car), `own_possible` and `own_lost` (s, against the limit at the model's own
        top speed), `mean_speed` and `possible_speed` (m/s along the centre line).
    """
    shares, clock = _driven(lap, possible.track)
    rows = []
    for part in stretches_of(road).itertuples():
        a, b = float(part.from_share), float(part.to_share)
        spent = _spent(shares, clock, a, b)
        best, own = (_spent(*_ideal(each, possible), a, b) for each in _both(possible))
        length_m = (b - a) * possible.track.length_m
        rows.append(
            {
                "part": part.part,
                "from_m": a * road.length_m,
                "to_m": (b % 1.0 or 1.0) * road.length_m,
                "time": spent,
                "possible": best,
                "lost": spent - best,
                "own_possible": own,
                "own_lost": spent - own,
                "mean_speed": length_m / spent if spent else np.nan,
                "possible_speed": length_m / best,
            }
        )
    return pd.DataFrame(rows)


def profile_of(lap: pd.DataFrame, possible: Possible) -> pd.DataFrame:
    """Speeds along a lap: `at_m`, `speed` (driven, m/s), `possible` and `own_possible` (m/s)."""
    shares, _ = _driven(lap, possible.track)
    times = step_times(lap)
    with np.errstate(divide="ignore", invalid="ignore"):
        speed = np.where(times > 0, step_ways(lap) / times, np.nan)
    at = np.mod(shares, 1.0)
    order = np.argsort(at, kind="stable")
    columns = {"at_m": at[order] * possible.track.length_m, "speed": speed[order]}
    for name, each in zip(("possible", "own_possible"), _both(possible), strict=True):
        own_shares, _ = _ideal(each, possible)
        columns[name] = np.interp(at[order], own_shares, each.speed_mps, period=1.0)
    return pd.DataFrame(columns).dropna()


def loss_findings(losses: pd.DataFrame, possible: Possible, time_s: float) -> list[Finding]:
    """How near the best lap came, and where it loses most."""
    limit, time_ms = possible.limit, round(time_s * 1000)
    is_defect = limit.is_impossible(time_ms, possible.drawn)
    weight = Weight.WARNING if is_defect else Weight.NOTE
    words = limit.words(time_ms, possible.drawn)
    told = f"The best lap took {time_s:.2f} s. {words} {league_scale()}"
    found = [Finding(weight, "driving", told)]
    worst = losses[losses["own_lost"] >= _LEAST_LOST_S].nlargest(MOST_LOSSES, "own_lost")
    if len(worst):
        places = ", ".join(f"{row.own_lost:.2f} s {_place(row.part)}" for row in worst.itertuples())
        against = (
            f"the limit at {possible.top_mps:g} m/s" if limit.is_slower else "the limit of the car"
        )
        found.append(
            Finding(
                Weight.NOTE,
                "driving",
                f"Against {against} the best lap loses {places}.",
                "In a corner: brake earlier or turn in wider, so that it can leave faster. On a "
                "straight: it leaves the corner before too slowly, or does not dare full speed.",
            )
        )
    return found


def best_lap(frame: pd.DataFrame, laps: pd.DataFrame, track: Track) -> pd.DataFrame | None:
    """The steps of the fastest complete lap that was driven on a track, in its direction.

    Args:
        frame: all steps.
        laps: complete laps, the fastest first.
        track: the road.
    """
    values = frame["unique_episode"].to_numpy()
    for number in laps["unique_episode"].head(_MOST_TRIED).tolist():
        first, last = np.searchsorted(values, [number, number + 1])
        lap = frame.iloc[first:last]
        if len(lap) > 1 and _goes_along(lap, track):
            return lap
    return None


def _goes_along(lap: pd.DataFrame, track: Track) -> bool:
    """Whether places and progress go together."""
    told, _ = _driven(lap, track)
    found = track.locate(lap[["x", "y"]].to_numpy(np.float64))
    away = np.mod(found.distance_m / track.length_m - told + 0.5, 1.0) - 0.5
    return bool(np.median(np.abs(away)) < _NEAR_SHARE) and bool(
        np.median(np.abs(found.offset_m)) < track.width_m
    )


def _place(part: str) -> str:
    return f"on the {part}" if part.startswith("straight") else f"in {part}"


def _both(possible: Possible) -> tuple[FastestLap, FastestLap]:
    return possible.of_car, possible.of_model


def _driven(lap: pd.DataFrame, track: Track) -> tuple[Floats, Floats]:
    """(N,) where on the lap each step is, growing by 1, and (N,) when (s)."""
    progress = np.maximum.accumulate(lap["progress"].to_numpy(np.float64)) / 100.0
    first = lap[["x", "y"]].to_numpy(np.float64)[:1]
    begin = float(track.locate(first).distance_m[0] / track.length_m - progress[0])
    return begin + progress, np.cumsum(step_times(lap))


def _ideal(lap: FastestLap, possible: Possible) -> tuple[Floats, Floats]:
    """The same of a fastest lap: of its nose, as traces tell it."""
    step = np.diff(lap.points, axis=0)
    ahead = np.concatenate([step, step[:1]])
    ahead /= np.maximum(np.linalg.norm(ahead, axis=1), 1e-9)[:, None]
    moved = FastestLap(
        lap.time_s,
        lap.points + possible.car.nose_m * ahead,
        lap.along_m,
        lap.speed_mps,
        lap.clock_s,
    )
    shares = moved.shares(possible.track)
    return shares, lap.clock_s


def _spent(shares: Floats, clock: Floats, begin: float, end: float) -> float:
    """Seconds of a lap between two places, wherever on the lap it begins."""
    turns = np.arange(np.floor(shares[0] - end), np.ceil(shares[-1] - begin) + 1)
    first, last = (np.interp(each + turns, shares, clock) for each in (begin, end))
    return float((last - first).sum())


def _top_mps(action_space: Any) -> float | None:
    """The fastest speed of a list of actions or of ranges; None where it is not told."""
    try:
        if isinstance(action_space, list):
            return max(float(action["speed"]) for action in action_space)
        return float(action_space["speed"]["high"])
    except (KeyError, TypeError, ValueError):
        return None
