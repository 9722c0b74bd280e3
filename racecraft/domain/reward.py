"""The documented inputs of a reward function: their names, units and where they come from.

The simulator fills a table with one row a car (`COLUMNS`); `params` turns a row into the
dictionary that a user's `reward_function(params)` receives. Angles become degrees here (inside
they are radians), but for the headings of objects. Meanings follow the original simulator; where
its guide and its code disagreed, `docs/reference/reward-parameters.md` says which one this is.

The locked process that runs users' code imports this module, so it loads nothing heavy.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from racecraft.domain.track import Track

COLUMNS = (
    "x_m",
    "y_m",
    "heading_rad",
    "distance_from_center_m",
    "projection_distance_m",
    "progress_percent",
    "steps",
    "speed_mps",
    "steering_rad",
    "track_width_m",
    "waypoint_behind",
    "waypoint_ahead",
    "is_left_of_center",
    "all_wheels_on_track",
    "is_offtrack",
    "is_crashed",
    "sim_time_s",
    "closest_waypoint",
    "object_in_camera",
)
"""Columns of the table of reward inputs, in order; yes/no columns hold 0.0 or 1.0."""

COLUMN = {name: index for index, name in enumerate(COLUMNS)}
OBJECT_COLUMNS = (
    "x_m",
    "y_m",
    "heading_rad",
    "speed_mps",
    "distance_m",
    "distance_from_center_m",
    "is_left_of_center",
)
"""Columns of the table of objects; `distance_m` is the arc length from waypoint 0."""

OBJECT_COLUMN = {name: index for index, name in enumerate(OBJECT_COLUMNS)}
MAX_ABS_REWARD = 1e5
"""Larger rewards, and those that are not finite, stop a job."""
FASTEST_MPS = 4.0
"""The fastest speed that an action may have."""


class TrackFacts(NamedTuple):
    """What a reward function is told about the track, the same at every step."""

    is_reversed: bool
    length_m: float
    waypoints: list[tuple[float, float]]
    """Centre line in driving direction, first == last."""
    racing_line: Sequence[tuple[float, float]] = ()
    """The fastest line: where it passes beside each waypoint."""
    racing_speed: Sequence[float] = ()
    """The speed to choose there (m/s)."""


@dataclass(frozen=True)
class RewardInputs:
    """Reward inputs of a batch of cars at one step."""

    table: NDArray[np.float64]
    """(N, len(COLUMNS)) one row a car."""
    tracks: Sequence[Track]
    """The distinct tracks on which the cars drive."""
    track_of_car: NDArray[np.int64]
    """(N,) index into `tracks`."""
    objects: NDArray[np.float64] | None = None
    """(N, O, len(OBJECT_COLUMNS)) other things on the track, as each car meets them."""

    def params(self, car: int) -> dict[str, Any]:
        """The dictionary of one car, made afresh so that user code may change it."""
        track = self.tracks[self.track_of_car[car]]
        objects = [] if self.objects is None else self.objects[car].tolist()
        return params(self.table[car].tolist(), facts_of(track), objects)


def facts_of(track: Track) -> TrackFacts:
    """What a reward function is told about a track, kept because it is the same at every step."""
    known = _FACTS.get(id(track))
    if known is None or known[0] is not track:
        waypoints = [(x, y) for x, y in track.centre.tolist()]
        points, speed = racing_line_of(track)
        line = [(x, y) for x, y in points.tolist()]
        facts = TrackFacts(track.is_reversed, track.length_m, waypoints, line, speed.tolist())
        known = (track, facts)
        _FACTS[id(track)] = known
    return known[1]


def racing_line_of(track: Track) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(K, 2) the racing line at the waypoints and (K,) its speed (m/s).

    Where nobody worked it out it is the centre line, at the fastest speed that there is.
    """
    if track.racing_line is not None:
        return track.racing_line.points, track.racing_line.speed_mps
    return track.centre, 0.0 * track.centre[:, 0] + FASTEST_MPS


def params(
    row: Sequence[float], track: TrackFacts, objects: Sequence[Sequence[float]] = ()
) -> dict[str, Any]:
    """The dictionary that a reward function receives.

    Args:
        row: as in `COLUMNS`; its order is written out below because this runs once a step.
        track: the track of the car.
        objects: one row an object, as in `OBJECT_COLUMNS`.
    """
    is_offtrack, is_crashed = row[14] != 0.0, row[15] != 0.0
    return {
        "all_wheels_on_track": row[13] != 0.0,
        "x": row[0],
        "y": row[1],
        "heading": math.degrees(row[2]),
        "distance_from_center": row[3],
        "projection_distance": row[4],
        "progress": row[5],
        "steps": row[6],
        "speed": row[7],
        "steering_angle": round(math.degrees(row[8]), 9),
        "track_width": row[9],
        "track_length": track.length_m,
        "waypoints": list(track.waypoints),
        "racing_line": list(track.racing_line),
        "racing_speed": list(track.racing_speed),
        "closest_waypoints": [int(row[10]), int(row[11])],
        "is_left_of_center": row[12] != 0.0,
        "is_reversed": track.is_reversed,
        "closest_objects": _closest(objects, row[4]) if objects else [0, 0],
        "objects_location": [[thing[0], thing[1]] for thing in objects],
        "objects_left_of_center": [thing[6] != 0.0 for thing in objects],
        "objects_speed": [thing[3] for thing in objects],
        "objects_heading": [thing[2] for thing in objects],
        "objects_distance": [thing[4] for thing in objects],
        "objects_distance_from_center": [thing[5] for thing in objects],
        "object_in_camera": row[18] != 0.0,
        "is_crashed": is_crashed,
        "crashed": is_crashed,
        "is_offtrack": is_offtrack,
        "offtrack": is_offtrack,
        "sim_time": row[16],
    }


PARAMETERS = tuple(params([0.0] * len(COLUMNS), TrackFacts(False, 0.0, [])))
"""Names of everything that a reward function is given."""

_FACTS: dict[int, tuple[Track, TrackFacts]] = {}


def _closest(objects: Sequence[Sequence[float]], along_m: float) -> list[int]:
    """Index of the object behind and of the one ahead along the loop."""
    order = sorted(range(len(objects)), key=lambda index: objects[index][4])
    ahead = bisect_right([objects[index][4] for index in order], along_m)
    return [order[ahead - 1], order[ahead % len(order)]]
