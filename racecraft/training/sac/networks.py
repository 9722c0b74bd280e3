"""Soft actor-critic's networks: the policy that a car runs, and two value functions of actions.

The value functions see the true state on the track, or the picture through a trunk of their
own. Both are kept a second time as a target that follows slowly.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from racecraft.domain.action_space import ContinuousActionSpace
from racecraft.domain.hyperparameters import Critic
from racecraft.domain.spec import ModelSpec
from racecraft.training.heads import Head, SquashedGaussian
from racecraft.training.networks import Policy, initialise, kernel_mask, lidar_values
from racecraft.training.trunk import Inputs, Trunk

WIDTH = 256
"""Of the value functions' two hidden layers, as in the original."""


class SoftActor(nn.Module):
    """The policy: a picture gives two means and two log deviations before the tangent."""

    def __init__(self, model: ModelSpec, *, uses_bf16: bool, seed: int) -> None:
        """Fresh weights.

        Args:
            model: network, camera and a continuous action space.
            uses_bf16: whether the camera network computes with 16-bit floats.
            seed: of the initial weights.
        """
        super().__init__()
        assert isinstance(model.action_space, ContinuousActionSpace)
        self.uses_bf16 = uses_bf16
        self.head: Head = SquashedGaussian(model.action_space)
        generator = torch.Generator().manual_seed(seed)
        outputs = 2 * model.action_space.num_outputs
        self.policy = Policy(model.network, model.camera, outputs, lidar_values=lidar_values(model))
        # A small head starts near the middle of the ranges with deviations near 1.
        initialise(self.policy, generator, self.policy.head, 0.01)
        mask = kernel_mask(self.policy)
        if mask is not None:
            with torch.no_grad():
                self.policy.first_weight.mul_(mask)
        self.masters = _copies(self.policy)
        if uses_bf16:
            self.policy.compute_in_bf16()


class TwinHeads(nn.Module):
    """Two independent value functions of F numbers and an action, computed side by side."""

    def __init__(self, num_inputs: int, generator: torch.Generator) -> None:
        super().__init__()
        sizes = ((num_inputs + 2, WIDTH), (WIDTH, WIDTH), (WIDTH, 1))
        gains = (math.sqrt(2.0), math.sqrt(2.0), 1.0)
        self.weights = nn.ParameterList()
        self.biases = nn.ParameterList()
        for (inputs, outputs), gain in zip(sizes, gains, strict=True):
            weight = torch.empty(2, inputs, outputs)
            for each in weight:
                nn.init.orthogonal_(each, gain, generator=generator)
            self.weights.append(nn.Parameter(weight))
            self.biases.append(nn.Parameter(torch.zeros(2, 1, outputs)))

    def forward(self, inputs: Tensor, actions: Tensor) -> Tensor:
        """(B, F) and (B, 2) -> (2, B) values."""
        hidden = torch.cat([inputs, actions], dim=1).expand(2, -1, -1)
        hidden = torch.baddbmm(self.biases[0], hidden, self.weights[0]).relu_()
        hidden = torch.baddbmm(self.biases[1], hidden, self.weights[1]).relu_()
        values: Tensor = torch.baddbmm(self.biases[2], hidden, self.weights[2])
        return values.squeeze(2)


class SoftCritic(nn.Module):
    """Two value functions of track state or picture, and action."""

    def __init__(
        self, model: ModelSpec, kind: Critic, num_features: int, *, uses_bf16: bool, seed: int
    ) -> None:
        """Fresh weights.

        Args:
            model: network and camera.
            kind: what the value functions see.
            num_features: F, how many numbers tell the state on the track.
            uses_bf16: whether a camera network computes with 16-bit floats.
            seed: of the initial weights.
        """
        super().__init__()
        generator = torch.Generator().manual_seed(seed + 2**32)
        self.trunk = None
        if kind is Critic.SEPARATE:
            self.trunk = Trunk(model.network, model.camera, lidar_values(model))
        if self.trunk is not None:
            # No layer of the trunk is a head: all get the same gain.
            initialise(self.trunk, generator, nn.Linear(1, 1), 1.0)
        size = self.trunk.out_features if self.trunk is not None else num_features
        self.heads = TwinHeads(size, generator)
        self.masters = _copies(self)
        if self.trunk is not None and uses_bf16:
            self.trunk.to(torch.bfloat16)

    def forward(self, inputs: Inputs | None, features: Tensor, actions: Tensor) -> Tensor:
        """What sensors see or None, features (B, F), actions (B, 2) -> (2, B)."""
        return self.judge(self.look(inputs, features), actions)

    def look(self, inputs: Inputs | None, features: Tensor) -> Tensor:
        """(B, F) of 32 bits, what the heads see beside the actions."""
        return features if self.trunk is None else self.trunk(inputs).float()

    def judge(self, inputs: Tensor, actions: Tensor) -> Tensor:
        """(2, B) values of actions."""
        values: Tensor = self.heads(inputs, actions)
        return values

    @property
    def last_layer(self) -> tuple[nn.Parameter, nn.Parameter]:
        """Weight and bias that give the values."""
        return self.heads.weights[2], self.heads.biases[2]


class Target:
    """A copy of a critic that follows it slowly; its 32-bit weights are kept beside it."""

    def __init__(self, critic: SoftCritic) -> None:
        self.critic = copy.deepcopy(critic).requires_grad_(False)
        self.weights = [master.clone().reshape(-1) for master in critic.masters]

    def follow(self, masters: Sequence[Tensor], smoothing: float, share: int, shares: int) -> None:
        """Move a share of all weights by `smoothing` of the way to the critic's (flat) ones."""
        for weights, master, parameter in zip(
            self.weights, masters, self.critic.parameters(), strict=True
        ):
            size = len(weights)
            span = slice(size * share // shares, size * (share + 1) // shares)
            weights[span].lerp_(master[span], smoothing)
            parameter.data.view(-1)[span].copy_(weights[span])

    def scale_last_layer(self, factor: float) -> None:
        """Multiply all values."""
        wanted = {id(parameter) for parameter in self.critic.last_layer}
        for weights, parameter in zip(self.weights, self.critic.parameters(), strict=True):
            if id(parameter) in wanted:
                weights.mul_(factor)
                parameter.data.view(-1).copy_(weights)

    def load(self, weights: Sequence[Tensor]) -> None:
        """Take over flat 32-bit weights."""
        for own, given, parameter in zip(
            self.weights, weights, self.critic.parameters(), strict=True
        ):
            own.copy_(given)
            parameter.data.view(-1).copy_(own)


def _copies(module: nn.Module) -> list[Tensor]:
    return [parameter.detach().clone() for parameter in module.parameters()]
