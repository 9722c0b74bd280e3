"""Jobs: fair turns, leases that run out, and quotas that hold."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from racecraft.domain.errors import Conflict, Forbidden, NotFound, QuotaExceeded, SignInNeeded
from racecraft.domain.job import ACTIVE, TRANSITIONS, JobKind, JobStatus
from racecraft.service.access import Actor, Role
from racecraft.service.instance import change_instance
from racecraft.service.jobs import asking, leases
from racecraft.service.jobs.asking import Wish
from racecraft.service.jobs.job import Job
from racecraft.service.jobs.leases import Instruction
from racecraft.service.jobs.queue import place_of, waiting_jobs
from racecraft.service.jobs.quotas import refuse_another_model, view_usage, view_whole_usage
from racecraft.service.jobs.shifts import LATE_S, SHIFT_S, in_turn
from racecraft.service.model_records import Model
from racecraft.service.people.administration import set_limits
from racecraft.service.people.person import Person
from racecraft.service.store import Store
from tests.service.conftest import Clock

ADMIN = Actor("root", Role.ADMIN)
TRAINING = Wish(JobKind.TRAINING, planned_s=600.0)


def person(store: Store, name: str) -> Actor:
    with store.work() as work:
        return work.add(Person(id=name, name=name, name_key=name)).actor


def ask(store: Store, actor: Actor, name: str, wish: Wish = TRAINING) -> Job:
    with store.work() as work:
        found = work.first(Model, owner_id=actor.person_id, name=name)
        model = found or work.add(Model(owner_id=actor.person_id, name=name))
        return asking.submit(store, work, actor, model, wish)


def claim(store: Store, slots: int = 99) -> leases.Claim:
    claimed = leases.claim_next(store, worker="here 1", slots=slots)
    assert claimed is not None
    return claimed


def end(store: Store, claimed: leases.Claim, compute_s: float = 1.0) -> Job:
    return leases.finish(
        store, claimed.job.id, claimed.token, compute_s=compute_s, message="done", report={}
    )


def test_only_what_the_table_allows_follows() -> None:
    job = Job(owner_id="a", model_id="m", kind=JobKind.TRAINING, model_name="m", planned_s=1.0)
    for before in JobStatus:
        for after in JobStatus:
            at = job.model_copy(update={"status": before})
            if after in TRANSITIONS[before]:
                assert at.turned(after).status is after
            else:
                with pytest.raises(Conflict, match="cannot become"):
                    at.turned(after)
    assert set(ACTIVE) == {status for status in JobStatus if not status.is_over}


def test_nobody_waits_for_another_persons_tenth_job(store: Store, clock: Clock) -> None:
    ann, bob = person(store, "ann"), person(store, "bob")
    for k in range(10):
        clock.now_s += 1
        ask(store, ann, f"m{k}")
    first = claim(store, slots=1)
    clock.now_s += 1
    late = ask(store, bob, "m")
    assert first.job.model_name == "m0"
    end(store, first)
    assert claim(store, slots=1).job.id != late.id  # Ann's second was there before
    with store.look() as work:
        assert waiting_jobs(work)[0].id == late.id


@given(
    st.lists(st.sampled_from("abc"), max_size=20),
    st.dictionaries(st.sampled_from("abc"), st.integers(1, 3)),
)
def test_in_every_queue_nobody_is_two_turns_ahead(
    owners: list[str], running: dict[str, int]
) -> None:
    jobs = [
        Job(
            id=f"{k:03}",
            created_at_s=float(k),
            owner_id=owner,
            model_id=f"m{k}",
            kind=JobKind.TRAINING,
            model_name="m",
            planned_s=1.0,
        )
        for k, owner in enumerate(owners)
    ]
    queue = in_turn(jobs, Counter(running))
    assert sorted(job.id for job in queue) == [job.id for job in jobs]
    turns = Counter(running)
    last = -1
    for job in queue:
        assert turns[job.owner_id] >= last  # turns never go back
        last = turns[job.owner_id]
        turns[job.owner_id] += 1
    for owner in set(owners):
        own = [job.id for job in queue if job.owner_id == owner]
        assert own == sorted(own)


def test_a_place_tells_position_and_the_latest_start(store: Store, clock: Clock) -> None:
    jobs = [ask(store, person(store, f"p{k}"), "m") for k in range(4)]
    assert claim(store, slots=2).job.id == jobs[0].id
    clock.now_s += 100
    with store.look() as work:
        place = place_of(work, jobs[3], 2, clock.now_s)
        assert place is not None
        assert (place.position, place.waiting) == (3, 3)
        # One core is free (job 1), the other when job 0 makes room (job 2), then the first again.
        assert place.expected_start_s - clock.now_s == pytest.approx(SHIFT_S + LATE_S)
        before = place_of(work, jobs[2], 2, clock.now_s)
        assert before is not None
        assert before.expected_start_s - clock.now_s == pytest.approx(LATE_S)
        assert place_of(work, jobs[0], 2, clock.now_s) is None


def test_a_job_is_claimed_once_however_many_ask(either_store: Store) -> None:
    for k in range(12):
        ask(either_store, person(either_store, f"p{k}"), "m")
    claimed: list[str] = []

    def work_on() -> None:
        while (got := leases.claim_next(either_store, worker="w", slots=99)) is not None:
            claimed.append(got.job.id)

    threads = [threading.Thread(target=work_on) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(set(claimed)) == 12


def test_no_more_jobs_run_than_there_are_slots(store: Store) -> None:
    for k in range(3):
        ask(store, person(store, f"p{k}"), "m")
    first = claim(store, slots=2)
    claim(store, slots=2)
    assert leases.claim_next(store, worker="w", slots=2) is None
    end(store, first)
    assert leases.claim_next(store, worker="w", slots=2) is not None


def test_a_worker_that_falls_silent_loses_its_job_to_another(store: Store, clock: Clock) -> None:
    ask(store, person(store, "ann"), "m")
    silent = claim(store)
    assert leases.beat(store, silent.job.id, silent.token, compute_s=5.0) is Instruction.GO_ON
    clock.now_s += leases.LEASE_S - 1
    assert leases.requeue_lost(store) == []
    clock.now_s += 2
    (lost,) = leases.requeue_lost(store)
    assert (lost.status, lost.is_resuming, lost.compute_s) == (JobStatus.QUEUED, True, 5.0)
    second = claim(store)
    assert second.job.id == silent.job.id
    for late_word in (
        lambda: leases.beat(store, silent.job.id, silent.token, compute_s=9.0),
        lambda: end(store, silent),
        lambda: leases.fail(store, silent.job.id, silent.token, compute_s=1.0, message="no"),
    ):
        with pytest.raises(SignInNeeded):
            late_word()
    assert end(store, second, compute_s=7.0).status is JobStatus.COMPLETED
    assert view_usage(store, ADMIN, "ann").used_minutes == pytest.approx(12 / 60)


def test_a_job_that_loses_every_worker_fails_and_says_so(store: Store, clock: Clock) -> None:
    job = ask(store, person(store, "ann"), "m")
    for _ in range(leases.MOST_ATTEMPTS):
        claim(store)
        clock.now_s += leases.LEASE_S + 1
        leases.requeue_lost(store)
    with store.look() as work:
        over = work.get(Job, job.id)
    assert over.status is JobStatus.FAILED
    assert "happened 5 times" in over.message
    assert leases.claim_next(store, worker="w", slots=9) is None


def test_a_process_that_is_gone_is_told_only_for_its_own_job(store: Store) -> None:
    job = ask(store, person(store, "ann"), "m")
    leases.claim_next(store, worker="here 1", slots=9)
    assert leases.lose(store, job.id, worker="here 2", message="It was killed.") is None
    lost = leases.lose(store, job.id, worker="here 1", message="It was killed.")
    assert lost is not None
    assert (lost.status, lost.message) == (JobStatus.QUEUED, "It was killed.")
    assert leases.lose(store, job.id, worker="here 1", message="It was killed.") is None


def test_a_waiting_job_is_taken_out_and_a_running_one_is_asked_to_stop(store: Store) -> None:
    ann = person(store, "ann")
    waiting, running = ask(store, ann, "a"), ask(store, ann, "b")
    assert asking.stop_job(store, ann, waiting.id).status is JobStatus.CANCELED
    claimed = claim(store)
    assert claimed.job.id == running.id
    assert leases.beat(store, running.id, claimed.token, compute_s=1.0) is Instruction.GO_ON
    assert asking.stop_job(store, ann, running.id).status is JobStatus.STOPPING
    assert asking.stop_job(store, ann, running.id).status is JobStatus.STOPPING
    assert leases.beat(store, running.id, claimed.token, compute_s=2.0) is Instruction.STOP
    assert end(store, claimed).status is JobStatus.COMPLETED
    with pytest.raises(Conflict):
        asking.stop_job(store, ann, running.id)


def test_a_worker_lost_while_stopping_is_not_replaced(store: Store, clock: Clock) -> None:
    ann = person(store, "ann")
    job = ask(store, ann, "a")
    claim(store)
    asking.stop_job(store, ann, job.id)
    clock.now_s += leases.LEASE_S + 1
    assert [each.status for each in leases.requeue_lost(store)] == [JobStatus.CANCELED]


def test_others_neither_see_nor_stop_a_job(store: Store) -> None:
    ann, bob = person(store, "ann"), person(store, "bob")
    job = ask(store, ann, "m")
    with pytest.raises(NotFound):
        asking.view_job(store, bob, job.id)
    with pytest.raises(NotFound):
        asking.stop_job(store, bob, job.id)
    with pytest.raises(Forbidden):
        asking.stop_job(store, Actor("olga", Role.ORGANISER), job.id)
    assert asking.list_jobs(store, bob) == []
    assert [each.id for each in asking.list_jobs(store, ann, is_active=True)] == [job.id]


def test_a_model_has_one_job_at_a_time(store: Store) -> None:
    ann = person(store, "ann")
    ask(store, ann, "m")
    with pytest.raises(Conflict, match="has a training that is QUEUED"):
        ask(store, ann, "m", replace(TRAINING, kind=JobKind.EVALUATION))


def test_what_waits_and_runs_counts_with_what_it_may_take(store: Store) -> None:
    ann = person(store, "ann")
    set_limits(store, ADMIN, "ann", {"minutes_per_month": 15})
    ask(store, ann, "a")
    with pytest.raises(QuotaExceeded, match="may take 10 minutes, but the racer ann has 5 of 15"):
        ask(store, ann, "b")
    ask(store, ann, "c", replace(TRAINING, planned_s=300.0))


def test_what_is_over_counts_with_what_it_took_and_next_month_begins_anew(
    store: Store, clock: Clock
) -> None:
    ann = person(store, "ann")
    set_limits(store, ADMIN, "ann", {"minutes_per_month": 15})
    ask(store, ann, "a")
    end(store, claim(store), compute_s=400.0)
    usage = view_usage(store, ann, "ann")
    assert usage.used_minutes == pytest.approx(400 / 60)
    assert usage.planned_minutes == 0
    with pytest.raises(QuotaExceeded):
        ask(store, ann, "b")
    clock.now_s += 32 * 86_400
    ask(store, ann, "b")


def test_the_whole_installation_has_limits_too(store: Store) -> None:
    change_instance(store, ADMIN, {"whole": {"jobs": 2, "minutes_per_month": 100, "models": 2}})
    for k in range(2):
        ask(store, person(store, f"p{k}"), "m")
    with pytest.raises(QuotaExceeded, match="This installation has 2 jobs under way"):
        ask(store, person(store, "late"), "m")
    with store.work() as work, pytest.raises(QuotaExceeded, match="has 2 models, and 2 are"):
        refuse_another_model(store, work, "late")
    assert view_whole_usage(store, ADMIN).jobs == 2
    with pytest.raises(Forbidden):
        view_whole_usage(store, Actor("p0", Role.RACER))


def test_a_person_has_limits_of_models_jobs_and_disk(store: Store) -> None:
    ann = person(store, "ann")
    set_limits(store, ADMIN, "ann", {"jobs": 1})
    ask(store, ann, "a")
    with pytest.raises(QuotaExceeded, match="has 1 jobs under way"):
        ask(store, ann, "b")
    set_limits(store, ADMIN, "ann", {"disk_mb": 5})
    with store.work() as work:
        work.add(Model(owner_id="ann", name="big", size_bytes=6_000_000))
        with pytest.raises(QuotaExceeded, match="take 6 MB, and 5 MB are"):
            refuse_another_model(store, work, "ann")
