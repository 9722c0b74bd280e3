"""The pages for creating and cloning a model: the draft, the steps, and what Create does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.domain.errors import (
    Conflict,
    InvalidInput,
    InvalidReward,
    QuotaExceeded,
    RacecraftError,
)
from racecraft.interfaces.web import files
from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.pages.create_model import steps
from racecraft.interfaces.web.pages.create_model.form import Form, Stock
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.widgets.buttons import button, link_button
from racecraft.interfaces.web.widgets.notices import banner, empty_state
from racecraft.interfaces.web.widgets.wizards import Wizard
from racecraft.service.drafts.beginnings import Parent, blank, of_clone
from racecraft.service.drafts.records import CREATE, Draft, drop_draft, keep_draft, open_draft
from racecraft.service.drafts.sheet import Part, Sheet
from racecraft.service.drafts.wishes import make, wished
from racecraft.service.garage import list_vehicles
from racecraft.service.rewards import reward_examples
from racecraft.service.tracks import list_tracks

if TYPE_CHECKING:
    from nicegui.element import Element

    from racecraft.interfaces.web.visit import Asking, Visit

SAVE_EVERY_S = 0.3
TRAIL = (("Models", "/models"),)


async def create_model(visit: Visit) -> None:
    """A new model from scratch or from a preset."""
    await _open(visit, CREATE)


async def clone_model(visit: Visit) -> None:
    """A new model with the weights of another one."""
    model_id = visit.params["model_id"]
    try:
        sheet, parent = await visit.run(
            lambda asking: of_clone(asking.store, asking.settings, asking.actor, model_id)
        )
    except InvalidInput as error:
        with page_head(visit, trail=TRAIL, info="clones"):
            pass
        with empty_state("There is nothing to clone yet", str(error)):
            link_button("Go to your models", "/models", kind="primary")
        return
    asked = visit.request.query_params.get("checkpoint", "")
    is_there = asked in map(str, parent.iterations)
    await _open(visit, f"clone-{model_id}", sheet, parent, asked if is_there else "")


async def _open(
    visit: Visit,
    purpose: str,
    fresh: Sheet | None = None,
    parent: Parent | None = None,
    checkpoint: str = "",
) -> None:
    stock = await visit.run(_stock)
    draft = await visit.run(lambda asking: open_draft(asking.store, asking.actor, purpose))
    title = f"Clone {parent.model.name}" if parent is not None else None
    fresh = fresh or blank()
    kept = draft.read() if draft is not None else None
    sheet = kept or fresh
    form = Form(visit, stock, sheet.changed(checkpoint=checkpoint or sheet.checkpoint), parent)
    with page_head(visit, title, trail=TRAIL, info="creating-a-model"):
        pass
    _Page(form, purpose, draft, fresh)


def _stock(asking: Asking) -> Stock:
    return Stock(
        tracks=tuple(list_tracks(asking.settings.home)),
        vehicles=tuple(list_vehicles(asking.store, asking.actor)),
        examples=tuple(reward_examples()),
    )


class _Page:
    """The wizard with its draft."""

    def __init__(self, form: Form, purpose: str, draft: Draft | None, fresh: Sheet) -> None:
        self.form, self._purpose, self._seen, self._fresh = form, purpose, draft, fresh
        self._saved, self._is_torn, self._is_made = form.sheet, False, False
        self._notices: Element = tag("div", "notices")
        ui.add_head_html(files.script("create_model"))
        if draft is not None and form.sheet.changed(part=0, reached=0) != fresh:
            self._tell_of_draft()
        start, reached = form.sheet.part, form.sheet.reached
        form.wizard = self._wizard = Wizard(
            steps.of_form(form),
            finish="Create model",
            on_finish=self._finish,
            cancel_path="/models",
            on_show=self._note_step,
        )
        self._wizard.reached = max(reached, start)
        if start != Part.TRACK or reached != Part.TRACK:
            self._wizard.show(start, focus=False)
        ui.on("create-model-step", lambda event: self._go(event.args))
        ui.timer(SAVE_EVERY_S, self._save)

    def _tell_of_draft(self) -> None:
        with (
            self._notices,
            banner("info", "This is your draft: it stands as you left it.", closes=True),
        ):
            button("Start afresh", self._start_afresh, kind="quiet")

    def _start_afresh(self) -> None:
        self._notices.clear()
        self._wizard.shown = self._wizard.reached = 0
        self.form.sheet = self._fresh
        self._wizard.rebuild()

    def _note_step(self, number: int) -> None:
        wizard = self.form.wizard
        reached = max(number, wizard.reached if wizard is not None else self.form.sheet.reached)
        if wizard is not None:
            self.form.sheet = self.form.sheet.changed(part=number, reached=reached)
            ui.run_javascript(f"racecraftCreate.at({number})")

    def _go(self, number: object) -> None:
        """The browser went back or forward."""
        if isinstance(number, int) and 0 <= number <= self._wizard.reached:
            self._wizard.show(number)

    async def _save(self) -> None:
        """Keep the draft, unless another window has it."""
        sheet = self.form.sheet
        if sheet == self._saved or self._is_torn or self._is_made:
            return
        self._saved = sheet
        try:
            self._seen = await self.form.visit.run(
                lambda asking: keep_draft(
                    asking.store, asking.actor, self._purpose, sheet, seen=self._seen
                )
            )
        except Conflict:
            self._is_torn = True
            self._ask_which()

    def _ask_which(self) -> None:
        self._notices.clear()
        with (
            self._notices,
            banner(
                "bad",
                "This draft was changed in another window.",
                "Nothing of this window is kept until you choose which of the two goes on.",
            ),
        ):
            button("Keep this one", self._take_over)
            button("Show the other one", lambda: ui.navigate.reload(), kind="quiet")
        ui.run_javascript("window.scrollTo({top: 0})")

    async def _take_over(self) -> None:
        self._seen = await self.form.visit.run(
            lambda asking: open_draft(asking.store, asking.actor, self._purpose)
        )
        self._notices.clear()
        self._is_torn, self._saved = False, self._fresh
        await self._save()

    async def _finish(self) -> None:
        """Make the model, or say at the right place why not."""
        if self._is_made:
            return
        form = self.form
        self._is_made = True
        self._notices.clear()
        with self._notices, banner("busy", "Checking everything and making the model …"):
            pass
        try:
            model_id = await form.visit.run_in_turn(self._make)
        except Exception as error:
            self._is_made = False
            self._notices.clear()
            if not isinstance(error, RacecraftError):
                raise
            await self._refuse(error)
            return
        ui.navigate.to(f"/models/{model_id}")

    def _make(self, asking: Asking) -> str:
        form = self.form
        wanted = wished(form.sheet, form.parent, form.sheet.checkpoint)
        made = make(asking.store, asking.settings, asking.actor, wanted, form.sheet.tags)
        drop_draft(asking.store, asking.actor, self._purpose)
        asking.wake()
        return made.view.model.id

    async def _refuse(self, error: RacecraftError) -> None:
        places = {Conflict: (Part.TRACK, "name"), InvalidReward: (Part.REWARD, "reward")}
        places[QuotaExceeded] = (Part.REWARD, "stop.minutes")
        part, name = places.get(type(error), (Part.REWARD, ""))
        self._wizard.show(part, focus=False)
        if name in self.form.fields:
            self.form.fields[name].show_error(str(error))
            self._wizard.show_first_error()
        else:
            say(self.form.visit, str(error), "bad")
