"""Who is next, and when.

Fair between people: a job waits for as many jobs of each other person as its own person has
before it. So the first job of somebody new comes before the second of everybody else, and
nobody waits for another person's tenth. Among equals the older job is first. Trainings work in
shifts (`shifts`): what one has computed counts as jobs of its person's before it.
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from racecraft.domain.job import JobKind, JobStatus
from racecraft.service.jobs.job import Job
from racecraft.service.jobs.nodes import slots_there
from racecraft.service.jobs.shifts import LATE_S, SHIFT_S, counts_as, in_turn

if TYPE_CHECKING:
    from racecraft.service.store import Store, Work

RUNNING = (JobStatus.INITIALIZING, JobStatus.IN_PROGRESS, JobStatus.STOPPING)


@dataclass(frozen=True)
class Place:
    """Where a waiting job stands."""

    position: int
    """1 for the next one."""
    waiting: int
    """How many wait in all."""
    expected_start_s: float
    """Seconds since 1970, if every job takes as long as it may; usually it is sooner."""


def waiting_jobs(work: Work) -> list[Job]:
    """The queue, next one first."""
    running = Counter(job.owner_id for job in work.find(Job, status=RUNNING))
    return in_turn(work.find(Job, status=JobStatus.QUEUED), running)


def count_waiting(store: Store) -> int:
    """How many jobs wait that any machine may do."""
    with store.look() as work:
        queued = work.find(Job, status=JobStatus.QUEUED)
    return sum(job.kind is not JobKind.HEAT for job in queued)


def place_of(work: Work, job: Job, slots: int, now_s: float) -> Place | None:
    """Where a job stands in the queue; None if it does not wait.

    Args:
        work: the transaction.
        job: which.
        slots: how many jobs this service runs at once.
        now_s: seconds since 1970.
    """
    if job.status is not JobStatus.QUEUED:
        return None
    queue = waiting_jobs(work)
    if job.id not in {each.id for each in queue}:
        return None
    return _place_in(work, queue, job, slots, now_s)


def place_of_new(work: Work, new: Job, slots: int, now_s: float) -> Place:
    """Where a job that nobody has asked for yet would stand; arguments as place_of."""
    running = Counter(job.owner_id for job in work.find(Job, status=RUNNING))
    queue = in_turn([*work.find(Job, status=JobStatus.QUEUED), new], running)
    return _place_in(work, queue, new, slots, now_s)


def _place_in(work: Work, queue: list[Job], job: Job, slots: int, now_s: float) -> Place:
    ids = [each.id for each in queue]
    slots = slots_there(work, now_s, slots)
    running = work.find(Job, status=RUNNING)
    free_at = [_free_at(each, job, now_s) for each in running]
    free_at += [now_s] * max(slots - len(free_at), 0)
    heapq.heapify(free_at)
    position = ids.index(job.id)
    for earlier in queue[:position]:
        heapq.heapreplace(free_at, free_at[0] + _holds_s(earlier, job))
    return Place(position + 1, len(queue), free_at[0])


def _free_at(held: Job, job: Job, now_s: float) -> float:
    """When a running job ends at the latest, or makes room for one that waits."""
    begun = held.started_at_s if held.started_at_s is not None else now_s
    ends_s = begun + held.planned_s - held.compute_s
    if _makes_room(held, job):
        ends_s = min(ends_s, max(begun + SHIFT_S, now_s) + LATE_S)
    return max(ends_s, now_s)


def _holds_s(earlier: Job, job: Job) -> float:
    """For how long a job that comes before one keeps a core from it at the most."""
    left_s = max(earlier.planned_s - earlier.compute_s, 0.0)
    return min(left_s, SHIFT_S + LATE_S) if _makes_room(earlier, job) else left_s


def _makes_room(before: Job, job: Job) -> bool:
    """Whether a job before another one gives it its core after a shift, or keeps it for longer."""
    is_training = before.kind is JobKind.TRAINING and before.owner_id != job.owner_id
    return is_training and counts_as(job) <= counts_as(before)
