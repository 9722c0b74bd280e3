"""The Info drawer: help that slides in from the right and leaves the page where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.interfaces.web.help import help_of
from racecraft.interfaces.web.icons import icon
from racecraft.interfaces.web.tags import drawing, tag

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Visit

_KEPT = "racecraft_help"
"""Where a page keeps the name of its help file."""


def make(visit: Visit) -> None:
    """The closed drawer of a page; console.js opens and closes it."""
    ui.context.client.storage[_KEPT] = visit.place.help_file
    with tag("aside", "info-drawer", id="info-drawer", aria_label="Info", hidden=True):
        with tag("div", "info-top"):
            tag("p", "label", text="Info")
            with tag("button", "icon-button", type="button", data_info_close="") as close:
                close.props["aria-label"] = "Close Info"
                drawing(icon("cross"))
        tag("div", id="info-body", tabindex="-1")


def info(key: str) -> None:
    """An Info link that opens a section of the page's help file.

    Raises:
        KeyError: the help file has no such section.
    """
    page = ui.context.client.storage[_KEPT]
    section = help_of(page, key)
    link = tag("button", "info-link", "Info", type="button", data_info=f"{page}/{key}")
    link.props["aria-controls"] = "info-drawer"
    link.props["aria-label"] = f"Info: {section.title}"
