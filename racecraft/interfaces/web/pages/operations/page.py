"""How the installation is doing: queue, machines, people's usage, disk, versions; for admins."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.pages.operations.tables import (
    MACHINES,
    PEOPLE,
    QUEUE,
    MachineRow,
    QueueRow,
    duration,
    gigabytes,
    machine_rows,
    queue_rows,
)
from racecraft.interfaces.web.pages.operations.tokens import tokens
from racecraft.interfaces.web.tags import Tag, tag, words
from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.widgets.buttons import button, enable
from racecraft.interfaces.web.widgets.cards import facts, panel
from racecraft.interfaces.web.widgets.dialogs import confirm
from racecraft.interfaces.web.widgets.tables import Table, TableLook
from racecraft.service.jobs.asking import stop_job
from racecraft.service.jobs.nodes import Node, list_nodes
from racecraft.service.operations import (
    Overview,
    PersonUsage,
    view_overview,
    view_people_usage,
)

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Asking, Visit

_LOOK_S = 5.0
_FIGURES: tuple[tuple[str, Callable[[Overview], str]], ...] = (
    ("jobs running", lambda now: str(len(now.queue.running))),
    ("jobs waiting", lambda now: str(len(now.queue.waiting))),
    ("longest wait", lambda now: duration(now.queue.oldest_wait_s)),
    ("simulated steps a second", lambda now: f"{now.queue.steps_per_s:,.0f}"),
    ("job slots of all machines", lambda now: str(sum(n.facts.slots for n in now.nodes))),
    ("free on disk", lambda now: gigabytes(now.disk.free_mb)),
    ("taken by models", lambda now: gigabytes(now.disk.models_mb)),
    ("memory of the service", lambda now: f"{now.memory_used_mb:.0f} MB"),
)


async def operations(visit: Visit) -> None:
    """Everything, looked at again every few seconds while the page is open."""
    with page_head(visit, info="operations"):
        stop = button("Stop job", lambda: _ask_stop(visit, queue), kind="danger", is_enabled=False)
    overview, nodes, usage = await visit.run(_read)
    with panel("Now"), tag("div", "figures"):
        figures = [_figure(label, read(overview)) for label, read in _FIGURES]
    queue = _queue_table(visit, lambda row: enable(stop, row is not None))
    look = TableLook("machines", "Machines", info="machines", finds="Find a machine")
    machines: Table[MachineRow] = Table(visit, look, MACHINES, row_id=lambda row: row.node.id)
    people = _people_table(visit)
    await tokens(visit)
    with panel("Versions", info="versions"):
        facts(list(overview.versions.items()))

    async def refresh() -> None:
        show(*await visit.run(_read))

    def show(now: Overview, nodes: list[Node], usage: list[PersonUsage]) -> None:
        for shown, (_, read) in zip(figures, _FIGURES, strict=True):
            shown.text = read(now)
        queue.show(queue_rows(now, {row.person_id: row.name for row in usage}))
        machines.show(machine_rows(now, nodes))
        people.show(usage)

    show(overview, nodes, usage)
    ui.timer(_LOOK_S, refresh)


def _read(asking: Asking) -> tuple[Overview, list[Node], list[PersonUsage]]:
    overview = view_overview(asking.store, asking.settings, asking.actor)
    nodes = list_nodes(asking.store, asking.actor)
    return overview, nodes, view_people_usage(asking.store, asking.actor)


def _figure(label: str, value: str) -> Tag:
    with tag("div", "figure"):
        shown = words("span", value, "figure-value")
        tag("span", "figure-label", label)
    return shown


def _queue_table(visit: Visit, on_select: Callable[[QueueRow | None], None]) -> Table[QueueRow]:
    look = TableLook(
        "queue",
        "Queue",
        info="queue",
        sorted_by="status",
        nothing="Nothing runs and nothing waits.",
        finds="Find a job",
        selects=True,
    )
    return Table(visit, look, QUEUE, row_id=lambda row: row.job.id, on_select=on_select)


def _people_table(visit: Visit) -> Table[PersonUsage]:
    look = TableLook(
        "usage",
        "Usage by racer",
        info="usage",
        sorted_by="minutes",
        is_descending=True,
        nothing="Nobody has used anything yet.",
        finds="Find a racer",
    )
    return Table(visit, look, PEOPLE, row_id=lambda row: row.person_id)


def _ask_stop(visit: Visit, queue: Table[QueueRow]) -> None:
    row = queue.selected
    if row is None:
        return

    async def stop() -> None:
        await visit.run(lambda asking: stop_job(asking.store, asking.actor, row.job.id))
        say(visit, f"The job of {row.job.model_name} was asked to stop.")

    confirm(
        f"Stop the job of {row.job.model_name}?",
        f"It is {row.person}'s. What was learnt so far stays.",
        "Stop job",
        stop,
    )
