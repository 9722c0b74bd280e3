"""Wizards: steps in a row, with the list of them beside."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from racecraft.interfaces.web.icons import icon
from racecraft.interfaces.web.tags import drawing, pressed, tag, words
from racecraft.interfaces.web.widgets.buttons import button


@dataclass(frozen=True)
class Step:
    """One step."""

    title: str
    build: Callable[[], Any]
    """Makes the fields of the step, once, when it is first shown."""
    check: Callable[[], bool | Awaitable[bool]] = lambda: True
    """Whether one may go on; says beside the fields why not."""


class Wizard:
    """Steps, of which one is shown; what was typed in the others stays."""

    def __init__(
        self,
        steps: Sequence[Step],
        *,
        finish: str,
        on_finish: Callable[[], Awaitable[Any]],
        cancel_path: str,
        on_show: Callable[[int], Any] | None = None,
    ) -> None:
        """Make it and show the first step.

        Args:
            steps: in order.
            finish: verb on the last button.
            on_finish: what it does, once every step fits.
            cancel_path: where Cancel leads.
            on_show: gets the number of each step that is shown, from 0.
        """
        self._steps, self._finish = list(steps), finish
        self._on_finish, self._cancel_path, self._on_show = on_finish, cancel_path, on_show
        self.shown, self.reached, self._is_busy = 0, 0, False
        self._listed: tuple[int, int] | None = None
        """Step shown and furthest step, as the list of steps on the page tells them."""
        with tag("div", "wizard"):
            self._list = tag("nav", "steps", aria_label="Steps")
            with tag("div", "wizard-main"):
                self._bodies = [tag("div", "step-body", hidden=True) for _ in steps]
                self._foot = tag("div", "wizard-foot actions")
        self._built: set[int] = set()
        self._make_foot()
        self.show(0, focus=False)

    def show(self, number: int, *, focus: bool = True) -> None:
        """Go to a step, counted from 0."""
        self.shown, self.reached = number, max(self.reached, number)
        self._build(number)
        for k, body in enumerate(self._bodies):
            body.props["hidden"] = k != number
            body.update()
        self._draw_list()
        self._change_foot()
        if focus:
            ui.run_javascript(f"racecraft.focusHeading({self._bodies[number].id})")
        if self._on_show is not None:
            self._on_show(number)

    def rebuild(self, *numbers: int) -> None:
        """Make the fields of some steps, or of all, anew: they were changed elsewhere."""
        for number in numbers or range(len(self._steps)):
            self._built.discard(number)
            self._bodies[number].clear()
        if self.shown not in self._built:
            self.show(self.shown)

    async def next(self) -> None:
        """Go on, or finish, if what stands in the step fits."""
        if self._is_busy:
            return
        self._is_busy = True
        try:
            if not await self._fits(self.shown):
                self.show_first_error()
            elif self.shown + 1 < len(self._steps):
                self.show(self.shown + 1)
            else:
                await self.finish()
        finally:
            self._is_busy = False

    async def finish(self) -> None:
        """Finish, or go to the first step with something that does not fit."""
        for k in range(len(self._steps)):
            self._build(k)
            if not await self._fits(k):
                self.show(k, focus=False)
                self.show_first_error()
                return
        await self._on_finish()

    def show_first_error(self) -> None:
        """Put the cursor into the first field of the step that has an error."""
        ui.run_javascript(f"racecraft.focusError({self._bodies[self.shown].id})")

    async def _fits(self, number: int) -> bool:
        answer = self._steps[number].check()
        return bool(await answer if inspect.isawaitable(answer) else answer)

    def _build(self, number: int) -> None:
        if number not in self._built:
            self._built.add(number)
            with self._bodies[number]:
                tag("h2", "step-title", self._steps[number].title, tabindex="-1")
                self._steps[number].build()

    def _draw_list(self) -> None:
        if self._listed == (self.shown, self.reached):
            return
        self._listed = (self.shown, self.reached)
        self._list.clear()
        with self._list, tag("ol"):
            for k, step in enumerate(self._steps):
                self._draw_row(k, step.title)

    def _draw_row(self, k: int, title: str) -> None:
        is_done, is_here = k < self.reached and k != self.shown, k == self.shown
        state = "here" if is_here else "done" if is_done else ""
        with tag("li", f"step {state}", aria_current="step" if is_here else None):
            can_go = k <= self.reached and not is_here
            if can_go:
                row = tag("button", "step-link", type="button")
                pressed(row, lambda: self.show(k))
            else:
                row = tag("span", "step-link")
            with row:
                with tag("span", "step-number"):
                    if is_done:
                        drawing(icon("check", 15))
                        tag("span", "only-read", "Finished:")
                    else:
                        tag("span", text=str(k + 1))
                tag("span", text=title)

    def _make_foot(self) -> None:
        """Made once: a click on a button that is just replaced would be lost."""
        with self._foot:
            tag("a", "button quiet", "Cancel", href=self._cancel_path)
            tag("span", "grow")
            self._previous = button("Previous", lambda: self.show(max(self.shown - 1, 0)))
            with button("", self.next, kind="primary") as go_on:
                go_on.clear()
                self._verb = words("span", "Next")

    def _change_foot(self) -> None:
        self._previous.props["hidden"] = self.shown == 0
        self._previous.update()
        is_last = self.shown + 1 == len(self._steps)
        self._verb.text = self._finish if is_last else "Next"
