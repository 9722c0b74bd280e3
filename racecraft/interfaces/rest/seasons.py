"""Seasons: points over several races."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from racecraft.interfaces.rest.shared import Done, Page
from racecraft.interfaces.rest.who import Asker, Here
from racecraft.service.seasons import season as seasons
from racecraft.service.seasons import tables
from racecraft.service.seasons.season import Division, Season
from racecraft.service.seasons.tables import SeasonView

router = APIRouter(tags=["seasons"])


class SeasonFields(BaseModel):
    """What a person decides about a season."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(None, max_length=64)
    description: str | None = Field(None, max_length=500)
    race_ids: list[str] | None = Field(None, max_length=100)
    points: list[int] | None = Field(None, max_length=100)
    counted: int | None = Field(None, ge=0, le=100)
    divisions: list[Division] | None = Field(None, max_length=20)

    def given(self) -> dict[str, Any]:
        """The fields that were sent."""
        return self.model_dump(exclude_unset=True, exclude_none=True)


@router.get("/seasons")
def list_all(actor: Asker, here: Here) -> Page[Season]:
    """The seasons that one manages or races in, the newest first."""
    found = seasons.list_seasons(here.store, actor)
    return Page(items=found, total=len(found))


@router.post("/seasons", status_code=201)
def start(wish: SeasonFields, actor: Asker, here: Here) -> Season:
    """Make a season; for organisers."""
    return seasons.start_season(here.store, actor, wish.given())


@router.get("/seasons/{season_id}")
def view(season_id: str, actor: Asker, here: Here) -> SeasonView:
    """A season with its standings."""
    return tables.view_season(here.store, actor, season_id)


@router.patch("/seasons/{season_id}")
def change(season_id: str, wish: SeasonFields, actor: Asker, here: Here) -> Season:
    """Change a season; its standings follow at once."""
    return seasons.change_season(here.store, actor, season_id, wish.given())


@router.delete("/seasons/{season_id}")
def delete(season_id: str, actor: Asker, here: Here) -> Done:
    """Delete a season; its races stay."""
    seasons.delete_season(here.store, actor, season_id)
    return Done()
