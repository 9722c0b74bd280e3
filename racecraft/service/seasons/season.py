"""The record of a season, and what its organiser does with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from racecraft.domain.errors import InvalidInput, NotFound
from racecraft.domain.season import OPEN_DIVISION, USUAL_POINTS
from racecraft.service.access import Actor, Operation
from racecraft.service.documents import sentences
from racecraft.service.races.race import Entrant, Race, race_in_sight
from racecraft.service.store import Record, Work

if TYPE_CHECKING:
    from racecraft.service.store import Store

FIELDS = frozenset({"name", "description", "race_ids", "points", "counted", "divisions"})
"""What a person decides about a season."""
_HIGHEST = 1000


class Division(BaseModel):
    """Racers that are ranked among themselves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=40, description="such as `Rookies`")
    person_ids: tuple[str, ...] = Field((), max_length=10_000, description="who is in it")


class Correction(BaseModel):
    """Points that an organiser gave or took by hand; it stays in the record for good."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    person_id: str
    points: int
    """Negative if they were taken."""
    reason: str
    by_id: str
    """Who did it."""
    made_at_s: float
    taken_back_at_s: float | None = None
    """When it ceased to count; None while it counts."""
    taken_back_by_id: str = ""


class Season(Record):
    """Races whose places bring points."""

    TABLE: ClassVar[str] = "seasons"

    owner_id: str

    name: str = Field(min_length=1, max_length=64, description="1 to 64 characters")
    description: str = Field("", max_length=500, description="up to 500 characters")
    race_ids: tuple[str, ...] = Field((), max_length=100, description="its races, in order")
    points: tuple[int, ...] = Field(
        USUAL_POINTS,
        min_length=1,
        max_length=100,
        description="for the first place, the second, and so on; never more for a worse place",
    )
    counted: int = Field(
        0, ge=0, le=100, description="how many of a racer's best results count; 0 for all"
    )
    divisions: tuple[Division, ...] = Field(
        (), max_length=20, description="who is in none is in the division `Open`"
    )

    corrections: tuple[Correction, ...] = ()
    """All that were ever made, the oldest first."""

    @field_validator("points")
    @classmethod
    def _falls(cls, points: tuple[int, ...]) -> tuple[int, ...]:
        if list(points) != sorted(points, reverse=True) or not 0 <= points[-1] <= points[0]:
            raise ValueError("A worse place brings more points than a better one; order them.")
        if points[0] > _HIGHEST:
            raise ValueError(f"A place brings {points[0]} points; use up to {_HIGHEST}.")
        return points

    @field_validator("race_ids")
    @classmethod
    def _once(cls, race_ids: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(race_ids)) != len(race_ids):
            raise ValueError("A race stands twice in the season; name each once.")
        return race_ids

    @field_validator("divisions")
    @classmethod
    def _apart(cls, divisions: tuple[Division, ...]) -> tuple[Division, ...]:
        names = [each.name.casefold() for each in divisions]
        if len(set(names)) != len(names) or OPEN_DIVISION.casefold() in names:
            raise ValueError(f"Divisions have names of their own, and none is {OPEN_DIVISION!r}.")
        people = [person for each in divisions for person in each.person_ids]
        if len(set(people)) != len(people):
            raise ValueError("Somebody is in two divisions; put everybody into one.")
        return divisions

    @property
    def given(self) -> dict[str, int]:
        """Points by hand that count, of everybody who was given or lost some."""
        found: dict[str, int] = {}
        for each in self.corrections:
            if each.taken_back_at_s is None:
                found[each.person_id] = found.get(each.person_id, 0) + each.points
        return found

    @property
    def division_of(self) -> dict[str, str]:
        """Name of the division of everybody who is in one."""
        return {person: each.name for each in self.divisions for person in each.person_ids}


def start_season(store: Store, actor: Actor, fields: dict[str, Any]) -> Season:
    """Make a season.

    Args:
        store: the records.
        actor: who organises it.
        fields: see `FIELDS`; the name must be there.

    Raises:
        Forbidden: the person may not.
        InvalidInput: a value does not fit.
        NotFound: there is no such race.
    """
    actor.demand(Operation.MANAGE_EVENTS, actor.person_id)
    season = _checked({**fields, "owner_id": actor.person_id, "created_at_s": store.now_s()})
    with store.work() as work:
        _refuse(work, actor, season)
        return work.add(season)


def change_season(store: Store, actor: Actor, season_id: str, changes: dict[str, Any]) -> Season:
    """Change a season; its standings follow at once.

    Raises:
        NotFound: there is no such season or race.
        Forbidden: the person may not.
        InvalidInput: a value does not fit.
    """
    with store.work() as work:
        kept = managed_season(work, actor, season_id)
        odd = set(changes) - FIELDS
        if odd:
            raise InvalidInput(f"A season has no {sorted(odd)[0]!r} to change.")
        races = work.find(Race, id=kept.race_ids) if kept.race_ids else []
        known = {race.id for race in races}  # others were deleted
        still = {"race_ids": tuple(each for each in kept.race_ids if each in known)}
        season = _checked({**kept.model_dump(), **still, **changes})
        _refuse(work, actor, season)
        return work.put(season)


def delete_season(store: Store, actor: Actor, season_id: str) -> None:
    """Delete a season; its races stay.

    Raises:
        NotFound: there is no such season.
        Forbidden: the person may not.
    """
    with store.work() as work:
        work.remove(Season, id=managed_season(work, actor, season_id).id)


def list_seasons(store: Store, actor: Actor) -> list[Season]:
    """Seasons that the actor manages, or has come into a race of; the newest first."""
    actor.demand(Operation.VIEW_RACE, actor.person_id)
    with store.look() as work:
        found = work.find(Season, order="-created_at_s")
        return [each for each in found if _sees(work, actor, each)]


def season_in_sight(work: Work, actor: Actor, season_id: str) -> Season:
    """A season that the actor may see.

    Raises:
        NotFound: there is none with this id, or they may not.
    """
    season = work.first(Season, id=season_id)
    if season is None or not _sees(work, actor, season):
        raise NotFound("There is no such season, or you are in none of its races.")
    return season


def _sees(work: Work, actor: Actor, season: Season) -> bool:
    if actor.may(Operation.MANAGE_EVENTS, season.owner_id):
        return True
    own = work.find(Entrant, person_id=actor.person_id)
    entered = {each.race_id for each in own if not each.is_shut_out}
    return actor.may(Operation.VIEW_RACE) and bool(entered & set(season.race_ids))


def managed_season(work: Work, actor: Actor, season_id: str) -> Season:
    """A season as its organiser has it.

    Raises:
        NotFound: there is no such season.
        Forbidden: the person may not.
    """
    season = season_in_sight(work, actor, season_id)
    actor.demand(Operation.MANAGE_EVENTS, season.owner_id)
    return season


def _refuse(work: Work, actor: Actor, season: Season) -> None:
    for race_id in season.race_ids:
        actor.demand(Operation.MANAGE_RACES, race_in_sight(work, actor, race_id).owner_id)


def _checked(fields: dict[str, Any]) -> Season:
    if not str(fields.get("name", "")).strip():
        raise InvalidInput("The season has no name; give it one of 1 to 64 characters.")
    try:
        return Season.model_validate(fields)
    except ValidationError as error:
        raise InvalidInput(sentences(Season, error)) from error
