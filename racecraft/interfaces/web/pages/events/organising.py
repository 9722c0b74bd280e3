"""Making an event, and changing one: a form of four parts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from nicegui import ui

from racecraft.domain.errors import Forbidden, RacecraftError
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.pages.events.timetable import TimetableField
from racecraft.interfaces.web.pages.people_actions import quota_fields
from racecraft.interfaces.web.tags import tag, words
from racecraft.interfaces.web.widgets.buttons import button, link_button
from racecraft.interfaces.web.widgets.cards import panel
from racecraft.interfaces.web.widgets.fields import (
    About,
    ChoiceField,
    Field,
    NumberField,
    TextField,
    TickField,
)
from racecraft.interfaces.web.widgets.moments import MomentField
from racecraft.service.events.event import Event
from racecraft.service.events.organising import change_event, organise_event, view_event
from racecraft.service.instance import read_instance
from racecraft.service.quota_limits import Limits
from racecraft.service.races.boards import list_races

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Asking, Visit
    from racecraft.service.races.race import Race

DAY_S = 86_400.0


async def organise(visit: Visit) -> None:
    """A new event."""
    with page_head(visit, info="organising-an-event", trail=[("Events", "/events")]):
        pass
    races, limits = await visit.run(_load)
    _Form(visit, races, limits, None).build()


async def edit(visit: Visit) -> None:
    """Changes to an event."""
    event_id = visit.params["event_id"]
    view = await visit.run(lambda asking: view_event(asking.store, asking.actor, event_id))
    if not view.is_mine:
        raise Forbidden("Only the organiser of the event can change it.")
    trail = [("Events", "/events"), (view.event.name, f"/events/{event_id}")]
    with page_head(visit, info="organising-an-event", trail=trail):
        pass
    races, limits = await visit.run(_load)
    _Form(visit, races, limits, view.event).build()


def _load(asking: Asking) -> tuple[list[Race], Limits]:
    """The races that can be part of it, and the usual quota."""
    found = [view.race for view in list_races(asking.store, asking.actor) if view.is_mine]
    with asking.store.look() as work:
        return found, read_instance(work).new_person


class _Form:
    """The fields of an event, and what they say together."""

    def __init__(
        self, visit: Visit, races: list[Race], limits: Limits, event: Event | None
    ) -> None:
        self._visit, self._races, self._event = visit, races, event
        self._limits = event.limits if event else limits
        self._fields: dict[str, Field] = {}

    def build(self) -> None:
        """Make the fields and the buttons."""
        with tag("div", "form-column"):
            self._about()
            self._races_of_it()
            self._people()
            with panel("Timetable", info="organising-an-event"):
                begins_s = self._fields["starts_at_s"].value
                slots = self._event.timetable if self._event else ()
                self._timetable = TimetableField(slots, begins_s)
            self._error = words("p", "", "form-error", role="alert")
            with tag("div", "actions"):
                back = f"/events/{self._event.id}" if self._event else "/events"
                link_button("Cancel", back, kind="quiet")
                button("Save event" if self._event else "Create event", self._send, kind="primary")

    def _about(self) -> None:
        event, add = self._event, self._fields
        soon_s = time.time() // 3600.0 * 3600.0
        with panel("The event", info="organising-an-event"):
            about = About("Name", "1 to 64 characters.")
            add["name"] = TextField(about, event.name if event else "", maxlength=64)
            about = About("Description", "For everybody, up to 500 characters.", is_optional=True)
            story = event.description if event else ""
            add["description"] = TextField(about, story, lines=3, maxlength=500)
            zone = "In your own time zone; people come in from start to end."
            with tag("div", "field-row"):
                starts_s = event.starts_at_s if event else soon_s
                add["starts_at_s"] = MomentField(About("Start", zone), starts_s)
                ends_s = event.ends_at_s if event else soon_s + DAY_S
                add["ends_at_s"] = MomentField(About("End", zone), ends_s)

    def _races_of_it(self) -> None:
        event = self._event
        chosen = event.race_ids if event else ()
        order = {race_id: place for place, race_id in enumerate(chosen)}
        races = sorted(self._races, key=lambda race: order.get(race.id, len(order)))
        with panel("Races", info="organising-an-event"):
            if not races:
                tag("p", "dim", "You have no races yet. Create them first, or add them later.")
            self._ticks = {race.id: TickField(race.name, race.id in order) for race in races}
            names = {"": "None", **{race.id: race.name for race in races}}
            practice = event.practice_race_id if event else ""
            practice = practice if practice in names else ""
            about = About("Race for practice", "Stands first on the hand-out.")
            self._fields["practice_race_id"] = ChoiceField(about, names, practice)

    def _people(self) -> None:
        event, add = self._event, self._fields
        with panel("People", info="organising-an-event"):
            about = About("Heads", "New people whom the link lets in, at most.")
            add["heads"] = NumberField(about, event.heads if event else 60, min=1, max=10_000)
            about = About(
                "Rule for names", "A regular expression that new names must match.", None, True
            )
            pattern = event.racer_name_pattern if event else ""
            add["racer_name_pattern"] = TextField(
                about,
                pattern,
                maxlength=200,
                spellcheck="false",
                placeholder="[A-Z][a-z]+-[0-9]{2}",
            )
            about = About("The rule in words", "Told to people who come in.", None, True)
            hint = event.racer_name_hint if event else ""
            add["racer_name_hint"] = TextField(about, hint, maxlength=200)
            tag("p", "field-label", "Quota of each new person (an empty field is no limit)")
            with tag("div", "field-row"):
                self._quota = quota_fields(self._limits)

    async def _send(self) -> None:
        self._error.text = ""
        name = self._fields["name"]
        if not str(name.value).strip():
            name.show_error("Give the event a name of 1 to 64 characters.")
            name.focus()
            return
        empty = [f for f in ("starts_at_s", "ends_at_s", "heads") if self._fields[f].value is None]
        if empty or not self._timetable.is_whole():
            self._error.text = "Choose whole dates and times, and write numbers in number fields."
            return
        wish = self._wish()
        try:
            event = await self._visit.run(lambda asking: self._keep(asking, wish))
        except RacecraftError as error:
            self._error.text = str(error)
            return
        ui.navigate.to(f"/events/{event.id}")

    def _keep(self, asking: Asking, wish: dict[str, Any]) -> Event:
        if self._event is None:
            return organise_event(asking.store, asking.actor, wish)
        return change_event(asking.store, asking.actor, self._event.id, wish)

    def _wish(self) -> dict[str, Any]:
        """The fields as the service wants them."""
        wish = {name: field.value for name, field in self._fields.items()}
        wish["heads"] = int(wish["heads"])
        wish["race_ids"] = [race_id for race_id, tick in self._ticks.items() if tick.value]
        wish["limits"] = {name: field.value for name, field in self._quota.items()}
        wish["timetable"] = self._timetable.value
        return wish
