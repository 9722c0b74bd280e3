"""Greedy laps from fixed starts: always the same, and timed as they were driven."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from racecraft.domain.episode import EpisodeStatus, Trial
from racecraft.domain.spec import ModelSpec
from racecraft.tracks.library import load_track
from racecraft.training.examination import (
    Examiner,
    Start,
    displaced_starts,
    even_starts,
    mean_speed_mps,
)
from racecraft.training.networks import ActorCritic
from racecraft.training.team import Team

RADIUS_M = 3.0
Examine = Callable[..., tuple[Trial, ...]]


@pytest.fixture
def examine(
    ring_file: Path, ring_model: ModelSpec, one_action: Callable[[int], ActorCritic]
) -> Examine:
    """`examine(action, starts)` on the ring."""

    def run(
        action: int, starts: Sequence[Start], *, threads: int = 1, stops_at_failure: bool = False
    ) -> tuple[Trial, ...]:
        tracks = [load_track(ring_file)]
        with Team(threads) as team:
            examiner = Examiner(one_action(action), ring_model, tracks, starts, team)
            first = examiner.examine(stops_at_failure=stops_at_failure)
            # Whatever was driven before.
            assert examiner.examine(stops_at_failure=stops_at_failure) == first
        return first

    return run


def test_even_starts_lie_on_the_line_and_the_first_at_the_finish() -> None:
    assert even_starts(4) == [Start(0.0), Start(0.25), Start(0.5), Start(0.75)]


def test_displaced_starts_are_fixed_spread_and_within_their_limits() -> None:
    starts = displaced_starts(20)
    offsets = np.array([start.offset_half_widths for start in starts])
    turns = np.array([start.turn_rad for start in starts])
    assert np.abs(offsets).max() <= 0.5
    assert np.ptp(offsets) > 0.8
    assert np.abs(turns).max() <= math.radians(15)
    assert np.ptp(turns) > math.radians(24)
    assert [start.lap_share for start in starts] == pytest.approx((np.arange(20) + 0.5) / 20)
    assert displaced_starts(20) == starts


def test_a_car_that_follows_the_ring_is_clean_and_as_fast_as_it_drives(examine: Examine) -> None:
    trials = examine(0, even_starts(3))
    assert [trial.trial for trial in trials] == [1, 2, 3]
    for trial in trials:
        assert trial.is_clean
        assert trial.completion_percent == 100.0
        # 2 m/s and 3 % (the wheels of the original are larger than its controller thinks).
        assert trial.time_ms / 1000 == pytest.approx(2 * math.pi * RADIUS_M / 2.06, rel=0.02)
        assert trial.start_time_ms == round(1000 / 15)


def test_a_car_that_leaves_the_ring_is_reported_as_off_track(examine: Examine) -> None:
    (trial,) = examine(1, even_starts(1))
    assert trial.status is EpisodeStatus.OFF_TRACK
    assert (trial.off_track_count, trial.reversed_count, trial.immobilized_count) == (1, 0, 0)
    assert 3 < trial.completion_percent < 20
    assert not trial.is_clean


def test_a_car_that_crawls_runs_out_of_time(examine: Examine) -> None:
    (trial,) = examine(3, even_starts(1))
    assert trial.status is EpisodeStatus.TIME_UP
    # It is given a few seconds, not the hours that a lap would take it.
    assert 0 < trial.completion_percent < 10
    assert trial.time_ms < 10_000
    assert trial.reset_count == 0


def test_a_start_is_displaced_and_turned_as_it_says(examine: Examine) -> None:
    straight, towards_the_edge = examine(
        1, [Start(0.3, 0.0, 0.0), Start(0.3, -0.5, -math.radians(15))]
    )
    assert towards_the_edge.time_ms < straight.time_ms - 300


def test_it_gives_up_at_the_first_failure_when_asked_to(examine: Examine) -> None:
    starts = [Start(0.0), Start(0.0, -0.9, -math.radians(60))]
    patient = examine(0, starts)
    hasty = examine(0, starts, stops_at_failure=True)
    assert [trial.status for trial in patient] == [
        EpisodeStatus.LAP_COMPLETE,
        EpisodeStatus.OFF_TRACK,
    ]
    assert hasty[1] == patient[1]
    assert hasty[0].status is EpisodeStatus.TIME_UP
    assert hasty[0].completion_percent < 50


def test_without_a_failure_being_hasty_changes_nothing(examine: Examine) -> None:
    assert examine(0, even_starts(2), stops_at_failure=True) == examine(0, even_starts(2))


@pytest.mark.parametrize("threads", [2, 3])
def test_every_start_is_driven_whatever_the_number_of_threads(
    examine: Examine, threads: int
) -> None:
    starts = [*even_starts(3), *displaced_starts(2)]
    assert examine(0, starts, threads=threads) == examine(0, starts)
    assert len(examine(0, even_starts(1), threads=threads)) == 1


def test_starts_take_the_tracks_in_turn(
    ring_file: Path, ring_model: ModelSpec, one_action: Callable[[int], ActorCritic]
) -> None:
    tracks = [load_track(ring_file), load_track(ring_file, is_reversed=True)]
    starts = [start for start in even_starts(2) for _ in tracks]
    with Team(1) as team:
        trials = Examiner(one_action(0), ring_model, tracks, starts, team).examine()
    # Turning left drives round the ring only in its own direction.
    assert [trial.is_clean for trial in trials] == [True, False, True, False]


def a_trial(seconds: float, status: EpisodeStatus = EpisodeStatus.LAP_COMPLETE) -> Trial:
    return Trial(1, round(seconds * 1000), 100.0, status)


def test_the_mean_speed_is_the_length_of_clean_laps_over_their_time() -> None:
    trials = [a_trial(10.0), a_trial(30.0), a_trial(1.0, EpisodeStatus.OFF_TRACK)]
    assert mean_speed_mps(trials, np.array([20.0, 40.0, 50.0])) == pytest.approx(1.5)
    assert mean_speed_mps(trials[2:], np.array([50.0])) == 0.0
