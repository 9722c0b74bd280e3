"""Training and evaluating among bot cars: whose fault a crash is, and who passes whom."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from racecraft.domain.bots import BotSpec
from racecraft.domain.episode import EpisodeStatus
from racecraft.domain.errors import InvalidSpec
from racecraft.domain.race import RaceSpec, RaceType
from racecraft.domain.spec import EvaluationSpec, ModelSpec, TrackChoice, TrainingSpec
from racecraft.sim.simulator import Simulator
from racecraft.tracks.library import load_track
from racecraft.training.evaluate import EvaluationResult, evaluate
from racecraft.training.examination import Examiner, even_starts
from racecraft.training.networks import ActorCritic
from racecraft.training.overtakes import Overtakes
from racecraft.training.ppo import train
from racecraft.training.report import IterationReport
from racecraft.training.team import Team
from tests.sim.roads import circle

REWARD = """
def reward_function(params):
    return -1.0 if params["is_crashed"] else 1.0 + max(params["objects_speed"])
"""
LENGTH_M = 6 * math.pi
CRASHED, LAP, PAUSE = EpisodeStatus.CRASHED, EpisodeStatus.LAP_COMPLETE, EpisodeStatus.PAUSE


def bots(**fields: Any) -> RaceSpec:
    return RaceSpec(type=RaceType.HEAD_TO_HEAD, bots=BotSpec.model_validate(fields))


def run(
    model: ModelSpec, training: TrainingSpec, folder: Path, **begin: Any
) -> list[IterationReport]:
    return list(train(model, training, reward_source=REWARD, folder=folder, **begin))


@pytest.fixture
def drive(
    ring_file: Path, ring_model: ModelSpec, one_action_checkpoint: Callable[[int], Path]
) -> Callable[..., EvaluationResult]:
    """`drive(race, …)` round the ring at 2 m/s."""

    def go(race: RaceSpec, **rules: Any) -> EvaluationResult:
        spec = EvaluationSpec(track=TrackChoice(name=str(ring_file)), race=race, **rules)
        return evaluate(ring_model, one_action_checkpoint(0), spec)

    return go


def test_a_resumed_training_among_bots_is_the_same_to_the_byte(
    tmp_path: Path,
    model: ModelSpec,
    small: Callable[..., TrainingSpec],
    file_bytes: Callable[[Path], dict[str, bytes]],
) -> None:
    race = bots(count=3, speed_mps=0.5, changes_lanes=True, lane_change_min_s=1.0)
    training = small(64 * 5).model_copy(update={"race": race})
    whole, left = tmp_path / "whole", tmp_path / "left"
    reports = train(model, training, reward_source=REWARD, folder=left)
    for _ in range(3):
        next(reports)
    reports.close()  # type: ignore[attr-defined]
    run(model, training, left, resume=True)
    expected = run(model, training, whole)
    assert file_bytes(left) == file_bytes(whole)
    assert len(file_bytes(whole)) == 5
    # The reward is told how fast the bots drive.
    assert expected[-1].mean_reward is None or expected[-1].mean_reward > 0.5


def test_bots_that_do_not_fit_are_refused(
    tmp_path: Path, model: ModelSpec, small: Callable[..., TrainingSpec]
) -> None:
    training = small().model_copy(update={"race": bots(count=6, min_distance_m=10.0)})
    with pytest.raises(InvalidSpec, match="bot cars"):
        run(model, training, tmp_path)


def test_examinations_among_bots_are_alike_and_count_who_was_passed(
    ring_file: Path, ring_model: ModelSpec, one_action: Callable[[int], ActorCritic]
) -> None:
    tracks = [load_track(ring_file)]
    race = bots(count=2, speed_mps=0.5)
    with Team(2) as team:
        examiner = Examiner(one_action(0), ring_model, tracks, even_starts(6), team, race)
        first = examiner.examine()
        assert examiner.examine() == first
    assert {trial.status for trial in first} <= {CRASHED, LAP}
    for trial in first:
        if trial.status is LAP:
            # At four times their speed it passes those that are up to 3/4 of the lap ahead.
            assert 1 <= trial.overtakes <= 2
    assert any(trial.status is LAP for trial in first)


def test_a_car_that_runs_into_a_bot_waits_where_it_is_and_the_bot_drives_on(
    drive: Callable[..., EvaluationResult],
) -> None:
    for seed in range(8):
        race = bots(count=4, speed_mps=0.5)
        result = drive(race, trials=1, max_resets=5, collision_penalty_s=3.0, seed=seed)
        if result.trials[0].crash_count:
            break
    waiting = [k for k, step in enumerate(result.steps) if step.status is PAUSE]
    crash = next(k for k, step in enumerate(result.steps) if step.status is CRASHED)
    assert waiting[0] == crash + 1
    assert waiting[44] == crash + 45
    before, first, last = (result.steps[k] for k in (crash, waiting[0], waiting[44]))
    assert (first.x_m, first.y_m) == (last.x_m, last.y_m) == (before.x_m, before.y_m)
    objects = result.objects[0]
    moved_m = np.linalg.norm(objects[waiting[44], :, :2] - objects[waiting[0], :, :2], axis=1)
    assert moved_m.max() == pytest.approx(0.5 * 44 / 15, rel=0.2)


def test_passing_counts_one_way_and_being_passed_the_other() -> None:
    simulator = Simulator([circle()], 2, bots=BotSpec(count=1, places="even"))
    overtakes, rows = Overtakes(simulator), np.arange(2)
    for car in rows:
        simulator.place_objects(car)
        simulator.place_at(car, 0.0)
    along = simulator.objects.rows[:, 0, 4]
    nose = simulator.cars.table[:, 4]

    def at(*gaps_m: float) -> list[int]:
        along[:] = (nose + np.array(gaps_m)) % LENGTH_M
        overtakes.look(rows)
        return list(overtakes.counts)

    along[:] = nose + 0.5
    overtakes.begin(rows)
    assert at(0.1, -0.1) == [0, 1]
    assert at(-0.1, 0.1) == [1, 0]
    # Half a lap away the order turns round without anybody passing anybody.
    assert at(-9.0, 9.0) == [1, 0]
    assert at(9.0, -9.0) == [1, 0]
    assert at(0.1, -0.1) == [1, 0]
    assert at(-0.1, 0.1) == [2, -1]
    overtakes.begin(rows)
    assert list(overtakes.counts) == [0, 0]


def test_without_bots_nobody_is_passed(drive: Callable[..., EvaluationResult]) -> None:
    assert [trial.overtakes for trial in drive(RaceSpec(), trials=2).trials] == [0, 0]
