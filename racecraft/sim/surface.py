"""The painted ground of a track: road, lines and field as a pyramid of ever coarser pictures.

Level 0 has texels of about 1 cm; each level above averages 2 × 2 texels of the one below.
Row 0 of a level is its southern edge, so array indices grow with x and y. The outermost ring of
every level has the mean colour of the field: a reader that clamps its indices sees field
wherever it looks outside the picture.

Everything is computed from positions alone (the grain comes from a hash of the texel's place in
the world), so the same track is always painted with the same bytes.
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple
from weakref import WeakKeyDictionary, WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.track import Points, Track
from racecraft.sim.brush import compose, halved, mixed, pack, soften, stroke, sum_up, sweep_edges

Picture = NDArray[np.uint8]

TEXEL_M = 0.01
MAX_TEXELS = 4096
"""A track wider than this many texels is painted with larger ones."""
LEVELS = 8
BLOCK = 2 ** (LEVELS - 1)
"""Sizes are multiples of this, so that every level halves evenly."""
FIELD_AROUND_M = 2.0
KEPT_SURFACES = 4
"""With more tracks than this their pictures are painted anew when somebody wants to see them."""

BORDER_LINE_M = 0.03
CENTRE_LINE_M = 0.025
DASH_M, GAP_M = 0.12, 0.12

ROAD = (62, 62, 66)
LINE = (238, 238, 236)
DASH = (245, 166, 35)
FIELD = (88, 130, 62)
PALETTE = np.array([ROAD, LINE, DASH, FIELD], dtype=np.float32)
GREY_WEIGHTS = np.array([0.2989, 0.5870, 0.1140])
"""Of red, green and blue, as in the original simulator."""


def to_grey(colours: Picture) -> Picture:
    """(H, W, 3) colours to (H, W) grey levels, rounded to nearest."""
    grey: Picture = mixed(colours, GREY_WEIGHTS)
    return grey


@dataclass(frozen=True, eq=False)
class Surface:
    """The ground of one track."""

    levels: tuple[Picture, ...]
    """(H, W, 3) RGB pictures, finest first; row and column 0 are south and west."""
    origin_m: tuple[float, float]
    """World position of the south-western corner of the pictures."""
    texel_m: float
    """Size of a texel of level 0; level k has texels of `texel_m * 2**k`."""


class Atlas(NamedTuple):
    """Surfaces of several tracks packed for numba kernels.

    A texel is one 32-bit word that holds a whole 2 × 2 neighbourhood: itself, its neighbour to
    the east, to the north, and to the north-east, from the lowest byte up. A bilinear sample
    therefore costs one memory access.
    """

    texels: NDArray[np.uint32]
    """All levels of all surfaces, one behind the other; per level one plane a channel."""
    offset: NDArray[np.int64]
    """(S, L) start of the first plane of a level in `texels`."""
    rows: NDArray[np.int64]
    """(S, L) height of a level in texels."""
    columns: NDArray[np.int64]
    """(S, L) width of a level in texels."""
    origin_m: NDArray[np.float64]
    """(S, 2) south-western corner."""
    texel_m: NDArray[np.float64]
    """(S,) size of a texel of level 0."""


_SURFACES: WeakKeyDictionary[Track, Surface] = WeakKeyDictionary()
_ATLASES: WeakValueDictionary[tuple[tuple[Track, ...], bool], SharedAtlas] = WeakValueDictionary()
_PAINTING, _PACKING = threading.Lock(), threading.Lock()


def paint_surface(track: Track) -> Surface:
    """The ground of a track; painted once and kept as long as the track lives."""
    with _PAINTING:
        surface = _SURFACES.get(track)
        if surface is None:
            surface = _SURFACES[track] = _paint(track)
        return surface


@dataclass(frozen=True, eq=False)
class SharedAtlas:
    """An atlas that lives as long as one of the cameras that look at it."""

    atlas: Atlas


def shared_atlas(tracks: Sequence[Track], *, is_colour: bool) -> SharedAtlas:
    """The atlas of some tracks, the same for all cameras over the same tracks.

    The pictures of many tracks are not kept beside the atlas: it is half a gigabyte for forty
    track directions already.
    """
    key = (tuple(tracks), is_colour)
    with _PACKING:
        shared = _ATLASES.get(key)
        if shared is None:
            shared = _ATLASES[key] = SharedAtlas(_painted(tracks, is_colour=is_colour))
        return shared


def _painted(tracks: Sequence[Track], *, is_colour: bool) -> Atlas:
    """Paint the tracks, as many at a time as there are cores, straight into their atlas."""
    paint = paint_surface if len(tracks) <= KEPT_SURFACES else _paint
    grids = [_grid(track) for track in tracks]
    atlas = _make_atlas(grids, channels=3 if is_colour else 1)

    def work(index: int) -> None:
        _pack_surface(atlas, index, paint(tracks[index]), is_colour=is_colour)

    with ThreadPoolExecutor(min(len(tracks), os.cpu_count() or 1)) as pool:
        list(pool.map(work, range(len(tracks))))
    return atlas


def pack_surfaces(surfaces: Sequence[Surface], *, is_colour: bool) -> Atlas:
    """Put surfaces into one atlas, in grey (one plane a level) or colour (three)."""
    grids = [_Grid(s.origin_m, s.texel_m, *s.levels[0].shape[:2]) for s in surfaces]
    atlas = _make_atlas(grids, channels=3 if is_colour else 1)
    for index, surface in enumerate(surfaces):
        _pack_surface(atlas, index, surface, is_colour=is_colour)
    return atlas


class _Grid(NamedTuple):
    """Where the texels of a surface lie."""

    origin_m: tuple[float, float]
    texel_m: float
    rows: int
    columns: int


def _grid(track: Track) -> _Grid:
    corners = np.concatenate((track.inner, track.outer))
    low, high = corners.min(axis=0) - FIELD_AROUND_M, corners.max(axis=0) + FIELD_AROUND_M
    texel_m = TEXEL_M * max(1.0, float((high - low).max()) / (MAX_TEXELS * TEXEL_M))
    first = np.floor(low / texel_m).astype(np.int64)
    columns, rows = (math.ceil(size / texel_m / BLOCK) * BLOCK for size in high - first * texel_m)
    origin = first * texel_m
    return _Grid((float(origin[0]), float(origin[1])), texel_m, rows, columns)


def _make_atlas(grids: Sequence[_Grid], *, channels: int) -> Atlas:
    """An atlas with room for surfaces, still empty."""
    scale = 2 ** np.arange(LEVELS)
    rows = np.array([grid.rows for grid in grids])[:, None] // scale
    columns = np.array([grid.columns for grid in grids])[:, None] // scale
    sizes = channels * rows * columns
    ends = np.cumsum(sizes).reshape(sizes.shape)
    return Atlas(
        texels=np.empty(int(ends[-1, -1]), dtype=np.uint32),
        offset=ends - sizes,
        rows=rows,
        columns=columns,
        origin_m=np.array([grid.origin_m for grid in grids], dtype=np.float64),
        texel_m=np.array([grid.texel_m for grid in grids], dtype=np.float64),
    )


def _pack_surface(atlas: Atlas, index: int, surface: Surface, *, is_colour: bool) -> None:
    for k, level in enumerate(surface.levels):
        planes = (
            np.ascontiguousarray(np.moveaxis(level, 2, 0)) if is_colour else to_grey(level)[None]
        )
        first = atlas.offset[index, k]
        texels = atlas.texels[first : first + planes.size].reshape(len(planes), -1)
        for plane, part in zip(planes, texels, strict=True):
            pack(plane, part)


def _paint(track: Track) -> Surface:
    (x, y), texel_m, rows, columns = _grid(track)
    origin = np.array([x, y])
    first = np.round(origin / texel_m).astype(np.int64)
    inner, outer, centre = (
        (line - origin) / texel_m for line in (track.inner, track.outer, track.centre)
    )
    road = np.maximum(_filled(outer, rows, columns) - _filled(inner, rows, columns), np.float32(0))
    soften(road)
    lines, dashes = np.zeros_like(road), np.zeros_like(road)
    for border in (inner, outer):
        stroke(lines, border[:-1], border[1:], BORDER_LINE_M / texel_m)
    radius = 0.5 * CENTRE_LINE_M / texel_m
    starts, ends = _dashes(centre, DASH_M / texel_m, GAP_M / texel_m, radius)
    stroke(dashes, starts, ends, radius)
    picture = np.empty((rows, columns, 3), dtype=np.uint8)
    compose(picture, road, lines, dashes, PALETTE, first)
    levels = [picture]
    for _ in range(LEVELS - 1):
        levels.append(halved(levels[-1]))
    for level in levels:
        level[[0, -1]] = level[:, [0, -1]] = FIELD
    return Surface(tuple(levels), (x, y), texel_m)


def _filled(line: Points, rows: int, columns: int) -> NDArray[np.float32]:
    """(rows, columns) share of each texel that lies inside a closed line given in texels."""
    area = np.zeros((rows, columns + 2), dtype=np.float32)
    sweep_edges(area, line)
    sum_up(area)
    return area[:, :columns]


def _dashes(centre: Points, dash: float, gap: float, cap: float) -> tuple[Points, Points]:
    """Starts and ends of the straight pieces that make up the dashes; lengths in texels.

    The gap is stretched a little so that a whole number of dashes goes round the loop. Each dash
    is shortened by the round cap that the brush adds at both ends.
    """
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(centre, axis=0).T))))
    period = along[-1] / max(1, round(along[-1] / (dash + gap)))
    begins = np.arange(0.0, along[-1] - 0.5 * period, period)
    cuts = np.unique(np.concatenate((along, begins + cap, begins + dash - cap)))
    points = np.stack([np.interp(cuts, along, axis) for axis in centre.T], axis=1)
    middle = np.mod(0.5 * (cuts[1:] + cuts[:-1]), period)
    is_dash = (middle > cap) & (middle < dash - cap)
    return points[:-1][is_dash], points[1:][is_dash]
