"""Where cars are on their tracks, as kernels: the fast twin of `domain.track`.

`TrackPack` lays all tracks of a simulation end to end in flat arrays that kernels can index.
Every search runs over all segments of a track: loops that come close to themselves then never
confuse a search window, and a track has only some hundred segments.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.track import Track
from racecraft.sim.kernel import njit


class TrackPack(NamedTuple):
    """The lines of T tracks with M waypoints in all."""

    lines: NDArray[np.float64]
    """(6, M) centre x, y, inner x, y, outer x, y; each track closed, first == last."""
    cumulative_m: NDArray[np.float64]
    """(M,) arc length of each waypoint from its track's waypoint 0."""
    first: NDArray[np.int64]
    """(T + 1,) where each track begins; the last entry is M."""
    length_m: NDArray[np.float64]
    """(T,) length of the centre line."""
    is_counter_clockwise: NDArray[np.bool_]
    """(T,)"""


def pack_tracks(tracks: Sequence[Track]) -> TrackPack:
    """Lay tracks end to end."""
    first = np.cumsum([0] + [len(track.centre) for track in tracks])
    lines = np.concatenate(
        [np.concatenate([track.centre, track.inner, track.outer], axis=1) for track in tracks]
    )
    return TrackPack(
        lines=np.ascontiguousarray(lines.T),
        cumulative_m=np.concatenate([track.cumulative_m for track in tracks]),
        first=first.astype(np.int64),
        length_m=np.array([track.length_m for track in tracks]),
        is_counter_clockwise=np.array([track.is_counter_clockwise for track in tracks]),
    )


@njit(cache=True, nogil=True, fastmath={"contract", "nnan", "ninf"})
def nearest(xs: Any, ys: Any, lo: int, hi: int, x: float, y: float) -> Any:
    """Nearest point of a polyline to a point.

    Args:
        xs: (M,) x of the points; the line is lo..hi-1.
        ys: (M,) y of the points.
        lo: first point.
        hi: one past the last point.
        x: the point.
        y: the point.

    Returns:
        (segment, share along it 0..1, squared distance); the first segment wins a tie.
    """
    best, segment = 1e300, lo
    for k in range(lo, hi - 1):
        ax, ay = xs[k], ys[k]
        dx, dy = xs[k + 1] - ax, ys[k + 1] - ay
        px, py = x - ax, y - ay
        share = (px * dx + py * dy) / max(dx * dx + dy * dy, 1e-18)
        share = min(max(share, 0.0), 1.0)
        gx, gy = px - share * dx, py - share * dy
        square = gx * gx + gy * gy
        if square < best:
            best, segment = square, k
    ax, ay = xs[segment], ys[segment]
    dx, dy = xs[segment + 1] - ax, ys[segment + 1] - ay
    share = ((x - ax) * dx + (y - ay) * dy) / max(dx * dx + dy * dy, 1e-18)
    return segment, min(max(share, 0.0), 1.0), best


@njit(cache=True, nogil=True)
def is_inside(xs: Any, ys: Any, lo: int, hi: int, x: float, y: float) -> bool:
    """Even-odd test of a point against the closed ring lo..hi-1 (first == last)."""
    crossings = 0
    for k in range(lo, hi - 1):
        above = ys[k] > y
        if above != (ys[k + 1] > y):
            side = (xs[k + 1] - xs[k]) * (y - ys[k]) - (x - xs[k]) * (ys[k + 1] - ys[k])
            crossings += (side > 0.0) == (ys[k + 1] > ys[k])
    return (crossings & 1) == 1


@njit(cache=True, nogil=True)
def is_on_road(lines: Any, lo: int, hi: int, x: float, y: float) -> bool:
    """Inside the outer border and not inside the inner one."""
    return is_inside(lines[4], lines[5], lo, hi, x, y) and not is_inside(
        lines[2], lines[3], lo, hi, x, y
    )


@njit(cache=True, nogil=True)
def point_at(pack: Any, track: int, distance_m: float) -> Any:
    """(x, y, heading) of the centre line at an arc length, taken modulo the track length."""
    lo, hi = pack.first[track], pack.first[track + 1]
    wanted = distance_m % pack.length_m[track]
    k = lo + np.searchsorted(pack.cumulative_m[lo:hi], wanted, side="right") - 1
    k = min(max(k, lo), hi - 2)
    while pack.cumulative_m[k + 1] <= pack.cumulative_m[k] and k < hi - 2:
        k += 1
    ax, ay = pack.lines[0, k], pack.lines[1, k]
    dx, dy = pack.lines[0, k + 1] - ax, pack.lines[1, k + 1] - ay
    step = pack.cumulative_m[k + 1] - pack.cumulative_m[k]
    share = (wanted - pack.cumulative_m[k]) / max(step, 1e-12)
    return ax + share * dx, ay + share * dy, math.atan2(dy, dx)


AROUND_M = 1.0
"""How far along the line from where it is thought to be a point is searched for."""


@njit(cache=True, nogil=True)
def nearest_around(pack: Any, track: int, along_m: float, x: float, y: float) -> Any:
    """Nearest point of the centre line to a point whose place along it is nearly known.

    Returns:
        (segment, share along it 0..1, squared distance, side: positive on the left).
    """
    lo, hi = pack.first[track], pack.first[track + 1]
    count = hi - 1 - lo
    middle = np.searchsorted(pack.cumulative_m[lo:hi], along_m % pack.length_m[track], side="right")
    middle = min(max(middle - 1, 0), count - 1)
    best, segment, best_share, best_side = 1e300, lo + middle, 0.0, 0.0
    for way in range(2):
        left_m, step = AROUND_M, way
        while left_m > 0.0 and step < count:
            k = lo + (middle + (step if way == 0 else -step)) % count
            ax, ay = pack.lines[0, k], pack.lines[1, k]
            dx, dy = pack.lines[0, k + 1] - ax, pack.lines[1, k + 1] - ay
            px, py = x - ax, y - ay
            share = (px * dx + py * dy) / max(dx * dx + dy * dy, 1e-18)
            share = min(max(share, 0.0), 1.0)
            gx, gy = px - share * dx, py - share * dy
            square = gx * gx + gy * gy
            if square < best:
                best, segment, best_share, best_side = square, k, share, dx * py - dy * px
            if step > 0:
                left_m -= pack.cumulative_m[k + 1] - pack.cumulative_m[k]
            step += 1
    return segment, best_share, best, best_side
