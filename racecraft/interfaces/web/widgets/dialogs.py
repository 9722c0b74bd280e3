"""Dialogs: a question before something is done, or a small form.

They are HTML's own `<dialog>`: the page behind is out of reach, Escape closes, and the focus goes
back to where it came from.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from nicegui import ui

from racecraft.interfaces.web.icons import icon
from racecraft.interfaces.web.tags import drawing, pressed, tag
from racecraft.interfaces.web.widgets.buttons import button


class Dialog:
    """An open dialog."""

    def __init__(self, title: str, *, is_wide: bool = False) -> None:
        with ui.context.client.layout:
            self.element = tag("dialog", "dialog wide" if is_wide else "dialog")
        name = f"dialog-title-{self.element.id}"
        self.element.props["aria-labelledby"] = name
        self.element.on("close", lambda: self.element.delete(), args=[])
        with self.element:
            with tag("div", "dialog-top"):
                tag("h2", text=title, id=name)
                shut = tag("button", "icon-button", type="button", aria_label="Close")
                pressed(shut, self.close)
                with shut:
                    drawing(icon("cross"))
            self.body = tag("div", "dialog-body")
            self.foot = tag("div", "dialog-foot actions")
        ui.run_javascript(f"racecraft.openDialog({self.element.id})")

    def close(self) -> None:
        """Close it; what was typed is gone."""
        self.element.client.run_javascript(f"racecraft.closeDialog({self.element.id})")


@contextmanager
def dialog(title: str, *, is_wide: bool = False) -> Iterator[Dialog]:
    """Open a dialog; its content is made inside the `with` block, its buttons in `.foot`."""
    made = Dialog(title, is_wide=is_wide)
    with made.body:
        yield made


def confirm(
    title: str,
    text: str,
    verb: str,
    do: Callable[[], Awaitable[Any]],
    *,
    kind: str = "danger",
) -> None:
    """Ask before something is done.

    Args:
        title: the question.
        text: what happens then.
        verb: on the button that does it.
        do: does it.
        kind: "danger" or "primary".
    """
    with dialog(title) as made:
        tag("p", text=text)

        async def act() -> None:
            made.close()
            await do()

        with made.foot:
            button("Cancel", made.close, kind="quiet")
            button(verb, act, kind=kind)
