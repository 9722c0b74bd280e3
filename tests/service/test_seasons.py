"""Seasons of real races: points when they are over, divisions, rights, the champion's award."""

from __future__ import annotations

from typing import Any

import pytest

from racecraft.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from racecraft.service.access import Role
from racecraft.service.awards import awards_of
from racecraft.service.people.person import Person
from racecraft.service.races import arranging
from racecraft.service.races.race import Race
from racecraft.service.seasons.correcting import correct_points, take_back
from racecraft.service.seasons.season import (
    change_season,
    delete_season,
    list_seasons,
    start_season,
)
from racecraft.service.seasons.tables import view_season
from racecraft.service.settings import Settings
from racecraft.service.store import Store
from tests.service.conftest import Clock
from tests.service.test_community_races import Actor, arrange, enter, lap, person


@pytest.fixture
def olga(store: Store) -> Actor:
    return person(store, "olga", Role.ORGANISER)


@pytest.fixture
def races(store: Store, settings: Settings, olga: Actor, clock: Clock) -> list[Race]:
    return [arrange(store, settings, olga, clock, name=f"Round {k}") for k in (1, 2)]


def drive_all(store: Store, settings: Settings, race: Race, **times_ms: int) -> dict[str, Actor]:
    found = {}
    for name, time_ms in times_ms.items():
        with store.look() as work:
            known = work.first(Person, id=name)
        actor = known.actor if known else person(store, name)
        found[name] = actor
        enter(store, settings, race, actor, lap(time_ms), lap(time_ms), lap(time_ms))
    return found


def test_points_come_when_a_race_is_over(
    store: Store, settings: Settings, olga: Actor, races: list[Race]
) -> None:
    ids = [race.id for race in races]
    made = start_season(store, olga, {"name": "Winter", "race_ids": ids, "points": [5, 3, 1]})
    drive_all(store, settings, races[0], ann=8_000, bob=9_000, cid=9_500)
    assert view_season(store, olga, made.id).divisions == []
    arranging.close_race(store, olga, ids[0])
    drive_all(store, settings, races[1], ann=9_000, bob=8_000)
    arranging.close_race(store, olga, ids[1])
    view = view_season(store, olga, made.id)
    rows = view.divisions[0].rows
    assert [(view.names[row.racer_id], row.points) for row in rows] == [
        ("bob", 8),
        ("ann", 8),
        ("cid", 1),
    ]
    change_season(
        store, olga, made.id, {"divisions": [{"name": "Rookies", "person_ids": ["ann", "cid"]}]}
    )
    tables = {each.name: each.rows for each in view_season(store, olga, made.id).divisions}
    assert [row.racer_id for row in tables["Rookies"]] == ["ann", "cid"]
    assert tables["Rookies"][1].points == 3


def test_champions_podiums_and_wins_are_on_the_profile(
    store: Store, settings: Settings, olga: Actor, races: list[Race]
) -> None:
    ids = [race.id for race in races]
    start_season(store, olga, {"name": "Winter", "race_ids": ids})
    people = drive_all(store, settings, races[0], ann=8_000, bob=9_000)
    arranging.close_race(store, olga, ids[0])

    def earned(name: str) -> dict[str, str]:
        found = awards_of(store, settings, people[name], name)
        return {award.key: award.figure for award in found if award.earned_at_s is not None}

    assert earned("ann")["winner"] == "1 won"
    assert "champion" not in earned("ann")
    assert "winner" not in earned("bob")
    assert earned("bob")["podium"] == "1 times"
    assert earned("bob")["faultless"] == "1 times"
    drive_all(store, settings, races[1], ann=8_000, bob=9_000)
    arranging.close_race(store, olga, ids[1])
    assert "champion" in earned("ann")
    assert "champion" not in earned("bob")
    assert earned("ann")["winner"] == "2 won"


