"""The training of a model: live view, reward graph, figures, log."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from racecraft.domain.action_space import DiscreteActionSpace
from racecraft.domain.job import JobStatus
from racecraft.interfaces.web.frame import heading
from racecraft.interfaces.web.icons import icon
from racecraft.interfaces.web.pages.model.watching import Watching
from racecraft.interfaces.web.pages.model.words import job_words, stop_words
from racecraft.interfaces.web.tags import drawing, tag
from racecraft.interfaces.web.widgets.notices import badge

if TYPE_CHECKING:
    from nicegui.element import Element

    from racecraft.interfaces.web.pages.model.opened import OpenedModel
    from racecraft.interfaces.web.pages.model.reading import Sheet

_SHOWN = (JobStatus.INITIALIZING, JobStatus.IN_PROGRESS, JobStatus.STOPPING)


class TrainingPart:
    """The section of the training; the graph stays, what is around it follows the job."""

    def __init__(self, page: OpenedModel) -> None:
        self._page = page
        model_id, sheet = page.model_id, page.sheet
        with tag("section", "model-section", aria_label="Training"):
            with tag("div", "section-head"):
                heading("Training", info="training")
                self._state = tag("div", "section-state")
            with tag("div", "training-grid") as self._grid:
                live = tag("div", "training-live")
                with tag("section", "panel training-graph", aria_label="Reward graph"):
                    heading("Reward graph", info="reward-graph", level=3)
                    tag("reward-graph", model=model_id)
                    tag("training-figures", model=model_id)
                    self._stop = tag("div", "stop-box")
            sight = tag("div", "training-sight")
            self._watching = Watching(page, live, sight)
            with tag("div", "training-more"):
                with _folded("Details: entropy, losses, and what they mean"):
                    tag("training-details", model=model_id, actions=_count_actions(sheet))
                with _folded("Log"):
                    tag("training-log", model=model_id)
                    link = f"/api/models/{model_id}/files/training.log"
                    tag("a", text="Download the whole log", href=link, download="")

    def show(self, sheet: Sheet) -> None:
        """Follow the newest look."""
        job = sheet.job if sheet.is_training else None
        self._state.clear()
        with self._state:
            text, kind = job_words(job or sheet.trained, has_learnt=bool(sheet.checkpoints))
            badge(text, kind)
        shown = job if job is not None and job.status in _SHOWN else None
        self._watching.show(shown)
        self._grid.classes(add="is-live" if shown else "", remove="" if shown else "is-live")

    def show_stop(self, sheet: Sheet) -> None:
        """When it ends; that changes when it is trained further."""
        if sheet.documents is None:
            return
        stop = sheet.documents.training.stop
        self._stop.clear()
        with self._stop:
            heading("Stop condition", level=3)
            tag("p", "only-read", f"It ends {stop_words(stop)}.")
            tag(
                "stop-clock",
                model=self._page.model_id,
                now=f"{sheet.now_s:.1f}",
                minutes=stop.minutes,
                steps=stop.env_steps,
                laps=stop.clean_laps,
            )


def _count_actions(sheet: Sheet) -> int | None:
    """Of a list of actions; its entropy can be compared with the most that there can be."""
    space = sheet.documents.model.action_space if sheet.documents else None
    is_list = isinstance(space, DiscreteActionSpace) and math.log(len(space)) > 0
    return len(space) if is_list and isinstance(space, DiscreteActionSpace) else None


def _folded(title: str) -> Element:
    """Something that is opened by a click on its title."""
    with tag("details", "panel folded") as made, tag("summary"):
        drawing(icon("right", 16))
        tag("span", text=title)
    return made
