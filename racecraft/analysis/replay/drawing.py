"""Kernels that draw on a frame: filled polygons with soft edges, discs, masks of text."""

from __future__ import annotations

# Kernels here are longer than the budget: each is one scan over pixels.
import math
from typing import Any

import numpy as np

from racecraft.sim.kernel import njit

GROWN = 0.8
"""Pixels by which edges are moved outwards, so that neighbours show no seam (0.5: not moved)."""


@njit(cache=True, nogil=True)
def fill_polygons(frame: Any, corners: Any, counts: Any, colours: Any) -> None:
    """Draw convex polygons, first to last, on an (H, W, 3) frame.

    Args:
        frame: (H, W, 3) uint8.
        corners: (P, V, 2) column and row of the corners, counter-clockwise as seen; only the first
            `counts[p]` of polygon p count. A polygon whose corners run the other way is skipped:
            it shows its back.
        counts: (P,) corners of each polygon.
        colours: (P, 4) red, green, blue (0-255) and opacity (0-1).
    """
    height, width = frame.shape[:2]
    edges = np.empty((corners.shape[1], 3))
    for p in range(corners.shape[0]):
        n = counts[p]
        if _edges_of(corners[p], n, edges) >= 0.0:
            continue
        x, y = corners[p, :n, 0], corners[p, :n, 1]
        left, right = max(x.min() - 1.0, 0.0), min(x.max() + 1.0, width - 1.0)
        for row in range(max(int(y.min()) - 1, 0), min(int(y.max()) + 2, height)):
            first, last = _span(edges, n, row, left, right, -GROWN)
            full_first, full_last = _span(edges, n, row, left, right, 1.0 - GROWN)
            for column in range(math.ceil(first), math.floor(last) + 1):
                share = colours[p, 3]
                if column < full_first or column > full_last:
                    share *= _cover(edges, n, row, column)
                _mix(frame[row, column], colours[p], share)


@njit(cache=True, nogil=True)
def _edges_of(corners: Any, n: int, edges: Any) -> Any:
    """Write each edge as a, b, c with a · column + b · row + c = distance inside of it.

    Returns:
        Twice the signed area, negative where the corners run counter-clockwise as seen.
    """
    area = 0.0
    for k in range(n):
        after = k + 1 if k + 1 < n else 0
        x, y = corners[k, 0], corners[k, 1]
        dx, dy = corners[after, 0] - x, corners[after, 1] - y
        area += x * dy - y * dx
        length = max(math.sqrt(dx * dx + dy * dy), 1e-6)
        edges[k, 0], edges[k, 1] = dy / length, -dx / length
        edges[k, 2] = edges[k, 0] * (0.5 - x) + edges[k, 1] * (0.5 - y)
    return area


@njit(cache=True, nogil=True)
def _span(edges: Any, n: int, row: int, first: float, last: float, inside: float) -> Any:
    """First and last place in a row that lie at least `inside` within all edges."""
    for k in range(n):
        slope, need = edges[k, 0], inside - edges[k, 1] * row - edges[k, 2]
        if slope > 1e-9:
            first = max(first, need / slope)
        elif slope < -1e-9:
            last = min(last, need / slope)
        elif need > 0.0:
            last = first - 1.0
    return first, last


@njit(cache=True, nogil=True)
def _cover(edges: Any, n: int, row: int, column: int) -> Any:
    """Share of a pixel on the rim that a polygon covers."""
    share = 1.0
    for k in range(n):
        share = min(share, edges[k, 0] * column + edges[k, 1] * row + edges[k, 2] + GROWN)
    return max(share, 0.0)


@njit(cache=True, nogil=True)
def _mix(pixel: Any, colour: Any, share: float) -> None:
    weight = np.int32(share * 256.0)
    for channel in range(3):
        new, old = np.int32(colour[channel]), np.int32(pixel[channel])
        pixel[channel] = np.uint8((old * (256 - weight) + new * weight + 128) >> 8)


@njit(cache=True, nogil=True)
def fill_disc(frame: Any, column: float, row: float, radius: float, colour: Any) -> None:
    """Draw a disc with a soft edge on an (H, W, 3) frame."""
    height, width = frame.shape[:2]
    for i in range(max(int(row - radius) - 1, 0), min(int(row + radius) + 2, height)):
        for j in range(max(int(column - radius) - 1, 0), min(int(column + radius) + 2, width)):
            gap = math.hypot(i + 0.5 - row, j + 0.5 - column)
            share = min(max(radius - gap + 0.5, 0.0), 1.0)
            for channel in range(3):
                old = frame[i, j, channel]
                frame[i, j, channel] = np.uint8(old + (colour[channel] - old) * share + 0.5)


@njit(cache=True, nogil=True)
def blend(frame: Any, picture: Any, column: int, row: int) -> None:
    """Lay an (h, w, 4) RGBA picture over a frame with its top left corner at a place."""
    height, width = frame.shape[:2]
    for i in range(max(0, -row), min(picture.shape[0], height - row)):
        for j in range(max(0, -column), min(picture.shape[1], width - column)):
            opacity = np.int32(picture[i, j, 3])
            if opacity > 0:
                for channel in range(3):
                    old = np.int32(frame[row + i, column + j, channel])
                    new = old * (255 - opacity) + picture[i, j, channel] * opacity
                    frame[row + i, column + j, channel] = np.uint8((new + 127) // 255)


@njit(cache=True, nogil=True)
def to_yuv(frame: Any, planes: Any) -> None:
    """(H, W, 3) RGB to the (H · 3 / 2, W) planes of 4:2:0 video (BT.601, limited range).

    Fixed point of 1/256, as the standard's own integer form.
    """
    height, width = frame.shape[:2]
    half, size = width // 2, (height // 2) * (width // 2)
    chroma = planes[height:].reshape(-1)
    for row in range(height):
        line = planes[row]
        for column in range(width):
            r, g, b = frame[row, column, 0], frame[row, column, 1], frame[row, column, 2]
            luma = np.int32(np.int32(66) * r + np.int32(129) * g)
            luma = np.int32(luma + np.int32(np.int32(25) * b + np.int32(4224)))
            line[column] = np.uint8(luma >> 8)
    for row in range(height // 2):
        upper, lower = frame[2 * row], frame[2 * row + 1]
        blue = chroma[row * half : (row + 1) * half]
        red = chroma[size + row * half : size + (row + 1) * half]
        for k in range(half):
            r = (
                np.int32(upper[2 * k, 0])
                + upper[2 * k + 1, 0]
                + lower[2 * k, 0]
                + lower[2 * k + 1, 0]
            )
            g = (
                np.int32(upper[2 * k, 1])
                + upper[2 * k + 1, 1]
                + lower[2 * k, 1]
                + lower[2 * k + 1, 1]
            )
            b = (
                np.int32(upper[2 * k, 2])
                + upper[2 * k + 1, 2]
                + lower[2 * k, 2]
                + lower[2 * k + 1, 2]
            )
            blue[k] = np.uint8(((-38 * r - 74 * g + 112 * b + 512) >> 10) + 128)
            red[k] = np.uint8(((112 * r - 94 * g - 18 * b + 512) >> 10) + 128)
