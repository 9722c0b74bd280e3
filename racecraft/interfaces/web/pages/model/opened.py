"""What the parts of a model's page know of the page that they are on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from racecraft.interfaces.web.pages.model.reading import Sheet
    from racecraft.interfaces.web.visit import Visit


class OpenedModel(Protocol):
    """One opened page of a model."""

    visit: Visit
    model_id: str
    sheet: Sheet

    async def refresh(self) -> None:
        """Read everything anew and show it."""
