"""What a sweep may try, and how laps become a score."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from racecraft.domain.episode import EpisodeStatus, Trial
from racecraft.domain.errors import InvalidSpec
from racecraft.domain.sweep import CREDIT_MPS, Goal, SweepSpec, score_of
from racecraft.service.documents import checked


def lap(*, time_ms: int = 10_000, percent: float = 100.0, off_track: int = 0) -> Trial:
    is_whole = percent == 100.0
    status = EpisodeStatus.LAP_COMPLETE if is_whole else EpisodeStatus.OFF_TRACK
    return Trial(1, time_ms, percent, status, off_track_count=off_track)


def test_pace_is_the_mean_speed_of_clean_laps() -> None:
    laps = [(lap(time_ms=10_000), 20.0), (lap(time_ms=20_000), 20.0)]
    assert score_of(laps, Goal.PACE) == pytest.approx(1.5)


def test_a_lap_with_a_reset_counts_as_one_that_was_not_finished() -> None:
    assert score_of([(lap(off_track=1), 20.0)], Goal.PACE) == pytest.approx(CREDIT_MPS)
    assert score_of([(lap(percent=50.0), 20.0)], Goal.PACE) == pytest.approx(CREDIT_MPS / 2)


def test_completion_knows_no_speed() -> None:
    laps = [(lap(time_ms=1), 20.0), (lap(percent=30.0), 20.0)]
    assert score_of(laps, Goal.COMPLETION) == pytest.approx(65.0)


def test_without_laps_there_is_no_score() -> None:
    assert score_of([], Goal.PACE) == 0.0


@given(st.floats(0.0, 99.9), st.integers(5_000, 199_000))
def test_no_spoilt_lap_is_worth_as_much_as_the_slowest_clean_one(
    percent: float, time_ms: int
) -> None:
    # The slowest speed of an action space is 0.1 m/s: 20 m in 200 s.
    spoilt = score_of([(lap(percent=percent), 20.0)], Goal.PACE)
    assert spoilt < score_of([(lap(time_ms=time_ms), 20.0)], Goal.PACE)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"space": {"x": {"low": 2, "high": 1}}}, "from 2 to 1; its low must be below"),
        ({"space": {"x": {"low": 0, "high": 1, "log": True}}}, "low must be above 0"),
        ({"space": {"x": {"low": 0.5, "high": 1.5, "integer": True}}}, "two whole numbers"),
        ({"space": {"x": {"low": 0, "high": 1}}, "method": "grid"}, "x is a range"),
        ({"space": {}}, "space"),
        ({"space": {"x": []}}, "space"),
        ({"space": {"x": [1]}, "trials": 0}, "trials is 0; choose from 1 to 10000"),
        ({"space": {"x": [1]}, "goal": "luck"}, "goal is 'luck'; choose one of pace, completion"),
        ({"space": {"x": [1]}, "trails": 3}, "There is no field trails; remove it. Did you mean"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidSpec, match=sentence):
        checked(SweepSpec, fields)


def test_it_comes_back_from_json_as_it_was() -> None:
    space = {"a": [1, 2.5, "three", True], "b": {"low": 1e-4, "high": 1e-2, "log": True}}
    spec = checked(SweepSpec, {"space": space})
    assert SweepSpec.model_validate_json(spec.model_dump_json()) == spec


def test_a_grid_is_whole_if_nobody_says_how_many() -> None:
    space = {"a": [1, 2, 3], "b": [1, 2, 3], "c": [1, 2, 3]}
    assert checked(SweepSpec, {"space": space, "method": "grid"}).trials == 27
    assert checked(SweepSpec, {"space": space, "method": "grid", "trials": 5}).trials == 5
    assert checked(SweepSpec, {"space": space}).trials == 20
    huge = {str(place): list(range(10)) for place in range(8)}
    assert checked(SweepSpec, {"space": huge, "method": "grid"}).trials == 10_000
