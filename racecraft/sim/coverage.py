"""Kernels that cover pixels with polygons exactly.

Edges are swept into a table of changes, as font rasterisers do it; the running sum of a row of the
table is the covered share of each pixel, and its colour. All visible sides of a convex thing share
one table, so nothing shows through the seams between them.
"""

from __future__ import annotations

# Kernels here are longer than the budget: splitting them would cost calls per row of pixels.
import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from racecraft.sim.kernel import njit

NEAR_M = 0.02
"""Depth of the plane at which things are cut."""
_MOST_CORNERS = 8
"""Of a polygon."""
ROWS_AT_ONCE = 4
"""Pictures have a multiple of so many rows."""


class Desk(NamedTuple):
    """Memory to draw with, so that none is asked for on the way."""

    changes: NDArray[np.float32]
    """(1 + C, H, W) how the covered share and the channels change from pixel to pixel; zeros
    between two things."""
    bounds: NDArray[np.float64]
    """(4,) least and greatest column and row that the thing has met so far."""
    corners: NDArray[np.float64]
    """(8, 3) forward, left, up (m) of the corners of a block."""
    shape: NDArray[np.float64]
    """(8, 3) the same of a polygon on one of its sides."""
    paint: NDArray[np.float64]
    """(8, 3) the same of what is painted there."""
    points: NDArray[np.float64]
    """(10, 2) column and row of a polygon's corners in the picture."""
    weights: NDArray[np.float64]
    """(1 + C,) what one covered pixel adds to the coverage, and to each channel."""


@njit(cache=True, nogil=True)
def make_desk(height: int, width: int, channels: int) -> Any:
    """An empty table for pictures (H, W, C)."""
    return Desk(
        np.zeros((channels + 1, height, width), np.float32),
        np.empty(4),
        np.empty((_MOST_CORNERS, 3)),
        np.empty((_MOST_CORNERS, 3)),
        np.empty((_MOST_CORNERS, 3)),
        np.empty((_MOST_CORNERS + 2, 2)),
        np.zeros(channels + 1),
    )


@njit(cache=True, nogil=True)
def begin_thing(desk: Any, coverage: float) -> None:
    """Forget where the thing before was; each covered pixel will add `coverage`."""
    desk.bounds[0] = desk.bounds[2] = 1e9
    desk.bounds[1] = desk.bounds[3] = -1e9
    desk.weights[0] = coverage


@njit(cache=True, nogil=True)
def sweep(shape: Any, corners: int, eye: Any, weights: Any, desk: Any) -> None:
    """Cut a convex polygon at the near plane and sweep its picture into the table of changes.

    Args:
        shape: (P or more, 3) forward, left, up (m); seen counter-clockwise from outside.
        corners: P.
        eye: (ahead of the origin m, height m, focal length px, cosine and sine of the pitch).
        weights: (1 + C,) what one covered pixel adds to the coverage, and to each channel.
        desk: its table and bounds change.
    """
    changes, points, bounds = desk.changes, desk.points, desk.bounds
    half_height, half_width = 0.5 * changes.shape[1], 0.5 * changes.shape[2]
    count = 0
    for k in range(corners):
        n = k + 1 if k + 1 < corners else 0
        forward, left, up = shape[k, 0], shape[k, 1], shape[k, 2]
        depth = forward * eye[3] - (up - eye[1]) * eye[4]
        next_depth = shape[n, 0] * eye[3] - (shape[n, 2] - eye[1]) * eye[4]
        is_before, is_next_before = depth >= NEAR_M, next_depth >= NEAR_M
        if is_before:
            below = -(up - eye[1]) * eye[3] - forward * eye[4]
            points[count, 0] = half_width - eye[2] * left / depth
            points[count, 1] = half_height + eye[2] * below / depth
            count += 1
        if is_before != is_next_before:
            t = (NEAR_M - depth) / (next_depth - depth)
            forward, left = forward + t * (shape[n, 0] - forward), left + t * (shape[n, 1] - left)
            up = up + t * (shape[n, 2] - up)
            depth = max(forward * eye[3] - (up - eye[1]) * eye[4], 1e-6)
            below = -(up - eye[1]) * eye[3] - forward * eye[4]
            points[count, 0] = half_width - eye[2] * left / depth
            points[count, 1] = half_height + eye[2] * below / depth
            count += 1
    for k in range(count):
        n = k + 1 if k + 1 < count else 0
        bounds[0], bounds[1] = min(bounds[0], points[k, 0]), max(bounds[1], points[k, 0])
        bounds[2], bounds[3] = min(bounds[2], points[k, 1]), max(bounds[3], points[k, 1])
        _edge(points[k, 0], points[k, 1], points[n, 0], points[n, 1], weights, changes)


