"""Step 5: when the training ends, when it begins, and what it takes of the quota."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.widgets.cards import facts, panel
from racecraft.interfaces.web.widgets.fields import About, Field, Tile, TilesField
from racecraft.service.drafts.sheet import Ending, Part
from racecraft.service.drafts.wishes import Outlook, is_as_preset, outlook
from racecraft.service.presets import preset

if TYPE_CHECKING:
    from racecraft.interfaces.web.pages.create_model.form import Form

REFRESH_S = 3.0
_TILES = (
    Tile(Ending.LAPS, "Clean laps", "Done once it drives cleanly, so many laps in a row."),
    Tile(Ending.TIME, "Time", "Train for so long, whatever it can by then."),
    Tile(Ending.STEPS, "Steps", "Train for so many steps; the same from run to run."),
)


def build(form: Form) -> None:
    """The two panels below the editor."""
    with tag("div", "reward-grid"):
        with panel("Stop condition", info="stop-condition"):
            _stop(form)
        with panel("This training", info="this-training"):
            box = tag("div", "outlook", role="status")

    async def refresh() -> None:
        if form.sheet.part != Part.REWARD:
            return
        minutes, slots = form.sheet.minutes or 0.0, form.visit.here.slots
        seen = await form.visit.run(
            lambda asking: outlook(asking.store, asking.actor, minutes, slots)
        )
        rows = _rows(form, seen)
        if rows != shown:
            shown[:] = rows
            box.clear()
            with box:
                facts(rows)

    shown: list[tuple[str, str]] = []
    ui.timer(REFRESH_S, refresh)
    form.after_stop = refresh


def _stop(form: Form) -> None:
    parts: dict[Field, Ending] = {}

    def choose(value: str) -> None:
        form.set(ending=value)
        show()

    def show() -> None:
        for made, kind in parts.items():
            made.root.set_visibility(form.sheet.ending == kind)

    tiles = TilesField(About("It ends after"), _TILES, form.sheet.ending, choose, classes="small")
    tiles.root.classes("label-hidden")
    with tag("div", "form two"):
        laps = form.number(
            "stop.clean_laps",
            About("Clean laps", "In a row, on every track, without leaving it; 1 to 50."),
            step=1,
        )
        speed = form.number(
            "stop.min_mean_speed_mps",
            About("At least this fast", "Mean speed of those laps; 0 for any."),
            unit="m/s",
        )
        robust = form.number(
            "stop.robust_laps",
            About("Displaced laps", "As many from starts beside the line; 0 for none."),
            step=1,
        )
        steps = form.number(
            "stop.env_steps", About("Steps", "A lap of 20 m at 1 m/s has about 300."), step=1
        )
        form.number(
            "stop.minutes",
            About("At most", "Ends then in any case; up to 1440 minutes. You can stop earlier."),
            unit="minutes",
            then=lambda: form.after_stop(),
            min=0,
            max=1440,
        )
    parts.update({laps: Ending.LAPS, speed: Ending.LAPS, robust: Ending.LAPS, steps: Ending.STEPS})
    show()


def _rows(form: Form, seen: Outlook) -> list[tuple[str, str]]:
    minutes = form.sheet.minutes or 0.0
    took = f"At most {minutes:g} minutes"
    if is_as_preset(form.sheet):
        steps = preset(form.sheet.preset).typical_env_steps
        took = f"Usually about {steps:,} steps; at most {minutes:g} minutes"
    if seen.ahead:
        jobs = "1 job" if seen.ahead == 1 else f"{seen.ahead} jobs"
        starts = f"After {jobs}, in {seen.starts_in_s / 60:.0f} minutes at the latest"
    elif seen.starts_in_s > 1:
        starts = f"Next in the queue, in {seen.starts_in_s / 60:.0f} minutes at the latest"
    else:
        starts = "At once: a place is free"
    left = "No limit" if seen.minutes_left is None else f"{seen.minutes_left:.0f} minutes"
    models = "No limit" if seen.models_left is None else f"{seen.models_left} more"
    return [
        ("Begins", starts),
        ("Takes", took),
        ("Computing left this month", left),
        ("Models that you may make", models),
    ]
