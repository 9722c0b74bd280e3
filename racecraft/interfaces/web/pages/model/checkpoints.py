"""All checkpoints of a model: evaluated in one go, ranked, and what can be done with each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.pages.model import changes
from racecraft.interfaces.web.pages.model.asking import ask_evaluation
from racecraft.interfaces.web.pages.model.checkpoint_rows import COLUMNS, Row, rows_of
from racecraft.interfaces.web.pages.model.racing import ask_race
from racecraft.interfaces.web.pages.model.ranking import ask_ranking
from racecraft.interfaces.web.pages.model.reading import STOPPABLE, Sheet, read_key, read_sheet
from racecraft.interfaces.web.pages.model.words import plain, verb
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.times import lap_time, moment_text
from racecraft.interfaces.web.widgets.buttons import actions_menu, button, enable, link_button
from racecraft.interfaces.web.widgets.cards import figure
from racecraft.interfaces.web.widgets.dialogs import dialog
from racecraft.interfaces.web.widgets.fields import ChoiceField
from racecraft.interfaces.web.widgets.notices import banner, empty_state
from racecraft.interfaces.web.widgets.tables import Table, TableLook
from racecraft.service.access import Operation
from racecraft.service.jobs.asking import view_job
from racecraft.service.stamps import stamp_s
from racecraft.service.track_choices import track_words

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Asking, Visit
    from racecraft.service.rankings import Ranking

LOOK_S = 1.0
"""How often the page looks whether another checkpoint has driven."""


async def checkpoints(visit: Visit) -> None:
    """The checkpoints of one model."""
    await CheckpointsPage(visit, visit.params["model_id"]).build()


class CheckpointsPage:
    """One opened page; what is in `…_place` is made anew when something has changed."""

    def __init__(self, visit: Visit, model_id: str) -> None:
        self.visit, self.model_id = visit, model_id
        self.sheet: Sheet
        self._key: tuple[str, ...] = ()
        self._chosen_stamp = ""

    async def build(self) -> None:
        """Make it."""
        self._key, self.sheet = await self._read()
        sheet = self.sheet
        trail = [("Models", "/models"), (sheet.model.name, f"/models/{sheet.model.id}")]
        title = f"Checkpoints of {sheet.model.name}"
        with page_head(self.visit, title, info="checkpoints", trail=trail):
            self._place = tag("div", "actions")
        self._banner = tag("div", "banner-place")
        self._summary = tag("div")
        if not sheet.checkpoints:
            with empty_state("No checkpoint yet", "Each iteration of a training leaves one here."):
                link_button("Go to the model", f"/models/{sheet.model.id}", kind="primary")
            return
        look = TableLook(
            "checkpoints", "Checkpoints", sorted_by="rank", finds="Find a checkpoint", selects=True
        )
        self._table: Table[Row] = Table(
            self.visit, look, COLUMNS, row_id=lambda row: str(row.iteration), on_select=self._select
        )
        self._show()
        ui.timer(LOOK_S, self._follow, immediate=False)

    async def refresh(self) -> None:
        """Read everything anew and show it."""
        self._key, self.sheet = await self._read()
        self._show()

    async def _follow(self) -> None:
        key = await self.visit.run(self._read_key)
        if key != self._key:
            await self.refresh()

    async def _read(self) -> tuple[tuple[str, ...], Sheet]:
        slots = self.visit.here.slots
        # The key first: what changes in between is read once more, and nothing is missed.
        return await self.visit.run(
            lambda asking: (self._read_key(asking), read_sheet(asking, self.model_id, slots))
        )

    def _read_key(self, asking: Asking) -> tuple[str, ...]:
        key = read_key(asking, self.model_id)
        driven = ""
        if key[0]:
            driven = str(view_job(asking.store, asking.actor, key[0]).report.get("driven", ""))
        return (*key, driven)

    @property
    def _ranking(self) -> Ranking | None:
        """The one that is shown: the chosen one, else the newest."""
        found = self.sheet.rankings
        return next((r for r in found if r.stamp == self._chosen_stamp), next(iter(found), None))

    def _show(self) -> None:
        for place, make in (
            (self._place, self._actions),
            (self._banner, self._state),
            (self._summary, self._sum),
        ):
            place.clear()
            with place:
                make()
        self._table.show(rows_of(self.sheet, self._ranking))
        self._select(self._table.selected)

    def _actions(self) -> None:
        sheet, job = self.sheet, self.sheet.job
        entries = [
            ("Evaluate", lambda: ask_evaluation(self, self._word()), ""),
            ("Submit to race", lambda: ask_race(self, self._word()), ""),
            ("Clone", self._clone, ""),
            ("Download", self._download, ""),
        ]
        _, self._entries = actions_menu("Actions", entries, is_enabled=False)
        if job is not None and sheet.is_ranking:
            can_stop = job.status in STOPPABLE and Operation.STOP_JOB in sheet.may
            stop = lambda: changes.stop(self, job)  # noqa: E731
            button("Stop", stop, kind="primary", icon="stop", is_enabled=can_stop)
        elif Operation.RUN_JOB in sheet.may:
            is_free = job is None and sheet.is_ready
            rank = lambda: ask_ranking(self)  # noqa: E731
            button("Evaluate all", rank, kind="primary", icon="flag", is_enabled=is_free)

    def _select(self, row: Row | None) -> None:
        sheet, is_mine = self.sheet, self.sheet.model.owner_id == self.visit.me.id
        is_free = sheet.job is None and row is not None
        can = (
            is_free and Operation.RUN_JOB in sheet.may,
            is_free and is_mine,
            row is not None and is_mine,
            row is not None and Operation.DOWNLOAD_MODEL in sheet.may,
        )
        for entry, is_possible in zip(self._entries, can, strict=True):
            enable(entry, is_possible)

    def _word(self) -> str:
        """The chosen checkpoint."""
        assert self._table.selected is not None
        return str(self._table.selected.iteration)

    def _clone(self) -> None:
        ui.navigate.to(f"/models/{self.model_id}/clone?checkpoint={self._word()}")

    def _download(self) -> None:
        word, base = self._word(), f"/api/models/{self.model_id}"
        files = [
            ("The model with this checkpoint (.zip)", "archive?state=false&checkpoints="),
            ("For the physical car (.tar.gz)", "car?checkpoint="),
            ("As ONNX, for other programs", "car?kind=onnx&checkpoint="),
        ]
        with dialog(f"Download iteration {word}"), tag("div", "stack"):
            for text, path in files if self.sheet.suits_car else files[:1]:
                link_button(text, f"{base}/{path}{word}", icon="download").props["download"] = ""

    def _state(self) -> None:
        sheet, job = self.sheet, self.sheet.job
        if job is None:
            ended = sheet.ranked
            if ended is not None and ended.message and self._key[-1] == "":
                kind = "bad" if ended.status.value == "FAILED" else "good"
                with banner(kind, ended.message, closes=True):
                    pass
            return
        if not sheet.is_ranking:
            with banner("busy", f"The {verb(job)} of this model is {plain(job.status).lower()}."):
                link_button("Watch it", f"/models/{sheet.model.id}")
            return
        driven, asked = job.report.get("driven", 0), len(job.request.get("checkpoints", ()))
        text = f"{driven} of {asked} checkpoints have driven."
        with banner("busy", text, "They are ranked below as they come in."):
            tag("progress", "import-progress", max=asked, value=driven, aria_label="Driven so far")

    def _sum(self) -> None:
        ranking = self._ranking
        if ranking is None:
            return
        with tag("section", "panel", aria_label="Ranking"):
            if len(self.sheet.rankings) > 1:
                names = {each.stamp: self._called(each) for each in self.sheet.rankings}
                ChoiceField("Ranking", names, ranking.stamp, self._choose)
            else:
                tag("p", "dim", self._called(ranking))
            if ranking.checkpoints:
                best = ranking.checkpoints[0]
                with tag("div", "figures"):
                    figure(f"{best.iteration}", "best iteration", "good")
                    figure(f"{best.clean_laps} of {best.laps}", "clean laps")
                    figure(f"{best.completion_percent:.0f} %", "of the lap on average")
                    time_ms = best.best_lap_ms
                    figure("–" if time_ms is None else lap_time(time_ms / 1000), "best lap")
            if Operation.DOWNLOAD_MODEL in self.sheet.may:
                path = f"/api/models/{self.model_id}/rankings/{ranking.stamp}/table"
                with tag("div", "actions"):
                    link_button("Data (CSV)", path, icon="download").props["download"] = ""

    def _choose(self, stamp: str) -> None:
        self._chosen_stamp = stamp
        self._show()

    def _called(self, ranking: Ranking) -> str:
        asked = ranking.evaluation
        laps = "1 lap each" if asked.trials == 1 else f"{asked.trials} laps each"
        parts = [track_words(asked.track), asked.race.summary, laps]
        if not ranking.is_whole:
            parts.append(f"{len(ranking.checkpoints)} of {len(ranking.asked)} checkpoints")
        return ", ".join((*parts, moment_text(stamp_s(ranking.stamp))))
