"""The list of seasons, and the standings of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.domain.season import SeasonRow
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.pages.seasons.correcting import (
    ask_correction,
    corrections,
    signed,
)
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.widgets.buttons import button, link_button
from racecraft.interfaces.web.widgets.cards import grid, panel, scrolled
from racecraft.interfaces.web.widgets.dialogs import confirm
from racecraft.interfaces.web.widgets.notices import empty_state
from racecraft.service.access import Operation
from racecraft.service.races.race import RaceState
from racecraft.service.seasons.season import delete_season, list_seasons
from racecraft.service.seasons.tables import DivisionTable, SeasonView, view_season

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Visit


async def seasons(visit: Visit) -> None:
    """All seasons that one may see."""
    may_organise = visit.me.actor.may(Operation.MANAGE_EVENTS)
    with page_head(visit, info="seasons"):
        if may_organise:
            link_button("Create season", "/seasons/create", kind="primary", icon="plus")
    found = await visit.run(lambda asking: list_seasons(asking.store, asking.actor))
    if not found:
        with empty_state(
            "No seasons yet",
            "A season adds up points over several races. It stands here for everybody who has come "
            "into one of them.",
        ):
            if may_organise:
                link_button("Create season", "/seasons/create", kind="primary", icon="plus")
        return
    with grid("cols-2"):
        for season in found:
            with tag("article", "panel", aria_label=season.name):
                with tag("h2"):
                    tag("a", text=season.name, href=f"/seasons/{season.id}")
                races = len(season.race_ids)
                tag("p", "dim", "1 race" if races == 1 else f"{races} races")
                if season.description:
                    tag("p", "race-story", season.description)


async def season(visit: Visit) -> None:
    """The standings of a season."""
    season_id = visit.params["season_id"]
    view = await visit.run(lambda asking: view_season(asking.store, asking.actor, season_id))
    with page_head(visit, view.season.name, info="standings", trail=[("Seasons", "/seasons")]):
        if view.is_mine:
            if view.divisions:
                button("Correct points", lambda: ask_correction(visit, view), icon="flag")
            link_button("Edit season", f"/seasons/{season_id}/edit", icon="edit")
            button("Delete season", lambda: _ask_delete(visit, season_id), kind="danger")
    if view.season.description:
        tag("p", text=view.season.description)
    if not view.divisions:
        with panel("Standings"):
            tag("p", "dim", "No race of this season is over yet; points come when one is.")
    for table in view.divisions:
        _division(visit, view, table)
    corrections(visit, view)
    with grid("cols-2"):
        _races(view)
        _rules(view)


def _division(visit: Visit, view: SeasonView, table: DivisionTable) -> None:
    only = len(view.divisions) == 1 and not view.season.divisions
    title = "Standings" if only else f"Division {table.name}"
    over = [race for race in view.races if race.state is RaceState.CLOSED]
    is_corrected = any(row.correction for row in table.rows)
    head = ["Rank", "Racer", "Points", "Wins", "Podiums", *(["By hand"] if is_corrected else [])]
    titles = [*head, *(race.name for race in over)]
    with panel(title, info="standings"), scrolled(f"Table: {title}"), tag("table", "table"):
        with tag("thead"), tag("tr"):
            for text in titles:
                tag("th", text=text, scope="col")
        with tag("tbody"):
            for row in table.rows:
                with tag("tr"):
                    _row(visit, view, row, is_corrected=is_corrected)
                    _scores(row, {race.id: race.name for race in over})


def _row(visit: Visit, view: SeasonView, row: SeasonRow, *, is_corrected: bool) -> None:
    with tag("th", scope="row", data_label="Rank"):
        tag("span", f"rank place-{row.rank}", str(row.rank))
    with tag("td", data_label="Racer"):
        is_me = row.racer_id == visit.me.id
        tag("strong" if is_me else "span", text=view.names[row.racer_id])
    with tag("td", data_label="Points"):
        tag("strong", text=str(row.points))
    tag("td", text=str(row.wins), data_label="Wins")
    tag("td", text=str(row.podiums), data_label="Podiums")
    if is_corrected:
        given = signed(row.correction) if row.correction else "–"
        tag("td", text=given, data_label="By hand")


def _scores(row: SeasonRow, races: dict[str, str]) -> None:
    """What each race brought, by the name of the race."""
    for race_id, name in races.items():
        score = row.scores.get(race_id)
        text = "–" if score is None else f"{score.points} ({_ordinal(score.rank)})"
        if score is not None and not score.is_counted:
            text = f"[{text}]"
        tag("td", text=text, data_label=name)


def _ordinal(rank: int) -> str:
    ending = (
        "th" if rank % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    )
    return f"{rank}{ending}"


def _races(view: SeasonView) -> None:
    states = {
        RaceState.UPCOMING: "not begun",
        RaceState.OPEN: "under way: no points yet",
        RaceState.CLOSED: "over",
    }
    with panel("Races"), tag("ol", "timetable"):
        for race in view.races:
            with tag("li"):
                tag("a", text=race.name, href=f"/races/{race.id}")
                tag("span", "dim", states[race.state])


def _rules(view: SeasonView) -> None:
    season = view.season
    with panel("Points", info="standings"):
        with tag("ol", "points"):
            for points in season.points:
                tag("li", text=f"{points} points")
        if season.counted:
            tag(
                "p",
                text=f"The best {season.counted} results of each racer count; others stand in "
                "brackets.",
            )
        tag(
            "p",
            "dim",
            "Equal points: more wins, then more second places, and so on; then the better place in "
            "the latest race.",
        )


def _ask_delete(visit: Visit, season_id: str) -> None:
    async def do() -> None:
        await visit.run(lambda asking: delete_season(asking.store, asking.actor, season_id))
        ui.navigate.to("/seasons")

    confirm(
        "Delete this season?",
        "Its standings are gone. The races and their boards stay.",
        "Delete season",
        do,
    )
