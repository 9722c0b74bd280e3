"""Rows of the tables about queue, machines and people."""

from __future__ import annotations

from dataclasses import dataclass

from racecraft.domain.job import JobStatus
from racecraft.interfaces.web.names import spelt
from racecraft.interfaces.web.times import moment, moment_text
from racecraft.interfaces.web.widgets.columns import Column
from racecraft.interfaces.web.widgets.notices import badge
from racecraft.service.jobs.job import Job
from racecraft.service.jobs.nodes import Node, WorkerToken
from racecraft.service.operations import Overview, PersonUsage

_GB = 1000.0
_NOBODY = "(deleted)"


@dataclass(frozen=True)
class QueueRow:
    """A job that waits or runs."""

    job: Job
    place: int
    """In the queue, from 1; 0 if it runs."""
    person: str
    since_s: float
    """Since when it runs, or waits, in seconds until now."""


@dataclass(frozen=True)
class MachineRow:
    """A machine that runs jobs."""

    node: Node
    jobs: int
    is_there: bool


def queue_rows(overview: Overview, names: dict[str, str]) -> list[QueueRow]:
    """What runs, and then what waits, the next one first."""

    def row(job: Job, place: int) -> QueueRow:
        began_s = job.created_at_s if place else job.started_at_s or job.created_at_s
        person = names.get(job.owner_id) or _NOBODY
        return QueueRow(job, place, person, max(overview.at_s - began_s, 0.0))

    running = [row(job, 0) for job in overview.queue.running]
    return [*running, *(row(job, k) for k, job in enumerate(overview.queue.waiting, start=1))]


def machine_rows(overview: Overview, nodes: list[Node]) -> list[MachineRow]:
    """All machines that were there within a day."""
    running = overview.queue.running
    return [
        MachineRow(node, sum(job.node == node.id for job in running), node.is_there(overview.at_s))
        for node in nodes
    ]


def duration(seconds: float) -> str:
    """A time of waiting or running, in the unit that fits."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def gigabytes(size_mb: float | None) -> str:
    """A size in GB; a dash where nobody knows."""
    return "–" if size_mb is None else f"{size_mb / _GB:.1f} GB"


def _status(row: QueueRow) -> str:
    return f"Waits, number {row.place}" if row.place else spelt(row.job.status.value)


def _status_badge(row: QueueRow) -> None:
    kinds = {JobStatus.QUEUED: "info", JobStatus.STOPPING: "bad"}
    badge(_status(row), kinds.get(row.job.status, "busy"))


def _presence(row: MachineRow) -> str:
    return "Here" if row.is_there else "Gone"


QUEUE: tuple[Column[QueueRow], ...] = (
    Column("model", "Model", lambda row: row.job.model_name),
    Column("person", "Racer", lambda row: row.person),
    Column("kind", "What", lambda row: spelt(row.job.kind.value)),
    Column(
        "status",
        "Status",
        _status,
        order=lambda row: row.place,
        draw=lambda row: _status_badge(row),
    ),
    Column(
        "since",
        "For",
        lambda row: duration(row.since_s),
        order=lambda row: row.since_s,
        is_number=True,
    ),
    Column("machine", "Machine", lambda row: row.job.node or "–"),
    Column(
        "attempts",
        "Workers lost",
        lambda row: str(max(row.job.attempts - (row.place == 0), 0)),
        is_number=True,
        is_shown=False,
    ),
)
MACHINES: tuple[Column[MachineRow], ...] = (
    Column("machine", "Machine", lambda row: row.node.id),
    Column(
        "presence",
        "State",
        _presence,
        draw=lambda row: badge(_presence(row), "good" if row.is_there else ""),
        depends=lambda row: row.is_there,
    ),
    Column(
        "jobs",
        "Jobs",
        lambda row: f"{row.jobs} of {row.node.facts.slots}",
        order=lambda row: row.jobs,
        is_number=True,
    ),
    Column(
        "load",
        "Load of cores",
        lambda row: f"{row.node.facts.load or 0.0:.1f} of {row.node.facts.cores}",
        order=lambda row: row.node.facts.load or 0.0,
        is_number=True,
    ),
    Column(
        "memory",
        "Free memory",
        lambda row: gigabytes(row.node.facts.memory_free_mb),
        order=lambda row: row.node.facts.memory_free_mb or 0.0,
        is_number=True,
    ),
    Column(
        "disk",
        "Free disk",
        lambda row: gigabytes(row.node.facts.disk_free_mb),
        order=lambda row: row.node.facts.disk_free_mb or 0.0,
        is_number=True,
    ),
    Column("version", "Version", lambda row: row.node.facts.racecraft),
    Column("token", "Token", lambda row: row.node.token_name or "–", is_shown=False),
)
PEOPLE: tuple[Column[PersonUsage], ...] = (
    Column("name", "Racer", lambda row: row.name or _NOBODY),
    Column(
        "minutes",
        "Minutes this month",
        lambda row: f"{row.minutes:.0f}",
        order=lambda row: row.minutes,
        is_number=True,
    ),
    Column("jobs", "Jobs", lambda row: str(row.jobs), order=lambda row: row.jobs, is_number=True),
    Column(
        "models",
        "Models",
        lambda row: str(row.models),
        order=lambda row: row.models,
        is_number=True,
    ),
    Column(
        "disk",
        "Disk",
        lambda row: f"{row.disk_mb:.0f} MB",
        order=lambda row: row.disk_mb,
        is_number=True,
    ),
)
TOKENS: tuple[Column[WorkerToken], ...] = (
    Column("name", "Name", lambda row: row.name),
    Column(
        "made",
        "Made",
        lambda row: moment_text(row.created_at_s),
        order=lambda row: row.created_at_s,
        draw=lambda row: moment(row.created_at_s),
    ),
)
