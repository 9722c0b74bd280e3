"""How a box looks: a crate with a dark lid band; every side has one shade.

Each visible side is two rectangles that are cut at the near plane and projected.
"""

from __future__ import annotations

# The kernel is longer than the budget: splitting it would hand many numbers from part to part.
import math
from typing import Any

from racecraft.domain.obstacles import BOX_HEIGHT_M, BOX_LENGTH_M, BOX_WIDTH_M
from racecraft.sim.coverage import begin_thing, mix, sweep
from racecraft.sim.kernel import njit

BODY = (236, 178, 74)
LID = (74, 30, 44)
LID_FROM_M = 0.17
"""Height at which the dark band begins; it stands out from the sky, the body from the road."""
LIGHT = (0.8, 0.6)
"""Direction that the light comes from, on the ground."""
DARKEST, SPREAD = 0.78, 0.22
"""Shade of a side turned away from the light, and what facing it adds."""
HALF = (0.5 * BOX_LENGTH_M, 0.5 * BOX_WIDTH_M)
HEIGHT_M = BOX_HEIGHT_M


@njit(cache=True, nogil=True)
def draw_box(view: Any, box: Any, frame: Any, eye: Any, colours: Any, desk: Any) -> None:
    """Sweep all sides that face the camera into the table, then mix the box into the frame.

    Args:
        view: (x, y, cosine and sine of the yaw) of the camera.
        box: (x, y, yaw) of the middle of the box.
        frame: (H, W, C) the picture so far.
        eye: as in `coverage.sweep`.
        colours: (2 or more, C) body and lid.
        desk: the `Desk`; its table is empty, and left empty.
    """
    x, y, c, s = view
    bc, bs = math.cos(box[2]), math.sin(box[2])
    # the camera as the box sees it
    along, across = (x - box[0]) * bc + (y - box[1]) * bs, (y - box[1]) * bc - (x - box[0]) * bs
    corner, shape, weights = desk.corners, desk.shape, desk.weights
    for k in range(4):  # counter-clockwise from the front right
        u = HALF[0] if k < 2 else -HALF[0]
        v = HALF[1] if k == 1 or k == 2 else -HALF[1]
        dx, dy = box[0] + u * bc - v * bs - x, box[1] + u * bs + v * bc - y
        corner[k, 0], corner[k, 1] = dx * c + dy * s, dy * c - dx * s
    begin_thing(desk, 1.0)
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
            sweep(shape, 4, eye, weights, desk)
    if eye[1] > HEIGHT_M:
        for point in range(4):
            corner[point, 2] = HEIGHT_M
        for channel in range(colours.shape[1]):
            weights[channel + 1] = colours[1, channel]
        sweep(corner, 4, eye, weights, desk)
    mix(frame, desk)
