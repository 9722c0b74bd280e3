"""The list of somebody's models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.names import sensor_names, spelt
from racecraft.interfaces.web.pages.model_actions import ModelActions
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.times import megabytes, moment, moment_text
from racecraft.interfaces.web.widgets.buttons import actions_menu, button, enable, link_button
from racecraft.interfaces.web.widgets.columns import Column
from racecraft.interfaces.web.widgets.notices import badge, empty_state
from racecraft.interfaces.web.widgets.tables import Table, TableLook
from racecraft.service.collection import ModelFilter, ModelView, list_models
from racecraft.service.model_records import ModelState
from racecraft.service.samples import give_samples
from racecraft.service.track_choices import track_words
from racecraft.service.upkeep import reconcile

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Asking, Visit

LOOK_S = 3.0
"""How often the list looks for news."""
_KINDS = {"READY": "good", "ERROR": "bad", "CREATED": "", "QUEUED": "info"}
_COLUMNS: tuple[Column[ModelView], ...] = (
    Column(
        "name",
        "Name",
        lambda row: row.model.name,
        draw=lambda row: _name(row),
        depends=lambda row: (row.model.is_sample, row.model.was_imported),
    ),
    Column("description", "Description", lambda row: row.model.description),
    Column(
        "status",
        "Status",
        lambda row: spelt(row.status),
        draw=lambda row: _status(row),
        depends=lambda row: row.model.problem,
    ),
    Column("algorithm", "Algorithm", lambda row: row.model.algorithm),
    Column("sensors", "Sensors", lambda row: sensor_names(row.model.sensors)),
    Column(
        "tracks",
        "Track",
        lambda row: " · ".join(map(track_words, row.model.tracks[:3])),
        is_shown=False,
    ),
    Column("tags", "Tags", lambda row: ", ".join(row.model.tags), is_shown=False),
    Column(
        "created",
        "Created",
        lambda row: moment_text(row.model.created_at_s),
        order=lambda row: row.model.created_at_s,
        draw=lambda row: moment(row.model.created_at_s),
        depends=lambda row: row.model.created_at_s,
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
    """All of one's models in a table, with what can be done to one of them."""
    await _List(visit).make()


class _List:
    """The table and the buttons that act on its chosen row."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._actions = ModelActions(visit, self._again)
        self._known: list[tuple[str, int, str]] = []

    async def make(self) -> None:
        """The page."""
        with page_head(self._visit, info="your-models"):
            button("Recently deleted", self._actions.ask_deleted, kind="quiet", icon="trash")
            _, self._entries = actions_menu(
                "Actions",
                [
                    ("Clone", lambda: self._actions.clone(self._chosen()), ""),
                    ("Download", lambda: self._actions.ask_download(self._chosen()), ""),
                    ("Rename or describe", lambda: self._actions.ask_rename(self._chosen()), ""),
                    ("Delete", lambda: self._actions.ask_delete(self._chosen()), "danger"),
                ],
                is_enabled=False,
            )
            link_button("Import model", "/models/import", icon="upload")
            link_button("Create model", "/models/create", kind="primary", icon="plus")
        self._place = tag("div", "list-place")
        look = TableLook(
            "models",
            "Models",
            info="statuses",
            sorted_by="created",
            is_descending=True,
            finds="Find a model",
            selects=True,
        )
        with self._place:
            self._table = Table(
                self._visit,
                look,
                _COLUMNS,
                row_id=lambda row: row.model.id,
                load=lambda: self._visit.run(_load),
                on_select=self._select,
            )
        self._empty = tag("div")
        with self._empty:
            _nothing()
        self._show(await self._visit.run(_load))
        ui.timer(LOOK_S, self._look_for_news)

    async def _again(self) -> None:
        self._show(await self._visit.run(_load))

    async def _look_for_news(self) -> None:
        rows = await self._visit.run(_read)
        if _facts(rows) != self._known:
            self._show(rows)

    def _show(self, rows: Sequence[ModelView]) -> None:
        self._known = _facts(rows)
        for place, is_there in ((self._place, bool(rows)), (self._empty, not rows)):
            place.props["hidden"] = not is_there
            place.update()
        self._table.show(rows)

    def _select(self, row: ModelView | None) -> None:
        for entry in self._entries:
            enable(entry, row is not None)
        if row is not None:
            for entry in self._entries[:2]:
                enable(entry, row.model.state is ModelState.READY)

    def _chosen(self) -> ModelView:
        assert self._table.selected is not None
        return self._table.selected


def _load(asking: Asking) -> list[ModelView]:
    give_samples(asking.store, asking.settings, asking.actor.person_id)
    reconcile(asking.store, asking.settings, asking.actor.person_id)
    return _read(asking)


def _read(asking: Asking) -> list[ModelView]:
    found, _ = list_models(asking.store, asking.actor, ModelFilter(limit=500))
    return found


def _facts(rows: Sequence[ModelView]) -> list[tuple[str, int, str]]:
    """What of the rows can change while somebody looks."""
    return [(row.model.id, row.model.version, row.status) for row in rows]


def _nothing() -> None:
    with empty_state(
        "No models yet",
        "Every model that you train will stand here, with its status and size. The first one "
        "takes about a minute.",
    ):
        link_button("Create model", "/models/create", kind="primary", icon="plus")
        link_button("Import model", "/models/import", icon="upload")
        link_button("Get started", "/")


def _name(row: ModelView) -> None:
    with tag("span", "named"):
        tag("a", text=row.model.name, href=f"/models/{row.model.id}")
        if row.model.is_sample:
            badge("Sample", "info")
        if row.model.was_imported:
            badge("Imported")


def _status(row: ModelView) -> None:
    made = badge(spelt(row.status), _KINDS.get(row.status, "busy"))
    if row.model.problem:
        made.props["title"] = row.model.problem
