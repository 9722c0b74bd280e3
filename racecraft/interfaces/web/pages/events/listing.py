"""The list of events as cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.times import moment
from racecraft.interfaces.web.widgets.buttons import link_button
from racecraft.interfaces.web.widgets.cards import grid
from racecraft.interfaces.web.widgets.notices import badge, empty_state
from racecraft.service.access import Operation
from racecraft.service.events.organising import EventView, list_events

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Visit


async def events(visit: Visit) -> None:
    """All events that one is in or manages."""
    may_organise = visit.me.actor.may(Operation.MANAGE_EVENTS)
    with page_head(visit, info="events"):
        if may_organise:
            link_button("Create event", "/events/create", kind="primary", icon="plus")
    found = await visit.run(lambda asking: list_events(asking.store, asking.actor))
    if not found:
        text = (
            "An event gathers races and people under one link: a workshop, a class, an evening."
            if may_organise
            else "You are at no event. Open the link or scan the picture that its organiser shows."
        )
        with empty_state("No events yet", text):
            if may_organise:
                link_button("Create event", "/events/create", kind="primary", icon="plus")
        return
    with grid("cols-2"):
        for view in found:
            _card(view)


def _card(view: EventView) -> None:
    event = view.event
    with tag("article", "panel", aria_label=event.name):
        with tag("h2"):
            tag("a", text=event.name, href=f"/events/{event.id}")
        with tag("div", "badges"):
            state_badge(view)
            people = "1 person" if view.people == 1 else f"{view.people} people"
            races = "1 race" if len(view.races) == 1 else f"{len(view.races)} races"
            tag("span", "dim", f"{people} · {races}")
        with tag("p", "dim"):
            moment(event.starts_at_s)
            tag("span", text=" to ")
            moment(event.ends_at_s)
        if event.description:
            tag("p", "race-story", event.description)
        with tag("div", "actions start"):
            link_button("View event", f"/events/{event.id}")
            if view.is_mine:
                link_button("Hand-out", f"/events/{event.id}/handout", kind="quiet")


def state_badge(view: EventView) -> None:
    """Whether people can come in."""
    badge("Open" if view.is_open else "Closed", "good" if view.is_open else "")
