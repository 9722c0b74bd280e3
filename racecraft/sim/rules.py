"""What a step finds: the reward inputs of a car and whether its episode is over.

Kernels of the rules in `docs/reference/episode-rules.md`. Everything is judged on the pose
before the step's action moves the car, as in the original simulator.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.episode import (
    IMMOBILIZED_MOVE_M,
    IMMOBILIZED_STEPS,
    MAX_EPISODE_STEPS,
    REVERSED_STEPS,
    EpisodeStatus,
)
from racecraft.domain.reward import COLUMNS
from racecraft.sim.dynamics import STATE
from racecraft.sim.geometry import is_on_road, nearest
from racecraft.sim.kernel import njit

_PREPARE = int(EpisodeStatus.PREPARE)
_IN_PROGRESS = int(EpisodeStatus.IN_PROGRESS)
_LAP_COMPLETE = int(EpisodeStatus.LAP_COMPLETE)
_OFF_TRACK = int(EpisodeStatus.OFF_TRACK)
_CRASHED = int(EpisodeStatus.CRASHED)
_REVERSED = int(EpisodeStatus.REVERSED)
_IMMOBILIZED = int(EpisodeStatus.IMMOBILIZED)
_TIME_UP = int(EpisodeStatus.TIME_UP)


class Cars(NamedTuple):
    """All that changes while N cars drive; every array has one row a car."""

    state: NDArray[np.float64]
    """(N, 7) columns as in `dynamics.STATE`."""
    streams: NDArray[np.uint64]
    """(N,) random streams."""
    track: NDArray[np.int64]
    """(N,) index of the track it drives on."""
    start_share: NDArray[np.float64]
    """(N,) where the episode began, as a share of the lap; the zero of progress."""
    progress: NDArray[np.float64]
    """(N,) progress at the step before, percent."""
    last_xy: NDArray[np.float64]
    """(N, 2) origin at the step before."""
    steps: NDArray[np.int64]
    """(N,) steps of this episode so far, the prepare row included."""
    falling: NDArray[np.int64]
    """(N,) steps in a row with falling progress."""
    standing: NDArray[np.int64]
    """(N,) steps in a row without movement."""
    clock_s: NDArray[np.float64]
    """(N,) simulated time; runs on over episodes."""
    spawn_s: NDArray[np.float64]
    """(N,) simulated time at the start of this episode."""
    status: NDArray[np.int64]
    """(N,) an EpisodeStatus."""
    table: NDArray[np.float64]
    """(N, len(COLUMNS)) reward inputs of the newest step."""


def make_cars(count: int) -> Cars:
    """Cars that have not been placed yet."""
    whole, real = np.int64, np.float64
    return Cars(
        state=np.zeros((count, len(STATE))),
        streams=np.zeros(count, np.uint64),
        track=np.zeros(count, whole),
        start_share=np.zeros(count, real),
        progress=np.zeros(count, real),
        last_xy=np.zeros((count, 2)),
        steps=np.zeros(count, whole),
        falling=np.zeros(count, whole),
        standing=np.zeros(count, whole),
        clock_s=np.zeros(count, real),
        spawn_s=np.zeros(count, real),
        status=np.zeros(count, whole),
        table=np.zeros((count, len(COLUMNS))),
    )


@njit(cache=True, nogil=True)
def _progress_percent(share: float, start: float, before: float) -> float:
    """Progress since the episode's start; the order of the corrections is the original's."""
    progress = 100.0 * (share - start)
    if progress <= 0.0:
        progress += 100.0
    if before > progress + 50.0:
        progress += 100.0
    if progress > before + 50.0:
        progress -= 100.0
    return min(progress, 100.0)


@njit(cache=True, nogil=True)
def _count_wheels(pack: Any, lo: int, hi: int, x: float, y: float, yaw: float, size: Any) -> int:
    """How many of the four wheel centres are on the road."""
    c, s = math.cos(yaw), math.sin(yaw)
    count = 0
    for wheel in range(4):
        ahead = size[1] if wheel < 2 else size[2]
        left = size[3] if wheel < 2 else size[4]
        if wheel % 2 == 1:
            left = -left
        wx, wy = x + ahead * c - left * s, y + ahead * s + left * c
        count += is_on_road(pack.lines, lo, hi, wx, wy)
    return count


@njit(cache=True, nogil=True)
def observe(cars: Any, pack: Any, size: Any, car: int, steering: float, speed: float) -> int:
    """Fill one car's row of the table with its pose and the commanded action.

    Args:
        cars: the Cars.
        pack: the TrackPack.
        size: (nose, rear axle x, front axle x, rear half gauge, front half gauge, half length,
            half width), metres.
        car: the row.
        steering: commanded angle (rad).
        speed: commanded speed (m/s).

    Returns:
        How many wheels are on the road. What boxes decide is for `objects.observe_objects`.
    """
    track = cars.track[car]
    lo, hi = pack.first[track], pack.first[track + 1]
    length = pack.length_m[track]
    lines = pack.lines
    x, y, yaw = cars.state[car, 0], cars.state[car, 1], cars.state[car, 2]
    nose_x, nose_y = x + size[0] * math.cos(yaw), y + size[0] * math.sin(yaw)
    k, share, square = nearest(lines[0], lines[1], lo, hi, nose_x, nose_y)
    cx = lines[0, k] + share * (lines[0, k + 1] - lines[0, k])
    cy = lines[1, k] + share * (lines[1, k + 1] - lines[1, k])
    along = pack.cumulative_m[k] + share * (pack.cumulative_m[k + 1] - pack.cumulative_m[k])
    i, share, _ = nearest(lines[2], lines[3], lo, hi, cx, cy)
    ix = lines[2, i] + share * (lines[2, i + 1] - lines[2, i])
    iy = lines[3, i] + share * (lines[3, i + 1] - lines[3, i])
    o, share, _ = nearest(lines[4], lines[5], lo, hi, cx, cy)
    ox = lines[4, o] + share * (lines[4, o + 1] - lines[4, o])
    oy = lines[5, o] + share * (lines[5, o + 1] - lines[5, o])
    ahead = np.searchsorted(pack.cumulative_m[lo : hi - 1], along, side="right")
    if along >= length:
        ahead = hi - lo
    is_nearer_inner = (nose_x - ix) ** 2 + (nose_y - iy) ** 2 < (nose_x - ox) ** 2 + (
        nose_y - oy
    ) ** 2
    wheels: int = _count_wheels(pack, lo, hi, x, y, yaw, size)
    row = cars.table[car]
    row[0], row[1], row[2] = nose_x, nose_y, yaw
    row[3], row[4] = math.sqrt(square), along
    row[5] = _progress_percent(along / length, cars.start_share[car], cars.progress[car])
    row[6], row[7], row[8] = cars.steps[car], speed, steering
    row[9] = math.sqrt((ix - ox) ** 2 + (iy - oy) ** 2)
    row[10], row[11] = ahead - 1, ahead % (hi - lo)
    row[12] = is_nearer_inner == pack.is_counter_clockwise[track]
    row[13], row[14], row[15] = wheels == 4, wheels == 0, 0.0
    row[16] = cars.clock_s[car]
    a = lo + (ahead - 1)
    b = lo + ahead % (hi - lo)
    to_a = (lines[0, a] - nose_x) ** 2 + (lines[1, a] - nose_y) ** 2
    to_b = (lines[0, b] - nose_x) ** 2 + (lines[1, b] - nose_y) ** 2
    row[17] = ahead - 1 if to_a <= to_b else ahead % (hi - lo)
    return wheels


@njit(cache=True, nogil=True)
def judge(cars: Any, car: int, wheels: int) -> None:
    """Set one car's status from its freshly observed row, and what the next step compares with."""
    progress = cars.table[car, 5]
    dx = cars.state[car, 0] - cars.last_xy[car, 0]
    dy = cars.state[car, 1] - cars.last_xy[car, 1]
    # The first row after the prepare row has not moved yet, by construction.
    is_first = cars.steps[car] <= 2
    is_falling = progress < cars.progress[car] and not is_first
    cars.falling[car] = cars.falling[car] + 1 if is_falling else 0
    is_standing = dx * dx + dy * dy <= IMMOBILIZED_MOVE_M**2 and not is_first
    cars.standing[car] = cars.standing[car] + 1 if is_standing else 0
    status = _IN_PROGRESS
    if progress >= 100.0:
        status = _LAP_COMPLETE
    elif cars.table[car, 15] > 0.0:
        status = _CRASHED
    elif wheels == 0:
        status = _OFF_TRACK
    elif cars.falling[car] >= REVERSED_STEPS:
        status = _REVERSED
    elif cars.standing[car] >= IMMOBILIZED_STEPS:
        status = _IMMOBILIZED
    elif cars.steps[car] >= MAX_EPISODE_STEPS:
        status = _TIME_UP
    cars.status[car] = status
    cars.progress[car] = 0.0 if progress >= 100.0 else progress
    cars.last_xy[car, 0], cars.last_xy[car, 1] = cars.state[car, 0], cars.state[car, 1]


@njit(cache=True, nogil=True)
def place(cars: Any, pack: Any, size: Any, car: int, pose: Any) -> None:
    """Put one car on the track at rest, and observe its prepare row.

    Args:
        cars: the Cars.
        pack: the TrackPack.
        size: as in `observe`.
        car: the row.
        pose: (x, y, yaw) of the origin.
    """
    for column in range(cars.state.shape[1]):
        cars.state[car, column] = 0.0
    cars.state[car, 0], cars.state[car, 1], cars.state[car, 2] = pose
    cars.last_xy[car, 0], cars.last_xy[car, 1] = pose[0], pose[1]
    cars.progress[car] = 0.0
    cars.steps[car] = 1
    cars.falling[car] = 0
    cars.standing[car] = 0
    cars.spawn_s[car] = cars.clock_s[car]
    observe(cars, pack, size, car, 0.0, 0.0)
    cars.status[car] = _PREPARE
    cars.progress[car] = cars.table[car, 5]
