"""Kernels that draw boxes over a rendered ground.

A box is a crate with a dark lid band; every side has one shade. Each visible side is two
rectangles that are cut at the near plane and projected. Their exact covered share of every pixel
is found as font rasterisers do it: edges are swept into a table of changes, whose running sum
along a row is the coverage. All sides of a box share one table, so no ground shows through the
seams between them. Boxes are drawn from far to near, each over what is there already.
"""

from __future__ import annotations

# Kernels here are longer than the budget: splitting them would hand many numbers from part to part.
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.obstacles import BOX_HEIGHT_M, BOX_LENGTH_M, BOX_WIDTH_M
from racecraft.sim.kernel import njit
from racecraft.sim.surface import GREY_WEIGHTS

BODY = (236, 178, 74)
LID = (74, 30, 44)
LID_FROM_M = 0.17
"""Height at which the dark band begins; it stands out from the sky, the body from the road."""
LIGHT = (0.8, 0.6)
"""Direction that the light comes from, on the ground."""
DARKEST, SPREAD = 0.78, 0.22
"""Shade of a side turned away from the light, and what facing it adds."""
NEAR_M = 0.02
HALF = (0.5 * BOX_LENGTH_M, 0.5 * BOX_WIDTH_M)
HEIGHT_M = BOX_HEIGHT_M
REACH_M = math.hypot(*HALF)
"""No part of a box is further than this from its middle, on the ground."""


def box_colours(*, is_colour: bool) -> NDArray[np.float32]:
    """(2, C) colour of body and lid in full light."""
    colours = np.array([BODY, LID], np.float64)
    return (colours if is_colour else colours @ GREY_WEIGHTS[:, None]).astype(np.float32)


@njit(cache=True, nogil=True)
def draw_boxes(poses: Any, boxes: Any, frames: Any, span: Any, eye: Any, colours: Any) -> None:
    """Draw the boxes of cars span[0] to span[1] - 1 into their frames.

    Args:
        poses: (N, 3 or more) x, y (m) and yaw (rad) of each car's origin.
        boxes: (N, O, 3) x, y (m) and yaw (rad) of the middle of each box.
        frames: (N, H, W, C) with the ground drawn.
        span: (first car, one past the last car).
        eye: (ahead of the origin m, height m, focal length px, cosine and sine of the pitch).
        colours: as `box_colours` gives them.
    """
    height, width, channels = frames.shape[1:]
    count = boxes.shape[1]
    changes = np.zeros((height, width, channels + 1), np.float32)
    order, squares = np.empty(count, np.int64), np.empty(count)
    for car in range(span[0], span[1]):
        c, s = math.cos(poses[car, 2]), math.sin(poses[car, 2])
        x, y = poses[car, 0] + eye[0] * c, poses[car, 1] + eye[0] * s
        seen = 0
        for k in range(count):
            dx, dy = boxes[car, k, 0] - x, boxes[car, k, 1] - y
            forward, left = dx * c + dy * s, abs(dy * c - dx * s)
            # What a level camera of this width sees at most; pitch only narrows it at the ground.
            depth = (forward + REACH_M) * eye[3] + eye[1] * eye[4]
            if depth <= NEAR_M or left - REACH_M > depth * 0.5 * width / eye[2]:
                continue
            square, i = dx * dx + dy * dy, seen
            while i > 0 and squares[i - 1] < square:
                squares[i], order[i] = squares[i - 1], order[i - 1]
                i -= 1
            squares[i], order[i] = square, k
            seen += 1
        for i in range(seen):
            _draw_box((x, y, c, s), boxes[car, order[i]], frames[car], eye, colours, changes)


@njit(cache=True, nogil=True)
def _draw_box(view: Any, box: Any, frame: Any, eye: Any, colours: Any, changes: Any) -> None:
    """Sweep all sides that face the camera into the table, then mix the box into the frame."""
    x, y, c, s = view
    bc, bs = math.cos(box[2]), math.sin(box[2])
    # the camera as the box sees it
    along, across = (x - box[0]) * bc + (y - box[1]) * bs, (y - box[1]) * bc - (x - box[0]) * bs
    corner = np.empty((4, 2))
    for k in range(4):  # counter-clockwise from the front right
        u = HALF[0] if k < 2 else -HALF[0]
        v = HALF[1] if k == 1 or k == 2 else -HALF[1]
        dx, dy = box[0] + u * bc - v * bs - x, box[1] + u * bs + v * bc - y
        corner[k, 0], corner[k, 1] = dx * c + dy * s, dy * c - dx * s
    bounds = np.array([1e9, -1e9, 1e9, -1e9])
    shape, weights = np.empty((4, 3)), np.zeros(changes.shape[2])
    weights[0] = 1.0
    for side in range(4):
        normal = 1.0 if side < 2 else -1.0
        gap = normal * (along if side % 2 == 0 else across) - HALF[side % 2]
        if gap <= 0.0:
            continue
        nx, ny = (normal * bc, normal * bs) if side % 2 == 0 else (-normal * bs, normal * bc)
        shade = DARKEST + SPREAD * max(nx * LIGHT[0] + ny * LIGHT[1], 0.0)
        for part in range(2):
            low = 0.0 if part == 0 else LID_FROM_M
            high = LID_FROM_M if part == 0 else HEIGHT_M
            for point in range(4):
                end = (side + 1) % 4 if point == 1 or point == 2 else side
                shape[point, 0], shape[point, 1] = corner[end, 0], corner[end, 1]
                shape[point, 2] = low if point < 2 else high
            for channel in range(colours.shape[1]):
                weights[channel + 1] = shade * colours[part, channel]
            _sweep(shape, eye, weights, changes, bounds)
    if eye[1] > HEIGHT_M:
        for point in range(4):
            shape[point, 0], shape[point, 1] = corner[point, 0], corner[point, 1]
            shape[point, 2] = HEIGHT_M
        for channel in range(colours.shape[1]):
            weights[channel + 1] = colours[1, channel]
        _sweep(shape, eye, weights, changes, bounds)
    _mix(frame, changes, bounds)


@njit(cache=True, nogil=True)
def _sweep(shape: Any, eye: Any, weights: Any, changes: Any, bounds: Any) -> None:
    """Cut a rectangle (4, 3: forward, left, up) at the near plane and sweep its picture."""
    height, width = changes.shape[:2]
    points, count = np.empty((6, 2)), 0
    for k in range(4):
        a, b = shape[k], shape[(k + 1) % 4]
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
def _mix(frame: Any, changes: Any, bounds: Any) -> None:
    """Sum the changes up, mix the box into the frame, and leave the table empty."""
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
