"""Bot cars: where each of them is, and how it drives on, for each car its own.

A bot is not physical. It follows a smooth curve through the middle of its lane so that its place
along the centre line moves at a constant speed. It stops for a penalty when it runs into a car
ahead of it, and leaves the lane of a box in time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from racecraft.domain.bots import LANE_CHANGE_M, BotSpec
from racecraft.domain.obstacles import INNER
from racecraft.domain.track import Track
from racecraft.sim.geometry import nearest_around
from racecraft.sim.kernel import njit
from racecraft.sim.streams import next_uniform

KNOT_M = 0.3
"""Least distance between the points through which the curve of a lane goes."""
CLEAR_AHEAD_M, CLEAR_BEHIND_M = LANE_CHANGE_M + 0.5, 0.4
"""A bot leaves, and does not enter, a lane in which a box is as near as this."""
ALONG, GLIDE, WAIT, PAUSE = range(4)
"""Columns of the motion of a bot: arc length of its place (m), way since it began to change lanes
(m; all of `LANE_CHANGE_M` when it is done), seconds until it does so again, seconds of penalty."""
MOTION = 4


class Bots(NamedTuple):
    """What all bots have in common, and the curves of T tracks that they follow."""

    first: int
    """Place of the first bot among the objects; the number of objects if there is none."""
    is_random: bool
    min_distance_m: float
    speed_mps: float
    changes_lanes: bool
    waits_s: tuple[float, float]
    penalty_s: float
    curves: NDArray[np.float64]
    """(K, 4, 4) inner lane x, y and outer lane x, y as cubics of the way from the knot (m), the
    highest power first."""
    first_knot: NDArray[np.int64]
    """(T + 1,) where each track's curve begins."""
    knot_m: NDArray[np.float64]
    """(T,) distance between knots along the centre line."""


def make_bots(tracks: Sequence[Track], bots: BotSpec | None, first: int) -> Bots:
    """The bots of some tracks; a spec of None gives none."""
    spec = bots or BotSpec()
    curves = [_lane_curves(track) for track in tracks] if bots else []
    counts = [len(curve) for curve in curves] or [0] * len(tracks)
    length_m = [track.length_m for track in tracks]
    return Bots(
        first=first,
        is_random=spec.is_random,
        min_distance_m=spec.min_distance_m,
        speed_mps=spec.speed_mps,
        changes_lanes=spec.changes_lanes,
        waits_s=(spec.lane_change_min_s, spec.lane_change_max_s),
        penalty_s=spec.penalty_s,
        curves=np.concatenate(curves) if curves else np.zeros((0, 4, 4)),
        first_knot=np.cumsum([0, *counts]).astype(np.int64),
        knot_m=np.array(length_m) / np.maximum(counts, 1),
    )


def _lane_curves(track: Track) -> NDArray[np.float64]:
    """(K, 4, 4) periodic cubic splines through the middles of the two lanes."""
    lanes = [0.5 * (track.centre + line) for line in (track.inner, track.outer)]
    columns = np.concatenate(lanes, axis=1)  # (M, 4)
    knots = np.linspace(0.0, track.length_m, max(int(track.length_m / KNOT_M), 4) + 1)
    points = [np.interp(knots, track.cumulative_m, column) for column in columns.T]
    points_at = np.stack(points, axis=1)
    points_at[-1] = points_at[0]
    spline = CubicSpline(knots, points_at, bc_type="periodic")
    return np.ascontiguousarray(np.moveaxis(spline.c, 0, 2))


@njit(cache=True, nogil=True)
def put_bot(cars: Any, pack: Any, objects: Any, bots: Any, which: Any, where: Any) -> None:
    """Place one bot at an arc length in a lane, or in the other one if a box is near in that."""
    track, car, k = which
    along, lane = where
    if _is_box_near(objects, bots, car, lane, along, pack.length_m[track]):
        lane = -lane
    objects.lane[car, k] = lane
    motion = objects.motion[car, k]
    motion[ALONG], motion[GLIDE], motion[PAUSE] = along, LANE_CHANGE_M, 0.0
    motion[WAIT] = _draw_wait(cars, bots, car)
    _pose(objects, bots, track, car, k)
    tell_bot(pack, objects, bots, track, car, k)


