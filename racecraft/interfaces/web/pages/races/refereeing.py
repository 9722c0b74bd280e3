"""All submissions of a race, for its organiser: take a result off the board, or put it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.domain.episode import format_lap_time
from racecraft.domain.errors import RacecraftError
from racecraft.interfaces.web.pages.races.looks import status_badge
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.times import moment
from racecraft.interfaces.web.widgets.buttons import button
from racecraft.interfaces.web.widgets.dialogs import dialog
from racecraft.interfaces.web.widgets.fields import About, TextField
from racecraft.service.races.refereeing import (
    LONGEST_REASON,
    EnteredView,
    list_entered,
    strike,
)

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Visit

SHOWN = 200


async def show_entered(visit: Visit, race_id: str) -> None:
    """The dialog with all submissions, the newest first."""
    found = await visit.run(lambda asking: list_entered(asking.store, asking.actor, race_id))
    with dialog("Submissions", is_wide=True):
        if not found:
            tag("p", "dim", "Nobody has entered a model yet.")
        with tag("ul", "rows"):
            for each in found[:SHOWN]:
                with tag("li"):
                    _row(visit, race_id, each)
        if len(found) > SHOWN:
            tag("p", "dim", f"The newest {SHOWN} of {len(found)} are shown.")


def _row(visit: Visit, race_id: str, each: EnteredView) -> None:
    submission = each.submission
    tag("strong", text=each.racer)
    tag("span", text=submission.model_name)
    status_badge(submission)
    time_ms = submission.result.time_ms
    if time_ms is not None:
        tag("span", text=format_lap_time(time_ms))
    with tag("span", "dim"):
        moment(submission.created_at_s)
    tag("span", "grow")
    if submission.struck:
        button("Put back", lambda: _strike(visit, race_id, submission.id, None))
    elif submission.status.is_over:
        button("Take off the board", lambda: _ask(visit, race_id, each), kind="danger")


def _ask(visit: Visit, race_id: str, each: EnteredView) -> None:
    with dialog(f"Take this result of {each.racer} off the board?") as asked:
        tag("p", text="Their next best result counts instead, and they may submit once more.")
        about = About("Reason", f"The racer sees it; 1 to {LONGEST_REASON} characters.")
        field = TextField(about, maxlength=LONGEST_REASON)

        async def do() -> None:
            try:
                await _strike(visit, race_id, each.submission.id, str(field.value))
            except RacecraftError as error:
                field.show_error(str(error))
                field.focus()

        with asked.foot:
            button("Cancel", asked.close, kind="quiet")
            button("Take off the board", do, kind="danger")


async def _strike(visit: Visit, race_id: str, submission_id: str, reason: str | None) -> None:
    await visit.run(
        lambda asking: strike(asking.store, asking.actor, race_id, submission_id, reason=reason)
    )
    ui.navigate.reload()
