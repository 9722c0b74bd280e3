"""One race: its facts and rules, how one stands, the board, and what its organiser does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.domain.episode import format_lap_time
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.pages.races.limits import limit_column, limit_rows
from racecraft.interfaces.web.pages.races.looks import (
    road_banner,
    rule_rows,
    state_line,
    track_picture,
)
from racecraft.interfaces.web.pages.races.managing import manage
from racecraft.interfaces.web.pages.races.own import (
    own_standing,
    own_submissions,
    tell_end,
    waiting_banner,
    watch_link,
)
from racecraft.interfaces.web.pages.races.results import results_panel
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.times import moment, moment_text
from racecraft.interfaces.web.widgets.buttons import link_button
from racecraft.interfaces.web.widgets.cards import facts, grid, panel
from racecraft.interfaces.web.widgets.columns import Column
from racecraft.interfaces.web.widgets.tables import Table, TableLook
from racecraft.service.limits import known_limit
from racecraft.service.races.boards import (
    BoardRow,
    OwnCard,
    RaceView,
    list_submissions,
    view_board,
    view_own,
    view_race,
)
from racecraft.service.races.live.stage import is_shown_live
from racecraft.service.races.race import RaceState, Submission
from racecraft.service.races.roads import road_note

if TYPE_CHECKING:
    from racecraft.domain.limit import FastestLap
    from racecraft.interfaces.web.visit import Asking, Visit

LOOKS_S = 2.0
"""How often an open page looks for new standings."""


@dataclass(frozen=True)
class _Now:
    """Everything that changes while the page is open."""

    view: RaceView
    rows: list[BoardRow]
    card: OwnCard
    submissions: list[Submission]
    is_live: bool
    limit: FastestLap | None
    """What is physically possible on its track, if that is known."""
    road_note: str


async def race(visit: Visit) -> None:
    """One race with its board."""
    race_id = visit.params["race_id"]
    now = await visit.run(lambda asking: _load(asking, race_id))
    race, view = now.view.race, now.view
    with page_head(visit, race.name, info="a-race", trail=[("Races", "/races")]):
        if view.is_mine:
            manage(visit, view)
        if now.is_live:
            link_button("Live race", f"/races/{race.id}/live", icon="play")
        if view.state is RaceState.OPEN:
            link_button("Enter race", f"/races/{race.id}/enter", kind="primary", icon="flag")
    road_banner(now.road_note)
    waiting = tag("div", "maybe")
    with grid("race-top"):
        _details(now)
        own = tag("div")
    table = _board(visit, now)
    results_panel(visit, f"/api/races/{race.id}/results", has_heats=now.is_live)
    mine = tag("div", "maybe")

    def draw(found: _Now) -> None:
        for place in (waiting, own, mine):
            place.clear()
        with waiting:
            waiting_banner(found.view.race, found.card.latest)
        with own:
            own_standing(found.card)
        with mine:
            own_submissions(found.submissions)

    draw(now)

    async def look() -> None:
        nonlocal now
        found = await visit.run(lambda asking: _load(asking, race_id))
        if _told(found) == _told(now):
            return
        if _frame(found) != _frame(now):
            ui.navigate.reload()
            return
        tell_end(visit, now.card.latest, found.card.latest)
        now = found
        table.show(found.rows)
        draw(found)

    ui.timer(LOOKS_S, look, immediate=False)


def _load(asking: Asking, race_id: str) -> _Now:
    store, actor = asking.store, asking.actor
    rows = view_board(store, actor, race_id)
    view = view_race(store, actor, race_id)
    race = view.race
    return _Now(
        view=view,
        rows=rows,
        card=view_own(store, actor, race_id),
        submissions=list_submissions(store, actor, race_id),
        is_live=is_shown_live(store, actor, race_id),
        limit=known_limit(asking.settings, race.rules.track),
        road_note=road_note(asking.settings, race.rules.track, race.track_sha256),
    )


def _told(now: _Now) -> object:
    """What the page shows of it, to see whether anything is new."""
    return now.rows, [(each.id, each.status) for each in now.submissions], _frame(now)


def _frame(now: _Now) -> object:
    """What the page as a whole follows from, its buttons and banners too."""
    return now.view.state, now.road_note, now.is_live


def _details(now: _Now) -> None:
    view = now.view
    race = view.race
    with panel("Race details", info="a-race"):
        state_line(view)
        if race.description:
            tag("p", text=race.description)
        with tag("div", "race-facts"):
            with tag("div"):
                with tag("dl", "facts"):
                    for name, time_s in (("Starts", race.starts_at_s), ("Ends", race.ends_at_s)):
                        with tag("div"):
                            tag("dt", text=name)
                            with tag("dd"):
                                moment(time_s)
                facts([*rule_rows(race.rules, race.max_submissions), *limit_rows(now.limit)])
            track_picture(race.rules, has_line=now.limit is not None)


def _board(visit: Visit, now: _Now) -> Table[BoardRow]:
    look = TableLook(
        "board",
        "Leaderboard",
        info="the-leaderboard",
        sorted_by="rank",
        finds="Find a racer",
        nothing="Nobody is ranked yet. Be the first.",
    )
    columns = _columns(now.view.race.id, visit.me.id)
    table = Table(visit, look, columns, row_id=lambda row: row.submission_id)
    table.show(now.rows)
    return table


def _columns(race_id: str, me: str) -> tuple[Column[BoardRow], ...]:
    return (
        Column(
            "rank",
            "Rank",
            lambda row: str(row.rank),
            order=lambda row: row.rank,
            draw=lambda row: tag("span", f"rank place-{row.rank}", str(row.rank)),
        ),
        Column(
            "racer",
            "Racer",
            lambda row: row.racer,
            draw=lambda row: tag("strong" if row.racer_id == me else "span", text=row.racer),
        ),
        Column(
            "time",
            "Time",
            lambda row: format_lap_time(row.time_ms),
            order=lambda row: row.time_ms,
            is_number=True,
        ),
        Column(
            "gap",
            "Gap to 1st",
            lambda row: f"+{format_lap_time(row.gap_ms)}" if row.gap_ms else "–",
            order=lambda row: row.gap_ms,
            is_number=True,
        ),
        limit_column(),
        Column(
            "off",
            "Off-track",
            lambda row: str(row.off_tracks),
            order=lambda row: row.off_tracks,
            is_number=True,
        ),
        Column(
            "replay",
            "Replay",
            lambda row: "Watch",
            draw=lambda row: watch_link(race_id, row.submission_id, row.racer),
        ),
        Column("model", "Model", lambda row: row.model_name),
        Column(
            "when",
            "Submitted",
            lambda row: moment_text(row.submitted_at_s),
            order=lambda row: row.submitted_at_s,
            draw=lambda row: moment(row.submitted_at_s),
        ),
    )
