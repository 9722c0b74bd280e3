"""Observations laid out for the networks: pictures as blocks, LIDAR values beside them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from racecraft.domain.layouts import block_size
from racecraft.sim.observations import Observations
from racecraft.training.blocks import (
    as_input,
    block_buffer,
    block_lookup,
    fill_blocks,
    fill_channel_blocks,
)
from racecraft.training.networks import Policy
from racecraft.training.trunk import Inputs


class InputBuffer:
    """Memory for the inputs of a policy and of networks that read the same."""

    def __init__(self, count: int, policy: Policy, *, uses_bf16: bool) -> None:
        """Reserve room.

        Args:
            count: most rows at once.
            policy: whose sensors.
            uses_bf16: whether the networks compute with 16-bit floats.
        """
        camera = policy.camera
        self._lookup = block_lookup(uses_bf16)
        self._blocks: NDArray[Any] | None = None
        if camera is not None:
            block = block_size(policy.network, camera)
            self._blocks = block_buffer(count, camera, block, uses_bf16)
        self._scans: torch.Tensor | None = None
        if policy.lidar_values:
            dtype = torch.bfloat16 if uses_bf16 else torch.float32
            self._scans = torch.zeros(count, policy.lidar_values, dtype=dtype)

    def fill(self, observations: Observations, rows: NDArray[np.int64]) -> None:
        """Copy chosen rows of observations (N, …) to the first places."""
        if self._blocks is not None:
            frames = observations.frames
            assert frames is not None
            fill = fill_blocks if frames.ndim == 3 else fill_channel_blocks
            fill(frames, rows, self._lookup, self._blocks)
        if self._scans is not None:
            assert observations.scans is not None
            self._scans[: len(rows)] = torch.from_numpy(observations.scans[rows])

    def inputs(self, begin: int, end: int) -> Inputs:
        """What lies in places begin..end-1; shares the memory."""
        return Inputs(
            None if self._blocks is None else as_input(self._blocks[begin:end]),
            None if self._scans is None else self._scans[begin:end],
        )
