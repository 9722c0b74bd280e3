"""A date and time to be chosen, in the zone of whoever looks."""

from __future__ import annotations

import math
from typing import Any

from nicegui import ui

from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.widgets.fields import About, Changed, Field


class MomentField(Field):
    """A date and time; its value is seconds since 1970, or None while it is not whole."""

    def __init__(self, about: About | str, value: float, on_change: Changed | None = None) -> None:
        super().__init__(about, value, on_change)
        with self.root:
            top = tag("div")
            self.control = tag("input", "control", type="datetime-local")
            with top:
                self._label(self.control.html_id)
            self._below()
        self.control.on(
            "input",
            lambda e: self.change(_seconds(e.args)),
            js_handler="(e) => emit(new Date(e.target.value).getTime() / 1000)",
        )
        self.set_value(value)

    def set_value(self, value: Any) -> None:
        """Write a time into the control; only the browser knows the zone."""
        self.value = value
        ui.run_javascript(f"racecraft.setMoment({self.control.id}, {float(value)!r})")


def _seconds(told: Any) -> float | None:
    """What the browser tells; JSON has no word for what is no time."""
    is_time = isinstance(told, int | float) and math.isfinite(told)
    return float(told) if is_time else None
