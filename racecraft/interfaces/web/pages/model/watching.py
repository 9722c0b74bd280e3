"""Where the cars of a job are watched, and what the network of one of them sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.domain.job import JobKind
from racecraft.interfaces.web.frame import heading
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.widgets.buttons import button
from racecraft.interfaces.web.world import elements as world

if TYPE_CHECKING:
    from nicegui.element import Element

    from racecraft.interfaces.web.pages.model.opened import OpenedModel
    from racecraft.service.jobs.job import Job


_KEPT = "live_view"
"""Name under which the browser keeps whether it shows the 3D world."""


class Watching:
    """A view of the cars of a job in one place, and in another what the chosen one sees."""

    def __init__(self, page: OpenedModel, place: Element, sight: Element | None = None) -> None:
        self._page, self._place, self._sight = page, place, sight
        self._job: Job | None = None
        self._is_3d = page.visit.kept(_KEPT).get("is_3d") is True

    @property
    def job_id(self) -> str:
        """Of the job that is shown; nothing without one."""
        return self._job.id if self._job is not None else ""

    def show(self, job: Job | None) -> None:
        """Show another job, or none."""
        if job is not None and job.id == self.job_id:
            return
        self._job = job
        self._draw()

    def _draw(self) -> None:
        self._place.clear()
        if self._sight is not None:
            self._sight.clear()
        job = self._job
        if job is None:
            return
        is_training = job.kind is JobKind.TRAINING
        title = "Live view" if is_training else "Laps"
        with self._place, tag("section", "panel live-panel", aria_label=title):
            with tag("div", "section-head"):
                heading(title, info="live-view" if is_training else "laps", level=3)
                button("From above" if self._is_3d else "Watch in 3D", self._turn, kind="quiet")
            if self._is_3d:
                view = world.live(job.id)
            else:
                view = None
                tag("live-view", job=job.id, kind=job.kind.value)
        if self._sight is not None:
            with self._sight:
                self._draw_sight(job, view)

    def _turn(self) -> None:
        """Change between the world and the view from above; this browser remembers."""
        self._is_3d = not self._is_3d
        self._page.visit.keep(_KEPT, {"is_3d": self._is_3d})
        self._draw()

    def _draw_sight(self, job: Job, view: world.World | None) -> None:
        if view is not None:
            with tag("section", "panel", aria_label="What the network sees"):
                heading("What the network sees", info="what-the-network-sees", level=3)
                world.sight(view)
            return
        documents = self._page.sheet.documents
        if documents is None or documents.model.camera is not None:
            with tag("section", "panel", aria_label="What the network sees"):
                heading("What the network sees", info="what-the-network-sees", level=3)
                tag("network-picture", job=job.id)
        with tag("section", "panel", aria_label="Next action"):
            heading("Next action", info="next-action", level=3)
            tag("action-odds", job=job.id)
