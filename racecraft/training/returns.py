"""Advantages and value targets: pure functions of arrays.

Shapes are (T, N): T steps of N cars gathered side by side, episodes joined end to end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def generalised_advantages(
    rewards: Floats,
    values: Floats,
    next_values: Floats,
    is_last: NDArray[np.bool_],
    *,
    gamma: float,
    gae_lambda: float,
) -> Floats:
    """Generalised advantage estimation (Schulman et al. 2016, eq. 16), backwards in time.

    Args:
        rewards: (T, N) reward of each step.
        values: (T, N) value of the state before each step.
        next_values: (T, N) value of the state after each step: 0 where an episode was ended by
            the rules, the value of the state where it was merely cut off.
        is_last: (T, N) True on the last step of an episode.
        gamma: discount factor.
        gae_lambda: decay of the sum of temporal differences.

    Returns:
        (T, N) advantages; value targets are advantages + values.
    """
    deltas = rewards + gamma * next_values - values
    decay = gamma * gae_lambda * ~is_last
    advantages = np.empty_like(deltas)
    running = np.zeros(rewards.shape[1])
    for t in range(len(rewards) - 1, -1, -1):
        running = deltas[t] + decay[t] * running
        advantages[t] = running
    return advantages


def standardise(values: Floats) -> Floats:
    """Mean 0 and standard deviation 1 over all entries; all zeros if they are all equal."""
    mean, spread = float(values.mean()), float(values.std())
    if spread <= 1e-12 * max(1.0, abs(mean)):
        return np.zeros_like(values)
    standard: Floats = (values - mean) / spread
    return standard


def explained_variance(targets: Floats, values: Floats) -> float:
    """1 for a perfect value function, 0 for one no better than the mean, negative if worse."""
    variance = float(np.var(targets))
    return 0.0 if variance == 0.0 else 1.0 - float(np.var(targets - values)) / variance


@dataclass
class ValueScale:
    """Running mean and spread of the value targets (PopArt, van Hasselt et al. 2016).

    The value network predicts standardised targets, so that learning does not depend on the
    scale of a user's rewards; `update` says how the last layer must change for its
    predictions in reward units to stay what they were.
    """

    mean: float = 0.0
    spread: float = 1.0
    is_set: bool = False

    def update(self, targets: Floats, rate: float = 0.2) -> tuple[float, float]:
        """Take in new targets.

        Returns:
            (factor, shift): multiply the last layer's weights by `factor`; its bias becomes
            bias · factor + shift.
        """
        mean, spread = float(targets.mean()), max(float(targets.std()), 1e-12)
        if self.is_set:
            second = (1 - rate) * (self.spread**2 + self.mean**2) + rate * (spread**2 + mean**2)
            mean = (1 - rate) * self.mean + rate * mean
            spread = max(second - mean**2, 1e-24) ** 0.5
            factor, shift = self.spread / spread, (self.mean - mean) / spread
        else:
            factor, shift = 1.0, 0.0
        self.mean, self.spread, self.is_set = mean, spread, True
        return factor, shift
