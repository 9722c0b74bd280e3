"""Trainings with every kind of sensor: they run, resume exactly, and evaluate the same again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from racecraft.domain.action_space import ContinuousActionSpace, action_grid
from racecraft.domain.errors import CorruptCheckpoint
from racecraft.domain.hyperparameters import Critic, SACHyperparameters
from racecraft.domain.obstacles import ObstacleSpec
from racecraft.domain.race import RaceSpec, RaceType
from racecraft.domain.spec import EvaluationSpec, ModelSpec, Network, TrackChoice, TrainingSpec
from racecraft.sandbox.builtin import builtin_reward
from racecraft.tracks.library import load_track
from racecraft.training.checkpoint import checkpoint_path
from racecraft.training.evaluate import evaluate
from racecraft.training.examination import Examiner, even_starts
from racecraft.training.networks import ActorCritic
from racecraft.training.ppo import train
from racecraft.training.sac import train as train_sac
from racecraft.training.team import Team

SENSORS = [
    ("STEREO_CAMERAS",),
    ("FRONT_FACING_CAMERA", "LIDAR"),
    ("STEREO_CAMERAS", "DISCRETIZED_SECTOR_LIDAR"),
    ("SECTOR_LIDAR",),
]
BOXES = RaceSpec(type=RaceType.OBJECT_AVOIDANCE, obstacles=ObstacleSpec(count=3))


def a_model(sensors: tuple[str, ...]) -> ModelSpec:
    space = action_grid(steering_granularity=3, speed_granularity=1)
    return ModelSpec(network=Network.LIGHT, sensors=sensors, action_space=space)


def among_boxes(training: TrainingSpec, **changes: object) -> TrainingSpec:
    return training.model_copy(update={"race": BOXES, **changes})


def run(model: ModelSpec, training: TrainingSpec, folder: Path, *, resume: bool = False) -> int:
    reward = builtin_reward("progress")
    reports = list(train(model, training, reward_source=reward, folder=folder, resume=resume))
    return reports[-1].iteration


@pytest.mark.parametrize("sensors", SENSORS)
def test_a_resumed_training_among_boxes_equals_an_uninterrupted_one(
    sensors: tuple[str, ...],
    small: Callable[..., TrainingSpec],
    tmp_path: Path,
    file_bytes: Callable[[Path], dict[str, bytes]],
) -> None:
    model, whole, broken = a_model(sensors), tmp_path / "whole", tmp_path / "broken"
    run(model, among_boxes(small(192)), whole)
    run(model, among_boxes(small(64)), broken)
    run(model, among_boxes(small(192)), broken, resume=True)
    assert len(file_bytes(whole)) == 3
    assert file_bytes(whole) == file_bytes(broken)


@pytest.mark.parametrize("sensors", SENSORS)
def test_the_same_checkpoint_drives_the_same_laps_again(
    sensors: tuple[str, ...], small: Callable[..., TrainingSpec], tmp_path: Path
) -> None:
    model = a_model(sensors)
    last = run(model, among_boxes(small(64)), tmp_path)
    spec = EvaluationSpec(track=TrackChoice(name="thimble"), trials=2, race=BOXES, seed=3)
    checkpoint = checkpoint_path(tmp_path, last)
    assert evaluate(model, checkpoint, spec) == evaluate(model, checkpoint, spec)


def test_examined_laps_meet_the_same_noise_again() -> None:
    model = a_model(("LIDAR",))
    actor = ActorCritic(model, Critic.TRACK, uses_bf16=False, seed=3)
    seen = []
    with Team(1) as team:
        examiner = Examiner(actor, model, [load_track("thimble")], even_starts(12), team, BOXES)
        for _ in range(2):
            trials = examiner.examine()
            simulator = examiner.simulator
            seen.append(
                (trials, simulator.scans.ranges_m.tolist(), simulator.cars.streams.tolist())
            )
    assert seen[0] == seen[1]
    assert np.min(seen[0][1]) < 12.0  # something was there to be blurred


@pytest.mark.parametrize("sensors", SENSORS)
def test_a_resumed_soft_actor_critic_equals_an_uninterrupted_one(
    sensors: tuple[str, ...],
    small: Callable[..., TrainingSpec],
    tmp_path: Path,
    file_bytes: Callable[[Path], dict[str, bytes]],
) -> None:
    model = a_model(sensors).model_copy(update={"action_space": ContinuousActionSpace()})
    hyper = SACHyperparameters(
        num_cars=8, max_steps_per_iteration=64, batch_size=32, warm_up_steps=0
    )
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    for folder, steps, resume in ((whole, 192, False), (broken, 64, False), (broken, 192, True)):
        training = among_boxes(small(steps), hyperparameters=hyper)
        reward = builtin_reward("progress")
        reports = train_sac(model, training, reward_source=reward, folder=folder, resume=resume)
        assert [report.stop_reason for report in reports][-1] is not None
    assert len(file_bytes(whole)) >= 2
    assert file_bytes(whole) == file_bytes(broken)


@pytest.mark.parametrize("critic", [Critic.SHARED, Critic.SEPARATE])
def test_a_critic_that_sees_the_sensors_learns_from_them(
    critic: Critic, small: Callable[..., TrainingSpec], tmp_path: Path
) -> None:
    model = a_model(("STEREO_CAMERAS", "LIDAR"))
    training = among_boxes(small(128, critic=critic.value))
    assert run(model, training, tmp_path) == 1


def test_weights_of_other_sensors_are_refused(
    small: Callable[..., TrainingSpec], tmp_path: Path
) -> None:
    last = run(a_model(("STEREO_CAMERAS",)), small(64), tmp_path)
    spec = EvaluationSpec(track=TrackChoice(name="thimble"), trials=1)
    checkpoint = checkpoint_path(tmp_path, last)
    with pytest.raises(CorruptCheckpoint, match="does not fit this model"):
        evaluate(a_model(("FRONT_FACING_CAMERA",)), checkpoint, spec)
    with pytest.raises(CorruptCheckpoint, match="weights of another network"):
        evaluate(a_model(("STEREO_CAMERAS", "LIDAR")), checkpoint, spec)
