"""The lines of a timetable, to be written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.widgets.buttons import button, icon_button
from racecraft.interfaces.web.widgets.fields import TextField
from racecraft.interfaces.web.widgets.moments import MomentField

if TYPE_CHECKING:
    from racecraft.service.events.event import TimeSlot

HOUR_S = 3600.0


class TimetableField:
    """Lines with a time and what happens then; `value` is what the service wants."""

    def __init__(self, slots: Sequence[TimeSlot], begins_s: float) -> None:
        """Make it; a new line is an hour after the last one, the first at `begins_s`."""
        self._next_s = begins_s
        self._lines: dict[int, tuple[MomentField, TextField]] = {}
        self._place = tag("div", "timetable-lines")
        for slot in slots:
            self._add(slot.at_s, slot.what)
        with tag("div", "actions start"):
            button("Add a line", lambda: self._add(self._next_s, ""), icon="plus")

    @property
    def value(self) -> list[dict[str, Any]]:
        """Lines that say something."""
        return [
            {"at_s": at.value, "what": str(what.value).strip()}
            for at, what in self._lines.values()
            if str(what.value).strip()
        ]

    def is_whole(self) -> bool:
        """Whether every line that says something has a time."""
        return all(line["at_s"] is not None for line in self.value)

    def _add(self, at_s: float, what: str) -> None:
        self._next_s = at_s + HOUR_S
        with self._place:
            line = tag("div", "timetable-line")
        with line:
            number = line.id
            self._lines[number] = (
                MomentField("When", at_s),
                TextField("What", what, maxlength=120),
            )

            def remove() -> None:
                del self._lines[number]
                line.delete()

            icon_button("Remove this line", "trash", remove)
