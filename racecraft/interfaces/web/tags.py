"""Plain HTML elements, made in Python.

Plain elements are read well by screen readers and look as our styles say; NiceGUI's own elements
(`ui.codemirror`, `ui.echart`, `ui.scene`, …) are for what HTML does not have.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.html import Html
from nicegui.elements.mixins.text_element import TextElement


class Tag(TextElement):
    """An element with a text, which `text` changes."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(tag=name, text=text)


def tag(name: str, /, classes: str = "", text: str | None = None, **attributes: Any) -> Element:
    """An HTML element, to be filled in a `with` block.

    Args:
        name: `div`, `h2`, `ul`, …
        classes: CSS classes.
        text: shown as it is; people's words are safe here.
        **attributes: of HTML; `aria_label` is written `aria-label`, `for_` is `for`; those that
            are None are left out.
    """
    element: Element = ui.element(name) if text is None else Tag(name, text)
    element.classes(classes)
    for word, value in attributes.items():
        if value is not None:
            element.props[word.rstrip("_").replace("_", "-")] = value
    return element


def words(name: str, /, text: str, classes: str = "", **attributes: Any) -> Tag:
    """`tag` for an element whose text changes later: `words("p", "…").text = "…"`."""
    element = tag(name, classes, text, **attributes)
    assert isinstance(element, Tag)
    return element


class Drawing(Html):
    """A drawing of ours that says nothing to who cannot see it; `set_content` draws it anew.

    It must never hold anybody else's text.
    """

    def __init__(self, svg: str, classes: str = "") -> None:
        super().__init__(svg, sanitize=False)
        self.classes(classes)
        self.props["aria-hidden"] = "true"


def drawing(svg: str, classes: str = "") -> Element:
    """A `Drawing` that stays as it is."""
    return Drawing(svg, classes)


def picture(svg: str, label: str, classes: str = "") -> Element:
    """A drawing of ours that says something; never anybody else's text."""
    element = ui.html(svg, sanitize=False).classes(classes).props("role=img")
    element.props["aria-label"] = label
    return element


def pressed(element: Element, do: Callable[[], Any]) -> None:
    """Call a function when an element is clicked, with the page itself around it.

    Otherwise the element would be around it, and nothing could be shown any more once the
    element is replaced, as rows and buttons are.
    """
    client = element.client

    async def run() -> None:
        with client:
            answer = do()
            if isinstance(answer, Awaitable):
                await answer

    element.on("click", run, args=[])
