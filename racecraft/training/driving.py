"""A policy at the wheel of some cars: look, choose, command."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from racecraft.sim.observations import Observations, make_observations
from racecraft.sim.simulator import Simulator
from racecraft.training.heads import Head
from racecraft.training.inputs import InputBuffer
from racecraft.training.networks import Policy
from racecraft.training.packed import PackedPolicy

SPARE = 8
"""Rows of memory beyond those driven, so that a last group can be filled up."""


class Actor(Protocol):
    """What can drive: a policy and what its outputs mean."""

    policy: Policy
    head: Head
    uses_bf16: bool


class Driver:
    """Drives rows lo..hi-1 of a simulator; every thread has one of its own."""

    def __init__(
        self,
        actor: Actor,
        head: Head,
        simulator: Simulator,
        lo: int,
        hi: int,
    ) -> None:
        """Reserve the memory of the rows.

        Args:
            actor: the policy; its weights may change between calls.
            head: what the policy's outputs mean.
            simulator: the world.
            lo: first row.
            hi: one past the last row.
        """
        self.actor, self.head, self.simulator = actor, head, simulator
        self.policy: Policy | PackedPolicy = actor.policy
        self.lo, self.hi = lo, hi
        self._buffer = InputBuffer(hi - lo + SPARE, actor.policy, uses_bf16=actor.uses_bf16)
        self._rows = np.arange(lo, hi)
        self.seen = make_observations((hi - lo,), simulator.camera_spec, simulator.lidar_spec)
        """What the rows given to `look_from` saw, in its first places."""

    def look(self, seen: Observations) -> NDArray[np.float32]:
        """Observe rows lo..hi-1 into `seen` (N, …).

        Returns:
            (hi - lo, …) the policy's outputs.
        """
        self.simulator.observe(seen, self.lo, self.hi)
        self._buffer.fill(seen, self._rows)
        return self._outputs(0, len(self._rows))

    def look_from(
        self, rows: NDArray[np.int64], *, group: int | None = None
    ) -> NDArray[np.float32]:
        """The policy's outputs (B, …) for some rows between lo and hi, and for these alone.

        Args:
            rows: which rows.
            group: compute in groups of exactly this many. Sums of floats may depend on how many
                inputs are multiplied at once; with a fixed group a car's lap does not depend
                on how many others are driven beside it.
        """
        count = len(rows)
        self.simulator.observe_rows(rows, self.seen)
        self._buffer.fill(self.seen, np.arange(count))
        if group is None:
            return self._outputs(0, count)
        groups = [self._outputs(begin, begin + group) for begin in range(0, count, group)]
        return np.concatenate(groups)[:count]

    def _outputs(self, begin: int, end: int) -> NDArray[np.float32]:
        with torch.inference_mode():
            outputs = self.policy(self._buffer.inputs(begin, end)).float()
            result: NDArray[np.float32] = outputs.numpy()
        return result
