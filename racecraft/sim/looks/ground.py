"""Kernels that draw the ground: a camera for each car, other colours, patches.

Colours are changed by brightness alone: road, field, dashes and lines lie far apart on the grey
scale, so a table from grey levels to changes recolours each without knowing where it is.
"""

from __future__ import annotations

# Kernels here are longer than the budget: each is one pass over pixels.
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from racecraft.sim.kernel import njit
from racecraft.sim.looks.lens import to_byte
from racecraft.sim.raster import Rows, render_frames
from racecraft.sim.surface import GREY_WEIGHTS
from racecraft.sim.variation import CHANNELS, COLUMN, MATERIALS

_FIRST_SHADE = COLUMN[f"{MATERIALS[0]}_shade"]
_FIRST_TINT = COLUMN[f"{MATERIALS[0]}_{CHANNELS[0]}"]
_SKY = MATERIALS.index("sky")
_PATCHES, _PATCH_M = COLUMN["patches"], COLUMN["patch_m"]
_EAST, _NORTH, _CAMERA = COLUMN["patch_east"], COLUMN["patch_north"], COLUMN["camera"]

KNOTS = (74.0, 94.0, 127.0, 165.0, 185.0, 215.0)
"""Grey levels up to which a texel is road; from and up to which it is field; dash; from which it is
line. Between them, where edges are soft, the changes blend."""
_GREY_RED, _GREY_GREEN, _GREY_BLUE = (np.float32(weight) for weight in GREY_WEIGHTS)
TILE = 256
"""Width of the tile of patches; a power of two."""
TILES_PER_PATCH = 8
"""Texels of the tile in one patch."""


