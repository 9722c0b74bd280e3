"""Long trainings make room, so that nobody waits for somebody else's hour.

A training that has computed for a while stands behind those that have computed for less, and goes
on from its last iteration when its turn comes again. Its shifts double in length, so that an hour
is interrupted a few times at most; and nobody is interrupted while nobody waits.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from racecraft.domain.job import JobKind, JobStatus

if TYPE_CHECKING:
    from racecraft.service.jobs.job import Job

SHIFT_S = 25.0
"""Computing time of a training before it makes room for the first time."""
LATE_S = 10.0
"""How much longer that may take: it first ends its iteration, and the next one has to start."""
_SETTLED_S = 3.0
"""Who has waited for less may just be on the way to a free core."""


def shifts_of(compute_s: float) -> int:
    """How many shifts of doubling length fit into a computing time; each counts as a job."""
    return int(math.log2(1.0 + compute_s / SHIFT_S))


def counts_as(job: Job) -> int:
    """For how many jobs of its person's a job counts that it has had already."""
    spent_s = job.compute_s + job.attempt_s
    return shifts_of(spent_s) if job.kind is JobKind.TRAINING else 0


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
        ranked.append((turns[job.owner_id] + counts_as(job), job.created_at_s, job.id, job))
        turns[job.owner_id] += 1
    return [job for *_, job in sorted(ranked, key=lambda row: row[:3])]


def is_to_make_room(job: Job, queued: Sequence[Job], others: Sequence[Job], now_s: float) -> bool:
    """Whether a training's core should go to somebody who waits.

    Args:
        job: the training, as it runs.
        queued: those that wait.
        others: those that run beside it.
        now_s: seconds since 1970.
    """
    is_training = job.kind is JobKind.TRAINING and job.status is JobStatus.IN_PROGRESS
    if not is_training or job.attempt_s < SHIFT_S:
        return False
    waiting = [
        each
        for each in queued
        if each.kind is not JobKind.HEAT and now_s - each.created_at_s > _SETTLED_S
    ]
    turns = Counter(each.owner_id for each in others)
    before = in_turn([*waiting, job], turns).index(job)
    return before > sum(each.makes_room for each in others)
