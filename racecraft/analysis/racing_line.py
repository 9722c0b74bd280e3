"""The racing line: the way round a track that bends least and is not long.

Where a line bends less a car can go faster. The line is the centre line moved sideways by a
smooth offset within the road; the offset is found by least squares on the curvature
(Gauss-Newton), with the borders as bounds. Length counts a little beside curvature, because the
line of least curvature alone goes round an oval on the outside. Nothing here knows of brakes and
engines: a line of least time would brake late and cut later.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from racecraft.analysis.closed_line import ClosedLine
from racecraft.analysis.offsets import offset_room, offset_spline
from racecraft.domain.car import CarSpec
from racecraft.domain.track import Points, Track

Values = NDArray[np.float64]
Matrix = NDArray[np.float64]
Bounds = tuple[Values, Values]

STATION_M = 0.12
"""Distance between the places where the curvature is judged."""
MOST_STATIONS = 1000
"""On tracks longer than this allows everything is further apart, so that it stays quick."""
ROUNDS = 12
"""Gauss-Newton steps at most; about six are needed."""
LENGTH_WEIGHT_PER_M2 = 0.1
"""What a metre of line costs beside its squared curvature: as much as a bend of 3 m radius."""


def racing_line(track: Track, margin_m: float = 0.05, *, car: CarSpec | None = None) -> Points:
    """The line of least curvature for the origin of a car.

    Args:
        track: the road, in the direction in which it is driven.
        margin_m: room between the car's side and the border.
        car: the car; half of its width stays within the road.

    Returns:
        (K, 2) points in driving direction, first == last; the first lies beside waypoint 0.
    """
    spacing_m = max(STATION_M, track.length_m / MOST_STATIONS)
    centre = ClosedLine.through(track.centre, spacing_m=spacing_m)
    taken_m = margin_m + (car or CarSpec()).body_width_m / 2
    stations = len(centre.points) - 1
    spline = offset_spline(stations * STATION_M, stations)
    offset_m = spline @ _least_curvature(
        centre, spline, offset_room(track, centre, spline, taken_m)
    )
    points = centre.points[:-1] + offset_m[:, None] * centre.left[:-1]
    return np.concatenate([points, points[:1]])


def _least_curvature(centre: ClosedLine, spline: Matrix, bounds: Bounds) -> Values:
    """(Q,) offsets of the knots for which the line costs least."""
    moves = centre.left[:-1].T[:, :, None] * spline  # (2, M, Q)
    line, ways = centre.points[:-1].T, (moves, *_slopes(moves))
    offset = np.asarray(np.clip(0.0, *bounds))
    cost, gradient, matrix = _bending(line, ways, offset)
    for _ in range(ROUNDS):
        aim = _bounded(matrix, gradient - matrix @ offset, bounds, offset)
        share, before = 1.0, cost
        while share > 0.05:
            tried = offset + share * (aim - offset)
            cost, *slopes = _bending(line, ways, tried)
            if cost < before:
                break
            share /= 2
        else:
            break
        offset, (gradient, matrix) = tried, slopes
        if cost > before * (1 - 1e-4):
            break
    return offset


def _slopes(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """First and second differences round the loop, along axis 1."""
    ahead, behind = np.roll(values, -1, axis=1), np.roll(values, 1, axis=1)
    return (ahead - behind) / 2, ahead - 2 * values + behind


def _bending(
    line: Points, ways: tuple[NDArray[np.float64], ...], offset: Values
) -> tuple[float, Values, Matrix]:
    """What a line costs, the (Q,) gradient of half of that, and its (Q, Q) Gauss-Newton matrix.

    Args:
        line: (2, M) the line without any offset.
        ways: how each knot moves the line, and the first and second differences of that,
            (2, M, Q) each.
        offset: (Q,) offsets of the knots.
    """
    moves, moves_1, moves_2 = ways
    (x1, y1), (x2, y2) = _slopes(line + moves @ offset)
    step = np.hypot(x1, y1)
    turn = (x1 * y2 - y1 * x2) / step**2.5
    scale = np.sqrt(LENGTH_WEIGHT_PER_M2 / np.hypot(*_slopes(line)[0]).mean())
    change = (
        x1[:, None] * moves_2[1]
        + y2[:, None] * moves_1[0]
        - y1[:, None] * moves_2[0]
        - x2[:, None] * moves_1[1]
    ) / step[:, None] ** 2.5
    stretch = (x1[:, None] * moves_1[0] + y1[:, None] * moves_1[1]) / step[:, None]
    change -= 2.5 * (turn / step)[:, None] * stretch
    turn = np.concatenate([turn, scale * x1, scale * y1])
    change = np.concatenate([change, scale * moves_1[0], scale * moves_1[1]])
    matrix = change.T @ change
    matrix[np.diag_indices_from(matrix)] += 1e-6 * np.trace(matrix) / len(matrix)
    return float(turn @ turn), change.T @ turn, matrix


def _bounded(matrix: Matrix, slope: Values, bounds: Bounds, start: Values) -> Values:
    """The x within bounds for which half of x'Mx plus slope'x is least (projected Newton)."""
    low, high = bounds
    x = start
    for _ in range(40):
        gradient = matrix @ x + slope
        is_free = ~(((x <= low) & (gradient > 0)) | ((x >= high) & (gradient < 0)))
        way = np.zeros_like(x)
        way[is_free] = -_solved(matrix[np.ix_(is_free, is_free)], gradient[is_free])
        share, before = 1.0, x
        value = x @ (gradient + slope)  # twice the value
        while share > 1e-4:
            x = np.clip(before + share * way, low, high)
            if x @ (matrix @ x + 2 * slope) <= value:
                break
            share /= 2
        if np.abs(x - before).max() < 1e-5:
            break
    return x


def _solved(matrix: Matrix, right: Values) -> Values:
    """The x of Mx = right, for a symmetric positive matrix.

    By hand after Cholesky: at this size the library's own solver takes a hundred times as long
    on a machine whose cores are busy with a training, because its threads wait for each other.
    """
    lower = np.linalg.cholesky(matrix)
    x = right.copy()
    for row in range(len(x)):
        x[row] = (x[row] - lower[row, :row] @ x[:row]) / lower[row, row]
    for row in range(len(x) - 1, -1, -1):
        x[row] = (x[row] - lower[row + 1 :, row] @ x[row + 1 :]) / lower[row, row]
    return x
