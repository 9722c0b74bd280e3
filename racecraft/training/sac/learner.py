"""Soft actor-critic's gradient steps: remembered experience in, a better policy out.

Each minibatch is cut into as many parts as there are threads; their gradients are summed in a
fixed order, so the same seed gives the same weights. A step improves the value functions, lets
their targets follow, and then improves the policy by the new value functions.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from racecraft.domain.errors import TrainingFailed
from racecraft.domain.hyperparameters import SACHyperparameters
from racecraft.domain.spec import TrainingSpec
from racecraft.training.checkpoint import part
from racecraft.training.inputs import InputBuffer
from racecraft.training.losses import value_loss
from racecraft.training.networks import kernel_mask
from racecraft.training.optimizer import Adam
from racecraft.training.sac.losses import (
    Draw,
    Temperature,
    Weights,
    draw_actions,
    policy_gradient,
    soft_targets,
)
from racecraft.training.sac.networks import SoftActor, SoftCritic, Target
from racecraft.training.sac.replay import Replay, Rows
from racecraft.training.team import Team
from racecraft.training.trunk import Inputs

TARGET_ENTROPY = -2.0
"""What a learnt alpha aims at: minus the number of action dimensions, as in the paper."""
LEAST_ALPHA = 1e-4
LEAST_HORIZON = 1e-3
"""Discount factors above 1 minus this scale values as this one."""


@dataclass
class UpdateFigures:
    """Of every gradient step of one update."""

    policy_loss: list[float] = field(default_factory=list)
    value_loss: list[float] = field(default_factory=list)
    entropy: list[float] = field(default_factory=list)
    explained_variance: list[float] = field(default_factory=list)

    def means(self, alpha: float) -> dict[str, float]:
        """Under their names in a report."""
        return {"alpha": alpha, **{name: float(np.mean(v)) for name, v in vars(self).items()}}


@dataclass
class Part:
    """What one thread holds of a gradient step."""

    now: Inputs
    outputs: Tensor
    """(B, 2 A) of the policy for them, with the way back to its weights."""
    features: Tensor
    noise: Tensor


class SoftLearner:
    """Policy, value functions, their targets and optimisers of one training."""

    def __init__(
        self, actor: SoftActor, critic: SoftCritic, training: TrainingSpec, team: Team
    ) -> None:
        assert isinstance(training.hyperparameters, SACHyperparameters)
        hyper = self.hyperparameters = training.hyperparameters
        self.actor, self.critic, self.team = actor, critic, team
        self.target = Target(critic)
        self._policy_weights = list(actor.policy.parameters())
        self._critic_weights = list(critic.parameters())
        self.policy_optimizer = Adam(self._policy_weights, actor.masters)
        self.critic_optimizer = Adam(self._critic_weights, critic.masters)
        self._critic_masters = [torch.from_numpy(m) for m in self.critic_optimizer.masters()]
        self.temperature = Temperature(float(np.log(max(hyper.sac_alpha, LEAST_ALPHA))))
        self.draws = np.random.default_rng([training.seed, 2])
        self.reward_size = 0.0
        """By which rewards are divided; 0 before the first update."""
        self._mask = kernel_mask(actor.policy)
        self._first = 0
        if self._mask is not None:
            first = id(actor.policy.first_weight)
            self._first = [id(p) for p in self._policy_weights].index(first)
        share = -(-hyper.batch_size // team.size)
        policy = actor.policy
        self._buffers = [
            [InputBuffer(share, policy, uses_bf16=actor.uses_bf16) for _ in range(2)]
            for _ in range(team.size)
        ]
        self._gradients: list[list[Tensor]] = [[] for _ in range(team.size)]
        self._log_probs = [0.0] * team.size

    def update(self, replay: Replay, steps: int) -> dict[str, float]:
        """Make gradient steps; gives their mean figures by their names in a report.

        Raises:
            TrainingFailed: a loss is not a number.
        """
        figures = UpdateFigures()
        size = self.hyperparameters.batch_size
        if self.hyperparameters.scales_rewards:
            self._rescale(replay.reward_size())
        chosen = replay.choose(self.draws, steps * size)
        noise = self.draws.standard_normal((steps, 2, size, 2), np.float32)

        def work(share: int) -> None:
            for k in range(steps):
                lo, hi = self.team.span(share, size)
                span = slice(k * size + lo, k * size + hi)
                rows = Rows(chosen.now[span], chosen.after[span], chosen.goes_on[span])
                self._step(share, replay, rows, torch.from_numpy(noise[k, :, lo:hi]), figures)

        self.team.run(work)
        losses = np.array(figures.policy_loss + figures.value_loss)
        masters = self.policy_optimizer.masters() + self.critic_optimizer.masters()
        if not all(np.isfinite(each).all() for each in (losses, *masters)):
            raise TrainingFailed(
                "The loss is not a number any more; use a smaller learning rate or rewards that "
                "vary less, and clone the best checkpoint to go on from it."
            )
        return figures.means(self.alpha)

    @property
    def alpha(self) -> float:
        """Weight of the entropy against rewards as they are scaled."""
        fixed = self.hyperparameters.sac_alpha
        return self.temperature.alpha if self.hyperparameters.learns_alpha else fixed

    @property
    def _horizon(self) -> float:
        """What values are multiplied by: scaled ones are mean rewards, so they are near 1."""
        if not self.hyperparameters.scales_rewards:
            return 1.0
        return max(1.0 - self.hyperparameters.gamma, LEAST_HORIZON)

    def _step(
        self, share: int, replay: Replay, rows: Rows, noise: Tensor, figures: UpdateFigures
    ) -> None:
        """One thread's part of one gradient step."""
        team, rate = self.team, self.hyperparameters.learning_rate
        held = self._improve_values(share, replay, rows, noise, figures)
        if share == 0:
            self.critic_optimizer.begin_step()
        team.wait()
        self.critic_optimizer.step_share(self._gradients, rate, share, team.size)
        smoothing = self.hyperparameters.target_smoothing
        self.target.follow(self._critic_masters, smoothing, share, team.size)
        team.wait()
        self._improve_policy(share, held, figures)
        if share == 0:
            self.policy_optimizer.begin_step()
        team.wait()
        self.policy_optimizer.step_share(self._gradients, rate, share, team.size)
        if share == 0 and self.hyperparameters.learns_alpha:
            mean = sum(self._log_probs) / self.hyperparameters.batch_size
            self.temperature.learn(mean, TARGET_ENTROPY, rate)
        team.wait()

    def _improve_values(
        self, share: int, replay: Replay, rows: Rows, noise: Tensor, figures: UpdateFigures
    ) -> Part:
        """Gradient of the value functions; gives what the policy's gradient needs later."""
        hyper, policy = self.hyperparameters, self.actor.policy
        inputs = [self._inputs(share, k, replay, each) for k, each in enumerate(_both(rows))]
        features = replay.flat("features")
        with torch.no_grad():
            after = torch.from_numpy(features[rows.after])
            draw = draw_actions(policy(inputs[1]).float(), noise[1])
            following = self.target.critic(inputs[1], after, draw.actions)
            horizon = self._horizon
            weights = Weights(
                horizon / (self.reward_size or 1.0), hyper.gamma, horizon * self.alpha
            )
            rewards = torch.from_numpy(replay.flat("rewards")[rows.now].astype(np.float32))
            goes_on = torch.from_numpy(rows.goes_on)
            targets = soft_targets(rewards, goes_on, following, draw.log_probs, weights)
        now = torch.from_numpy(features[rows.now])
        actions = torch.from_numpy(replay.flat("actions")[rows.now])
        values = self.critic(inputs[0], now, actions)
        pairs = [value_loss(each, targets, hyper.loss_type) for each in values.detach()]
        gradient = torch.stack([pair[0] for pair in pairs]) * (len(now) / hyper.batch_size)
        gradients = torch.autograd.grad(values, self._critic_weights, gradient)
        self._gradients[share] = list(gradients)
        if share == 0:
            figures.value_loss.append(sum(pair[1] for pair in pairs))
            figures.explained_variance.append(_explained(targets, values.detach()))
        return Part(inputs[0], policy(inputs[0]), now, noise[0])

    def _improve_policy(self, share: int, held: Part, figures: UpdateFigures) -> None:
        """Gradient of the policy by the new value functions."""
        outputs = held.outputs
        draw = draw_actions(outputs.detach().float(), held.noise)
        with torch.no_grad():
            seen = self.critic.look(held.now, held.features)
        actions = draw.actions.requires_grad_()
        value = self.critic.judge(seen, actions).amin(dim=0) / self._horizon
        (by_action,) = torch.autograd.grad(value.sum(), actions)
        gradient = policy_gradient(_detached(draw), held.noise, by_action, self.alpha)
        gradient *= len(outputs) / self.hyperparameters.batch_size
        gradients = torch.autograd.grad(outputs, self._policy_weights, gradient.to(outputs.dtype))
        if self._mask is not None:
            gradients[self._first].mul_(self._mask)
        self._gradients[share] = list(gradients)
        self._log_probs[share] = float(draw.log_probs.sum())
        if share == 0:
            loss = self.alpha * draw.log_probs - value.detach()
            figures.policy_loss.append(float(loss.mean()))
            figures.entropy.append(-float(draw.log_probs.mean()))

    def _inputs(self, share: int, place: int, replay: Replay, rows: NDArray[np.int64]) -> Inputs:
        buffer = self._buffers[share][place]
        buffer.fill(replay.observations.flat(2), rows)
        return buffer.inputs(0, len(rows))

    def _rescale(self, size: float) -> None:
        """Divide rewards by another size; values in that unit stay what they were."""
        if self.reward_size:
            factor = self.reward_size / size
            wanted = {id(parameter) for parameter in self.critic.last_layer}
            for index, parameter in enumerate(self._critic_weights):
                if id(parameter) in wanted:
                    self.critic_optimizer.scale_master(index, factor)
            self.target.scale_last_layer(factor)
        self.reward_size = size

    def load_policy_weights(self) -> None:
        """Take over what was loaded into the policy, in the master weights too."""
        for index, parameter in enumerate(self._policy_weights):
            self.policy_optimizer.set_master(index, parameter)

    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """All that a resumed training needs, as arrays and plain values."""
        arrays = {f"policy.{k}": v for k, v in self.policy_optimizer.state_arrays().items()}
        arrays |= {f"critic.{k}": v for k, v in self.critic_optimizer.state_arrays().items()}
        arrays |= {f"target.{k}": w.numpy() for k, w in enumerate(self.target.weights)}
        facts = {
            "temperature": asdict(self.temperature),
            "draws": self.draws.bit_generator.state,
            "reward_size": self.reward_size,
        }
        return arrays, facts

    def load_state(self, arrays: dict[str, NDArray[Any]], facts: dict[str, Any]) -> None:
        """Take over what `state` gave."""
        self.policy_optimizer.load_state_arrays(part(arrays, "policy."))
        self.critic_optimizer.load_state_arrays(part(arrays, "critic."))
        targets = part(arrays, "target.")
        self.target.load([torch.from_numpy(targets[str(k)]) for k in range(len(targets))])
        self.temperature = Temperature(**facts["temperature"])
        self.draws.bit_generator.state = facts["draws"]
        self.reward_size = float(facts["reward_size"])


def _both(rows: Rows) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return rows.now, rows.after


def _detached(draw: Draw) -> Draw:
    return Draw(draw.actions.detach(), draw.log_probs, draw.deviations, draw.is_inside)


def _explained(targets: Tensor, values: Tensor) -> float:
    """Share of the targets' variance that the first value function explains."""
    variance = float(targets.var(correction=0))
    left = float((targets - values[0]).var(correction=0))
    return 0.0 if variance == 0.0 else 1.0 - left / variance
