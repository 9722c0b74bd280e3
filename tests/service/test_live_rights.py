"""Live races: who may run them, and what stays after a restart, a loss, or somebody's leaving."""

from __future__ import annotations

import pytest

from racecraft.domain.errors import Conflict, Forbidden, NotFound
from racecraft.domain.job import JobKind
from racecraft.service.access import Actor, Role
from racecraft.service.jobs import leases
from racecraft.service.leaving import delete_person
from racecraft.service.races import arranging, boards, deleting
from racecraft.service.races.live import finals, running, stage, tending
from racecraft.service.races.live.records import Heat, HeatStatus, Show
from racecraft.service.races.race import Race
from racecraft.service.settings import Settings
from racecraft.service.store import Store, open_store
from tests.service.conftest import Clock
from tests.service.live_shows import (
    NAMES,
    SHOWN_S,
    classic,
    drive_next,
    live,
    look,
    olga,
    person_of,
    titles,
    worker_drives,
)
from tests.service.test_community_races import person

__all__ = ["classic", "live", "olga"]  # fixtures


def test_only_who_manages_the_race_runs_the_show(store: Store, live: Race, classic: Race) -> None:
    ann, boss = person_of(store, "ann"), person(store, "boss", Role.ORGANISER)
    heat = look(store, live).queue[0]
    for do in (
        lambda: running.change_show(store, ann, live.id, {"is_paused": True}),
        lambda: running.begin(store, ann, live.id),
        lambda: running.launch_heat(store, ann, live.id),
        lambda: running.launch_together(store, ann, live.id),
        lambda: running.reorder(store, ann, live.id, []),
        lambda: running.remove_heat(store, ann, live.id, heat.id),
        lambda: running.retry_heat(store, ann, live.id, heat.id),
        lambda: running.skip_heat(store, ann, live.id),
        lambda: finals.make_final(store, ann, live.id, 2),
        lambda: finals.make_bracket(store, ann, live.id, 4),
        lambda: finals.drop_bracket(store, ann, live.id),
        lambda: finals.decide_match(store, ann, live.id, heat.id, "s"),
        lambda: finals.declare_winner(store, ann, live.id),
    ):
        with pytest.raises(Forbidden):
            do()
    assert look(store, live, "ann").queue  # but may watch
    stranger = person(store, "stranger")
    with pytest.raises(NotFound):
        stage.view_show(store, stranger, live.id)
    running.launch_heat(store, boss, live.id)
    with store.look() as work:
        (job,) = (job for job in work.find(leases.Job) if job.kind is JobKind.HEAT)
    assert job.owner_id == "olga"  # whoever arranged the race is charged


def test_a_heat_runs_beside_a_full_machine_and_one_at_a_time(
    store: Store, settings: Settings, live: Race, olga: Actor
) -> None:
    from racecraft.service.making import NewModel, make_model
    from racecraft.service.training_files import TrainingFile

    for name in ("gus", "hal"):
        document = TrainingFile(model={"name": name, "network": "LIGHT"})
        make_model(store, settings, person(store, name), NewModel(document))
    assert leases.claim_next(store, worker="here 1", slots=1) is not None
    assert leases.claim_next(store, worker="here 2", slots=1) is None
    running.launch_heat(store, olga, live.id)
    heat = leases.claim_next(store, worker="here 2", slots=1)
    assert heat is not None
    assert heat.job.kind is JobKind.HEAT
    assert leases.claim_next(store, worker="here 3", slots=1) is None


def test_standing_and_queue_are_the_same_after_a_restart_in_every_phase(
    store: Store, settings: Settings, classic: Race, olga: Actor, clock: Clock
) -> None:
    def same() -> None:
        before = look(store, classic)
        other = open_store(settings, clock=clock)
        assert look(other, classic) == before
        other.close()

    finals.make_bracket(store, olga, classic.id, 6)
    same()
    running.launch_heat(store, olga, classic.id)
    same()
    worker_drives(store, list(NAMES))
    tending.tend(store, classic.id)
    same()
    # The server is away while the heat is shown to its end; everything goes on afterwards.
    clock.now_s += 3_600.0
    assert titles(store, classic) == ["Quarter-final 4"]
    tending.tend(store, classic.id)
    tending.tend(store, classic.id)
    assert titles(store, classic) == ["Quarter-final 4", "Semi-final 1"]
    same()


def test_a_heat_whose_worker_was_lost_is_driven_by_the_next_one(
    store: Store, live: Race, olga: Actor, clock: Clock
) -> None:
    running.launch_heat(store, olga, live.id)
    claim = leases.claim_next(store, worker="here 1", slots=1)
    assert claim is not None
    clock.now_s += leases.LEASE_S + 1.0
    assert len(leases.requeue_lost(store)) == 1
    tending.tend(store, live.id)
    now = look(store, live).now
    assert now is not None
    assert now.status is HeatStatus.DRIVING
    worker_drives(store)
    tending.tend(store, live.id)
    clock.now_s += SHOWN_S + 6.0
    tending.tend(store, live.id)
    assert [row.racer for row in boards.view_board(store, olga, live.id)] == ["ann"]


def test_who_leaves_is_named_nowhere_any_more(
    store: Store, settings: Settings, live: Race, olga: Actor, clock: Clock
) -> None:
    drive_next(store, olga, live, clock)
    for name in ("ann", "cid"):
        delete_person(store, settings, person_of(store, name), name, name=name)
    assert titles(store, live) == ["bob", "dora"]
    told = look(store, live).model_dump_json()
    assert "ann" not in told
    assert "cid" not in told


def test_a_race_goes_with_its_heats(
    store: Store, settings: Settings, live: Race, olga: Actor, clock: Clock
) -> None:
    arranging.close_race(store, olga, live.id)
    running.launch_heat(store, olga, live.id)
    with pytest.raises(Conflict, match="is being driven"):
        deleting.delete_race(store, settings, olga, live.id)
    worker_drives(store)
    tending.tend(store, live.id)
    deleting.delete_race(store, settings, olga, live.id)
    with store.look() as work:
        assert (work.count(Heat), work.count(Show)) == (0, 0)
