"""The physical limit: the fastest lap that a car can drive at all, and how near others came.

How it is found stands in `racecraft.analysis.fastest_lap`; this is what is known of it afterwards.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.randomisation import RandomisationSpec
from racecraft.domain.track import Points, Track

Values = NDArray[np.float64]

LEAGUE = ((1.08, "the winner"), (1.21, "the best 1 %"), (2.02, "the best 10 %"), (3.78, "half"))
"""Best laps on twenty public boards of 2023 to 2025, over the limit, and who was so fast."""
IMPOSSIBLE = 0.99
"""A lap faster than this share of the limit is a defect of the simulator, never a record."""


@dataclass(frozen=True, eq=False)
class FastestLap:
    """A lap that no car of the kind beats by more than the method may be off: 1 to 2 %."""

    time_s: float
    points: Points
    """(K, 2) where the car's origin goes (m), first == last; the first lies beside waypoint 0."""
    along_m: Values
    """(K,) arc length from the start line."""
    speed_mps: Values
    """(K,) how fast it is there."""
    clock_s: Values
    """(K,) when it is there."""

    @property
    def length_m(self) -> float:
        """Length of the line."""
        return float(self.along_m[-1])

    def shares(self, track: Track) -> Values:
        """(K,) where on the lap it is at each point, from about 0 to about 1, never falling."""
        found = track.locate(self.points[:-1]).distance_m / track.length_m
        # Beside the start line the nearest point may lie before it.
        turned = np.unwrap(found, period=1.0)
        turned -= np.round(turned[0])
        return np.maximum.accumulate(np.append(turned, turned[0] + 1.0))

    def beside(self, track: Track) -> tuple[Points, Values]:
        """(W, 2) the points of the line beside the waypoints, and (W,) the speed there."""
        wanted = track.cumulative_m / track.length_m
        shares = self.shares(track)

        def at(values: Values) -> Values:
            return np.interp(wanted, shares, values, period=1.0)

        points = np.stack([at(self.points[:, axis]) for axis in (0, 1)], axis=1)
        return points, at(self.speed_mps)


class LapLimit(BaseModel):
    """How fast a track can be driven by a car, and by what its driver may choose."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit_s: float = Field(gt=0, description="least time of a rolling lap of this car at all (s)")
    own_limit_s: float = Field(
        gt=0, description="the same with the fastest speed of the model's action space (s)"
    )
    own_top_mps: float = Field(gt=0, description="that speed (m/s)")

    @property
    def is_slower(self) -> bool:
        """Whether the driver may choose less than the car can do."""
        return self.own_limit_s > self.limit_s

    def times(self, time_ms: int) -> float:
        """How many times as long as the limit of the car a lap took."""
        return round(time_ms / 1000 / self.limit_s, 3)

    def times_own(self, time_ms: int) -> float:
        """How many times as long as the limit at the model's own top speed a lap took."""
        return round(time_ms / 1000 / self.own_limit_s, 3)

    def is_impossible(self, time_ms: int, drawn: RandomisationSpec | None = None) -> bool:
        """Whether a lap is faster than physics allows, also with the best luck of the draw."""
        return time_ms < least_lap_ms(self.limit_s, drawn)

    def words(self, time_ms: int, drawn: RandomisationSpec | None = None) -> str:
        """One sentence or two about the lap of a model.

        Args:
            time_ms: how long it took.
            drawn: as for `least_lap_ms`.
        """
        near = standing(self.times(time_ms))
        if self.is_impossible(time_ms) and not self.is_impossible(time_ms, drawn):
            near = "which the luck of what was drawn for each lap allows"
        told = (
            f"That is {self.times(time_ms):.2f} × the physical limit of this car on this track "
            f"({self.limit_s:.2f} s), {near}."
        )
        if not self.is_slower:
            return told
        return (
            f"{told} With the top speed of its own actions, {self.own_top_mps:g} m/s, nobody could "
            f"be faster than {self.own_limit_s:.2f} s: it took {self.times_own(time_ms):.2f} × "
            "that."
        )


def least_lap_ms(limit_s: float, drawn: RandomisationSpec | None = None) -> float:
    """A lap that took less than so many milliseconds is faster than physics allows.

    Args:
        limit_s: the limit of the car.
        drawn: what was drawn for each lap; where more grip or speed may be drawn than the limit
            knows of, less time is possible: with `f` times the grip at most `f ** 0.5` times
            the speed, because that is so where grip alone counts and less elsewhere.
    """
    faster = 1.0
    if drawn is not None and drawn.friction is not None:
        faster = max(faster, math.sqrt(drawn.friction.grip[1]))
    if drawn is not None and drawn.actuators is not None:
        faster = max(faster, drawn.actuators.speed_gain[1])
    return IMPOSSIBLE * limit_s * 1000 / faster


def best_sound_ms(
    times_ms: Iterable[int], limit: LapLimit | None, drawn: RandomisationSpec | None = None
) -> int | None:
    """The fastest of some laps that is no defect; None without one.

    Args:
        times_ms: of completed laps.
        limit: of the car; if it is not known no lap is a defect.
        drawn: as for `least_lap_ms`.
    """
    sound = (ms for ms in times_ms if limit is None or not limit.is_impossible(ms, drawn))
    return min(sound, default=None)


def defect(time_ms: int, limit_s: float) -> str:
    """The sentence about a lap that is faster than physics allows."""
    return (
        f"A lap of {time_ms / 1000:.3f} s is faster than physics allows: the limit is "
        f"{limit_s:.2f} s. This is a defect of the simulator, not a record; please report it with "
        "the model."
    )


def standing(ratio: float) -> str:
    """Who drove as near to the limit on the public boards of 2023 to 2025, in words."""
    if ratio < IMPOSSIBLE:
        return "faster than physics allows: please report this as a defect"
    for most, who in LEAGUE:
        if ratio <= most:
            return f"as near to it as {who} of the public boards of 2023 to 2025"
    return "further from it than half of the public boards of 2023 to 2025"


def league_scale() -> str:
    """What others reached, for the foot of tables."""
    return f"On twenty public boards of 2023 to 2025, as multiples of the limit: {league_words()}."


def league_words() -> str:
    """`1.08 (the winner), …`."""
    return ", ".join(f"{most:.2f} ({who})" for most, who in LEAGUE)
