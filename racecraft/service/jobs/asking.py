"""What people do with jobs: ask for one, look at it, stop it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from racecraft.domain.errors import Conflict
from racecraft.domain.job import ACTIVE, JobKind, JobStatus
from racecraft.service.access import Actor, Operation
from racecraft.service.jobs.job import Job
from racecraft.service.jobs.queue import Place, place_of
from racecraft.service.jobs.quotas import refuse_beyond_quota

if TYPE_CHECKING:
    from racecraft.service.model_records import Model
    from racecraft.service.store import Store, Work


@dataclass(frozen=True)
class Wish:
    """A job that somebody wants."""

    kind: JobKind
    planned_s: float
    """Computing time that it may take."""
    request: dict[str, Any] = field(default_factory=dict)
    is_resuming: bool = False
    """Go on from the model's last saved state."""


def submit(store: Store, work: Work, actor: Actor, model: Model, wish: Wish) -> Job:
    """Put a job into the queue.

    Args:
        store: the records.
        work: the transaction in which the rest of the wish is done too.
        actor: who asks.
        model: whose job.
        wish: what is to be done.

    Raises:
        Forbidden: it is somebody else's model.
        Conflict: the model has a job already.
        QuotaExceeded: it would use more than is left.
    """
    actor.demand(Operation.RUN_JOB, model.owner_id)
    busy = work.first(Job, model_id=model.id, status=ACTIVE)
    if busy is not None:
        raise Conflict(
            f"The model {model.name!r} has a {busy.kind.value.lower()} that is "
            f"{busy.status.value}; wait until it ends, or stop it."
        )
    work.alone("quota")
    refuse_beyond_quota(store, work, model.owner_id, wish.planned_s)
    return work.add(
        Job(
            created_at_s=store.now_s(),
            owner_id=model.owner_id,
            model_id=model.id,
            kind=wish.kind,
            model_name=model.name,
            request=wish.request,
            planned_s=wish.planned_s,
            is_resuming=wish.is_resuming,
        )
    )


def view_job(store: Store, actor: Actor, job_id: str) -> Job:
    """One job.

    Raises:
        NotFound: there is none with this id, or it is somebody else's.
    """
    with store.look() as work:
        job = work.get(Job, job_id)
    actor.demand_sight(Operation.VIEW_JOB, job.owner_id, "job", job_id)
    return job


def list_jobs(
    store: Store,
    actor: Actor,
    *,
    model_id: str | None = None,
    is_active: bool = False,
    limit: int = 100,
    offset: int = 0,
) -> list[Job]:
    """The actor's own jobs, newest first.

    Args:
        store: the records.
        actor: who asks.
        model_id: those of one model only.
        is_active: only those that are not over.
        limit: at most so many.
        offset: leave out so many at the beginning.
    """
    actor.demand(Operation.VIEW_JOB, actor.person_id)
    where: dict[str, Any] = {"owner_id": actor.person_id}
    if model_id is not None:
        where["model_id"] = model_id
    if is_active:
        where["status"] = ACTIVE
    with store.look() as work:
        return work.find(Job, order="-created_at_s", limit=limit, offset=offset, **where)


def view_place(store: Store, actor: Actor, job_id: str, *, slots: int) -> Place | None:
    """Where a job stands in the queue; None if it does not wait any more.

    Raises:
        NotFound: there is no such job, or it is somebody else's.
    """
    job = view_job(store, actor, job_id)
    with store.look() as work:
        return place_of(work, job, slots, store.now_s())


def stop_job(store: Store, actor: Actor, job_id: str) -> Job:
    """Take a job out of the queue, or ask its worker to end after what it is doing.

    What was learnt so far stays. Asking twice changes nothing.

    Raises:
        NotFound: there is no such job, or it is somebody else's.
        Forbidden: the actor may see it but not stop it.
        Conflict: it is over already.
    """
    job = view_job(store, actor, job_id)
    actor.demand(Operation.STOP_JOB, job.owner_id)
    with store.work() as work:
        work.alone("queue")
        job = work.get(Job, job_id)
        if job.status is JobStatus.STOPPING:
            return job
        if job.status is JobStatus.QUEUED:
            message = "It was taken out of the queue before it began."
            if job.compute_s:
                message = "It was taken out of the queue; what was learnt until then is kept."
            now_s = store.now_s()
            return work.put(job.turned(JobStatus.CANCELED, ended_at_s=now_s, message=message))
        return work.put(job.turned(JobStatus.STOPPING, wish=actor.person_id))
