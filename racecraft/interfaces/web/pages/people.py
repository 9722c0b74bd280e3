"""People of the installation: looked for by organisers, changed by admins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.interfaces.web.avatars import avatar_svg
from racecraft.interfaces.web.countries import country_name
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.names import spelt
from racecraft.interfaces.web.pages.people_actions import PeopleActions
from racecraft.interfaces.web.tags import drawing, tag
from racecraft.interfaces.web.times import moment, moment_text
from racecraft.interfaces.web.widgets.buttons import actions_menu, enable, link_button
from racecraft.interfaces.web.widgets.columns import Column
from racecraft.interfaces.web.widgets.notices import badge
from racecraft.interfaces.web.widgets.tables import Table, TableLook
from racecraft.service.access import Operation
from racecraft.service.people.person import Person, search_people

if TYPE_CHECKING:
    from nicegui.element import Element

    from racecraft.interfaces.web.visit import Asking, Visit

_MOST = 500
_COLUMNS: tuple[Column[Person], ...] = (
    Column("name", "Racer", lambda row: row.name, draw=lambda row: _name(row)),
    Column("role", "Role", lambda row: spelt(row.role.value)),
    Column("country", "Country", lambda row: country_name(row.country)),
    Column(
        "joined",
        "Joined",
        lambda row: moment_text(row.created_at_s),
        order=lambda row: row.created_at_s,
        draw=lambda row: moment(row.created_at_s),
    ),
    Column(
        "access",
        "Access",
        lambda row: "May sign in" if row.is_active else "Locked out",
        draw=lambda row: badge(
            "May sign in" if row.is_active else "Locked out", "good" if row.is_active else "bad"
        ),
    ),
)


async def people(visit: Visit) -> None:
    """Everybody, in a table."""
    is_admin = visit.me.actor.may(Operation.SET_ROLE)
    actions = PeopleActions(visit, lambda: table.refresh())
    entries: list[Element] = []
    with page_head(visit, info="people"):
        link_button("Invitations", "/invitations", icon="ticket")
        if is_admin:
            _, entries = actions_menu(
                "Actions",
                [
                    ("Change role", lambda: actions.ask_role(table.selected), ""),
                    ("Set quota", lambda: actions.ask_quota(table.selected), ""),
                    ("New recovery code", lambda: actions.ask_code(table.selected), ""),
                    ("Lock out or let in", lambda: actions.ask_lock(table.selected), "danger"),
                ],
                is_enabled=False,
            )

    def select(row: Person | None) -> None:
        for entry in entries:
            enable(entry, row is not None)

    look = TableLook("people", "People", finds="Find a racer", selects=is_admin)
    table: Table[Person] = Table(
        visit,
        look,
        _COLUMNS,
        row_id=lambda row: row.id,
        load=lambda: visit.run(_load),
        on_select=select,
    )
    table.show(await visit.run(_load))


def _load(asking: Asking) -> list[Person]:
    return search_people(asking.store, asking.actor, limit=_MOST)


def _name(row: Person) -> None:
    with tag("span", "named"):
        drawing(avatar_svg(row.avatar, 28))
        tag("span", text=row.name)
