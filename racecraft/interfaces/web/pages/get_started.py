"""The first page: the loop of learning, creating, training and racing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.widgets.buttons import link_button
from racecraft.interfaces.web.widgets.cards import grid, panel

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Visit


async def get_started(visit: Visit) -> None:
    """How it goes, and the first step."""
    with page_head(visit, info="how-it-works"):
        link_button("Create model", "/models/create", kind="primary", icon="plus")
    with panel("How it works"), tag("ol", "loop"):
        for title, text in (
            ("Learn", "See what a car perceives, does and is rewarded for."),
            ("Create", "Choose a track and write the reward in a few lines."),
            ("Train and evaluate", "Watch it drive, and measure its laps."),
            ("Race", "Enter a race, compare, and go round again."),
        ):
            with tag("li"):
                tag("h3", text=title)
                tag("p", "dim", text)
    with grid("cols-2"), panel("Your models"):
        tag("p", text="Everything that you train is kept there, with its laps and its log.")
        link_button("Go to your models", "/models")
