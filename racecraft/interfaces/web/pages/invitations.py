"""Invitations: links, codes and QR pictures that let people register."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING

from racecraft.domain.errors import InvalidInput
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.links import link_to, warn_of_own_name
from racecraft.interfaces.web.names import spelt
from racecraft.interfaces.web.pages.people_actions import ROLES
from racecraft.interfaces.web.tags import picture, tag
from racecraft.interfaces.web.times import moment, moment_text
from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.widgets.buttons import button, enable
from racecraft.interfaces.web.widgets.columns import Column
from racecraft.interfaces.web.widgets.dialogs import confirm, dialog
from racecraft.interfaces.web.widgets.fields import About, ChoiceField, NumberField, TextField
from racecraft.interfaces.web.widgets.notices import badge
from racecraft.interfaces.web.widgets.tables import Table, TableLook
from racecraft.service.access import Operation, Role
from racecraft.service.people.invitations import (
    MOST_HEADS,
    Invitation,
    invite,
    list_invitations,
    revoke_invitation,
)

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Visit

_COLUMNS: tuple[Column[Invitation], ...] = (
    Column("code", "Code", lambda row: row.code, draw=lambda row: tag("code", text=row.code)),
    Column("note", "Note", lambda row: row.note),
    Column("role", "Lets in as", lambda row: spelt(row.role.value)),
    Column("used", "Used", lambda row: f"{row.used} of {row.heads}", is_number=True),
    Column(
        "ends",
        "Ends",
        lambda row: moment_text(row.expires_at_s) if row.expires_at_s else "",
        order=lambda row: row.expires_at_s or float("inf"),
        draw=lambda row: moment(row.expires_at_s) if row.expires_at_s else tag("span", text="–"),
    ),
    Column("state", "State", lambda row: _state(row), draw=lambda row: _state_badge(row)),
)
_DAY_H = 24


async def invitations(visit: Visit) -> None:
    """All invitations, in a table."""
    with page_head(visit, info="invitations"):
        show = button("Show link and QR", lambda: _show(visit, table.selected), is_enabled=False)
        stop = button("Revoke", lambda: _ask_revoke(visit, table), kind="danger", is_enabled=False)
        button("Invite", lambda: _ask_new(visit, table), kind="primary", icon="plus")

    def select(row: Invitation | None) -> None:
        for each in (show, stop):
            enable(each, row is not None)

    look = TableLook(
        "invitations",
        "Invitations",
        nothing="No invitations yet; make one and send its link, or hang its QR picture on the "
        "wall.",
        finds="Find by code or note",
        selects=True,
    )
    table: Table[Invitation] = Table(
        visit,
        look,
        _COLUMNS,
        row_id=lambda row: row.id,
        load=lambda: visit.run(lambda asking: list_invitations(asking.store, asking.actor)),
        on_select=select,
    )
    await table.refresh()


def _state(row: Invitation) -> str:
    if row.is_open(time.time()):
        return "Open"
    return "Used up" if row.used >= row.heads else "Over"


def _state_badge(row: Invitation) -> None:
    badge(_state(row), "good" if row.is_open(time.time()) else "")


def _ask_new(visit: Visit, table: Table[Invitation]) -> None:
    with dialog("Invite people") as asked:
        heads = NumberField(
            About("Heads", f"How many people it lets in: 1 to {MOST_HEADS}."), 30, min=1
        )
        days = NumberField(
            About("Ends after", "Up to 365 days; empty for no end."), 7, unit="days", min=0
        )
        roles = ROLES if visit.me.actor.may(Operation.SET_ROLE) else [Role.RACER]
        role = ChoiceField(
            "Lets in as", {each.value: spelt(each.value) for each in roles}, Role.RACER.value
        )
        note = TextField(
            About("Note", "For yourself: which class, which event.", is_optional=True),
            maxlength=200,
        )

        async def make() -> None:
            hours = None if days.value is None else days.value * _DAY_H
            try:
                made = await visit.run(
                    lambda asking: invite(
                        asking.store,
                        asking.actor,
                        role=Role(role.value),
                        heads=int(heads.value or 0),
                        hours=hours,
                        note=note.value,
                    )
                )
            except InvalidInput as error:
                field = heads if "people" in str(error) else days
                field.show_error(str(error))
                field.focus()
                return
            asked.close()
            await table.refresh()
            _show(visit, made)

        with asked.foot:
            button("Cancel", asked.close, kind="quiet")
            button("Make invitation", make, kind="primary")


def _show(visit: Visit, invitation: Invitation | None) -> None:
    if invitation is None:
        return
    link = link_to(visit, f"/register#{invitation.code}")
    with dialog("Invitation") as shown:
        warn_of_own_name(visit)
        picture(_qr(link), "QR picture of the link", "qr")
        tag("p", "code-words", invitation.code)
        tag("p", text="Who opens this link registers with the code filled in:")
        tag("p", "link-text", link)
        with shown.foot:
            button("Close", shown.close)


def _qr(link: str) -> str:
    import segno

    drawn = io.BytesIO()
    segno.make(link, micro=False).save(
        drawn, kind="svg", scale=6, border=3, xmldecl=False, light="#ffffff", svgclass=None
    )
    return drawn.getvalue().decode()


def _ask_revoke(visit: Visit, table: Table[Invitation]) -> None:
    chosen = table.selected
    if chosen is None:
        return

    async def revoke() -> None:
        await visit.run(lambda asking: revoke_invitation(asking.store, asking.actor, chosen.id))
        await table.refresh()
        say(visit, f"The invitation {chosen.code} lets nobody else in.")

    confirm(
        f"Revoke {chosen.code}?",
        "Nobody else can register with it. Who is in stays in.",
        "Revoke invitation",
        revoke,
    )
