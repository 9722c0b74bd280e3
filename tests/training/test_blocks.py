"""Pictures as blocks of pixels: against numpy, and torch's own rounding to 16 bits."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from racecraft.domain.car import CameraSpec
from racecraft.training.blocks import as_input, block_buffer, block_lookup, fill_blocks

CAMERA = CameraSpec(width=32, height=24)


def frames(count: int = 5) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, 24, 32)).astype(np.uint8)


@pytest.mark.parametrize("block", [1, 2, 4])
def test_blocks_hold_the_chosen_frames_with_each_block_s_pixels_as_channels(block: int) -> None:
    pictures, rows = frames(), np.array([3, 0, 3])
    buffer = block_buffer(4, CAMERA, block, uses_bf16=False)

    fill_blocks(pictures, rows, block_lookup(uses_bf16=False), buffer)

    grid = pictures[rows].reshape(3, 24 // block, block, 32 // block, block)
    expected = grid.transpose(0, 1, 3, 2, 4).reshape(3, 24 // block, 32 // block, block * block)
    np.testing.assert_array_equal(buffer[:3], expected.astype(np.float32) / np.float32(255))
    assert not buffer[3].any()


def test_the_networks_input_is_a_view_with_channels_second() -> None:
    buffer = block_buffer(2, CAMERA, 4, uses_bf16=False)
    fill_blocks(frames(), np.array([1, 2]), block_lookup(uses_bf16=False), buffer)

    tensor = as_input(buffer)

    assert tensor.shape == (2, 16, 6, 8)
    assert tensor.is_contiguous(memory_format=torch.channels_last)
    # Channel 7 of block (5, 2) is the pixel in row 1 and column 3 of that block.
    assert tensor[1, 7, 5, 2] == pytest.approx(frames()[2, 5 * 4 + 1, 2 * 4 + 3] / 255)
    buffer[:] = 0
    assert not tensor.any()


def test_sixteen_bit_blocks_are_the_thirty_two_bit_ones_rounded_by_torch() -> None:
    rows = np.arange(5)
    wide = block_buffer(5, CAMERA, 4, uses_bf16=False)
    narrow = block_buffer(5, CAMERA, 4, uses_bf16=True)
    fill_blocks(frames(), rows, block_lookup(uses_bf16=False), wide)
    fill_blocks(frames(), rows, block_lookup(uses_bf16=True), narrow)

    assert as_input(narrow).dtype == torch.bfloat16
    assert torch.equal(as_input(narrow), as_input(wide).to(torch.bfloat16))


def test_a_byte_becomes_its_share_of_255() -> None:
    table = block_lookup(uses_bf16=False)
    assert table[[0, 51, 255]].tolist() == [0.0, pytest.approx(0.2), 1.0]
    assert len(table) == len(block_lookup(uses_bf16=True)) == 256
