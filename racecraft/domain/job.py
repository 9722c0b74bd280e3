"""Jobs: what a machine does for a person, and the one table of what may follow what."""

from __future__ import annotations

from enum import StrEnum

from racecraft.domain.errors import Conflict


class JobKind(StrEnum):
    """What is to be done with a model."""

    TRAINING = "TRAINING"
    EVALUATION = "EVALUATION"
    RANKING = "RANKING"
    """Every checkpoint of a model drives the same laps."""
    SUBMISSION = "SUBMISSION"
    """An evaluation that counts in a race."""
    HEAT = "HEAT"
    """A heat of a live race, for one model or several at once; it comes before everything else."""


class JobStatus(StrEnum):
    """How far a job is."""

    QUEUED = "QUEUED"
    INITIALIZING = "INITIALIZING"
    """A worker has it and prepares."""
    IN_PROGRESS = "IN_PROGRESS"
    STOPPING = "STOPPING"
    """Somebody asked it to end; the worker finishes what it has begun."""
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"

    @property
    def is_over(self) -> bool:
        """Whether nothing will follow any more."""
        return not TRANSITIONS[self]

    @property
    def is_with_a_worker(self) -> bool:
        """Whether a worker process has it."""
        return self in (JobStatus.INITIALIZING, JobStatus.IN_PROGRESS, JobStatus.STOPPING)


TRANSITIONS: dict[JobStatus, frozenset[JobStatus]] = {
    JobStatus.QUEUED: frozenset({JobStatus.INITIALIZING, JobStatus.CANCELED, JobStatus.FAILED}),
    # Back to the queue: the worker was lost, and the next one goes on from the last checkpoint.
    JobStatus.INITIALIZING: frozenset(
        {JobStatus.IN_PROGRESS, JobStatus.STOPPING, JobStatus.QUEUED, JobStatus.FAILED}
    ),
    JobStatus.IN_PROGRESS: frozenset(
        {JobStatus.STOPPING, JobStatus.QUEUED, JobStatus.COMPLETED, JobStatus.FAILED}
    ),
    JobStatus.STOPPING: frozenset({JobStatus.COMPLETED, JobStatus.CANCELED, JobStatus.FAILED}),
    JobStatus.COMPLETED: frozenset(),
    JobStatus.FAILED: frozenset(),
    JobStatus.CANCELED: frozenset(),
}

ACTIVE = tuple(status for status in JobStatus if TRANSITIONS[status])
"""Everything that is not over."""


def refuse_transition(before: JobStatus, after: JobStatus) -> None:
    """Stop here unless one status may follow the other.

    Raises:
        Conflict: it may not.
    """
    if after not in TRANSITIONS[before]:
        raise Conflict(
            f"The job is {before.value} and cannot become {after.value}; look at it again to see "
            "how far it is."
        )
