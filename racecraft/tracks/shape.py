"""Shapes: how the few corners of a `track.json` become the waypoints of a road.

A shape is a closed polygon in metres (x east, y north) whose corners are rounded: each is
`[x, y, radius]`. The road runs straight between the arcs, in the order of the corners, and
its start line lies halfway along the straight that leads to the first corner. Where straight
and arc meet the curvature would jump; a Gaussian along the line eases it, as a real road does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.errors import InvalidTrack
from racecraft.domain.track import Points

FINE_M = 0.02
"""Spacing of the line on which corners are rounded and eased."""
SHORT_TRACK_M = 30.0
"""Up to this length waypoints are 0.15 m apart, beyond it 0.25 m."""
DECIMALS = 6
"""Waypoints are rounded to a micrometre, so that every machine has the same ones."""


class Shape(BaseModel):
    """A rounded polygon, as drawn in `track.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    corners: tuple[tuple[float, float, float], ...] = Field(
        min_length=3, description="x, y and radius of each corner (m), in driving direction"
    )
    easing_m: float = Field(
        0.25, ge=0.05, le=1.0, description="how gently straights and arcs flow into each other"
    )


def draw(shape: Shape, width_m: float) -> tuple[Points, Points, Points]:
    """Waypoints of a shape: (K, 2) centre line, inner and outer border; first row == last row.

    Raises:
        InvalidTrack: two corners need more room than the edge between them has.
    """
    line, slope = _ease(_rounded(np.array(shape.corners)), shape.easing_m)
    along = np.linalg.norm(np.diff(line, axis=0, append=line[:1]), axis=1).cumsum()
    centre, slope = _equal_steps(line, along), _equal_steps(slope, along)
    left = np.stack([-slope[:, 1], slope[:, 0]], axis=1) / np.linalg.norm(slope, axis=1)[:, None]
    if _signed_area(centre) < 0:  # clockwise: the inside of the loop is on the right
        left = -left
    inner, outer = centre + left * width_m / 2, centre - left * width_m / 2
    return _closed(centre), _closed(inner), _closed(outer)


def _rounded(corners: NDArray[np.float64]) -> Points:
    """(M, 2) points, FINE_M apart, of straights and arcs; the closing point is left out."""
    point, radius = corners[:, :2], corners[:, 2]
    edge = point - np.roll(point, 1, axis=0)  # edge i leads to corner i
    edge_m = np.linalg.norm(edge, axis=1)
    heading = np.arctan2(edge[:, 1], edge[:, 0])
    turn = np.mod(np.roll(heading, -1) - heading + np.pi, 2 * np.pi) - np.pi
    tangent_m = radius * np.tan(np.abs(turn) / 2)
    _check_room(edge_m, tangent_m)
    unit = edge / edge_m[:, None]
    entry = point - unit * tangent_m[:, None]
    start = (entry[0] + point[-1] + unit[0] * tangent_m[-1]) / 2
    line = [start[None]]
    for corner in range(len(corners)):
        swept = np.linspace(0.0, turn[corner], max(2, int(radius[corner] * 6 / FINE_M)))
        side = np.sign(turn[corner])
        bearing = heading[corner] + swept - side * np.pi / 2
        hub = entry[corner] + radius[corner] * side * np.array(
            [-np.sin(heading[corner]), np.cos(heading[corner])]
        )
        line.append(hub + radius[corner] * np.stack([np.cos(bearing), np.sin(bearing)], axis=1))
    return _resample(np.concatenate([*line, start[None]]))


def _check_room(edge_m: NDArray[np.float64], tangent_m: NDArray[np.float64]) -> None:
    needed = tangent_m + np.roll(tangent_m, 1)
    worst = int(np.argmax(needed - edge_m))
    if needed[worst] > edge_m[worst] + 1e-9:
        before = (worst - 1) % len(edge_m) + 1
        raise InvalidTrack(
            f"Corners {before} and {worst + 1} of the shape need {needed[worst]:.2f} m of the "
            f"{edge_m[worst]:.2f} m between them; make a radius smaller or move them apart."
        )


def _resample(line: Points) -> Points:
    """Equal steps of about FINE_M along a closed line; the closing point is left out."""
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    count = round(along[-1] / FINE_M)
    wanted = np.linspace(0.0, along[-1], count, endpoint=False)
    return np.stack([np.interp(wanted, along, line[:, axis]) for axis in (0, 1)], axis=1)


def _ease(line: Points, easing_m: float) -> tuple[Points, Points]:
    """Gaussian of standard deviation `easing_m` along a closed line of equal steps.

    Done on the line's Fourier series, which gives the exact (M, 2) slope as well.
    """
    wave = 2j * np.pi * np.fft.rfftfreq(len(line), d=FINE_M)[:, None]  # times radians per metre
    series = np.fft.rfft(line, axis=0) * np.exp(0.5 * (wave * easing_m) ** 2)
    smooth, slope = (np.fft.irfft(one, n=len(line), axis=0) for one in (series, series * wave))
    return smooth, slope


def _equal_steps(values: Points, along: NDArray[np.float64]) -> Points:
    """(K-1, 2) values at equal arc lengths, from those at 0 and `along[:-1]`."""
    length_m = along[-1]
    spacing_m = 0.15 if length_m <= SHORT_TRACK_M else 0.25
    wanted = np.linspace(0.0, length_m, round(length_m / spacing_m), endpoint=False)
    known = np.concatenate([[0.0], along])
    looped = np.concatenate([values, values[:1]])
    return np.stack([np.interp(wanted, known, looped[:, axis]) for axis in (0, 1)], axis=1)


def _signed_area(line: Points) -> float:
    x, y = line.T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2


def _closed(line: Points) -> Points:
    rounded = np.round(line, DECIMALS)
    return np.ascontiguousarray(np.concatenate([rounded, rounded[:1]]))
