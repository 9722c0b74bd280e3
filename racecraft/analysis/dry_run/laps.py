"""Laps to try a reward function on, and what it pays for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.reward import COLUMN

Values = NDArray[np.float64]

LARGEST_GAMMA = 0.9999
"""Without any discount the rewards of a car that drives on for ever have no sum."""


@dataclass(frozen=True, eq=False)
class Lap:
    """One lap, or an attempt at one, as a reward function is told about it."""

    name: str
    """A word for programs, for instance `racing-line`."""
    title: str
    """Words for people."""
    rows: Values
    """(M, len(COLUMNS)) reward inputs of the steps that are rewarded, in the order of time."""
    is_complete: bool
    """Progress has reached 100 %."""
    time_s: float
    """Simulated time, as lap tables show it."""
    is_recorded: bool = False
    """A model drove it; all others are drawn."""
    objects: Values | None = None
    """(M, O, len(OBJECT_COLUMNS)) the boxes or bot cars of each step; None on an empty road."""

    @property
    def points(self) -> Values:
        """(M, 2) where the nose was at each step (m)."""
        return self.rows[:, [COLUMN["x_m"], COLUMN["y_m"]]]

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, eq=False)
class PaidLap:
    """A lap and the reward of each of its steps."""

    lap: Lap
    rewards: Values
    """(M,) one a step."""
    gamma: float
    """What a reward one step later counts."""

    @property
    def total(self) -> float:
        """Sum over the lap."""
        return float(self.rewards.sum())

    @property
    def mean(self) -> float:
        """Mean over the steps."""
        return float(self.rewards.mean())

    @cached_property
    def returns(self) -> Values:
        """(M,) what an agent that drives so still has before it at each step, discounted.

        This is what training makes large. A car that finishes a lap drives on, as in training
        here, so a complete lap is taken to repeat for ever; a failure is followed by nothing.
        """
        gamma = min(self.gamma, LARGEST_GAMMA)
        ahead = 0.0
        if self.lap.is_complete:
            weights = gamma ** np.arange(len(self.rewards))
            ahead = float(weights @ self.rewards) / (1.0 - gamma ** len(self.rewards))
        returns = np.empty(len(self.rewards))
        for step in range(len(self.rewards) - 1, -1, -1):
            ahead = self.rewards[step] + gamma * ahead
            returns[step] = ahead
        return returns

    @property
    def discounted(self) -> float:
        """Mean of `returns`; for a complete lap this is the mean reward over 1 - gamma."""
        return float(self.returns.mean())
