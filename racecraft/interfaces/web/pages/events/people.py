"""People at an event, for its organiser: rename, ban, let in again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.domain.errors import RacecraftError
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.times import moment, moment_text
from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.widgets.buttons import button, enable
from racecraft.interfaces.web.widgets.cards import panel
from racecraft.interfaces.web.widgets.dialogs import confirm, dialog
from racecraft.interfaces.web.widgets.fields import About, TextField
from racecraft.interfaces.web.widgets.notices import badge
from racecraft.interfaces.web.widgets.tables import Column, Table, TableLook
from racecraft.service.events.moderating import (
    AttendantView,
    ban,
    list_attendants,
    rename_racer,
)

if TYPE_CHECKING:
    from nicegui.element import Element

    from racecraft.interfaces.web.visit import Visit
    from racecraft.service.events.organising import EventView

_COLUMNS: tuple[Column[AttendantView], ...] = (
    Column("name", "Racer", lambda row: row.name),
    Column(
        "joined",
        "Came in",
        lambda row: moment_text(row.joined_at_s),
        order=lambda row: row.joined_at_s,
        draw=lambda row: moment(row.joined_at_s),
    ),
    Column(
        "submissions",
        "Submissions",
        lambda row: str(row.submissions),
        order=lambda row: row.submissions,
        is_number=True,
    ),
    Column(
        "state",
        "State",
        lambda row: "Banned" if row.is_banned else "In",
        draw=lambda row: badge(
            "Banned" if row.is_banned else "In", "bad" if row.is_banned else "good"
        ),
    ),
)


def people_table(visit: Visit, view: EventView, people: list[AttendantView]) -> None:
    """Everybody at the event, and what can be done with one of them."""
    event_id = view.event.id

    def load() -> object:
        return visit.run(lambda asking: list_attendants(asking.store, asking.actor, event_id))

    acts: list[Element] = []

    def select(row: AttendantView | None) -> None:
        for act in acts:
            enable(act, row is not None)

    with panel("Order at the event", info="order"):
        tag("p", "dim", "Choose somebody below.")
        with tag("div", "actions start"):
            acts.append(button("Rename", lambda: _rename(visit, table), is_enabled=False))
            acts.append(
                button(
                    "Ban or let in",
                    lambda: _ask_ban(visit, event_id, table),
                    kind="danger",
                    is_enabled=False,
                )
            )
    look = TableLook(
        "attendants",
        "People",
        finds="Find a racer",
        selects=True,
        nothing="Nobody has come in yet; show them the link.",
    )
    table: Table[AttendantView] = Table(
        visit,
        look,
        _COLUMNS,
        row_id=lambda row: row.person_id,
        load=load,  # type: ignore[arg-type]
        on_select=select,
    )
    table.show(people)


def _rename(visit: Visit, table: Table[AttendantView]) -> None:
    chosen = table.selected
    if chosen is None:
        return
    with dialog(f"Rename {chosen.name}") as asked:
        about = About("New racer name", "Boards show it at once; they sign in with it from now on.")
        field = TextField(about, chosen.name, maxlength=40)

        async def save() -> None:
            name = str(field.value).strip()
            try:
                await visit.run(
                    lambda asking: rename_racer(asking.store, asking.actor, chosen.person_id, name)
                )
            except RacecraftError as error:
                field.show_error(str(error))
                field.focus()
                return
            asked.close()
            await table.refresh()
            say(visit, f"{chosen.name} is called {name} from now on.")

        with asked.foot:
            button("Cancel", asked.close, kind="quiet")
            button("Rename", save, kind="primary")


def _ask_ban(visit: Visit, event_id: str, table: Table[AttendantView]) -> None:
    chosen = table.selected
    if chosen is None:
        return

    async def do() -> None:
        await visit.run(
            lambda asking: ban(
                asking.store,
                asking.actor,
                event_id,
                chosen.person_id,
                is_banned=not chosen.is_banned,
            )
        )
        await table.refresh()

    if chosen.is_banned:
        confirm(
            f"Let {chosen.name} in again?",
            "Their results count again.",
            "Let in",
            do,
            kind="primary",
        )
        return
    confirm(
        f"Ban {chosen.name}?",
        "They see neither the event nor its races any more, and their results leave the boards. "
        "Models and account stay.",
        "Ban",
        do,
    )
