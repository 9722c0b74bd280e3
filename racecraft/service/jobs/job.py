"""The record of a job."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from racecraft.domain.job import JobKind, JobStatus, refuse_transition
from racecraft.service.store import Record


class Job(Record):
    """Something to be done with a model."""

    TABLE: ClassVar[str] = "jobs"

    owner_id: str
    model_id: str
    kind: JobKind
    status: JobStatus = JobStatus.QUEUED
    lease_until_s: float | None = None
    """When the worker counts as lost unless it gives a sign of life."""

    model_name: str
    request: dict[str, Any] = Field(default_factory=dict)
    """What exactly: the evaluation's document; nothing for a training, whose document is kept
    with the model."""
    planned_s: float
    """Computing time that it may take, and that is set aside from the quota."""
    is_resuming: bool = False
    """Whether a worker goes on from the model's last saved state."""
    attempts: int = 0
    """How many workers have had it."""
    shifts: int = 0
    """How many of them made room for others and gave it back."""
    makes_room: bool = False
    """Whether its worker was told to."""
    worker: str = ""
    """The process that has it, for people: machine and process number."""
    node: str = ""
    """The machine that has it."""
    worker_pid: int | None = None
    """Process number of the worker on its machine, once it has told."""
    started_at_s: float | None = None
    """When the newest worker got it."""
    ended_at_s: float | None = None
    compute_s: float = 0.0
    """Computing time of the workers that had it before the newest one."""
    attempt_s: float = 0.0
    """Computing time of the newest one, at its last sign of life."""
    wish: str = ""
    """Who asked it to stop, when somebody did."""
    message: str = ""
    """Why it ended, in a sentence."""
    report: dict[str, Any] = Field(default_factory=dict)
    """Newest figures of the worker."""

    def turned(self, status: JobStatus, **changes: Any) -> Job:
        """This job in another status.

        Raises:
            Conflict: that may not follow.
        """
        refuse_transition(self.status, status)
        return self.model_copy(update={"status": status, **changes})


class Lease(Record):
    """What the worker of a job must show; the id is the job's."""

    TABLE: ClassVar[str] = "leases"

    token_hash: str
