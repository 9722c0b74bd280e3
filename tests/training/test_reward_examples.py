"""A car that is trained with a reward function of ours drives laps: each of them, from scratch."""

from __future__ import annotations

from pathlib import Path

import pytest

from racecraft.domain.action_space import action_grid
from racecraft.domain.hyperparameters import Critic, PPOHyperparameters
from racecraft.domain.spec import (
    EvaluationSpec,
    ModelSpec,
    Network,
    StopCondition,
    TrackChoice,
    TrainingSpec,
)
from racecraft.domain.track import Track
from racecraft.sandbox.builtin import BUILTIN_REWARDS, builtin_reward
from racecraft.service.presets import SPEED_REWARDS
from racecraft.tracks.exchange import write_npy
from racecraft.tracks.shape import Shape, draw
from racecraft.training.checkpoint import checkpoint_path, save_policy
from racecraft.training.evaluate import evaluate
from racecraft.training.networks import ActorCritic
from racecraft.training.ppo import train
from racecraft.training.report import IterationReport

ENV_STEPS = 10_000
"""Where a training is given up: three times what the slowest of them usually takes."""
SEED = 32
MODEL = ModelSpec(
    network=Network.LIGHT,
    action_space=action_grid(steering_granularity=3, speed_granularity=2),
)
"""Three angles at 0.5 and at 1 m/s."""
QUICK_MPS = 0.85
"""Of the centre line; cars that do not mind the speed drive some 0.6 m/s."""


@pytest.fixture(scope="module")
def bean(tmp_path_factory: pytest.TempPathFactory) -> TrackChoice:
    """A lap of 12 m with bends to the left and one to the right, so that it is soon over."""
    corners = ((0.0, 0.0, 1.1), (4.4, 0.0, 1.1), (4.4, 3.2, 1.1), (2.2, 2.5, 1.6), (0.0, 3.2, 1.1))
    path = tmp_path_factory.mktemp("tracks") / "bean.npy"
    write_npy(Track("bean", *draw(Shape(corners=corners), 0.9)), path)
    return TrackChoice(name=str(path))


def learnt(
    source: str, track: TrackChoice, folder: Path, *, env_steps: int = ENV_STEPS, mps: float = 0.0
) -> list[IterationReport]:
    """A training until three laps and five from displaced starts are clean, or given up."""
    training = TrainingSpec(
        tracks=(track,),
        hyperparameters=PPOHyperparameters(
            learning_rate=1e-3,
            ent_coef=0.0,
            gamma=0.95,
            gae_lambda=0.9,
            max_steps_per_iteration=256,
        ),
        stop=StopCondition(
            env_steps=env_steps, clean_laps=3, robust_laps=5, min_mean_speed_mps=mps
        ),
        evaluation_trials=3,
        evaluation_share=1.5,
        seed=SEED,
        threads=1,  # the tests run side by side
    )
    return list(train(MODEL, training, reward_source=source, folder=folder))


def clean_laps(folder: Path, iteration: int, track: TrackChoice) -> int:
    """How many of three laps a checkpoint drives under the rules of a race, without a reset."""
    spec = EvaluationSpec(track=track, trials=3)
    trials = evaluate(MODEL, checkpoint_path(folder, iteration), spec).trials
    return sum(trial.is_clean for trial in trials)


@pytest.mark.parametrize("name", BUILTIN_REWARDS)
def test_a_car_trained_with_it_drives_clean_laps_and_fast_if_that_pays(
    name: str, bean: TrackChoice, tmp_path: Path
) -> None:
    mps = QUICK_MPS if name in SPEED_REWARDS else 0.0
    reports = learnt(builtin_reward(name), bean, tmp_path, mps=mps)
    assert reports[-1].is_clean, f"{reports[-1].mean_evaluation_progress} % of a lap"
    assert reports[-1].mean_lap_speed_mps >= mps
    assert clean_laps(tmp_path, reports[-1].iteration, bean) == 3


def test_the_rewards_that_pay_for_speed_are_all_there() -> None:
    assert set(BUILTIN_REWARDS) > SPEED_REWARDS


def test_an_untrained_car_does_not(bean: TrackChoice, tmp_path: Path) -> None:
    untrained = ActorCritic(MODEL, Critic.TRACK, uses_bf16=False, seed=SEED)
    save_policy(tmp_path, 0, untrained.policy, {"uses_bf16": False})
    assert clean_laps(tmp_path, 0, bean) == 0


def test_a_car_that_is_paid_nothing_does_not_either(bean: TrackChoice, tmp_path: Path) -> None:
    nothing = "def reward_function(params):\n    return 0.0\n"
    reports = learnt(nothing, bean, tmp_path, env_steps=2_560)
    assert not any(report.is_clean for report in reports)
    assert clean_laps(tmp_path, reports[-1].iteration, bean) == 0
