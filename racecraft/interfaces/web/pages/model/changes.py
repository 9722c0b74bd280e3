"""What can be done with a model from its page: the dialogs, and what they ask the service for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from racecraft.domain.errors import RacecraftError
from racecraft.domain.job import JobKind, JobStatus
from racecraft.interfaces.web.pages.model.words import duration, verb
from racecraft.interfaces.web.tags import tag, words
from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.widgets.buttons import button
from racecraft.interfaces.web.widgets.dialogs import confirm, dialog
from racecraft.interfaces.web.widgets.fields import About, NumberField, TextField
from racecraft.service.collection import change_model, restore_model
from racecraft.service.jobs.asking import stop_job
from racecraft.service.making import train_on

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from racecraft.interfaces.web.pages.model.opened import OpenedModel
    from racecraft.interfaces.web.widgets.dialogs import Dialog
    from racecraft.service.jobs.job import Job

MOST_MINUTES = 1440.0


async def train(page: OpenedModel, stop: dict[str, Any] | None = None) -> None:
    """Put the training into the queue: for the first time, or from where it was left."""
    await page.visit.run(
        lambda ask: train_on(ask.store, ask.settings, ask.actor, page.model_id, stop or {})
    )
    page.visit.here.wake()
    await page.refresh()


def stop(page: OpenedModel, job: Job) -> None:
    """Ask, then stop a job or take it out of the queue."""

    async def do() -> None:
        await page.visit.run(lambda ask: stop_job(ask.store, ask.actor, job.id))
        await page.refresh()

    if job.status is JobStatus.QUEUED:
        text = f"The {verb(job)} has not begun; nothing is lost."
        if job.compute_s:
            text = "What was learnt so far is kept, and you can go on from there."
        confirm("Take it out of the queue?", text, "Take out", do)
    elif job.kind is JobKind.TRAINING:
        text = (
            "It ends after the iteration that is under way. What was learnt is kept, and you can "
            "go on from there."
        )
        confirm("Stop the training?", text, "Stop training", do)
    elif job.kind is JobKind.RANKING:
        text = "It ends after the checkpoint that drives. What the others found is kept."
        confirm("Stop the ranking?", text, "Stop ranking", do)
    else:
        confirm("Stop the evaluation?", "Its laps are not kept.", "Stop evaluation", do)


def tag_it(page: OpenedModel) -> None:
    """Change the tags."""
    with dialog("Tags") as made:
        about = About("Tags", "Words with commas between them, up to 20.", is_optional=True)
        tags = TextField(about, ", ".join(page.sheet.model.tags))

        async def save() -> None:
            found = [word.strip() for word in tags.value.split(",") if word.strip()]
            try:
                await page.visit.run(
                    lambda ask: change_model(
                        ask.store, ask.settings, ask.actor, page.model_id, {"tags": found}
                    )
                )
            except RacecraftError as error:
                tags.show_error(str(error))
                return
            await page.refresh()
            made.close()

        _foot(made, "Save", save)
    tags.focus()


def train_further(page: OpenedModel) -> None:
    """Ask for how long, then go on from where the training was left."""
    sheet = page.sheet
    so_far_s = sheet.checkpoints[-1].training_s if sheet.checkpoints else None
    told = f"It has trained for {duration(so_far_s or 0)} until now. "
    with dialog("Train further") as made:
        tag("p", "dim", told + "It goes on from its newest state, with everything else as before.")
        more = NumberField(
            About("More time", "Training time on the clock, up to a day in all."),
            10,
            unit="minutes",
            min=1,
            max=MOST_MINUTES,
        )
        laps = NumberField(
            About(
                "Or until clean laps in a row",
                "Leave it empty to use all of the time.",
                is_optional=True,
            ),
            None,
            unit="laps",
            min=1,
            max=50,
            step=1,
        )
        wrong = words("p", "", "form-error", role="alert")

        async def begin() -> None:
            if more.value is None or more.value <= 0:
                more.show_error("Give a number of minutes greater than 0.")
                more.focus()
                return
            stop: dict[str, Any] = {"minutes": round((so_far_s or 0) / 60 + more.value, 3)}
            if laps.value is not None:
                stop["clean_laps"] = laps.value
            try:
                await train(page, stop)
            except RacecraftError as error:
                wrong.text = str(error)
                return
            made.close()

        _foot(made, "Train further", begin)
    more.focus()


async def put_back(page: OpenedModel) -> None:
    """Put a deleted model back on the list."""
    back = await page.visit.run(
        lambda ask: restore_model(ask.store, ask.settings, ask.actor, page.model_id)
    )
    await page.refresh()
    say(page.visit, f"{back.name} is back.")


def _foot(made: Dialog, verb: str, do: Callable[[], Awaitable[None]]) -> None:
    with made.foot:
        button("Cancel", made.close, kind="quiet")
        button(verb, do, kind="primary")
