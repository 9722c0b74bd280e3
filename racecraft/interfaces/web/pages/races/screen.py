"""The board for a big screen: readable from ten metres, moving by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.domain.episode import format_lap_time
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.pages.races.looks import (
    RANKINGS,
    state_line,
    track_picture,
    track_words,
)
from racecraft.interfaces.web.pages.races.managing import qr_path
from racecraft.interfaces.web.tags import tag
from racecraft.service.races.boards import BoardRow, RaceView, view_board, view_race

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Asking, Visit

LOOKS_S = 1.0
SHOWN = 15
"""Rows that fit; a new entry further down is shown at the foot."""


async def screen(visit: Visit) -> None:
    """The board alone, large."""
    race_id = visit.params["race_id"]
    view, rows = await visit.run(lambda asking: _load(asking, race_id))
    ui.query("body").classes("big-screen")
    with page_head(visit, view.race.name, info="the-leaderboard", trail=[("Races", "/races")]):
        pass
    with tag("div", "screen"):
        board = tag("div", "screen-board")
        with tag("aside", "screen-side"):
            state = tag("div")
            with state:
                state_line(view)
            tag("p", "screen-rule", RANKINGS[view.race.rules.ranking])
            tag("p", "dim", track_words(view.race.rules))
            track_picture(view.race.rules)
            if view.is_mine:
                tag("img", "qr", src=qr_path(visit, race_id), alt="QR picture: scan to join")
                tag("p", "dim", "Scan to join")
    with board:
        _draw(rows, set())

    async def look() -> None:
        nonlocal rows
        now, found = await visit.run(lambda asking: _load(asking, race_id))
        state.clear()
        with state:
            state_line(now)
        if found == rows:
            return
        fresh = {row.submission_id for row in found} - {row.submission_id for row in rows}
        rows = found
        board.clear()
        with board:
            _draw(rows, fresh)

    ui.timer(LOOKS_S, look, immediate=False)


def _load(asking: Asking, race_id: str) -> tuple[RaceView, list[BoardRow]]:
    rows = view_board(asking.store, asking.actor, race_id)
    return view_race(asking.store, asking.actor, race_id), rows


def _draw(rows: list[BoardRow], fresh: set[str]) -> None:
    if not rows:
        tag("p", "screen-empty", "Nobody is ranked yet. Be the first.")
        return
    shown = rows[:SHOWN]
    shown += [row for row in rows[SHOWN:] if row.submission_id in fresh][:1]
    with tag("table", "screen-table"):
        with tag("thead"), tag("tr"):
            for title in ("Rank", "Racer", "Time", "Gap to 1st"):
                tag("th", text=title, scope="col")
        with tag("tbody"):
            for row in shown:
                _row(row, is_fresh=row.submission_id in fresh)


def _row(row: BoardRow, *, is_fresh: bool) -> None:
    with tag("tr", "fresh" if is_fresh else ""):
        with tag("td"):
            tag("span", f"rank place-{row.rank}", str(row.rank))
        tag("td", "screen-name", row.racer)
        tag("td", "screen-time", format_lap_time(row.time_ms))
        tag("td", "screen-gap", f"+{format_lap_time(row.gap_ms)}" if row.gap_ms else "leader")
