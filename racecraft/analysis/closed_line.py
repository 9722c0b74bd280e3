"""A closed line with heading and curvature: what a car that follows it does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Points = NDArray[np.float64]

SPACING_M = 0.05
"""About the distance between the points of a line."""
EASING_M = 0.12
"""Bends shorter than this are eased away: waypoints are corners, roads are not."""


@dataclass(frozen=True, eq=False)
class ClosedLine:
    """Equally spaced points of a smooth closed line; every array ends with its first point."""

    points: Points
    """(M, 2) metres, first == last."""
    along_m: Values
    """(M,) arc length; the last entry is the length of the line."""
    heading_rad: Values
    """(M,) direction of the line, without jumps: the last is the first plus a full turn."""
    curvature_per_m: Values
    """(M,) one over the radius; positive where the line bends to the left."""

    @classmethod
    def through(cls, points: Points, *, spacing_m: float = SPACING_M) -> ClosedLine:
        """The smooth line that follows (K, 2) points, first == last.

        Its first point lies beside the first of `points`. Waves longer than about 1 m pass
        unchanged, so bends keep their radius.
        """
        line, spacing_m = _resampled(np.asarray(points, dtype=np.float64), spacing_m)
        wave = 2j * np.pi * np.fft.rfftfreq(len(line), d=spacing_m)[:, None]  # radians per metre
        easing_m = max(EASING_M, 0.6 * _step_m(points))
        # Twice the Gaussian minus its square: bends are not pulled inwards, as by a Gaussian alone.
        kept = 1.0 - (1.0 - np.exp(0.5 * (wave * easing_m) ** 2)) ** 2
        series = np.fft.rfft(line, axis=0) * kept
        smooth, slope, turn = (
            np.fft.irfft(series * wave**order, n=len(line), axis=0) for order in range(3)
        )
        speed = np.linalg.norm(slope, axis=1)
        curvature = (slope[:, 0] * turn[:, 1] - slope[:, 1] * turn[:, 0]) / speed**3
        return cls(
            points=_closed(smooth),
            along_m=np.append(0.0, np.cumsum(_closed(speed)[1:] + speed) * spacing_m / 2),
            heading_rad=np.unwrap(np.arctan2(*_closed(slope).T[::-1])),
            curvature_per_m=_closed(curvature),
        )

    @property
    def length_m(self) -> float:
        """Length of the line."""
        return float(self.along_m[-1])

    @property
    def left(self) -> Points:
        """(M, 2) unit vectors that point to the left of the line."""
        return np.stack([-np.sin(self.heading_rad), np.cos(self.heading_rad)], axis=1)

    def poses_at(self, distance_m: Values) -> Values:
        """(N, 3) x, y and yaw (-pi to pi) at arc lengths, taken modulo the length."""
        values = np.column_stack([self.points, self.heading_rad])
        x, y, yaw = (self._at(distance_m, column) for column in values.T)
        return np.stack([x, y, np.arctan2(np.sin(yaw), np.cos(yaw))], axis=1)

    def curvature_at(self, distance_m: Values) -> Values:
        """(N,) curvature (1/m) at arc lengths, taken modulo the length."""
        return self._at(distance_m, self.curvature_per_m)

    def moved_left(self, offset_m: Values) -> ClosedLine:
        """The line beside this one, by (M,) distances of which the last equals the first."""
        return ClosedLine.through(self.points + offset_m[:, None] * self.left)

    def _at(self, distance_m: Values, values: Values) -> Values:
        return np.interp(np.mod(distance_m, self.length_m), self.along_m, values)


def _resampled(points: Points, spacing_m: float) -> tuple[Points, float]:
    """(M, 2) points at equal steps, the closing one left out, and how long the steps are."""
    along = np.append(0.0, np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1)))
    count = max(16, round(along[-1] / spacing_m))
    wanted = np.linspace(0.0, along[-1], count, endpoint=False)
    line = np.stack([np.interp(wanted, along, points[:, axis]) for axis in (0, 1)], axis=1)
    return line, float(along[-1] / count)


def _step_m(points: Points) -> float:
    """The usual distance between neighbours."""
    return float(np.median(np.linalg.norm(np.diff(points, axis=0), axis=1)))


def _closed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([values, values[:1]])
