"""Who has won a race of models."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from racecraft.domain.duel import DuelSpec, Standing, ranked
from racecraft.domain.episode import EpisodeStatus

DONE = Standing(
    name="a",
    grid_place=1,
    lap_times_ms=(10_000, 9_000),
    total_ms=19_000,
    distance_m=40.0,
    beyond_m=0.05,
    status=EpisodeStatus.LAP_COMPLETE,
)
OUT = replace(
    DONE, lap_times_ms=(8_000,), total_ms=8_000, distance_m=35.0, status=EpisodeStatus.OFF_TRACK
)


def names(*standings: Standing) -> str:
    return "".join(standing.name for standing in ranked(standings))


def test_three_laps_with_generous_resets_are_the_default() -> None:
    spec = DuelSpec()
    assert (spec.laps, spec.max_resets) == (3, 100)
    assert DuelSpec.model_validate_json(spec.model_dump_json()) == spec
    with pytest.raises(ValidationError):
        DuelSpec(laps=0)


def test_finishers_come_first_by_their_time_then_the_others_by_how_far_they_came() -> None:
    slower = replace(DONE, name="b", total_ms=19_100)
    further = replace(OUT, name="d", distance_m=36.0)
    assert names(replace(OUT, name="c"), further, slower, DONE) == "abdc"
    assert [standing.rank for standing in ranked([OUT, DONE])] == [1, 2]


def test_ties_are_broken_in_the_written_order() -> None:
    beyond = replace(DONE, name="b", beyond_m=0.06)
    assert names(DONE, beyond) == "ba"
    assert names(DONE, replace(DONE, name="b", crashes=1)) == "ab"
    assert names(DONE, replace(DONE, name="b", lap_times_ms=(10_100, 8_900))) == "ba"
    assert names(DONE, replace(DONE, name="b", grid_place=2)) == "ba"


standings = st.builds(
    replace,
    st.sampled_from([DONE, OUT]),
    name=st.sampled_from("abcdef"),
    total_ms=st.integers(15_000, 15_002),
    distance_m=st.sampled_from([1.0, 2.0]),
    crashes=st.integers(0, 1),
)


@given(st.lists(standings, min_size=2, max_size=8), st.randoms())
def test_a_ranking_does_not_depend_on_the_order_of_the_list(
    drawn: list[Standing], random: object
) -> None:
    placed = [replace(one, grid_place=place) for place, one in enumerate(drawn)]
    mixed = list(placed)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert ranked(mixed) == ranked(placed)
    assert [one.rank for one in ranked(placed)] == list(range(1, len(placed) + 1))
