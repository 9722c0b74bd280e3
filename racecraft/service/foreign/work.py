"""The work on one foreign model: its files, and what is said about them in the end."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from racecraft.analysis.places import Place

if TYPE_CHECKING:
    from racecraft.service.settings import Settings


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

    def say(self, what: str) -> None:
        """Something was taken over."""
        self.report.taken.append(what)

    def leave(self, what: str) -> None:
        """Something was not, or is different here; a sentence."""
        self.report.left.append(what)

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
