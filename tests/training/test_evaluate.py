"""Evaluations: the same milliseconds every time, penalties and resets in the lap time."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from racecraft.domain.car import CarSpec
from racecraft.domain.episode import EpisodeStatus, Step, Trial
from racecraft.domain.errors import CorruptCheckpoint, TrackNotFound
from racecraft.domain.spec import EvaluationSpec, ModelSpec, TrackChoice
from racecraft.tracks.library import load_track
from racecraft.training.checkpoint import POLICY_FILE
from racecraft.training.evaluate import EvaluationResult, evaluate
from racecraft.training.examination import Examiner, even_starts
from racecraft.training.networks import ActorCritic
from racecraft.training.team import Team

PERIOD_S = 1 / 15
ROUND, OUTWARDS, INWARDS, CRAWL, BACK = range(5)
LAP, OFF, GOING, PAUSE, PREPARE = (
    EpisodeStatus.LAP_COMPLETE,
    EpisodeStatus.OFF_TRACK,
    EpisodeStatus.IN_PROGRESS,
    EpisodeStatus.PAUSE,
    EpisodeStatus.PREPARE,
)
Drive = Callable[..., EvaluationResult]


@pytest.fixture
def drive(
    ring_file: Path, ring_model: ModelSpec, one_action_checkpoint: Callable[[int], Path]
) -> Drive:
    """`drive(action, …)` on the ring, with these rules."""

    def run(action: int, car: CarSpec | None = None, **rules: Any) -> EvaluationResult:
        chosen = ring_model.model_copy(update={"car": car}) if car else ring_model
        spec = EvaluationSpec(track=TrackChoice(name=str(ring_file)), **rules)
        return evaluate(chosen, one_action_checkpoint(action), spec)

    return run


def times(result: EvaluationResult) -> list[int]:
    return [trial.time_ms for trial in result.trials]


def episodes(result: EvaluationResult) -> list[list[Step]]:
    count = result.steps[-1].episode + 1
    return [[step for step in result.steps if step.episode == k] for k in range(count)]


def test_laps_one_by_one_are_episodes_of_their_own_from_the_start_line(drive: Drive) -> None:
    result = drive(ROUND, trials=3)
    assert [trial.trial for trial in result.trials] == [1, 2, 3]
    assert all(trial.is_clean for trial in result.trials)
    assert len(set(times(result))) == 1
    driven = episodes(result)
    assert len(driven) == 3
    for steps, trial in zip(driven, result.trials, strict=True):
        assert [step.steps for step in steps] == list(range(1, len(steps) + 1))
        assert steps[0].status is PREPARE
        assert steps[-1].status is LAP
        assert {step.status for step in steps[1:-1]} == {GOING}
        assert [step.is_done for step in steps] == [False] * (len(steps) - 1) + [True]
        assert steps[-1].progress_percent == 100.0
        assert trial.time_ms == round(1000 * (steps[-1].time_s - steps[0].time_s))
        assert trial.start_time_ms == pytest.approx(1000 * steps[0].time_s, abs=1)
    assert (np.diff([step.time_s for step in result.steps]) > 0).all()


def test_rows_tell_the_command_and_its_number(drive: Drive) -> None:
    steps = drive(ROUND, trials=1).steps
    assert (steps[0].steering_rad, steps[0].speed_mps) == (0.0, 0.0)
    assert {step.action for step in steps[1:]} == {ROUND}
    assert steps[1].steering_rad == pytest.approx(math.radians(6.3))
    assert {step.speed_mps for step in steps[1:]} == {2.0}
    (length,) = {step.track_length_m for step in steps}
    assert length == pytest.approx(6 * math.pi, rel=1e-3)
    speeds = np.hypot(
        np.diff([step.x_m for step in steps[20:]]), np.diff([step.y_m for step in steps[20:]])
    )
    assert speeds / PERIOD_S == pytest.approx(np.full(len(speeds), 2.06), abs=0.05)


def test_the_same_evaluation_gives_the_same_milliseconds_and_rows(drive: Drive) -> None:
    rules = {"trials": 3, "interval_jitter": 0.05, "seed": 4}
    assert drive(ROUND, **rules) == drive(ROUND, **rules)


@pytest.mark.parametrize("jitter", [0.0, 0.05])
def test_a_trial_does_not_depend_on_how_many_are_driven(drive: Drive, jitter: float) -> None:
    alone = drive(ROUND, trials=1, interval_jitter=jitter)
    together = drive(ROUND, trials=5, interval_jitter=jitter)
    assert alone.trials[0] == together.trials[0]
    assert alone.steps == episodes(together)[0]


def test_jitter_makes_laps_differ_and_another_seed_too(drive: Drive) -> None:
    laps = drive(ROUND, trials=4, interval_jitter=0.05)
    other = drive(ROUND, trials=4, interval_jitter=0.05, seed=1)
    assert len(set(times(laps))) == 4
    assert not set(times(laps)) & set(times(other))
    assert np.ptp(times(laps)) < 1000
    gaps = np.diff([step.time_s for step in episodes(laps)[0][1:]])
    assert np.ptp(gaps) > 0.08 * PERIOD_S
    assert np.abs(gaps / PERIOD_S - 1).max() <= 0.05 + 1e-9


def test_an_evaluation_times_a_lap_as_the_examination_during_training_does(
    drive: Drive,
    ring_file: Path,
    ring_model: ModelSpec,
    one_action: Callable[[int], ActorCritic],
) -> None:
    tracks = [load_track(ring_file)]
    with Team(1) as team:
        examiner = Examiner(one_action(ROUND), ring_model, tracks, even_starts(1), team)
        (examined,) = examiner.examine()
    assert drive(ROUND, trials=1).trials[0] == examined


@pytest.mark.parametrize("action", [OUTWARDS, INWARDS])
def test_without_resets_leaving_the_track_ends_a_trial(drive: Drive, action: int) -> None:
    result = drive(action, trials=2)
    for trial, steps in zip(result.trials, episodes(result), strict=True):
        assert trial.status is OFF
        assert trial.off_track_count == trial.reset_count == 1
        assert not trial.is_clean
        assert steps[-1].status is OFF
        assert steps[-1].is_done
        assert trial.completion_percent == steps[-1].progress_percent < 20


def test_turning_back_ends_a_trial_as_reversed(drive: Drive) -> None:
    (trial,) = drive(BACK, trials=1).trials
    assert trial.status is EpisodeStatus.REVERSED
    assert (trial.off_track_count, trial.reversed_count) == (0, 1)


def test_the_trial_ends_when_the_resets_are_used_up(drive: Drive) -> None:
    result = drive(OUTWARDS, trials=2, max_resets=3, off_track_penalty_s=0.0)
    for trial, steps in zip(result.trials, episodes(result), strict=True):
        assert trial.status is OFF
        assert trial.off_track_count == 4
        assert [step.status for step in steps].count(OFF) == 4
        assert [step.is_done for step in steps].count(True) == 1
        assert [step.steps for step in steps] == list(range(1, len(steps) + 1))


def test_penalties_are_waited_out_on_the_track_and_part_of_the_lap_time(drive: Drive) -> None:
    free, costly = (
        drive(OUTWARDS, trials=1, max_resets=100, off_track_penalty_s=s) for s in (0.0, 2.0)
    )
    (without,), (with_penalty,) = free.trials, costly.trials
    assert without.status is with_penalty.status is LAP
    assert without.off_track_count == with_penalty.off_track_count > 5
    assert not with_penalty.is_clean
    assert with_penalty.time_ms - without.time_ms == pytest.approx(
        2000 * without.off_track_count, abs=2
    )
    assert PAUSE not in {step.status for step in free.steps}


def test_a_pause_counts_down_where_the_car_last_was_on_the_track(
    drive: Drive, ring_file: Path
) -> None:
    steps = drive(OUTWARDS, trials=1, max_resets=1, off_track_penalty_s=2.0).steps
    left = next(k for k, step in enumerate(steps) if step.status is OFF)
    pause = [step for step in steps if step.status is PAUSE]

    assert (
        [step.status for step in steps[left + 1 : left + 31]]
        == [PAUSE] * 30
        == [step.status for step in pause]
    )
    assert [step.pause_s for step in pause] == pytest.approx(2.0 - PERIOD_S * np.arange(30))
    assert {step.reward for step in pause} == {0.0}
    assert {(step.speed_mps, step.steering_rad, step.is_done) for step in pause} == {(0, 0, False)}
    assert len({(step.x_m, step.y_m, step.yaw_rad) for step in pause}) == 1
    assert {step.progress_percent for step in pause} == {steps[left - 1].progress_percent}
    assert np.diff([step.time_s for step in steps]) == pytest.approx(
        np.full(len(steps) - 1, PERIOD_S)
    )
    # In the outer lane, because it went out there; looking along the road.
    back = steps[left + 31]
    assert back.status is GOING
    assert math.hypot(back.x_m, back.y_m) == pytest.approx(3.25, abs=0.03)
    assert back.all_wheels_on_track
    track = load_track(ring_file)
    place = track.locate(np.array([[back.x_m, back.y_m]])).distance_m[0] / track.length_m * 100
    assert place == pytest.approx(steps[left - 1].progress_percent, abs=1.0)


def test_progress_goes_on_after_a_reset(drive: Drive) -> None:
    steps = drive(OUTWARDS, trials=1, max_resets=100, off_track_penalty_s=1.0).steps
    driven = [step for step in steps if step.status is GOING]
    progress = np.array([step.progress_percent for step in driven])
    assert (np.diff(progress) > -3).all()
    assert np.diff(progress).max() < 5
    assert steps[-1].progress_percent == 100.0


def test_continuous_laps_are_one_episode_with_a_flying_start_from_the_second(
    drive: Drive,
) -> None:
    result = drive(ROUND, trials=3, is_continuous=True)
    first, second, third = result.trials
    (steps,) = episodes(result)
    assert all(trial.is_clean for trial in result.trials)
    assert [trial.trial for trial in result.trials] == [1, 2, 3]
    assert second.time_ms < first.time_ms
    assert third.time_ms == pytest.approx(second.time_ms, abs=70)
    assert second.start_time_ms == pytest.approx(first.start_time_ms + first.time_ms, abs=1)
    assert third.start_time_ms == pytest.approx(second.start_time_ms + second.time_ms, abs=1)
    assert sum(times(result)) == pytest.approx(1000 * (steps[-1].time_s - steps[0].time_s), abs=2)
    assert [step.steps for step in steps] == list(range(1, len(steps) + 1))
    assert [step.status for step in steps] == [PREPARE, *[GOING] * (len(steps) - 2), LAP]
    assert [step.is_done for step in steps].count(True) == 1
    assert first == drive(ROUND, trials=1).trials[0]


@pytest.mark.parametrize("is_continuous", [False, True])
def test_each_lap_is_told_as_it_ends(
    ring_file: Path,
    ring_model: ModelSpec,
    one_action_checkpoint: Callable[[int], Path],
    is_continuous: bool,
) -> None:
    spec = EvaluationSpec(
        track=TrackChoice(name=str(ring_file)), trials=3, is_continuous=is_continuous
    )
    told: list[Trial] = []
    result = evaluate(ring_model, one_action_checkpoint(ROUND), spec, on_lap=told.append)
    assert [(lap.trial, lap.time_ms, lap.status) for lap in told] == [
        (lap.trial, lap.time_ms, lap.status) for lap in result.trials
    ]


def test_who_hears_of_laps_can_end_an_evaluation(
    ring_file: Path, ring_model: ModelSpec, one_action_checkpoint: Callable[[int], Path]
) -> None:
    spec = EvaluationSpec(track=TrackChoice(name=str(ring_file)), trials=5, is_continuous=True)
    told: list[Trial] = []

    def stop(lap: Trial) -> None:
        told.append(lap)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(ring_model, one_action_checkpoint(ROUND), spec, on_lap=stop)
    assert len(told) == 1


def test_a_failed_lap_ends_continuous_laps(drive: Drive) -> None:
    result = drive(OUTWARDS, trials=4, is_continuous=True, max_resets=2)
    (trial,) = result.trials
    assert trial.status is OFF
    assert trial.off_track_count == 3


def test_resets_count_for_the_lap_in_which_they_happened(drive: Drive) -> None:
    result = drive(OUTWARDS, trials=2, is_continuous=True, max_resets=1000, off_track_penalty_s=0.5)
    assert [trial.status for trial in result.trials] == [LAP, LAP]
    counts = [trial.off_track_count for trial in result.trials]
    assert sum(counts) == [step.status for step in result.steps].count(OFF)
    assert min(counts) > 3


def test_a_car_that_is_too_slow_runs_out_of_time(drive: Drive) -> None:
    slow = CarSpec(min_speed_mps=0.01, max_speed_mps=0.05)
    result = drive(CRAWL, car=slow, trials=1)
    (trial,) = result.trials
    assert trial.status is result.steps[-1].status is EpisodeStatus.TIME_UP
    assert 30 < trial.completion_percent < 70
    assert trial.time_ms == pytest.approx(1000 * 6 * math.pi / 0.1, rel=0.01)
    assert [step.steps for step in result.steps] == list(range(1, len(result.steps) + 1))


def test_penalties_do_not_use_up_the_time_of_a_trial(drive: Drive) -> None:
    # More than the 188 s after which a trial of the ring is ended.
    (trial,) = drive(OUTWARDS, trials=1, max_resets=100, off_track_penalty_s=60.0).trials
    assert trial.status is LAP
    assert trial.time_ms > 300_000


def test_the_other_direction_is_another_evaluation(
    ring_file: Path, ring_model: ModelSpec, one_action_checkpoint: Callable[[int], Path]
) -> None:
    track = TrackChoice(name=str(ring_file), is_reversed=True)
    result = evaluate(
        ring_model, one_action_checkpoint(ROUND), EvaluationSpec(track=track, trials=1)
    )
    assert result.trials[0].status is OFF


def test_a_trained_model_drives_the_clean_laps_that_ended_its_training(
    learned: Any, model: ModelSpec
) -> None:
    spec = EvaluationSpec(track=TrackChoice(name="thimble"), trials=2)
    result = evaluate(model, learned.checkpoint, spec)
    assert all(trial.is_clean for trial in result.trials)
    assert result.trials[0].time_ms == result.trials[1].time_ms
    assert result.trials[0].time_ms == learned.reports[-1].evaluation[0].time_ms
    assert len({step.action for step in result.steps}) > 1
    assert result == evaluate(model, learned.checkpoint, spec)


def test_a_damaged_checkpoint_is_told_in_a_sentence(
    ring_model: ModelSpec, one_action_checkpoint: Callable[[int], Path]
) -> None:
    folder = one_action_checkpoint(ROUND)
    path = folder / POLICY_FILE
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(CorruptCheckpoint, match="choose another checkpoint"):
        evaluate(ring_model, folder, EvaluationSpec())
    with pytest.raises(CorruptCheckpoint, match="choose another checkpoint"):
        evaluate(ring_model, folder.parent / "99", EvaluationSpec())


def test_a_track_that_is_not_there_is_told_in_a_sentence(
    ring_model: ModelSpec, one_action_checkpoint: Callable[[int], Path]
) -> None:
    spec = EvaluationSpec(track=TrackChoice(name="thimbel"))
    with pytest.raises(TrackNotFound, match="thimble"):
        evaluate(ring_model, one_action_checkpoint(ROUND), spec)
