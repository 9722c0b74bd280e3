"""Episodes: the words in files and tables, and what makes a lap clean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from racecraft.domain.episode import EpisodeStatus, Trial, format_lap_time

WORDS = {
    EpisodeStatus.PREPARE: ("prepare", "Prepare"),
    EpisodeStatus.IN_PROGRESS: ("in_progress", "In progress"),
    EpisodeStatus.LAP_COMPLETE: ("lap_complete", "Lap complete"),
    EpisodeStatus.OFF_TRACK: ("off_track", "Off track"),
    EpisodeStatus.CRASHED: ("crashed", "Crashed"),
    EpisodeStatus.REVERSED: ("reversed", "Reversed"),
    EpisodeStatus.IMMOBILIZED: ("immobilized", "Immobilized"),
    EpisodeStatus.PAUSE: ("pause", "Pause"),
    EpisodeStatus.TIME_UP: ("time_up", "Time Up"),
    EpisodeStatus.PARK: ("park", "Park"),
}


@pytest.mark.parametrize("status", list(EpisodeStatus))
def test_every_status_has_the_words_of_the_original_files(status: EpisodeStatus) -> None:
    assert (status.trace_word, status.label) == WORDS[status]


def trial(status: EpisodeStatus = EpisodeStatus.LAP_COMPLETE, **counts: int) -> Trial:
    return Trial(trial=1, time_ms=20_000, completion_percent=100.0, status=status, **counts)


def test_a_lap_without_resets_is_clean() -> None:
    assert trial().is_clean


@pytest.mark.parametrize("kind", ["off_track", "crash", "reversed", "immobilized"])
def test_one_reset_of_any_kind_makes_a_lap_unclean(kind: str) -> None:
    driven = trial(**{f"{kind}_count": 1})
    assert driven.reset_count == 1
    assert not driven.is_clean


def test_resets_of_all_kinds_add_up() -> None:
    driven = trial(off_track_count=1, crash_count=2, reversed_count=3, immobilized_count=4)
    assert driven.reset_count == 10


@pytest.mark.parametrize("status", set(EpisodeStatus) - {EpisodeStatus.LAP_COMPLETE})
def test_a_lap_that_was_not_completed_is_never_clean(status: EpisodeStatus) -> None:
    assert not trial(status).is_clean


@pytest.mark.parametrize(
    ("time_ms", "shown"),
    [
        (0, "00:00.000"),
        (999, "00:00.999"),
        (20_835, "00:20.835"),
        (60_000, "01:00.000"),
        (3_599_999, "59:59.999"),
        (3_600_000, "60:00.000"),
        (86_000_000, "1433:20.000"),
    ],
)
def test_lap_times_show_minutes_seconds_and_thousandths(time_ms: int, shown: str) -> None:
    assert format_lap_time(time_ms) == shown


@given(st.integers(0, 5_999_999), st.integers(0, 5_999_999))
def test_under_a_hundred_minutes_shown_times_sort_as_the_times_do(first: int, second: int) -> None:
    shown = (format_lap_time(first), format_lap_time(second))
    assert (shown[0] < shown[1]) == (first < second)