@njit(cache=True, nogil=True)
def drive_bots(cars: Any, pack: Any, objects: Any, bots: Any, car: int, how: Any) -> None:
    """Move one car's bots on.

    Args:
        cars: the Cars.
        pack: the TrackPack.
        objects: the Objects.
        bots: the Bots.
        car: the row.
        how: (seconds, half length, half width of a car).
    """
    interval_s, half_length, half_width = how
    track = cars.track[car]
    length_m = pack.length_m[track]
    for k in range(bots.first, objects.lane.shape[1]):
        motion = objects.motion[car, k]
        if motion[PAUSE] > 0.0:
            motion[PAUSE] = max(motion[PAUSE] - interval_s, 0.0)
            continue
        if _is_blocked(objects.pose[car], bots.first, k, 2.0 * half_length, 2.0 * half_width):
            motion[PAUSE] = bots.penalty_s
            continue
        way = bots.speed_mps * interval_s
        motion[ALONG] = (motion[ALONG] + way) % length_m
        if motion[GLIDE] < LANE_CHANGE_M:
            motion[GLIDE] = min(motion[GLIDE] + way, LANE_CHANGE_M)
            if motion[GLIDE] == LANE_CHANGE_M:
                motion[WAIT] = _draw_wait(cars, bots, car)
        else:
            motion[WAIT] -= interval_s
            lane, along = objects.lane[car, k], motion[ALONG]
            wants = bots.changes_lanes and motion[WAIT] <= 0.0
            wants = wants or _is_box_near(objects, bots, car, lane, along, length_m)
            if wants and not _is_box_near(objects, bots, car, -lane, along, length_m):
                objects.lane[car, k] = -lane
                motion[GLIDE] = 0.0
        _pose(objects, bots, track, car, k)


@njit(cache=True, nogil=True)
def tell_bot(pack: Any, objects: Any, bots: Any, track: int, car: int, k: int) -> None:
    """Fill the row of one bot that a reward function is told."""
    pose, row = objects.pose[car, k], objects.rows[car, k]
    i, share, square, side = nearest_around(
        pack, track, objects.motion[car, k, ALONG], pose[0], pose[1]
    )
    row[0], row[1], row[2] = pose[0], pose[1], pose[2]
    # As in the original a bot is always told at its speed, also while it waits or changes lanes.
    row[3] = bots.speed_mps
    row[4] = pack.cumulative_m[i] + share * (pack.cumulative_m[i + 1] - pack.cumulative_m[i])
    row[5], row[6] = math.sqrt(square), side > 0.0


@njit(cache=True, nogil=True)
def _draw_wait(cars: Any, bots: Any, car: int) -> float:
    """Seconds until a lane change, from the car's own stream; nothing is drawn if there is none."""
    if not bots.changes_lanes:
        return 0.0
    low, high = bots.waits_s
    return float(low + (high - low) * next_uniform(cars.streams, car))


@njit(cache=True, nogil=True)
def _is_box_near(
    objects: Any, bots: Any, car: int, lane: int, along: float, length_m: float
) -> bool:
    for k in range(bots.first):
        gap = (objects.rows[car, k, 4] - along + CLEAR_BEHIND_M) % length_m
        if objects.lane[car, k] == lane and gap < CLEAR_AHEAD_M + CLEAR_BEHIND_M:
            return True
    return False


@njit(cache=True, nogil=True)
def _is_blocked(poses: Any, first: int, k: int, length_m: float, width_m: float) -> bool:
    """Whether bot k has run into another bot ahead of it."""
    c, s = math.cos(poses[k, 2]), math.sin(poses[k, 2])
    for other in range(first, poses.shape[0]):
        dx, dy = poses[other, 0] - poses[k, 0], poses[other, 1] - poses[k, 1]
        ahead, left = dx * c + dy * s, dy * c - dx * s
        if 0.0 < ahead < length_m and abs(left) < width_m:
            return True
    return False


@njit(cache=True, nogil=True)
def _pose(objects: Any, bots: Any, track: int, car: int, k: int) -> None:
    """Put one bot on the curve of its lane, or between the lanes while it changes them."""
    motion, pose = objects.motion[car, k], objects.pose[car, k]
    lane = 0 if objects.lane[car, k] == INNER else 1
    x, y, dx, dy = _curve(bots, track, lane, motion[ALONG])
    if motion[GLIDE] < LANE_CHANGE_M:
        # From one lane to the other as a smooth step of the way.
        done = motion[GLIDE] / LANE_CHANGE_M
        share = done * done * (3.0 - 2.0 * done)
        rate = 6.0 * done * (1.0 - done) / LANE_CHANGE_M
        from_x, from_y, from_dx, from_dy = _curve(bots, track, 1 - lane, motion[ALONG])
        dx = from_dx + share * (dx - from_dx) + rate * (x - from_x)
        dy = from_dy + share * (dy - from_dy) + rate * (y - from_y)
        x, y = from_x + share * (x - from_x), from_y + share * (y - from_y)
    pose[0], pose[1], pose[2] = x, y, math.atan2(dy, dx)


@njit(cache=True, nogil=True)
def _curve(bots: Any, track: int, lane: int, along: float) -> Any:
    """(x, y, dx, dy) of a lane and its change per metre of centre line."""
    lo, count = bots.first_knot[track], bots.first_knot[track + 1] - bots.first_knot[track]
    knot = min(int(along / bots.knot_m[track]), count - 1)
    way = along - knot * bots.knot_m[track]
    xs, ys = bots.curves[lo + knot, 2 * lane], bots.curves[lo + knot, 2 * lane + 1]
    return (
        ((xs[0] * way + xs[1]) * way + xs[2]) * way + xs[3],
        ((ys[0] * way + ys[1]) * way + ys[2]) * way + ys[3],
        (3.0 * xs[0] * way + 2.0 * xs[1]) * way + xs[2],
        (3.0 * ys[0] * way + 2.0 * ys[1]) * way + ys[2],
    )
