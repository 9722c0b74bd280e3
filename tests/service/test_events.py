"""Events: who comes in and how, what they may use, order, and the end."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import Any

import pytest

from racecraft.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from racecraft.service import leaving
from racecraft.service.access import Role
from racecraft.service.archives.everything import export_everything
from racecraft.service.events import joining, moderating, organising
from racecraft.service.events.event import Attendant, Event
from racecraft.service.instance import change_instance
from racecraft.service.people import invitations
from racecraft.service.people.person import Person, view_person
from racecraft.service.people.registration import Welcome, register
from racecraft.service.races import arranging, boards, deleting, refereeing
from racecraft.service.races.race import Race
from racecraft.service.results.signed import signed_bytes, verify
from racecraft.service.results.tables import TableKind, results_csv
from racecraft.service.seasons.season import change_season, start_season
from racecraft.service.seasons.tables import view_season
from racecraft.service.settings import Settings
from racecraft.service.store import Store
from tests.service.conftest import Clock
from tests.service.test_community_races import Actor, arrange, enter, lap, person

DAY_S = 86_400.0


@pytest.fixture
def olga(store: Store) -> Actor:
    return person(store, "olga", Role.ORGANISER)


@pytest.fixture
def races(store: Store, settings: Settings, olga: Actor, clock: Clock) -> list[Race]:
    return [arrange(store, settings, olga, clock, name=name) for name in ("Practice", "Final")]


@pytest.fixture
def event(store: Store, olga: Actor, races: list[Race], clock: Clock) -> Event:
    """Open for a day, with a rule for names and a quota."""
    return organise(store, olga, races, clock)


def organise(store: Store, actor: Actor, races: list[Race], clock: Clock, **fields: Any) -> Event:
    ids = [race.id for race in races]
    wish = {
        "name": "Open day",
        "starts_at_s": clock.now_s,
        "ends_at_s": clock.now_s + DAY_S,
        "race_ids": ids,
        "practice_race_id": ids[0] if ids else "",
        "racer_name_pattern": "[A-Z][a-z]+-[0-9]{2}",
        "racer_name_hint": "first name, hyphen, seat",
        "limits": {"models": 3, "minutes_per_month": 60},
        "timetable": [
            {"at_s": clock.now_s + 7200.0, "what": "Final"},
            {"at_s": clock.now_s, "what": "Welcome"},
        ],
        **fields,
    }
    return organising.organise_event(store, actor, wish)


def join(store: Store, event: Event, name: str) -> Welcome:
    """What the form at the door does."""
    made = register(store, name, invitation=event.link, address="10.0.0.1")
    assert joining.arrive(store, made.person.id, event.link) == event.id
    return made


def test_somebody_new_comes_in_with_the_link_alone(
    store: Store, event: Event, races: list[Race]
) -> None:
    told = joining.look_in(store, event.link.lower())
    assert (told.name, told.is_open) == ("Open day", True)
    assert [slot.what for slot in told.timetable] == ["Welcome", "Final"]
    with pytest.raises(InvalidInput, match="first name, hyphen, seat"):
        join(store, event, "whoever")
    ada = join(store, event, "Ada-07").person
    assert (ada.limits.models, ada.limits.minutes_per_month, ada.role) == (3, 60, Role.RACER)
    assert {view.race.id for view in boards.list_races(store, ada.actor)} == {
        race.id for race in races
    }
    seen = organising.list_events(store, ada.actor)[0]
    assert (seen.is_mine, seen.event.link, seen.people) == (False, "", 1)
    assert all(race.link == "" for race in seen.races)


def test_somebody_with_an_account_comes_in_and_keeps_what_they_have(
    store: Store, event: Event
) -> None:
    rob = person(store, "rob")
    with pytest.raises(NotFound, match="not in it"):
        organising.view_event(store, rob, event.id)
    for _ in range(2):
        joining.come_into_event(store, rob, event.link)
    assert organising.view_event(store, rob, event.id).people == 1
    assert view_person(store, rob, "rob").limits.models is None
    with pytest.raises(NotFound, match="leads to no event"):
        joining.come_into_event(store, rob, "AAAA-BBBB-CCCC")


def test_the_link_works_from_start_to_end_and_for_so_many_heads(
    store: Store, olga: Actor, races: list[Race], clock: Clock
) -> None:
    later = clock.now_s + DAY_S
    made = organise(store, olga, races, clock, starts_at_s=later, ends_at_s=2 * later, heads=1)
    rob = person(store, "rob")
    with pytest.raises(Conflict, match="has not begun"):
        joining.come_into_event(store, rob, made.link)
    with pytest.raises(InvalidInput, match="not open yet"):
        join(store, made, "Ada-07")
    clock.now_s = later
    join(store, made, "Ada-07")
    with pytest.raises(InvalidInput, match="used up"):
        join(store, made, "Bob-08")
    organising.change_event(store, olga, made.id, {"heads": 2})
    join(store, made, "Bob-08")
    clock.now_s = 2 * later
    with pytest.raises(Conflict, match="is over"):
        joining.come_into_event(store, rob, made.link)
    assert organising.view_event(store, olga, made.id).people == 2


def test_a_link_or_code_is_told_to_be_of_an_event_however_it_was_typed(
    store: Store, event: Event, races: list[Race]
) -> None:
    code = event.link
    for typed in (
        code,
        code.lower(),
        code.replace("-", " "),
        f"http://here:8321/events/link/{code}",
    ):
        assert joining.leads_to_event(store, typed), typed
    for other in ("", "?", races[0].link, "ABCD-EFGH-JKMN-PQRS"):
        assert not joining.leads_to_event(store, other), other


def test_a_new_link_lets_in_and_the_old_one_does_not(
    store: Store, event: Event, olga: Actor
) -> None:
    old = event.link
    new = organising.renew_event_link(store, olga, event.id)
    with pytest.raises(InvalidInput):
        register(store, "Ada-07", invitation=old, address="10.0.0.1")
    with pytest.raises(NotFound):
        joining.look_in(store, old)
    join(store, new, "Ada-07")
    invitations.revoke_invitation(store, olga, event.id)
    with pytest.raises(InvalidInput):
        join(store, new, "Bob-08")
    organising.change_event(store, olga, event.id, {"description": "open again"})
    join(store, new, "Bob-08")


def test_a_race_that_is_added_takes_in_everybody(
    store: Store, settings: Settings, event: Event, olga: Actor, clock: Clock
) -> None:
    ada = join(store, event, "Ada-07").person
    more = arrange(store, settings, olga, clock, name="Encore")
    ids = [*event.race_ids, more.id]
    organising.change_event(store, olga, event.id, {"race_ids": ids})
    assert boards.view_race(store, ada.actor, more.id).racers == 1


def test_who_may_organise_and_who_may_not(
    store: Store, settings: Settings, event: Event, races: list[Race], clock: Clock
) -> None:
    rob = person(store, "rob")
    boss = person(store, "boss", Role.ADMIN)
    own = arrange(store, settings, rob, clock)
    joining.come_into_event(store, rob, event.link)
    for do in (
        lambda: organise(store, rob, [own], clock),
        lambda: organising.change_event(store, rob, event.id, {"name": "mine"}),
        lambda: organising.delete_event(store, rob, event.id),
        lambda: organising.renew_event_link(store, rob, event.id),
        lambda: moderating.list_attendants(store, rob, event.id),
        lambda: moderating.ban(store, rob, event.id, "rob", is_banned=False),
        lambda: moderating.rename_racer(store, rob, "boss", "Fool"),
        lambda: refereeing.list_entered(store, rob, races[0].id),
    ):
        with pytest.raises(Forbidden):
            do()
    assert organising.change_event(store, boss, event.id, {"name": "Ours"}).name == "Ours"


def test_only_an_admin_gives_more_than_new_people_get(
    store: Store, olga: Actor, races: list[Race], clock: Clock
) -> None:
    boss = person(store, "boss", Role.ADMIN)
    change_instance(store, boss, {"new_person": {"models": 5, "minutes_per_month": 30}})
    with pytest.raises(Forbidden, match="30 minutes per month"):
        organise(store, olga, races, clock, limits={"models": 5})
    usual = organise(store, olga, races, clock, limits={"models": 2, "minutes_per_month": 30})
    assert usual.limits.models == 2
    assert organise(store, boss, races, clock, limits={"models": 50}).limits.models == 50


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": " "}, "use 1 to 64"),
        ({"ends_at_s": 5.0}, "ends before it starts"),
        ({"racer_name_pattern": "("}, "no regular expression"),
        ({"practice_race_id": "other"}, "none of the event's"),
        ({"race_ids": ["nowhere"], "practice_race_id": ""}, "no such race"),
        ({"colour": "red"}, "has no 'colour'"),
        ({"heads": 0}, "heads"),
    ],
)
def test_what_does_not_fit_is_told_in_a_sentence(
    store: Store,
    olga: Actor,
    races: list[Race],
    clock: Clock,
    fields: dict[str, Any],
    sentence: str,
) -> None:
    with pytest.raises((InvalidInput, NotFound), match=sentence):
        organise(store, olga, races, clock, **fields)
    with store.look() as work:
        assert work.count(Event) == 0


def test_who_is_banned_is_out_of_everything_until_let_in(
    store: Store, settings: Settings, event: Event, olga: Actor, races: list[Race]
) -> None:
    ada = join(store, event, "Ada-07").person
    enter(store, settings, races[1], ada.actor, lap(9_000), lap(9_000), lap(9_000))
    assert moderating.list_attendants(store, olga, event.id)[0].submissions == 1
    moderating.ban(store, olga, event.id, ada.id, is_banned=True)
    with pytest.raises(NotFound):
        organising.view_event(store, ada.actor, event.id)
    with pytest.raises(NotFound):
        boards.view_race(store, ada.actor, races[1].id)
    with pytest.raises(Forbidden, match="banned you"):
        joining.come_into_event(store, ada.actor, event.link)
    assert boards.view_board(store, olga, races[1].id) == []
    assert organising.view_event(store, olga, event.id).people == 0
    moderating.ban(store, olga, event.id, ada.id, is_banned=False)
    assert [row.racer for row in boards.view_board(store, olga, races[1].id)] == ["Ada-07"]


def test_a_racer_is_renamed_and_nobody_above_them(store: Store, event: Event, olga: Actor) -> None:
    ada = join(store, event, "Ada-07").person
    join(store, event, "Bob-08")
    with pytest.raises(Conflict, match="is a racer"):
        moderating.rename_racer(store, olga, ada.id, "bob-08")
    with pytest.raises(InvalidInput):
        moderating.rename_racer(store, olga, ada.id, "-")
    assert moderating.rename_racer(store, olga, ada.id, "ADA-07").name == "ADA-07"
    person(store, "boss", Role.ADMIN)
    with pytest.raises(Forbidden, match="only an admin"):
        moderating.rename_racer(store, olga, "boss", "Fool")


def test_a_result_is_taken_off_the_board_and_put_back(
    store: Store, settings: Settings, event: Event, olga: Actor, races: list[Race]
) -> None:
    ada = join(store, event, "Ada-07").person.actor
    first = enter(store, settings, races[1], ada, lap(8_000), lap(8_000), lap(8_000))
    enter(store, settings, races[1], ada, lap(9_000), lap(9_000), lap(9_000))
    with pytest.raises(InvalidInput, match="reason"):
        refereeing.strike(store, olga, races[1].id, first.id, reason=" ")
    with pytest.raises(Forbidden):
        refereeing.strike(store, ada, races[1].id, first.id, reason="mine")
    refereeing.strike(store, olga, races[1].id, first.id, reason="test drive")
    assert [row.time_ms for row in boards.view_board(store, ada, races[1].id)] == [9_000]
    own = boards.list_submissions(store, ada, races[1].id)
    assert [each.struck for each in own] == ["", "test drive"]
    entered = refereeing.list_entered(store, olga, races[1].id)
    assert [each.racer for each in entered] == ["Ada-07", "Ada-07"]
    refereeing.strike(store, olga, races[1].id, first.id, reason=None)
    assert [row.time_ms for row in boards.view_board(store, ada, races[1].id)] == [8_000]


def test_results_of_all_races_are_one_file(
    store: Store, settings: Settings, event: Event, olga: Actor, races: list[Race]
) -> None:
    ada = join(store, event, "Ada-07").person.actor
    for race in races:
        enter(store, settings, race, ada, lap(8_000), lap(8_000), lap(8_000))
    found = organising.event_results(store, settings, ada, event.id)
    told = verify(signed_bytes(settings, found)).results
    assert told == found
    assert [race.race.name for race in found.races] == ["Practice", "Final"]
    text = results_csv(found.races, TableKind.LAPS).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["race"] for row in rows] == ["Practice"] * 3 + ["Final"] * 3


def test_everybody_takes_all_of_theirs_home(
    store: Store, settings: Settings, event: Event, olga: Actor, races: list[Race]
) -> None:
    ada = join(store, event, "Ada-07").person.actor
    enter(store, settings, races[1], ada, lap(8_000), lap(8_000), lap(8_000))
    name, parts = export_everything(store, settings, ada, ada.person_id)
    assert name == "Ada-07"
    archive = zipfile.ZipFile(io.BytesIO(b"".join(parts)))
    assert archive.testzip() is None
    assert {"models/mine.zip", "results.json", "profile.json", "README.txt"} == set(
        archive.namelist()
    )
    inner = zipfile.ZipFile(io.BytesIO(archive.read("models/mine.zip")))
    assert "reward_function.py" in inner.namelist()
    result = json.loads(archive.read("results.json"))[0]
    assert (result["race"], result["rank_in_race"]) == ("Final", 1)
    assert result["result"]["time_ms"] == 8_000
    with pytest.raises(Forbidden):
        export_everything(store, settings, olga, ada.person_id)


def test_deleting_an_event_leaves_races_and_people(
    store: Store, settings: Settings, event: Event, olga: Actor, races: list[Race]
) -> None:
    ada = join(store, event, "Ada-07").person
    organising.delete_event(store, olga, event.id)
    assert organising.list_events(store, olga) == []
    assert boards.view_race(store, ada.actor, races[0].id).racers == 1
    with pytest.raises(InvalidInput):
        register(store, "Bob-08", invitation=event.link, address="10.0.0.1")
    with store.look() as work:
        assert work.count(Attendant) == 0


def test_who_leaves_for_good_leaves_events_too(
    store: Store, settings: Settings, event: Event, olga: Actor
) -> None:
    ada = join(store, event, "Ada-07").person
    leaving.delete_person(store, settings, ada.actor, ada.id, name="Ada-07")
    assert moderating.list_attendants(store, olga, event.id) == []
    with store.look() as work:
        assert work.first(Person, id=ada.id) is None


def test_a_race_that_was_deleted_is_in_nobodys_way(
    store: Store, settings: Settings, event: Event, olga: Actor, races: list[Race]
) -> None:
    join(store, event, "Ada-07")
    season = start_season(store, olga, {"name": "Winter", "race_ids": event.race_ids})
    arranging.close_race(store, olga, races[0].id)
    deleting.delete_race(store, settings, olga, races[0].id)
    assert [race.name for race in organising.view_event(store, olga, event.id).races] == ["Final"]
    assert [race.name for race in view_season(store, olga, season.id).races] == ["Final"]
    assert len(organising.event_results(store, settings, olga, event.id).races) == 1
    changed = organising.change_event(store, olga, event.id, {"name": "Half a day"})
    assert (changed.race_ids, changed.practice_race_id) == ((races[1].id,), "")
    assert change_season(store, olga, season.id, {"counted": 1}).race_ids == (races[1].id,)
