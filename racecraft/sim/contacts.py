"""What a car meets: crashes, whose fault they are, and what the reward function is told of things.

Kernels of the crash rule and of the object inputs in `docs/reference/episode-rules.md` and
`docs/reference/reward-parameters.md`.
"""

from __future__ import annotations

import math
from typing import Any

from racecraft.domain.car import CameraSpec
from racecraft.domain.obstacles import CRASH_LENGTH_M, CRASH_WIDTH_M
from racecraft.domain.reward import COLUMN
from racecraft.sim.bots import PAUSE, tell_bot
from racecraft.sim.geometry import nearest_around
from racecraft.sim.kernel import njit
from racecraft.sim.scene import BOX

_CRASHED, _IN_CAMERA = COLUMN["is_crashed"], COLUMN["object_in_camera"]
_REACH_M = 0.6
"""No corner of a car is in a thing whose middle is further than this from the car's origin."""
_EYE = CameraSpec()
_EYE_AHEAD_M, _EYE_HEIGHT_M = _EYE.ahead_m, _EYE.height_m
_SLOPE = math.tan(0.5 * _EYE.horizontal_fov_rad)
_PITCH = (math.cos(_EYE.pitch_down_rad), math.sin(_EYE.pitch_down_rad))
_NEAR_M, _FAR_M, _TALL_PER_WIDE = 0.2, 300.0, 0.75
"""The pyramid that the original tests, from every eye; one that sees the thing is enough."""


@njit(cache=True, nogil=True)
def observe_objects(cars: Any, pack: Any, objects: Any, bots: Any, car: int, size: Any) -> None:
    """Tell where things are, and fill the columns of a freshly observed row that they decide.

    A bot that has run into the car stops for its penalty.
    """
    count = objects.lane.shape[1]
    if count == 0:
        return
    row, track = cars.table[car], cars.track[car]
    for k in range(bots.first, count):
        tell_bot(pack, objects, bots, track, car, k)
    row[_CRASHED] = _is_crashed(cars, pack, objects, bots, car, size)
    ahead = next_object(objects.rows[car], row[4])
    half = half_size(objects.kind[ahead], size)
    row[_IN_CAMERA] = False
    for eye in range(len(objects.eyes_left_m)):
        left_m = objects.eyes_left_m[eye]
        if _is_in_camera(cars.state[car], left_m, objects.pose[car, ahead], half):
            row[_IN_CAMERA] = True


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
def half_size(kind: int, size: Any) -> Any:
    """Half length and half width of what a corner of a car must not enter."""
    if kind == BOX:
        return 0.5 * CRASH_LENGTH_M, 0.5 * CRASH_WIDTH_M
    return size[5], size[6]


@njit(cache=True, nogil=True)
def _is_crashed(cars: Any, pack: Any, objects: Any, bots: Any, car: int, size: Any) -> bool:
    """Whether a corner of the car lies inside something, and that is the car's fault.

    Not the other way round: a corner of the thing inside the car is no crash. Of two cars, the
    one behind is at fault; a bot that is stops.
    """
    state, body = cars.state[car], (size[5], size[6])
    is_crashed = False
    for k in range(objects.lane.shape[1]):
        pose = objects.pose[car, k]
        dx, dy = state[0] - pose[0], state[1] - pose[1]
        if dx * dx + dy * dy > _REACH_M * _REACH_M or not objects.is_solid[car, k]:
            continue
        is_inside = has_corner_inside(state, body, pose, half_size(objects.kind[k], size))
        if objects.kind[k] == BOX:
            is_crashed = is_crashed or is_inside
        elif is_inside or has_corner_inside(pose, body, state, body):
            is_behind = lead_m(cars, pack, car, objects.rows[car, k, 4]) > 0.0
            if is_behind:
                is_crashed = is_crashed or is_inside
            elif k >= bots.first and objects.motion[car, k, PAUSE] <= 0.0:
                objects.motion[car, k, PAUSE] = bots.penalty_s
    return is_crashed


@njit(cache=True, nogil=True)
def lead_m(cars: Any, pack: Any, car: int, along_m: float) -> float:
    """How far ahead of the car's origin a place along the track is; behind is negative."""
    track, state = cars.track[car], cars.state[car]
    i, share, _, _ = nearest_around(pack, track, cars.table[car, 4], state[0], state[1])
    own = pack.cumulative_m[i] + share * (pack.cumulative_m[i + 1] - pack.cumulative_m[i])
    half = 0.5 * pack.length_m[track]
    return float((along_m - own + half) % pack.length_m[track] - half)


@njit(cache=True, nogil=True)
def has_corner_inside(pose: Any, half: Any, other: Any, other_half: Any) -> bool:
    """Whether a corner of a rectangle lies strictly inside another one."""
    c, s = math.cos(pose[2]), math.sin(pose[2])
    bc, bs = math.cos(other[2]), math.sin(other[2])
    dx, dy = pose[0] - other[0], pose[1] - other[1]
    for corner in range(4):
        ahead = half[0] if corner < 2 else -half[0]
        left = half[1] if corner % 2 == 0 else -half[1]
        px, py = dx + ahead * c - left * s, dy + ahead * s + left * c
        along, across = px * bc + py * bs, py * bc - px * bs
        if abs(along) < other_half[0] and abs(across) < other_half[1]:
            return True
    return False


@njit(cache=True, nogil=True)
def _is_in_camera(state: Any, eye_left_m: float, pose: Any, half: Any) -> bool:
    """Whether the middle or a corner of a thing's floor lies in the pyramid that an eye sees."""
    c, s = math.cos(state[2]), math.sin(state[2])
    bc, bs = math.cos(pose[2]), math.sin(pose[2])
    eye_x = state[0] + _EYE_AHEAD_M * c - eye_left_m * s
    eye_y = state[1] + _EYE_AHEAD_M * s + eye_left_m * c
    for point in range(5):
        along = across = 0.0
        if point > 0:
            along = half[0] if point < 3 else -half[0]
            across = half[1] if point % 2 == 0 else -half[1]
        dx = pose[0] + along * bc - across * bs - eye_x
        dy = pose[1] + along * bs + across * bc - eye_y
        forward, left = dx * c + dy * s, dy * c - dx * s
        depth = forward * _PITCH[0] + _EYE_HEIGHT_M * _PITCH[1]
        up = forward * _PITCH[1] - _EYE_HEIGHT_M * _PITCH[0]
        wide = depth * _SLOPE
        if _NEAR_M < depth < _FAR_M and abs(left) < wide and abs(up) < wide * _TALL_PER_WIDE:
            return True
    return False
