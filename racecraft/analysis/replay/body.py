"""The shape of the car in the film: convex blocks, shaded by one sun, seen from behind.

Points are metres in the car frame (x forward, y left, z up); sizes follow `CarSpec`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.car import CarSpec

Points = NDArray[np.float64]

PAINT, TRIM, GLASS, TYRE, RIM, LAMP = (
    (226, 62, 48),
    (44, 46, 52),
    (38, 58, 78),
    (30, 30, 33),
    (176, 180, 186),
    (255, 190, 96),
)
SHADOW_OPACITY = 0.42
SUN = np.array([-0.35, 0.45, 0.82]) / math.sqrt(0.35**2 + 0.45**2 + 0.82**2)
WHEEL_RADIUS_M, WHEEL_WIDTH_M, WHEEL_SIDES = 0.036, 0.034, 14
CORNERS = WHEEL_SIDES


@dataclass(frozen=True)
class Faces:
    """Flat convex faces, each with a part of the car that it belongs to."""

    corners: Points
    """(F, CORNERS, 3) counter-clockwise seen from outside."""
    counts: NDArray[np.int64]
    """(F,) how many of the corners count."""
    colours: Points
    """(F, 4) red, green, blue (0-255) and opacity (0-1)."""
    steers: NDArray[np.bool_]
    """(F,) faces of the front wheels."""
    hinge: Points
    """(F, 2) x, y about which a face that steers turns."""


def car_faces(car: CarSpec) -> Faces:
    """All faces of the car; the first ones are its shadow."""
    faces: list[tuple[Points, tuple[int, int, int], float, tuple[float, float] | None]] = []
    for grown in (0.0, 0.012, 0.024):
        faces.append((_shadow(car, grown), (12, 14, 16), SHADOW_OPACITY / 2.2, None))
    for is_front in (False, True):
        for side in (-1.0, 1.0):
            hinge = (car.wheel_x_m[is_front], side * car.wheel_y_m[is_front])
            for face, colour in _wheel(*hinge):
                faces.append((face, colour, 1.0, hinge if is_front else None))
    for block in _blocks():
        faces += [(face, colour, 1.0, None) for face, colour in block]
    corners = np.zeros((len(faces), CORNERS, 3))
    for k, (face, *_) in enumerate(faces):
        corners[k, : len(face)] = face
    return Faces(
        corners=corners,
        counts=np.array([len(face) for face, *_ in faces], dtype=np.int64),
        colours=np.array([(*colour, opacity) for _, colour, opacity, _ in faces], dtype=np.float64),
        steers=np.array([hinge is not None for *_, hinge in faces]),
        hinge=np.array([hinge or (0.0, 0.0) for *_, hinge in faces]),
    )


def shades(faces: Faces) -> Points:
    """(F, 4) colours of the faces in the light of the sun; the shadow keeps its own."""
    first = faces.corners[:, 1] - faces.corners[:, 0]
    second = faces.corners[:, 2] - faces.corners[:, 0]
    normal = np.cross(first, second)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    light = 0.66 + 0.34 * np.clip(normal @ SUN, -0.6, 1.0)
    shaded = faces.colours.copy()
    lit = shaded[:, 3] == 1.0
    shaded[lit, :3] = np.minimum(shaded[lit, :3] * light[lit, None], 255.0)
    return shaded


def _shadow(car: CarSpec, grown: float) -> Points:
    """A rounded rectangle on the road, a little on the side away from the sun."""
    angle = np.linspace(0.0, 2.0 * math.pi, CORNERS, endpoint=False)
    cosine, sine = np.cos(angle), np.sin(angle)
    x = np.sign(cosine) * np.abs(cosine) ** 0.45 * (0.5 * car.body_length_m + grown)
    y = np.sign(sine) * np.abs(sine) ** 0.45 * (0.5 * car.body_width_m + grown)
    return np.stack([x + 0.008, y - 0.014, np.full(CORNERS, 0.001)], axis=1)


def _wheel(x: float, y: float) -> list[tuple[Points, tuple[int, int, int]]]:
    angle = np.linspace(0.0, 2.0 * math.pi, WHEEL_SIDES, endpoint=False)
    ring = np.stack(
        [
            x + WHEEL_RADIUS_M * np.cos(angle),
            np.full(WHEEL_SIDES, y),
            WHEEL_RADIUS_M * (1.0 + np.sin(angle)),
        ],
        axis=1,
    )
    half = np.array([0.0, 0.5 * WHEEL_WIDTH_M, 0.0])
    right, left = ring - half, ring + half
    hub = np.array([x, y, WHEEL_RADIUS_M])
    faces = [(right, TYRE), (left[::-1], TYRE)]
    for k in range(WHEEL_SIDES):
        after = (k + 1) % WHEEL_SIDES
        faces.append((np.array([right[k], left[k], left[after], right[after]]), TYRE))
    for disc, shift in ((right, -0.0005), (left[::-1], 0.0005)):
        smaller = hub + (disc - hub) * [0.55, 1.0, 0.55] + [0.0, shift, 0.0]
        faces.append((smaller, RIM))
    return faces


Block = list[tuple[Points, tuple[int, int, int]]]


def _blocks() -> list[Block]:
    """Floor, body, nose, cabin, wing and lamps: each a box whose top may be smaller."""
    return [
        _box((-0.150, 0.150, 0.062), (-0.150, 0.150, 0.062), (0.022, 0.046), TRIM),
        _box((-0.158, 0.060, 0.070), (-0.150, 0.060, 0.064), (0.046, 0.086), PAINT),
        _box((0.060, 0.166, 0.066), (0.060, 0.150, 0.052), (0.046, 0.074), PAINT),
        _box((-0.110, 0.062, 0.058), (-0.080, 0.006, 0.042), (0.086, 0.122), GLASS, PAINT),
        *(_box(*_post(side), (0.086, 0.118), TRIM) for side in (-1.0, 1.0)),
        _box((-0.172, -0.134, 0.086), (-0.172, -0.134, 0.086), (0.118, 0.126), TRIM, PAINT),
        *(_lamp(side) for side in (-1.0, 1.0)),
    ]


def _post(side: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    base = (-0.156, -0.144, 0.004, side * 0.045)
    return base, base


def _lamp(side: float) -> Block:
    y0, y1 = side * 0.044 - 0.013, side * 0.044 + 0.013
    x = -0.1575
    return [(np.array([[x, y1, 0.060], [x, y0, 0.060], [x, y0, 0.072], [x, y1, 0.072]]), LAMP)]


def _box(
    base: tuple[float, ...],
    top: tuple[float, ...],
    z: tuple[float, float],
    colour: tuple[int, int, int],
    roof: tuple[int, int, int] | None = None,
) -> Block:
    """A block from `base` to `top`, each (rear x, front x, half width[, middle y])."""
    low, high = _rectangle(base, z[0]), _rectangle(top, z[1])
    sides = [
        (np.array([low[k], low[(k + 1) % 4], high[(k + 1) % 4], high[k]]), colour) for k in range(4)
    ]
    return [*sides, (high, roof or colour)]


def _rectangle(size: tuple[float, ...], z: float) -> Points:
    """(4, 3) corners, counter-clockwise from above."""
    rear, front, half = size[:3]
    middle = size[3] if len(size) > 3 else 0.0
    return np.array(
        [
            [rear, middle - half, z],
            [front, middle - half, z],
            [front, middle + half, z],
            [rear, middle + half, z],
        ]
    )
