"""Pages that are not there, or not for this person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from racecraft.interfaces.web.frame import page_head
from racecraft.interfaces.web.tags import tag
from racecraft.interfaces.web.widgets.buttons import link_button
from racecraft.interfaces.web.widgets.notices import empty_state

if TYPE_CHECKING:
    from racecraft.interfaces.web.visit import Visit

_OFF_TRACK = (
    '<svg viewBox="0 0 200 110" width="200" height="110" fill="none" stroke-linecap="round">'
    '<path d="M10 95C10 40 60 20 110 20h70" stroke="var(--line)" stroke-width="34"/>'
    '<path d="M10 95C10 40 60 20 110 20h70" stroke="var(--accent)" stroke-width="3" '
    'stroke-dasharray="10 9"/><g transform="translate(118 84) rotate(24)">'
    '<rect x="-20" y="-10" width="40" height="20" rx="6" fill="var(--info)"/>'
    '<rect x="-5" y="-7" width="14" height="14" rx="3" fill="var(--panel)"/></g></svg>'
)


async def nowhere(visit: Visit) -> None:
    """No page has this address."""
    ui.context.client.status_code = 404
    with page_head(visit):
        pass
    with empty_state(
        "Off the track",
        f"There is no page {visit.request.url.path}. The menu has all that there are.",
        _OFF_TRACK,
    ):
        link_button("Go to the first page", "/", kind="primary")


async def refused(visit: Visit, why: str) -> None:
    """The page cannot be shown, and why."""
    tag("h1", text=visit.place.title)
    with empty_state("This cannot be shown", why, _OFF_TRACK):
        link_button("Go to the first page", "/", kind="primary")
