"""Step 5: the reward function, what is wrong with it, and what it pays for."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from nicegui import ui

from racecraft.domain.errors import InvalidSpec, RacecraftError
from racecraft.domain.race import RaceSpec
from racecraft.interfaces.web.pages.create_model import ending
from racecraft.interfaces.web.pages.create_model.editor import CodeField
from racecraft.interfaces.web.pages.create_model.examples import choose_example
from racecraft.interfaces.web.pages.create_model.heat_map import show_run
from racecraft.interfaces.web.tags import tag, words
from racecraft.interfaces.web.toasts import say
from racecraft.interfaces.web.widgets.buttons import button
from racecraft.interfaces.web.widgets.cards import panel
from racecraft.interfaces.web.widgets.notices import badge
from racecraft.service.documents import checked
from racecraft.service.presets import SPEED_REWARDS
from racecraft.service.reward_desk import Trial, check_sent, try_sent
from racecraft.service.track_choices import track_words

if TYPE_CHECKING:
    from racecraft.analysis.dry_run import DryRun
    from racecraft.interfaces.web.pages.create_model.form import Form
    from racecraft.interfaces.web.visit import Asking
    from racecraft.sandbox.check import RewardCheck
    from racecraft.sandbox.findings import Finding
    from racecraft.service.rewards import Example

PAUSE_S = 1.2
"""After so long without typing the function is looked at by itself."""
PATIENCE_S = 45.0
_KINDS = {"error": "bad", "warning": "busy", "hint": "info"}
_FAST_LAP = 1
"""Number of the lap that is drawn at first: fast along the centre line."""


def build(form: Form) -> None:
    """The fields of the step."""
    desk = _Desk(form)
    ending.build(form)
    ui.timer(0.4, desk.look_by_itself)


class _Desk:
    """The editor with its findings and the dry run beside it."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._began_with = form.sheet.reward_source
        self._typed_at: float | None = 0.0
        self._is_looking = False
        self._run: DryRun | None = None
        with tag("div", "reward-grid"):
            with panel("Reward function", info="reward-function", classes="reward-panel"):
                self._tools()
                self.code = CodeField(form.sheet.reward_source, self._changed)
                form.fields["reward"] = self.code
                self._said = tag("div", "findings", role="status")
            with panel("Dry run", info="dry-run", classes="dry-run"):
                self._where = words("p", "", "dim")
                self._map = tag("div", "dry-run-body")

    def _tools(self) -> None:
        with tag("div", "actions code-tools"):
            button("Examples", lambda: choose_example(self._form.stock.examples, self._take))
            button("Reset", self._reset)
            self._validate = button("Validate", self.look, kind="strong")

    def _changed(self, text: str) -> None:
        self._form.put("reward_source", text)
        self._typed_at = time.monotonic()

    def _take(self, example: Example) -> None:
        self._replace(example.source, f"The editor holds {example.name} now.")
        if example.name not in SPEED_REWARDS and self._form.sheet.min_mean_speed_mps:
            # A car that is not paid for speed would never be done.
            self._form.put("stop.min_mean_speed_mps", 0)
            self._form.fields["stop.min_mean_speed_mps"].set_value(0)

    def _reset(self) -> None:
        self._replace(self._began_with, "The editor holds what it began with.")

    def _replace(self, source: str, words: str) -> None:
        before = self._form.sheet.reward_source
        if source == before:
            return

        async def undo() -> None:
            self._put(before)

        self._put(source)
        say(self._form.visit, words, action=("Undo", undo))

    def _put(self, source: str) -> None:
        self.code.set_value(source)
        self._changed(source)
        self._typed_at = 0.0

    async def look_by_itself(self) -> None:
        """Look at the function when nothing was typed for a moment."""
        is_due = self._typed_at is not None and time.monotonic() - self._typed_at > PAUSE_S
        if is_due and not self._is_looking and self._form.sheet.reward_source.strip():
            await self.look()

    async def look(self) -> None:
        """Check the function, then try it."""
        if self._is_looking:
            return
        self._is_looking, self._typed_at = True, None
        self._tell("Looking at it …")
        try:
            await asyncio.wait_for(self._look(), PATIENCE_S)
        except TimeoutError:
            self._tell("It took too long; simplify the function and validate it again.")
        except RacecraftError as error:
            self._tell(str(error))
        finally:
            self._is_looking = False

    async def _look(self) -> None:
        form, source = self._form, self._form.sheet.reward_source
        if not form.sheet.tracks:
            self._tell("Choose a track in step 1 first.")
            return
        track, race = form.sheet.tracks[0], form.sheet.race_type
        among = checked(RaceSpec, form.sheet.race())

        def check(asking: Asking) -> RewardCheck:
            return check_sent(asking.settings, asking.actor, source, track=track, race_type=race)

        found = await form.visit.run_in_turn(check)
        if form.sheet.reward_source != source:
            return  # typed on meanwhile; it is looked at again
        self._show_findings(found)
        self.code.underline(found.findings)
        if found.is_usable:
            trial = Trial(
                source=source,
                track=track,
                race=among,
                model_id=form.parent.model.id if form.parent is not None else None,
                **_speeds(form),
            )
            self._where.text = f"Trying it on {track_words(track)} …"
            self._run = await form.visit.run_in_turn(
                lambda asking: try_sent(asking.store, asking.settings, asking.actor, trial)
            )
            self._where.text = (
                f"{len(self._run.laps)} laps on {track_words(track)}, drawn and not driven."
            )
            self._show_lap(_FAST_LAP)
        else:
            self._where.text = "The dry run waits until the function can be used."

    def _show_lap(self, number: int) -> None:
        if self._run is not None:
            self._map.clear()
            with self._map:
                show_run(self._run, number, self._show_lap)

    def _tell(self, text: str) -> None:
        self._said.clear()
        with self._said:
            tag("p", "dim", text)

    def _show_findings(self, check: RewardCheck) -> None:
        self.code.show_error("")
        self._said.clear()
        with self._said:
            if check.is_usable:
                with tag("p", "verdict"):
                    badge("Passed", "good")
                    tag("span", text=_passed(check))
            for finding in check.findings:
                self._finding(finding)

    def _finding(self, finding: Finding) -> None:
        kind = finding.severity.value
        with tag("div", f"finding finding-{kind}"):
            badge(kind.capitalize(), _KINDS[kind])
            if finding.line is not None:
                line = finding.line
                link = tag("button", "lap-link", f"Line {line}", type="button")
                link.on("click", lambda: self.code.reveal(line), args=[])
            tag("span", text=finding.message.removeprefix(f"Line {finding.line}: "))


def _passed(check: RewardCheck) -> str:
    if check.lowest is None or check.highest is None:
        return "It can be trained with."
    return (
        f"Called in {check.calls} states; it paid from {check.lowest:.3g} to {check.highest:.3g}."
    )


def _speeds(form: Form) -> dict[str, Any]:
    """Speeds of the drawn laps: those of the action space, while it fits."""
    try:
        slow, fast = form.sheet.action_space().speed_range_mps
    except InvalidSpec:
        return {}
    return {"slow_mps": slow if slow < fast else fast / 2, "fast_mps": fast}
