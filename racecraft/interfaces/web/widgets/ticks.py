"""Ticks of forms whose answers become the address of the page."""

from __future__ import annotations

from racecraft.interfaces.web.tags import tag


def lap_tick(name: str, value: str, text: str, *, is_on: bool) -> None:
    """A lap that can be chosen.

    Args:
        name: of the part of the address.
        value: what stands there if it is ticked.
        text: what people read.
        is_on: whether it is ticked.
    """
    with tag("label", "replay-lap"):
        tick = tag("input", type="checkbox", name=name, value=value)
        if is_on:
            tick.props["checked"] = True
        tag("span", text=text)
