"""Driving a submission again, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.domain.episode import format_lap_time
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.times import moment
from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.widgets.buttons import button
from racecraft.interfaces.web.widgets.cards import panel
from racecraft.interfaces.web.widgets.notices import badge
from racecraft.service.races.reruns import rerun_submission, view_reruns

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Asking, Visit
    from racecraft.service.races.race import Rerun, Submission

LOOKS_S = 1.0


def drive_again(visit: Visit, submission: Submission) -> None:
    """The panel of a submission that was driven."""
    race_id, found = submission.race_id, list(reversed(submission.reruns))
    with panel("Drive it again", info="driving-it-again"):
        tag(
            "p",
            text="The same frozen weights drive the same laps. Whoever doubts a time lets them "
            "drive once more; every lap must come out the same to the millisecond.",
        )

        async def ask() -> None:
            await visit.run(lambda asking: _ask(asking, race_id, submission.id))
            say(visit, "It is in the queue.")
            await look()

        with tag("div", "actions"):
            button("Drive it again", ask, icon="refresh")
        rows = tag("ul", "rows")
    with rows:
        _list(found)

    async def look() -> None:
        nonlocal found
        now = await visit.run(
            lambda asking: view_reruns(asking.store, asking.actor, race_id, submission.id)
        )
        if now == found:
            return
        found = now
        rows.clear()
        with rows:
            _list(found)

    ui.timer(LOOKS_S, look, immediate=False)


def _ask(asking: Asking, race_id: str, submission_id: str) -> None:
    rerun_submission(asking.store, asking.actor, race_id, submission_id)
    asking.wake()


def _list(found: list[Rerun]) -> None:
    for each in found[:5]:
        with tag("li"):
            _row(each)


def _row(each: Rerun) -> None:
    if each.is_same:
        badge("The same to the millisecond", "good")
        tag("span", "dim", ", ".join(format_lap_time(time) for time in each.times_ms[:5]))
    elif each.is_same is False:
        badge("Something else was driven", "bad")
        tag("span", "dim", ", ".join(format_lap_time(time) for time in each.times_ms[:5]))
    elif each.message:
        badge("Not driven", "bad")
        tag("span", "dim", each.message)
    else:
        badge("In the queue or driving", "busy")
    tag("span", "grow")
    with tag("span", "dim"):
        moment(each.asked_at_s)
