"""Boxes on the road, for each car its own: place them, notice crashes, tell the reward function.

Kernels of the crash rule and of the object inputs in `docs/episode-rules.md` and
`docs/reward-parameters.md`. A simulation without boxes has arrays for zero of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.car import CameraSpec
from racecraft.domain.obstacles import (
    CLEAR_BEFORE_LINE_M,
    CLEAR_OF_BOX_M,
    CRASH_LENGTH_M,
    CRASH_WIDTH_M,
    INNER,
    OUTER,
    ObstacleSpec,
)
from racecraft.domain.reward import COLUMN, OBJECT_COLUMNS
from racecraft.domain.track import Track
from racecraft.sim.geometry import nearest, point_at
from racecraft.sim.kernel import njit
from racecraft.sim.streams import next_uniform

_CRASHED, _IN_CAMERA = COLUMN["is_crashed"], COLUMN["object_in_camera"]
_REACH_M = 0.6
"""No corner of a car is in a box whose middle is further than this from the car's origin."""
_EYE = CameraSpec()
_EYE_AHEAD_M, _EYE_HEIGHT_M = _EYE.ahead_m, _EYE.height_m
_SLOPE = math.tan(0.5 * _EYE.horizontal_fov_rad)
_PITCH = (math.cos(_EYE.pitch_down_rad), math.sin(_EYE.pitch_down_rad))
_NEAR_M, _FAR_M, _TALL_PER_WIDE = 0.2, 300.0, 0.75
"""The pyramid that the original tests; it is that of its camera, whatever the model sees with."""


class Objects(NamedTuple):
    """Boxes of N cars, O each."""

    pose: NDArray[np.float64]
    """(N, O, 3) x, y (m) and yaw (rad) of the middle of each box."""
    lane: NDArray[np.int64]
    """(N, O) the lane in which it stands."""
    rows: NDArray[np.float64]
    """(N, O, len(OBJECT_COLUMNS)) what a reward function is told."""


class Layout(NamedTuple):
    """How boxes are placed on T tracks with M waypoints in all."""

    fixed: NDArray[np.float64]
    """(T, O, 2) arc length (m) and lane of boxes that stay where they are."""
    lanes: NDArray[np.float64]
    """(4, M) middle of the inner lane x, y, and of the outer lane x, y."""
    is_random: bool
    min_distance_m: float


def make_objects(count: int, obstacles: ObstacleSpec | None) -> Objects:
    """Boxes that have not been placed yet."""
    each = obstacles.number if obstacles else 0
    return Objects(
        pose=np.zeros((count, each, 3)),
        lane=np.zeros((count, each), np.int64),
        rows=np.zeros((count, each, len(OBJECT_COLUMNS))),
    )


def make_layout(tracks: Sequence[Track], obstacles: ObstacleSpec | None) -> Layout:
    """How boxes are placed on some tracks.

    Raises:
        InvalidSpec: they do not fit on one of them.
    """
    middles = [
        np.concatenate([0.5 * (track.centre + line) for line in (track.inner, track.outer)], axis=1)
        for track in tracks
    ]
    fixed = [obstacles.fixed_places(track) for track in tracks] if obstacles else []
    return Layout(
        fixed=np.stack(fixed) if fixed else np.zeros((len(tracks), 0, 2)),
        lanes=np.ascontiguousarray(np.concatenate(middles).T),
        is_random=obstacles.is_random if obstacles else False,
        min_distance_m=obstacles.min_distance_m if obstacles else 0.0,
    )


@njit(cache=True, nogil=True)
def place_objects(cars: Any, pack: Any, objects: Any, layout: Any, car: int) -> None:
    """Put one car's boxes on its track for a new episode.

    Random places are drawn from the car's own stream: every set of places that keeps the
    distances is as likely as any other.
    """
    count = objects.lane.shape[1]
    track = cars.track[car]
    if not layout.is_random:
        for k in range(count):
            lane = INNER if layout.fixed[track, k, 1] > 0.0 else OUTER
            _put(pack, objects, layout, (track, car, k), (layout.fixed[track, k, 0], lane))
        return
    # Sorted draws from what is left of the road after taking out the distances between boxes.
    free_m = pack.length_m[track] - CLEAR_BEFORE_LINE_M - count * layout.min_distance_m
    places = np.empty(count)
    for k in range(count):
        place, i = next_uniform(cars.streams, car) * free_m, k
        while i > 0 and places[i - 1] > place:
            places[i] = places[i - 1]
            i -= 1
        places[i] = place
    for k in range(count):
        lane = INNER if next_uniform(cars.streams, car) < 0.5 else OUTER
        along = places[k] + (k + 1) * layout.min_distance_m
        _put(pack, objects, layout, (track, car, k), (along, lane))


