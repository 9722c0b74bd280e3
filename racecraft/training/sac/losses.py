"""Soft actor-critic's maths, with the policy's gradient in closed form.

Haarnoja et al. 2018, "Soft Actor-Critic Algorithms and Applications". An action is a = tanh(u),
u = mean + exp(log_std) · noise, so that gradients reach the policy through the action.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus

from racecraft.training.losses import SQUASHED_LOG_STD_RANGE
from racecraft.training.optimizer import BETA_1, BETA_2, EPSILON

_HALF_LOG_2_PI = 0.5 * math.log(2.0 * math.pi)
_LOG_2 = math.log(2.0)


@dataclass(frozen=True)
class Draw:
    """Actions drawn from outputs with given noise."""

    actions: Tensor
    """(B, A) from -1 to 1."""
    log_probs: Tensor
    """(B,) log densities of the actions."""
    deviations: Tensor
    """(B, A) of the normal distributions."""
    is_inside: Tensor
    """(B, A) where the log deviation is within its range."""


def draw_actions(outputs: Tensor, noise: Tensor) -> Draw:
    """Actions and their log densities (appendix C of the paper).

    Args:
        outputs: (B, 2 A) means, then logarithms of standard deviations, 32-bit floats.
        noise: (B, A) standard normal numbers.
    """
    means, log_stds = outputs.chunk(2, dim=1)
    low, high = SQUASHED_LOG_STD_RANGE
    is_inside = (log_stds >= low) & (log_stds <= high)
    log_stds = log_stds.clamp(low, high)
    deviations = log_stds.exp()
    u = means + deviations * noise
    normal = -0.5 * noise**2 - log_stds - _HALF_LOG_2_PI
    # log(1 - tanh(u)²) written so that it is exact for large u.
    squash = 2.0 * (_LOG_2 - u - softplus(-2.0 * u))
    return Draw(torch.tanh(u), (normal - squash).sum(dim=1), deviations, is_inside)


def policy_gradient(draw: Draw, noise: Tensor, by_action: Tensor, alpha: float) -> Tensor:
    """Derivative of mean(alpha · log π(a) − Q(a)) by the policy's outputs.

    Args:
        draw: actions drawn from these outputs.
        noise: (B, A) with which they were drawn.
        by_action: (B, A) derivative of the smaller value by the action.
        alpha: weight of the entropy.

    Returns:
        (B, 2 A).
    """
    # With the noise held: d log π / du = 2 a, d log π / d log σ = 2 a σ ε − 1, da / du = 1 − a².
    by_mean = 2.0 * alpha * draw.actions - by_action * (1.0 - draw.actions**2)
    by_log_std = (by_mean * draw.deviations * noise - alpha) * draw.is_inside
    return torch.cat([by_mean, by_log_std], dim=1) / len(noise)


def soft_targets(
    rewards: Tensor, goes_on: Tensor, next_values: Tensor, next_log_probs: Tensor, weights: Weights
) -> Tensor:
    """(B,) r + γ (min Q' − alpha log π'), without what follows where the episode is over.

    Args:
        rewards: (B,)
        goes_on: (B,) 1, or 0 after a failure.
        next_values: (2, B) both targets' values of the next action.
        next_log_probs: (B,) of the next action.
        weights: of rewards, future and entropy.
    """
    following = next_values.amin(dim=0) - weights.alpha * next_log_probs
    return weights.reward * rewards + weights.gamma * goes_on * following


@dataclass(frozen=True)
class Weights:
    """What counts how much in the units of the value functions."""

    reward: float
    gamma: float
    alpha: float


@dataclass
class Temperature:
    """The logarithm of alpha, fixed or learnt by Adam from one number a step."""

    log_alpha: float
    mean: float = 0.0
    square: float = 0.0
    count: int = 0

    @property
    def alpha(self) -> float:
        """Weight of the entropy."""
        return math.exp(self.log_alpha)

    def learn(self, mean_log_prob: float, target_entropy: float, learning_rate: float) -> None:
        """A step down −log_alpha · (mean log π + target entropy)."""
        gradient = -(mean_log_prob + target_entropy)
        self.count += 1
        self.mean = BETA_1 * self.mean + (1.0 - BETA_1) * gradient
        self.square = BETA_2 * self.square + (1.0 - BETA_2) * gradient**2
        mean = self.mean / (1.0 - BETA_1**self.count)
        square = self.square / (1.0 - BETA_2**self.count)
        self.log_alpha -= learning_rate * mean / (math.sqrt(square) + EPSILON)
