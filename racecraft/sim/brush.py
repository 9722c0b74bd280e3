"""Kernels that paint: closed shapes and lines with soft edges, grain, pyramid levels.

All lengths here are texels, and all arrays have row 0 in the south.
"""

from __future__ import annotations

# Kernels here are longer than the budget: each is one scan over texels.
import math
from typing import Any

import numpy as np

from racecraft.sim.kernel import njit

SOFT = 2.0
"""Width in texels of the ramp at the edge of a line; narrower ones show the staircase of texels."""


@njit(cache=True, nogil=True)
def sweep_edges(area: Any, line: Any) -> None:
    """Add, for every edge and texel row, how much it changes the covered share (exact area).

    A running sum along the row then gives the coverage, as font rasterisers do it. Long because
    it is one scan; splitting it would hand seven numbers from part to part.
    """
    for k in range(line.shape[0] - 1):
        x0, y0, x1, y1 = line[k, 0], line[k, 1], line[k + 1, 0], line[k + 1, 1]
        if y0 == y1:
            continue
        sign = 1.0
        if y0 > y1:
            sign, x0, y0, x1, y1 = -1.0, x1, y1, x0, y0
        slope = (x1 - x0) / (y1 - y0)
        for row in range(int(y0), math.ceil(y1)):
            top, bottom = max(y0, float(row)), min(y1, row + 1.0)
            height = (bottom - top) * sign
            left = x0 + (top - y0) * slope
            right = x0 + (bottom - y0) * slope
            if left > right:
                left, right = right, left
            before = 0.0
            for column in range(int(left), int(right) + 1):
                # share of the piece of the edge, and of the texel right of it, in this column
                far = min(right, column + 1.0)
                near = max(left, float(column))
                part = 1.0 if right <= left else (far - near) / (right - left)
                middle = 0.5 * (far + near) - column
                area[row, column] += np.float32(before + height * part * (1.0 - middle))
                before = height * part * middle
            area[row, int(right) + 1] += np.float32(before)


@njit(cache=True, nogil=True)
def sum_up(area: Any) -> None:
    """Turn changes along each row into coverage between 0 and 1, whichever way the line turns."""
    for row in range(area.shape[0]):
        total = 0.0
        for column in range(area.shape[1]):
            total += area[row, column]
            area[row, column] = np.float32(min(abs(total), 1.0))


@njit(cache=True, nogil=True)
def soften(cover: Any) -> None:
    """Mix each texel with its neighbours (1 2 1, along both axes), in place; the rim stays."""
    rows, columns = cover.shape
    quarter, half = np.float32(0.25), np.float32(0.5)
    for row in range(rows):
        before = cover[row, 0]
        for column in range(1, columns - 1):
            here = cover[row, column]
            cover[row, column] = quarter * (before + cover[row, column + 1]) + half * here
            before = here
    south = cover[0].copy()
    for row in range(1, rows - 1):
        for column in range(columns):
            here = cover[row, column]
            cover[row, column] = quarter * (south[column] + cover[row + 1, column]) + half * here
            south[column] = here


@njit(cache=True, nogil=True)
def stroke(cover: Any, starts: Any, ends: Any, radius: float) -> None:
    """Draw pieces of line with round ends; `cover` keeps the largest share of each texel."""
    reach = radius + SOFT
    for k in range(starts.shape[0]):
        x0, y0 = starts[k, 0], starts[k, 1]
        dx, dy = ends[k, 0] - x0, ends[k, 1] - y0
        square = max(dx * dx + dy * dy, 1e-12)
        for row in range(int(min(y0, y0 + dy) - reach), int(max(y0, y0 + dy) + reach) + 1):
            for column in range(int(min(x0, x0 + dx) - reach), int(max(x0, x0 + dx) + reach) + 1):
                px, py = column + 0.5 - x0, row + 0.5 - y0
                share = min(max((px * dx + py * dy) / square, 0.0), 1.0)
                gap = math.hypot(px - share * dx, py - share * dy)
                value = np.float32(min(max((radius - gap) / SOFT + 0.5, 0.0), 1.0))
                cover[row, column] = max(cover[row, column], value)


