"""How an installation is doing: queue, machines, disk, memory, versions, who uses how much."""

from __future__ import annotations

import platform
import shutil
import time
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import psutil

from racecraft.domain.job import ACTIVE, JobKind, JobStatus
from racecraft.service.access import Actor, Operation
from racecraft.service.jobs.job import Job
from racecraft.service.jobs.nodes import Node, nodes_there
from racecraft.service.jobs.quotas import Charge, month_of
from racecraft.service.jobs.shifts import in_turn
from racecraft.service.machine import memory_mb
from racecraft.service.model_records import Model
from racecraft.service.people.person import Person
from racecraft.service.store.upgrade import NEWEST

if TYPE_CHECKING:
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store, Work

_PACKAGES = ("torch", "numpy", "nicegui", "fastapi", "SQLAlchemy")
_MB = 1e6


@dataclass(frozen=True)
class QueueState:
    """What is to be done, and what is being done."""

    by_status: dict[str, int]
    """Of all jobs that there are."""
    running: tuple[Job, ...]
    waiting: tuple[Job, ...]
    """The next one first."""
    oldest_wait_s: float
    """Of the job that has waited longest; 0 without any."""
    steps_per_s: float
    """Simulated steps of all trainings together, as they told last."""


@dataclass(frozen=True)
class Disk:
    """The disk with the home folder."""

    free_mb: float
    total_mb: float
    models_mb: float
    """Of all models, as they were when a job last ended."""


@dataclass(frozen=True)
class PersonUsage:
    """What somebody uses."""

    person_id: str
    name: str
    minutes: float
    """Of computing in this month."""
    jobs: int
    """That wait or run."""
    models: int
    disk_mb: float


@dataclass(frozen=True)
class Overview:
    """How an installation is doing."""

    at_s: float
    queue: QueueState
    nodes: tuple[Node, ...]
    """That gave a sign of life a moment ago."""
    disk: Disk
    memory_mb: float | None
    """Of this machine."""
    memory_used_mb: float
    """By the process of the service."""
    up_s: float
    """Since when that runs."""
    versions: dict[str, str]


def view_overview(store: Store, settings: Settings, actor: Actor) -> Overview:
    """How the installation is doing, for admins.

    Raises:
        Forbidden: the actor is no admin.
    """
    actor.demand(Operation.VIEW_USAGE)
    return read_overview(store, settings)


def read_overview(store: Store, settings: Settings) -> Overview:
    """`view_overview` for who was asked already."""
    now_s = store.now_s()
    with store.look() as work:
        queue = _queue(work, now_s)
        nodes = tuple(nodes_there(work, now_s))
        models_mb = work.total(Model, "size_bytes") / _MB
    disk, process = shutil.disk_usage(settings.home), psutil.Process()
    return Overview(
        at_s=now_s,
        queue=queue,
        nodes=nodes,
        disk=Disk(disk.free / _MB, disk.total / _MB, models_mb),
        memory_mb=memory_mb(),
        memory_used_mb=process.memory_info().rss / _MB,
        up_s=time.time() - process.create_time(),
        versions=_versions(store),
    )


def view_people_usage(store: Store, actor: Actor) -> list[PersonUsage]:
    """Who uses how much, the most first; only people who use anything. For admins.

    Raises:
        Forbidden: the actor is no admin.
    """
    actor.demand(Operation.VIEW_USAGE)
    with store.look() as work:
        seconds = work.totals(Charge, "compute_s", by="owner_id", month=month_of(store.now_s()))
        sizes = work.totals(Model, "size_bytes", by="owner_id")
        models = work.counts(Model, by="owner_id", deleted_at_s=None)
        jobs = work.counts(Job, by="owner_id", status=ACTIVE)
        ids = {*seconds, *sizes, *models, *jobs}
        names = {person.id: person.name for person in work.find(Person) if person.id in ids}
    rows = [
        PersonUsage(
            person_id=each,
            name=names.get(each, ""),
            minutes=seconds.get(each, 0.0) / 60,
            jobs=jobs.get(each, 0),
            models=models.get(each, 0),
            disk_mb=sizes.get(each, 0.0) / _MB,
        )
        for each in ids
    ]
    return sorted(rows, key=lambda row: (-row.minutes, -row.disk_mb, row.person_id))


def _queue(work: Work, now_s: float) -> QueueState:
    counts = work.counts(Job, by="status")
    active = work.find(Job, status=ACTIVE)
    running = [job for job in active if job.status.is_with_a_worker]
    waiting = [job for job in active if job.status is JobStatus.QUEUED]
    owners = Counter(job.owner_id for job in running)
    trainings = [job for job in running if job.kind is JobKind.TRAINING]
    return QueueState(
        by_status={status.value: counts.get(status.value, 0) for status in JobStatus},
        running=tuple(running),
        waiting=tuple(in_turn(waiting, owners)),
        oldest_wait_s=max((now_s - job.created_at_s for job in waiting), default=0.0),
        steps_per_s=sum(float(job.report.get("steps_per_s") or 0.0) for job in trainings),
    )


def _versions(store: Store) -> dict[str, str]:
    found = {"racecraft": version("racecraft"), "Python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found | {"database": store.database, "tables": NEWEST}
