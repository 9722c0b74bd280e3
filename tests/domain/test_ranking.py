"""Community races: what laps are worth, and who is ahead."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from racecraft.domain.episode import EpisodeStatus, Trial
from racecraft.domain.ranking import Entry, RaceRules, RankingMethod, Result, board, score
from racecraft.domain.spec import TrackChoice

DONE = EpisodeStatus.LAP_COMPLETE


def laps(*times: int | None, **counts: int) -> tuple[Trial, ...]:
    """Trials with these times in milliseconds; None is a lap that was not completed."""
    return tuple(
        Trial(
            trial=k + 1,
            time_ms=time or 9_000,
            completion_percent=100.0 if time else 40.0,
            status=DONE if time else EpisodeStatus.OFF_TRACK,
            **counts,
        )
        for k, time in enumerate(times)
    )


def rules(ranking: RankingMethod, count: int = 3, least: int = 1) -> RaceRules:
    return RaceRules(ranking=ranking, laps=count, min_laps=least)


def test_the_best_lap_is_the_fastest_one_that_was_completed() -> None:
    result = score(rules(RankingMethod.BEST_LAP_TIME), laps(12_000, None, 11_500))
    assert result.time_ms == result.best_lap_ms == 11_500
    assert result.laps_completed == 2
    assert result.total_ms is None


def test_an_average_is_taken_over_laps_in_a_row_and_rounded_to_milliseconds() -> None:
    asked = rules(RankingMethod.AVERAGE_LAP_TIME, count=5, least=2)
    result = score(asked, laps(10_000, None, 12_000, 11_001, 13_000))
    assert result.time_ms == result.average_lap_ms == 11_501  # 11 500.5


def test_a_total_needs_every_lap() -> None:
    asked = rules(RankingMethod.TOTAL_TIME)
    assert score(asked, laps(10_000, 11_000, 12_000)).time_ms == 33_000
    assert score(asked, laps(10_000, None, 12_000)).time_ms is None
    assert score(asked, laps(10_000, 11_000)).time_ms is None


def test_too_few_laps_in_a_row_are_not_ranked_but_told() -> None:
    asked = rules(RankingMethod.BEST_LAP_TIME, count=5, least=3)
    result = score(asked, laps(10_000, 10_000, None, 10_000, 10_000))
    assert result.time_ms is None
    assert (result.laps_completed, result.laps_in_a_row) == (4, 2)
    assert result.best_lap_ms == 10_000


def test_resets_of_all_laps_are_counted() -> None:
    asked = rules(RankingMethod.BEST_LAP_TIME)
    result = score(asked, laps(10_000, None, 10_000, off_track_count=2, crash_count=1))
    assert (result.off_tracks, result.crashes, result.resets) == (6, 3, 9)


def test_rules_that_nobody_can_meet_are_refused() -> None:
    with pytest.raises(ValidationError, match=r"nobody can complete more laps"):
        RaceRules(laps=3, min_laps=4)


def test_everybody_drives_the_same_evaluation() -> None:
    asked = RaceRules(track=TrackChoice(name="thimble", is_reversed=True), laps=7, seed=5)
    drives = asked.evaluation
    assert (drives.track.name, drives.track.is_reversed) == ("thimble", True)
    assert (drives.trials, drives.seed, drives.interval_jitter) == (7, 5, 0.05)
    assert drives.max_resets == 10_000


def entry(racer: str, time_ms: int | None, at_s: float = 0.0, resets: int = 0) -> Entry:
    return Entry(racer, f"{racer}-{at_s}", at_s, Result(time_ms=time_ms, resets=resets))


def test_a_board_shows_everybodys_best_and_the_gap_to_the_leader() -> None:
    rows = board([entry("a", 12_000), entry("b", 11_000), entry("a", 11_500, 5), entry("c", None)])
    assert [(row.rank, row.entry.racer_id, row.gap_ms) for row in rows] == [
        (1, "b", 0),
        (2, "a", 500),
    ]
    assert board([]) == []


def test_ties_go_to_fewer_resets_and_then_to_who_was_first() -> None:
    rows = board([entry("late", 10, 9.0), entry("early", 10, 3.0), entry("clumsy", 10, 1.0, 2)])
    assert [row.entry.racer_id for row in rows] == ["early", "late", "clumsy"]


TIMES = st.lists(st.none() | st.integers(1_000, 60_000), min_size=1, max_size=8)


@given(times=TIMES, least=st.integers(1, 8), ranking=st.sampled_from(list(RankingMethod)))
def test_scores_are_those_of_the_slow_way(
    times: list[int | None], least: int, ranking: RankingMethod
) -> None:
    least = min(least, len(times))
    asked = rules(ranking, len(times), least)
    assert score(asked, laps(*times)).time_ms == _slow_score(asked, times)


def _slow_score(asked: RaceRules, times: Sequence[int | None]) -> int | None:
    """Every stretch of laps is looked at, one after the other."""
    stretches = [
        [t for t in times[a:b] if t is not None]
        for a in range(len(times))
        for b in range(a + 1, len(times) + 1)
        if None not in times[a:b]
    ]
    if not any(len(stretch) == asked.min_laps for stretch in stretches):
        return None
    if asked.ranking is RankingMethod.BEST_LAP_TIME:
        return min(stretch[0] for stretch in stretches if len(stretch) == 1)
    if asked.ranking is RankingMethod.AVERAGE_LAP_TIME:
        means = [sum(s) / len(s) for s in stretches if len(s) == asked.min_laps]
        return math.floor(min(means) + 0.5)
    whole = [sum(s) for s in stretches if len(s) == asked.laps]
    return whole[0] if whole else None


@given(times=TIMES, ranking=st.sampled_from(list(RankingMethod)), data=st.data())
def test_a_slower_or_failed_lap_never_helps(
    times: list[int | None], ranking: RankingMethod, data: st.DataObject
) -> None:
    asked = rules(ranking, len(times), data.draw(st.integers(1, len(times))))
    before = score(asked, laps(*times)).time_ms
    which = data.draw(st.integers(0, len(times) - 1))
    worse, old = list(times), times[which]
    penalty = data.draw(st.none() | st.integers(1, 20_000))
    worse[which] = None if old is None or penalty is None else old + penalty
    after = score(asked, laps(*worse)).time_ms
    assert after is None or (before is not None and after >= before)


ENTRIES = st.lists(
    st.builds(
        entry,
        racer=st.sampled_from("abcd"),
        time_ms=st.none() | st.integers(1, 5),
        at_s=st.integers(0, 1_000_000).map(float),
        resets=st.integers(0, 2),
    ),
    max_size=12,
    unique_by=lambda e: e.submission_id,
)


@given(entries=ENTRIES, data=st.data())
def test_a_board_does_not_depend_on_the_order_of_submissions(
    entries: list[Entry], data: st.DataObject
) -> None:
    assert board(data.draw(st.permutations(entries))) == board(entries)


@given(entries=ENTRIES)
def test_a_board_is_ordered_without_gaps_and_names_everybody_once(entries: list[Entry]) -> None:
    rows = board(entries)
    racers = [row.entry.racer_id for row in rows]
    assert len(set(racers)) == len(racers)
    assert set(racers) == {e.racer_id for e in entries if e.result.time_ms is not None}
    assert [row.rank for row in rows] == list(range(1, len(rows) + 1))
    gaps = [row.gap_ms for row in rows]
    assert gaps == sorted(gaps)
    assert all(gap >= 0 for gap in gaps)


@given(entries=ENTRIES, racer=st.sampled_from("abcd"), time=st.none() | st.integers(1, 9))
def test_another_submission_never_costs_a_racer_a_place(
    entries: list[Entry], racer: str, time: int | None
) -> None:
    before = {row.entry.racer_id: row.rank for row in board(entries)}
    last = Entry(racer, "newest", 2_000_000.0, Result(time_ms=time))
    after = {row.entry.racer_id: row.rank for row in board([*entries, last])}
    if racer in before:
        assert after[racer] <= before[racer]
    for other in set(before) - {racer}:
        assert after[other] - before[other] in (0, 1)


@pytest.mark.parametrize("ranking", list(RankingMethod))
def test_a_lap_that_is_faster_than_physics_allows_is_no_record_and_no_rank(
    ranking: RankingMethod,
) -> None:
    asked = rules(ranking).model_copy(update={"grip_jitter": 0.0})
    driven = laps(12_000, 5_939, 13_000)
    result = score(asked, driven, limit_s=6.0)
    assert (result.impossible_laps, result.time_ms) == (1, None)
    assert (result.best_lap_ms, result.laps_completed, result.total_ms) == (12_000, 2, None)
    assert score(asked, driven).best_lap_ms == 5_939  # nobody knew the limit
    sound = score(asked, laps(12_000, 5_941, 13_000), limit_s=6.0)
    assert (sound.impossible_laps, sound.best_lap_ms) == (0, 5_941)
    assert sound.time_ms is not None


def test_where_the_grip_varies_a_lucky_lap_is_no_defect() -> None:
    asked = rules(RankingMethod.BEST_LAP_TIME).model_copy(update={"grip_jitter": 0.02})
    assert score(asked, laps(5_890), limit_s=6.0).impossible_laps == 0
    assert score(asked, laps(5_880), limit_s=6.0).impossible_laps == 1
