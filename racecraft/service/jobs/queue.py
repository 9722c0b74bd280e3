"""Who is next, and when.

Fair between people: a job waits for as many jobs of each other person as its own person has
before it. So the first job of somebody new comes before the second of everybody else, and
nobody waits for another person's tenth. Among equals the older job is first.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from racecraft.domain.job import JobKind, JobStatus
from racecraft.service.jobs.job import Job
from racecraft.service.jobs.nodes import slots_there

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


def in_turn(queued: Sequence[Job], running: Counter[str]) -> list[Job]:
    """Waiting jobs in the order of the queue.

    Args:
        queued: those that wait.
        running: how many each person has running.
    """
    turns = Counter(running)
    ranked = []
    # A job that lost its worker keeps its place: it has been waiting since it was asked for.
    for job in sorted(queued, key=lambda each: (each.created_at_s, each.id)):
        ranked.append((turns[job.owner_id], job.created_at_s, job.id, job))
        turns[job.owner_id] += 1
    return [job for *_, job in sorted(ranked, key=lambda row: row[:3])]


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
    free_at = [_free_at(each, now_s) for each in work.find(Job, status=RUNNING)]
    free_at += [now_s] * max(slots - len(free_at), 0)
    heapq.heapify(free_at)
    position = ids.index(job.id)
    for earlier in queue[:position]:
        heapq.heapreplace(free_at, free_at[0] + earlier.planned_s)
    return Place(position + 1, len(queue), free_at[0])


def _free_at(job: Job, now_s: float) -> float:
    """When a running job ends at the latest."""
    begun = job.started_at_s if job.started_at_s is not None else now_s
    return max(begun + job.planned_s - job.compute_s, now_s)
