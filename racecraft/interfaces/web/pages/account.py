"""One's own account: password, browsers that are signed in, keys for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.domain.errors import InvalidInput
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.pages.signing_in import Box, door_form
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.times import moment, moment_text
from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.widgets.buttons import button, enable
from racecraft.interfaces.web.widgets.cards import panel
from racecraft.interfaces.web.widgets.columns import Column
from racecraft.interfaces.web.widgets.dialogs import confirm, dialog
from racecraft.interfaces.web.widgets.fields import About, NumberField, TextField, TickField
from racecraft.interfaces.web.widgets.tables import Table, TableLook
from racecraft.service.access import Role, Scope
from racecraft.service.people.api_tokens import ApiToken, list_tokens, make_token, revoke_token
from racecraft.service.people.sessions import Session, list_sessions, revoke_session

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Visit

_SCOPES = {
    Scope.READ: "Look at models, jobs and races.",
    Scope.WRITE: "Make, train, change and delete models.",
    Scope.ADMIN: "Do what your role may do with people and settings.",
}
_TOKENS: tuple[Column[ApiToken], ...] = (
    Column("name", "Name", lambda row: row.name),
    Column("scopes", "May", lambda row: ", ".join(row.scopes)),
    Column(
        "made",
        "Made",
        lambda row: moment_text(row.created_at_s),
        order=lambda row: row.created_at_s,
        draw=lambda row: moment(row.created_at_s),
    ),
    Column(
        "ends",
        "Ends",
        lambda row: moment_text(row.expires_at_s) if row.expires_at_s else "never",
        order=lambda row: row.expires_at_s or float("inf"),
    ),
)
_SESSIONS: tuple[Column[Session], ...] = (
    Column("browser", "Browser", lambda row: row.browser[:80] or "unknown"),
    Column(
        "since",
        "Signed in",
        lambda row: moment_text(row.created_at_s),
        order=lambda row: row.created_at_s,
        draw=lambda row: moment(row.created_at_s),
    ),
)


async def account(visit: Visit) -> None:
    """Everything about getting in."""
    with page_head(visit, info="account"):
        pass
    await _tokens(visit)
    await _sessions(visit)
    if visit.here.is_hosted:
        with tag("div", "account-password"), panel("Password", info="password"):
            old = Box("old", "Old password", "password", auto="current-password", is_needed=False)
            new = Box("new", "New password", "password", "At least 8 characters.", "new-password")
            door_form("/api/password", (old, new), "Change password", "/account")


async def _tokens(visit: Visit) -> None:
    def select(row: ApiToken | None) -> None:
        enable(stop, row is not None)

    look = TableLook(
        "tokens",
        "API tokens",
        info="api-tokens",
        finds="Find a token",
        nothing="No tokens yet. A program shows one instead of a password.",
        selects=True,
    )
    table: Table[ApiToken] = Table(
        visit,
        look,
        _TOKENS,
        row_id=lambda row: row.id,
        load=lambda: visit.run(lambda asking: list_tokens(asking.store, asking.actor)),
        on_select=select,
    )

    async def revoke() -> None:
        chosen = table.selected
        if chosen is not None:
            await visit.run(lambda asking: revoke_token(asking.store, asking.actor, chosen.id))
            await table.refresh()
            say(visit, f"The token {chosen.name!r} is worth nothing any more.")

    with tag("div", "actions"):
        button("Make token", lambda: _ask_token(visit, table), kind="primary", icon="plus")
        stop = button(
            "Revoke token",
            lambda: confirm(
                "Revoke this token?", "Programs that show it are refused.", "Revoke", revoke
            ),
            kind="danger",
            is_enabled=False,
        )
    await table.refresh()


def _ask_token(visit: Visit, table: Table[ApiToken]) -> None:
    with dialog("Make an API token") as asked:
        name = TextField(About("Name", "What it is for: notebook, build server."), maxlength=64)
        tag("p", "field-label", "It may")
        ticks = {
            scope: TickField(About(scope.value.capitalize(), text), scope is Scope.READ)
            for scope, text in _SCOPES.items()
            if scope is not Scope.ADMIN or visit.me.role is not Role.RACER
        }
        days = NumberField(
            About("Ends after", "Up to 3650 days; empty for no end."), 90, unit="days", min=1
        )

        async def make() -> None:
            scopes = tuple(scope for scope, tick in ticks.items() if tick.value)
            try:
                token, secret = await visit.run(
                    lambda asking: make_token(
                        asking.store, asking.actor, name.value, scopes, days=days.value
                    )
                )
            except InvalidInput as error:
                name.show_error(str(error))
                name.focus()
                return
            asked.close()
            await table.refresh()
            with dialog(f"Token {token.name}") as shown:
                tag("p", text="Copy it now: it is shown this once.")
                tag("p", "link-text", secret)
                with shown.foot:
                    button("Close", shown.close, kind="primary")

        with asked.foot:
            button("Cancel", asked.close, kind="quiet")
            button("Make token", make, kind="primary")


async def _sessions(visit: Visit) -> None:
    def select(row: Session | None) -> None:
        enable(stop, row is not None)

    look = TableLook(
        "sessions",
        "Browsers signed in",
        info="browsers",
        sorted_by="since",
        is_descending=True,
        finds="Find a browser",
        nothing="No browser is signed in.",
        selects=True,
    )
    table: Table[Session] = Table(
        visit,
        look,
        _SESSIONS,
        row_id=lambda row: row.id,
        load=lambda: visit.run(lambda asking: list_sessions(asking.store, asking.actor)),
        on_select=select,
    )

    async def out() -> None:
        chosen = table.selected
        if chosen is not None:
            await visit.run(lambda asking: revoke_session(asking.store, asking.actor, chosen.id))
            await table.refresh()
            say(visit, "That browser is signed out.")

    with tag("div", "actions"):
        stop = button("Sign that browser out", out, kind="danger", is_enabled=False)
    await table.refresh()
