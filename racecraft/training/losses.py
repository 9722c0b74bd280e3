"""The clipped policy objective and the value loss, with their gradients in closed form.

The gradients are with respect to the network's outputs; automatic differentiation takes over
from there. Written out because the dozens of tiny operations that it would otherwise record
cost more than a small network itself. Tests compare them with automatic differentiation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from racecraft.domain.hyperparameters import LossType

LOG_STD_RANGE = (-20.0, 3.0)
"""Logarithms of standard deviations beyond these count as these."""
SQUASHED_LOG_STD_RANGE = (-20.0, 2.0)
"""The same before a hyperbolic tangent, for SAC (Haarnoja et al. 2018)."""


@dataclass(frozen=True)
class PolicyLoss:
    """Gradient and figures of a minibatch."""

    gradient: Tensor
    """Derivative of the loss by the policy's outputs, of their shape."""
    loss: float
    entropy: float
    approx_kl: float
    clip_fraction: float


def clipped_policy_loss(
    logits: Tensor,
    actions: Tensor,
    old_log_probs: Tensor,
    advantages: Tensor,
    clip_range: float,
    ent_coef: float,
) -> PolicyLoss:
    """Loss = −mean(min(r·A, clip(r)·A)) − ent_coef · mean(entropy) (Schulman et al. 2017, eq. 7).

    Args:
        logits: (B, A) 32-bit floats.
        actions: (B,) chosen actions.
        old_log_probs: (B,) log probability of those when they were chosen.
        advantages: (B,)
        clip_range: ε; the ratio r stops counting outside 1 ± ε.
        ent_coef: weight of the entropy bonus.
    """
    log_probs = torch.log_softmax(logits, dim=1)
    probs = log_probs.exp()
    chosen = log_probs.gather(1, actions[:, None]).squeeze(1)
    clipped = _clipped_objective(chosen - old_log_probs, advantages, clip_range)
    entropies = -(probs * log_probs).sum(dim=1)
    # d log p(a) / d logits = onehot(a) − p;   dH / d logits = −p (log p + H)
    weight = clipped.weight[:, None]
    gradient = weight * probs + ent_coef * probs * (log_probs + entropies[:, None])
    gradient[torch.arange(len(logits)), actions] -= clipped.weight
    return _policy_loss(clipped, gradient, entropies.mean(), ent_coef)


def clipped_gaussian_loss(
    outputs: Tensor,
    actions: Tensor,
    old_log_probs: Tensor,
    advantages: Tensor,
    clip_range: float,
    ent_coef: float,
) -> PolicyLoss:
    """The same loss for independent normal distributions.

    Args:
        outputs: (B, 2 A) means, then logarithms of standard deviations, 32-bit floats.
        actions: (B, A) what was drawn, before any clipping to a range.
        old_log_probs: (B,) log density of those when they were drawn.
        advantages: (B,)
        clip_range: ε; the ratio r stops counting outside 1 ± ε.
        ent_coef: weight of the entropy bonus.
    """
    means, log_stds = outputs.chunk(2, dim=1)
    low, high = LOG_STD_RANGE
    is_inside = (log_stds >= low) & (log_stds <= high)
    log_stds = log_stds.clamp(low, high)
    precision = (-log_stds).exp()
    z = (actions - means) * precision
    chosen = -(0.5 * z**2 + log_stds + 0.5 * math.log(2.0 * math.pi)).sum(dim=1)
    clipped = _clipped_objective(chosen - old_log_probs, advantages, clip_range)
    entropies = (log_stds + 0.5 * math.log(2.0 * math.pi * math.e)).sum(dim=1)
    # d log p(a) / d mean = z / σ;   d log p(a) / d log σ = z² − 1;   dH / d log σ = 1
    weight = clipped.weight[:, None]
    by_log_std = (weight * (1.0 - z**2) - ent_coef) * is_inside
    gradient = torch.cat([-weight * z * precision, by_log_std], dim=1)
    return _policy_loss(clipped, gradient, entropies.mean(), ent_coef)


@dataclass(frozen=True)
class _ClippedObjective:
    ratio: Tensor
    log_ratio: Tensor
    surrogate: Tensor
    is_active: Tensor
    weight: Tensor
    """(B,) derivative of the objective by the log probability of the chosen action."""


def _clipped_objective(
    log_ratio: Tensor, advantages: Tensor, clip_range: float
) -> _ClippedObjective:
    ratio = log_ratio.exp()
    clipped = ratio.clamp(1.0 - clip_range, 1.0 + clip_range)
    surrogate = torch.minimum(ratio * advantages, clipped * advantages)
    # Where the clipped branch is the smaller, the objective is flat in the policy.
    is_active = (ratio * advantages) <= (clipped * advantages)
    weight = torch.where(is_active, ratio * advantages, torch.zeros_like(ratio))
    return _ClippedObjective(ratio, log_ratio, surrogate, is_active, weight)


def _policy_loss(
    clipped: _ClippedObjective, gradient: Tensor, entropy: Tensor, ent_coef: float
) -> PolicyLoss:
    return PolicyLoss(
        gradient=gradient / len(gradient),
        loss=float(-clipped.surrogate.mean() - ent_coef * entropy),
        entropy=float(entropy),
        approx_kl=float((clipped.ratio - 1.0 - clipped.log_ratio).mean()),
        clip_fraction=float((~clipped.is_active).float().mean()),
    )


def value_loss(values: Tensor, targets: Tensor, loss_type: LossType) -> tuple[Tensor, float]:
    """Mean over the batch of ½·error² (mean squared error) or of its Huber form with δ = 1.

    Args:
        values: (B,) predictions, standardised.
        targets: (B,) standardised.
        loss_type: which measure.

    Returns:
        ((B,) derivative of the loss by the values, the loss).
    """
    error = values - targets
    if loss_type is LossType.HUBER:
        near = error.clamp(-1.0, 1.0)
        loss = (near * (error - 0.5 * near)).mean()
        return near / len(values), float(loss)
    return error / len(values), float(0.5 * (error**2).mean())
