"""What admins do with one person: role, quota, recovery code, locking out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from racecraft.interfaces.web.names import spelt
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.widgets.buttons import button
from racecraft.interfaces.web.widgets.dialogs import confirm, dialog
from racecraft.interfaces.web.widgets.fields import NumberField, Tile, TilesField
from racecraft.interfaces.web.widgets.from_document import About, about_field
from racecraft.service.access import Role
from racecraft.service.people.administration import (
    renew_recovery_code,
    set_active,
    set_limits,
    set_role,
)
from racecraft.service.quota_limits import Limits

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Visit
    from racecraft.service.people.person import Person

ROLES = {
    Role.RACER: "Builds, trains and races models of their own.",
    Role.ORGANISER: "Also runs races, invites racers, and sees their models.",
    Role.ADMIN: "Also changes roles, quotas, settings, and everybody's models.",
}


class PeopleActions:
    """The actions, for one opened page."""

    def __init__(self, visit: Visit, after: Callable[[], Awaitable[None]]) -> None:
        """Make them; `after` shows the page anew once something was changed."""
        self._visit, self._after = visit, after

    def ask_role(self, person: Person | None) -> None:
        """Ask which role somebody is to have."""
        if person is None:
            return
        with dialog(f"Role of {person.name}") as asked:
            tiles = [Tile(role.value, spelt(role.value), text) for role, text in ROLES.items()]
            field = TilesField("Role", tiles, person.role.value)

            async def save() -> None:
                asked.close()
                role = Role(field.value)
                await self._visit.run(
                    lambda asking: set_role(asking.store, asking.actor, person.id, role)
                )
                await self._done(f"{person.name} is now {spelt(role.value).lower()}.")

            with asked.foot:
                button("Cancel", asked.close, kind="quiet")
                button("Save role", save, kind="primary")

    def ask_quota(self, person: Person | None) -> None:
        """Ask how much somebody may use."""
        if person is None:
            return
        with dialog(f"Quota of {person.name}") as asked:
            tag("p", "dim", "An empty field is no limit.")
            fields = quota_fields(person.limits)

            async def save() -> None:
                asked.close()
                limits = {name: field.value for name, field in fields.items()}
                await self._visit.run(
                    lambda asking: set_limits(asking.store, asking.actor, person.id, limits)
                )
                await self._done(f"The quota of {person.name} was changed.")

            with asked.foot:
                button("Cancel", asked.close, kind="quiet")
                button("Save quota", save, kind="primary")

    def ask_code(self, person: Person | None) -> None:
        """Make a new recovery code, and show it once."""
        if person is None:
            return

        async def renew() -> None:
            code = await self._visit.run(
                lambda asking: renew_recovery_code(asking.store, asking.actor, person.id)
            )
            with dialog(f"Recovery code of {person.name}") as shown:
                tag("p", text="Give it to them in person; it is shown this once.")
                tag("p", "code-words", code)
                with shown.foot:
                    button("Close", shown.close)

        confirm(
            f"New recovery code for {person.name}?",
            "The old one is worth nothing from then on. Whoever has the new one can sign in as "
            "them.",
            "Make code",
            renew,
            kind="primary",
        )

    def ask_lock(self, person: Person | None) -> None:
        """Lock somebody out, or let them in again."""
        if person is None:
            return

        async def turn() -> None:
            await self._visit.run(
                lambda asking: set_active(
                    asking.store, asking.actor, person.id, is_active=not person.is_active
                )
            )
            word = "locked out" if person.is_active else "let in again"
            await self._done(f"{person.name} was {word}.")

        if person.is_active:
            text = "They are signed out everywhere and cannot sign in. Their models stay."
            confirm(f"Lock {person.name} out?", text, "Lock out", turn)
        else:
            text = "They can sign in again with their password or recovery code."
            confirm(f"Let {person.name} in again?", text, "Let in", turn, kind="primary")

    async def _done(self, text: str) -> None:
        await self._after()
        say(self._visit, text)


def quota_fields(limits: Limits) -> dict[str, NumberField]:
    """A field for each limit."""
    units = {"minutes_per_month": "minutes", "disk_mb": "MB"}
    labels = {
        "minutes_per_month": "Computing a month",
        "models": "Models",
        "jobs": "Jobs at once",
        "disk_mb": "Disk",
    }
    return {
        name: NumberField(
            About(labels[name], about_field(Limits, name).help),
            getattr(limits, name),
            unit=units.get(name, ""),
            min=0,
        )
        for name in Limits.model_fields
    }
