"""Kernels that draw the things on the road over a rendered ground, from far to near.

Each thing is drawn over what is there already, by exact coverage, so it hides what is behind it
and nothing else.
"""

from __future__ import annotations

# Kernels here are longer than the budget: splitting them would hand many numbers from part to part.
import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from racecraft.sim import bodies, boxes
from racecraft.sim.bodies import draw_car
from racecraft.sim.boxes import draw_box
from racecraft.sim.coverage import NEAR_M, make_desk
from racecraft.sim.kernel import njit
from racecraft.sim.surface import GREY_WEIGHTS

BOX, CAR = 0, 1
"""Kinds of things on the road."""
HALF = np.array([boxes.HALF, bodies.HALF])
"""(2, 2) half length and half width of each kind."""
REACH_M = np.hypot(HALF[:, 0], HALF[:, 1])
"""No part of a thing is further than this from its middle, on the ground."""


class Things(NamedTuple):
    """What N cars meet on the road, O things each."""

    pose: NDArray[np.float64]
    """(N, O, 3) x, y (m) and yaw (rad) of the middle of each."""
    kind: NDArray[np.int64]
    """(O,) `BOX` or `CAR`."""


def object_colours(*, is_colour: bool) -> NDArray[np.float32]:
    """(8, C) colours in full light: body and lid of a box, then those of `bodies.COLOURS`."""
    colours = np.array([boxes.BODY, boxes.LID, *bodies.COLOURS], np.float64)
    return (colours if is_colour else colours @ GREY_WEIGHTS[:, None]).astype(np.float32)


@njit(cache=True, nogil=True)
def draw_objects(poses: Any, things: Any, frames: Any, span: Any, eye: Any, colours: Any) -> None:
    """Draw the things that cars span[0] to span[1] - 1 meet into their frames.

    Args:
        poses: (N, 3 or more) x, y (m) and yaw (rad) of each car's origin.
        things: the Things that they meet.
        frames: (N, H, W, C) with the ground drawn.
        span: (first car, one past the last car).
        eye: (ahead of the origin m, height m, focal length px, cosine and sine of the pitch).
        colours: as `object_colours` gives them.
    """
    height, width, channels = frames.shape[1:]
    desk, order = make_desk(height, width, channels), _make_order(things)
    for car in range(span[0], span[1]):
        met = things.pose[car]
        _draw_met(poses[car], met, things.kind, frames[car], eye, colours, desk, order)


@njit(cache=True, nogil=True)
def draw_objects_each(
    poses: Any, things: Any, frames: Any, span: Any, eyes: Any, colours: Any
) -> None:
    """`draw_objects` with a camera and colours of its own for each car: (N, 5) and (N, 8, C)."""
    height, width, channels = frames.shape[1:]
    desk, order = make_desk(height, width, channels), _make_order(things)
    for car in range(span[0], span[1]):
        met, own = things.pose[car], eyes[car]
        eye = (own[0], own[1], own[2], own[3], own[4])
        _draw_met(poses[car], met, things.kind, frames[car], eye, colours[car], desk, order)


@njit(cache=True, nogil=True)
def _make_order(things: Any) -> Any:
    """Memory for the things that one car sees, from far to near: which, and their powers."""
    count = things.pose.shape[1]
    return np.empty(count, np.int64), np.empty(count)


@njit(cache=True, nogil=True)
def _draw_met(
    pose: Any, met: Any, kinds: Any, frame: Any, eye: Any, colours: Any, desk: Any, order: Any
) -> None:
    """Draw what one car meets, from far to near."""
    which, powers = order
    width = frame.shape[1]
    c, s = math.cos(pose[2]), math.sin(pose[2])
    x, y = pose[0] + eye[0] * c, pose[1] + eye[0] * s
    seen = 0
    for k in range(met.shape[0]):
        dx, dy = met[k, 0] - x, met[k, 1] - y
        forward, left = dx * c + dy * s, abs(dy * c - dx * s)
        # What a level camera of this width sees at most; pitch only narrows it at the ground.
        reach = REACH_M[kinds[k]]
        depth = (forward + reach) * eye[3] + eye[1] * eye[4]
        if depth <= NEAR_M or left - reach > depth * 0.5 * width / eye[2]:
            continue
        # The line of equal powers parts two circles that do not meet; see `_is_behind`.
        power, i = dx * dx + dy * dy - reach * reach, seen
        while i > 0:
            pair, both = (k, which[i - 1]), (power, powers[i - 1])
            if not _is_behind(met, kinds, pair, both, x, y):
                break
            powers[i], which[i] = powers[i - 1], which[i - 1]
            i -= 1
        powers[i], which[i] = power, k
        seen += 1
    for i in range(seen):
        k = which[i]
        if kinds[k] == BOX:
            draw_box((x, y, c, s), met[k], frame, eye, colours, desk)
        else:
            draw_car((x, y, c, s), met[k], frame, eye, colours, desk)


@njit(cache=True, nogil=True)
def _is_behind(met: Any, kinds: Any, pair: Any, powers: Any, x: float, y: float) -> bool:
    """Whether the first of two things must be drawn before the other.

    The power of a point is its squared distance to the middle of a circle less the squared
    radius. Things whose circles do not meet are in the order of the eye's powers. Of two that are
    closer together, a side of one parts them; the one on the eye's side of it is in front.
    """
    a, b = pair
    reach = REACH_M[kinds[a]] + REACH_M[kinds[b]]
    dx, dy = met[a, 0] - met[b, 0], met[a, 1] - met[b, 1]
    if dx * dx + dy * dy < reach * reach:
        parted = _parts(met[a], HALF[kinds[a]], met[b], HALF[kinds[b]], x, y)
        if parted != 0:
            return bool(parted > 0)
        parted = _parts(met[b], HALF[kinds[b]], met[a], HALF[kinds[a]], x, y)
        if parted != 0:
            return bool(parted < 0)
    return bool(powers[0] > powers[1])


@njit(cache=True, nogil=True)
def _parts(a: Any, a_half: Any, b: Any, b_half: Any, x: float, y: float) -> int:
    """Whether a side of rectangle a has all of b beyond it.

    Returns:
        1 if the eye is beyond that side too, so that a is behind; -1 if the eye is on a's side of
        it; 0 if no side of a parts them.
    """
    c, s = math.cos(a[2]), math.sin(a[2])
    bc, bs = math.cos(b[2]), math.sin(b[2])
    found = 0
    for side in range(4):
        axis, sign = side % 2, 1.0 if side < 2 else -1.0
        nx, ny = (sign * c, sign * s) if axis == 0 else (-sign * s, sign * c)
        middle = (b[0] - a[0]) * nx + (b[1] - a[1]) * ny
        spread = b_half[0] * abs(nx * bc + ny * bs) + b_half[1] * abs(ny * bc - nx * bs)
        if middle - spread < a_half[axis]:
            continue
        if (x - a[0]) * nx + (y - a[1]) * ny < a_half[axis]:
            return -1
        found = 1
    return found
