"""What a page has to say: state banners, announcements, empty places, badges."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from racecraft.interfaces.web.icons import icon
from racecraft.interfaces.web.tags import drawing, pressed, tag

if TYPE_CHECKING:
    from nicegui.element import Element

_SIGNS = {"good": "good", "info": "info", "bad": "bad", "busy": "refresh"}


@contextmanager
def banner(kind: str, text: str, detail: str = "", *, closes: bool = False) -> Iterator[Element]:
    """A band above the content that tells a state; its buttons are made inside the `with` block.

    Args:
        kind: good, info, bad, or busy for what is under way.
        text: one sentence.
        detail: a second line.
        closes: whether it can be put away.
    """
    role = "alert" if kind == "bad" else "status"
    with tag("div", f"banner {kind}", role=role) as made:
        drawing(icon(_SIGNS[kind], 20), "spin" if kind == "busy" else "")
        with tag("div", "banner-text"):
            tag("p", "strong", text)
            if detail:
                tag("p", "dim", detail)
        with tag("div", "actions"):
            yield made
            if closes:
                _closing(made)


@contextmanager
def announcement(title: str, text: str) -> Iterator[Element]:
    """A box in the page that tells something worth knowing and can be put away."""
    with tag("div", "announcement", role="note") as made:
        drawing(icon("info", 20))
        with tag("div", "banner-text"):
            tag("p", "strong", title)
            tag("p", text=text)
        with tag("div", "actions"):
            yield made
            _closing(made)


@contextmanager
def empty_state(title: str, text: str, svg: str = "") -> Iterator[None]:
    """What stands where nothing is yet; the first step is made inside the `with` block."""
    with tag("div", "empty"):
        if svg:
            drawing(svg, "empty-picture")
        tag("p", "empty-title", title)
        tag("p", "dim", text)
        with tag("div", "actions"):
            yield


def badge(text: str, kind: str = "") -> Element:
    """A word about a state; kind is good, info, bad, busy or nothing."""
    with tag("span", f"badge {kind}") as made:
        tag("span", "badge-dot", aria_hidden="true")
        tag("span", text=text)
    return made


def _closing(made: Element) -> None:
    close = tag("button", "icon-button", type="button", aria_label="Close this message")
    pressed(close, made.delete)
    with close:
        drawing(icon("cross", 16))
