"""Heats of a live race as everybody sees them: the one that is on, those that were, the bracket."""

from __future__ import annotations

from collections.abc import Callable

from racecraft.domain.episode import format_lap_time
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.widgets.cards import panel, scrolled
from racecraft.interfaces.web.widgets.notices import badge, banner
from racecraft.service.races.live.records import HeatStatus
from racecraft.service.races.live.views import BracketView, HeatView, LiveView, MatchView


def draw_now(live: LiveView) -> None:
    """What is on at the moment, or who has won."""
    if live.podium:
        places = ", ".join(f"{k}. {name}" for k, name in enumerate(live.podium, start=1))
        with banner("good", f"{live.podium[0]} wins", places):
            pass
    now = live.now
    if now is None:
        return
    names = ", ".join(car.name for car in now.cars)
    word = "is being prepared" if now.status is HeatStatus.DRIVING else "is on the screens"
    with banner("busy", f"{now.title} {word}", names):
        pass


def draw_past(live: LiveView, actions: Callable[[HeatView], None]) -> None:
    """What was driven, the newest first."""
    if not live.past:
        return
    with panel("Driven heats"), tag("ul", "rows"):
        for heat in live.past:
            with tag("li"):
                tag("strong", text=heat.title)
                if heat.status is HeatStatus.FAILED:
                    badge("Failed", "bad")
                    tag("span", text=heat.message)
                else:
                    tag("span", "dim", _result(heat))
                tag("span", "grow")
                if live.now is None:
                    actions(heat)


def draw_bracket(bracket: BracketView | None) -> None:
    """The bracket as a table: a row for each match, round by round."""
    if bracket is None:
        return
    with (
        panel("Bracket", info="finals-and-brackets"),
        scrolled("Table of the bracket"),
        tag("table", "table"),
    ):
        with tag("thead"), tag("tr"):
            for title in ("Match", "Racers", "Goes on"):
                tag("th", text=title, scope="col")
        with tag("tbody"):
            for match in bracket.matches:
                with tag("tr"):
                    tag("th", text=match.title, scope="row", data_label="Match")
                    tag("td", text=_sides(match), data_label="Racers")
                    won = [side.name for side in match.sides if side and side.is_winner]
                    tag("td", text=won[0] if won else "–", data_label="Goes on")


def _sides(match: MatchView) -> str:
    if match.is_bye:
        names = [f"{side.seed} {side.name}" for side in match.sides if side]
        return f"{names[0]} has a bye" if names else "nobody"
    return " – ".join(f"{side.seed} {side.name}" if side else "open" for side in match.sides)


def _result(heat: HeatView) -> str:
    rows = []
    for place in heat.places:
        time_ms = place.time_ms if len(heat.places) > 1 else place.best_lap_ms
        rows.append(f"{place.rank}. {place.name} {_time(time_ms, place.status)}")
    return " · ".join(rows)


def _time(time_ms: int | None, status: str) -> str:
    return format_lap_time(time_ms) if time_ms is not None else status.lower()
