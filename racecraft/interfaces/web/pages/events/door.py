"""The door of an event: in with an account, or with a name alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.domain.errors import SignInNeeded
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.pages.signing_in import Box, door_form
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.times import moment
from racecraft.interfaces.web.widgets.buttons import button
from racecraft.interfaces.web.widgets.cards import panel
from racecraft.service.events.joining import Doorstep, come_into_event, look_in
from racecraft.service.people.person import view_person

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Asking, Visit


async def door(visit: Visit) -> None:
    """What the link of an event shows to everybody."""
    link = visit.params["event_link"]
    found = await visit.look(lambda store: look_in(store, link))
    name = await _who(visit)
    with tag("div", "door"):
        with page_head(visit, found.name):
            pass
        if found.description:
            tag("p", text=found.description)
        with tag("p", "dim"):
            moment(found.starts_at_s)
            tag("span", text=" to ")
            moment(found.ends_at_s)
        if name is not None:
            _come_in(visit, link, name)
        elif found.is_open:
            _new(found, link)
        else:
            tag("p", "strong", "Nobody can come in at the moment.")
        _timetable(found)


async def _who(visit: Visit) -> str | None:
    """Who is signed in in this browser, if anybody."""

    def read(asking: Asking) -> str:
        return view_person(asking.store, asking.actor, asking.actor.person_id).name

    try:
        return await visit.run(read)
    except SignInNeeded:
        return None


def _come_in(visit: Visit, link: str, name: str) -> None:
    async def go() -> None:
        event = await visit.run(lambda asking: come_into_event(asking.store, asking.actor, link))
        ui.navigate.to(f"/events/{event.id}")

    with panel(f"You are {name}"):
        tag("p", text="You come into all races of the event at once.")
        with tag("div", "actions"):
            button("Come in", go, kind="primary")


def _new(found: Doorstep, link: str) -> None:
    rule = "2 to 40 letters, digits, hyphens and underscores; it stays for good."
    if found.racer_name_hint:
        rule = f"{rule} Rule here: {found.racer_name_hint}"
    tag("p", "dim", "No password, no e-mail. Pick a racer name and go.")
    boxes = (Box("name", "Racer name", help=rule, auto="username"),)
    fixed = json.dumps({"invitation": link})
    door_form("/api/register", boxes, "Come in", f"/events/{found.id}", fixed=fixed)
    with tag("ul", "door-links"), tag("li"):
        tag("a", text="I have an account", href=f"/sign-in?next=/events/link/{link}")


def _timetable(found: Doorstep) -> None:
    if not found.timetable:
        return
    with panel("Timetable"), tag("ol", "timetable"):
        for slot in found.timetable:
            with tag("li"):
                moment(slot.at_s)
                tag("span", text=slot.what)
