"""How a car on the road looks to the cameras of others: a body, a cabin on it, and paint.

Body and cabin are blocks with sloping sides. Wheels, windows and lights are painted on their
sides: a painted polygon adds no coverage, only the difference of its colour, so it needs no
picture of its own and leaves no seam.
"""

from __future__ import annotations

# The kernels are longer than the budget: splitting them would hand many numbers from part to part.
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.car import CarSpec
from racecraft.sim.boxes import DARKEST, LIGHT, SPREAD
from racecraft.sim.coverage import begin_thing, mix, sweep
from racecraft.sim.kernel import njit

SHELL, GLASS, TYRE, SILL, TAIL, HEAD = range(2, 8)
"""Rows of the table of colours; those before are a box's."""
COLOURS = (
    (110, 206, 255),
    (30, 38, 52),
    (16, 16, 18),
    (36, 36, 40),
    (228, 34, 38),
    (252, 246, 210),
)
"""Of `SHELL` to `HEAD`, in full light."""
HALF = (0.5 * CarSpec().body_length_m, 0.5 * CarSpec().body_width_m)
WAIST_M, ROOF_M = 0.085, 0.125
FRONT, LEFT, REAR, RIGHT = range(4)

BLOCKS = np.array(
    [
        # rear x, front x, half width, height: of the lower edge, then of the upper one
        [[-HALF[0], HALF[0], HALF[1], 0.0], [-0.150, 0.135, 0.090, WAIST_M]],
        [[-0.125, 0.075, 0.080, WAIST_M], [-0.085, -0.005, 0.062, ROOF_M]],
    ]
)
"""(2, 2, 4) body and cabin in metres, from the car's origin."""


