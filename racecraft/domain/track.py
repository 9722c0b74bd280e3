"""A track: a closed road between two borders, and where a point lies on it.

Frame: metres, x east, y north. The rows of the three lines are in driving direction, and the
first row equals the last. `inner` is the border on the inside of the loop, whichever way the
cars go round. Distances along the track start at waypoint 0, the finish line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
PAIRS_AT_ONCE = 500_000
"""Point-segment pairs compared in one go, so that memory stays small."""


@dataclass(frozen=True)
class TrackPosition:
    """Where points lie along and across a track; every field has one entry a point."""

    distance_m: NDArray[np.float64]
    """Arc length from waypoint 0 to the nearest point of the centre line, 0 to the track length."""
    offset_m: NDArray[np.float64]
    """Signed distance from the centre line; left of the driving direction is positive."""
    segment: NDArray[np.int64]
    """Index of the waypoint behind the nearest point of the centre line."""


@dataclass(frozen=True, eq=False)
class RacingLine:
    """The fastest way round a track, told at its waypoints."""

    points: Points
    """(K, 2) where to drive beside each waypoint, first == last."""
    speed_mps: NDArray[np.float64]
    """(K,) the speed to choose there."""


@dataclass(frozen=True, eq=False)
class Track:
    """One closed track in one driving direction."""

    name: str
    centre: Points
    """(K, 2) waypoints of the centre line, first == last."""
    inner: Points
    """(K, 2) border on the inside of the loop."""
    outer: Points
    """(K, 2) border on the outside of the loop."""
    is_reversed: bool = False
    """True when the cars drive against the row order of the track's file."""
    racing_line: RacingLine | None = None
    """What reward functions are told of the fastest way round, if somebody worked it out."""

    @cached_property
    def cumulative_m(self) -> NDArray[np.float64]:
        """(K,) arc length of each waypoint; the last entry is the track length."""
        steps = np.linalg.norm(np.diff(self.centre, axis=0), axis=1)
        return np.concatenate(([0.0], np.cumsum(steps)))

    @property
    def length_m(self) -> float:
        """Length of the centre line."""
        return float(self.cumulative_m[-1])

    @cached_property
    def width_m(self) -> float:
        """Median width of the road: each waypoint's distance to the inner plus to the outer border.

        Not row by row, because in some files a border runs ahead of the centre line.
        """
        sides = [nearest_points(self.centre, line) for line in (self.inner, self.outer)]
        return float(np.median(sum(np.linalg.norm(gap, axis=1) for _, _, gap in sides)))

    @cached_property
    def is_counter_clockwise(self) -> bool:
        """True when the cars go round the loop counter-clockwise."""
        x, y = self.centre[:-1].T
        return bool(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) > 0)

    def reversed(self) -> Track:
        """The same road driven the other way; waypoint 0 stays where it is."""
        return replace(
            self,
            centre=self.centre[::-1].copy(),
            inner=self.inner[::-1].copy(),
            outer=self.outer[::-1].copy(),
            is_reversed=not self.is_reversed,
            racing_line=None,
        )

    def locate(self, points: Points) -> TrackPosition:
        """Project (N, 2) points on the nearest point of the centre line."""
        points = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        segment, share, gap = nearest_points(points, self.centre)
        along = self.centre[segment + 1] - self.centre[segment]
        side = along[:, 0] * gap[:, 1] - along[:, 1] * gap[:, 0]
        return TrackPosition(
            distance_m=self.cumulative_m[segment] + share * np.linalg.norm(along, axis=1),
            offset_m=np.copysign(np.linalg.norm(gap, axis=1), side),
            segment=segment,
        )

    def point_at(self, distance_m: NDArray[np.float64] | float) -> Points:
        """(N, 2) points of the centre line at arc lengths, taken modulo the track length."""
        wanted = np.mod(np.atleast_1d(distance_m), self.length_m)
        return np.stack(
            [np.interp(wanted, self.cumulative_m, self.centre[:, axis]) for axis in (0, 1)], axis=1
        )

    def heading_at(self, distance_m: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """(N,) direction of the centre line (rad) towards the next waypoint at arc lengths."""
        wanted = np.mod(np.atleast_1d(distance_m), self.length_m)
        ahead = np.searchsorted(self.cumulative_m, wanted, side="right")
        ahead = np.where(ahead == len(self.centre), 1, ahead)  # rounding made it a full lap
        direction = self.centre[ahead] - self.centre[ahead - 1]
        heading: NDArray[np.float64] = np.arctan2(direction[:, 1], direction[:, 0])
        return heading


def nearest_points(points: Points, line: Points) -> tuple[NDArray[np.int64], Points, Points]:
    """Nearest point of a line of (K, 2) waypoints to each of (N, 2) points.

    Returns:
        (N,) segment, (N,) share of that segment from 0 to 1, (N, 2) way from there to the point.
    """
    start, along = line[:-1], np.diff(line, axis=0)  # (K-1, 2)
    square = np.maximum((along**2).sum(axis=1), 1e-18)
    segment = np.empty(len(points), dtype=np.int64)
    shares, gaps = np.empty(len(points)), np.empty((len(points), 2))
    block = max(1, PAIRS_AT_ONCE // len(along))
    for first in range(0, len(points), block):
        chosen = slice(first, first + block)
        relative = points[chosen, None, :] - start[None]  # (n, K-1, 2)
        share = np.clip((relative * along).sum(axis=2) / square, 0.0, 1.0)  # (n, K-1)
        gap = relative - share[..., None] * along
        segment[chosen] = np.argmin((gap**2).sum(axis=2), axis=1)
        rows = np.arange(len(share))
        shares[chosen] = share[rows, segment[chosen]]
        gaps[chosen] = gap[rows, segment[chosen]]
    return segment, shares, gaps
