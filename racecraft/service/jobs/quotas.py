"""Quotas: checked when a job is asked for, charged for what it used.

A job that waits or runs counts with the time that it may take; once it is over, with the time
that it took. Months are calendar months in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from racecraft.domain.errors import QuotaExceeded
from racecraft.domain.job import ACTIVE
from racecraft.service.access import Actor, Operation
from racecraft.service.instance import read_instance
from racecraft.service.jobs.job import Job
from racecraft.service.log_records import LogUpload
from racecraft.service.model_records import Model
from racecraft.service.people.person import Person, person_now
from racecraft.service.quota_limits import Limits
from racecraft.service.store import Record

if TYPE_CHECKING:
    from racecraft.service.store import Store, Work

_MB = 1_000_000


class Charge(Record):
    """What one job has used."""

    TABLE: ClassVar[str] = "charges"

    owner_id: str
    month: str
    job_id: str
    compute_s: float


@dataclass(frozen=True)
class Usage:
    """What is used of some limits."""

    limits: Limits
    used_minutes: float
    """Of this month."""
    planned_minutes: float
    """Set aside for jobs that wait or run."""
    models: int
    jobs: int
    disk_mb: float


def view_usage(store: Store, actor: Actor, person_id: str) -> Usage:
    """What a person has used.

    Raises:
        Forbidden: it is somebody else, and the actor no admin.
        NotFound: there is nobody with this id.
    """
    actor.demand(Operation.VIEW_QUOTA, person_id)
    with store.look() as work:
        limits = person_now(work, person_id).limits
        return _usage(store, work, limits, {"owner_id": person_id})


def view_whole_usage(store: Store, actor: Actor) -> Usage:
    """What everybody together has used.

    Raises:
        Forbidden: only an admin may.
    """
    actor.demand(Operation.VIEW_USAGE)
    with store.look() as work:
        return _usage(store, work, read_instance(work).whole, {})


def refuse_beyond_quota(store: Store, work: Work, owner_id: str, planned_s: float) -> None:
    """Stop here if a new job would use more than is left, of the person's or of everybody's.

    Raises:
        QuotaExceeded: it would.
    """
    for whose, used in _both(store, work, owner_id):
        most = used.limits.minutes_per_month
        left = None if most is None else most - used.used_minutes - used.planned_minutes
        if left is not None and planned_s / 60 > left:
            raise QuotaExceeded(
                f"The job may take {planned_s / 60:.0f} minutes, but {whose} has "
                f"{max(left, 0.0):.0f} of {most:g} minutes left this month; ask for less time, "
                "or ask an admin for more."
            )
        if used.limits.jobs is not None and used.jobs >= used.limits.jobs:
            raise QuotaExceeded(
                f"{_first_up(whose)} has {used.jobs} jobs under way, and {used.limits.jobs} "
                "are allowed at the same time; wait until one ends, or stop one."
            )


def refuse_another_model(store: Store, work: Work, owner_id: str) -> None:
    """Stop here if there may not be one more model, of the person or of everybody.

    Raises:
        QuotaExceeded: there may not.
    """
    for whose, used in _both(store, work, owner_id):
        if used.limits.models is not None and used.models >= used.limits.models:
            raise QuotaExceeded(
                f"{_first_up(whose)} has {used.models} models, and {used.limits.models} are "
                "allowed; delete one, or ask an admin for more."
            )
        if used.limits.disk_mb is not None and used.disk_mb >= used.limits.disk_mb:
            raise QuotaExceeded(
                f"Models and logs of {whose} take {used.disk_mb:.0f} MB, and "
                f"{used.limits.disk_mb:g} MB are allowed; delete one, or ask an admin for more."
            )


def refuse_more_disk(store: Store, work: Work, owner_id: str, size_bytes: int) -> None:
    """Stop here if so many more bytes do not fit, of the person's or of everybody's.

    Raises:
        QuotaExceeded: they do not.
    """
    for whose, used in _both(store, work, owner_id):
        most, more = used.limits.disk_mb, size_bytes / _MB
        if most is not None and used.disk_mb + more > most:
            raise QuotaExceeded(
                f"Models and logs of {whose} take {used.disk_mb:.0f} MB and this file "
                f"{more:.0f} MB more, but {most:g} MB are allowed; delete one, or ask an admin for "
                "more."
            )


def charge(store: Store, work: Work, job: Job) -> None:
    """Write down what a job has used so far, in the month in which it began."""
    spent_s = job.compute_s + job.attempt_s
    kept = work.first(Charge, job_id=job.id)
    if kept is None:
        month = month_of(store.now_s())
        work.add(
            Charge(
                created_at_s=store.now_s(),
                owner_id=job.owner_id,
                month=month,
                job_id=job.id,
                compute_s=spent_s,
            )
        )
    elif spent_s > kept.compute_s:
        work.put(kept.model_copy(update={"compute_s": spent_s}))


def month_of(now_s: float) -> str:
    """The calendar month of a time, for instance `2026-11`."""
    return datetime.fromtimestamp(now_s, UTC).strftime("%Y-%m")


def _both(store: Store, work: Work, owner_id: str) -> list[tuple[str, Usage]]:
    person = work.first(Person, id=owner_id)
    own = person.limits if person else Limits()
    whole = read_instance(work).whole
    return [
        (
            f"the racer {person.name}" if person else "the racer",
            _usage(store, work, own, {"owner_id": owner_id}),
        ),
        ("this installation", _usage(store, work, whole, {})),
    ]


def _first_up(words: str) -> str:
    """As at the beginning of a sentence; names keep their capitals."""
    return words[:1].upper() + words[1:]


def _models(work: Work, whose: dict[str, Any]) -> int:
    """Models that count: of a person's, not those that we gave them."""
    if not whose:
        return work.count(Model, deleted_at_s=None)
    return sum(not model.is_sample for model in work.find(Model, deleted_at_s=None, **whose))


def _usage(store: Store, work: Work, limits: Limits, whose: dict[str, Any]) -> Usage:
    active = work.find(Job, status=ACTIVE, **whose)
    used_s = work.total(Charge, "compute_s", month=month_of(store.now_s()), **whose)
    planned_s = sum(max(job.planned_s - job.compute_s - job.attempt_s, 0.0) for job in active)
    return Usage(
        limits=limits,
        used_minutes=used_s / 60,
        planned_minutes=planned_s / 60,
        models=_models(work, whose),
        jobs=len(active),
        disk_mb=sum(work.total(kind, "size_bytes", **whose) for kind in (Model, LogUpload)) / _MB,
    )
