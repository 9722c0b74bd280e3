"""Training and evaluating with boxes on the road."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from racecraft.domain.episode import EpisodeStatus, Step
from racecraft.domain.errors import InvalidSpec
from racecraft.domain.obstacles import INNER, OUTER, ObstaclePlace, ObstacleSpec
from racecraft.domain.race import RaceSpec
from racecraft.domain.reward import COLUMN
from racecraft.domain.spec import EvaluationSpec, ModelSpec, TrackChoice, TrainingSpec
from racecraft.sandbox.runner import RewardRunner
from racecraft.sim.features import NUM_FEATURES, feature_count
from racecraft.sim.simulator import Simulator
from racecraft.tracks.library import load_track
from racecraft.training.evaluate import EvaluationResult, evaluate
from racecraft.training.examination import Examiner, displaced_starts, even_starts
from racecraft.training.networks import ActorCritic
from racecraft.training.ppo import train
from racecraft.training.report import IterationReport
from racecraft.training.resets import put_back
from racecraft.training.rollout import Gatherer
from racecraft.training.team import Team
from tests.sim.roads import circle

TELLING = """
def reward_function(params):
    ahead = params["closest_objects"][1]
    return -1.0 if params["is_crashed"] else params["objects_distance"][ahead]
"""
BOXES = RaceSpec(obstacles=ObstacleSpec(count=3, min_distance_m=1.0))
ROUND, OUTWARDS = 0, 1
LENGTH_M = 6 * math.pi
CRASHED, LAP, GOING, PAUSE = (
    EpisodeStatus.CRASHED,
    EpisodeStatus.LAP_COMPLETE,
    EpisodeStatus.IN_PROGRESS,
    EpisodeStatus.PAUSE,
)
Drive = Callable[..., EvaluationResult]
Small = Callable[..., TrainingSpec]


def given(places: str) -> RaceSpec:
    """Boxes at these places."""
    return RaceSpec.model_validate({"obstacles": {"places": places, "min_distance_m": 0.6}})


@pytest.fixture
def among(small: Small) -> Small:
    """`among(steps)` is a small training among three random boxes."""

    def make(steps: int = 128, **hyperparameters: object) -> TrainingSpec:
        return small(steps, **hyperparameters).model_copy(update={"race": BOXES})

    return make


@pytest.fixture
def gather(model: ModelSpec, small: Small) -> Iterator[tuple[Gatherer, RewardRunner]]:
    chosen = small(max_steps_per_iteration=640, num_episodes_between_training=100).hyperparameters
    count = feature_count(has_objects=True)
    actor = ActorCritic(model, chosen.critic, uses_bf16=False, seed=3, num_features=count)
    track = load_track("thimble")
    simulator = Simulator([track], 8, camera=model.camera, obstacles=BOXES.obstacles, seed=3)
    with Team(2) as team, RewardRunner(TELLING, [track], 8) as runner:
        yield Gatherer(actor, chosen, simulator, team), runner


def run(
    model: ModelSpec, training: TrainingSpec, folder: Path, **begin: Any
) -> list[IterationReport]:
    return list(train(model, training, reward_source=TELLING, folder=folder, **begin))


def test_a_crash_ends_the_episode_and_the_reward_is_told_of_the_boxes(
    gather: tuple[Gatherer, RewardRunner],
) -> None:
    gatherer, runner = gather
    rollout = gatherer.gather(runner, 0)
    runner.finish()
    steps = slice(rollout.length)
    crashed = rollout.status[steps] == CRASHED
    assert crashed.any()
    assert rollout.is_last[steps][crashed].all()
    assert (rollout.table[steps][crashed][:, COLUMN["is_crashed"]] == 1.0).all()
    assert (rollout.rewards[steps][crashed] == -1.0).all()
    assert (rollout.rewards[steps][~crashed] > 0.0).all()
    # Nothing comes after a crash.
    assert not rollout.next_values[crashed].any()
    # A new episode begins with the step after it, with boxes elsewhere.
    after = np.zeros_like(crashed)
    after[1:] = crashed[:-1]
    assert rollout.begins[steps][after].all()


def test_the_value_function_is_told_of_boxes_only_where_there_are_any(
    gather: tuple[Gatherer, RewardRunner], model: ModelSpec
) -> None:
    gatherer, runner = gather
    rollout = gatherer.gather(runner, 0)
    assert rollout.features.shape[2] == feature_count(has_objects=True)
    told = rollout.features[: rollout.length + 1, :, NUM_FEATURES:]
    assert np.isfinite(told).all()
    assert np.abs(told).max() < 5.0
    assert (told != 0.0).any(axis=2).mean() > 0.3
    plain, other = (
        ActorCritic(model, gatherer.actor.kind, uses_bf16=False, seed=3, **more)
        for more in ({}, {"num_features": feature_count(has_objects=True)})
    )
    # The policy does not feel the difference.
    for one, same in zip(plain.policy.parameters(), other.policy.parameters(), strict=True):
        assert torch.equal(one, same)


def test_a_resumed_training_is_the_same_to_the_byte(
    tmp_path: Path, model: ModelSpec, among: Small, file_bytes: Callable[[Path], dict[str, bytes]]
) -> None:
    whole, left = tmp_path / "whole", tmp_path / "left"
    training = among(64 * 5)
    reports = train(model, training, reward_source=TELLING, folder=left)
    for _ in range(3):
        next(reports)
    reports.close()  # type: ignore[attr-defined]
    run(model, training, left, resume=True)
    expected = run(model, training, whole)
    assert file_bytes(left) == file_bytes(whole)
    assert len(file_bytes(whole)) == 5
    assert expected[-1].evaluation


def test_another_race_does_not_fit_a_saved_state(
    tmp_path: Path, model: ModelSpec, among: Small, small: Small
) -> None:
    run(model, among(64), tmp_path)
    with pytest.raises(Exception, match="does not fit this training"):
        run(model, small(128), tmp_path, resume=True)


def test_boxes_that_do_not_fit_stop_a_training_before_it_starts(
    tmp_path: Path, model: ModelSpec, small: Small
) -> None:
    crowded = RaceSpec(obstacles=ObstacleSpec(count=10, min_distance_m=5.0))
    training = small().model_copy(update={"race": crowded})
    with pytest.raises(InvalidSpec, match="do not fit on thimble"):
        run(model, training, tmp_path)


def test_crashes_are_in_the_reports_the_traces_and_the_metrics(
    tmp_path: Path, model: ModelSpec, among: Small
) -> None:
    training = among(64 * 12, practice_share=0.0)
    reports = run(model, training, tmp_path)
    traces = sorted((tmp_path / "training-simtrace").glob("*.csv"))
    rows = [
        dict(zip(head, line.split(","), strict=True))
        for path in traces
        for head, *lines in [[*path.read_text().splitlines()]]
        for head in [head.split(",")]
        for line in lines
    ]
    crashed = [row for row in rows if row["episode_status"] == "crashed"]
    assert len(crashed) == sum(report.crashes for report in reports) > 0
    assert {row["obstacle_crash_counter"] for row in crashed} == {"1"}
    assert {row["done"] for row in crashed} == {"True"}
    others = {row["obstacle_crash_counter"] for row in rows if row not in crashed}
    assert others == {"0"}
    metrics = json.loads((tmp_path / "metrics" / "TrainingMetrics.json").read_text())["metrics"]
    training_items = [item for item in metrics if item["phase"] == "training"]
    labels = [item["episode_status"] for item in training_items]
    assert labels.count("Crashed") == len(crashed)


def test_examinations_are_alike_and_every_lap_has_other_boxes(
    ring_file: Path, ring_model: ModelSpec, one_action: Callable[[int], ActorCritic]
) -> None:
    tracks = [load_track(ring_file)]
    race = RaceSpec(obstacles=ObstacleSpec(count=2))
    starts = [*even_starts(5), *displaced_starts(4)]
    with Team(2) as team:
        examiner = Examiner(one_action(ROUND), ring_model, tracks, starts, team, race)
        first = examiner.examine()
        places = examiner.simulator.objects.rows[:, :, 4].copy()
        assert examiner.examine() == first
        assert np.array_equal(examiner.simulator.objects.rows[:, :, 4], places)
        fewer = Examiner(one_action(ROUND), ring_model, tracks, even_starts(2), team, race)
        fewer.examine()
    assert len(np.unique(places[:, 0])) == len(starts)
    # The same boxes for a lap whatever the number of laps.
    assert np.array_equal(fewer.simulator.objects.rows[:, :, 4], places[:2])


def test_a_lap_that_ends_at_a_box_is_a_crash_and_not_clean(
    ring_file: Path, ring_model: ModelSpec, one_action: Callable[[int], ActorCritic]
) -> None:
    tracks = [load_track(ring_file)]
    with Team(1) as team:
        blocked = Examiner(
            one_action(ROUND), ring_model, tracks, even_starts(1), team, given(BLOCKING)
        )
        (trial,) = blocked.examine()
    assert trial.status is CRASHED
    assert (trial.crash_count, trial.reset_count) == (1, 1)
    assert not trial.is_clean
    assert trial.completion_percent == pytest.approx(50 - 100 * 0.25 / LENGTH_M, abs=2.0)


BLOCKING = "0.5:inner,0.54:outer"
"""No way through for a car that cannot steer: it touches the first or the second."""


@pytest.fixture
def drive(
    ring_file: Path, ring_model: ModelSpec, one_action_checkpoint: Callable[[int], Path]
) -> Drive:
    """`drive(race, …)` on the ring, with these rules."""

    def go(race: RaceSpec, action: int = ROUND, **rules: Any) -> EvaluationResult:
        spec = EvaluationSpec(track=TrackChoice(name=str(ring_file)), race=race, **rules)
        return evaluate(ring_model, one_action_checkpoint(action), spec)

    return go


def rows_with(result: EvaluationResult, status: EpisodeStatus) -> list[Step]:
    return [step for step in result.steps if step.status is status]


def test_a_crash_ends_a_trial_without_resets(drive: Drive) -> None:
    result = drive(given(BLOCKING), trials=2)
    for trial in result.trials:
        assert trial.status is CRASHED
        assert (trial.crash_count, trial.reset_count) == (1, 1)
    last = result.steps[-1]
    assert (last.status, last.is_done, last.crash_count) == (CRASHED, True, 1)


def test_after_a_crash_the_car_stands_a_metre_before_the_box_in_the_other_lane(
    drive: Drive, ring_file: Path
) -> None:
    result = drive(given("0.5:inner"), trials=1, max_resets=1, collision_penalty_s=2.0)
    track = load_track(ring_file)
    assert len(rows_with(result, CRASHED)) == 1
    waiting = rows_with(result, PAUSE)
    assert len(waiting) == 30
    assert waiting[0].pause_s == pytest.approx(2.0)
    nose = track.locate(np.array([[waiting[0].x_m, waiting[0].y_m]]))
    box = result.objects[0][0, 0]
    at_box = track.locate(box[None, :2])
    assert at_box.distance_m[0] - nose.distance_m[0] == pytest.approx(1.0 - 0.14, abs=0.02)
    assert nose.offset_m[0] == pytest.approx(-at_box.offset_m[0], abs=0.05)
    assert waiting[0].progress_percent == pytest.approx(50 - 100 / LENGTH_M, abs=0.5)
    assert {step.crash_count for step in waiting} == {1}
    trial = result.trials[0]
    assert trial.crash_count == 1
    # The penalty is part of the time.
    assert trial.time_ms >= 2000 + 1000 * LENGTH_M * 0.5 / 2.06 * 0.9


@pytest.mark.parametrize("share", [0.045, 0.5])
@pytest.mark.parametrize("lane", [INNER, OUTER])
def test_a_car_near_a_box_goes_back_before_it_even_over_the_line(share: float, lane: Any) -> None:
    place = ObstaclePlace(lap_share=share, lane=lane)
    track = circle()
    simulator = Simulator([track], 1, obstacles=ObstacleSpec(places=(place,)))
    simulator.place_objects(0)
    simulator.place_at(0, 0.0)
    simulator.cars.steps[0] = 40
    clock_s = float(simulator.cars.clock_s[0])
    wanted = 100 * (share - 1 / track.length_m)
    # From before the box, and from behind it.
    for beyond_m in (-0.4, 0.9):
        progress = 100 * (share + beyond_m / track.length_m)
        assert put_back(simulator, 0, progress) == pytest.approx(wanted, abs=0.05)
    stands = track.locate(simulator.cars.state[:, :2])
    box = track.locate(simulator.objects.pose[0, :, :2])
    assert (box.distance_m - stands.distance_m) % track.length_m == pytest.approx(1.0, abs=0.01)
    assert stands.offset_m == pytest.approx(-box.offset_m, abs=0.02)
    assert simulator.cars.steps[0] == 40
    assert simulator.cars.clock_s[0] == pytest.approx(clock_s + 2 / 15)
    # It drives on from there: before the line progress is a little below 0, not almost 100.
    simulator.step(np.array([[0.0, 1.0]]), 0, 1)
    moved = simulator.cars.table[0, COLUMN["progress_percent"]]
    assert moved == pytest.approx(wanted + 100 * 0.14 / track.length_m, abs=0.1)


def test_far_from_boxes_a_car_goes_back_to_where_it_was() -> None:
    track = circle()
    simulator = Simulator(
        [track], 1, obstacles=ObstacleSpec(places=(ObstaclePlace(lap_share=0.5),))
    )
    simulator.place_objects(0)
    simulator.place_at(0, 0.0, offset_m=0.2)
    assert put_back(simulator, 0, 20.0) == 20.0
    stands = track.locate(simulator.cars.state[:, :2])
    assert stands.distance_m == pytest.approx(0.2 * track.length_m, abs=0.01)
    assert stands.offset_m == pytest.approx(0.25, abs=0.01)


def test_collisions_and_leaving_the_track_cost_what_they_are_said_to_cost(drive: Drive) -> None:
    rules = {"trials": 1, "max_resets": 1}
    cheap, dear = (
        drive(given(BLOCKING), collision_penalty_s=penalty, **rules) for penalty in (1.0, 4.0)
    )
    assert dear.trials[0].time_ms - cheap.trials[0].time_ms == 3000
    cheap, dear = (
        drive(given(BLOCKING), off_track_penalty_s=penalty, **rules) for penalty in (1.0, 4.0)
    )
    assert dear.trials[0].time_ms == cheap.trials[0].time_ms
    off = [
        drive(given("0.9:inner"), OUTWARDS, off_track_penalty_s=penalty, **rules)
        for penalty in (1.0, 4.0)
    ]
    assert off[1].trials[0].time_ms - off[0].trials[0].time_ms == 3000


def test_every_trial_meets_other_boxes_and_the_same_seed_the_same(drive: Drive) -> None:
    race = RaceSpec(obstacles=ObstacleSpec(count=4))
    first = drive(race, trials=5, max_resets=5)
    again, other = drive(race, trials=5, max_resets=5), drive(race, trials=5, seed=1, max_resets=5)
    assert first.steps == again.steps
    assert len({objects[0, 0, 0] for objects in first.objects}) == 5
    assert first.objects[0][0, 0, 0] != other.objects[0][0, 0, 0]
    alone = drive(race, trials=1, max_resets=5)
    assert np.array_equal(alone.objects[0], first.objects[0])
    assert alone.trials[0] == first.trials[0]


def test_boxes_stand_still_while_a_trial_lasts_and_also_in_continuous_laps(drive: Drive) -> None:
    race = RaceSpec(obstacles=ObstacleSpec(count=4))
    result = drive(race, trials=2, is_continuous=True, max_resets=50)
    (objects,) = result.objects
    assert len(objects) == len(result.steps)
    assert (objects == objects[0]).all()
    assert rows_with(result, LAP)


def test_without_boxes_nothing_is_on_the_road(drive: Drive) -> None:
    result = drive(RaceSpec(), trials=1)
    assert result.objects[0].shape == (len(result.steps), 0, 4)
    assert {step.crash_count for step in result.steps} == {0}
    assert rows_with(result, GOING)
