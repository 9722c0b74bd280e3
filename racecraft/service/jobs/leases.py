"""What workers do with jobs, and what becomes of jobs whose worker is gone."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from racecraft.domain.errors import SignInNeeded
from racecraft.domain.job import JobKind, JobStatus
from racecraft.service.jobs.job import Job, Lease
from racecraft.service.jobs.queue import RUNNING, waiting_jobs
from racecraft.service.jobs.quotas import charge
from racecraft.service.jobs.shifts import is_to_make_room
from racecraft.service.people.codes import hashed, new_secret
from racecraft.service.store import Below

if TYPE_CHECKING:
    from racecraft.service.store import Store, Work

LEASE_S = 30.0
"""A worker that gave no sign of life for so long counts as lost."""
BEAT_S = 2.0
"""How often it gives one."""
MOST_ATTEMPTS = 5
"""Workers that may be lost with a job before it counts as the job's fault."""


class Instruction(StrEnum):
    """What a worker is to do after its sign of life."""

    GO_ON = "GO_ON"
    MAKE_ROOM = "MAKE_ROOM"
    """Give the job back after this iteration: others have waited for longer."""
    STOP = "STOP"


@dataclass(frozen=True)
class Claim:
    """A job in the hands of a worker."""

    job: Job
    token: str
    """What the worker shows; kept nowhere else."""


def claim_next(
    store: Store,
    *,
    worker: str,
    slots: int,
    kind: JobKind | None = None,
    node: str | None = None,
    takes_heats: bool = True,
) -> Claim | None:
    """Give the next job of the queue to a worker.

    Args:
        store: the records.
        worker: machine and process, for people.
        slots: how many jobs may run at once.
        kind: only if the job whose turn it is is of this kind.
        node: the machine whose slots these are; None if they are those of all together.
        takes_heats: whether it may be a heat of a live race.

    Returns:
        The job and its token; None if nothing waits or everything is in use.
    """
    with store.look() as work:  # so that idle machines do not queue for the right to write
        if not work.count(Job, status=JobStatus.QUEUED):
            return None
    with store.work() as work:
        work.alone("queue")
        job = _next(work, slots, node, takes_heats=takes_heats)
        if job is None or (kind is not None and job.kind is not kind):
            return None
        token, now_s = new_secret("job"), store.now_s()
        taken = job.turned(
            JobStatus.INITIALIZING,
            lease_until_s=now_s + LEASE_S,
            worker=worker,
            node=node or "",
            attempts=job.attempts + 1,
            started_at_s=now_s,
        )
        work.add(Lease(id=job.id, created_at_s=now_s, token_hash=hashed(token)))
        return Claim(work.put(taken), token)


def _next(work: Work, slots: int, node: str | None, *, takes_heats: bool) -> Job | None:
    """The job whose turn it is.

    People sit and wait for a heat of a live race, so one at a time runs beside all others.
    """
    queue, running = waiting_jobs(work), work.find(Job, status=RUNNING)
    heats = [job for job in queue if job.kind is JobKind.HEAT]
    if takes_heats and heats and not any(job.kind is JobKind.HEAT for job in running):
        return heats[0]
    others = [job for job in queue if job.kind is not JobKind.HEAT]
    here = [job for job in running if node is None or job.node == node]
    is_full = sum(job.kind is not JobKind.HEAT for job in here) >= slots
    return None if is_full or not others else others[0]


def beat(
    store: Store, job_id: str, token: str, *, compute_s: float, report: dict[str, Any] | None = None
) -> Instruction:
    """A worker's sign of life.

    Args:
        store: the records.
        job_id: its job.
        token: what it got with the job.
        compute_s: computing time since it got it.
        report: newest figures, when there are new ones.

    Returns:
        What it is to do.

    Raises:
        SignInNeeded: the job is not this worker's any more; it must end at once.
    """
    with store.work() as work:
        job = _held(work, job_id, token)
        changes: dict[str, Any] = {"lease_until_s": store.now_s() + LEASE_S}
        if report:
            changes["report"] = report
        if job.status is JobStatus.INITIALIZING:
            job = job.turned(JobStatus.IN_PROGRESS)
        changes["attempt_s"] = compute_s
        job = job.model_copy(update=changes)
        if not job.makes_room:
            queued = work.find(Job, status=JobStatus.QUEUED)
            others = [each for each in work.find(Job, status=RUNNING) if each.id != job.id]
            makes_room = is_to_make_room(job, queued, others, store.now_s())
            job = job.model_copy(update={"makes_room": makes_room})
        job = work.put(job)
        charge(store, work, job)
        if job.status is JobStatus.STOPPING:
            return Instruction.STOP
        return Instruction.MAKE_ROOM if job.makes_room else Instruction.GO_ON


def take(store: Store, job_id: str, token: str, *, pid: int) -> Job:
    """What a worker has to do, once it has told which process it is.

    Raises:
        SignInNeeded: the job is not this worker's any more.
    """
    with store.work() as work:
        job = _held(work, job_id, token)
        lease_s = store.now_s() + LEASE_S
        return work.put(job.model_copy(update={"worker_pid": pid, "lease_until_s": lease_s}))


