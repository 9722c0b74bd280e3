"""A page's place: its address, its title, where the menu has it, and who may open it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from racecraft.service.access import Operation

Build = Callable[[Any], Awaitable[None]]
"""A page's function; it gets the `Visit`, which knows places and is not known here."""


class Group(StrEnum):
    """Headings of the menu, in order."""

    LEARN = "Learn"
    BUILD = "Build"
    RACE = "Race"
    MACHINE = "Machine"


@dataclass(frozen=True)
class Place:
    """One row of the table of pages."""

    path: str
    """With names in braces for what changes: `/models/{model_id}`."""
    title: str
    build: Build
    """Makes the content; the frame is there already."""
    group: Group | None = None
    """Where the menu has it; None for pages that are reached from others."""
    icon: str = "dot"
    under: str = ""
    """Path of the page that the breadcrumb names before this one."""
    needs: Operation | None = None
    """What somebody must be allowed to do, to see it at all."""
    is_public: bool = False
    """For people who are not signed in."""
    is_for_many: bool = False
    """Whether only installations with accounts have it in their menu."""
    on_phone: bool = False
    """Whether the bar at the bottom of a phone shows it."""
    help: str = ""
    """Name of its help file; the first word of the path without."""

    @property
    def help_file(self) -> str:
        """Name of the file with the texts of its Info links."""
        return self.help or self.path.strip("/").split("/")[0] or "start"
