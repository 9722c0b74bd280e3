"""One race: its facts and rules, how one stands, the board, and what its organiser does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.domain.episode import format_lap_time
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.pages.races.limits import limit_column, limit_rows
from racecraft.interfaces.web.pages.races.looks import (
    rule_rows,
    state_line,
    status_badge,
    track_picture,
    track_words,
)
from racecraft.interfaces.web.pages.races.managing import manage
from racecraft.interfaces.web.pages.races.results import results_panel
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.times import moment, moment_text
from racecraft.interfaces.web.widgets.buttons import link_button
from racecraft.interfaces.web.widgets.cards import facts, figure, grid, panel, scrolled
from racecraft.interfaces.web.widgets.columns import Column
from racecraft.interfaces.web.widgets.notices import banner
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
    if visit.request.query_params.get("entered"):
        with banner(
            "busy",
            "Your model is in the queue of this race.",
            "It is driven as soon as a core is free; the board moves only if it is better.",
            closes=True,
        ):
            pass
    with grid("race-top"):
        _details(now)
        own = tag("div")
        with own:
            _own(now)
    table = _board(visit, now)
    results_panel(visit, f"/api/races/{race.id}/results")
    mine = tag("div")
    with mine:
        _submissions(now)
    told = _told(now)

    async def look() -> None:
        nonlocal told
        found = await visit.run(lambda asking: _load(asking, race_id))
        if _told(found) == told:
            return
        told = _told(found)
        table.show(found.rows)
        for place, draw in ((own, _own), (mine, _submissions)):
            place.clear()
            with place:
                draw(found)

    ui.timer(LOOKS_S, look, immediate=False)


def _load(asking: Asking, race_id: str) -> _Now:
    store, actor = asking.store, asking.actor
    rows = view_board(store, actor, race_id)
    view = view_race(store, actor, race_id)
    return _Now(
        view=view,
        rows=rows,
        card=view_own(store, actor, race_id),
        submissions=list_submissions(store, actor, race_id),
        is_live=is_shown_live(store, actor, race_id),
        limit=known_limit(asking.settings, view.race.rules.track),
    )


def _told(now: _Now) -> object:
    """What the page shows of it, to see whether anything is new."""
    return now.rows, [(each.id, each.status) for each in now.submissions], now.view.state


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
                facts(
                    [
                        ("Track", track_words(race.rules)),
                        ("Race type", race.rules.race.summary),
                        *rule_rows(race.rules, race.max_submissions),
                        *limit_rows(now.limit),
                    ]
                )
            track_picture(race.rules, has_line=now.limit is not None)


def _own(now: _Now) -> None:
    card = now.card
    with panel("Your standing"):
        with tag("div", "figures"):
            place = "–" if card.rank is None else f"{card.rank} / {card.racers}"
            figure(place, "your rank", "accent" if card.rank == 1 else "")
            time_ms = card.best.result.time_ms if card.best else None
            figure(format_lap_time(time_ms) if time_ms else "–", "your time")
        best = card.best.model_name if card.best else ""
        facts([("Your best model", best)])
        if card.latest is None:
            tag("p", "dim", "You have not entered a model yet.")
            return
        latest = card.latest
        tag("h3", text="Latest model submitted")
        with tag("div", "badges"):
            tag("span", text=latest.model_name)
            status_badge(latest)
        lap_ms = latest.result.best_lap_ms
        facts(
            [
                ("Best lap", format_lap_time(lap_ms) if lap_ms else ""),
                ("Laps completed", str(latest.result.laps_completed) if latest.laps else ""),
            ]
        )
        if latest.message:
            tag("p", "field-error", latest.message)


def _board(visit: Visit, now: _Now) -> Table[BoardRow]:
    look = TableLook(
        "board",
        "Leaderboard",
        info="the-leaderboard",
        sorted_by="rank",
        finds="Find a racer",
        nothing="Nobody is ranked yet. Be the first.",
    )
    columns = _columns(now, visit.me.id)
    table = Table(visit, look, columns, row_id=lambda row: row.submission_id)
    table.show(now.rows)
    return table


def _columns(now: _Now, me: str) -> tuple[Column[BoardRow], ...]:
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
            draw=lambda row: _watch_link(now, row.submission_id, row.racer),
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


def _submissions(now: _Now) -> None:
    if not now.submissions:
        return
    with panel("Your submissions"), scrolled("Table of your submissions"), tag("table", "table"):
        with tag("thead"), tag("tr"):
            for title in (
                "Model",
                "Submitted",
                "Status",
                "Time",
                "Best lap",
                "Off-track",
                "Replay",
            ):
                tag("th", text=title, scope="col")
        with tag("tbody"):
            for each in now.submissions[:20]:
                _submission(now, each)


def _watch_link(now: _Now, submission_id: str, whose: str) -> None:
    """To the laps in 3D."""
    path = f"/races/{now.view.race.id}/submissions/{submission_id}"
    tag("a", text="Watch", href=path, aria_label=f"Watch the laps of {whose}")


def _submission(now: _Now, each: Submission) -> None:
    result = each.result
    with tag("tr"):
        tag("td", text=each.model_name)
        with tag("td"):
            moment(each.created_at_s)
        with tag("td"):
            status_badge(each)
        tag("td", text=format_lap_time(result.time_ms) if result.time_ms else "–")
        tag("td", text=format_lap_time(result.best_lap_ms) if result.best_lap_ms else "–")
        tag("td", text=str(result.off_tracks) if each.laps else "–")
        with tag("td"):
            if each.laps:
                _watch_link(now, each.id, each.model_name)
            else:
                tag("span", text="–")
