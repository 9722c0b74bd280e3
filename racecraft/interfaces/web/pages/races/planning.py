"""What is asked before a show changes: its plan, finals, brackets, its winner."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from racecraft.interfaces.web.widgets.buttons import button
from racecraft.interfaces.web.widgets.dialogs import confirm, dialog
from racecraft.interfaces.web.widgets.fields import About, NumberField, TickField
from racecraft.interfaces.web.widgets.moments import MomentField
from racecraft.service.races.live import finals, running

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Asking
    from racecraft.service.races.live.views import LiveView

Do = Callable[[Callable[["Asking"], object], str], Awaitable[None]]
"""Does something with the records, says a sentence, and shows what came of it."""


def buttons(live: LiveView, race_id: str, do: Do) -> None:
    """What leads to a question."""
    button("Plan the show", lambda: _plan(live, race_id, do))
    button("Make a final", lambda: _ask_final(race_id, do))
    if live.bracket is None:
        button("Make a bracket", lambda: _ask_bracket(race_id, do))
    else:
        button("Drop the bracket", lambda: _drop(race_id, do))
    if live.now is None and not live.is_over:
        button("Declare the winner", lambda: _declare(race_id, do))


def _declare(race_id: str, do: Do) -> None:
    confirm(
        "End the show with its winner?",
        "The winner of the bracket, else of the last final, else the leader of the board is "
        "shown on the podium.",
        "Declare the winner",
        lambda: do(lambda a: finals.declare_winner(a.store, a.actor, race_id), ""),
    )


def _drop(race_id: str, do: Do) -> None:
    confirm(
        "Drop the bracket?",
        "Its matches and their results are gone; the board stays as it is.",
        "Drop the bracket",
        lambda: do(lambda a: finals.drop_bracket(a.store, a.actor, race_id), ""),
    )


def _plan(live: LiveView, race_id: str, do: Do) -> None:
    with dialog("Plan the show") as made:
        about = About("Begins by itself", "In your own time zone.")
        soon_s = (time.time() // 900 + 2) * 900
        begins = TickField(about, live.starts_at_s is not None)
        start = MomentField("Start", live.starts_at_s or soon_s)
        about = About("Launch the next heat by itself", "When one has been shown to its end.")
        auto = TickField(about, live.autolaunch)
        gap = NumberField("Pause between two heats", live.gap_s, unit="s", min=0, max=600)
        lights = NumberField("Countdown", live.lights_s, unit="s", min=0, max=60)
        about = About("Retries of a heat", "0 to 20.")
        retries = NumberField(about, live.max_retries, min=0, max=20, step=1)

        async def save() -> None:
            wish = {"autolaunch": auto.value, "gap_s": gap.value, "lights_s": lights.value}
            wish["max_retries"] = int(retries.value or 0)
            if begins.value:
                wish["starts_at_s"] = start.value
            else:
                wish["starts_at_s"] = None
            await do(lambda a: running.change_show(a.store, a.actor, race_id, wish), "Saved.")
            made.close()

        with made.foot:
            button("Cancel", made.close, kind="quiet")
            button("Save plan", save, kind="primary")


def _ask_final(race_id: str, do: Do) -> None:
    with dialog("Make a final") as made:
        about = About("Racers", "The first of the board, all at once on the track; 2 to 8.")
        count = NumberField(about, 8, min=2, max=8, step=1)

        async def make() -> None:
            number = int(count.value or 0)
            await do(
                lambda a: finals.make_final(a.store, a.actor, race_id, number),
                "The final is in the queue.",
            )
            made.close()

        with made.foot:
            button("Cancel", made.close, kind="quiet")
            button("Make the final", make, kind="primary")


def _ask_bracket(race_id: str, do: Do) -> None:
    with dialog("Make a knock-out bracket") as made:
        about = About("Racers", "The first of the board, two at a time; 4 to 32.")
        count = NumberField(about, 8, min=4, max=32, step=1)
        third = TickField(About("Drive for the third place"), True)

        async def make() -> None:
            number, has_third = int(count.value or 0), bool(third.value)
            await do(
                lambda a: finals.make_bracket(
                    a.store, a.actor, race_id, number, has_third_place=has_third
                ),
                "The first matches are in the queue.",
            )
            made.close()

        with made.foot:
            button("Cancel", made.close, kind="quiet")
            button("Make the bracket", make, kind="primary")
