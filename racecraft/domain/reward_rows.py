"""Rows of reward inputs from poses: the slow, plain twin of the simulator's `rules.observe`.

What looks at a reward function without driving (a check, a dry run) asks here what the function
would be told. A test compares this with the rows of a simulated drive.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.car import CarSpec
from racecraft.domain.episode import CONTROL_HZ
from racecraft.domain.reward import COLUMN, COLUMNS, OBJECT_COLUMN, OBJECT_COLUMNS
from racecraft.domain.track import PAIRS_AT_ONCE, Points, Track, nearest_points

Values = NDArray[np.float64]

FIRST_CALL = 2
"""Value of `steps` in the first call of an episode: step 1 places the car."""


@dataclass(frozen=True, eq=False)
class Drive:
    """Steps of one episode, in the order of time."""

    poses: Values
    """(M, 3) x, y (m) and yaw (rad) of the car's origin."""
    commands: Values
    """(M, 2) steering (rad) and speed (m/s)."""
    start_share: float = 0.0
    """Where the episode began, as a share of the lap: the zero of progress."""
    steps: Values | None = None
    """(M,) number of each step; 2, 3, … when left out, as the simulator counts."""
    time_s: Values | None = None
    """(M,) simulated clock; `steps` over the control rate when left out."""


def reward_rows(track: Track, drive: Drive, car: CarSpec | None = None) -> Values:
    """What a reward function would be told at every step of a drive.

    Args:
        track: the road, in the direction in which it is driven.
        drive: M steps.
        car: the car design.

    Returns:
        (M, len(COLUMNS)) rows; nobody has crashed and there are no objects.
    """
    car = car or CarSpec()
    count = len(drive.poses)
    steps = np.arange(FIRST_CALL, FIRST_CALL + count, dtype=np.float64)
    steps = steps if drive.steps is None else drive.steps
    rows = np.zeros((count, len(COLUMNS)))

    def fill(name: str, values: Values | NDArray[np.bool_]) -> None:
        rows[:, COLUMN[name]] = values

    x, y, yaw = drive.poses.T
    nose = np.stack([x + car.nose_m * np.cos(yaw), y + car.nose_m * np.sin(yaw)], axis=1)
    fill("x_m", nose[:, 0])
    fill("y_m", nose[:, 1])
    fill("heading_rad", yaw)
    fill("steering_rad", drive.commands[:, 0])
    fill("speed_mps", drive.commands[:, 1])
    fill("steps", steps)
    fill("sim_time_s", steps / CONTROL_HZ if drive.time_s is None else drive.time_s)
    for name, values in _places(track, nose).items():
        fill(name, values)
    along_m = rows[:, COLUMN["projection_distance_m"]]
    fill("progress_percent", progress_percent(along_m / track.length_m, drive.start_share))
    wheels = wheels_on_road(track, drive.poses, car)
    fill("all_wheels_on_track", wheels == 4)
    fill("is_offtrack", wheels == 0)
    return rows


def progress_percent(shares: Values, start_share: float) -> Values:
    """Progress since the start of an episode, step after step.

    Args:
        shares: (M,) where the nose is, as shares of the lap, in the order of time.
        start_share: where the episode began.

    Returns:
        (M,) percent, at most 100. Each step leans on the one before it, because only that tells
        a car that has crossed the line from one that went back over it.
    """
    progress, before = [], 0.0
    for raw in (100.0 * (shares - start_share)).tolist():
        raw += 100.0 if raw <= 0.0 else 0.0
        raw += 100.0 if before > raw + 50.0 else 0.0
        raw -= 100.0 if raw > before + 50.0 else 0.0
        progress.append(min(raw, 100.0))
        before = 0.0 if raw >= 100.0 else raw
    return np.array(progress)


