"""Finals and brackets of live races: seeded, driven, decided, and who has won."""

from __future__ import annotations

import pytest

from racecraft.domain.errors import Conflict, InvalidInput
from racecraft.service.access import Actor
from racecraft.service.races import arranging, boards
from racecraft.service.races.live import finals, running, tending
from racecraft.service.races.live.records import Heat
from racecraft.service.races.race import Race
from racecraft.service.settings import Settings
from racecraft.service.store import Store
from tests.service.conftest import Clock
from tests.service.live_shows import NAMES, classic, drive_next, live, look, olga, titles

__all__ = ["classic", "live", "olga"]  # fixtures


def test_a_final_of_the_best_leaves_the_board_as_it_is(
    store: Store, classic: Race, olga: Actor, clock: Clock
) -> None:
    before = boards.view_board(store, olga, classic.id)
    heat = finals.make_final(store, olga, classic.id, 4)
    assert [(each.name, each.seed) for each in heat.contestants] == [
        ("ann", 1),
        ("bob", 2),
        ("cid", 3),
        ("dora", 4),
    ]
    drive_next(store, olga, classic, clock, ["cid", "ann", "dora", "bob"], first_ms=1_000)
    assert boards.view_board(store, olga, classic.id) == before
    show = finals.declare_winner(store, olga, classic.id)
    assert show.winner is not None
    assert show.winner.name == "cid"
    assert look(store, classic).podium == ("cid", "ann", "dora")
    with pytest.raises(Conflict, match="6 racers, and the final is for 8"):
        finals.make_final(store, olga, classic.id, 8)
    with pytest.raises(InvalidInput, match="2 to 8"):
        finals.make_final(store, olga, classic.id, 9)


def test_a_bracket_is_seeded_by_the_board_and_driven_to_its_podium(
    store: Store, classic: Race, olga: Actor, clock: Clock
) -> None:
    finals.make_bracket(store, olga, classic.id, 16)
    seen = look(store, classic).bracket
    assert seen is not None
    assert seen.rounds == 3
    first = [match for match in seen.matches if match.round == 1]
    assert [match.is_bye for match in first] == [True, False, True, False]
    assert titles(store, classic) == ["Quarter-final 2", "Quarter-final 4"]
    favourites = list(NAMES)
    driven = []
    while look(store, classic).queue:
        heat = drive_next(store, olga, classic, clock, favourites)
        driven.append((heat.title, tuple(each.name for each in heat.contestants)))
    assert driven == [
        ("Quarter-final 2", ("dora", "eve")),
        ("Quarter-final 4", ("cid", "fay")),
        ("Semi-final 1", ("ann", "dora")),
        ("Semi-final 2", ("bob", "cid")),
        ("Match for the third place", ("cid", "dora")),
        ("Final", ("ann", "bob")),
    ]
    finals.declare_winner(store, olga, classic.id)
    assert look(store, classic).podium == ("ann", "bob", "cid")


def test_who_is_shut_out_loses_the_next_match_without_driving(
    store: Store, classic: Race, olga: Actor, clock: Clock
) -> None:
    finals.make_bracket(store, olga, classic.id, 4, has_third_place=False)
    assert titles(store, classic) == ["Semi-final 1", "Semi-final 2"]
    arranging.shut_out(store, olga, classic.id, "ann", is_shut_out=True)
    tending.tend(store, classic.id)
    assert titles(store, classic) == ["Semi-final 2"]
    drive_next(store, olga, classic, clock, list(NAMES))
    (final,) = look(store, classic).queue
    assert [car.name for car in final.cars] == ["bob", "dora"]
    arranging.shut_out(store, olga, classic.id, "ann", is_shut_out=False)
    tending.tend(store, classic.id)
    assert [car.name for car in look(store, classic).queue[0].cars] == ["bob", "dora"]


def test_the_organiser_decides_a_match_and_takes_a_decision_back(
    store: Store, classic: Race, olga: Actor, clock: Clock
) -> None:
    finals.make_bracket(store, olga, classic.id, 4, has_third_place=False)
    semi = drive_next(store, olga, classic, clock, list(NAMES))
    other = look(store, classic).queue[0]
    ids = {each.name: each.submission_id for each in semi.contestants}
    with store.look() as work:
        second = work.get(Heat, other.id)
    finals.decide_match(store, olga, classic.id, other.id, second.contestants[1].submission_id)
    assert [car.name for car in look(store, classic).queue[0].cars] == ["ann", "cid"]
    finals.decide_match(store, olga, classic.id, semi.id, ids["dora"])
    (final,) = look(store, classic).queue
    assert [car.name for car in final.cars] == ["cid", "dora"]
    with pytest.raises(InvalidInput, match="not in"):
        finals.decide_match(store, olga, classic.id, semi.id, "somebody")
    drive_next(store, olga, classic, clock, list(NAMES))
    for do in (
        lambda: finals.decide_match(store, olga, classic.id, semi.id, ids["ann"]),
        lambda: running.retry_heat(store, olga, classic.id, semi.id),
    ):
        with pytest.raises(Conflict, match="was driven already with who won"):
            do()
    running.retry_heat(store, olga, classic.id, final.id)
    running.retry_heat(store, olga, classic.id, semi.id)
    assert titles(store, classic) == ["Semi-final 1"]


def test_a_bracket_can_be_dropped_and_needs_four(
    store: Store, settings: Settings, olga: Actor, live: Race, classic: Race
) -> None:
    finals.make_bracket(store, olga, classic.id, 8)
    with pytest.raises(Conflict, match="has a bracket already"):
        finals.make_bracket(store, olga, classic.id, 8)
    (heat, *_) = look(store, classic).queue
    with pytest.raises(Conflict, match="cannot be taken out"):
        running.remove_heat(store, olga, classic.id, heat.id)
    finals.drop_bracket(store, olga, classic.id)
    assert look(store, classic).queue == ()
    with pytest.raises(Conflict, match="no bracket"):
        finals.drop_bracket(store, olga, classic.id)
    with pytest.raises(Conflict, match="a bracket needs 4"):
        finals.make_bracket(store, olga, live.id, 8)
    with pytest.raises(InvalidInput, match="4 to 32"):
        finals.make_bracket(store, olga, classic.id, 33)


def test_a_winner_can_be_declared_against_the_results_and_the_show_reopened(
    store: Store, classic: Race, olga: Actor
) -> None:
    rows = boards.view_board(store, olga, classic.id)
    show = finals.declare_winner(store, olga, classic.id, rows[2].submission_id)
    assert show.winner is not None
    assert [each.name for each in show.podium] == ["cid", "ann", "bob"]
    assert (show.is_over, show.is_on) == (True, False)
    again = running.begin(store, olga, classic.id)
    assert (again.winner, again.is_over, again.is_on) == (None, False, True)
    with pytest.raises(InvalidInput, match="could have won"):
        finals.declare_winner(store, olga, classic.id, "nobody")


def test_nobody_has_won_before_anybody_has_a_result(store: Store, live: Race, olga: Actor) -> None:
    with pytest.raises(Conflict, match="Nobody has a result yet"):
        finals.declare_winner(store, olga, live.id)
