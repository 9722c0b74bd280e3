"""What the organiser of a race does on its page: link, racers, end, copy, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from nicegui import ui

from racecraft.interfaces.web.links import link_to, warn_of_own_name
from racecraft.interfaces.web.pages.races.refereeing import show_entered
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.widgets.buttons import actions_menu, button
from racecraft.interfaces.web.widgets.dialogs import confirm, dialog
from racecraft.interfaces.web.widgets.fields import About, TextField
from racecraft.service.races import arranging, deleting
from racecraft.service.races.race import RaceState

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Visit
    from racecraft.service.races.arranging import EntrantView
    from racecraft.service.races.boards import RaceView


def manage(visit: Visit, view: RaceView) -> None:
    """The menu of the organiser."""
    race = view.race
    entries = [
        ("Share link", lambda: _share(visit, race.id, race.link), ""),
        ("Submissions", lambda: show_entered(visit, race.id), ""),
        ("Live race", lambda: ui.navigate.to(f"/races/{race.id}/live"), ""),
        ("Big screen", lambda: ui.navigate.to(f"/races/{race.id}/screen"), ""),
        ("Racers", lambda: _racers(visit, race.id), ""),
        ("Edit race", lambda: ui.navigate.to(f"/races/{race.id}/edit"), ""),
        ("Copy race", lambda: _copy(visit, view), ""),
    ]
    if view.state is not RaceState.CLOSED:
        entries.append(("Close race now", lambda: _close(visit, race.id), "danger"))
    entries.append(("Delete race", lambda: _delete(visit, race.id), "danger"))
    actions_menu("Manage race", entries)


def qr_path(visit: Visit, race_id: str) -> str:
    """Where the QR picture of a race's link is."""
    return f"/api/races/{race_id}/qr?url={quote(_doorstep(visit), safe='')}"


def _doorstep(visit: Visit) -> str:
    """What secret links begin with."""
    return link_to(visit, "/races/link/")


def _share(visit: Visit, race_id: str, link: str) -> None:
    address = f"{_doorstep(visit)}{link}"
    with dialog("Share this race") as made:
        tag("p", text="Whoever has an account here comes in with this link.")
        warn_of_own_name(visit)
        box = TextField(About("Race link"), address, readonly=True)
        tag("img", "qr", src=qr_path(visit, race_id), alt="QR picture of the race link")

        async def renew() -> None:
            made.close()
            race = await visit.run(
                lambda asking: arranging.renew_link(asking.store, asking.actor, race_id)
            )
            say(visit, "The old link leads nowhere any more.")
            _share(visit, race_id, race.link)

        with made.foot:
            button("Make a new link", renew, kind="quiet")
            button("Copy link", lambda: ui.clipboard.write(str(box.value)), kind="primary")


async def _racers(visit: Visit, race_id: str) -> None:
    found = await visit.run(
        lambda asking: arranging.list_entrants(asking.store, asking.actor, race_id)
    )
    with dialog("Racers", is_wide=True):
        if not found:
            tag("p", "dim", "Nobody has come in yet.")
        with tag("ul", "rows"):
            for each in found:
                with tag("li"):
                    _racer(visit, race_id, each)


def _racer(visit: Visit, race_id: str, each: EntrantView) -> None:
    models = "1 submission" if each.submissions == 1 else f"{each.submissions} submissions"
    tag("strong", text=each.name)
    tag("span", "dim", models)
    tag("span", "grow")

    async def turn() -> None:
        await visit.run(
            lambda asking: arranging.shut_out(
                asking.store,
                asking.actor,
                race_id,
                each.person_id,
                is_shut_out=not each.is_shut_out,
            )
        )
        ui.navigate.reload()

    button("Let in again" if each.is_shut_out else "Shut out", turn)


def _close(visit: Visit, race_id: str) -> None:
    async def do() -> None:
        await visit.run(lambda asking: arranging.close_race(asking.store, asking.actor, race_id))
        ui.navigate.reload()

    confirm(
        "Close this race now?",
        "Nobody can enter a model any more. What was entered before is still driven and counts.",
        "Close race",
        do,
    )


def _delete(visit: Visit, race_id: str) -> None:
    async def do() -> None:
        await visit.run(
            lambda asking: deleting.delete_race(
                asking.store, asking.settings, asking.actor, race_id
            )
        )
        ui.navigate.to("/races")

    confirm(
        "Delete this race?",
        "Its board and submissions are gone for good. Models stay with their racers.",
        "Delete race",
        do,
    )


def _copy(visit: Visit, view: RaceView) -> None:
    with dialog("Copy this race") as made:
        about = About("Name of the copy", "It has the same rules and length, and begins now.")
        field = TextField(about, f"{view.race.name} again"[:64], maxlength=64)

        async def do() -> None:
            race = await visit.run(
                lambda asking: arranging.copy_race(
                    asking.store, asking.settings, asking.actor, view.race.id, str(field.value)
                )
            )
            ui.navigate.to(f"/races/{race.id}")

        with made.foot:
            button("Cancel", made.close, kind="quiet")
            button("Copy race", do, kind="primary")
