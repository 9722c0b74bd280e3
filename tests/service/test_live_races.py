"""Live races: queued, launched, shown, settled, and the same after a restart."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from racecraft.domain.episode import EpisodeStatus, Trial
from racecraft.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from racecraft.domain.job import JobKind
from racecraft.service.access import Actor, Role
from racecraft.service.jobs import leases
from racecraft.service.leaving import delete_person
from racecraft.service.model_records import Model
from racecraft.service.people.person import Person
from racecraft.service.races import arranging, boards, deleting, entering
from racecraft.service.races.live import finals, queue, running, stage, tending
from racecraft.service.races.live.driving import HeatReport
from racecraft.service.races.live.records import Heat, HeatKind, HeatPlace, HeatStatus, Show
from racecraft.service.races.live.views import LiveView
from racecraft.service.races.race import Race, Submission, SubmissionStatus
from racecraft.service.settings import Settings
from racecraft.service.store import Store, open_store
from tests.service.conftest import Clock
from tests.service.test_community_races import (
    DAY_S,
    arrange,
    enter,
    lap,
    person,
    ready_model,
)

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


def test_entries_wait_in_the_queue_and_nothing_is_driven_before_it_is_launched(
    store: Store, live: Race
) -> None:
    assert titles(store, live) == ["ann", "bob", "cid", "dora"]
    assert leases.claim_next(store, worker="here 1", slots=9) is None
    ann = boards.list_submissions(store, person_of(store, "ann"), live.id)[0]
    assert ann.status is SubmissionStatus.QUEUED


def person_of(store: Store, name: str) -> Actor:
    with store.look() as work:
        return work.get(Person, name).actor


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
