"""The form that lets every checkpoint drive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.domain.errors import RacecraftError
from racecraft.domain.spec import EvaluationSpec
from racecraft.interfaces.web.tags import tag, words
from racecraft.interfaces.web.widgets.buttons import button
from racecraft.interfaces.web.widgets.dialogs import dialog
from racecraft.interfaces.web.widgets.fields import About, ChoiceField, NumberField
from racecraft.service.making import rank

if TYPE_CHECKING:
    from racecraft.interfaces.web.pages.model.opened import OpenedModel

_USUAL_TRIALS = 3


def ask_ranking(page: OpenedModel) -> None:
    """Open the form: where, how often, and which of them."""
    sheet = page.sheet
    trained = sheet.documents.training if sheet.documents else None
    track = trained.tracks[0] if trained else EvaluationSpec().track
    count = len(sheet.checkpoints)
    with dialog("Evaluate all checkpoints", is_wide=True) as made:
        tag(
            "p",
            "dim",
            "Each checkpoint drives the same laps, with what was on the road in the training. "
            "First come those with most clean laps, then those that came furthest, then the "
            "fastest.",
        )
        with tag("div", "form two"):
            tracks = {c.name: c.title for c in sheet.tracks.values() if not c.problem}
            where = ChoiceField("Track", tracks, track.name)
            ways = {"no": "Normal", "yes": "Reversed"}
            way = ChoiceField("Direction", ways, "yes" if track.is_reversed else "no")
            about = About("Laps each", "1 to 50; more tell more, and take longer.")
            trials = NumberField(about, _USUAL_TRIALS, unit="laps", min=1, max=50, step=1)
            about = About("Newest checkpoints", f"How many of the {count}, counted from the end.")
            newest = NumberField(about, count, min=1, max=count, step=1)
            about = About("Seed", "The same seed gives the same laps.")
            seed = NumberField(about, 0, min=0, step=1)
        wrong = words("p", "", "form-error", role="alert")

        async def send() -> None:
            numbers = {"Laps each": trials, "Newest checkpoints": newest, "Seed": seed}
            for name, field in numbers.items():
                if field.value is None or field.value % 1:
                    field.show_error(f"{name}: give a whole number.")
                    field.focus()
                    return
            fields = {
                "track": {"name": where.value, "is_reversed": way.value == "yes"},
                "trials": int(trials.value or 0),
                "seed": int(seed.value or 0),
            }
            last = max(int(newest.value or 0), 0)
            chosen = [row.iteration for row in sheet.checkpoints][count - min(last, count) :]
            try:
                await page.visit.run(
                    lambda ask: rank(
                        ask.store, ask.settings, ask.actor, page.model_id, fields, chosen
                    )
                )
            except RacecraftError as error:
                wrong.text = str(error)
                return
            page.visit.here.wake()
            made.close()
            await page.refresh()

        with made.foot:
            button("Cancel", made.close, kind="quiet")
            button("Evaluate all", send, kind="primary", icon="flag")