@njit(cache=True, nogil=True)
def _edge(x0: float, y0: float, x1: float, y1: float, weights: Any, changes: Any) -> None:
    """Add how much an edge changes the covered share, row by row (exact area).

    What lies left of the picture counts for its first column; what lies right of it, nowhere.
    """
    height, width = changes.shape[1:]
    if y0 == y1:
        return
    sign = 1.0
    if y0 > y1:
        sign, x0, y0, x1, y1 = -1.0, x1, y1, x0, y0
    if y1 <= 0.0 or y0 >= height:
        return
    slope = (x1 - x0) / (y1 - y0)
    for row in range(int(max(y0, 0.0)), min(math.ceil(y1), height)):
        top, bottom = max(y0, float(row)), min(y1, row + 1.0)
        left, right = x0 + (top - y0) * slope, x0 + (bottom - y0) * slope
        if min(left, right) < width:
            tall = (bottom - top) * sign
            _cover(changes, row, min(left, right), max(left, right), tall, weights)


@njit(forceinline=True)
def _cover(changes: Any, row: int, left: float, right: float, tall: float, weights: Any) -> None:
    """Add the piece of an edge that lies in one row of pixels, up or down by `tall`."""
    width = changes.shape[2]
    before, first, last = 0.0, int(max(left, 0.0)), min(int(right), width - 1)
    if right <= 0.0:
        before, last = tall, -1
    elif left < 0.0:
        before = tall * (-left) / (right - left)
    elif first == last and right < width:
        # The whole piece lies in one pixel, as those of steep edges do: no need to divide.
        middle = 0.5 * (right + left) - first
        _add(changes, row, first, tall * (1.0 - middle), weights)
        before, first = tall * middle, last + 1
    for column in range(first, last + 1):
        far, near = min(right, column + 1.0), max(left, float(column))
        part = 1.0 if right <= left else (far - near) / (right - left)
        middle = 0.5 * (far + near) - column
        _add(changes, row, column, before + tall * part * (1.0 - middle), weights)
        before = tall * part * middle
    if last + 1 < width:
        _add(changes, row, last + 1, before, weights)


@njit(forceinline=True)
def _add(changes: Any, row: int, column: int, share: float, weights: Any) -> None:
    for plane in range(changes.shape[0]):
        changes[plane, row, column] += np.float32(share * weights[plane])


@njit(cache=True, nogil=True)
def mix(frame: Any, desk: Any) -> None:
    """Sum the changes up, mix the thing into the frame, and leave the table empty."""
    changes, bounds = desk.changes, desk.bounds
    height, width, channels = frame.shape
    if bounds[0] >= width or bounds[3] < 0.0 or bounds[2] >= height:
        return
    left, right = int(max(bounds[0], 0.0)), int(min(bounds[1] + 2.0, float(width)))
    top, bottom = int(max(bounds[2], 0.0)), int(min(bounds[3] + 1.0, float(height)))
    if bounds[1] < 0.0:
        # All of it lies left of the picture; its changes add up to nothing but for rounding.
        changes[:, top:bottom, 0] = np.float32(0.0)
        return
    for row in range(top - top % ROWS_AT_ONCE, bottom, ROWS_AT_ONCE):
        for plane in range(channels + 1):
            _sum_up(changes[plane], row, left, right)
    for row in range(top, bottom):
        for channel in range(channels):
            _mix_row(frame, changes, row, channel, left, right)
        for plane in range(channels + 1):
            changes[plane, row, left:right] = np.float32(0.0)


@njit(cache=True, nogil=True)
def _sum_up(changes: Any, row: int, left: int, right: int) -> None:
    """Turn the changes of `ROWS_AT_ONCE` rows into running sums.

    An addition waits for the one to its left, so the rows take turns. Unsigned places, here and
    below, save numba a test for places that count from the end, without which it makes vector code.
    """
    a = b = c = d = np.float32(0.0)
    i, one = np.uintp(row), np.uintp(1)
    for column in range(left, right):
        j = np.uintp(column)
        a += changes[i, j]
        b += changes[i + one, j]
        c += changes[i + one + one, j]
        d += changes[i + one + one + one, j]
        changes[i, j], changes[i + one, j] = a, b
        changes[i + one + one, j], changes[i + one + one + one, j] = c, d


@njit(cache=True, nogil=True)
def _mix_row(frame: Any, sums: Any, row: int, channel: int, left: int, right: int) -> None:
    """Mix one channel of a row: what is still shown of it, and the colour of the thing."""
    none, one = np.float32(0.0), np.float32(1.0)
    half, most = np.float32(0.5), np.float32(255.0)
    i, k, cover, plane = np.uintp(row), np.uintp(channel), np.uintp(0), np.uintp(channel + 1)
    for column in range(left, right):
        j = np.uintp(column)
        shown = one - min(max(sums[cover, i, j], none), one)
        value = np.float32(frame[i, j, k]) * shown + sums[plane, i, j]
        frame[i, j, k] = np.uint8(min(max(value + half, half), most))
