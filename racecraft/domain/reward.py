"""The documented inputs of a reward function: their names, units and where they come from.

The simulator fills a table with one row a car (`COLUMNS`); `RewardInputs.params` turns a row
into the dictionary that a user's `reward_function(params)` receives. Angles become degrees
here (inside they are radians). Meanings follow the original simulator; where its guide and
its code disagreed, `docs/reward-parameters.md` says which one this is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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
)
"""Columns of the table of reward inputs, in order; yes/no columns hold 0.0 or 1.0."""

COLUMN = {name: index for index, name in enumerate(COLUMNS)}
MAX_ABS_REWARD = 1e5
"""Larger rewards, and those that are not finite, stop a job."""


@dataclass(frozen=True)
class RewardInputs:
    """Reward inputs of a batch of cars at one step."""

    table: NDArray[np.float64]
    """(N, len(COLUMNS)) one row a car."""
    tracks: Sequence[Track]
    """The distinct tracks on which the cars drive."""
    track_of_car: NDArray[np.int64]
    """(N,) index into `tracks`."""

    def params(self, car: int) -> dict[str, Any]:
        """The dictionary of one car, made afresh so that user code may change it."""
        track = self.tracks[self.track_of_car[car]]
        return _params(
            self.table[car].tolist(), track.is_reversed, track.length_m, _waypoints(track)
        )


def _params(
    row: list[float], is_reversed: bool, length_m: float, waypoints: list[tuple[float, float]]
) -> dict[str, Any]:
    """Order of `row` as in COLUMNS; written out because it runs once a step and car."""
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
        "track_length": length_m,
        "waypoints": list(waypoints),
        "closest_waypoints": [int(row[10]), int(row[11])],
        "is_left_of_center": row[12] != 0.0,
        "is_reversed": is_reversed,
        "closest_objects": [0, 0],
        "objects_location": [],
        "objects_left_of_center": [],
        "objects_speed": [],
        "objects_heading": [],
        "objects_distance": [],
        "objects_distance_from_center": [],
        "object_in_camera": False,
        "is_crashed": is_crashed,
        "crashed": is_crashed,
        "is_offtrack": is_offtrack,
        "offtrack": is_offtrack,
        "sim_time": row[16],
    }


_WAYPOINTS: dict[int, tuple[Track, list[tuple[float, float]]]] = {}


def _waypoints(track: Track) -> list[tuple[float, float]]:
    """Centre line as a list of pairs, kept per track because it is the same at every step."""
    known = _WAYPOINTS.get(id(track))
    if known is None or known[0] is not track:
        known = (track, [(float(x), float(y)) for x, y in track.centre])
        _WAYPOINTS[id(track)] = known
    return known[1]
