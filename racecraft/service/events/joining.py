"""Coming into an event: by its link with an account, or as somebody new with its code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from racecraft.domain.errors import Conflict, Forbidden
from racecraft.service.access import Actor, Operation
from racecraft.service.events.event import Attendant, Event, TimeSlot
from racecraft.service.events.organising import event_of_link, let_into_races
from racecraft.service.people.codes import tidied

if TYPE_CHECKING:
    from racecraft.service.store import Store, Work


@dataclass(frozen=True)
class Doorstep:
    """What an event tells whoever has its link, signed in or not."""

    id: str
    name: str
    description: str
    starts_at_s: float
    ends_at_s: float
    is_open: bool
    racer_name_hint: str
    timetable: tuple[TimeSlot, ...]


def look_in(store: Store, link: str) -> Doorstep:
    """What stands at the door of an event.

    Raises:
        NotFound: the link leads to no event (any more).
    """
    with store.look() as work:
        event = event_of_link(work, link)
    return Doorstep(
        id=event.id,
        name=event.name,
        description=event.description,
        starts_at_s=event.starts_at_s,
        ends_at_s=event.ends_at_s,
        is_open=event.is_open(store.now_s()),
        racer_name_hint=event.racer_name_hint,
        timetable=event.timetable,
    )


def leads_to_event(store: Store, link: str) -> bool:
    """Whether this is the link of an event, or the code at its end."""
    code = tidied(link.rsplit("/", 1)[-1])
    with store.look() as work:
        return bool(code) and work.first(Event, link=code) is not None


def come_into_event(store: Store, actor: Actor, link: str) -> Event:
    """Come into an event and all its races; a second time changes nothing.

    Raises:
        NotFound: the link leads to no event (any more).
        Forbidden: the organiser has banned this person.
        Conflict: the event has not begun, or is over.
    """
    actor.demand(Operation.ENTER_RACE, actor.person_id)
    with store.work() as work:
        event = event_of_link(work, link)
        place = work.first(Attendant, event_id=event.id, person_id=actor.person_id)
        if place is None:
            _refuse_closed(store, event)
        attend(store, work, event, actor.person_id, is_new=False)
    return event


def attend(store: Store, work: Work, event: Event, person_id: str, *, is_new: bool) -> None:
    """Write somebody down as being in an event, and let them into its races.

    Raises:
        Forbidden: the organiser has banned them.
    """
    place = work.first(Attendant, event_id=event.id, person_id=person_id)
    if place is not None and place.is_banned:
        raise Forbidden("The organiser of this event has banned you; talk to them.")
    if place is None:
        work.add(
            Attendant(
                created_at_s=store.now_s(), event_id=event.id, person_id=person_id, is_new=is_new
            )
        )
    let_into_races(store, work, event, person_id)


def _refuse_closed(store: Store, event: Event) -> None:
    if not event.is_open(store.now_s()):
        when = "has not begun yet" if store.now_s() < event.starts_at_s else "is over"
        raise Conflict(f"The event {event.name!r} {when}; people come in while it is open.")


def arrive(store: Store, person_id: str, code: str | None) -> str | None:
    """Let somebody who has just registered into the event whose code they came with.

    Returns:
        Id of the event; None if the code is of none.
    """
    if code is None:
        return None
    with store.work() as work:
        event = work.first(Event, link=tidied(code))
        if event is None:
            return None
        attend(store, work, event, person_id, is_new=True)
    return event.id
