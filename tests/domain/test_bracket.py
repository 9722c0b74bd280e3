"""Knock-out brackets: the written rules hold for every number of racers and every result."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from racecraft.domain.bracket import (
    FEWEST,
    MOST,
    NOBODY,
    THIRD_PLACE,
    Bracket,
    Match,
    play,
    seeding,
)
from racecraft.domain.errors import InvalidInput

COUNTS = st.integers(FEWEST, MOST)


def drive_all(count: int, choose: object, **how: object) -> tuple[Bracket, dict[str, int]]:
    """Drive every match that is ready, until there is none."""
    winners: dict[str, int] = {}
    while True:
        now = play(count, winners, **how)  # type: ignore[arg-type]
        if not now.ready:
            return now, winners
        match = now.ready[0]
        winners[match.key] = choose(match)  # type: ignore[operator]


def favourite(match: Match) -> int:
    return min(side for side in match.sides if side)


@given(COUNTS, st.randoms(use_true_random=False), st.booleans())
def test_every_bracket_comes_to_an_end_with_one_champion(
    count: int, luck: object, has_third: bool
) -> None:
    done, winners = drive_all(
        count,
        lambda match: luck.choice(match.sides),  # type: ignore[attr-defined]
        has_third_place=has_third,
    )
    assert len(winners) == count - 1 + has_third  # everybody but one loses once
    assert sorted(done.places) == list(range(1, count + 1))
    losses = [m.loser for m in done.matches if m.is_driven and m.key != THIRD_PLACE]
    assert sorted([done.champion, *losses]) == list(range(1, count + 1))
    assert done.champion == winners[f"{done.rounds}-1"]


@given(COUNTS)
def test_if_the_better_seed_always_wins_the_places_are_the_seeds(count: int) -> None:
    done, _ = drive_all(count, favourite)
    assert done.places[:4] == (1, 2, 3, 4)
    final = done.matches[-1]
    assert (final.title, set(final.sides)) == ("Final", {1, 2})


@given(COUNTS)
def test_byes_fall_to_the_best_seeds_and_only_in_the_first_round(count: int) -> None:
    start = play(count, {})
    byes = [match for match in start.matches if NOBODY in match.sides]
    size = 1 << (count - 1).bit_length()
    assert sorted(match.winner or 0 for match in byes) == list(range(1, size - count + 1))
    assert {match.round for match in byes} <= {1}
    assert not any(match.is_driven for match in start.matches)


@given(st.sampled_from([4, 8, 16, 32]))
def test_the_seeds_of_a_match_of_favourites_add_up_to_the_same(size: int) -> None:
    order = seeding(size)
    while len(order) > 1:
        pairs = list(zip(order[::2], order[1::2], strict=True))
        assert {sum(pair) for pair in pairs} == {len(order) + 1}
        order = [min(pair) for pair in pairs]


@given(COUNTS, st.randoms(use_true_random=False))
def test_the_order_in_which_results_come_changes_nothing(count: int, luck: object) -> None:
    done, winners = drive_all(count, lambda m: luck.choice(m.sides))  # type: ignore[attr-defined]
    shuffled = list(winners.items())
    luck.shuffle(shuffled)  # type: ignore[attr-defined]
    assert play(count, dict(shuffled)) == done


@given(COUNTS, st.sets(st.integers(1, MOST)), st.randoms(use_true_random=False))
def test_who_is_gone_drives_no_more_and_the_rest_goes_on(
    count: int, gone: set[int], luck: object
) -> None:
    gone = {seed for seed in gone if seed <= count}
    driven: list[Match] = []

    def choose(match: Match) -> int:
        driven.append(match)
        return luck.choice(match.sides)  # type: ignore[attr-defined, no-any-return]

    done, _ = drive_all(count, choose, gone=gone)
    assert all(gone.isdisjoint(match.sides) for match in driven)
    there = set(range(1, count + 1)) - gone
    assert done.champion in there or not there
    assert not done.ready
    assert all(match.winner is not None for match in done.matches)


@given(COUNTS, st.randoms(use_true_random=False))
def test_what_was_driven_stays_when_somebody_goes(count: int, luck: object) -> None:
    done, winners = drive_all(count, favourite)
    loser = luck.randint(2, count)  # type: ignore[attr-defined]
    assert play(count, winners, gone={loser}) == done


def test_a_result_of_somebody_who_was_not_in_the_match_counts_nothing() -> None:
    assert play(4, {"1-1": 3}).matches[0].winner is None
    assert play(4, {"2-1": 1}) == play(4, {})


def test_without_a_match_for_it_the_third_is_who_lost_to_the_winner() -> None:
    done, _ = drive_all(8, favourite, has_third_place=False)
    assert done.places == (1, 2, 4, 3, 5, 6, 7, 8)


def test_matches_have_the_names_that_people_use() -> None:
    titles = [match.title for match in play(16, {}).matches]
    assert titles[0] == "Round of 16, match 1"
    assert titles[8:] == [
        *(f"Quarter-final {k}" for k in range(1, 5)),
        "Semi-final 1",
        "Semi-final 2",
        "Match for the third place",
        "Final",
    ]


@pytest.mark.parametrize("count", [0, 3, 33])
def test_too_few_or_too_many_are_told(count: int) -> None:
    with pytest.raises(InvalidInput, match=f"and {count} are there"):
        play(count, {})
