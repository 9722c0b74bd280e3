"""One submission: its laps in 3D with ghosts, the conditions, and driving it again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.domain.episode import EpisodeStatus, Trial, format_lap_time
from racecraft.interfaces.web import world
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.pages.races.again import drive_again
from racecraft.interfaces.web.pages.races.limits import times_text
from racecraft.interfaces.web.pages.races.looks import road_banner, rule_rows, status_badge
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.times import moment
from racecraft.interfaces.web.widgets.buttons import link_button
from racecraft.interfaces.web.widgets.cards import facts, grid, panel, scrolled
from racecraft.interfaces.web.widgets.notices import empty_state
from racecraft.interfaces.web.widgets.ticks import lap_tick
from racecraft.service.people.person import view_person
from racecraft.service.races.boards import (
    BoardRow,
    RaceView,
    view_board,
    view_race,
    view_submission,
)
from racecraft.service.races.race import Race, Submission
from racecraft.service.races.roads import road_note

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Asking, Visit

MOST_LAPS = 8
LOOKS_S = 1.0


@dataclass(frozen=True)
class _Shown:
    """What the page is about."""

    view: RaceView
    submission: Submission
    racer: str
    rows: list[BoardRow]
    road_note: str
    ghosts: list[tuple[str, Submission]]
    """Racers and submissions to compare with."""

    @property
    def race(self) -> Race:
        return self.view.race


async def submission(visit: Visit) -> None:
    """The laps of a submission, beside those of others."""
    race_id, wanted = visit.params["race_id"], visit.params["submission_id"]
    against = visit.request.query_params.getlist("against")[: MOST_LAPS - 1]
    shown = await visit.run(lambda asking: _load(asking, race_id, wanted, against))
    trail = [("Races", "/races"), (shown.race.name, f"/races/{race_id}")]
    title = f"{shown.racer}: {shown.submission.model_name}"
    with page_head(visit, title, info="a-submission", trail=trail):
        link_button("View race", f"/races/{race_id}")
    road_banner(shown.road_note)
    if not shown.submission.laps:
        _wait(visit, shown)
        return
    numbers = _numbers(shown.submission, visit.request.query_params.getlist("lap"))
    _replay(shown, numbers)
    with grid("cols-2"):
        _laps(shown.submission)
        _choose(shown, numbers, set(against))
        _conditions(shown)
        drive_again(visit, shown.submission)


def _load(asking: Asking, race_id: str, wanted: str, against: list[str]) -> _Shown:
    store, actor = asking.store, asking.actor
    found = view_submission(store, actor, race_id, wanted)

    def racer(of: Submission) -> str:
        return view_person(store, actor, of.person_id).name

    others = [view_submission(store, actor, race_id, each) for each in dict.fromkeys(against)]
    view = view_race(store, actor, race_id)
    track, frozen = view.race.rules.track, view.race.track_sha256
    return _Shown(
        view=view,
        road_note=road_note(asking.settings, track, frozen),
        submission=found,
        racer=racer(found),
        rows=view_board(store, actor, race_id),
        ghosts=[(racer(each), each) for each in others if each.laps and each.id != found.id],
    )


def _wait(visit: Visit, shown: _Shown) -> None:
    """What stands here before it was driven, and when that failed."""
    status = shown.submission.status
    with empty_state(
        "Not driven yet" if not shown.submission.message else "It was not driven",
        shown.submission.message
        or "This submission waits for a free core. Its laps are shown here as soon as it was "
        "driven.",
    ):
        status_badge(shown.submission)
        link_button("View race", f"/races/{shown.race.id}")

    async def look() -> None:
        now = await visit.run(
            lambda asking: view_submission(
                asking.store, asking.actor, shown.race.id, shown.submission.id
            )
        )
        if now.status is not status:
            ui.navigate.reload()

    ui.timer(LOOKS_S, look, immediate=False)


def _numbers(submission: Submission, asked: list[str]) -> list[int]:
    """Laps of the address, or the best one; counted from 1."""
    count = len(submission.laps)
    found = [int(each) for each in asked if each.isdecimal() and 1 <= int(each[:4]) <= count]
    return list(dict.fromkeys(found))[:MOST_LAPS] or [_best(submission)]


def _best(submission: Submission) -> int:
    """Number of the fastest completed lap, or of the one that came furthest."""

    def worth(number: int) -> tuple[bool, float]:
        trial = trials[number - 1]
        is_lap = trial.status is EpisodeStatus.LAP_COMPLETE
        return not is_lap, trial.time_ms if is_lap else -trial.completion_percent

    trials = submission.trials
    return min(range(1, len(trials) + 1), key=worth)


def _replay(shown: _Shown, numbers: list[int]) -> None:
    rules = shown.race.rules
    make = partial(_recorded, shown.race)
    laps = [make(shown.racer, shown.submission, number) for number in numbers]
    laps += [make(racer, each, _best(each)) for racer, each in shown.ghosts]
    with panel(classes="replay-panel"):
        world.replay(
            rules.track.name,
            laps[:MOST_LAPS],
            is_reversed=rules.track.is_reversed,
            is_shared=True,
        )


def _recorded(race: Race, racer: str, of: Submission, number: int) -> world.RecordedLap:
    trial = of.trials[number - 1]
    is_lap = trial.status is EpisodeStatus.LAP_COMPLETE
    return world.RecordedLap(
        model_id=of.id,
        stamp="",
        trial=number,
        label=f"{racer}, lap {number}, {_result(trial)}",
        shell=of.shell,
        colour=of.colour,
        lap_time_s=trial.time_ms / 1000.0 if is_lap else None,
        drives=f"races/{race.id}/submissions/{of.id}/drives",
    )


def _result(trial: Trial) -> str:
    if trial.status is EpisodeStatus.LAP_COMPLETE:
        return format_lap_time(trial.time_ms)
    return f"{trial.status.label.lower()} at {trial.completion_percent:.0f} %"


def _laps(submission: Submission) -> None:
    titles = ("Lap", "Result", "× limit", "Off-track", "Crashes", "Resets")
    limit = submission.limit
    with panel("Laps", info="the-leaderboard"), scrolled("Table of laps"), tag("table", "table"):
        with tag("thead"), tag("tr"):
            for title in titles:
                tag("th", text=title, scope="col")
        with tag("tbody"):
            for number, trial in enumerate(submission.trials, 1):
                with tag("tr"):
                    tag("th", text=str(number), scope="row", data_label="Lap")
                    counts = (trial.off_track_count, trial.crash_count, trial.reset_count)
                    is_lap = limit is not None and trial.status is EpisodeStatus.LAP_COMPLETE
                    times = limit.times(trial.time_ms) if limit and is_lap else None
                    cells = (_result(trial), times_text(times), *map(str, counts))
                    for title, text in zip(titles[1:], cells, strict=True):
                        tag("td", text=text, data_label=title)
        if submission.message:
            tag("p", "field-error", submission.message)


def _choose(shown: _Shown, numbers: list[int], against: set[str]) -> None:
    """A form whose ticks become the address."""
    with panel("Laps to show", info="ghosts"), tag("form", "replay-form", method="get"):
        with tag("fieldset", "replay-laps"):
            tag("legend", text=f"Laps of {shown.racer}")
            for number in range(1, len(shown.submission.laps) + 1):
                lap_tick("lap", str(number), f"Lap {number}", is_on=number in numbers)
        others = [row for row in shown.rows if row.submission_id != shown.submission.id]
        if others:
            with tag("fieldset", "replay-laps"):
                tag("legend", text="Ghosts: the best laps of others")
                for row in others[:30]:
                    text = f"{row.rank}. {row.racer}, {format_lap_time(row.time_ms)}"
                    is_on = row.submission_id in against
                    lap_tick("against", row.submission_id, text, is_on=is_on)
        with tag("button", "button primary", type="submit"):
            tag("span", text="Show these laps")


def _conditions(shown: _Shown) -> None:
    submission, rules = shown.submission, shown.race.rules
    with panel("Conditions", info="conditions"):
        facts(
            [
                *rule_rows(rules, shown.race.max_submissions)[:-1],
                ("Seed", str(rules.seed)),
                ("Control interval", f"varies by up to {rules.interval_jitter * 100:g} %"),
                ("Grip", f"varies by up to {rules.grip_jitter * 100:g} % from lap to lap"),
                ("Weights", f"iteration {submission.checkpoint}"),
            ]
        )
        tag("p", "field-label", "SHA-256 of the frozen weights")
        tag("p", "digest", submission.weights_sha256)
        with tag("p", "dim"):
            tag("span", text="Submitted ")
            moment(submission.created_at_s)
