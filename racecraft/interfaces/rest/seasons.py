"""Seasons: points over several races."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from racecraft.interfaces.rest.shared import Done, Page
from racecraft.interfaces.rest.who import Asker, Here
from racecraft.service.seasons import correcting, tables
from racecraft.service.seasons import season as seasons
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


class CorrectionWish(BaseModel):
    """Points to give or to take, and why."""

    model_config = ConfigDict(extra="forbid")

    person_id: str = Field(max_length=64, description="whose points")
    points: int = Field(ge=-1000, le=1000, description="negative to take them; not 0")
    reason: str = Field(max_length=500, description="everybody reads it")


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


@router.post("/seasons/{season_id}/corrections", status_code=201)
def correct(season_id: str, wish: CorrectionWish, actor: Asker, here: Here) -> Season:
    """Give a racer points by hand, or take some, with a reason; for organisers."""
    return correcting.correct_points(
        here.store, actor, season_id, wish.person_id, points=wish.points, reason=wish.reason
    )


@router.delete("/seasons/{season_id}/corrections/{correction_id}")
def take_back(season_id: str, correction_id: str, actor: Asker, here: Here) -> Season:
    """Let a correction count no more; it stays in the record, as taken back."""
    return correcting.take_back(here.store, actor, season_id, correction_id)
