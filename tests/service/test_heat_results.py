"""Heats of live races in signed files: what they tell, and what no signature makes true."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from racecraft.domain.errors import NotGenuine
from racecraft.domain.limit import LapLimit
from racecraft.domain.results import HeatResult, RaceResults
from racecraft.service.access import Actor
from racecraft.service.jobs import leases
from racecraft.service.people.person import Person
from racecraft.service.races import arranging
from racecraft.service.races.live import finals, running, tending
from racecraft.service.races.live.driving import HeatReport
from racecraft.service.races.live.records import HeatPlace
from racecraft.service.races.race import Race
from racecraft.service.results.collecting import race_results
from racecraft.service.results.signed import signed_bytes, verify
from racecraft.service.results.tables import TableKind, results_csv
from racecraft.service.settings import Settings
from racecraft.service.signing import sign
from racecraft.service.store import Store
from tests.service.conftest import Clock
from tests.service.live_shows import (
    NAMES,
    SHOWN_S,
    classic,
    drive_next,
    live,
    look,
    olga,
    worker_drives,
)
from tests.service.test_community_races import lap

__all__ = ["classic", "live", "olga"]  # fixtures


@pytest.fixture
def evening(store: Store, settings: Settings, classic: Race, olga: Actor, clock: Clock) -> Race:
    """A race with a final, a bracket to its end, and a podium."""
    finals.make_final(store, olga, classic.id, 4)
    drive_next(store, olga, classic, clock, ["cid", "ann", "dora", "bob"])
    finals.make_bracket(store, olga, classic.id, 6)
    while look(store, classic).queue:
        drive_next(store, olga, classic, clock, list(NAMES))
    finals.declare_winner(store, olga, classic.id)
    return classic


def told(store: Store, settings: Settings, olga: Actor, race: Race) -> RaceResults:
    """What a file tells of a race, once it was found genuine."""
    found = race_results(store, settings, olga, race.id)
    assert verify(signed_bytes(settings, found)).results == found
    return found


def names(heat: HeatResult) -> list[str]:
    return [car.racer for car in heat.cars]


def test_a_file_tells_every_heat_the_bracket_and_the_podium(
    store: Store, settings: Settings, evening: Race, olga: Actor
) -> None:
    found = told(store, settings, olga, evening)
    assert [heat.title for heat in found.heats][:2] == ["Final of 4", "Quarter-final 2"]
    assert names(found.heats[0]) == ["cid", "ann", "dora", "bob"]
    assert [car.grid_place for car in found.heats[0].cars] == [3, 1, 4, 2]
    assert found.heats[0].cars[0].times_ms == (9_000, 9_000, 9_000)
    assert found.bracket is not None
    seeds = {each.seed: each.racer for each in found.bracket.racers}
    assert [seeds[seed] for seed in found.bracket.places][:3] == ["ann", "bob", "cid"]
    assert [place.racer for place in found.podium] == ["ann", "bob", "cid"]
    text = results_csv([found], TableKind.HEATS).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 4 + 2 * 6
    assert (rows[0]["heat"], rows[0]["racer"], rows[0]["goes_on"]) == ("Final of 4", "cid", "")
    last = [row for row in rows if row["heat"] == "Final"]
    assert [(row["racer"], row["goes_on"]) for row in last] == [("ann", "yes"), ("bob", "no")]


def test_heats_that_count_have_the_laps_of_the_board(
    store: Store, settings: Settings, live: Race, olga: Actor, clock: Clock
) -> None:
    drive_next(store, olga, live, clock)
    running.launch_together(store, olga, live.id)
    assert [heat.kind for heat in told(store, settings, olga, live).heats] == ["SOLO"]
    worker_drives(store, ["dora", "cid", "bob"])
    tending.tend(store, live.id)
    # Nothing is told of a heat before it has been shown to its end.
    assert len(told(store, settings, olga, live).heats) == 1
    clock.now_s += SHOWN_S + 6.0
    tending.tend(store, live.id)
    found = told(store, settings, olga, live)
    assert [names(heat) for heat in found.heats] == [["ann"], ["dora", "cid", "bob"]]
    assert {each.racer for each in found.submissions} == {"ann", "bob", "cid", "dora"}


def test_a_retry_takes_the_old_drive_out_of_the_file(
    store: Store, settings: Settings, live: Race, olga: Actor, clock: Clock
) -> None:
    heat = drive_next(store, olga, live, clock)
    running.retry_heat(store, olga, live.id, heat.id)
    assert told(store, settings, olga, live).heats == ()
    drive_next(store, olga, live, clock, first_ms=8_000)
    again = told(store, settings, olga, live).heats[0]
    assert (again.attempt, again.cars[0].best_lap_ms) == (1, 8_000)


def test_what_the_organiser_decided_is_marked(
    store: Store, settings: Settings, classic: Race, olga: Actor, clock: Clock
) -> None:
    finals.make_bracket(store, olga, classic.id, 4, has_third_place=False)
    driven = drive_next(store, olga, classic, clock, list(NAMES))
    walkover = look(store, classic).queue[0]
    finals.decide_match(store, olga, classic.id, walkover.id, walkover.cars[1].key)
    finals.decide_match(store, olga, classic.id, driven.id, driven.contestants[1].submission_id)
    found = told(store, settings, olga, classic)
    told_heats = {heat.title: heat for heat in found.heats}
    against, without = told_heats["Semi-final 1"], told_heats["Semi-final 2"]
    assert names(against) == ["ann", "dora"]
    assert against.declared == against.winner == against.cars[1].submission_id
    assert (without.cars, without.shown_from_s) == ((), None)
    assert found.bracket is not None
    assert [match.winner for match in found.bracket.matches] == [4, 3, None]


def test_who_was_shut_out_or_left_stands_in_no_ones_way(
    store: Store, settings: Settings, evening: Race, olga: Actor
) -> None:
    arranging.shut_out(store, olga, evening.id, "ann", is_shut_out=True)
    with store.work() as work:
        work.remove(Person, id="bob")
    found = told(store, settings, olga, evening)
    assert "ann" not in {each.racer for each in found.submissions}


def _car(results: dict[str, Any], heat: int, place: int) -> dict[str, Any]:
    car: dict[str, Any] = results["heats"][heat]["cars"][place]
    return car


def _swap(results: dict[str, Any], heat: int) -> None:
    cars = results["heats"][heat]["cars"]
    cars[0], cars[1] = cars[1], cars[0]
    for rank, car in enumerate(cars, start=1):
        car["rank"] = rank


MADE_UP: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a faster time": (lambda r: _car(r, 0, 1).update(time_ms=1), "time of ann"),
    "a faster lap": (lambda r: _car(r, 0, 1)["laps"][0].update(time_ms=1), "time of ann"),
    "another best lap": (lambda r: _car(r, 0, 2).update(best_lap_ms=1), "time of dora"),
    "another winner": (lambda r: _swap(r, 0), "places of 'Final of 4'"),
    "two winners": (lambda r: _car(r, 0, 1).update(rank=1), "places of 'Final of 4'"),
    "another one goes on": (
        lambda r: r["heats"][1].update(declared=_car(r, 1, 1)["submission_id"]),
        "bracket does not follow",
    ),
    "another champion": (lambda r: r["bracket"]["places"].reverse(), "bracket does not follow"),
    "another title": (
        lambda r: r["bracket"]["matches"][0].update(winner=6),
        "bracket does not follow",
    ),
    "a match left out": (lambda r: r["heats"].pop(1), "bracket does not follow"),
    "too small a bracket": (
        lambda r: r["bracket"].update(racers=r["bracket"]["racers"][:2]),
        "bracket cannot be one",
    ),
    "a way to end that there is not": (
        lambda r: _car(r, 0, 0)["laps"][0].update(status="flown"),
        "cannot end with 'flown'",
    ),
}


@pytest.mark.parametrize("name", MADE_UP)
def test_what_does_not_follow_from_the_laps_is_noticed_whoever_signs_it(
    store: Store, settings: Settings, evening: Race, olga: Actor, name: str
) -> None:
    change, sentence = MADE_UP[name]
    plain = race_results(store, settings, olga, evening.id).model_dump(mode="json")
    change(plain)
    with pytest.raises(NotGenuine, match=sentence):
        verify(signed_bytes(settings, RaceResults.model_validate(plain)))


def test_laps_that_are_not_those_of_the_board_are_noticed(
    store: Store, settings: Settings, live: Race, olga: Actor, clock: Clock
) -> None:
    drive_next(store, olga, live, clock)
    plain = race_results(store, settings, olga, live.id).model_dump(mode="json")
    car = _car(plain, 0, 0)
    for each in car["laps"]:
        each["time_ms"] -= 1
    car["best_lap_ms"] -= 1
    with pytest.raises(NotGenuine, match="laps of ann in 'ann' are not those on the board"):
        verify(signed_bytes(settings, RaceResults.model_validate(plain)))


def test_a_heat_with_a_lap_faster_than_physics_allows_is_no_forgery(
    store: Store, settings: Settings, live: Race, olga: Actor, clock: Clock
) -> None:
    running.launch_heat(store, olga, live.id)
    claim = leases.claim_next(store, worker="here 1", slots=1)
    assert claim is not None
    (car,) = (each["submission_id"] for each in claim.job.request["cars"])
    limit = LapLimit(limit_s=8.0, own_limit_s=8.0, own_top_mps=4.0)
    report = HeatReport(
        shown_s=SHOWN_S,
        places=(HeatPlace(rank=1, submission_id=car, laps=3, best_lap_ms=9_000),),
        trials={car: tuple(dataclasses.asdict(lap(ms)) for ms in (5_000, 9_000, 9_500))},
        limits={car: limit},
    ).model_dump(mode="json")
    leases.finish(store, claim.job.id, claim.token, compute_s=1.0, message="driven", report=report)
    tending.tend(store, live.id)
    clock.now_s += SHOWN_S + 6.0
    tending.tend(store, live.id)
    found = told(store, settings, olga, live)
    assert found.heats[0].cars[0].limit == limit
    assert found.submissions[0].result.impossible_laps == 1


def test_files_of_before_are_still_genuine(
    store: Store, settings: Settings, evening: Race, olga: Actor
) -> None:
    now = race_results(store, settings, olga, evening.id).model_dump(mode="json")
    for name in ("heats", "bracket", "podium"):
        del now[name]
    for name in ("track_sha256", "track_note"):
        del now["race"][name]
    now["format"] = "racecraft-race-results/1"
    file = {"results": now, "signature": sign(settings, now).model_dump()}
    assert verify(json.dumps(file).encode()).results.format == "racecraft-race-results/1"
