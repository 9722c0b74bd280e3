"""The true state of a car on its track as numbers for a value function.

Used in training only: the policy never sees it. Knowing where the car is and where the road
goes tells far more about the reward to come than a picture, and costs next to nothing.
"""

from __future__ import annotations

import math
from typing import Any

from racecraft.domain.reward import COLUMN
from racecraft.sim.kernel import njit

LOOK_AHEAD_M = (0.25, 0.5, 0.8, 1.2, 1.7, 2.4)
HARMONICS = 4
NUM_FEATURES = 8 + 2 * len(LOOK_AHEAD_M) + 2 * HARMONICS
OBJECTS_AHEAD = 2
BESIDE_M = 0.5
"""An object whose middle is no further behind the car's nose than this still counts."""
SEEN_M = 4.0
"""Objects further ahead than this are not told."""
_PER_OBJECT = 5
_ALONG, _WIDTH = COLUMN["projection_distance_m"], COLUMN["track_width_m"]
NUM_OBJECT_FEATURES = _PER_OBJECT * OBJECTS_AHEAD


def feature_count(*, has_objects: bool) -> int:
    """How many numbers describe a car: more of them when there is something on its road."""
    return NUM_FEATURES + (NUM_OBJECT_FEATURES if has_objects else 0)


@njit(cache=True, nogil=True)
def track_features(cars: Any, pack: Any, nose_m: float, out: Any, span: Any) -> None:
    """Describe the cars of rows lo..hi-1 by their newest observed rows.

    Uses `cars.table` for the place on the track and the state for the motion, so it must run
    after `observe`.

    Args:
        cars: the Cars.
        pack: the TrackPack.
        nose_m: the located point, ahead of the origin.
        out: (N, NUM_FEATURES) float32, filled in place.
        span: (first row, one past the last row).
    """
    for car in range(span[0], span[1]):
        track = cars.track[car]
        state, row = cars.state[car], cars.table[car]
        first, last = pack.first[track], pack.first[track + 1]
        x = state[0] + nose_m * math.cos(state[2])
        y = state[1] + nose_m * math.sin(state[2])
        along = row[4]
        # The table may be a step old; follow the motion since then along the line.
        _, _, heading = _point(pack, first, last, along)
        along += (x - row[0]) * math.cos(heading) + (y - row[1]) * math.sin(heading)
        cx, cy, heading = _point(pack, first, last, along % pack.length_m[track])
        side = -(x - cx) * math.sin(heading) + (y - cy) * math.cos(heading)
        turn = state[2] - heading
        out[car, 0] = side / (0.5 * row[9] + 0.01)
        out[car, 1] = math.sin(turn)
        out[car, 2] = math.cos(turn)
        out[car, 3] = state[3]
        out[car, 4] = state[4]
        out[car, 5] = 0.3 * state[5]
        out[car, 6] = 2.0 * state[6]
        out[car, 7] = row[9]
        c, s = math.cos(state[2]), math.sin(state[2])
        k = 8
        for ahead in LOOK_AHEAD_M:
            px, py, _ = _point(pack, first, last, (along + ahead) % pack.length_m[track])
            out[car, k] = ((px - x) * c + (py - y) * s) / ahead
            out[car, k + 1] = (-(px - x) * s + (py - y) * c) / ahead
            k += 2
        angle = 2.0 * math.pi * along / pack.length_m[track]
        for harmonic in range(1, HARMONICS + 1):
            out[car, k] = math.sin(harmonic * angle)
            out[car, k + 1] = math.cos(harmonic * angle)
            k += 2


@njit(cache=True, nogil=True)
def object_features(cars: Any, pack: Any, nose_m: float, objects: Any, out: Any, span: Any) -> None:
    """Describe what is next on the road of the cars of rows lo..hi-1, after `track_features`.

    Of each of the next objects, from the one beside the car onwards: how near it is, how far
    ahead, its place across the road and against the car's, and how fast it is neared.

    Args:
        cars: the Cars.
        pack: the TrackPack.
        nose_m: the located point, ahead of the origin.
        objects: the Objects.
        out: (N, NUM_FEATURES + NUM_OBJECT_FEATURES) float32, whose last columns are filled; they
            are 0 where no object is in reach.
        span: (first row, one past the last row).
    """
    for car in range(span[0], span[1]):
        track, state, row = cars.track[car], cars.state[car], cars.table[car]
        _, _, heading = _point(pack, pack.first[track], pack.first[track + 1], row[_ALONG])
        dx = state[0] + nose_m * math.cos(state[2]) - row[0]
        dy = state[1] + nose_m * math.sin(state[2]) - row[1]
        along = row[_ALONG] + dx * math.cos(heading) + dy * math.sin(heading)
        half_m, passed_m = 0.5 * row[_WIDTH] + 0.01, -BESIDE_M
        for place in range(OBJECTS_AHEAD):
            which, gap = _next_within(objects.rows[car], along, passed_m, pack.length_m[track])
            first = NUM_FEATURES + _PER_OBJECT * place
            out[car, first : first + _PER_OBJECT] = 0.0
            if which < 0:
                continue
            passed_m, thing = gap, objects.rows[car, which]
            across = (thing[5] if thing[6] > 0.0 else -thing[5]) / half_m
            near = 1.0 - max(gap, 0.0) / SEEN_M
            out[car, first] = near
            out[car, first + 1] = gap / SEEN_M
            out[car, first + 2] = near * across
            out[car, first + 3] = near * (across - out[car, 0])
            out[car, first + 4] = near * (state[3] - thing[3])


@njit(cache=True, nogil=True)
def _next_within(things: Any, along_m: float, passed_m: float, length_m: float) -> Any:
    """(index, way there) of the nearest object further ahead than `passed_m`; -1 without one."""
    which, gap = -1, SEEN_M
    for k in range(things.shape[0]):
        ahead = (things[k, 4] - along_m + BESIDE_M) % length_m - BESIDE_M
        if passed_m < ahead < gap:
            which, gap = k, ahead
    return which, gap


@njit(cache=True, nogil=True)
def _point(pack: Any, first: int, last: int, distance_m: float) -> Any:
    """(x, y, heading) of the centre line by bisection."""
    a, b = first, last - 1
    while b - a > 1:
        middle = (a + b) // 2
        if pack.cumulative_m[middle] <= distance_m:
            a = middle
        else:
            b = middle
    ax, ay = pack.lines[0, a], pack.lines[1, a]
    dx, dy = pack.lines[0, b] - ax, pack.lines[1, b] - ay
    step = max(pack.cumulative_m[b] - pack.cumulative_m[a], 1e-12)
    share = (distance_m - pack.cumulative_m[a]) / step
    return ax + share * dx, ay + share * dy, math.atan2(dy, dx)
