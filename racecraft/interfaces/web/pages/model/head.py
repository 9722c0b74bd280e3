"""Name, state and actions of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.domain.job import JobKind, JobStatus
from racecraft.interfaces.web.pages.model import changes, downloads
from racecraft.interfaces.web.pages.model.asking import ask_evaluation
from racecraft.interfaces.web.pages.model.racing import ask_race
from racecraft.interfaces.web.pages.model.reading import STOPPABLE
from racecraft.interfaces.web.pages.model.words import STATUS_KINDS, about, plain, verb
from racecraft.interfaces.web.pages.model_actions import ModelActions
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.times import megabytes, moment
from racecraft.interfaces.web.widgets.buttons import (
    actions_menu,
    button,
    enable,
    link_button,
)
from racecraft.interfaces.web.widgets.notices import badge, banner
from racecraft.service.access import Operation
from racecraft.service.model_records import ModelState

if TYPE_CHECKING:
    from racecraft.interfaces.web.pages.model.opened import OpenedModel
    from racecraft.interfaces.web.pages.model.reading import Sheet
    from racecraft.service.jobs.job import Job

_STARTING = "The first car moves a few seconds after the start."


def actions(page: OpenedModel) -> None:
    """The buttons beside the title; the one that comes next is the strong one."""
    sheet = page.sheet
    if sheet.model.deleted_at_s is not None:
        return
    if Operation.RUN_JOB in sheet.may:
        _next_step(page)
    if sheet.is_ready and sheet.job is None and sheet.model.owner_id == page.visit.me.id:
        button("Submit to race", lambda: ask_race(page), icon="trophy")
    if sheet.is_ready and sheet.model.owner_id == page.visit.me.id:
        link_button("Clone", f"/models/{page.model_id}/clone", icon="clone")
    if Operation.DOWNLOAD_MODEL in sheet.may:
        button("Download", lambda: downloads.ask(page), icon="download")
        if sheet.is_ready:
            link_button("Analysis", f"/models/{page.model_id}/analysis", icon="chart")
    if sheet.checkpoints:
        link_button("Checkpoints", f"/models/{page.model_id}/checkpoints", icon="queue")
    if Operation.EDIT_MODEL not in sheet.may:
        return
    shared = ModelActions(page.visit, page.refresh)
    entries = [
        ("Rename or describe", lambda: shared.ask_rename(page.sheet.view), ""),
        ("Tags", lambda: changes.tag_it(page), ""),
        ("Train further", lambda: changes.train_further(page), ""),
        ("Delete", lambda: shared.ask_delete(page.sheet.view), "danger"),
    ]
    _, rows = actions_menu("Actions", entries)
    is_free = sheet.job is None
    enable(rows[2], is_free and sheet.is_ready)
    enable(rows[3], is_free)


def _next_step(page: OpenedModel) -> None:
    sheet = page.sheet
    job = sheet.job
    if job is not None:
        can_stop = job.status in STOPPABLE and Operation.STOP_JOB in sheet.may
        word = "Take out of the queue" if job.status is JobStatus.QUEUED else f"Stop {verb(job)}"
        stop = lambda: changes.stop(page, job)  # noqa: E731
        button(word, stop, kind="primary", icon="stop", is_enabled=can_stop)
    elif sheet.is_ready:
        evaluate = lambda: ask_evaluation(page)  # noqa: E731
        button("Start evaluation", evaluate, kind="primary", icon="flag")
    elif sheet.documents is not None:
        button("Start training", lambda: changes.train(page), kind="primary", icon="play")


def state_line(sheet: Sheet) -> None:
    """Status, description, tags and when it was made."""
    model = sheet.model
    badge(plain(sheet.view.status), STATUS_KINDS.get(sheet.view.status, "busy"))
    for word in model.tags:
        tag("span", "model-tag", word)
    with tag("span", "dim"):
        tag("span", text="Made ")
        moment(model.created_at_s)
        tag("span", text=f" · {megabytes(model.size_bytes)}")
    if model.description:
        tag("p", "model-description", model.description)


def state_banner(page: OpenedModel, before: Sheet | None) -> None:
    """What is going on, or went wrong, and what can be done about it.

    Args:
        page: the opened page.
        before: what was shown until now; None at first.
    """
    sheet = page.sheet
    model, job = sheet.model, sheet.job
    if model.deleted_at_s is not None:
        _deleted(page)
    elif job is not None:
        _under_way(sheet, job)
    elif sheet.problem:
        with banner("bad", "The files of this model cannot be read.", sheet.problem):
            pass
    elif (failed := _failed(sheet)) is not None:
        _failure(page, failed)
    elif model.state is ModelState.ERROR and model.problem:
        with banner("bad", "Something is wrong with this model.", model.problem):
            pass
    elif before is not None and before.job is not None:
        _just_ended(sheet, before.job)


def _deleted(page: OpenedModel) -> None:
    text = "This model is deleted."
    with banner("info", text, "For a day it can be put back as it was; then it is gone for good."):
        if Operation.DELETE_MODEL in page.sheet.may:
            button("Put back", lambda: changes.put_back(page), kind="primary")


def _under_way(sheet: Sheet, job: Job) -> None:
    what = verb(job)
    if job.status is JobStatus.QUEUED:
        begun = "It makes room for people who have waited for longer. " if job.shifts else ""
        with banner("busy", f"The {what} waits for a free core.", f"{begun}{_waiting(sheet)}"):
            pass
    elif job.status is JobStatus.INITIALIZING:
        with banner("busy", f"The {what} is starting.", _STARTING):
            pass
    elif job.status is JobStatus.STOPPING:
        kept = "The iteration under way is finished first; what was learnt is kept."
        detail = kept if job.kind is JobKind.TRAINING else "The laps under way are finished first."
        with banner("busy", f"The {what} is being stopped.", detail):
            pass
    elif job.kind is JobKind.RANKING:
        with banner("busy", "Every checkpoint drives the same laps."):
            link_button("See the ranking", f"/models/{sheet.model.id}/checkpoints")
    elif job.kind is not JobKind.TRAINING:
        with banner("busy", "Laps are being driven.", "They are computed faster than real time."):
            pass


def _waiting(sheet: Sheet) -> str:
    if sheet.place is None:
        return "It starts at any moment."
    position, waiting = sheet.place.position, sheet.place.waiting
    line = "It is the next one" if position == 1 else f"Place {position} of {waiting} in the queue"
    left_s = sheet.place.expected_start_s - sheet.now_s
    if left_s < 1:
        return f"{line}; it starts at any moment."
    return f"{line}; it starts in {about(left_s)} at the latest, usually sooner."


def _failed(sheet: Sheet) -> Job | None:
    """The newest job, if it failed."""
    jobs = [job for job in (sheet.trained, sheet.evaluated, sheet.ranked) if job is not None]
    newest = max(jobs, key=lambda job: job.created_at_s, default=None)
    return newest if newest is not None and newest.status is JobStatus.FAILED else None


def _failure(page: OpenedModel, job: Job) -> None:
    can_run = Operation.RUN_JOB in page.sheet.may
    is_training = job.kind is JobKind.TRAINING
    with banner("bad", f"The {verb(job)} failed.", job.message):
        if is_training and can_run:
            word = "Resume training" if page.sheet.checkpoints else "Try again"
            button(word, lambda: changes.train(page))
        elif can_run and page.sheet.is_ready:
            button("Try again", lambda: ask_evaluation(page))


def _just_ended(sheet: Sheet, job: Job) -> None:
    """The job that this page has shown is over."""
    is_training = job.kind is JobKind.TRAINING
    newest = {JobKind.TRAINING: sheet.trained, JobKind.RANKING: sheet.ranked}
    ended = newest.get(job.kind, sheet.evaluated)
    message = ended.message if ended is not None and ended.id == job.id else ""
    if is_training and sheet.is_ready:
        with banner("good", "The training is over; you can evaluate now.", message, closes=True):
            pass
    elif is_training:
        with banner("info", "The training is over.", message, closes=True):
            pass
    elif job.kind is JobKind.RANKING:
        with banner("good", "The checkpoints have driven.", message, closes=True):
            link_button("See the ranking", f"/models/{sheet.model.id}/checkpoints")
    else:
        with banner("good", "The evaluation is done.", message, closes=True):
            pass