@njit(cache=True, nogil=True)
def _put(pack: Any, objects: Any, layout: Any, which: Any, where: Any) -> None:
    """Put one box on the point of its lane that is nearest to a point of the centre line."""
    track, car, k = which
    along, lane = where
    lo, hi = pack.first[track], pack.first[track + 1]
    cx, cy, _ = point_at(pack, track, along)
    first = 0 if lane == INNER else 2
    xs, ys = layout.lanes[first], layout.lanes[first + 1]
    i, share, _ = nearest(xs, ys, lo, hi, cx, cy)
    dx, dy = xs[i + 1] - xs[i], ys[i + 1] - ys[i]
    x, y = xs[i] + share * dx, ys[i] + share * dy
    objects.pose[car, k, 0], objects.pose[car, k, 1] = x, y
    objects.pose[car, k, 2] = math.atan2(dy, dx)
    objects.lane[car, k] = lane
    i, share, square = nearest(pack.lines[0], pack.lines[1], lo, hi, x, y)
    row = objects.rows[car, k]
    row[0], row[1] = x, y
    # Heading and speed of things that do not move are 0, as in the original.
    row[2] = row[3] = 0.0
    row[4] = pack.cumulative_m[i] + share * (pack.cumulative_m[i + 1] - pack.cumulative_m[i])
    row[5] = math.sqrt(square)
    row[6] = (lane == INNER) == pack.is_counter_clockwise[track]


@njit(cache=True, nogil=True)
def free_lane(cars: Any, pack: Any, objects: Any, car: int, distance_m: float) -> int:
    """The lane opposite to the box that is too near to a place; 0 if none is."""
    length = pack.length_m[cars.track[car]]
    best, lane = CLEAR_OF_BOX_M, 0
    for k in range(objects.lane.shape[1]):
        gap = (objects.rows[car, k, 4] - distance_m) % length
        gap = min(gap, length - gap)
        if gap < best:
            best, lane = gap, -objects.lane[car, k]
    return lane


@njit(cache=True, nogil=True)
def lane_offset_m(pack: Any, track: int, distance_m: float, lane: int) -> float:
    """From the centre line to the middle of a lane, left is positive; 0 for lane 0."""
    if lane == 0:
        return 0.0
    lo, hi = pack.first[track], pack.first[track + 1]
    x, y, _ = point_at(pack, track, distance_m)
    first = 2 if lane == INNER else 4
    _, _, square = nearest(pack.lines[first], pack.lines[first + 1], lo, hi, x, y)
    is_left = (lane == INNER) == pack.is_counter_clockwise[track]
    return 0.5 * math.sqrt(square) if is_left else -0.5 * math.sqrt(square)


@njit(cache=True, nogil=True)
def observe_objects(cars: Any, objects: Any, car: int, size: Any) -> None:
    """Fill the columns of one car's freshly observed row that boxes decide."""
    if objects.lane.shape[1] == 0:
        return
    row = cars.table[car]
    row[_CRASHED] = _is_crashed(cars.state[car], objects.pose[car], size)
    ahead = next_object(objects.rows[car], row[4])
    row[_IN_CAMERA] = _is_in_camera(cars.state[car], objects.pose[car, ahead])


@njit(cache=True, nogil=True)
def next_object(rows: Any, along_m: float) -> int:
    """Index of the first object beyond an arc length, round the loop."""
    ahead, first = -1, 0
    for k in range(rows.shape[0]):
        if rows[k, 4] < rows[first, 4]:
            first = k
        if rows[k, 4] > along_m and (ahead < 0 or rows[k, 4] < rows[ahead, 4]):
            ahead = k
    return first if ahead < 0 else ahead


@njit(cache=True, nogil=True)
def _is_crashed(state: Any, poses: Any, size: Any) -> bool:
    """Whether a corner of the car lies inside a box and its margin; not the other way round."""
    x, y = state[0], state[1]
    c, s = math.cos(state[2]), math.sin(state[2])
    for k in range(poses.shape[0]):
        dx, dy = x - poses[k, 0], y - poses[k, 1]
        if dx * dx + dy * dy > _REACH_M * _REACH_M:
            continue
        bc, bs = math.cos(poses[k, 2]), math.sin(poses[k, 2])
        for corner in range(4):
            ahead = size[5] if corner < 2 else -size[5]
            left = size[6] if corner % 2 == 0 else -size[6]
            px, py = dx + ahead * c - left * s, dy + ahead * s + left * c
            along, across = px * bc + py * bs, py * bc - px * bs
            if abs(along) < 0.5 * CRASH_LENGTH_M and abs(across) < 0.5 * CRASH_WIDTH_M:
                return True
    return False


@njit(cache=True, nogil=True)
def _is_in_camera(state: Any, pose: Any) -> bool:
    """Whether the middle or a corner of a box's floor lies in the camera's pyramid of view."""
    c, s = math.cos(state[2]), math.sin(state[2])
    bc, bs = math.cos(pose[2]), math.sin(pose[2])
    eye_x, eye_y = state[0] + _EYE_AHEAD_M * c, state[1] + _EYE_AHEAD_M * s
    for point in range(5):
        along = across = 0.0
        if point > 0:
            along = 0.5 * CRASH_LENGTH_M if point < 3 else -0.5 * CRASH_LENGTH_M
            across = 0.5 * CRASH_WIDTH_M if point % 2 == 0 else -0.5 * CRASH_WIDTH_M
        dx = pose[0] + along * bc - across * bs - eye_x
        dy = pose[1] + along * bs + across * bc - eye_y
        forward, left = dx * c + dy * s, dy * c - dx * s
        depth = forward * _PITCH[0] + _EYE_HEIGHT_M * _PITCH[1]
        up = forward * _PITCH[1] - _EYE_HEIGHT_M * _PITCH[0]
        wide = depth * _SLOPE
        if _NEAR_M < depth < _FAR_M and abs(left) < wide and abs(up) < wide * _TALL_PER_WIDE:
            return True
    return False
