"""Seasons of real races: points when they are over, divisions, rights, the champion's award."""

from __future__ import annotations

from typing import Any

import pytest

from racecraft.domain.errors import Forbidden, InvalidInput, NotFound
from racecraft.service.access import Role
from racecraft.service.awards import awards_of
from racecraft.service.people.person import Person
from racecraft.service.races import arranging
from racecraft.service.races.race import Race
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
