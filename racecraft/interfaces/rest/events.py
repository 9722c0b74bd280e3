"""Events: races, people, names, quotas and a timetable under one link."""

from __future__ import annotations

import io
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from racecraft.interfaces.rest.race_results import FORMS, AsForm, Form, plain_stem, results_file
from racecraft.interfaces.rest.shared import Done, Key, Page, once
from racecraft.interfaces.rest.who import Asker, Here
from racecraft.service.events import joining, moderating, organising
from racecraft.service.events.event import Event, TimeSlot
from racecraft.service.events.joining import Doorstep
from racecraft.service.events.moderating import AttendantView
from racecraft.service.events.organising import EventView
from racecraft.service.people.person import Person
from racecraft.service.quota_limits import Limits

router = APIRouter(tags=["events"])
_LATEST_S = 1e11


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid")


class EventFields(_Wish):
    """What a person decides about an event."""

    name: str | None = Field(None, max_length=200)
    description: str | None = Field(None, max_length=500)
    starts_at_s: float | None = Field(None, ge=0, lt=_LATEST_S, description="seconds since 1970")
    ends_at_s: float | None = Field(None, ge=0, lt=_LATEST_S, description="seconds since 1970")
    heads: int | None = Field(None, description="new people whom it lets in, at most")
    racer_name_pattern: str | None = Field(None, max_length=200)
    racer_name_hint: str | None = Field(None, max_length=200)
    limits: Limits | None = None
    timetable: list[TimeSlot] | None = Field(None, max_length=50)
    race_ids: list[str] | None = Field(None, max_length=50)
    practice_race_id: str | None = Field(None, max_length=64)

    def given(self) -> dict[str, Any]:
        """The fields that were sent."""
        return self.model_dump(exclude_unset=True, exclude_none=True)


class EventLink(_Wish):
    """The end of an event's address."""

    link: str = Field(max_length=100)


class Ban(_Wish):
    """Whether somebody is kept out of an event."""

    is_banned: bool


class NewRacerName(_Wish):
    """What a racer is to be called."""

    name: str = Field(max_length=200)


@router.get("/events")
def list_all(actor: Asker, here: Here) -> Page[EventView]:
    """The events that one is in or manages, the newest first."""
    found = organising.list_events(here.store, actor)
    return Page(items=found, total=len(found))


@router.post("/events", status_code=201)
def organise(wish: EventFields, actor: Asker, here: Here, key: Key = None) -> Event:
    """Make an event; for organisers."""

    def make() -> Event:
        return organising.organise_event(here.store, actor, wish.given())

    return Event.model_validate(once(here.store, actor, key, wish, make), from_attributes=True)


@router.post("/events/by-link")
def come_in(wish: EventLink, actor: Asker, here: Here) -> EventView:
    """Come into an event and its races by its link."""
    event = joining.come_into_event(here.store, actor, wish.link)
    return organising.view_event(here.store, actor, event.id)


@router.get("/events/doorstep/{link}")
def doorstep(link: str, here: Here) -> Doorstep:
    """What an event tells whoever has its link, signed in or not."""
    return joining.look_in(here.store, link)


@router.get("/events/{event_id}")
def view(event_id: str, actor: Asker, here: Here) -> EventView:
    """One event."""
    return organising.view_event(here.store, actor, event_id)


@router.patch("/events/{event_id}")
def change(event_id: str, wish: EventFields, actor: Asker, here: Here) -> Event:
    """Change an event; who is in it comes into the races that are new in it."""
    return organising.change_event(here.store, actor, event_id, wish.given())


@router.delete("/events/{event_id}")
def delete(event_id: str, actor: Asker, here: Here) -> Done:
    """Delete an event; its races and people stay."""
    organising.delete_event(here.store, actor, event_id)
    return Done()


@router.post("/events/{event_id}/link")
def renew_link(event_id: str, actor: Asker, here: Here) -> Event:
    """Give an event a new link."""
    return organising.renew_event_link(here.store, actor, event_id)


@router.get(
    "/events/{event_id}/qr",
    response_class=Response,
    responses={200: {"content": {"image/svg+xml": {}}, "description": "A QR picture."}},
)
def qr(event_id: str, actor: Asker, here: Here, url: str) -> Response:
    """The link of an event as a QR picture; for its organiser.

    `url` is where people come into events; the link is put behind it.
    """
    import segno

    view = organising.view_event(here.store, actor, event_id)
    link = view.event.link if view.is_mine else ""
    picture = io.BytesIO()
    segno.make(f"{url[:500]}{link}", micro=False).save(picture, kind="svg", scale=8, border=2)
    return Response(picture.getvalue(), media_type="image/svg+xml")


@router.get("/events/{event_id}/results", response_class=Response, responses=FORMS)
def results(event_id: str, actor: Asker, here: Here, form: AsForm = Form.JSON) -> Response:
    """All results of the races of an event: signed with every lap, or as a table."""
    found = organising.event_results(here.store, here.settings, actor, event_id)
    return results_file(here, found, form, plain_stem(str(found.event["name"])))


@router.get("/events/{event_id}/people")
def list_people(event_id: str, actor: Asker, here: Here) -> Page[AttendantView]:
    """Who is at an event; for its organiser."""
    found = moderating.list_attendants(here.store, actor, event_id)
    return Page(items=found, total=len(found))


@router.patch("/events/{event_id}/people/{person_id}")
def ban(event_id: str, person_id: str, wish: Ban, actor: Asker, here: Here) -> AttendantView:
    """Take somebody out of an event and its races, or let them in again."""
    return moderating.ban(here.store, actor, event_id, person_id, is_banned=wish.is_banned)


@router.put("/people/{person_id}/name", tags=["people"])
def rename(person_id: str, wish: NewRacerName, actor: Asker, here: Here) -> Person:
    """Give a racer another name; for organisers."""
    return moderating.rename_racer(here.store, actor, person_id, wish.name)
