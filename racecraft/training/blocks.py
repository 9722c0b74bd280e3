"""Pictures as the networks want them: blocks of pixels as channels, scaled to 0..1.

One pass turns unsigned bytes (N, H, W) into (B, H/s, W/s, s·s) numbers, 32-bit floats or the
bit patterns of 16-bit ones, because the copy is needed anyway to pick a minibatch.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from racecraft.domain.car import CameraSpec
from racecraft.sim.kernel import njit

_SCALE = (np.arange(256, dtype=np.float32) / np.float32(255.0)).astype(np.float32)
LOOKUP_FP32: NDArray[np.float32] = _SCALE
LOOKUP_BF16: NDArray[np.uint16] = (
    torch.from_numpy(_SCALE.copy()).to(torch.bfloat16).view(torch.uint16).numpy()
)


def block_lookup(uses_bf16: bool) -> NDArray[Any]:
    """(256,) the number for every byte."""
    return LOOKUP_BF16 if uses_bf16 else LOOKUP_FP32


def block_buffer(count: int, camera: CameraSpec, block: int, uses_bf16: bool) -> NDArray[Any]:
    """(B, H/s, W/s, s·s·C) memory that `fill_blocks` writes and `as_input` wraps."""
    shape = (count, camera.height // block, camera.width // block, block * block * camera.channels)
    return np.zeros(shape, np.uint16 if uses_bf16 else np.float32)


def as_input(buffer: NDArray[Any]) -> Tensor:
    """(B, C, H, W) view of a block buffer, channels last in memory; shares the memory."""
    tensor = torch.from_numpy(buffer)
    if buffer.dtype == np.uint16:
        tensor = tensor.view(torch.bfloat16)
    return tensor.permute(0, 3, 1, 2)


@njit(cache=True, nogil=True)
def fill_blocks(frames: Any, rows: Any, lookup: Any, out: Any) -> None:
    """Copy chosen frames into blocks.

    Args:
        frames: (N, H, W) uint8.
        rows: (B,) which frames.
        lookup: (256,) number for every byte.
        out: (>= B, H/s, W/s, s·s) filled in place.
    """
    high, wide = out.shape[1], out.shape[2]
    side = frames.shape[1] // high
    for b in range(len(rows)):
        frame = frames[rows[b]]
        for by in range(high):
            for bx in range(wide):
                target = out[b, by, bx]
                for dy in range(side):
                    source = frame[by * side + dy]
                    for dx in range(side):
                        target[dy * side + dx] = lookup[source[bx * side + dx]]


@njit(cache=True, nogil=True)
def fill_channel_blocks(frames: Any, rows: Any, lookup: Any, out: Any) -> None:
    """`fill_blocks` for frames (N, H, W, C); the channels of a pixel stand side by side."""
    high, wide, channels = out.shape[1], out.shape[2], frames.shape[3]
    side = frames.shape[1] // high
    for b in range(len(rows)):
        frame = frames[rows[b]]
        for by in range(high):
            for bx in range(wide):
                target = out[b, by, bx]
                for dy in range(side):
                    source = frame[by * side + dy]
                    for dx in range(side):
                        for channel in range(channels):
                            place = (dy * side + dx) * channels + channel
                            target[place] = lookup[source[bx * side + dx, channel]]
