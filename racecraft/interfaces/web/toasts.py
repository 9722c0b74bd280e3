"""Short messages at the lower edge: what was done, or why it was not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from nicegui import ui

from racecraft.interfaces.web.icons import icon
from racecraft.interfaces.web.tags import drawing, pressed, tag

if TYPE_CHECKING:
    from nicegui.element import Element

    from racecraft.interfaces.web.visit import Visit

STAYS_S = 8.0
_SIGNS = {"good": "good", "info": "info", "bad": "bad"}


def toast_region() -> Element:
    """Where messages appear; read out by screen readers as they come."""
    return tag("div", "toasts", role="status", aria_live="polite")


def say(
    visit: Visit,
    text: str,
    kind: str = "good",
    *,
    action: tuple[str, Callable[[], Awaitable[Any]]] | None = None,
) -> None:
    """Tell whoever looks at the page something.

    Args:
        visit: the opened page.
        text: a sentence.
        kind: good, info or bad; bad ones stay until they are closed.
        action: word and function of a button, such as "Undo".
    """
    assert visit.toasts is not None
    with visit.toasts, tag("div", f"toast {kind}") as toast:
        drawing(icon(_SIGNS[kind]))
        tag("span", "toast-text", text=text)
        if action is not None:
            word, do = action

            async def act() -> None:
                toast.delete()
                await do()

            pressed(tag("button", "button quiet", word, type="button"), act)
        close = tag("button", "icon-button", type="button", aria_label="Close this message")
        pressed(close, toast.delete)
        with close:
            drawing(icon("cross", 16))
        if kind != "bad":
            ui.timer(STAYS_S, lambda: toast.delete(), once=True, immediate=False)
