"""A ring to drive on, cars that always do the same, and one policy that learned to drive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from racecraft.domain.action_space import Action, DiscreteActionSpace, action_grid
from racecraft.domain.hyperparameters import Critic, PPOHyperparameters
from racecraft.domain.spec import ModelSpec, Network, StopCondition, TrackChoice, TrainingSpec
from racecraft.domain.track import Track
from racecraft.sandbox.builtin import builtin_reward
from racecraft.tracks.exchange import write_npy
from racecraft.training.checkpoint import checkpoint_path, save_policy
from racecraft.training.networks import ActorCritic
from racecraft.training.ppo import train
from racecraft.training.report import IterationReport

RADIUS_M = 3.0


def _ring(radius_m: float) -> np.ndarray:
    angle = np.linspace(0.0, 2 * np.pi, 241)
    points = radius_m * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points[-1] = points[0]
    return points


@pytest.fixture(scope="session")
def ring_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A counter-clockwise ring of radius 3 m, 1 m wide, as a track file."""
    path = tmp_path_factory.mktemp("tracks") / "ring.npy"
    lines = _ring(RADIUS_M), _ring(RADIUS_M - 0.5), _ring(RADIUS_M + 0.5)
    write_npy(Track("ring", *lines), path)
    return path


@pytest.fixture(scope="session")
def model() -> ModelSpec:
    """The light network with three actions at one speed: it learns in seconds."""
    return ModelSpec(
        network=Network.LIGHT,
        action_space=action_grid(steering_granularity=3, speed_granularity=1),
    )


@pytest.fixture(scope="session")
def ring_model() -> ModelSpec:
    """Actions for the ring: 0 drives round, 1 goes out, 2 in, 3 crawls, 4 turns back."""
    actions = [(6.3, 2.0), (0.0, 2.0), (20.0, 2.0), (6.3, 0.1), (-30.0, 0.1)]
    return ModelSpec(
        network=Network.LIGHT,
        action_space=DiscreteActionSpace(
            actions=tuple(Action(steering_angle=a, speed=v) for a, v in actions)
        ),
    )


@pytest.fixture
def one_action(ring_model: ModelSpec) -> Callable[[int], ActorCritic]:
    """`one_action(k)` is a policy that chooses action k whatever it sees."""

    def make(action: int) -> ActorCritic:
        actor = ActorCritic(ring_model, Critic.TRACK, uses_bf16=False, seed=0)
        with torch.no_grad():
            actor.policy.head.weight.zero_()
            actor.policy.head.bias.zero_()
            actor.policy.head.bias[action] = 1.0
        return actor

    return make


@pytest.fixture
def one_action_checkpoint(
    tmp_path: Path, one_action: Callable[[int], ActorCritic]
) -> Callable[[int], Path]:
    """`one_action_checkpoint(k)` is a checkpoint folder of `one_action(k)`."""

    def make(action: int) -> Path:
        save_policy(tmp_path, action, one_action(action).policy, {"uses_bf16": False})
        return checkpoint_path(tmp_path, action)

    return make


@pytest.fixture(scope="session")
def small() -> Callable[..., TrainingSpec]:
    """`small(steps)` is a training of `steps` environment steps that is over in a moment."""

    def make(steps: int = 128, **hyperparameters: object) -> TrainingSpec:
        chosen = {"num_cars": 8, "max_steps_per_iteration": 64, "num_epochs": 3, "batch_size": 32}
        return TrainingSpec(
            tracks=(TrackChoice(name="thimble"),),
            hyperparameters=PPOHyperparameters.model_validate(chosen | hyperparameters),
            stop=StopCondition(env_steps=steps),
            evaluation_trials=2,
            evaluation_share=100,
            threads=2,
        )

    return make


@dataclass(frozen=True)
class Learned:
    """A training that is over."""

    folder: Path
    training: TrainingSpec
    reports: list[IterationReport]

    @property
    def checkpoint(self) -> Path:
        """The last one."""
        return checkpoint_path(self.folder, self.reports[-1].iteration)


@pytest.fixture(scope="session")
def learned(tmp_path_factory: pytest.TempPathFactory, model: ModelSpec) -> Learned:
    """A training that went on until it drove clean laps of the Thimble: a few seconds."""
    folder = tmp_path_factory.mktemp("learned")
    training = TrainingSpec(
        tracks=(TrackChoice(name="thimble"),),
        hyperparameters=PPOHyperparameters(num_cars=16, num_epochs=4, learning_rate=1e-3),
        stop=StopCondition(env_steps=20_000, clean_laps=3),
        evaluation_trials=3,
    )
    reward = builtin_reward("centre-line")
    reports = list(train(model, training, reward_source=reward, folder=folder))
    return Learned(folder, training, reports)


@pytest.fixture(scope="session")
def file_bytes() -> Callable[[Path], dict[str, bytes]]:
    """`file_bytes(folder)` is the content of every policy file below it, by relative path."""

    def read(folder: Path) -> dict[str, bytes]:
        files = sorted(folder.rglob("policy.safetensors"))
        return {str(path.relative_to(folder)): path.read_bytes() for path in files}

    return read
