"""What the shell suggests when Tab is pressed: names that exist here, or on the server.

Nothing may go wrong loudly here, and nothing may take long: without an answer there is no
suggestion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import typer

from racecraft.interfaces.cli.place import desk_now, name_place

if TYPE_CHECKING:
    from racecraft.interfaces.cli.desk.desk import Desk


def model_names(context: typer.Context, incomplete: str) -> list[str]:
    """Names of models."""
    return _names(context, incomplete, lambda desk: (card.name for card in desk.models.cards()))


def track_names(context: typer.Context, incomplete: str) -> list[str]:
    """Names of tracks."""
    return _names(context, incomplete, lambda desk: (card.name for card in desk.tracks.cards()))


def vehicle_names(context: typer.Context, incomplete: str) -> list[str]:
    """Names of vehicles."""
    return _names(context, incomplete, lambda desk: (v.name for v in desk.records.vehicles()))


def _names(
    context: typer.Context, incomplete: str, find: Callable[[Desk], Iterable[str]]
) -> list[str]:
    given = context.find_root().params
    try:
        name_place(given.get("server"), given.get("token"))
        return sorted(name for name in find(desk_now()) if name.startswith(incomplete))
    except Exception:  # a traceback in the middle of somebody's command line helps nobody
        return []
