"""The list of races as cards."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.interfaces.web.frame import heading, page_head
from racecraft.interfaces.web.pages.races.looks import (
    RANKINGS,
    state_line,
    track_picture,
)
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.widgets.buttons import button, link_button
from racecraft.interfaces.web.widgets.cards import grid
from racecraft.interfaces.web.widgets.dialogs import dialog
from racecraft.interfaces.web.widgets.fields import About, TextField
from racecraft.interfaces.web.widgets.notices import empty_state
from racecraft.service.events.joining import leads_to_event
from racecraft.service.races.boards import list_races
from racecraft.service.races.race import RaceState
from racecraft.service.track_choices import track_words

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Visit
    from racecraft.service.races.boards import RaceView

_GROUPS = (
    (RaceState.OPEN, "Open races"),
    (RaceState.UPCOMING, "Upcoming races"),
    (RaceState.CLOSED, "Races that are over"),
)


async def races(visit: Visit) -> None:
    """All races that one may see."""
    with page_head(visit, info="community-races"):
        button("Use a race link", partial(_ask_link, visit), icon="ticket")
        link_button("Create race", "/races/create", kind="primary", icon="plus")
    found = await visit.run(lambda asking: list_races(asking.store, asking.actor))
    if not found:
        with empty_state(
            "No races yet",
            "Here will stand every race that you arrange or come into. Arrange one for your "
            "friends, or paste the link that somebody gave you.",
        ):
            button("Use a race link", partial(_ask_link, visit))
            link_button("Create race", "/races/create", kind="primary", icon="plus")
        return
    for state, title in _GROUPS:
        views = [view for view in found if view.state is state]
        if views:
            heading(title)
            with grid("cols-2 races"):
                for view in views:
                    _card(view)


def _card(view: RaceView) -> None:
    race = view.race
    racers = "1 racer" if view.racers == 1 else f"{view.racers} racers"
    with tag("article", "panel race-card", aria_label=race.name):
        with tag("div", "race-card-words"):
            with tag("h3"):
                tag("a", text=race.name, href=f"/races/{race.id}")
            state_line(view)
            tag("p", "dim", f"{racers} · {track_words(race.rules.track)}")
            tag("p", "dim", f"{RANKINGS[race.rules.ranking]} · {race.rules.race.summary}")
            if race.description:
                tag("p", "race-story", race.description)
            with tag("div", "actions"):
                link_button("View race", f"/races/{race.id}")
                if view.state is RaceState.OPEN:
                    link_button("Enter race", f"/races/{race.id}/enter", kind="primary")
        track_picture(race.rules)


def _ask_link(visit: Visit) -> None:
    with dialog("Come into a race") as made:
        about = About(
            "Race link or code",
            "The whole link, or the code at its end; of a race, or of an event with its races.",
        )
        field = TextField(about, autocomplete="off")

        async def go() -> None:
            code = str(field.value).strip().rstrip("/").rsplit("/", 1)[-1][:100]
            if not code:
                field.show_error("Paste the link that the organiser gave you.")
                return
            is_event = await visit.run(lambda asking: leads_to_event(asking.store, code))
            ui.navigate.to(f"/{'events' if is_event else 'races'}/link/{code}")

        with made.foot:
            button("Cancel", made.close, kind="quiet")
            button("Come in", go, kind="primary")
