"""What concerns whoever looks at a race: how they stand, and what they have entered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.domain.episode import format_lap_time
from racecraft.interfaces.web.pages.races.looks import status_badge
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.times import moment
from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.widgets.cards import facts, figure, panel, scrolled
from racecraft.interfaces.web.widgets.notices import banner
from racecraft.service.races.race import Hosting, Race, Submission, SubmissionStatus

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Visit
    from racecraft.service.races.boards import OwnCard

_TITLES = ("Model", "Submitted", "Status", "Time", "Best lap", "Off-track", "Replay")
_MOST = 20


def waiting_banner(race: Race, latest: Submission | None) -> None:
    """What becomes of the newest submission, for as long as that is open."""
    if latest is None or latest.status.is_over:
        return
    if latest.status is SubmissionStatus.RUNNING:
        text, detail = f"{latest.model_name} is driving in this race.", ""
    elif race.hosting is Hosting.LIVE:
        text = f"{latest.model_name} waits for its heat."
        detail = "It drives when the organiser launches it; then everybody watches."
    else:
        text = f"{latest.model_name} is in the queue of this race."
        detail = "It is driven as soon as a core is free."
    with banner("busy", text, detail or "The board moves only if it is better."):
        pass


def tell_end(visit: Visit, before: Submission | None, now: Submission | None) -> None:
    """Say how the submission that was under way came out."""
    if before is None or now is None or now.id != before.id or before.status.is_over:
        return
    if now.status.is_over:
        say(visit, end_words(now), "good" if now.status is SubmissionStatus.RANKED else "bad")


def end_words(now: Submission) -> str:
    """How a submission came out, in a sentence or two."""
    if now.status is SubmissionStatus.RANKED:
        return f"{now.model_name} was driven: {format_lap_time(now.result.time_ms or 0)}."
    if now.status is SubmissionStatus.FAILED:
        return f"{now.model_name} was not driven. {now.message}"
    if now.result.impossible_laps:
        return f"{now.model_name} is not ranked. {now.message}"
    return f"{now.model_name} completed too few laps to be ranked."


def own_standing(card: OwnCard) -> None:
    """Rank, time and the newest submission."""
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


def own_submissions(submissions: list[Submission]) -> None:
    """All that somebody has entered, the newest first."""
    if not submissions:
        return
    with panel("Your submissions"), scrolled("Table of your submissions"), tag("table", "table"):
        with tag("thead"), tag("tr"):
            for title in _TITLES:
                tag("th", text=title, scope="col")
        with tag("tbody"):
            for each in submissions[:_MOST]:
                _submission(each)


def watch_link(race_id: str, submission_id: str, whose: str) -> None:
    """To the laps in 3D."""
    path = f"/races/{race_id}/submissions/{submission_id}"
    tag("a", text="Watch", href=path, aria_label=f"Watch the laps of {whose}")


def _submission(each: Submission) -> None:
    result = each.result
    best_ms = result.best_lap_ms
    told = {
        "Time": format_lap_time(result.time_ms) if result.time_ms else "–",
        "Best lap": format_lap_time(best_ms) if best_ms else "–",
        "Off-track": str(result.off_tracks) if each.laps else "–",
    }
    with tag("tr"):
        tag("th", text=each.model_name, scope="row", data_label="Model")
        with tag("td", data_label="Submitted"):
            moment(each.created_at_s)
        with tag("td", data_label="Status"):
            status_badge(each)
        for title, text in told.items():
            tag("td", text=text, data_label=title)
        with tag("td", data_label="Replay"):
            if each.laps:
                watch_link(each.race_id, each.id, each.model_name)
            else:
                tag("span", text="–")
