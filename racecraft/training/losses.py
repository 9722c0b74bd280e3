"""The clipped policy objective and the value loss, with their gradients in closed form.

The gradients are with respect to the network's outputs; automatic differentiation takes over
from there. Written out because the dozens of tiny operations that it would otherwise record
cost more than a small network itself. Tests compare them with automatic differentiation.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from racecraft.domain.hyperparameters import LossType


@dataclass(frozen=True)
class PolicyLoss:
    """Gradient and figures of a minibatch."""

    gradient: Tensor
    """(B, A) derivative of the loss by the logits."""
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
    count = len(logits)
    log_probs = torch.log_softmax(logits, dim=1)
    probs = log_probs.exp()
    chosen = log_probs.gather(1, actions[:, None]).squeeze(1)
    log_ratio = chosen - old_log_probs
    ratio = log_ratio.exp()
    clipped = ratio.clamp(1.0 - clip_range, 1.0 + clip_range)
    surrogate = torch.minimum(ratio * advantages, clipped * advantages)
    # Where the clipped branch is the smaller, the objective is flat in the policy.
    is_active = (ratio * advantages) <= (clipped * advantages)
    weight = torch.where(is_active, ratio * advantages, torch.zeros_like(ratio))
    entropies = -(probs * log_probs).sum(dim=1)
    # d log p(a) / d logits = onehot(a) − p;   dH / d logits = −p (log p + H)
    gradient = weight[:, None] * probs + ent_coef * probs * (log_probs + entropies[:, None])
    gradient[torch.arange(count), actions] -= weight
    entropy = entropies.mean()
    return PolicyLoss(
        gradient=gradient / count,
        loss=float(-surrogate.mean() - ent_coef * entropy),
        entropy=float(entropy),
        approx_kl=float((ratio - 1.0 - log_ratio).mean()),
        clip_fraction=float((~is_active).float().mean()),
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
