"""Letting other machines take jobs: their tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.domain.errors import InvalidInput
from racecraft.interfaces.web.links import link_to, warn_of_own_name
from racecraft.interfaces.web.pages.operations.tables import TOKENS
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.widgets.buttons import button, enable
from racecraft.interfaces.web.widgets.dialogs import confirm, dialog
from racecraft.interfaces.web.widgets.fields import About, TextField
from racecraft.interfaces.web.widgets.tables import Table, TableLook
from racecraft.service.jobs.nodes import (
    WorkerToken,
    list_worker_tokens,
    make_worker_token,
    revoke_worker_token,
)

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Visit


async def tokens(visit: Visit) -> None:
    """A table of them, with what can be done about them."""

    def select(row: WorkerToken | None) -> None:
        enable(revoke, row is not None)

    look = TableLook(
        "worker-tokens",
        "Worker tokens",
        info="worker-tokens",
        nothing="No other machine may take jobs. Make a token to let one.",
        finds="Find a token",
        selects=True,
    )
    table: Table[WorkerToken] = Table(
        visit,
        look,
        TOKENS,
        row_id=lambda row: row.id,
        load=lambda: visit.run(lambda asking: list_worker_tokens(asking.store, asking.actor)),
        on_select=select,
    )
    with tag("div", "actions"):
        button("Make a worker token", lambda: _ask_new(visit, table), icon="plus")
        revoke = button(
            "Revoke token", lambda: _ask_revoke(visit, table), kind="danger", is_enabled=False
        )
    await table.refresh()


def _ask_new(visit: Visit, table: Table[WorkerToken]) -> None:
    with dialog("Let a machine take jobs") as asked:
        name = TextField(About("Name", "To know it by, such as the machine's name."), maxlength=64)

        async def make() -> None:
            try:
                _, secret = await visit.run(
                    lambda asking: make_worker_token(asking.store, asking.actor, name.value)
                )
            except InvalidInput as error:
                name.show_error(str(error))
                name.focus()
                return
            asked.close()
            await table.refresh()
            _show(visit, secret)

        with asked.foot:
            button("Cancel", asked.close, kind="quiet")
            button("Make token", make, kind="primary")


def _show(visit: Visit, secret: str) -> None:
    address = link_to(visit, "")
    with dialog("Worker token", is_wide=True) as shown:
        warn_of_own_name(visit)
        tag("p", text="It is shown this once. On the other machine, where racecraft is installed:")
        lines = f"export RACECRAFT_TOKEN={secret}\nracecraft worker --server {address}"
        tag("pre", "code-block", lines, tabindex="0", role="region", aria_label="Commands")
        with shown.foot:
            button("Close", shown.close, kind="primary")


def _ask_revoke(visit: Visit, table: Table[WorkerToken]) -> None:
    row = table.selected
    if row is None:
        return

    async def revoke() -> None:
        await visit.run(lambda asking: revoke_worker_token(asking.store, asking.actor, row.id))
        await table.refresh()
        say(visit, f"The token {row.name} was revoked.")

    confirm(
        f"Revoke {row.name}?",
        "Machines that show it get no more jobs. Those that they have they may end.",
        "Revoke",
        revoke,
    )
