"""Boxes and bot cars on the road, for each car its own: what they are and where they begin.

Boxes are listed first, then bots. A simulation without any has arrays for zero of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.bots import BotSpec
from racecraft.domain.car import CameraSpec
from racecraft.domain.obstacles import (
    CLEAR_BEFORE_LINE_M,
    CLEAR_OF_BOX_M,
    INNER,
    OUTER,
    ObstacleSpec,
)
from racecraft.domain.reward import OBJECT_COLUMNS
from racecraft.domain.track import Track
from racecraft.sim.bots import MOTION, Bots, make_bots, put_bot
from racecraft.sim.geometry import nearest, point_at
from racecraft.sim.kernel import njit
from racecraft.sim.scene import BOX, CAR
from racecraft.sim.streams import next_uniform


class Objects(NamedTuple):
    """Boxes and bots of N cars, O each."""

    pose: NDArray[np.float64]
    """(N, O, 3) x, y (m) and yaw (rad) of the middle of each, now."""
    lane: NDArray[np.int64]
    """(N, O) the lane in which it stands, or to which it is on its way."""
    rows: NDArray[np.float64]
    """(N, O, len(OBJECT_COLUMNS)) what a reward function is told of the newest step."""
    motion: NDArray[np.float64]
    """(N, O, MOTION) how each bot moves, as in `bots`; zeros for boxes."""
    is_solid: NDArray[np.bool_]
    """(N, O) whether the car can run into it."""
    kind: NDArray[np.int64]
    """(O,) `scene.BOX` or `scene.CAR`."""
    eyes_left_m: NDArray[np.float64]
    """(E,) how far left of the middle the car's cameras look from."""


class Layout(NamedTuple):
    """How boxes and bots are placed on T tracks with M waypoints in all."""

    fixed: NDArray[np.float64]
    """(T, O, 2) arc length (m) and lane of those whose places are not random."""
    lanes: NDArray[np.float64]
    """(4, M) middle of the inner lane x, y, and of the outer lane x, y."""
    is_random: bool
    """Whether the boxes are at random places."""
    min_distance_m: float
    """Between two boxes."""
    bots: Bots


def eyes_of(camera: CameraSpec | None) -> NDArray[np.float64]:
    """(E,) places of a camera's eyes; without one, that of the front camera."""
    return np.array((camera or CameraSpec()).eyes_left_m)


def make_objects(
    count: int,
    obstacles: ObstacleSpec | None,
    bots: BotSpec | None,
    camera: CameraSpec | None = None,
) -> Objects:
    """Boxes and bots that have not been placed yet."""
    kinds = [BOX] * (obstacles.number if obstacles else 0) + [CAR] * (bots.count if bots else 0)
    return Objects(
        pose=np.zeros((count, len(kinds), 3)),
        lane=np.zeros((count, len(kinds)), np.int64),
        rows=np.zeros((count, len(kinds), len(OBJECT_COLUMNS))),
        motion=np.zeros((count, len(kinds), MOTION)),
        is_solid=np.ones((count, len(kinds)), np.bool_),
        kind=np.array(kinds, np.int64),
        eyes_left_m=eyes_of(camera),
    )


def make_layout(
    tracks: Sequence[Track], obstacles: ObstacleSpec | None, bots: BotSpec | None
) -> Layout:
    """How boxes and bots are placed on some tracks.

    Raises:
        InvalidSpec: they do not fit on one of them.
    """
    middles = [
        np.concatenate([0.5 * (track.centre + line) for line in (track.inner, track.outer)], axis=1)
        for track in tracks
    ]
    places = [
        [spec.fixed_places(track) for track in tracks] if spec else np.zeros((len(tracks), 0, 2))
        for spec in (obstacles, bots)
    ]
    return Layout(
        fixed=np.concatenate([np.stack(list(each)) for each in places], axis=1),
        lanes=np.ascontiguousarray(np.concatenate(middles).T),
        is_random=obstacles.is_random if obstacles else False,
        min_distance_m=obstacles.min_distance_m if obstacles else 0.0,
        bots=make_bots(tracks, bots, obstacles.number if obstacles else 0),
    )


@njit(cache=True, nogil=True)
def place_objects(cars: Any, pack: Any, objects: Any, layout: Any, car: int) -> None:
    """Put one car's boxes and bots on its track for a new episode.

    Random places are drawn from the car's own stream: every set of places that keeps the
    distances is as likely as any other.
    """
    boxes, bots = layout.bots.first, layout.bots
    count = objects.lane.shape[1]
    box_rule = (layout.is_random, layout.min_distance_m)
    _place_some(cars, pack, objects, layout, (car, 0, boxes), box_rule)
    if count > boxes:
        bot_rule = (bots.is_random, bots.min_distance_m)
        _place_some(cars, pack, objects, layout, (car, boxes, count), bot_rule)


@njit(cache=True, nogil=True)
def _place_some(cars: Any, pack: Any, objects: Any, layout: Any, which: Any, rule: Any) -> None:
    """Place those from one place in the list to another; they are all boxes or all bots."""
    car, first, last = which
    is_random, min_distance_m = rule
    track = cars.track[car]
    if not is_random:
        for k in range(first, last):
            lane = INNER if layout.fixed[track, k, 1] > 0.0 else OUTER
            where = (layout.fixed[track, k, 0], lane)
            _place_one(cars, pack, objects, layout, (track, car, k), where)
        return
    # Sorted draws from what is left of the road after taking out the distances between them.
    count = last - first
    free_m = pack.length_m[track] - CLEAR_BEFORE_LINE_M - count * min_distance_m
    places = np.empty(count)
    for k in range(count):
        place, i = next_uniform(cars.streams, car) * free_m, k
        while i > 0 and places[i - 1] > place:
            places[i] = places[i - 1]
            i -= 1
        places[i] = place
    for k in range(count):
        lane = INNER if next_uniform(cars.streams, car) < 0.5 else OUTER
        where = (places[k] + (k + 1) * min_distance_m, lane)
        _place_one(cars, pack, objects, layout, (track, car, first + k), where)


@njit(cache=True, nogil=True)
def _place_one(cars: Any, pack: Any, objects: Any, layout: Any, which: Any, where: Any) -> None:
    if which[2] < layout.bots.first:
        _put(pack, objects, layout, which, where)
    else:
        put_bot(cars, pack, objects, layout.bots, which, where)


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
    """The lane opposite to the thing that is too near to a place; 0 if none is."""
    length = pack.length_m[cars.track[car]]
    best, lane = CLEAR_OF_BOX_M, 0
    for k in range(objects.lane.shape[1]):
        gap = (objects.rows[car, k, 4] - distance_m) % length
        gap = min(gap, length - gap)
        if gap < best and objects.is_solid[car, k]:
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
