"""One PPO update: gathered experience in, a better policy and value function out.

The maths is in `losses` and `returns`. Each minibatch is cut into as many parts as there are
threads; their gradients are summed in a fixed order, so the same seed gives the same weights.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from racecraft.domain.errors import TrainingFailed
from racecraft.domain.hyperparameters import PPOHyperparameters
from racecraft.domain.spec import ModelSpec, TrainingSpec
from racecraft.sim.features import feature_count
from racecraft.sim.observations import Observations
from racecraft.training.heads import make_head
from racecraft.training.inputs import InputBuffer
from racecraft.training.losses import value_loss
from racecraft.training.networks import ActorCritic, kernel_mask
from racecraft.training.optimizer import Adam
from racecraft.training.returns import (
    ValueScale,
    explained_variance,
    generalised_advantages,
    standardise,
)
from racecraft.training.rollout import Rollout
from racecraft.training.team import Team


@dataclass(frozen=True)
class Batch:
    """The experience of an iteration as flat arrays of R rows."""

    observations: Observations
    features: NDArray[np.float32]
    actions: NDArray[Any]
    log_probs: NDArray[np.float32]
    advantages: NDArray[np.float32]
    targets: NDArray[np.float32]


@dataclass
class UpdateFigures:
    """Means over the minibatches of one update."""

    policy_loss: list[float] = field(default_factory=list)
    value_loss: list[float] = field(default_factory=list)
    entropy: list[float] = field(default_factory=list)
    approx_kl: list[float] = field(default_factory=list)
    clip_fraction: list[float] = field(default_factory=list)
    explained_variance: float = 0.0


class Learner:
    """Policy, value function and optimiser of one training."""

    def __init__(self, model: ModelSpec, training: TrainingSpec, team: Team) -> None:
        assert isinstance(training.hyperparameters, PPOHyperparameters)
        self.hyperparameters = training.hyperparameters
        self.team = team
        self.actor = ActorCritic(
            model,
            self.hyperparameters.critic,
            uses_bf16=bool(training.uses_bf16),
            seed=training.seed,
            num_features=feature_count(has_objects=training.race.has_objects),
            initial_deviation=self.hyperparameters.initial_deviation,
        )
        self.head = make_head(model.action_space)
        self.parameters = list(self.actor.parameters())
        self.optimizer = Adam(self.parameters, self.actor.masters)
        self.scale = ValueScale()
        self._mask = kernel_mask(self.actor.policy)
        self._first = 0
        if self._mask is not None:
            first = id(self.actor.policy.first_weight)
            self._first = [id(p) for p in self.parameters].index(first)
        self.shuffle = np.random.default_rng([training.seed, 1])
        share = -(-self.hyperparameters.batch_size // team.size)
        uses_bf16 = bool(training.uses_bf16)
        self._buffers = [
            InputBuffer(share, self.actor.policy, uses_bf16=uses_bf16) for _ in range(team.size)
        ]

    def update(self, rollout: Rollout, env_steps: int = 0) -> UpdateFigures:
        """Improve the policy with the experience of one iteration.

        Args:
            rollout: what was gathered.
            env_steps: steps of the training before it, for the learning rate.

        Raises:
            TrainingFailed: a loss is not a number.
        """
        figures = UpdateFigures()
        batch = self._batch(rollout, figures)
        rows = most_telling(batch.advantages, self.hyperparameters.update_share)
        size: int = self.hyperparameters.batch_size
        if len(rows) < size:
            size = 2 ** int(np.log2(len(rows)))
        rate = self.hyperparameters.learning_rate_at(env_steps)
        for _ in range(self.hyperparameters.num_epochs):
            order = self.shuffle.permutation(rows)
            minibatches = order[: len(rows) // size * size].reshape(-1, size)
            gradients: list[list[Tensor]] = [[] for _ in range(self.team.size)]
            self.team.run(
                partial(
                    self._epoch,
                    batch=batch,
                    minibatches=minibatches,
                    gradients=gradients,
                    rate=rate,
                    figures=figures,
                )
            )
        losses = figures.policy_loss + figures.value_loss
        # The weights too: no loss was computed after the last step.
        if not all(
            np.isfinite(each).all() for each in (np.array(losses), *self.optimizer.masters())
        ):
            raise TrainingFailed(
                "The loss is not a number any more; use a smaller learning rate or rewards that "
                "vary less, and clone the best checkpoint to go on from it."
            )
        self._narrow(env_steps)
        return figures

    def _narrow(self, env_steps: int) -> None:
        """Let the deviations of continuous actions be no wider than is asked for by now.

        Left alone they stay as wide as the rewards allow, and the means keep that much distance
        from the edge of the road and of the tyres' grip.
        """
        most = self.hyperparameters.most_deviation_at(env_steps)
        log_std = self.actor.policy.log_std
        if most is not None and log_std is not None:
            index = [id(parameter) for parameter in self.parameters].index(id(log_std))
            self.optimizer.limit_master(index, math.log(most))

    def _batch(self, rollout: Rollout, figures: UpdateFigures) -> Batch:
        """Advantages and value targets of a rollout, and everything flattened."""
        steps = slice(rollout.length)
        values = rollout.values[steps]
        advantages = generalised_advantages(
            rollout.rewards[steps],
            values,
            rollout.next_values,
            rollout.is_last[steps],
            gamma=self.hyperparameters.gamma,
            gae_lambda=self.hyperparameters.gae_lambda,
        )
        targets = advantages + values
        figures.explained_variance = explained_variance(targets, values)
        self._rescale(targets)
        standard_targets = (targets - self.scale.mean) / self.scale.spread
        return Batch(
            observations=rollout.observations[steps].flat(2),
            features=rollout.features[steps].reshape(-1, rollout.features.shape[2]),
            actions=rollout.actions[steps].reshape(-1, *rollout.actions.shape[2:]),
            log_probs=rollout.log_probs[steps].reshape(-1).astype(np.float32),
            advantages=standardise(advantages).reshape(-1).astype(np.float32),
            targets=standard_targets.reshape(-1).astype(np.float32),
        )

    def _epoch(
        self,
        share: int,
        batch: Batch,
        minibatches: NDArray[np.int64],
        gradients: list[list[Tensor]],
        rate: float,
        figures: UpdateFigures,
    ) -> None:
        """One thread's part of one pass over the experience."""
        for rows in minibatches:
            lo, hi = self.team.span(share, len(rows))
            gradients[share] = self._gradients(share, batch, rows[lo:hi], len(rows), figures)
            if share == 0:
                self.optimizer.begin_step()
            self.team.wait()
            self.optimizer.step_share(gradients, rate, share, self.team.size)
            self.team.wait()

    def _gradients(
        self, share: int, batch: Batch, rows: NDArray[np.int64], total: int, figures: UpdateFigures
    ) -> list[Tensor]:
        """Gradient of the minibatch loss over some of its rows, in parameter order."""
        hyper = self.hyperparameters
        buffer = self._buffers[share]
        buffer.fill(batch.observations, rows)
        outputs, values = self.actor(
            buffer.inputs(0, len(rows)), torch.from_numpy(batch.features[rows])
        )
        policy = self.head.loss(
            outputs.detach().float(),
            torch.from_numpy(batch.actions[rows]),
            torch.from_numpy(batch.log_probs[rows]),
            torch.from_numpy(batch.advantages[rows]),
            hyper.clip_range,
            hyper.ent_coef,
        )
        value_gradient, loss = value_loss(
            values.detach().float(), torch.from_numpy(batch.targets[rows]), hyper.loss_type
        )
        if share == 0:
            figures.policy_loss.append(policy.loss)
            figures.value_loss.append(loss)
            figures.entropy.append(policy.entropy)
            figures.approx_kl.append(policy.approx_kl)
            figures.clip_fraction.append(policy.clip_fraction)
        weight = len(rows) / total
        gradients = torch.autograd.grad(
            (outputs, values),
            self.parameters,
            (
                (policy.gradient * weight).to(outputs.dtype),
                (value_gradient * weight).to(values.dtype),
            ),
        )
        if self._mask is not None:
            gradients[self._first].mul_(self._mask)
        return list(gradients)

    def _rescale(self, targets: NDArray[np.float64]) -> None:
        """Take the new targets into the value scale without changing any prediction."""
        factor, shift = self.scale.update(targets)
        head = self.actor.value_head
        for index, parameter in enumerate(self.parameters):
            if parameter is head.weight:
                self.optimizer.scale_master(index, factor)
            elif parameter is head.bias:
                self.optimizer.scale_master(index, factor, shift)

    def policy_weights(self) -> list[NDArray[np.float32]]:
        """The policy's flat 32-bit weights, in its own order of parameters; shares memory."""
        masters = dict(zip(map(id, self.parameters), self.optimizer.masters(), strict=True))
        return [masters[id(parameter)] for parameter in self.actor.policy.parameters()]

    def load_policy_weights(self) -> None:
        """Take over what was loaded into the policy, in the master weights too."""
        for index, parameter in enumerate(self.parameters):
            self.optimizer.set_master(index, parameter)

    def state_arrays(self) -> dict[str, NDArray[Any]]:
        """All that a resumed training needs, but for the shuffling and the value scale."""
        return self.optimizer.state_arrays()


def most_telling(advantages: NDArray[np.float32], share: float) -> NDArray[np.int64]:
    """Rows with the largest advantages of either sign, ascending; all rows for a share of 1.

    A step that went as expected moves the policy hardly at all, but costs as much to learn
    from as any other.
    """
    # Never less than the smallest batch, so that every thread has rows.
    count = max(int(len(advantages) * share), min(len(advantages), 32))
    return np.sort(np.argsort(-np.abs(advantages), kind="stable")[:count])