def wheels_on_road(track: Track, poses: Values, car: CarSpec) -> NDArray[np.int64]:
    """(M,) how many of the four wheel centres are on the road, for (M, 3) poses."""
    rear_x, front_x = car.wheel_x_m
    rear_y, front_y = car.wheel_y_m
    places = ((rear_x, rear_y), (rear_x, -rear_y), (front_x, front_y), (front_x, -front_y))
    c, s = np.cos(poses[:, 2]), np.sin(poses[:, 2])
    wheels = np.concatenate(
        [poses[:, :2] + np.stack([a * c - b * s, a * s + b * c], axis=1) for a, b in places]
    )
    on_road = _is_inside(track.outer, wheels) & ~_is_inside(track.inner, wheels)
    count: NDArray[np.int64] = on_road.reshape(len(places), len(poses)).sum(axis=0)
    return count


def object_rows(track: Track, distance_m: Values, offset_m: Values) -> Values:
    """(O, len(OBJECT_COLUMNS)) rows of boxes that stand on the road.

    Args:
        track: the road, in the direction in which it is driven.
        distance_m: (O,) arc length of each box from waypoint 0.
        offset_m: (O,) its distance from the centre line, left is positive; a quarter of the
            road's width is the middle of a lane.
    """
    heading = track.heading_at(distance_m)
    left = np.stack([-np.sin(heading), np.cos(heading)], axis=1)
    centre = track.point_at(distance_m) + np.asarray(offset_m)[:, None] * left
    found = track.locate(centre)
    rows = np.zeros((len(centre), len(OBJECT_COLUMNS)))
    rows[:, OBJECT_COLUMN["x_m"]], rows[:, OBJECT_COLUMN["y_m"]] = centre.T
    rows[:, OBJECT_COLUMN["distance_m"]] = np.mod(found.distance_m, track.length_m)
    rows[:, OBJECT_COLUMN["distance_from_center_m"]] = np.abs(found.offset_m)
    rows[:, OBJECT_COLUMN["is_left_of_center"]] = found.offset_m > 0.0
    return rows


def _places(track: Track, nose: Points) -> dict[str, Values | NDArray[np.bool_]]:
    """The columns that say where on the track (M, 2) noses are."""
    along_of, count = track.cumulative_m, len(track.centre)
    segment, share, gap = nearest_points(nose, track.centre)
    centre = nose - gap
    along = along_of[segment] + share * (along_of[segment + 1] - along_of[segment])
    inner, outer = (
        points - nearest_points(points, line)[2]
        for points, line in ((centre, track.inner), (centre, track.outer))
    )
    ahead = np.searchsorted(along_of[:-1], along, side="right")
    ahead = np.where(along >= track.length_m, count, ahead)
    behind, ahead = ahead - 1, ahead % count
    is_behind_closer = _square(nose - track.centre[behind]) <= _square(nose - track.centre[ahead])
    return {
        "distance_from_center_m": np.sqrt(_square(gap)),
        "projection_distance_m": along,
        "track_width_m": np.sqrt(_square(inner - outer)),
        "waypoint_behind": behind.astype(np.float64),
        "waypoint_ahead": ahead.astype(np.float64),
        "closest_waypoint": np.where(is_behind_closer, behind, ahead).astype(np.float64),
        "is_left_of_center": (_square(nose - inner) < _square(nose - outer))
        == track.is_counter_clockwise,
    }


def _square(vectors: Points) -> Values:
    return np.asarray((vectors**2).sum(axis=1))


def _is_inside(ring: Points, points: Points) -> NDArray[np.bool_]:
    """(M,) even-odd test of points against a closed ring, first == last."""
    (x0, y0), (x1, y1) = ring[:-1].T, ring[1:].T
    inside = np.empty(len(points), dtype=bool)
    block = max(1, PAIRS_AT_ONCE // len(x0))
    for first in range(0, len(points), block):
        x, y = points[first : first + block, :, None].transpose(1, 0, 2)  # (n, 1)
        crosses = (y0 > y) != (y1 > y)  # (n, K-1)
        side = (x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)
        inside[first : first + block] = (crosses & ((side > 0.0) == (y1 > y0))).sum(axis=1) % 2 == 1
    return inside