@njit(cache=True, nogil=True, inline="always")
def _noise(column: int, row: int) -> Any:
    """A number between -1 and 1 from a place on the grid (an integer hash, no state)."""
    h = np.uint32(column) * np.uint32(0x8DA6B343) ^ np.uint32(row) * np.uint32(0xD8163841)
    h = np.uint32(h ^ (h >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
    h = np.uint32(h)
    h = np.uint32((h ^ (h >> np.uint32(12))) * np.uint32(0x297A2D39))
    h = np.uint32(h ^ (h >> np.uint32(15)))
    return np.float32(h >> np.uint32(8)) * np.float32(2.0 / 16777215.0) - np.float32(1.0)


@njit(cache=True, nogil=True)
def compose(picture: Any, road: Any, lines: Any, dashes: Any, palette: Any, first: Any) -> None:
    """Mix the colours of each texel: field, then road, then lines, each by its share."""
    for row in range(picture.shape[0]):
        y = row + first[1]
        for column in range(picture.shape[1]):
            x = column + first[0]
            asphalt = road[row, column]
            white = lines[row, column] * asphalt
            orange = dashes[row, column] * asphalt
            fine = _noise(x, y)
            grain = np.float32(4.0) * fine * (np.float32(1.0) - max(white, orange))
            tuft = np.float32(0.0)
            if asphalt < 1.0:
                tuft = np.float32(6.0) * fine + np.float32(7.0) * _noise(x >> 3, y >> 3)
                tuft += np.float32(5.0) * _noise((x >> 5) + 7919, y >> 5)
            for channel in range(3):
                value = palette[0, channel] + grain
                value += (palette[2, channel] - value) * orange
                value += (palette[1, channel] - value) * white
                field = palette[3, channel] + tuft
                value = field + (value - field) * asphalt
                picture[row, column, channel] = np.uint8(value + np.float32(0.5))


@njit(cache=True, nogil=True)
def halved(picture: Any) -> Any:
    """The next level: means of 2 × 2 texels, rounded to nearest."""
    rows, columns = picture.shape[0] // 2, picture.shape[1] // 2
    half = np.empty((rows, columns, 3), dtype=np.uint8)
    for row in range(rows):
        for column in range(columns):
            for channel in range(3):
                total = np.int32(2)
                for a in range(2):
                    for b in range(2):
                        total += picture[2 * row + a, 2 * column + b, channel]
                half[row, column, channel] = np.uint8(total >> 2)
    return half


@njit(cache=True, nogil=True)
def pack(plane: Any, texels: Any) -> None:
    """Write (H, W) texels with their eastern and northern neighbours, see `Atlas`."""
    rows, columns = plane.shape
    for row in range(rows):
        north = min(row + 1, rows - 1)
        for column in range(columns):
            east = min(column + 1, columns - 1)
            texels[row * columns + column] = np.uint32(
                plane[row, column]
                | (np.uint32(plane[row, east]) << np.uint32(8))
                | (np.uint32(plane[north, column]) << np.uint32(16))
                | (np.uint32(plane[north, east]) << np.uint32(24))
            )


@njit(cache=True, nogil=True)
def mixed(picture: Any, weights: Any) -> Any:
    """(H, W) weighted sums over the channels of (H, W, 3), rounded to nearest."""
    grey = np.empty(picture.shape[:2], dtype=np.uint8)
    for row in range(picture.shape[0]):
        for column in range(picture.shape[1]):
            texel = picture[row, column]
            value = texel[0] * weights[0] + texel[1] * weights[1] + texel[2] * weights[2]
            grey[row, column] = np.uint8(value + 0.5)
    return grey
