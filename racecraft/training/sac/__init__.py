"""Soft actor-critic: gather (`rollout`), remember (`replay`), learn (`learner`), and again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from racecraft.domain.hyperparameters import SACHyperparameters
from racecraft.domain.spec import ModelSpec, TrainingSpec
from racecraft.sandbox.runner import RewardRunner
from racecraft.sim.simulator import Simulator
from racecraft.training import checkpoint
from racecraft.training.report import IterationReport
from racecraft.training.rollout import Gatherer, Rollout
from racecraft.training.sac.learner import SoftLearner
from racecraft.training.sac.networks import SoftActor, SoftCritic
from racecraft.training.sac.replay import Replay
from racecraft.training.sac.segments import Segments
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
    return run(Order(model, training, reward_source, folder, initial, resume), SAC)


class SAC:
    """One training's policy, value functions and memory."""

    def __init__(
        self, model: ModelSpec, training: TrainingSpec, simulator: Simulator, team: Team
    ) -> None:
        hyper = training.hyperparameters
        assert isinstance(hyper, SACHyperparameters)
        bf16, seed = bool(training.uses_bf16), training.seed
        self.hyperparameters = hyper
        self.actor = SoftActor(model, uses_bf16=bf16, seed=seed)
        self.gatherer = Gatherer(self.actor, hyper, simulator, team)
        rollout = self.gatherer.rollout
        features = rollout.features.shape[2]
        critic = SoftCritic(model, hyper.critic, features, uses_bf16=bf16, seed=seed)
        self.learner = SoftLearner(self.actor, critic, training, team)
        self.replay = Replay(hyper.replay_steps, rollout)
        self.segments = Segments()
        self.owed = 0.0
        """Gradient steps, less than one, that the steps so far have not paid for."""

    def iterate(self, runner: RewardRunner, env_steps: int) -> tuple[Rollout, dict[str, float]]:
        """Gather an iteration's experience and learn from all that is remembered."""
        rollout = self.gatherer.gather(runner, env_steps)
        runner.finish()
        self.replay.add(rollout)
        steps = rollout.length * self.replay.cars
        if env_steps + steps < self.hyperparameters.warm_up_steps:
            return rollout, {}
        self.owed += steps * self.hyperparameters.gradient_steps_per_step
        count = int(self.owed)
        self.owed -= count
        return rollout, self.learner.update(self.replay, count) if count else {}

    def load_policy(self, folder: Path) -> None:
        """Begin with the policy of a checkpoint; as `contract.Algorithm`."""
        checkpoint.load_policy(folder, self.actor.policy)
        self.learner.load_policy_weights()

    def state(self, folder: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """As `contract.Algorithm`."""
        arrays, facts = self.learner.state()
        segments = self.segments.keep(self.replay, folder)
        return arrays, {**facts, "segments": segments, "owed": self.owed}

    def load_state(
        self, folder: Path, arrays: dict[str, NDArray[Any]], facts: dict[str, Any]
    ) -> None:
        """As `contract.Algorithm`."""
        self.learner.load_state(arrays, facts)
        self.segments.load(self.replay, folder, facts["segments"])
        self.owed = float(facts["owed"])
