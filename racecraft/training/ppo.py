"""Proximal policy optimisation: gather (`rollout`), learn (`learner`), again and again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.hyperparameters import PPOHyperparameters
from racecraft.domain.spec import ModelSpec, TrainingSpec
from racecraft.sandbox.runner import RewardRunner
from racecraft.sim.simulator import Simulator
from racecraft.training import checkpoint
from racecraft.training.average import AveragedPolicy
from racecraft.training.driving import Actor
from racecraft.training.learner import Learner, UpdateFigures
from racecraft.training.report import IterationReport
from racecraft.training.returns import ValueScale
from racecraft.training.rollout import Gatherer, Rollout
from racecraft.training.session import Order, run
from racecraft.training.team import Team


def train(
    model: ModelSpec,
    training: TrainingSpec,
    *,
    reward_source: str,
    folder: Path,
    initial: Path | None = None,
    resume: bool = False,
) -> Iterator[IterationReport]:
    """Train a model until a stop condition is met; all as `algorithms.train`."""
    return run(Order(model, training, reward_source, folder, initial, resume), PPO)


class PPO:
    """One training's policy and value function, and what fills and improves them."""

    def __init__(
        self, model: ModelSpec, training: TrainingSpec, simulator: Simulator, team: Team
    ) -> None:
        hyper = training.hyperparameters
        assert isinstance(hyper, PPOHyperparameters)
        self.learner = Learner(model, training, team)
        self.gatherer = Gatherer(self.learner.actor, hyper, simulator, team)
        self.average: AveragedPolicy | None = None
        if hyper.policy_average > 0.0:
            self.average = AveragedPolicy(self.learner.actor, hyper.policy_average)
            self.average.begin(self.learner.policy_weights())

    @property
    def actor(self) -> Actor:
        """What greedy laps are driven with, and what is kept: the mean, where there is one."""
        return self.learner.actor if self.average is None else self.average

    def iterate(self, runner: RewardRunner, env_steps: int) -> tuple[Rollout, dict[str, float]]:
        """Gather an iteration's experience and learn from it; as `contract.Algorithm`."""
        rollout = self.gatherer.gather(runner, env_steps)
        self.gatherer.fill_values(self.learner.scale)
        runner.finish()
        figures = _means(self.learner.update(rollout, env_steps))
        if self.average is not None:
            self.average.follow(self.learner.policy_weights())
        return rollout, figures

    def load_policy(self, folder: Path) -> None:
        """Begin with the policy of a checkpoint; as `contract.Algorithm`."""
        checkpoint.load_policy(folder, self.learner.actor.policy)
        self.learner.load_policy_weights()
        if self.average is not None:
            self.average.begin(self.learner.policy_weights())

    def state(self, folder: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """As `contract.Algorithm`; all of it is small enough to be written anew each time."""
        del folder
        learner = self.learner
        arrays = {f"optimizer.{k}": v for k, v in learner.optimizer.state_arrays().items()}
        facts = {
            "scale": asdict(learner.scale),
            "shuffle": learner.shuffle.bit_generator.state,
        }
        if self.average is not None:
            means, facts["average"] = self.average.state()
            arrays |= {f"average.{k}": v for k, v in means.items()}
        return arrays, facts

    def load_state(
        self, folder: Path, arrays: dict[str, NDArray[Any]], facts: dict[str, Any]
    ) -> None:
        """As `contract.Algorithm`."""
        del folder
        learner = self.learner
        learner.optimizer.load_state_arrays(checkpoint.part(arrays, "optimizer."))
        learner.scale = ValueScale(**facts["scale"])
        learner.shuffle.bit_generator.state = facts["shuffle"]
        if self.average is not None:
            self.average.load_state(checkpoint.part(arrays, "average."), facts["average"])


def _means(figures: UpdateFigures) -> dict[str, float]:
    return {
        "policy_loss": float(np.mean(figures.policy_loss)),
        "value_loss": float(np.mean(figures.value_loss)),
        "entropy": float(np.mean(figures.entropy)),
        "approx_kl": float(np.mean(figures.approx_kl)),
        "clip_fraction": float(np.mean(figures.clip_fraction)),
        "explained_variance": figures.explained_variance,
    }
