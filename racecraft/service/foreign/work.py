"""The work on one foreign model: its files, and what is said about them in the end."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from racecraft.analysis.places import Place

if TYPE_CHECKING:
    from racecraft.service.settings import Settings

_MOST_SENTENCES, _MOST_CHARACTERS = 100, 500
"""Of a report: names and values in it are whatever the files hold."""


class ForeignReport(BaseModel):
    """What was taken over, and what was not."""

    name: str
    """What the model is called here."""
    taken: list[str] = []
    left: list[str] = []
    """What was not, and why, in sentences."""
    can_drive: bool = False
    """Whether there are weights, so that it can be evaluated and cloned."""


@dataclass
class Taking:
    """The work on one model."""

    settings: Settings
    place: Place
    report: ForeignReport
    trace_bytes: int = 0
    """Of the traces that were read so far."""
    _told: Counter[str] = field(default_factory=Counter)

    def say(self, what: str) -> None:
        """Something was taken over."""
        self._tell(self.report.taken, "taken", what)

    def leave(self, what: str) -> None:
        """Something was not, or is different here; a sentence."""
        self._tell(self.report.left, "left", what)

    def _tell(self, lines: list[str], kind: str, what: str) -> None:
        self._told[kind] += 1
        more = self._told[kind] - _MOST_SENTENCES
        if more > 0:
            lines[_MOST_SENTENCES:] = [f"And {more} more."]
        else:
            is_long = len(what) > _MOST_CHARACTERS
            lines.append(what[: _MOST_CHARACTERS - 2] + " …" if is_long else what)

    def json(self, file: str) -> dict[str, Any]:
        """What a file of this name says; nothing if there is none."""
        name = self.named(file)
        if name is None:
            return {}
        try:
            values = json.loads(self.place.read(name))
        except (ValueError, RecursionError) as error:
            self.leave(f"{name} cannot be read ({str(error)[:100]}).")
            return {}
        return values if isinstance(values, dict) else {}

    def named(self, file: str) -> str | None:
        """The file of this name that lies least deep."""
        names = [name for name in self.place.names if name.rpartition("/")[2] == file]
        return min(names, key=lambda name: (name.count("/"), name), default=None)
