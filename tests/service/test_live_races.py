"""Live races: queued, launched, shown, and settled."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from racecraft.domain.episode import EpisodeStatus, Trial
from racecraft.domain.errors import Conflict, InvalidInput, NotFound
from racecraft.service.access import Actor
from racecraft.service.jobs import leases
from racecraft.service.people.person import Person
from racecraft.service.races import arranging, boards
from racecraft.service.races.live import queue, running, tending
from racecraft.service.races.live.records import Heat, HeatKind, HeatStatus
from racecraft.service.races.race import Race, Submission, SubmissionStatus
from racecraft.service.settings import Settings
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
    person_of,
    titles,
    worker_drives,
)
from tests.service.test_community_races import DAY_S, lap

__all__ = ["classic", "live", "olga"]  # fixtures


def test_entries_wait_in_the_queue_and_nothing_is_driven_before_it_is_launched(
    store: Store, live: Race
) -> None:
    assert titles(store, live) == ["ann", "bob", "cid", "dora"]
    assert leases.claim_next(store, worker="here 1", slots=9) is None
    ann = boards.list_submissions(store, person_of(store, "ann"), live.id)[0]
    assert ann.status is SubmissionStatus.QUEUED


def test_a_heat_is_driven_then_shown_and_only_then_counts(
    store: Store, live: Race, olga: Actor, clock: Clock
) -> None:
    running.launch_heat(store, olga, live.id)
    now = look(store, live).now
    assert now is not None
    assert (now.title, now.status) == ("ann", HeatStatus.DRIVING)
    worker_drives(store)
    tending.tend(store, live.id)
    now = look(store, live).now
    assert now is not None
    assert now.status is HeatStatus.SHOWN
    assert now.shown_from_s == clock.now_s + 5.0  # the countdown
    assert now.places == ()  # nobody is told before it was seen
    assert boards.view_board(store, olga, live.id) == []
    clock.now_s += 5.0 + SHOWN_S - 0.1
    tending.tend(store, live.id)
    assert boards.view_board(store, olga, live.id) == []
    clock.now_s += 0.2
    tending.tend(store, live.id)
    assert [(row.racer, row.time_ms) for row in boards.view_board(store, olga, live.id)] == [
        ("ann", 9_000)
    ]
    seen = look(store, live)
    assert seen.now is None
    assert [place.name for place in seen.past[0].places] == ["ann"]


def test_one_heat_at_a_time(store: Store, live: Race, olga: Actor, clock: Clock) -> None:
    running.launch_heat(store, olga, live.id)
    with pytest.raises(Conflict, match="'ann' is under way"):
        running.launch_heat(store, olga, live.id)
    worker_drives(store)
    tending.tend(store, live.id)
    with pytest.raises(Conflict, match="under way"):
        running.launch_together(store, olga, live.id)
    running.skip_heat(store, olga, live.id)
    assert [row.racer for row in boards.view_board(store, olga, live.id)] == ["ann"]
    with pytest.raises(Conflict, match="Nothing is being shown"):
        running.skip_heat(store, olga, live.id)
    running.launch_heat(store, olga, live.id)


def test_the_organiser_reorders_and_removes(store: Store, live: Race, olga: Actor) -> None:
    ids = [heat.id for heat in look(store, live).queue]
    running.reorder(store, olga, live.id, [ids[2], ids[0], ids[3], ids[1]])
    assert titles(store, live) == ["cid", "ann", "dora", "bob"]
    for wrong in (ids[:3], [*ids, ids[0]], [*ids[:3], "nobody"]):
        with pytest.raises(Conflict, match="has changed meanwhile"):
            running.reorder(store, olga, live.id, wrong)
    running.remove_heat(store, olga, live.id, ids[0])
    assert titles(store, live) == ["cid", "dora", "bob"]
    ann = boards.list_submissions(store, person_of(store, "ann"), live.id)[0]
    assert (ann.status, ann.message) == (
        SubmissionStatus.FAILED,
        "The organiser took it out of the queue.",
    )
    with pytest.raises(Conflict, match="does not wait"):
        running.remove_heat(store, olga, live.id, ids[0])
    with pytest.raises(Conflict, match="does not wait"):
        running.launch_heat(store, olga, live.id, ids[0])
    with pytest.raises(NotFound, match="no such heat"):
        running.remove_heat(store, olga, live.id, "nobody")


def test_all_who_wait_alone_can_be_launched_together(
    store: Store, live: Race, olga: Actor, clock: Clock
) -> None:
    heat = running.launch_together(store, olga, live.id)
    assert [each.name for each in heat.contestants] == list(NAMES[:4])
    worker_drives(store, ["dora", "ann", "cid", "bob"])
    tending.tend(store, live.id)
    clock.now_s += SHOWN_S + 6.0
    tending.tend(store, live.id)
    rows = boards.view_board(store, olga, live.id)
    assert [row.racer for row in rows] == ["dora", "ann", "cid", "bob"]
    with pytest.raises(Conflict, match="0 wait alone"):
        running.launch_together(store, olga, live.id)


def test_a_show_begins_by_the_clock_and_goes_on_by_itself_unless_paused(
    store: Store, live: Race, olga: Actor, clock: Clock
) -> None:
    running.change_show(
        store, olga, live.id, {"starts_at_s": clock.now_s + 60.0, "autolaunch": True, "gap_s": 10.0}
    )
    assert not tending.tend_all(store)
    clock.now_s += 61.0
    assert tending.tend_all(store)
    worker_drives(store)
    tending.tend_all(store)
    clock.now_s += 5.0 + SHOWN_S + 1.0
    assert not tending.tend_all(store)  # the pause between two heats
    clock.now_s += 10.0
    running.change_show(store, olga, live.id, {"is_paused": True})
    assert not tending.tend_all(store)
    running.change_show(store, olga, live.id, {"is_paused": False})
    assert tending.tend_all(store)
    now = look(store, live).now
    assert now is not None
    assert now.title == "bob"


def test_what_cannot_be_launched_pauses_the_show_and_says_why(
    store: Store, live: Race, olga: Actor, clock: Clock
) -> None:
    from racecraft.service.people.person import Limits

    with store.work() as work:
        poor = work.get(Person, "olga")
        work.put(poor.model_copy(update={"limits": Limits(minutes_per_month=0.0)}))
    running.change_show(store, olga, live.id, {"starts_at_s": clock.now_s, "autolaunch": True})
    assert not tending.tend_all(store)
    seen = look(store, live)
    assert seen.is_paused
    assert "minutes left" in seen.queue[0].message


def test_a_heat_that_fails_waits_for_a_retry(
    store: Store, live: Race, olga: Actor, clock: Clock
) -> None:
    running.change_show(store, olga, live.id, {"max_retries": 1})
    heat = running.launch_heat(store, olga, live.id)
    claim = leases.claim_next(store, worker="here 1", slots=1)
    assert claim is not None
    leases.fail(store, claim.job.id, claim.token, compute_s=1.0, message="The disk is full.")
    tending.tend(store, live.id)
    failed = look(store, live).past[0]
    assert (failed.status, failed.message) == (HeatStatus.FAILED, "The disk is full.")
    running.retry_heat(store, olga, live.id, heat.id)
    assert titles(store, live)[0] == "ann"
    drive_next(store, olga, live, clock)
    assert [row.racer for row in boards.view_board(store, olga, live.id)] == ["ann"]
    with pytest.raises(Conflict, match="1 retries are allowed"):
        running.retry_heat(store, olga, live.id, heat.id)
    waiting = look(store, live).queue[0]
    with pytest.raises(Conflict, match="was not driven yet"):
        running.retry_heat(store, olga, live.id, waiting.id)


def test_a_retry_of_several_has_the_luck_of_the_next_seed_and_one_alone_the_same(
    store: Store, live: Race, olga: Actor, clock: Clock
) -> None:
    heat = drive_next(store, olga, live, clock)
    running.retry_heat(store, olga, live.id, heat.id)
    again = running.launch_heat(store, olga, live.id)
    claim = leases.claim_next(store, worker="here 1", slots=1)
    assert claim is not None
    assert (again.id, again.attempt) == (heat.id, 1)
    assert claim.job.request["attempt"] == 1
    assert claim.job.request["rules"] == live.rules.model_dump(mode="json")


def test_how_it_is_hosted_stays_once_somebody_has_entered(
    store: Store, settings: Settings, live: Race, olga: Actor, clock: Clock
) -> None:
    with pytest.raises(Conflict, match="copy the race"):
        arranging.change_race(store, settings, olga, live.id, {"hosting": "CLASSIC"})
    copy = arranging.copy_race(store, settings, olga, live.id, "Next one")
    assert copy.hosting == live.hosting
    changed = arranging.change_race(store, settings, olga, copy.id, {"hosting": "CLASSIC"})
    assert changed.hosting != live.hosting
    assert changed.ends_at_s == clock.now_s + DAY_S


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"gap_s": -1.0}, "gap_s"), ({"lights_s": 61.0}, "lights_s"), ({"id": "x"}, "has no 'id'")],
)
def test_what_does_not_fit_is_told(
    store: Store, live: Race, olga: Actor, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        running.change_show(store, olga, live.id, changes)


def test_a_lap_of_a_car_that_did_not_finish_counts_only_as_driven(store: Store, live: Race) -> None:
    heat = Heat(
        race_id=live.id,
        kind=HeatKind.TOGETHER,
        trials=(
            {
                "submission_id": "s",
                "laps": [
                    dataclasses.asdict(lap(8_000)),
                    dataclasses.asdict(Trial(2, 0, 40.0, EpisodeStatus.CRASHED)),
                ],
            },
        ),
    )
    made = Submission(
        id="s",
        race_id=live.id,
        person_id="p",
        job_id="j",
        model_id="m",
        model_name="m",
        checkpoint=0,
        weights_sha256="0",
    )
    scored = tending._scored(live, heat, made)
    assert (scored.status, scored.result.time_ms) == (SubmissionStatus.RANKED, 8_000)
    assert queue.waiting([heat]) == [heat]
