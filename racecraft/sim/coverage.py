"""Kernels that cover pixels with polygons exactly.

Edges are swept into a table of changes, as font rasterisers do it; the running sum of a row of the
table is the covered share of each pixel, and its colour. All visible sides of a convex thing share
one table, so nothing shows through the seams between them.
"""

from __future__ import annotations

# Kernels here are longer than the budget: splitting them would hand many numbers from part to part.
import math
from typing import Any

import numpy as np

from racecraft.sim.kernel import njit

NEAR_M = 0.02
"""Depth of the plane at which things are cut."""


@njit(cache=True, nogil=True)
def sweep(shape: Any, eye: Any, weights: Any, changes: Any, bounds: Any) -> None:
    """Cut a convex polygon at the near plane and sweep its picture into a table of changes.

    Args:
        shape: (P, 3) forward, left, up (m); corners as seen counter-clockwise from outside.
        eye: (ahead of the origin m, height m, focal length px, cosine and sine of the pitch).
        weights: (1 + C,) what one covered pixel adds to the coverage, and to each channel.
        changes: (H, W, 1 + C) the table.
        bounds: (4,) least and greatest column and row met so far; widened.
    """
    height, width = changes.shape[:2]
    corners = shape.shape[0]
    points, count = np.empty((corners + 2, 2)), 0
    for k in range(corners):
        a, b = shape[k], shape[(k + 1) % corners]
        depth = a[0] * eye[3] - (a[2] - eye[1]) * eye[4]
        next_depth = b[0] * eye[3] - (b[2] - eye[1]) * eye[4]
        if depth >= NEAR_M:
            count = _project(a[0], a[1], a[2], eye, (width, height), points, count)
        if (depth >= NEAR_M) != (next_depth >= NEAR_M):
            t = (NEAR_M - depth) / (next_depth - depth)
            forward, left = a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])
            up = a[2] + t * (b[2] - a[2])
            count = _project(forward, left, up, eye, (width, height), points, count)
    for k in range(count):
        bounds[0], bounds[1] = min(bounds[0], points[k, 0]), max(bounds[1], points[k, 0])
        bounds[2], bounds[3] = min(bounds[2], points[k, 1]), max(bounds[3], points[k, 1])
        _edge(points[k], points[(k + 1) % count], weights, changes)


@njit(cache=True, nogil=True)
def _project(
    forward: float, left: float, up: float, eye: Any, size: Any, points: Any, count: int
) -> int:
    depth = max(forward * eye[3] - (up - eye[1]) * eye[4], 1e-6)
    below = -(up - eye[1]) * eye[3] - forward * eye[4]
    points[count, 0] = 0.5 * size[0] - eye[2] * left / depth
    points[count, 1] = 0.5 * size[1] + eye[2] * below / depth
    return count + 1


@njit(cache=True, nogil=True)
def _edge(a: Any, b: Any, weights: Any, changes: Any) -> None:
    """Add how much an edge changes the covered share, row by row (exact area).

    What lies left of the picture counts for its first column; what lies right of it, nowhere.
    """
    height, width = changes.shape[:2]
    x0, y0, x1, y1 = a[0], a[1], b[0], b[1]
    if y0 == y1:
        return
    sign = 1.0
    if y0 > y1:
        sign, x0, y0, x1, y1 = -1.0, x1, y1, x0, y0
    slope = (x1 - x0) / (y1 - y0)
    if y1 <= 0.0 or y0 >= height:
        return
    for row in range(int(max(y0, 0.0)), min(math.ceil(y1), height)):
        top, bottom = max(y0, float(row)), min(y1, row + 1.0)
        left, right = x0 + (top - y0) * slope, x0 + (bottom - y0) * slope
        if min(left, right) < width:
            ends = (min(left, right), max(left, right))
            _change(changes[row], ends, (bottom - top) * sign, weights)


@njit(cache=True, nogil=True)
def _change(line: Any, ends: Any, tall: float, weights: Any) -> None:
    """Add the piece of an edge that lies in one row of pixels."""
    width, planes = line.shape
    left, right = ends
    before, first, last = 0.0, int(max(left, 0.0)), min(int(right), width - 1)
    if right <= 0.0:
        before, last = tall, -1
    elif left < 0.0:
        before = tall * (-left) / (right - left)
    for column in range(first, last + 1):
        far, near = min(right, column + 1.0), max(left, float(column))
        part = 1.0 if right <= left else (far - near) / (right - left)
        middle = 0.5 * (far + near) - column
        change = before + tall * part * (1.0 - middle)
        for plane in range(planes):
            line[column, plane] += np.float32(change * weights[plane])
        before = tall * part * middle
    if last + 1 < width:
        for plane in range(planes):
            line[last + 1, plane] += np.float32(before * weights[plane])


@njit(cache=True, nogil=True)
def mix(frame: Any, changes: Any, bounds: Any) -> None:
    """Sum the changes up, mix the thing into the frame, and leave the table empty."""
    height, width, channels = frame.shape
    if bounds[1] < 0.0 or bounds[0] >= width or bounds[3] < 0.0 or bounds[2] >= height:
        return
    left, right = int(max(bounds[0], 0.0)), int(min(bounds[1] + 2.0, float(width)))
    top, bottom = int(max(bounds[2], 0.0)), int(min(bounds[3] + 1.0, float(height)))
    total = np.zeros(channels + 1, np.float32)
    one, half = np.float32(1.0), np.float32(0.5)
    for row in range(top, bottom):
        total[:] = 0.0
        for column in range(left, right):
            total[0] += changes[row, column, 0]
            changes[row, column, 0] = 0.0
            shown = one - min(max(total[0], np.float32(0.0)), one)
            for channel in range(channels):
                total[channel + 1] += changes[row, column, channel + 1]
                changes[row, column, channel + 1] = 0.0
                value = np.float32(frame[row, column, channel]) * shown + total[channel + 1]
                frame[row, column, channel] = np.uint8(
                    min(max(value + half, half), np.float32(255.0))
                )