def rest(store: Store, job_id: str, token: str, *, compute_s: float, report: dict[str, Any]) -> Job:
    """A worker gives its training back, so that others have their turn; it goes on later.

    Raises:
        SignInNeeded: the job is not this worker's any more.
    """
    with store.work() as work:
        work.alone("queue")
        job = _held(work, job_id, token)
        work.remove(Lease, id=job.id)
        changes: dict[str, Any] = {"attempt_s": compute_s, "lease_until_s": None}
        if report:
            changes["report"] = report
        if job.status is JobStatus.STOPPING:
            changes["message"] = "It was stopped; what was learnt until then is kept."
            return _over(store, work, job, JobStatus.COMPLETED, changes)
        job = job.model_copy(update=changes)
        charge(store, work, job)
        return work.put(_queued_again(job, shifts=job.shifts + 1, message=""))


def finish(
    store: Store, job_id: str, token: str, *, compute_s: float, message: str, report: dict[str, Any]
) -> Job:
    """A worker has done its job, or as much of it as was wanted.

    Raises:
        SignInNeeded: the job is not this worker's any more.
    """
    return _end(store, (job_id, token), JobStatus.COMPLETED, compute_s, message, report)


def fail(store: Store, job_id: str, token: str, *, compute_s: float, message: str) -> Job:
    """A worker cannot do its job, and another one could not either.

    Raises:
        SignInNeeded: the job is not this worker's any more.
    """
    return _end(store, (job_id, token), JobStatus.FAILED, compute_s, message, {})


def lose(store: Store, job_id: str, *, worker: str, message: str) -> Job | None:
    """The process that had a job is gone without a word: somebody else goes on.

    Args:
        store: the records.
        job_id: its job.
        worker: who is gone; nothing happens if somebody else has the job by now.
        message: what is known about it.

    Returns:
        The job as it is now, or None if it was not that worker's.
    """
    with store.work() as work:
        work.alone("queue")
        job = work.first(Job, id=job_id)
        if job is None or not job.status.is_with_a_worker or job.worker != worker:
            return None
        return _lost(store, work, job, message)


def lose_worker(store: Store, worker: str, message: str) -> Job | None:
    """`lose` whatever job a worker had."""
    with store.look() as work:
        held = next((job for job in work.find(Job, status=RUNNING) if job.worker == worker), None)
    return None if held is None else lose(store, held.id, worker=worker, message=message)


def refuse_stranger(store: Store, job_id: str, token: str) -> Job:
    """Stop here unless this is the worker who has the job; gives the job.

    Raises:
        SignInNeeded: it is not, or not any more.
    """
    with store.look() as work:
        return _held(work, job_id, token)


def requeue_lost(store: Store) -> list[Job]:
    """See to all jobs whose worker gave no sign of life for too long."""
    with store.look() as work:
        if not work.count(Job, status=RUNNING, lease_until_s=Below(store.now_s())):
            return []
    with store.work() as work:
        work.alone("queue")
        late = work.find(Job, status=RUNNING, lease_until_s=Below(store.now_s()))
        message = f"Its worker gave no sign of life for {LEASE_S:.0f} seconds."
        return [_lost(store, work, job, message) for job in late]


def _lost(store: Store, work: Work, job: Job, message: str) -> Job:
    work.remove(Lease, id=job.id)
    changes: dict[str, Any] = {"lease_until_s": None, "message": message}
    if job.status is JobStatus.STOPPING:
        # Nobody wants it to go on; what it saved last is there.
        return _over(store, work, job, JobStatus.CANCELED, changes)
    lost = job.attempts - job.shifts
    if lost >= MOST_ATTEMPTS:
        changes["message"] = (
            f"{message} That happened {lost} times, so it is not tried again; look at its "
            "log, and start it anew when the cause is gone."
        )
        return _over(store, work, job, JobStatus.FAILED, changes)
    return work.put(_queued_again(job, **changes))


def _queued_again(job: Job, **changes: Any) -> Job:
    """A job without a worker; the next one goes on where this one has stopped."""
    spent_s = job.compute_s + job.attempt_s
    changes |= {"is_resuming": True, "compute_s": spent_s, "attempt_s": 0.0, "makes_room": False}
    changes |= {"worker": "", "node": "", "worker_pid": None}
    return job.turned(JobStatus.QUEUED, **changes)


def _end(
    store: Store,
    key: tuple[str, str],
    status: JobStatus,
    compute_s: float,
    message: str,
    report: dict[str, Any],
) -> Job:
    with store.work() as work:
        work.alone("queue")
        job = _held(work, *key)
        if job.status is JobStatus.INITIALIZING and status is JobStatus.COMPLETED:
            job = job.turned(JobStatus.IN_PROGRESS)
        work.remove(Lease, id=job.id)
        changes: dict[str, Any] = {
            "lease_until_s": None,
            "message": message,
            "attempt_s": compute_s,
        }
        if report:
            changes["report"] = report
        return _over(store, work, job, status, changes)


def _over(store: Store, work: Work, job: Job, status: JobStatus, changes: dict[str, Any]) -> Job:
    ended = work.put(job.turned(status, ended_at_s=store.now_s(), **changes))
    charge(store, work, ended)
    return ended


def _held(work: Work, job_id: str, token: str) -> Job:
    """The job, if the token is that of the worker who has it now."""
    lease = work.first(Lease, id=job_id)
    if lease is None or not hmac.compare_digest(lease.token_hash, hashed(token)):
        raise SignInNeeded("This job is not, or not any more, in the hands of this worker.")
    return work.get(Job, job_id)