def _paint() -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(D, 4) block, side, colour and number of corners; (D, 8, 2) the corners.

    A corner lies at a share of the side's lower edge, from its left end as seen from outside, and
    at a share of its height.
    """
    front_x, rear_x = CarSpec().wheel_x_m[::-1]
    front, rear = 0.5 - 0.5 * front_x / HALF[0], 0.5 - 0.5 * rear_x / HALF[0]
    radius = 0.036 / (2.0 * HALF[0])
    wheel = [(-0.6, 0.0), (0.6, 0.0), (1.0, 0.25), (1.0, 0.6)]
    wheel += [(0.5, 0.85), (-0.5, 0.85), (-1.0, 0.6), (-1.0, 0.25)]
    found: list[tuple[int, int, int, list[tuple[float, float]]]] = []
    for side, middles in ((LEFT, (front, rear)), (RIGHT, (1.0 - front, 1.0 - rear))):
        first, last = sorted(middles)
        found.append((0, side, SILL, _panel(first + radius, last - radius, 0.0, 0.2)))
        for middle in middles:
            found.append((0, side, TYRE, [(middle + u * radius, v) for u, v in wheel]))
    for side, lamp in ((FRONT, HEAD), (REAR, TAIL)):
        found.append((0, side, SILL, _panel(0.175, 0.825, 0.0, 0.3)))
        for left, right in ((0.0, 0.175), (0.825, 1.0)):
            found.append((0, side, TYRE, _panel(left, right, 0.0, 0.7)))
        for left, right in ((0.2, 0.38), (0.62, 0.8)):
            found.append((0, side, lamp, _panel(left, right, 0.5, 0.8)))
    for side in (FRONT, LEFT, REAR, RIGHT):
        found.append((1, side, GLASS, _panel(0.08, 0.92, 0.12, 0.88)))
    kinds = np.array([[block, side, colour, len(at)] for block, side, colour, at in found])
    corners = np.zeros((len(found), 8, 2))
    for row, (_, _, _, at) in zip(corners, found, strict=True):
        row[: len(at)] = at
    return kinds.astype(np.int64), corners


def _panel(left: float, right: float, low: float, high: float) -> list[tuple[float, float]]:
    return [(left, low), (right, low), (right, high), (left, high)]


PAINT, PAINT_CORNERS = _paint()


@njit(cache=True, nogil=True)
def draw_car(view: Any, pose: Any, frame: Any, eye: Any, colours: Any, desk: Any) -> None:
    """Draw one car over the picture; arguments as `boxes.draw_box`, `pose` is its origin's.

    The plane on which the cabin stands parts it from the body, so the one on the eye's side of it
    is drawn last.
    """
    is_high = eye[1] > WAIST_M
    _draw_block(0 if is_high else 1, view, pose, frame, eye, colours, desk)
    _draw_block(1 if is_high else 0, view, pose, frame, eye, colours, desk)


@njit(cache=True, nogil=True)
def _draw_block(
    block: int, view: Any, pose: Any, frame: Any, eye: Any, colours: Any, desk: Any
) -> None:
    """Sweep the visible sides of one block and what is painted on them, then mix them in."""
    x, y, c, s = view
    pc, ps = math.cos(pose[2]), math.sin(pose[2])
    # the camera as the car sees it
    along, across = (x - pose[0]) * pc + (y - pose[1]) * ps, (y - pose[1]) * pc - (x - pose[0]) * ps
    lower, upper = BLOCKS[block, 0], BLOCKS[block, 1]
    corner, shape, weights = desk.corners, desk.shape, desk.weights
    for k in range(8):  # the upper edge counter-clockwise from the front right, then the lower one
        edge = upper if k < 4 else lower
        u = edge[1] if k % 4 < 2 else edge[0]
        v = edge[2] if k % 4 == 1 or k % 4 == 2 else -edge[2]
        dx, dy = pose[0] + u * pc - v * ps - x, pose[1] + u * ps + v * pc - y
        corner[k, 0], corner[k, 1], corner[k, 2] = dx * c + dy * s, dy * c - dx * s, edge[3]
    begin_thing(desk, 1.0)
    for side in range(4):
        end = (side + 1) % 4
        shade = _shade_of_side(lower, upper, (along, across, eye[1]), side, pc, ps)
        if shade > 0.0:
            for axis in range(3):
                shape[0, axis], shape[1, axis] = corner[side + 4, axis], corner[end + 4, axis]
                shape[2, axis], shape[3, axis] = corner[end, axis], corner[side, axis]
            for channel in range(colours.shape[1]):
                weights[channel + 1] = shade * colours[SHELL, channel]
            sweep(shape, 4, eye, weights, desk)
            _paint_side(block, side, shade, eye, colours, desk)
    if eye[1] > upper[3]:
        for channel in range(colours.shape[1]):
            weights[channel + 1] = colours[SHELL, channel]
        sweep(corner, 4, eye, weights, desk)
    mix(frame, desk)


@njit(cache=True, nogil=True)
def _shade_of_side(
    lower: Any, upper: Any, seen_from: Any, side: int, pc: float, ps: float
) -> float:
    """Brightness of one side of a block; 0 if it is turned away from the eye.

    Args:
        lower: its lower edge, as in `BLOCKS`.
        upper: its upper edge.
        seen_from: (ahead of the car's origin, left of it, height) of the eye in metres.
        side: `FRONT` to `RIGHT`.
        pc: cosine of the car's yaw.
        ps: sine of the car's yaw.
    """
    sign = 1.0 if side < 2 else -1.0
    low, high = lower[2], upper[2]
    if side % 2 == 0:
        low, high = (lower[1], upper[1]) if side == FRONT else (-lower[0], -upper[0])
    out = sign * seen_from[side % 2] - low
    if out * (upper[3] - lower[3]) + (seen_from[2] - lower[3]) * (low - high) <= 0.0:
        return 0.0
    nx, ny = (sign * pc, sign * ps) if side % 2 == 0 else (-sign * ps, sign * pc)
    return float(DARKEST + SPREAD * max(nx * LIGHT[0] + ny * LIGHT[1], 0.0))


@njit(cache=True, nogil=True)
def _paint_side(block: int, side: int, shade: float, eye: Any, colours: Any, desk: Any) -> None:
    """Sweep what is painted on the side `desk.shape`; only colours change, no coverage."""
    on, shape, weights = desk.shape, desk.paint, desk.weights
    weights[0] = 0.0
    for k in range(PAINT.shape[0]):
        if PAINT[k, 0] != block or PAINT[k, 1] != side:
            continue
        for point in range(PAINT[k, 3]):
            u, v = PAINT_CORNERS[k, point, 0], PAINT_CORNERS[k, point, 1]
            for axis in range(3):
                low = on[0, axis] + u * (on[1, axis] - on[0, axis])
                high = on[3, axis] + u * (on[2, axis] - on[3, axis])
                shape[point, axis] = low + v * (high - low)
        for channel in range(colours.shape[1]):
            change = colours[PAINT[k, 2], channel] - colours[SHELL, channel]
            weights[channel + 1] = shade * change
        sweep(shape, PAINT[k, 3], eye, weights, desk)
    weights[0] = 1.0
