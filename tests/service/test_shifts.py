"""Shifts: trainings make room for those who have waited, and lose nothing by it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from racecraft.domain.job import JobKind, JobStatus
from racecraft.service.jobs import asking, leases
from racecraft.service.jobs.asking import Wish
from racecraft.service.jobs.job import Job
from racecraft.service.jobs.leases import BEAT_S, Instruction
from racecraft.service.jobs.queue import place_of
from racecraft.service.jobs.shifts import SHIFT_S, shifts_of
from racecraft.service.store import Store
from tests.service.conftest import Clock
from tests.service.server import Server
from tests.service.test_jobs import ask, claim, end, person
from tests.service.test_kills import TRAINING, iterations

HASTY = (
    "-c",
    "from racecraft.service.jobs import shifts; shifts.SHIFT_S = 1.0; "
    "from racecraft.interfaces.cli import main; main()",
)
"""The program with shifts that a test can wait for."""


def beat(store: Store, claimed: leases.Claim, compute_s: float) -> Instruction:
    return leases.beat(store, claimed.job.id, claimed.token, compute_s=compute_s)


def rest(store: Store, claimed: leases.Claim, compute_s: float) -> Job:
    return leases.rest(store, claimed.job.id, claimed.token, compute_s=compute_s, report={"x": 1})


def test_shifts_double_in_length() -> None:
    ends_s = [SHIFT_S * (2**k - 1) for k in range(1, 8)]
    assert [shifts_of(end_s) for end_s in ends_s] == list(range(1, 8))
    assert [shifts_of(end_s - 0.1) for end_s in ends_s] == list(range(7))


def test_a_training_goes_on_while_nobody_waits(store: Store, clock: Clock) -> None:
    ask(store, person(store, "ann"), "m")
    running = claim(store, slots=1)
    clock.now_s += 1000
    assert beat(store, running, 1000.0) is Instruction.GO_ON


def test_it_makes_room_after_a_shift_and_goes_on_when_its_turn_comes(
    store: Store, clock: Clock
) -> None:
    ann, bob = person(store, "ann"), person(store, "bob")
    ask(store, ann, "m")
    first = claim(store, slots=1)
    clock.now_s += 10
    late = ask(store, bob, "m")
    clock.now_s += 10
    assert beat(store, first, SHIFT_S - 1) is Instruction.GO_ON
    assert beat(store, first, SHIFT_S + 1) is Instruction.MAKE_ROOM
    assert beat(store, first, SHIFT_S + 3) is Instruction.MAKE_ROOM
    given_back = rest(store, first, SHIFT_S + 4)
    assert given_back.status is JobStatus.QUEUED
    assert given_back.is_resuming
    assert given_back.compute_s == SHIFT_S + 4
    assert given_back.report == {"x": 1}
    second = claim(store, slots=1)
    assert second.job.id == late.id
    # Who has had as much gives it back to who was there before.
    clock.now_s += SHIFT_S
    assert beat(store, second, SHIFT_S + 1) is Instruction.MAKE_ROOM
    rest(store, second, SHIFT_S + 1)
    again = claim(store, slots=1)
    assert again.job.id == first.job.id
    # And the next shift is twice as long.
    assert beat(store, again, SHIFT_S + 1) is Instruction.GO_ON
    assert beat(store, again, 2 * SHIFT_S + 1) is Instruction.MAKE_ROOM


def test_for_one_that_waits_one_makes_room(store: Store, clock: Clock) -> None:
    for name in ("ann", "bob"):
        ask(store, person(store, name), "m")
    running = [claim(store, slots=2), claim(store, slots=2)]
    ask(store, person(store, "cid"), "m")
    clock.now_s += SHIFT_S
    assert beat(store, running[0], SHIFT_S + 1) is Instruction.MAKE_ROOM
    assert beat(store, running[1], SHIFT_S + 1) is Instruction.GO_ON
    ask(store, person(store, "dan"), "m")
    assert beat(store, running[1], SHIFT_S + 2) is Instruction.GO_ON  # it may find a free core
    clock.now_s += 5
    assert beat(store, running[1], SHIFT_S + 7) is Instruction.MAKE_ROOM


def test_only_trainings_make_room_and_not_at_once_for_ones_own_next_job(
    store: Store, clock: Clock
) -> None:
    ann = person(store, "ann")
    ask(store, ann, "m")
    running = claim(store, slots=1)
    ask(store, ann, "m2")
    clock.now_s += 60
    assert beat(store, running, SHIFT_S + 1) is Instruction.GO_ON
    assert beat(store, running, 3 * SHIFT_S + 1) is Instruction.MAKE_ROOM
    end(store, running)
    end(store, claim(store, slots=1))
    ask(store, ann, "m", Wish(JobKind.EVALUATION, planned_s=60.0))
    evaluation = claim(store, slots=1)
    ask(store, person(store, "bob"), "m")
    clock.now_s += 600
    assert beat(store, evaluation, 600.0) is Instruction.GO_ON


def test_whoever_asked_to_stop_is_heard_also_by_one_that_makes_room(
    store: Store, clock: Clock
) -> None:
    ann = person(store, "ann")
    ask(store, ann, "m")
    running = claim(store, slots=1)
    ask(store, person(store, "bob"), "m")
    clock.now_s += SHIFT_S
    assert beat(store, running, SHIFT_S + 1) is Instruction.MAKE_ROOM
    asking.stop_job(store, ann, running.job.id)
    assert rest(store, running, SHIFT_S + 2).status is JobStatus.COMPLETED


def test_making_room_is_no_loss(store: Store, clock: Clock) -> None:
    ann, bob = person(store, "ann"), person(store, "bob")
    ask(store, ann, "m")
    for k in range(2 * leases.MOST_ATTEMPTS):
        running = claim(store, slots=1)
        assert running.job.owner_id == "ann"
        ask(store, bob, f"m{k}")
        clock.now_s += 3600
        assert beat(store, running, 3600.0) is Instruction.MAKE_ROOM
        rest(store, running, 3600.0)
        end(store, claim(store, slots=1))
    running = claim(store, slots=1)
    lost = leases.lose(store, running.job.id, worker=running.job.worker, message="Gone.")
    assert lost is not None
    assert lost.status is JobStatus.QUEUED


def test_nobody_of_a_class_waits_long_for_a_first_turn(store: Store, clock: Clock) -> None:
    """Thirty trainings of a minute each on two cores, with real records and a clock of our own."""
    need_s, asked_s = 60.0, clock.now_s
    jobs = [ask(store, person(store, f"p{k:02}"), "m") for k in range(30)]
    with store.look() as work:
        last = place_of(work, jobs[-1], 2, clock.now_s)
    assert last is not None
    first_s: dict[str, float] = {}
    held: dict[str, tuple[leases.Claim, float]] = {}
    ended = 0
    while ended < len(jobs):
        while (got := leases.claim_next(store, worker="w", slots=2)) is not None:
            first_s.setdefault(got.job.id, clock.now_s - asked_s)
            held[got.job.id] = got, clock.now_s
        clock.now_s += BEAT_S
        for job_id, (claimed, began_s) in list(held.items()):
            done_s = clock.now_s - began_s
            if claimed.job.compute_s + done_s >= need_s:
                end(store, claimed, done_s)
                ended += 1
            elif beat(store, claimed, done_s) is Instruction.MAKE_ROOM:
                rest(store, claimed, done_s)
            else:
                continue
            del held[job_id]
    assert max(first_s.values()) < 15 * (SHIFT_S + 2 * BEAT_S)  # and not 14 minutes
    assert max(first_s.values()) <= last.expected_start_s - asked_s
    assert clock.now_s - asked_s < 15 * need_s + 60.0  # no core was idle


def test_a_real_training_makes_room_and_loses_no_iteration(tmp_path: Path) -> None:
    def start(name: str, env_steps: int) -> dict[str, Any]:
        wish = {**TRAINING, "model": {**TRAINING["model"], "name": name}}
        wish["training"] = {**TRAINING["training"], "stop": {"env_steps": env_steps}}
        made: dict[str, Any] = server.ask("POST", "models", **wish)
        return made

    server = Server(tmp_path / "home", program=HASTY)
    server.start()
    try:
        long = start("long", 64 * 150)
        server.wait(long["job"]["id"], "IN_PROGRESS")
        short = start("short", 64 * 12)
        ended = server.wait(short["job"]["id"], "COMPLETED", "FAILED", patience_s=180)
        assert ended["status"] == "COMPLETED", ended
        done = server.wait(long["job"]["id"], "COMPLETED", "FAILED", patience_s=180)
        assert done["status"] == "COMPLETED", done
        assert iterations(server, long["model"]["id"]) == list(range(150))
        assert "job makes room" in (server.home / "server.log").read_text()
        deadline = time.monotonic() + 10
        while server.workers():
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        server.end()
