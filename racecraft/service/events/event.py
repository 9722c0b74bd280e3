"""The records of events."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from racecraft.domain.errors import NotFound
from racecraft.service.access import Actor, Operation
from racecraft.service.instance import NamePattern
from racecraft.service.quota_limits import Limits
from racecraft.service.store import Record, Work

MOST_RACES, MOST_SLOTS = 50, 50


class TimeSlot(BaseModel):
    """A line of the timetable."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at_s: float = Field(ge=0, lt=1e11, description="when, in seconds since 1970")
    what: str = Field(min_length=1, max_length=120, description="such as `Final`")


class Event(Record):
    """Races and people that belong together for a day or a week."""

    TABLE: ClassVar[str] = "events"

    owner_id: str
    link: str
    """What the address ends with by which people come in; also the code of its invitation."""

    name: str = Field(description="1 to 64 characters")
    description: str = Field("", max_length=500, description="up to 500 characters, for everybody")
    starts_at_s: float = Field(ge=0, lt=1e11, description="from when people can come in")
    ends_at_s: float = Field(ge=0, lt=1e11, description="until when people can come in")
    heads: int = Field(
        60, ge=1, le=10_000, description="people who can come in without an account, at most"
    )
    racer_name_pattern: NamePattern = Field(
        "", max_length=200, description="regular expression that names of new people must match"
    )
    racer_name_hint: str = Field("", max_length=200, description="the same rule in words")
    limits: Limits = Field(Limits(), description="quota of people who come in without an account")
    timetable: tuple[TimeSlot, ...] = Field((), max_length=MOST_SLOTS, description="what when")
    race_ids: tuple[str, ...] = Field((), max_length=MOST_RACES, description="its races, in order")
    practice_race_id: str = Field("", description="which of them is for practice")

    @field_validator("name")
    @classmethod
    def _name_fits(cls, name: str) -> str:
        name = " ".join(name.split())
        if not 1 <= len(name) <= 64 or not name.isprintable():
            raise ValueError(
                f"The name of the event has {len(name)} characters; use 1 to 64 that can be seen."
            )
        return name

    @field_validator("timetable")
    @classmethod
    def _in_order(cls, timetable: tuple[TimeSlot, ...]) -> tuple[TimeSlot, ...]:
        return tuple(sorted(timetable, key=lambda slot: slot.at_s))

    @model_validator(mode="after")
    def _belongs_together(self) -> Event:
        if self.ends_at_s <= self.starts_at_s:
            raise ValueError("The event ends before it starts; choose a later end.")
        if self.practice_race_id and self.practice_race_id not in self.race_ids:
            raise ValueError("The race for practice is none of the event's; add it first.")
        return self

    def is_open(self, now_s: float) -> bool:
        """Whether people can come in at a time."""
        return self.starts_at_s <= now_s < self.ends_at_s


class Attendant(Record):
    """Somebody who came into an event."""

    TABLE: ClassVar[str] = "attendants"

    event_id: str
    person_id: str
    is_banned: bool = False
    """They see neither the event nor its races, and nothing of theirs counts there."""
    is_new: bool = False
    """Whether they became a racer by this event."""


def event_in_sight(work: Work, actor: Actor, event_id: str) -> Event:
    """An event that the actor is in or may manage.

    Raises:
        NotFound: there is none with this id, or they may not see it.
    """
    event = work.first(Event, id=event_id)
    if event is not None:
        if actor.may(Operation.MANAGE_EVENTS, event.owner_id):
            return event
        place = work.first(Attendant, event_id=event.id, person_id=actor.person_id)
        if place is not None and not place.is_banned and actor.may(Operation.VIEW_RACE):
            return event
    raise NotFound("There is no such event, or you are not in it; ask its organiser for the link.")


def managed_event(work: Work, actor: Actor, event_id: str) -> Event:
    """An event as its organiser has it.

    Raises:
        NotFound: there is no such event, or the actor may not see it.
        Forbidden: the actor may see it only.
    """
    event = event_in_sight(work, actor, event_id)
    actor.demand(Operation.MANAGE_EVENTS, event.owner_id)
    return event
