"""Kinds of races, and what a kind means for those who drive in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from racecraft.domain.bots import BotSpec, refuse_crowded_bots
from racecraft.domain.obstacles import ObstacleSpec, refuse_crowded
from racecraft.domain.track import Track


class RaceType(StrEnum):
    """What is on the track besides the car."""

    TIME_TRIAL = "TIME_TRIAL"
    """Nothing: the clock alone."""
    OBJECT_AVOIDANCE = "OBJECT_AVOIDANCE"
    """Boxes that stand on the road."""
    HEAD_TO_HEAD = "HEAD_TO_HEAD"
    """Other cars."""

    @property
    def has_objects(self) -> bool:
        """Whether a reward function meets objects."""
        return self is not RaceType.TIME_TRIAL

    @property
    def words(self) -> str:
        """For people, for instance `object avoidance`."""
        return self.value.lower().replace("_", " ").replace("head to head", "head-to-head")


_PART_OF_TYPE = {RaceType.OBJECT_AVOIDANCE: "obstacles", RaceType.HEAD_TO_HEAD: "bots"}
"""The field that tells what is on the track, for the types that have such things."""


class RaceSpec(BaseModel):
    """What a car meets on the track while it trains or is evaluated."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: RaceType = Field(
        RaceType.TIME_TRIAL,
        description="what is on the track besides the car; when it is left out, whatever the "
        "other fields of the race ask for",
    )
    obstacles: ObstacleSpec | None = Field(None, description="boxes of an object avoidance race")
    bots: BotSpec | None = Field(None, description="bot cars of a head-to-head race")

    @field_validator("type", mode="before")
    @classmethod
    def _read_type(cls, written: Any) -> Any:
        return _type_of(written)

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, fields: Any) -> Any:
        """The type from what is asked for, and the usual boxes where only the type is."""
        if not isinstance(fields, Mapping):
            return fields
        filled = {name: value for name, value in fields.items() if value is not None}
        if not isinstance(filled.get("type", ""), str):
            return fields  # which is refused as what it is
        asked = _asked_type(filled)
        filled["type"] = RaceType.TIME_TRIAL if asked is None else asked
        part = _PART_OF_TYPE.get(filled["type"])
        if part is not None:
            filled.setdefault(part, {})
        return filled

    @model_validator(mode="after")
    def _has_what_its_type_has(self) -> RaceSpec:
        for kind, part in _PART_OF_TYPE.items():
            if kind is not self.type and getattr(self, part) is not None:
                raise ValueError(
                    f"The race type is {self.type.value}, in which there are no {part}; leave "
                    f"them out, or choose {kind.value}."
                )
        return self

    @property
    def has_objects(self) -> bool:
        """Whether anything is on the track besides the car."""
        return self.type.has_objects

    def refuse_crowded(self, tracks: Sequence[Track]) -> None:
        """Stop here if what is on the track does not fit on one of these.

        Raises:
            InvalidSpec: it does not.
        """
        refuse_crowded(self.obstacles, tracks)
        refuse_crowded_bots(self.bots, tracks)

    @property
    def summary(self) -> str:
        """In a few words, for instance `object avoidance, 6 boxes at random places`."""
        if self.bots is not None:
            cars = "1 bot car" if self.bots.count == 1 else f"{self.bots.count} bot cars"
            changing = ", changing lanes" if self.bots.changes_lanes else ""
            return f"{self.type.words}, {cars} at {self.bots.speed_mps:g} m/s{changing}"
        if self.obstacles is None:
            return self.type.words
        where = {"random": "at random places", "even": "evenly spaced"}
        places = self.obstacles.places
        told = where[places] if isinstance(places, str) else "at given places"
        boxes = "1 box" if self.obstacles.number == 1 else f"{self.obstacles.number} boxes"
        return f"{self.type.words}, {boxes} {told}"


def merged_race(old: RaceSpec | Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a race with some changed, one by one as long as its type stays.

    Args:
        old: the race that is changed.
        changes: fields of RaceSpec; a change of what a type has chooses that type.
    """
    before = old.model_dump() if isinstance(old, RaceSpec) else dict(old)
    is_type = _asked_type(before) or RaceType.TIME_TRIAL
    if (_asked_type(changes) or is_type) != is_type:
        return dict(changes)
    merged = {**before, **changes}
    for part in _PART_OF_TYPE.values():
        if isinstance(before.get(part), Mapping) and isinstance(changes.get(part), Mapping):
            merged[part] = _merged_part(before[part], changes[part])
    return merged


def _asked_type(fields: Mapping[str, Any]) -> Any:
    """The type that is written, or the one that has what is written; None without either."""
    if fields.get("type") is not None:
        return _type_of(fields["type"])
    asked = [kind for kind, part in _PART_OF_TYPE.items() if fields.get(part) is not None]
    return asked[0] if asked else None


def _type_of(written: Any) -> Any:
    """The name of a type as it is spelt here: `object-avoidance` is understood, too."""
    return written.upper().replace("-", "_") if type(written) is str else written


def _merged_part(old: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**old, **changes}
    # Given places win over a number, so a new number without places asks for other places.
    if "count" in changes and "places" not in changes and not isinstance(old.get("places"), str):
        merged.pop("places", None)
    return merged
