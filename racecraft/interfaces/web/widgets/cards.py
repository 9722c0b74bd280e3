"""Panels and the big figures on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from racecraft.interfaces.web.frame import heading
from racecraft.interfaces.web.tags import tag

if TYPE_CHECKING:
    from nicegui.element import Element


@contextmanager
def panel(title: str = "", *, info: str | None = None, classes: str = "") -> Iterator[Element]:
    """A card with a heading of level two."""
    with tag("section", f"panel {classes}") as made:
        if title:
            made.props["aria-label"] = title
            heading(title, info=info)
        yield made


@contextmanager
def grid(classes: str = "") -> Iterator[Element]:
    """Cards beside each other, as many as fit; `cols-2` and `cols-3` fix how many."""
    with tag("div", f"grid {classes}") as made:
        yield made


def figure(value: str, label: str, kind: str = "") -> Element:
    """A big exact number and what it counts."""
    with tag("div", f"figure {kind}") as made:
        tag("span", "figure-value", value)
        tag("span", "figure-label", label)
    return made


def facts(rows: list[tuple[str, str]]) -> None:
    """Names and values beside each other; "–" stands for what is missing."""
    with tag("dl", "facts"):
        for name, value in rows:
            with tag("div"):
                tag("dt", text=name)
                tag("dd", text=value or "–")


def scrolled(label: str) -> Element:
    """A place for a wide table of plain rows: it scrolls by itself, with the keyboard too."""
    return tag("div", "table-scroll", tabindex="0", role="region", aria_label=label)
