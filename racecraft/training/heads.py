"""What the outputs of a policy network mean, for each kind of action space.

A head draws actions in training, takes the best ones in evaluations, turns either into
commands, and those of PPO give the loss. Actions of a list are numbers; those of a continuous
space are pairs (steering, speed). PPO's are as drawn, and only the part from -1 to 1 reaches the
car; SAC's are bent into that range by a hyperbolic tangent.
"""

from __future__ import annotations

import math
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from racecraft.domain.action_space import ContinuousActionSpace, DiscreteActionSpace
from racecraft.domain.episode import NO_ACTION_NUMBER
from racecraft.domain.hyperparameters import AlgorithmName
from racecraft.sim.kernel import njit
from racecraft.sim.streams import next_normals, next_uniform
from racecraft.training.losses import (
    LOG_STD_RANGE,
    SQUASHED_LOG_STD_RANGE,
    PolicyLoss,
    clipped_gaussian_loss,
    clipped_policy_loss,
)

_HALF_LOG_2_PI = 0.5 * math.log(2.0 * math.pi)
_LOWEST_LOG_STD, _HIGHEST_LOG_STD = LOG_STD_RANGE
_HIGHEST_SQUASHED_LOG_STD = SQUASHED_LOG_STD_RANGE[1]


class Head(Protocol):
    """One kind of action space."""

    resting_number: int
    """Action number in the records of steps in which no action is taken."""
    output_count: int
    """Outputs of the policy that are logits of actions; 0 where actions have no probability."""

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


class PolicyHead(Head, Protocol):
    """One that PPO can learn with."""

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
        self.output_count = len(space.actions)
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
    output_count = 0

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


class SquashedGaussian:
    """A continuous space for SAC: normal distributions bent into the range from -1 to 1."""

    resting_number = NO_ACTION_NUMBER
    output_count = 0

    def __init__(self, space: ContinuousActionSpace) -> None:
        self.command = space.command_function()

    def make_actions(self, *shape: int) -> NDArray[np.float32]:
        """(…, 2) steering and speed, each from -1 to 1."""
        return np.zeros((*shape, 2), np.float32)

    def draw(
        self,
        outputs: NDArray[np.float32],
        streams: NDArray[np.uint64],
        span: tuple[int, int],
        epsilon: float,
        chosen: tuple[NDArray[np.float32], NDArray[np.float64]],
    ) -> None:
        """Draw from the distributions, or anywhere in the range for `epsilon` 1.

        SAC asks for log densities of what it draws anew only, so none is filled in.
        """
        draw_squashed(outputs, streams, span, epsilon, chosen[0])

    def best(self, outputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """(B, 2) the bent means."""
        best: NDArray[np.float32] = np.tanh(outputs[:, :2])
        return best

    def numbers(self, actions: NDArray[np.float32]) -> NDArray[np.int64]:
        """-1 throughout: these actions have no number."""
        return np.full(actions.shape[:-1], NO_ACTION_NUMBER)


def make_head(space: DiscreteActionSpace | ContinuousActionSpace) -> PolicyHead:
    """PPO's head for an action space."""
    return Gaussian(space) if isinstance(space, ContinuousActionSpace) else Categorical(space)


def head_of(space: DiscreteActionSpace | ContinuousActionSpace, algorithm: AlgorithmName) -> Head:
    """An algorithm's head for an action space that it can drive."""
    if algorithm == "PPO":
        return make_head(space)
    assert isinstance(space, ContinuousActionSpace)
    return SquashedGaussian(space)


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


@njit(cache=True, nogil=True)
def draw_squashed(outputs: Any, streams: Any, span: Any, epsilon: float, actions: Any) -> None:
    """Draw two numbers between -1 and 1 for every row from its own stream.

    Args:
        outputs: (B, 4) two means and two log deviations for rows span[0]..span[1]-1.
        streams: (N,) random streams.
        span: (first row, one past the last row).
        epsilon: below 0: hyperbolic tangents of normal numbers; else any pair is as likely.
        actions: (N, 2) filled in place.
    """
    for row in range(span[0], span[1]):
        line = outputs[row - span[0]]
        if epsilon < 0.0:
            normals = next_normals(streams, row)
            for k in range(2):
                low, high = _LOWEST_LOG_STD, _HIGHEST_SQUASHED_LOG_STD
                log_std = min(max(np.float64(line[2 + k]), low), high)
                actions[row, k] = math.tanh(np.float64(line[k]) + np.exp(log_std) * normals[k])
        else:
            for k in range(2):
                actions[row, k] = 2.0 * next_uniform(streams, row) - 1.0
