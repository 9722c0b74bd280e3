"""Kernels for what lens, light and sensor make of a finished frame.

Row by row, with arithmetic that the processor does for many pixels at once.
"""

from __future__ import annotations

# Kernels here are longer than the budget: each is one pass over pixels.
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from racecraft.sim.kernel import njit
from racecraft.sim.variation import COLUMN

_BRIGHTNESS, _CONTRAST = COLUMN["brightness"], COLUMN["contrast"]
_GRADIENT, _DIRECTION = COLUMN["gradient"], COLUMN["gradient_direction_rad"]
_NOISE, _NOISE_PLACE, _BLUR = COLUMN["noise"], COLUMN["noise_place"], COLUMN["blur"]


def make_noise() -> NDArray[np.float32]:
    """Standard normal numbers, read from a place that depends on the pose."""
    return np.random.default_rng(21).standard_normal(1 << 17).astype(np.float32)


@njit(cache=True, nogil=True, inline="always")
def to_byte(value: Any) -> Any:
    """Rounded to nearest, kept between 0 and 255."""
    return np.uint8(min(max(value + np.float32(0.5), np.float32(0.0)), np.float32(255.0)))


@njit(cache=True, nogil=True)
def blur(frames: Any, span: Any, values: Any) -> None:
    """Mix each pixel with its neighbours, along the rows and then across them; the rim stays."""
    height, width, channels = frames.shape[1:]
    size = width * channels
    rows = np.empty((height, size), np.float32)
    for car in range(span[0], span[1]):
        share = np.float32(values[car, _BLUR] / 3.0)
        if share <= np.float32(0.0):
            continue
        whole = np.float32(1.0) - np.float32(2.0) * share
        flat = frames[car].reshape(height, size)
        for row in range(height):
            # Slices, because an index that might be negative is looked at for every pixel.
            line, mixed = flat[row], rows[row]
            inner, left, here = mixed[channels:], line[: size - 2 * channels], line[channels:]
            right = line[2 * channels :]
            for k in range(channels):
                mixed[k] = np.float32(line[k])
                mixed[size - channels + k] = np.float32(line[size - channels + k])
            for k in range(size - 2 * channels):
                sides = np.float32(left[k]) + np.float32(right[k])
                inner[k] = whole * np.float32(here[k]) + share * sides
        for row in range(height):
            line, mixed = flat[row], rows[row]
            if row == 0 or row == height - 1:
                for k in range(size):
                    line[k] = to_byte(mixed[k])
                continue
            above, below = rows[row - 1], rows[row + 1]
            for k in range(size):
                line[k] = to_byte(whole * mixed[k] + share * (above[k] + below[k]))


@njit(cache=True, nogil=True)
def light(frames: Any, span: Any, values: Any) -> None:
    """Brightness, contrast, and a gradient between two edges of the picture."""
    height, width, channels = frames.shape[1:]
    across = np.empty(width * channels, np.float32)
    grey = np.float32(128.0)
    for car in range(span[0], span[1]):
        own = values[car]
        direction, contrast = own[_DIRECTION], np.float32(own[_CONTRAST])
        for j in range(width):
            value = own[_GRADIENT] * math.cos(direction) * ((j + 0.5) / width - 0.5)
            for channel in range(channels):
                across[j * channels + channel] = np.float32(value)
        for row in range(height):
            down = own[_GRADIENT] * math.sin(direction) * ((row + 0.5) / height - 0.5)
            add = np.float32(128.0 + own[_BRIGHTNESS] + down)
            line = frames[car, row].reshape(width * channels)
            for k in range(width * channels):
                line[k] = to_byte((np.float32(line[k]) - grey) * contrast + add + across[k])


@njit(cache=True, nogil=True)
def add_noise(poses: Any, frames: Any, span: Any, noise: Any, values: Any) -> None:
    """Noise of the lens: other in every pose, the same in the same one.

    Args:
        poses: (N, 3 or more) the poses of the frames.
        frames: (N, H, W, C), finished but for this.
        span: (first car, one past the last car).
        noise: from `make_noise`.
        values: what was drawn for each car.
    """
    height, width, channels = frames.shape[1:]
    size = width * channels
    for car in range(span[0], span[1]):
        strength = np.float32(values[car, _NOISE])
        key = np.uint64(np.int64(poses[car, 0] * 1e7)) * np.uint64(0x9E3779B97F4A7C15)
        key ^= np.uint64(np.int64(poses[car, 1] * 1e7)) * np.uint64(0xBF58476D1CE4E5B9)
        key ^= np.uint64(np.int64(poses[car, 2] * 1e7)) * np.uint64(0x94D049BB133111EB)
        key += np.uint64(values[car, _NOISE_PLACE] * 4294967296.0)
        for row in range(height):
            key = key * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
            first = np.int64((key >> np.uint64(33)) % np.uint64(noise.shape[0] - size))
            line, part = frames[car, row].reshape(size), noise[first : first + size]
            for k in range(size):
                line[k] = to_byte(np.float32(line[k]) + strength * part[k])
