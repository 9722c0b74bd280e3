"""Buttons: verbs that do something, links that go somewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from racecraft.interfaces.web.icons import icon as icon_svg
from racecraft.interfaces.web.tags import drawing, pressed, tag

if TYPE_CHECKING:
    from nicegui.element import Element

Do = Callable[[], Any]
"""What a button does; async functions are awaited. Errors of ours become messages by themselves."""


def button(
    text: str,
    do: Do | None = None,
    *,
    kind: str = "",
    icon: str | None = None,
    is_enabled: bool = True,
) -> Element:
    """A button.

    Args:
        text: a verb.
        do: what it does.
        kind: "primary" for the one action of a page, "danger", "quiet", or nothing.
        icon: name of an icon before the text.
        is_enabled: whether it can be pressed; `enable` changes it later.
    """
    made = tag("button", f"button {kind}", type="button")
    with made:
        if icon is not None:
            drawing(icon_svg(icon, 16))
        tag("span", text=text)
    if do is not None:
        pressed(made, do)
    enable(made, is_enabled)
    return made


def icon_button(label: str, icon: str, do: Do | None = None) -> Element:
    """A button with a picture only; the label is what screen readers say and the mouse shows."""
    made = tag("button", "icon-button", type="button", title=label, aria_label=label)
    with made:
        drawing(icon_svg(icon))
    if do is not None:
        pressed(made, do)
    return made


def link_button(text: str, path: str, *, kind: str = "", icon: str | None = None) -> Element:
    """A link that looks like a button."""
    made = tag("a", f"button {kind}", href=path)
    with made:
        if icon is not None:
            drawing(icon_svg(icon, 16))
        tag("span", text=text)
    return made


def enable(made: Element, is_enabled: bool) -> None:
    """Let a button be pressed, or not."""
    if is_enabled:
        made.props.pop("disabled", None)
    else:
        made.props["disabled"] = True
    made.update()


def actions_menu(
    text: str, entries: Sequence[tuple[str, Do, str]], *, is_enabled: bool = True
) -> tuple[Element, list[Element]]:
    """A button that opens a list of actions.

    Args:
        text: on the button.
        entries: (verb, what it does, kind) of each action; kind is "danger" or nothing.
        is_enabled: whether the actions can be chosen at first.

    Returns:
        The button, and the action entries in order, for `enable`.
    """
    with tag("div", "dropdown"):
        opener = tag("button", "button", type="button", data_dropdown="", aria_expanded="false")
        opener.props["aria-haspopup"] = "true"
        with opener:
            tag("span", text=text)
            drawing(icon_svg("down", 16))
        rows = []
        with tag("div", "dropdown-list", hidden=True):
            for verb, do, kind in entries:
                row = tag("button", f"dropdown-entry {kind}", verb, type="button")
                pressed(row, do)
                enable(row, is_enabled)
                rows.append(row)
    return opener, rows
