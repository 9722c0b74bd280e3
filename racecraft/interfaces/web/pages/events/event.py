"""One event: timetable, races, results; for its organiser also people and the link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.links import link_to, warn_of_own_name
from racecraft.interfaces.web.pages.events.listing import state_badge
from racecraft.interfaces.web.pages.events.people import people_table
from racecraft.interfaces.web.pages.races.looks import RANKINGS, track_picture
from racecraft.interfaces.web.pages.races.results import results_panel
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.times import moment
from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.widgets.buttons import actions_menu, button, link_button
from racecraft.interfaces.web.widgets.cards import grid, panel
from racecraft.interfaces.web.widgets.dialogs import confirm, dialog
from racecraft.interfaces.web.widgets.fields import About, TextField
from racecraft.service.events.moderating import AttendantView, list_attendants
from racecraft.service.events.organising import (
    EventView,
    delete_event,
    renew_event_link,
    view_event,
)
from racecraft.service.track_choices import track_words

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Asking, Visit
    from racecraft.service.races.race import Race


@dataclass(frozen=True)
class _Shown:
    view: EventView
    people: list[AttendantView]
    """For the organiser only."""


async def event(visit: Visit) -> None:
    """One event."""
    event_id = visit.params["event_id"]
    shown = await visit.run(lambda asking: _load(asking, event_id))
    view = shown.view
    with page_head(visit, view.event.name, info="an-event", trail=[("Events", "/events")]):
        if view.is_mine:
            _manage(visit, view)
            link_button("Course progress", f"/learn/class?event={event_id}", icon="book")
            link_button("Hand-out", f"/events/{event_id}/handout", icon="out")
        link_button("Download all of mine", f"/api/people/{visit.me.id}/archive", icon="download")
    with grid("race-top"):
        _about(view)
        _timetable(view)
    _races(view)
    results_panel(visit, f"/api/events/{event_id}/results")
    if view.is_mine:
        people_table(visit, view, shown.people)


def _load(asking: Asking, event_id: str) -> _Shown:
    view = view_event(asking.store, asking.actor, event_id)
    people = list_attendants(asking.store, asking.actor, event_id) if view.is_mine else []
    return _Shown(view, people)


def _about(view: EventView) -> None:
    event = view.event
    with panel("The event", info="an-event"):
        with tag("div", "badges"):
            state_badge(view)
            tag("span", "dim", "1 person" if view.people == 1 else f"{view.people} people")
        with tag("dl", "facts"):
            for name, time_s in (("Starts", event.starts_at_s), ("Ends", event.ends_at_s)):
                with tag("div"):
                    tag("dt", text=name)
                    with tag("dd"):
                        moment(time_s)
        if event.description:
            tag("p", text=event.description)
        if event.racer_name_hint:
            tag("p", "dim", f"Names here: {event.racer_name_hint}")


def _timetable(view: EventView) -> None:
    with panel("Timetable"):
        if not view.event.timetable:
            tag("p", "dim", "No timetable was written.")
            return
        with tag("ol", "timetable"):
            for slot in view.event.timetable:
                with tag("li"):
                    moment(slot.at_s)
                    tag("span", text=slot.what)


def _races(view: EventView) -> None:
    with panel("Races", info="an-event"):
        if not view.races:
            tag("p", "dim", "No races yet; the organiser adds them.")
            return
        with grid("cols-2 races"):
            for race in view.races:
                _race(view, race)


def _race(view: EventView, race: Race) -> None:
    with tag("article", "race-card", aria_label=race.name):
        with tag("div", "race-card-words"):
            with tag("h3"):
                tag("a", text=race.name, href=f"/races/{race.id}")
            if race.id == view.event.practice_race_id:
                tag("p", "dim", "For practice: nothing here counts for the others.")
            tag("p", "dim", f"{track_words(race.rules.track)} · {RANKINGS[race.rules.ranking]}")
            with tag("p", "dim"):
                tag("span", text="until ")
                moment(race.ends_at_s)
        track_picture(race.rules)


def _manage(visit: Visit, view: EventView) -> None:
    event_id = view.event.id
    actions_menu(
        "Manage event",
        [
            ("Share link", lambda: _share(visit, event_id, view.event.link), ""),
            ("Edit event", lambda: ui.navigate.to(f"/events/{event_id}/edit"), ""),
            ("Delete event", lambda: _delete(visit, event_id), "danger"),
        ],
    )


def doorstep(visit: Visit) -> str:
    """What the links of events begin with."""
    return link_to(visit, "/events/link/")


def _share(visit: Visit, event_id: str, link: str) -> None:
    with dialog("Share this event") as made:
        tag("p", text="Whoever has this link comes in, with an account or with a name alone.")
        warn_of_own_name(visit)
        box = TextField(About("Event link"), f"{doorstep(visit)}{link}", readonly=True)
        tag("img", "qr", src=qr_path(visit, event_id), alt="QR picture of the event link")
        tag("p", text=f"To be typed: {link_to(visit, '/join')}, and there the code {link}.")

        async def renew() -> None:
            made.close()
            event = await visit.run(
                lambda asking: renew_event_link(asking.store, asking.actor, event_id)
            )
            say(visit, "The old link leads nowhere any more.")
            _share(visit, event_id, event.link)

        with made.foot:
            button("Make a new link", renew, kind="quiet")
            button("Copy link", lambda: ui.clipboard.write(str(box.value)), kind="primary")


def qr_path(visit: Visit, event_id: str) -> str:
    """Where the QR picture of an event's link is."""
    from urllib.parse import quote

    return f"/api/events/{event_id}/qr?url={quote(doorstep(visit), safe='')}"


def _delete(visit: Visit, event_id: str) -> None:
    async def do() -> None:
        await visit.run(lambda asking: delete_event(asking.store, asking.actor, event_id))
        ui.navigate.to("/events")

    confirm(
        "Delete this event?",
        "Its link leads nowhere any more. Its races, their boards and all people stay.",
        "Delete event",
        do,
    )
