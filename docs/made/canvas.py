"""Drawing on a road with SVG: metres in, points of the picture out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from itertools import product

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.car import CarSpec
from racecraft.domain.track import Track

PAPER, ROAD, BORDER, DASH = "#e4ead9", "#4a4f57", "#ffffff", "#f2a33c"
INK, RED, BLUE, GREEN, GREY = "#1c2126", "#c62f3a", "#1f5fbf", "#1d7f4f", "#7a828c"
TYRE = "#15181b"
CAR = CarSpec()

Points = NDArray[np.float64]
Place = Sequence[float] | Points
"""East and north, in metres."""


class Canvas:
    """A picture of a piece of the world; x east, y north, in metres."""

    def __init__(self, corner_m: tuple[float, float], size_m: tuple[float, float], width: int):
        self._corner, self.scale = corner_m, width / size_m[0]
        self.width, self.height = width, round(size_m[1] * self.scale)
        self._parts: list[str] = []

    def at(self, point_m: Place) -> tuple[float, float]:
        """Where a point of the world lies in the picture."""
        x = (point_m[0] - self._corner[0]) * self.scale
        return x, self.height - (point_m[1] - self._corner[1]) * self.scale

    def path(self, points_m: Iterable[Place], colour: str, width: float, dash: str = "") -> None:
        """A line through points."""
        words = "L".join("{:.1f} {:.1f}".format(*self.at(point)) for point in points_m)
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<path d="M{words}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
            f'stroke-linejoin="round" stroke-linecap="round"{dashes}/>'
        )

    def arrow(self, start_m: Place, end_m: Place, colour: str) -> None:
        """A line with a head at its end."""
        self.path((start_m, end_m), colour, 2.5)
        (x0, y0), (x1, y1) = self.at(start_m), self.at(end_m)
        turn = math.atan2(y1 - y0, x1 - x0)
        sides = [
            (x1 - 11 * math.cos(turn + side), y1 - 11 * math.sin(turn + side))
            for side in (-0.42, 0.42)
        ]
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in ((x1, y1), *sides))
        self._parts.append(f'<polygon points="{corners}" fill="{colour}"/>')

    def dot(self, point_m: Place, colour: str, radius: float = 4.0) -> None:
        """A point."""
        x, y = self.at(point_m)
        self._parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{colour}"/>')

    def text(
        self,
        point_m: Place,
        words: str,
        colour: str = INK,
        *,
        anchor: str = "start",
        shift: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        """Words beside a point, with a rim of paper so that they can be read on any ground."""
        x, y = self.at(point_m)
        self._parts.append(
            f'<text x="{x + shift[0]:.1f}" y="{y + shift[1]:.1f}" fill="{colour}" '
            f'text-anchor="{anchor}">{escape(words)}</text>'
        )

    def road(self, track: Track, start_m: float, end_m: float) -> None:
        """A stretch of a road: asphalt, borders and the dashed line in the middle."""
        along = np.linspace(start_m, end_m, 200)
        centre, heading = track.point_at(along), track.heading_at(along)
        left = np.stack([-np.sin(heading), np.cos(heading)], axis=1)
        half = 0.5 * track.width_m
        self.path(centre.tolist(), ROAD, track.width_m * self.scale)
        for side in (-half, half):
            self.path((centre + side * left).tolist(), BORDER, 4)
        self.path(centre.tolist(), DASH, 2, dash="9 7")

    def car(self, nose_m: Place, heading_rad: float, colour: str, steer_rad: float = 0.0) -> None:
        """A car of true size, seen from above, whose nose is at a point."""
        ahead = np.array([math.cos(heading_rad), math.sin(heading_rad)])
        left = np.array([-ahead[1], ahead[0]])
        middle = np.asarray(nose_m) - CAR.nose_m * ahead
        axles = zip(CAR.wheel_x_m, CAR.wheel_y_m, strict=True)
        for (x, half_gauge), side in product(axles, (-1, 1)):
            turn = heading_rad + (steer_rad if x > 0 else 0.0)
            half_wheel = np.array([math.cos(turn), math.sin(turn)]) * 0.03
            hub = middle + x * ahead + side * half_gauge * left
            self.path((hub - half_wheel, hub + half_wheel), TYRE, 0.03 * self.scale)
        long, wide = 0.5 * CAR.body_length_m, 0.3 * CAR.body_width_m
        front = ((long, 0.4 * wide), (long, -0.4 * wide), (0.02, -wide))
        hull = (*front, (-long, -wide), (-long, wide), (0.02, wide))
        corners = [self.at(middle + x * ahead + y * left) for x, y in hull]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
        self._parts.append(f'<polygon points="{points}" fill="{colour}" stroke="{PAPER}"/>')

    def box(self, middle_m: Place, heading_rad: float, colour: str) -> None:
        """A box of true size."""
        ahead = np.array([math.cos(heading_rad), math.sin(heading_rad)])
        left = np.array([-ahead[1], ahead[0]])
        corners = [
            self.at(np.asarray(middle_m) + x * ahead + y * left)
            for x, y in ((0.2, 0.15), (0.2, -0.15), (-0.2, -0.15), (-0.2, 0.15))
        ]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
        self._parts.append(f'<polygon points="{points}" fill="{colour}" stroke="{PAPER}"/>')

    def svg(self, title: str) -> str:
        """The picture as text."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
            f'width="{self.width}" height="{self.height}" role="img" '
            'font-family="system-ui, sans-serif" font-size="15" font-weight="600">\n'
            f"<title>{escape(title)}</title>\n"
            f"<style>text{{paint-order:stroke;stroke:{PAPER};stroke-width:4px}}</style>\n"
            f'<rect width="100%" height="100%" rx="12" fill="{PAPER}"/>\n'
            + "\n".join(self._parts)
            + "\n</svg>\n"
        )
