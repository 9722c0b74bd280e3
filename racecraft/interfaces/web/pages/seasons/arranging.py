"""Making a season, and changing one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nicegui import ui

from racecraft.domain.errors import Forbidden, InvalidInput, RacecraftError
from racecraft.domain.season import USUAL_POINTS
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.tags import tag, words
from racecraft.interfaces.web.widgets.buttons import button, link_button
from racecraft.interfaces.web.widgets.cards import panel
from racecraft.interfaces.web.widgets.fields import About, NumberField, TextField, TickField
from racecraft.service.people.person import search_people
from racecraft.service.races.boards import list_races
from racecraft.service.seasons.season import Season, change_season, start_season
from racecraft.service.seasons.tables import view_season

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Asking, Visit
    from racecraft.service.races.race import Race


@dataclass(frozen=True)
class _Known:
    """Races and people that can be chosen."""

    races: list[Race]
    people: dict[str, str]
    """Ids by racer name, in small letters."""
    names: dict[str, str]
    """Names by id."""


async def arrange(visit: Visit) -> None:
    """A new season."""
    with page_head(visit, info="seasons", trail=[("Seasons", "/seasons")]):
        pass
    known = await visit.run(_load)
    _Form(visit, known, None, "").build()


async def edit(visit: Visit) -> None:
    """Changes to a season."""
    season_id = visit.params["season_id"]
    view = await visit.run(lambda asking: view_season(asking.store, asking.actor, season_id))
    if not view.is_mine:
        raise Forbidden("Only the organiser of the season can change it.")
    season = view.season
    trail = [("Seasons", "/seasons"), (season.name, f"/seasons/{season_id}")]
    with page_head(visit, info="seasons", trail=trail):
        pass
    known = await visit.run(_load)
    names = known.names
    lines = [
        f"{each.name}: {', '.join(names.get(person, person) for person in each.person_ids)}"
        for each in season.divisions
    ]
    _Form(visit, known, season, "\n".join(lines)).build()


def _load(asking: Asking) -> _Known:
    races = [view.race for view in list_races(asking.store, asking.actor) if view.is_mine]
    people = search_people(asking.store, asking.actor, limit=10_000)
    return _Known(
        races,
        {person.name_key: person.id for person in people},
        {person.id: person.name for person in people},
    )


class _Form:
    """The fields of a season."""

    def __init__(self, visit: Visit, known: _Known, season: Season | None, divisions: str) -> None:
        self._visit, self._known, self._season = visit, known, season
        self._first_divisions = divisions

    def build(self) -> None:
        """Make the fields and the buttons."""
        season = self._season
        with tag("div", "form-column"):
            with panel("The season", info="seasons"):
                about = About("Name", "1 to 64 characters.")
                self._name = TextField(about, season.name if season else "", maxlength=64)
                about = About("Description", is_optional=True)
                story = season.description if season else ""
                self._description = TextField(about, story, lines=2, maxlength=500)
            with panel("Races", info="seasons"):
                chosen = season.race_ids if season else ()
                if not self._known.races:
                    tag("p", "dim", "You have no races yet; create them first.")
                races = sorted(self._known.races, key=lambda race: race.starts_at_s)
                self._ticks = {race.id: TickField(race.name, race.id in chosen) for race in races}
            self._about_points()
            self._error = words("p", "", "form-error", role="alert")
            with tag("div", "actions"):
                link_button(
                    "Cancel", f"/seasons/{season.id}" if season else "/seasons", kind="quiet"
                )
                verb = "Save season" if season else "Create season"
                button(verb, self._send, kind="primary")

    def _about_points(self) -> None:
        season = self._season
        with panel("Points and divisions", info="standings"):
            about = About("Points", "For the first place, the second, and so on, with commas.")
            points = ", ".join(str(each) for each in (season.points if season else USUAL_POINTS))
            self._points = TextField(about, points)
            about = About("Results that count", "The best so many of each racer; 0 for all.")
            self._counted = NumberField(about, season.counted if season else 0, min=0, max=100)
            about = About(
                "Divisions",
                "A line each: Rookies: ada, bob. Who is in none is in the division Open.",
                is_optional=True,
            )
            self._divisions = TextField(about, self._first_divisions, lines=4)

    async def _send(self) -> None:
        self._error.text = ""
        try:
            wish = self._wish()
            season = await self._visit.run(lambda asking: self._keep(asking, wish))
        except RacecraftError as error:
            self._error.text = str(error)
            return
        ui.navigate.to(f"/seasons/{season.id}")

    def _keep(self, asking: Asking, wish: dict[str, Any]) -> Season:
        if self._season is None:
            return start_season(asking.store, asking.actor, wish)
        return change_season(asking.store, asking.actor, self._season.id, wish)

    def _wish(self) -> dict[str, Any]:
        """The fields as the service wants them.

        Raises:
            InvalidInput: points are no numbers, or a name in a division is not known.
        """
        words = [each for each in re.split(r"[\s,;]+", str(self._points.value)) if each]
        if not words or not all(each.isdecimal() for each in words):
            raise InvalidInput("Write the points as whole numbers with commas: 25, 18, 15.")
        return {
            "name": str(self._name.value).strip(),
            "description": str(self._description.value).strip(),
            "race_ids": [race_id for race_id, tick in self._ticks.items() if tick.value],
            "points": [int(each) for each in words],
            "counted": int(self._counted.value or 0),
            "divisions": [
                self._division(line)
                for line in str(self._divisions.value).splitlines()
                if line.strip()
            ],
        }

    def _division(self, line: str) -> dict[str, Any]:
        name, _, rest = line.partition(":")
        racers = [each for each in re.split(r"[\s,;]+", rest) if each]
        unknown = [each for each in racers if each.casefold() not in self._known.people]
        if unknown:
            raise InvalidInput(f"There is no racer {unknown[0]!r}; look at the page People.")
        ids = [self._known.people[each.casefold()] for each in racers]
        return {"name": name.strip(), "person_ids": ids}
