"""Lines within a road: the centre line, moved sideways by a smooth offset."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from racecraft.analysis.closed_line import ClosedLine
from racecraft.domain.track import Track, nearest_points

Values = NDArray[np.float64]
Matrix = NDArray[np.float64]
Bounds = tuple[Values, Values]

KNOT_M = 0.4
"""Distance between the places where the offset is free."""
INSIDE_SHARE = 0.8
"""How near a line may come to the centre of a bend, as a share of its radius."""


def offset_spline(length_m: float, stations: int) -> Matrix:
    """(M, Q) how much each knot moves each of M stations, for a track so long."""
    return _spline(stations, max(8, round(length_m / KNOT_M)))


def offset_room(track: Track, centre: ClosedLine, spline: Matrix, taken_m: float) -> Bounds:
    """(Q,) least and greatest offset of each knot, such that the line between them stays in."""
    points, bend = centre.points[:-1], centre.curvature_per_m[:-1]
    inner_m, outer_m = (
        np.linalg.norm(nearest_points(points, line)[2], axis=1)
        for line in (track.inner, track.outer)
    )
    left_m, right_m = (inner_m, outer_m) if track.is_counter_clockwise else (outer_m, inner_m)
    # Beyond the centre of a bend the offsets of its stations would cross each other.
    tight = INSIDE_SHARE / np.maximum(np.abs(bend), 1e-6)
    high = np.minimum(left_m - taken_m, np.where(bend > 0, tight, np.inf))
    low = -np.minimum(right_m - taken_m, np.where(bend < 0, tight, np.inf))
    # A road too narrow for the car leaves nothing to choose but its middle.
    middle = (left_m - right_m) / 2
    low, high = np.minimum(low, middle), np.maximum(high, middle)
    touched = spline > 0.0  # each knot keeps to the narrowest place that it moves
    return (
        np.where(touched, low[:, None], -np.inf).max(axis=0),
        np.where(touched, high[:, None], np.inf).min(axis=0),
    )


def _spline(stations: int, knots: int) -> Matrix:
    """(M, Q) weights of the knots of a closed cubic B-spline at each station."""
    place = np.arange(stations) * knots / stations
    away = np.abs(place[:, None] - np.arange(knots))
    away = np.minimum(away, knots - away)
    near = 2 / 3 - away**2 + away**3 / 2
    return np.asarray(np.where(away < 1, near, np.maximum(2 - away, 0.0) ** 3 / 6))
