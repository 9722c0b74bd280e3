"""Races with a show: who is in their queue, and heats that are driven and shown to their end."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from racecraft.domain.job import JobKind
from racecraft.service.access import Actor
from racecraft.service.jobs import leases
from racecraft.service.model_records import Model
from racecraft.service.people.person import Person
from racecraft.service.races import entering
from racecraft.service.races.live import running, stage, tending
from racecraft.service.races.live.driving import HeatReport
from racecraft.service.races.live.records import Heat, HeatPlace
from racecraft.service.races.live.views import LiveView
from racecraft.service.races.race import Race, Submission
from racecraft.service.settings import Settings
from racecraft.service.store import Store
from tests.service.conftest import Clock
from tests.service.test_community_races import arrange, enter, lap, person, ready_model

NAMES = ("ann", "bob", "cid", "dora", "eve", "fay")
SHOWN_S = 30.0


@pytest.fixture
def olga(store: Store) -> Actor:
    return person(store, "olga")


@pytest.fixture
def live(store: Store, settings: Settings, olga: Actor, clock: Clock) -> Race:
    """A live race with four in its queue."""
    race = arrange(store, settings, olga, clock, hosting="LIVE")
    for name in NAMES[:4]:
        come(store, settings, race, name)
    return race


@pytest.fixture
def classic(store: Store, settings: Settings, olga: Actor, clock: Clock) -> Race:
    """A race whose board has six."""
    race = arrange(store, settings, olga, clock)
    for k, name in enumerate(NAMES):
        enter(store, settings, race, somebody(store, name), *[lap(10_000 + 100 * k)] * 3)
    return race


def come(store: Store, settings: Settings, race: Race, name: str) -> Submission:
    actor = somebody(store, name)
    entering.come_in(store, actor, race.link)
    with store.look() as work:
        model = work.first(Model, owner_id=actor.person_id)
    model = model or ready_model(store, settings, actor)
    return entering.enter_model(store, settings, actor, race.id, model.id)


def somebody(store: Store, name: str) -> Actor:
    with store.look() as work:
        there = work.first(Person, id=name)
    return there.actor if there else person(store, name)


def look(store: Store, race: Race, name: str = "olga") -> LiveView:
    with store.look() as work:
        return stage.view_show(store, work.get(Person, name).actor, race.id)


def titles(store: Store, race: Race) -> list[str]:
    return [heat.title for heat in look(store, race).queue]


def worker_drives(store: Store, order: list[str] | None = None, *, first_ms: int = 9_000) -> None:
    """A worker takes the heat that was launched, and drives it; the first of `order` wins."""
    claim = leases.claim_next(store, worker="here 1", slots=1)
    assert claim is not None
    assert claim.job.kind is JobKind.HEAT
    cars = [car["submission_id"] for car in claim.job.request["cars"]]
    with store.look() as work:
        names = {car: work.get(Person, work.get(Submission, car).person_id).name for car in cars}
    ranked = sorted(cars, key=lambda car: (order or list(names.values())).index(names[car]))
    times = [first_ms + 500 * k for k in range(len(ranked))]
    is_alone = len(ranked) == 1
    places = tuple(
        HeatPlace(
            rank=k + 1,
            submission_id=car,
            laps=3,
            time_ms=None if is_alone else 3 * ms,
            best_lap_ms=ms,
            distance_m=None if is_alone else 30.0,
            beyond_m=None if is_alone else 0.1,
        )
        for k, (car, ms) in enumerate(zip(ranked, times, strict=True))
    )
    trials = {
        car: tuple(dataclasses.asdict(lap(ms)) for _ in range(3))
        for car, ms in zip(ranked, times, strict=True)
    }
    report = HeatReport(shown_s=SHOWN_S, places=places, trials=trials).model_dump(mode="json")
    leases.finish(store, claim.job.id, claim.token, compute_s=1.0, message="driven", report=report)


def drive_next(
    store: Store, actor: Actor, race: Race, clock: Clock, order: list[str] | None = None, **how: Any
) -> Heat:
    """Launch the next heat and let it be shown to its end."""
    heat = running.launch_heat(store, actor, race.id)
    worker_drives(store, order, **how)
    tending.tend(store, race.id)
    clock.now_s += SHOWN_S + 5.1
    tending.tend(store, race.id)
    return heat


def person_of(store: Store, name: str) -> Actor:
    with store.look() as work:
        return work.get(Person, name).actor
