"""A model that follows the learning policy slowly, so that it drives steadily.

Near the end of a training every update moves some greedy choices to and fro: a lap that is clean
after one iteration fails after the next. The running mean of the weights (Polyak and Juditsky
1992) drives better than any of the policies that it is made of. Exploration goes on with the
policy that learns; greedy laps are driven with the mean, and checkpoints keep it.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from racecraft.training.driving import Actor
from racecraft.training.heads import Head
from racecraft.training.networks import Policy

_WARM_UP = 10
"""The mean forgets the untrained policy over the first iterations: its share of the past is at
most (1 + k) / (10 + k) after k updates."""


class AveragedPolicy:
    """The running mean of a policy's weights, as an actor."""

    def __init__(self, learning: Actor, share: float) -> None:
        """Begin where the policy is.

        Args:
            learning: whose policy is followed.
            share: how much of the mean stays at each update; 0 to below 1.
        """
        self.policy: Policy = copy.deepcopy(learning.policy)
        self.head: Head = learning.head
        self.uses_bf16 = learning.uses_bf16
        self._share = share
        self._updates = 0
        self._means: list[NDArray[np.float32]] = []

    def begin(self, weights: Sequence[NDArray[np.float32]]) -> None:
        """Forget everything and stand for these flat weights, in the policy's order."""
        self._updates = 0
        self._means = [each.copy() for each in weights]
        self._write()

    def follow(self, weights: Sequence[NDArray[np.float32]]) -> None:
        """Take an updated policy into the mean; flat weights in the policy's order."""
        stays = np.float32(min(self._share, (1 + self._updates) / (_WARM_UP + self._updates)))
        for mean, new in zip(self._means, weights, strict=True):
            mean *= stays
            mean += (np.float32(1.0) - stays) * new
        self._updates += 1
        self._write()

    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """(arrays, plain values) that a resumed training needs."""
        return {f"{k}": mean for k, mean in enumerate(self._means)}, {"updates": self._updates}

    def load_state(self, arrays: dict[str, NDArray[Any]], facts: dict[str, Any]) -> None:
        """Take over what `state` gave.

        Raises:
            KeyError, TypeError, ValueError: it is of another network.
        """
        for k, mean in enumerate(self._means):
            mean[:] = arrays[str(k)]
        self._updates = int(facts["updates"])
        self._write()

    def _write(self) -> None:
        with torch.no_grad():
            for parameter, mean in zip(self.policy.parameters(), self._means, strict=True):
                parameter.copy_(_shaped(mean, parameter))


def _shaped(mean: NDArray[np.float32], parameter: Tensor) -> Tensor:
    return torch.from_numpy(mean).reshape(parameter.shape).to(parameter.dtype)
