"""The list of somebody's models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.times import megabytes, moment, moment_text
from racecraft.interfaces.web.widgets.buttons import link_button
from racecraft.interfaces.web.widgets.notices import badge, empty_state
from racecraft.interfaces.web.widgets.tables import Column, Table, TableLook
from racecraft.service.collection import ModelFilter, ModelView, list_models
from racecraft.service.upkeep import reconcile

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Asking, Visit

_KINDS = {"READY": "good", "ERROR": "bad", "CREATED": ""}
_COLUMNS: tuple[Column[ModelView], ...] = (
    Column("name", "Name", lambda row: row.model.name, draw=lambda row: _name(row)),
    Column("description", "Description", lambda row: row.model.description),
    Column("status", "Status", lambda row: row.status, draw=lambda row: _status(row)),
    Column("algorithm", "Algorithm", lambda row: row.model.algorithm),
    Column("sensors", "Sensors", lambda row: ", ".join(_words(s) for s in row.model.sensors)),
    Column(
        "created",
        "Created",
        lambda row: moment_text(row.model.created_at_s),
        order=lambda row: row.model.created_at_s,
        draw=lambda row: moment(row.model.created_at_s),
    ),
    Column(
        "size",
        "Size",
        lambda row: megabytes(row.model.size_bytes),
        order=lambda row: row.model.size_bytes,
        is_number=True,
    ),
)


async def models(visit: Visit) -> None:
    """All of one's models in a table."""
    with page_head(visit, info="your-models"):
        link_button("Create model", "/models/create", kind="primary", icon="plus")
    rows = await visit.run(_load)
    if not rows:
        with empty_state(
            "No models yet",
            "Here will stand every model that you train, with its status and size. The first one "
            "takes about a minute.",
        ):
            link_button("Create model", "/models/create", kind="primary", icon="plus")
        return

    async def again() -> list[ModelView]:
        return await visit.run(_load)

    look = TableLook(
        "models", "Models", sorted_by="created", is_descending=True, finds="Find a model"
    )
    table = Table(visit, look, _COLUMNS, row_id=lambda row: row.model.id, load=again)
    table.show(rows)


def _load(asking: Asking) -> list[ModelView]:
    store, settings, actor = asking.store, asking.settings, asking.actor
    reconcile(store, settings, actor.person_id)
    found, _ = list_models(store, actor, ModelFilter(limit=500))
    return found


def _name(row: ModelView) -> None:
    tag("a", text=row.model.name, href=f"/models/{row.model.id}")


def _status(row: ModelView) -> None:
    badge(_words(row.status), _KINDS.get(row.status, "busy"))


def _words(value: str) -> str:
    return value.replace("_", " ").capitalize()
