"""What the outputs of a policy network mean, for each kind of action space.

A head draws actions in training, takes the best ones in evaluations, turns either into
commands, and gives the loss. Actions of a list are numbers; those of a continuous space are
pairs (steering, speed) as drawn, of which only the part from -1 to 1 reaches the car.
"""

from __future__ import annotations

import math
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from racecraft.domain.action_space import ContinuousActionSpace, DiscreteActionSpace
from racecraft.domain.episode import NO_ACTION_NUMBER
from racecraft.sim.kernel import njit
from racecraft.sim.streams import next_normals, next_uniform
from racecraft.training.losses import (
    LOG_STD_RANGE,
    PolicyLoss,
    clipped_gaussian_loss,
    clipped_policy_loss,
)

_HALF_LOG_2_PI = 0.5 * math.log(2.0 * math.pi)
_LOWEST_LOG_STD, _HIGHEST_LOG_STD = LOG_STD_RANGE


class Head(Protocol):
    """One kind of action space."""

    resting_number: int
    """Action number in the records of steps in which no action is taken."""

    def make_actions(self, *shape: int) -> NDArray[Any]:
        """Memory for actions: the given shape, then that of one action."""

    def draw(
        self,
        outputs: NDArray[np.float32],
        streams: NDArray[np.uint64],
        span: tuple[int, int],
        epsilon: float,
        chosen: tuple[NDArray[Any], NDArray[np.float64]],
    ) -> None:
        """Choose an action for every row of a span, each from its own stream.

        Args:
            outputs: (B, …) of the policy for rows span[0]..span[1]-1.
            streams: (N,) random streams.
            span: (first row, one past the last row).
            epsilon: below 0: sample the policy; else the share of random actions.
            chosen: (N, …) actions and (N,) their log probabilities, filled in place.
        """

    def best(self, outputs: NDArray[np.float32]) -> NDArray[Any]:
        """(B, …) the greedy action of every row of outputs."""

    def command(self, actions: NDArray[Any]) -> NDArray[np.float64]:
        """(B, 2) steering (rad) and speed (m/s) of actions (B, …)."""

    def numbers(self, actions: NDArray[Any]) -> NDArray[np.int64]:
        """Action numbers for the records; the shape of `actions` without that of one action."""

    def loss(
        self,
        outputs: Tensor,
        actions: Tensor,
        old_log_probs: Tensor,
        advantages: Tensor,
        clip_range: float,
        ent_coef: float,
    ) -> PolicyLoss:
        """As in `losses`."""


class Categorical:
    """A list of actions: one logit each."""

    resting_number = 0

    def __init__(self, space: DiscreteActionSpace) -> None:
        self.command = space.command_function()
        self.loss = clipped_policy_loss

    def make_actions(self, *shape: int) -> NDArray[np.int64]:
        """(…) action numbers."""
        return np.zeros(shape, np.int64)

    def draw(
        self,
        outputs: NDArray[np.float32],
        streams: NDArray[np.uint64],
        span: tuple[int, int],
        epsilon: float,
        chosen: tuple[NDArray[np.int64], NDArray[np.float64]],
    ) -> None:
        """Draw from the softmax of the outputs, or be greedy with random slips."""
        sample_actions(outputs, streams, span, epsilon, *chosen)

    def best(self, outputs: NDArray[np.float32]) -> NDArray[np.int64]:
        """(B,) the most likely actions."""
        best: NDArray[np.int64] = outputs.argmax(axis=1)
        return best

    def numbers(self, actions: NDArray[np.int64]) -> NDArray[np.int64]:
        """The actions themselves."""
        return actions


class Gaussian:
    """A continuous space: means and log deviations of normal distributions."""

    resting_number = NO_ACTION_NUMBER

    def __init__(self, space: ContinuousActionSpace) -> None:
        self.command = space.command_function()
        self.loss = clipped_gaussian_loss

    def make_actions(self, *shape: int) -> NDArray[np.float32]:
        """(…, 2) steering and speed."""
        return np.zeros((*shape, 2), np.float32)

    def draw(
        self,
        outputs: NDArray[np.float32],
        streams: NDArray[np.uint64],
        span: tuple[int, int],
        epsilon: float,
        chosen: tuple[NDArray[np.float32], NDArray[np.float64]],
    ) -> None:
        """Draw from the normal distributions; there are no random slips (`epsilon`) here."""
        assert epsilon < 0.0
        draw_pairs(outputs, streams, span, *chosen)

    def best(self, outputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """(B, 2) the means."""
        return outputs[:, :2]

    def numbers(self, actions: NDArray[np.float32]) -> NDArray[np.int64]:
        """-1 throughout: these actions have no number."""
        return np.full(actions.shape[:-1], NO_ACTION_NUMBER)


def make_head(space: DiscreteActionSpace | ContinuousActionSpace) -> Head:
    """The head for an action space."""
    return Gaussian(space) if isinstance(space, ContinuousActionSpace) else Categorical(space)


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


@njit(cache=True, nogil=True)
def draw_pairs(outputs: Any, streams: Any, span: Any, actions: Any, log_probs: Any) -> None:
    """Draw two normal numbers for every row from its own stream.

    Args:
        outputs: (B, 4) two means and two log deviations for rows span[0]..span[1]-1.
        streams: (N,) random streams.
        span: (first row, one past the last row).
        actions: (N, 2) filled in place, not clipped.
        log_probs: (N,) log density of what is stored there, filled in place.
    """
    for row in range(span[0], span[1]):
        line = outputs[row - span[0]]
        normals = next_normals(streams, row)
        density = 0.0
        for k in range(2):
            log_std = min(max(np.float64(line[2 + k]), _LOWEST_LOG_STD), _HIGHEST_LOG_STD)
            mean, deviation = np.float64(line[k]), np.exp(log_std)
            actions[row, k] = mean + deviation * normals[k]
            # Of the number as it was stored, in 32 bits: the update sees no other.
            z = (np.float64(actions[row, k]) - mean) / deviation
            density -= 0.5 * z * z + log_std + _HALF_LOG_2_PI
        log_probs[row] = density