def make_patches() -> NDArray[np.float32]:
    """(TILE, TILE) values between -1 and 1 that go on at the edges: blots of several sizes."""
    tile = np.zeros((TILE, TILE))
    generator = np.random.default_rng(20)
    for size, weight in ((TILES_PER_PATCH, 1.0), (TILES_PER_PATCH // 2, 0.5)):
        coarse = generator.uniform(-1.0, 1.0, (TILE // size, TILE // size))
        tile += weight * _enlarged(_enlarged(coarse, size).T, size).T
    tile /= np.abs(tile).max()
    return tile.astype(np.float32)


def _enlarged(rows: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Smooth steps between the rows of a cyclic table, `size` to each."""
    share = (np.arange(size) / size)[None, :, None]
    share = share * share * (3.0 - 2.0 * share)
    mixed = rows[:, None] * (1.0 - share) + np.roll(rows, -1, axis=0)[:, None] * share
    return mixed.reshape(-1, rows.shape[1])


@njit(cache=True, nogil=True)
def render_posed(
    poses: Any, track_of_car: Any, frames: Any, span: Any, world: Any, values: Any
) -> None:
    """`render_frames` with a camera of its own for each car.

    Args:
        poses: as in `render_frames`.
        track_of_car: as in `render_frames`.
        frames: as in `render_frames`.
        span: (first car, one past the last car).
        world: (the optical centre ahead of the origin, the bank's rows, the atlas).
        values: what was drawn for each car.
    """
    ahead_m, bank, atlas = world
    for car in range(span[0], span[1]):
        view = int(values[car, _CAMERA] * bank.samples.shape[0])
        rows = Rows(
            bank.samples[view],
            bank.forward_m[view],
            bank.spacing_m[view],
            bank.level[view],
            bank.sky[view],
        )
        render_frames(poses, track_of_car, frames, car, car + 1, ahead_m, rows, atlas)


@njit(cache=True, nogil=True)
def level_shift(values: Any, material: int, channel: int, channels: int) -> float:
    """By how many levels a material is brighter in a channel."""
    tint = _FIRST_TINT + 3 * material
    if channels == 3:
        return float(values[_FIRST_SHADE + material] + values[tint + channel])
    grey = _GREY_RED * values[tint] + _GREY_GREEN * values[tint + 1] + _GREY_BLUE * values[tint + 2]
    return float(values[_FIRST_SHADE + material] + grey)


@njit(cache=True, nogil=True)
def shift_colours(span: Any, values: Any, material: int, colours: Any, out: Any) -> None:
    """Fill (N, K, C) with colours (K, C) as bright as the material is for each car of a span."""
    channels = colours.shape[1]
    for car in range(span[0], span[1]):
        for channel in range(channels):
            shift = np.float32(level_shift(values[car], material, channel, channels))
            for k in range(colours.shape[0]):
                value = colours[k, channel] + shift
                out[car, k, channel] = min(max(value, np.float32(0.0)), np.float32(255.0))


@njit(nogil=True, inline="always")
def _ramp(grey: Any, knot: Any) -> Any:
    """How far a grey level has come from one knot to the next, from 0 to 1."""
    share = (grey - np.float32(KNOTS[knot])) * np.float32(1.0 / (KNOTS[knot + 1] - KNOTS[knot]))
    return min(max(share, np.float32(0.0)), np.float32(1.0))


@njit(cache=True, nogil=True)
def _recolour_row(line: Any, changes: Any, greys: Any) -> None:
    """Add to each pixel (W, C) what is added to its material.

    Args:
        line: the pixels.
        changes: (4, C) of road, then what field, dash and line have more than the one before.
        greys: (W,) memory for grey levels.
    """
    width, channels = line.shape
    if channels == 1:
        for j in range(width):
            greys[j] = np.float32(line[j, 0])
    else:
        for j in range(width):
            red_green = _GREY_RED * np.float32(line[j, 0]) + _GREY_GREEN * np.float32(line[j, 1])
            greys[j] = red_green + _GREY_BLUE * np.float32(line[j, 2])
    for channel in range(channels):
        road, field = changes[0, channel], changes[1, channel]
        dash, white = changes[2, channel], changes[3, channel]
        for j in range(width):
            grey = greys[j]
            more = road + field * _ramp(grey, 0) + dash * _ramp(grey, 2) + white * _ramp(grey, 4)
            line[j, channel] = to_byte(np.float32(line[j, channel]) + more)


@njit(cache=True, nogil=True)
def recolour(frames: Any, span: Any, bank: Any, values: Any) -> None:
    """Change the colours of ground and sky in frames (N, H, W, C) without objects."""
    height, width, channels = frames.shape[1:]
    changes, greys = np.empty((4, channels), np.float32), np.empty(width, np.float32)
    for car in range(span[0], span[1]):
        for channel in range(channels):
            before = 0.0
            for material in range(4):
                shift = level_shift(values[car], material, channel, channels)
                changes[material, channel] = np.float32(shift - before)
                before = shift
        view = int(values[car, _CAMERA] * bank.samples.shape[0])
        for row in range(height):
            line = frames[car, row]
            if bank.samples[view, row] == 0:
                for channel in range(channels):
                    more = np.float32(level_shift(values[car], _SKY, channel, channels))
                    line[:, channel] = to_byte(np.float32(line[0, channel]) + more)
            else:
                _recolour_row(line, changes, greys)


@njit(cache=True, nogil=True)
def lay_patches(poses: Any, frames: Any, span: Any, world: Any, values: Any) -> None:
    """Patches that lie still on the ground, fainter where a pixel sees more than one of them.

    Args:
        poses: (N, 3 or more) x, y (m) and yaw (rad) of each car's origin.
        frames: (N, H, W, C) with the ground drawn.
        span: (first car, one past the last car).
        world: (the optical centre ahead of the origin, the bank's rows, the tile of patches).
        values: what was drawn for each car.
    """
    ahead_m, bank, tile = world
    height, width, channels = frames.shape[1:]
    for car in range(span[0], span[1]):
        own = values[car]
        view = int(own[_CAMERA] * bank.samples.shape[0])
        c, s = math.cos(poses[car, 2]), math.sin(poses[car, 2])
        x, y = poses[car, 0] + ahead_m * c, poses[car, 1] + ahead_m * s
        per_m = TILES_PER_PATCH / own[_PATCH_M]
        east, north = own[_EAST] * TILE, own[_NORTH] * TILE
        for row in range(height):
            samples = bank.samples[view, row]
            if samples == 0:
                continue
            middle = samples // 2
            forward, spacing = bank.forward_m[view, row, middle], bank.spacing_m[view, row, middle]
            deep = spacing
            if samples > 1:
                near = bank.forward_m[view, row, samples - 1]
                deep = bank.forward_m[view, row, 0] - near
            strength = np.float32(own[_PATCHES] * min(1.0, own[_PATCH_M] / (2.0 * deep)))
            left = (0.5 * width - 0.5) * spacing
            u = ((x + forward * c - left * s) * per_m + east) % TILE
            v = ((y + forward * s + left * c) * per_m + north) % TILE
            # 1/65536 texels of the tile, counted round and round
            du = np.int64(spacing * s * per_m * 65536.0)
            dv = np.int64(-spacing * c * per_m * 65536.0)
            a, b = np.int64(u * 65536.0), np.int64(v * 65536.0)
            line = frames[car, row]
            for j in range(width):
                patch = strength * tile[(b >> 16) & (TILE - 1), (a >> 16) & (TILE - 1)]
                a, b = a + du, b + dv
                for channel in range(channels):
                    line[j, channel] = to_byte(np.float32(line[j, channel]) + patch)
