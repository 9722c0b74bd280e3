"""Trainings with a continuous action space: they learn, repeat to the byte, and are recorded."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
import torch

matplotlib.use("Agg")  # deepracer.logs imports pyplot

from deepracer.logs import AnalysisUtils, DeepRacerLog
from stable_baselines3.common.distributions import DiagGaussianDistribution

from racecraft.domain.action_space import ContinuousActionSpace, SpeedRange, SteeringRange
from racecraft.domain.episode import NO_ACTION_NUMBER, EpisodeStatus
from racecraft.domain.errors import InvalidSpec
from racecraft.domain.hyperparameters import Critic, PPOHyperparameters
from racecraft.domain.reward import COLUMN
from racecraft.domain.simtrace import steps_from_csv
from racecraft.domain.spec import (
    EvaluationSpec,
    ModelSpec,
    Network,
    StopCondition,
    TrackChoice,
    TrainingSpec,
)
from racecraft.sandbox.builtin import builtin_reward
from racecraft.sandbox.runner import RewardRunner
from racecraft.sim.simulator import Simulator
from racecraft.tracks.library import load_track
from racecraft.training.checkpoint import checkpoint_path, load_policy, save_policy
from racecraft.training.evaluate import evaluate
from racecraft.training.networks import ActorCritic, Policy
from racecraft.training.ppo import train
from racecraft.training.report import IterationReport
from racecraft.training.rollout import Gatherer
from racecraft.training.team import Team
from racecraft.training.trunk import Inputs

REWARD = builtin_reward("centre-line")
SPACE = ContinuousActionSpace(
    steering_angle=SteeringRange(low=-25, high=30), speed=SpeedRange(low=0.5, high=1.5)
)
MODEL = ModelSpec(network=Network.LIGHT, action_space=SPACE)
Small = Callable[..., TrainingSpec]
FileBytes = Callable[[Path], dict[str, bytes]]


def run(training: TrainingSpec, folder: Path, **how: Any) -> list[IterationReport]:
    return list(train(MODEL, training, reward_source=REWARD, folder=folder, **how))


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[IterationReport]]:
    """A training that went on until it drove clean laps of the Thimble: a few seconds."""
    folder = tmp_path_factory.mktemp("continuous")
    training = TrainingSpec(
        tracks=(TrackChoice(name="thimble"),),
        hyperparameters=PPOHyperparameters(num_cars=16, num_epochs=4, learning_rate=1e-3),
        stop=StopCondition(env_steps=20_000, clean_laps=3),
        evaluation_trials=3,
    )
    return folder, run(training, folder)


def test_it_learns_to_drive_clean_laps_within_seconds(
    learned: tuple[Path, list[IterationReport]],
) -> None:
    _, reports = learned
    assert reports[0].clean_laps == 0  # without training it does not
    assert reports[0].mean_evaluation_progress is not None
    assert reports[0].mean_evaluation_progress < 60
    assert reports[-1].stop_reason == "3 clean laps in a row"
    assert reports[-1].env_steps <= 16_000
    assert reports[0].entropy == pytest.approx(np.log(2 * np.pi * np.e), abs=0.05)


def test_an_evaluation_drives_the_means_and_records_angles_and_speeds(
    learned: tuple[Path, list[IterationReport]],
) -> None:
    folder, reports = learned
    rules = EvaluationSpec(track=TrackChoice(name="thimble"), trials=2)
    checkpoint = checkpoint_path(folder, reports[-1].iteration)

    first, second = (evaluate(MODEL, checkpoint, rules) for _ in range(2))

    assert first == second
    assert all(trial.is_clean for trial in first.trials)
    driven = [s for s in first.steps if s.status is not EpisodeStatus.PREPARE]
    assert {step.action for step in first.steps} == {NO_ACTION_NUMBER}
    angles = np.degrees([step.steering_rad for step in driven])
    speeds = np.array([step.speed_mps for step in driven])
    assert angles.min() >= -25 - 1e-9
    assert angles.max() <= 30 + 1e-9
    assert speeds.min() >= 0.5
    assert speeds.max() <= 1.5
    assert len(np.unique(angles)) > 20


def test_the_community_s_log_reader_reads_the_training(
    learned: tuple[Path, list[IterationReport]], caplog: pytest.LogCaptureFixture
) -> None:
    folder, reports = learned
    log = DeepRacerLog(str(folder))
    log.load()
    rows = log.dataframe()
    episodes = AnalysisUtils.simulation_agg(rows, secondgroup="unique_episode")
    assert len(episodes[episodes.steps > 1]) == reports[-1].episodes
    assert (rows.action == -1).all()
    assert log.action_space() == SPACE.model_dump()
    assert not caplog.records


def test_the_trace_tells_each_action_beside_its_angle_and_speed(
    learned: tuple[Path, list[IterationReport]],
) -> None:
    folder, _ = learned
    files = sorted((folder / "training-simtrace").glob("*.csv"))
    lines = [line.split(",") for path in files for line in path.read_text().splitlines()[1:]]
    steps = [step for path in files for step in steps_from_csv(path.read_text())]
    assert len(lines) > 100
    for values, step in zip(lines, steps, strict=True):
        is_placeholder = step.track_length_m == 0.0
        if not is_placeholder:
            assert step.action == NO_ACTION_NUMBER
            assert values[7] == f"[{values[5]} {values[6]}]"


def test_what_is_recorded_is_what_was_drawn_and_driven(small: Small) -> None:
    hyper = small(128, num_episodes_between_training=100).hyperparameters
    actor = ActorCritic(MODEL, Critic.TRACK, uses_bf16=False, seed=3)
    simulator = Simulator([load_track("thimble")], hyper.num_cars, camera=MODEL.camera, seed=3)
    with Team(2) as team, RewardRunner(REWARD, simulator.tracks, hyper.num_cars) as runner:
        rollout = Gatherer(actor, hyper, simulator, team).gather(runner, 0)
        runner.finish()

    assert rollout.actions.shape == (8, 8, 2)
    inside = np.clip(rollout.actions, -1, 1)
    steering, speed = (rollout.table[..., COLUMN[n]] for n in ("steering_rad", "speed_mps"))
    assert np.degrees(steering) == pytest.approx(2.5 + 27.5 * inside[..., 0])
    assert speed == pytest.approx(1.0 + 0.5 * inside[..., 1])
    frames = rollout.observations.frames.reshape(-1, 15, 4, 20, 4).transpose(0, 2, 4, 1, 3)
    blocks = torch.from_numpy(frames.reshape(-1, 16, 15, 20).astype(np.float32) / 255)
    with torch.no_grad():
        means, log_stds = actor.policy(Inputs(blocks, None)).chunk(2, dim=1)
    policy = DiagGaussianDistribution(2).proba_distribution(means, log_stds)
    expected = policy.log_prob(torch.from_numpy(rollout.actions.reshape(-1, 2))).numpy()
    assert rollout.log_probs.reshape(-1) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("uses_bf16", [False, True], ids=["fp32", "bf16"])
def test_the_same_seed_and_resuming_give_the_same_bytes(
    tmp_path: Path, small: Small, file_bytes: FileBytes, uses_bf16: bool
) -> None:
    training = small(64 * 5).model_copy(update={"uses_bf16": uses_bf16})
    run(training, tmp_path / "whole")
    reports = train(MODEL, training, reward_source=REWARD, folder=tmp_path / "left")
    for _ in range(3):
        next(reports)
    reports.close()  # type: ignore[attr-defined]

    resumed = run(training, tmp_path / "left", resume=True)

    assert resumed[0].iteration <= 3
    assert file_bytes(tmp_path / "left") == file_bytes(tmp_path / "whole")
    other = training.model_copy(update={"seed": 1})
    run(other, tmp_path / "other")
    assert file_bytes(tmp_path / "other") != file_bytes(tmp_path / "whole")


@pytest.mark.parametrize(
    "variant",
    [{"critic": "separate"}, {"critic": "shared"}, {"threads": 3, "num_cars": 3}],
    ids=lambda variant: "-".join(map(str, variant.values())),
)
def test_every_variant_trains(tmp_path: Path, small: Small, variant: dict[str, Any]) -> None:
    threads = variant.pop("threads", 2)
    training = small(128, **variant).model_copy(update={"threads": threads})
    for report in run(training, tmp_path):
        assert np.isfinite([report.policy_loss, report.entropy, report.approx_kl]).all()


def test_updates_change_the_deviations_whatever_the_arithmetic(
    tmp_path: Path, small: Small
) -> None:
    for uses_bf16 in (False, True):
        folder = tmp_path / str(uses_bf16)
        # Steps so small that 16 bits would round them away.
        training = small(64, learning_rate=1e-5).model_copy(update={"uses_bf16": uses_bf16})
        run(training, folder)
        policy = Policy(Network.LIGHT, MODEL.camera, 2, is_gaussian=True)
        load_policy(checkpoint_path(folder, 0), policy)
        assert policy.log_std is not None
        moved = policy.log_std.detach().abs()
        assert moved.min() > 0
        assert moved.max() < 1e-3


def test_a_clone_begins_with_what_was_learned(
    tmp_path: Path, learned: tuple[Path, list[IterationReport]], small: Small
) -> None:
    folder, reports = learned
    checkpoint = checkpoint_path(folder, reports[-1].iteration)
    (report,) = run(small(64, learning_rate=1e-8), tmp_path, initial=checkpoint)
    assert report.mean_evaluation_progress == 100.0
    assert report.entropy == pytest.approx(reports[-1].entropy, abs=0.05)


def test_random_slips_are_refused_before_anything_is_written(tmp_path: Path, small: Small) -> None:
    with pytest.raises(InvalidSpec, match="exploration_type is e-greedy"):
        run(small(64, exploration_type="e-greedy"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_policy_that_always_says_the_same_drives_so(tmp_path: Path, ring_file: Path) -> None:
    actor = ActorCritic(MODEL, Critic.TRACK, uses_bf16=False, seed=0)
    with torch.no_grad():
        actor.policy.head.weight.zero_()
        # 6.3° round a ring of 3 m, at full speed and far beyond it.
        actor.policy.head.bias.copy_(torch.tensor([(6.3 - 2.5) / 27.5, 40.0]))
    save_policy(tmp_path, 0, actor.policy, {"uses_bf16": False})
    rules = EvaluationSpec(track=TrackChoice(name=str(ring_file)), trials=1)
    result = evaluate(MODEL, checkpoint_path(tmp_path, 0), rules)
    assert result.trials[0].is_clean
    driven = result.steps[1:]
    assert np.degrees([s.steering_rad for s in driven]) == pytest.approx(6.3, abs=1e-4)
    assert {step.speed_mps for step in driven} == {1.5}


def test_the_metadata_names_the_kind_of_action_space(
    learned: tuple[Path, list[IterationReport]],
) -> None:
    folder, _ = learned
    document = json.loads((folder / "model" / "model_metadata.json").read_text())
    assert document["action_space"] == SPACE.model_dump()
    assert document["action_space_type"] == "continuous"


def test_the_spread_of_actions_comes_down_to_what_is_asked_for(
    tmp_path: Path, small: Small
) -> None:
    asked = {"initial_deviation": 0.5, "final_deviation": 0.05, "decay_steps": 1024}
    reports = run(small(1024 + 512 + 64, learning_rate=1e-8, **asked), tmp_path)
    widths = [
        np.exp((report.entropy - np.log(2 * np.pi * np.e)) / 2)  # both outputs are as wide
        for report in reports
    ]
    steps = [0, *(report.env_steps for report in reports[:-1])]
    # An update narrows what the next iteration drives with, as of its own beginning.
    before = [0, *steps[:-1]]
    wanted = [0.5 * 0.1 ** min(n / 1024, 1.0) for n in before]
    assert widths == pytest.approx(wanted, rel=1e-3)
    assert min(widths) == pytest.approx(0.05, rel=1e-3)


def test_actions_begin_as_widely_as_wanted(tmp_path: Path, small: Small) -> None:
    (report,) = run(small(64, initial_deviation=0.5, learning_rate=1e-8), tmp_path)
    assert report.entropy == pytest.approx(np.log(2 * np.pi * np.e) + 2 * np.log(0.5), abs=1e-3)
