"""Synthetic tracks whose geometry is known in closed form."""

from __future__ import annotations

import numpy as np

from racecraft.domain.track import Points, Track


def stadium(straight_m: float = 6.0, radius_m: float = 1.6, width_m: float = 0.8) -> Track:
    """Two straights along x, at y = 0 and y = 2 · radius, joined by half circles.

    Driven counter-clockwise from the origin, the middle of the lower straight.
    """
    half = 0.5 * straight_m
    angle = np.linspace(0.0, np.pi, 41)[1:-1]
    right = np.stack([half + radius_m * np.sin(angle), radius_m - radius_m * np.cos(angle)], axis=1)
    left = np.stack([-half - radius_m * np.sin(angle), radius_m + radius_m * np.cos(angle)], axis=1)
    lower, upper = np.linspace(0.0, half, 16), np.linspace(half, -half, 31)
    centre = np.concatenate(
        (
            _flat(lower, 0.0),
            right,
            _flat(upper, 2 * radius_m),
            left,
            _flat(lower - half, 0.0),
        )
    )
    middle = np.stack([np.clip(centre[:, 0], -half, half), np.full(len(centre), radius_m)], axis=1)
    outward = (centre - middle) / radius_m
    return Track(
        name="stadium",
        centre=centre,
        inner=centre - 0.5 * width_m * outward,
        outer=centre + 0.5 * width_m * outward,
    )


def _flat(x: Points, y: float) -> Points:
    return np.stack([x, np.full(len(x), y)], axis=1)
