"""A policy at the wheel of some cars: look, choose, command."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from racecraft.domain.action_space import DiscreteActionSpace
from racecraft.sim.kernel import njit
from racecraft.sim.simulator import Simulator
from racecraft.sim.streams import next_uniform
from racecraft.training.blocks import as_input, block_buffer, block_lookup, fill_blocks
from racecraft.training.networks import ActorCritic, Policy, block_size
from racecraft.training.packed import PackedPolicy

SPARE = 8
"""Rows of memory beyond those driven, so that a last group can be filled up."""


class Driver:
    """Drives rows lo..hi-1 of a simulator; every thread has one of its own."""

    def __init__(
        self,
        actor: ActorCritic,
        actions: DiscreteActionSpace,
        simulator: Simulator,
        lo: int,
        hi: int,
    ) -> None:
        """Reserve the memory of the rows.

        Args:
            actor: the policy; its weights may change between calls.
            actions: what the policy's outputs mean.
            simulator: the world.
            lo: first row.
            hi: one past the last row.
        """
        self.actor, self.simulator = actor, simulator
        self.policy: Policy | PackedPolicy = actor.policy
        self.lo, self.hi = lo, hi
        camera = actor.policy.camera
        self.commands_of_action = np.stack(
            [np.radians(actions.steering_deg), actions.speed_mps], axis=1
        )
        self._lookup = block_lookup(actor.uses_bf16)
        self._buffer = block_buffer(
            hi - lo + SPARE, camera, block_size(actor.policy.network), actor.uses_bf16
        )
        self._rows = np.arange(lo, hi)
        self._frames = np.zeros((hi - lo, camera.height, camera.width), np.uint8)

    def look(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Draw the pictures of rows lo..hi-1 into `frames` (N, H, W).

        Returns:
            (hi - lo, A) the policy's outputs.
        """
        self.simulator.render(frames, self.lo, self.hi)
        fill_blocks(frames, self._rows, self._lookup, self._buffer)
        return self._logits(0, len(self._rows))

    def look_from(
        self, rows: NDArray[np.int64], *, group: int | None = None
    ) -> NDArray[np.float32]:
        """The policy's outputs (B, A) for some rows between lo and hi, and for these alone.

        Args:
            rows: which rows.
            group: compute in groups of exactly this many. Sums of floats may depend on how many
                pictures are multiplied at once; with a fixed group a car's lap does not depend
                on how many others are driven beside it.
        """
        count = len(rows)
        self.simulator.render_rows(rows, self._frames)
        fill_blocks(self._frames, np.arange(count), self._lookup, self._buffer)
        if group is None:
            return self._logits(0, count)
        groups = [self._logits(begin, begin + group) for begin in range(0, count, group)]
        return np.concatenate(groups)[:count]

    def _logits(self, begin: int, end: int) -> NDArray[np.float32]:
        with torch.inference_mode():
            logits = self.policy(as_input(self._buffer[begin:end])).float()
            result: NDArray[np.float32] = logits.numpy()
        return result

    def command(self, actions: NDArray[np.int64]) -> NDArray[np.float64]:
        """(B, 2) steering (rad) and speed (m/s) of chosen actions."""
        return self.commands_of_action[actions]


@njit(cache=True, nogil=True)
def sample_actions(
    logits: Any, streams: Any, span: Any, epsilon: float, actions: Any, log_probs: Any
) -> None:
    """Draw an action for every row from its own stream.

    Args:
        logits: (B, A) for rows span[0]..span[1]-1.
        streams: (N,) random streams.
        span: (first row, one past the last row).
        epsilon: below 0: sample the policy; else the share of uniformly random actions, the
            rest being greedy.
        actions: (N,) filled in place.
        log_probs: (N,) log probability under the policy, filled in place.
    """
    for row in range(span[0], span[1]):
        line = logits[row - span[0]]
        top = line[0]
        for a in range(len(line)):
            top = max(top, line[a])
        total = 0.0
        for a in range(len(line)):
            total += np.exp(np.float64(line[a]) - top)
        draw = next_uniform(streams, row)
        if epsilon < 0.0:
            action, seen = len(line) - 1, 0.0
            for a in range(len(line)):
                seen += np.exp(np.float64(line[a]) - top) / total
                if draw < seen:
                    action = a
                    break
        elif draw < epsilon:
            action = min(int(draw / epsilon * len(line)), len(line) - 1)
        else:
            action = int(np.argmax(line))
        actions[row] = action
        log_probs[row] = np.float64(line[action]) - top - np.log(total)
