"""What is where on the page of a model, and what follows when a job gets on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.interfaces.web import files
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.pages.model.configuration import configuration
from racecraft.interfaces.web.pages.model.evaluation import EvaluationPart
from racecraft.interfaces.web.pages.model.head import actions, state_banner, state_line
from racecraft.interfaces.web.pages.model.reading import Sheet, read_key, read_sheet
from racecraft.interfaces.web.pages.model.training import TrainingPart
from racecraft.interfaces.web.tags import tag

if TYPE_CHECKING:
    from collections.abc import Callable

    from nicegui.element import Element

    from racecraft.interfaces.web.visit import Visit

LOOK_S = 5.0
"""How often a page looks whether something was begun elsewhere; a job that it shows tells by
itself."""


async def model(visit: Visit) -> None:
    """One model: its training, its evaluations, and what it is made of."""
    page = ModelPage(visit, visit.params["model_id"])
    await page.build()


class ModelPage:
    """One opened page of a model; what is in `…_place` is made anew when a job gets on."""

    def __init__(self, visit: Visit, model_id: str) -> None:
        self.visit, self.model_id = visit, model_id
        self.sheet: Sheet
        self._is_reading = False

    async def build(self) -> None:
        """Make it."""
        self.sheet = sheet = await self._read()
        ui.add_head_html(
            f'<script type="module" src="{files.static_address()}/model/page.js"></script>'
        )
        trail = [("Models", "/models")]
        with page_head(self.visit, sheet.model.name, info="this-model", trail=trail):
            self._actions = tag("div", "actions")
        self._line = tag("div", "model-line")
        self._banner = tag("div", "maybe")
        self._training = TrainingPart(self)
        self._evaluation = EvaluationPart(self)
        self._configuration = tag("div")
        self._watch = tag("job-watch", model=self.model_id, job="")
        self._show()
        ui.on("racecraft_job_changed", self.follow)
        ui.timer(LOOK_S, self.follow, immediate=False)

    async def follow(self) -> None:
        """Make the changing parts anew, if anything has changed."""
        if self._is_reading:
            return
        self._is_reading = True
        try:
            key = await self.visit.run(lambda asking: read_key(asking, self.model_id))
            if key != self.sheet.key:
                await self.refresh()
        finally:
            self._is_reading = False

    async def refresh(self) -> None:
        """Read everything anew and show it."""
        before, self.sheet = self.sheet, await self._read()
        if before.model.name != self.sheet.model.name:
            ui.navigate.reload()
            return
        self._show(before)

    def _show(self, before: Sheet | None = None) -> None:
        sheet = self.sheet
        parts: tuple[tuple[Element, Callable[[], None]], ...] = (
            (self._actions, lambda: actions(self)),
            (self._line, lambda: state_line(sheet)),
            (self._banner, lambda: state_banner(self, before)),
        )
        for place, make in parts:
            place.clear()
            with place:
                make()
        self._watch.props["job"] = sheet.job.id if sheet.job else ""
        self._watch.update()
        self._training.show(sheet)
        if before is None or before.documents != sheet.documents:
            self._training.show_stop(sheet)
            self._configuration.clear()
            with self._configuration:
                configuration(sheet)
        self._evaluation.show(sheet)

    async def _read(self) -> Sheet:
        slots = self.visit.here.slots
        return await self.visit.run(lambda asking: read_sheet(asking, self.model_id, slots))
