"""Seasons: points, ties, divisions, best results; against an independent slow reckoning."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from racecraft.domain.season import OPEN_DIVISION, Outcome, SeasonRow, standings

POINTS = (5, 3, 2, 1)
RACERS = "abcde"
boards = st.lists(
    st.permutations(RACERS).flatmap(
        lambda order: st.integers(0, len(order)).map(lambda count: tuple(order[:count]))
    ),
    max_size=5,
)


def outcomes(orders: list[tuple[str, ...]]) -> list[Outcome]:
    return [Outcome(f"r{k}", order) for k, order in enumerate(orders)]


def table(
    *orders: str, counted: int = 0, divisions: dict[str, str] | None = None
) -> list[SeasonRow]:
    found = standings(
        POINTS, outcomes([tuple(o) for o in orders]), divisions or {}, counted=counted
    )
    return found.get(OPEN_DIVISION, [])


def told(rows: list[SeasonRow]) -> list[tuple[int, str, int]]:
    return [(row.rank, row.racer_id, row.points) for row in rows]


def test_places_bring_the_points_of_the_table() -> None:
    assert told(table("abc", "bac", "ab")) == [(1, "a", 13), (2, "b", 11), (3, "c", 4)]
    row = table("abc", "bac", "ab")[0]
    assert (row.wins, row.podiums) == (2, 3)
    assert told(table("abcde"))[-1] == (5, "e", 0)
    assert standings(POINTS, [], {}) == {}


def test_equal_points_are_told_apart_by_wins_then_the_latest_race() -> None:
    # A win is worth more than the same points without one; y was there in the latest race.
    assert told(table("cxa", "yab"))[:3] == [(1, "y", 5), (2, "c", 5), (3, "a", 5)]
    assert [row.racer_id for row in table("ab", "ba")] == ["b", "a"]
    assert [row.racer_id for row in table("ba", "ab")] == ["a", "b"]
    assert [row.racer_id for row in table("ab", "ba", "c")] == ["b", "a", "c"]


def test_only_the_best_results_count_and_the_others_are_marked() -> None:
    rows = {row.racer_id: row for row in table("abc", "abc", "cab", counted=2)}
    assert {racer: row.points for racer, row in rows.items()} == {"a": 10, "b": 6, "c": 7}
    assert [score.is_counted for score in rows["c"].scores.values()] == [True, False, True]


def test_divisions_are_ranked_apart() -> None:
    divisions = {"b": "Rookies", "d": "Rookies"}
    found = standings(POINTS, outcomes([("a", "b", "c", "d")]), divisions)
    assert told(found["Rookies"]) == [(1, "b", 5), (2, "d", 3)]
    assert told(found[OPEN_DIVISION]) == [(1, "a", 5), (2, "c", 3)]


def test_what_is_given_by_hand_changes_sums_and_no_places() -> None:
    orders = outcomes([tuple("abc"), tuple("bac")])
    plain = standings(POINTS, orders, {})[OPEN_DIVISION]
    found = standings(POINTS, orders, {}, corrections={"b": -4, "c": 1, "z": 2})[OPEN_DIVISION]
    assert told(found) == [(1, "a", 8), (2, "c", 5), (3, "b", 4), (4, "z", 2)]
    assert {row.racer_id: row.correction for row in found} == {"a": 0, "b": -4, "c": 1, "z": 2}
    scores = {row.racer_id: row.scores for row in plain}
    assert {row.racer_id: row.scores for row in found if row.scores} == scores
    apart = standings(POINTS, orders, {"b": "Rookies"}, corrections={"b": -4})
    assert told(apart["Rookies"]) == [(1, "b", 6)]


@given(boards, st.integers(0, 3))
def test_points_are_those_of_a_slow_reckoning(orders: list[tuple[str, ...]], counted: int) -> None:
    rows = table(*("".join(order) for order in orders), counted=counted)
    for row in rows:
        own = [
            POINTS[order.index(row.racer_id)] if order.index(row.racer_id) < len(POINTS) else 0
            for order in orders
            if row.racer_id in order
        ]
        best = max(
            (
                sum(chosen)
                for chosen in itertools.combinations(own, min(counted or len(own), len(own)))
            ),
            default=0,
        )
        assert row.points == best
    assert [row.points for row in rows] == sorted((row.points for row in rows), reverse=True)
    ranks = [row.rank for row in rows]
    assert ranks == list(range(1, len(rows) + 1))
    assert {row.racer_id for row in rows} == {racer for order in orders for racer in order}


@given(boards)
def test_another_race_at_the_end_never_takes_points_away(orders: list[tuple[str, ...]]) -> None:
    before = {row.racer_id: row.points for row in table(*("".join(o) for o in orders))}
    after = {row.racer_id: row.points for row in table(*("".join(o) for o in orders), "abcde")}
    assert all(after[racer] >= points for racer, points in before.items())
