"""Settings of the installation: names for organisers, everything for admins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from racecraft.domain.errors import InvalidInput
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.pages.people_actions import quota_fields
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.widgets.buttons import button
from racecraft.interfaces.web.widgets.cards import figure, grid, panel
from racecraft.interfaces.web.widgets.fields import About, Field, TextField, Tile, TilesField
from racecraft.interfaces.web.widgets.from_document import number_field
from racecraft.service.access import Operation
from racecraft.service.instance import Instance, Registration, change_instance, read_instance
from racecraft.service.jobs.quotas import view_whole_usage

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Asking, Visit

_REGISTRATIONS = (
    Tile(Registration.INVITATION, "By invitation", "Who has a link, a code or a QR picture."),
    Tile(Registration.OPEN, "Open", "Everybody who reaches this address."),
    Tile(Registration.CLOSED, "Closed", "Nobody new; who is in stays in."),
)


async def settings(visit: Visit) -> None:
    """What this person may set."""
    instance = await visit.run(_read)
    is_admin = visit.me.actor.may(Operation.EDIT_SETTINGS)
    with page_head(visit, info="settings"):
        pass
    if is_admin:
        await _usage(visit)
    with tag("div", "settings"):
        if is_admin:
            _installation(visit, instance)
        _naming(visit, instance)
        if is_admin:
            _quotas(visit, instance)


def _read(asking: Asking) -> Instance:
    with asking.store.look() as work:
        return read_instance(work)


async def _usage(visit: Visit) -> None:
    usage = await visit.run(lambda asking: view_whole_usage(asking.store, asking.actor))
    with panel("Everybody together"), tag("div", "figures"):
        figure(f"{usage.used_minutes:.0f}", "minutes of computing this month")
        figure(f"{usage.planned_minutes:.0f}", "minutes set aside for jobs")
        figure(str(usage.jobs), "jobs waiting or running")
        figure(str(usage.models), "models")
        figure(f"{usage.disk_mb:.0f}", "MB on disk")


def _installation(visit: Visit, instance: Instance) -> None:
    with panel("Installation", info="registration"):
        name = TextField(About("Name", "Shown where people sign in."), instance.name, maxlength=64)
        who = TilesField("Who may register", _REGISTRATIONS, instance.registration.value)
        days = number_field(Instance, "session_days", instance.session_days, unit="days")
        fields: dict[str, Field] = {"name": name, "registration": who, "session_days": days}
        _save_button(visit, fields, lambda: {key: field.value for key, field in fields.items()})


def _naming(visit: Visit, instance: Instance) -> None:
    with panel("Racer names", info="racer-names"):
        pattern = TextField(
            About("Rule", "A regular expression that new names must match.", is_optional=True),
            instance.racer_name_pattern,
            maxlength=200,
            spellcheck="false",
            placeholder="[A-Z][a-z]+-[0-9]{2}",
        )
        hint = TextField(
            About("The rule in words", "Told to people who register.", is_optional=True),
            instance.racer_name_hint,
            maxlength=200,
            placeholder="first name, hyphen, seat number: Ada-07",
        )
        fields: dict[str, Field] = {"racer_name_pattern": pattern, "racer_name_hint": hint}
        _save_button(visit, fields, lambda: {key: field.value for key, field in fields.items()})


def _quotas(visit: Visit, instance: Instance) -> None:
    with grid("cols-2"):
        for key, title, limits in (
            ("new_person", "Quota of a new person", instance.new_person),
            ("whole", "Quota of everybody together", instance.whole),
        ):
            with panel(title, info="quotas"):
                tag("p", "dim", "An empty field is no limit.")
                fields: dict[str, Field] = dict(quota_fields(limits))

                def values(key: str = key, fields: dict[str, Field] = fields) -> dict[str, Any]:
                    return {key: {name: field.value for name, field in fields.items()}}

                _save_button(visit, fields, values)


def _save_button(visit: Visit, fields: dict[str, Field], values: Any) -> None:
    async def save() -> None:
        changes = values()
        try:
            await visit.run(lambda asking: change_instance(asking.store, asking.actor, changes))
        except InvalidInput as error:
            named = (field for key, field in fields.items() if key in str(error))
            field = next(named, next(iter(fields.values())))
            field.show_error(str(error))
            field.focus()
            return
        say(visit, "The settings were saved.")

    with tag("div", "actions"):
        button("Save", save, kind="primary")