def test_who_sees_a_season_and_who_changes_it(
    store: Store, settings: Settings, olga: Actor, races: list[Race], clock: Clock
) -> None:
    made = start_season(store, olga, {"name": "Winter", "race_ids": [races[0].id]})
    ann = drive_all(store, settings, races[0], ann=8_000)["ann"]
    eve = person(store, "eve")
    assert [each.id for each in list_seasons(store, ann)] == [made.id]
    assert list_seasons(store, eve) == []
    with pytest.raises(NotFound, match="none of its races"):
        view_season(store, eve, made.id)
    for do in (
        lambda: start_season(store, ann, {"name": "Mine"}),
        lambda: change_season(store, ann, made.id, {"name": "Mine"}),
        lambda: delete_season(store, ann, made.id),
    ):
        with pytest.raises(Forbidden):
            do()
    delete_season(store, olga, made.id)
    assert list_seasons(store, olga) == []
    with store.look() as work:
        assert work.count(Race) == 2


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": " "}, "no name"),
        ({"points": [1, 2]}, "worse place brings more"),
        ({"points": []}, "points"),
        ({"points": [2000]}, "up to 1000"),
        ({"race_ids": ["a", "a"]}, "stands twice"),
        ({"race_ids": ["nowhere"]}, "no such race"),
        ({"divisions": [{"name": "open"}]}, "names of their own"),
        (
            {
                "divisions": [
                    {"name": "A", "person_ids": ["x"]},
                    {"name": "B", "person_ids": ["x"]},
                ]
            },
            "two divisions",
        ),
    ],
)
def test_what_does_not_fit_is_told(
    store: Store, olga: Actor, fields: dict[str, Any], sentence: str
) -> None:
    with pytest.raises((InvalidInput, NotFound), match=sentence):
        start_season(store, olga, {"name": "Winter", **fields})


def test_points_are_corrected_with_a_reason_that_stays_in_the_record(
    store: Store, settings: Settings, olga: Actor, races: list[Race], clock: Clock
) -> None:
    made = start_season(store, olga, {"name": "Winter", "race_ids": [races[0].id]})
    people = drive_all(store, settings, races[0], ann=8_000, bob=9_000)
    arranging.close_race(store, olga, races[0].id)

    def told() -> list[tuple[str, int, int]]:
        view = view_season(store, people["bob"], made.id)
        rows = view.divisions[0].rows
        return [(view.names[row.racer_id], row.points, row.correction) for row in rows]

    assert told() == [("ann", 25, 0), ("bob", 18, 0)]
    correct_points(store, olga, made.id, "ann", points=-10, reason="  Pushed  others ")
    correct_points(store, olga, made.id, "bob", points=1, reason="Helped with the track")
    assert told() == [("bob", 19, 1), ("ann", 15, -10)]
    change_season(store, olga, made.id, {"name": "Winter cup"})
    assert told() == [("bob", 19, 1), ("ann", 15, -10)]
    clock.now_s += 60.0
    first = view_season(store, olga, made.id).season.corrections[0]
    take_back(store, olga, made.id, first.id)
    assert told() == [("ann", 25, 0), ("bob", 19, 1)]
    view = view_season(store, people["bob"], made.id)
    record = view.season.corrections
    assert [(each.points, each.reason) for each in record] == [
        (-10, "Pushed others"),
        (1, "Helped with the track"),
    ]
    assert (view.names[record[0].by_id], record[0].made_at_s) == ("olga", clock.now_s - 60.0)
    assert record[0].taken_back_at_s == clock.now_s
    with pytest.raises(Conflict, match="already"):
        take_back(store, olga, made.id, first.id)
    with pytest.raises(NotFound, match="no such correction"):
        take_back(store, olga, made.id, "nothing")


def test_a_correction_that_does_not_fit_is_told(
    store: Store, settings: Settings, olga: Actor, races: list[Race]
) -> None:
    made = start_season(store, olga, {"name": "Winter", "race_ids": [races[0].id]})
    ann = drive_all(store, settings, races[0], ann=8_000)["ann"]
    person(store, "eve")
    wrong: list[tuple[str, int, str, str]] = [
        ("ann", 0, "why", "correction is 0 points"),
        ("ann", 1001, "why", "1001 points"),
        ("ann", 5, "  ", "Give a reason"),
        ("ann", 5, "x" * 201, "Give a reason"),
        ("eve", 5, "why", "in none of the races"),
    ]
    for who, points, reason, sentence in wrong:
        with pytest.raises(InvalidInput, match=sentence):
            correct_points(store, olga, made.id, who, points=points, reason=reason)
    with pytest.raises(Forbidden):
        correct_points(store, ann, made.id, "ann", points=5, reason="I was good")
    correct_points(store, olga, made.id, "ann", points=5, reason="She was good")
    given = view_season(store, olga, made.id).season.corrections[0]
    with pytest.raises(Forbidden):
        take_back(store, ann, made.id, given.id)
