"""Points that were given or taken by hand: for everybody to read, for the organiser to make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.domain.errors import RacecraftError
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.times import moment
from racecraft.interfaces.web.widgets.buttons import button
from racecraft.interfaces.web.widgets.cards import panel
from racecraft.interfaces.web.widgets.dialogs import dialog
from racecraft.interfaces.web.widgets.fields import About, ChoiceField, NumberField, TextField
from racecraft.interfaces.web.widgets.notices import badge
from racecraft.service.seasons.correcting import (
    LONGEST_REASON,
    MOST_POINTS,
    correct_points,
    take_back,
)

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Visit
    from racecraft.service.seasons.season import Correction
    from racecraft.service.seasons.tables import SeasonView


def signed(points: int) -> str:
    """Points with their sign: `+3`, `−5`."""
    return f"{points:+d}".replace("-", "−")


def corrections(visit: Visit, view: SeasonView) -> None:
    """The record, the newest first; nothing while there is none."""
    found = view.season.corrections
    if not found:
        return
    with panel("Corrections", info="corrections"), tag("ul", "rows"):
        for each in reversed(found):
            with tag("li"):
                _row(visit, view, each)


def ask_correction(visit: Visit, view: SeasonView) -> None:
    """Whose points, how many, and why."""
    racers = {row.racer_id: view.names[row.racer_id] for t in view.divisions for row in t.rows}
    with dialog("Correct points") as asked:
        tag("p", text="The places of the races stay; the sum of the racer changes by so many.")
        ordered = dict(sorted(racers.items(), key=lambda each: each[1].casefold()))
        racer = ChoiceField("Racer", ordered, next(iter(ordered)))
        about = About("Points", f"Below 0 to take them: -{MOST_POINTS} to {MOST_POINTS}.")
        points = NumberField(about, None, min=-MOST_POINTS, max=MOST_POINTS, step=1)
        about = About("Reason", f"Everybody reads it; 1 to {LONGEST_REASON} characters.")
        reason = TextField(about, maxlength=LONGEST_REASON)

        async def do() -> None:
            points.show_error("")
            reason.show_error("")
            number = float(points.value or 0)
            if number == 0 or number != int(number):
                points.show_error("Write a whole number of points other than 0.")
                points.focus()
                return
            try:
                await visit.run(
                    lambda asking: correct_points(
                        asking.store,
                        asking.actor,
                        view.season.id,
                        str(racer.value),
                        points=int(number),
                        reason=str(reason.value),
                    )
                )
            except RacecraftError as error:
                reason.show_error(str(error))
                reason.focus()
                return
            ui.navigate.reload()

        with asked.foot:
            button("Cancel", asked.close, kind="quiet")
            button("Correct points", do, kind="primary")


def _row(visit: Visit, view: SeasonView, each: Correction) -> None:
    name = view.names[each.person_id]
    tag("strong", text=f"{name}: {signed(each.points)}")
    with tag("span"):
        tag("span", text=f"{each.reason} ")
        with tag("span", "dim"):
            tag("span", text=f"by {view.names[each.by_id]}, ")
            moment(each.made_at_s)
    tag("span", "grow")
    if each.taken_back_at_s is not None:
        badge("Taken back")
        return
    if not view.is_mine:
        return

    async def do() -> None:
        await visit.run(
            lambda asking: take_back(asking.store, asking.actor, view.season.id, each.id)
        )
        ui.navigate.reload()

    made = button("Take back", do)
    made.props["aria-label"] = f"Take back the correction of {name}: {signed(each.points)}"
