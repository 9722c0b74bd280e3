"""The hand-out of an event: one page to be printed, or kept as PDF by the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.domain.errors import Forbidden
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.links import link_to, warn_of_own_name
from racecraft.interfaces.web.pages.events.event import doorstep, qr_path
from racecraft.interfaces.web.pages.races.looks import RANKINGS
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.times import moment
from racecraft.interfaces.web.widgets.buttons import button, link_button
from racecraft.service.events.organising import EventView, view_event
from racecraft.service.samples import sample_folders
from racecraft.service.track_choices import track_words

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Visit

_STEPS = (
    ("Come in", "Scan the picture or type the link. Pick a racer name. Keep the recovery code."),
    (
        "Look around",
        "Open Models. The sample models are ready to race: enter one in the practice "
        "race and watch its lap.",
    ),
    (
        "Train your own",
        "Create a model, choose a preset, start. Watch the reward rise, then evaluate it.",
    ),
    ("Race", "Open the race, choose Enter race and your model. The board keeps your best."),
    ("Take it home", "On the page of the event: Download all of mine."),
)


async def handout(visit: Visit) -> None:
    """Everything that somebody at the event needs, on one page."""
    event_id = visit.params["event_id"]
    view = await visit.run(lambda asking: view_event(asking.store, asking.actor, event_id))
    if not view.is_mine:
        raise Forbidden("Only the organiser of the event has its hand-out.")
    ui.query("body").classes("handout-page")
    trail = [("Events", "/events"), (view.event.name, f"/events/{event_id}")]
    with page_head(visit, view.event.name, info="the-hand-out", trail=trail):
        button("Print or keep as PDF", lambda: ui.run_javascript("window.print()"), kind="primary")
        link_button("View event", f"/events/{event_id}")
    warn_of_own_name(visit)
    with tag("article", "handout panel", aria_label="Hand-out"):
        _head(visit, view)
        with tag("ol", "handout-steps"):
            for title, text in _STEPS:
                with tag("li"):
                    tag("strong", text=title)
                    tag("span", text=text)
        with tag("div", "handout-columns"):
            _races(view)
            _timetable(view)
        _samples()


def _head(visit: Visit, view: EventView) -> None:
    event = view.event
    with tag("div", "handout-head"):
        with tag("div"):
            if event.description:
                tag("p", text=event.description)
            with tag("p"):
                moment(event.starts_at_s)
                tag("span", text=" to ")
                moment(event.ends_at_s)
            tag("p", "field-label", "Open in a browser")
            tag("p", "handout-link", f"{doorstep(visit)}{event.link}")
            tag("p", text=f"Or {link_to(visit, '/join')}, and there the code {event.link}")
            if event.racer_name_hint:
                tag("p", text=f"Racer names: {event.racer_name_hint}")
        tag("img", "qr", src=qr_path(visit, event.id), alt="QR picture of the event link")


def _races(view: EventView) -> None:
    practice = view.event.practice_race_id
    with tag("section", aria_label="Races"):
        tag("h2", text="Races")
        with tag("ul"):
            for race in sorted(view.races, key=lambda race: race.id != practice):
                with tag("li"):
                    tag("strong", text=race.name)
                    if race.id == practice:
                        tag("span", text=" (practice)")
                    rules = race.rules
                    ranking = RANKINGS[rules.ranking].lower()
                    tag("p", "dim", f"{track_words(rules.track)}, {ranking}, {rules.laps} laps")


def _timetable(view: EventView) -> None:
    if not view.event.timetable:
        return
    with tag("section", aria_label="Timetable"):
        tag("h2", text="Timetable")
        with tag("ol", "timetable"):
            for slot in view.event.timetable:
                with tag("li"):
                    moment(slot.at_s)
                    tag("span", text=slot.what)


def _samples() -> None:
    with tag("section", aria_label="Sample models"):
        tag("h2", text="Sample models in everybody's list")
        tag("p", text=", ".join(folder.name for folder in sample_folders()))
