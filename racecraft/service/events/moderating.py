"""Order at an event: a name that is no name, and somebody who has to leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from racecraft.domain.errors import Conflict, Forbidden, NotFound
from racecraft.service.access import Actor, Operation, Role
from racecraft.service.events.event import Attendant, Event, managed_event
from racecraft.service.instance import read_instance
from racecraft.service.people.person import Person, name_key, refuse_name
from racecraft.service.races.race import Entrant, Submission

if TYPE_CHECKING:
    from racecraft.service.store import Store, Work


@dataclass(frozen=True)
class AttendantView:
    """Somebody at an event, as its organiser sees them."""

    person_id: str
    name: str
    joined_at_s: float
    is_new: bool
    is_banned: bool
    submissions: int
    """To the races of the event."""


def list_attendants(store: Store, actor: Actor, event_id: str) -> list[AttendantView]:
    """Who is at an event, in the order in which they came.

    Raises:
        NotFound, Forbidden: there is no such event of the actor's.
    """
    with store.look() as work:
        event = managed_event(work, actor, event_id)
        found = work.find(Attendant, event_id=event.id)
        return [_view(work, event, each) for each in found]


def ban(
    store: Store, actor: Actor, event_id: str, person_id: str, *, is_banned: bool
) -> AttendantView:
    """Take somebody out of an event and its races, or let them in again.

    Raises:
        NotFound: there is no such event, or the person is not in it.
        Forbidden: the event is somebody else's.
    """
    with store.work() as work:
        event = managed_event(work, actor, event_id)
        place = _place(work, event, person_id)
        place = work.put(place.model_copy(update={"is_banned": is_banned}))
        for entrant in work.find(Entrant, person_id=person_id):
            if entrant.race_id in event.race_ids and entrant.is_shut_out is not is_banned:
                work.put(entrant.model_copy(update={"is_shut_out": is_banned}))
        return _view(work, event, place)


def rename_racer(store: Store, actor: Actor, person_id: str, name: str) -> Person:
    """Give a racer another name, for organisers; boards show the new one at once.

    Raises:
        Forbidden: the actor may not, or it is no racer.
        NotFound: there is nobody with this id.
        InvalidInput: the name does not fit.
        Conflict: somebody else has it.
    """
    actor.demand(Operation.RENAME_RACER, person_id)
    with store.work() as work:
        person = work.get(Person, person_id)
        if person.role is not Role.RACER and actor.role is not Role.ADMIN:
            raise Forbidden(f"{person.name} is no racer; only an admin may rename them.")
        refuse_name(read_instance(work), name)
        other = work.first(Person, name_key=name_key(name))
        if other is not None and other.id != person.id:
            raise Conflict(f"There is a racer {name!r} already; choose another name.")
        changes = {"name": name, "name_key": name_key(name), "has_chosen_name": True}
        return work.put(person.model_copy(update=changes))


def _place(work: Work, event: Event, person_id: str) -> Attendant:
    place = work.first(Attendant, event_id=event.id, person_id=person_id)
    if place is None:
        raise NotFound("This person is not at the event.")
    return place


def _view(work: Work, event: Event, place: Attendant) -> AttendantView:
    person = work.first(Person, id=place.person_id)
    submissions = (
        work.count(Submission, person_id=place.person_id, race_id=event.race_ids)
        if event.race_ids
        else 0
    )
    return AttendantView(
        person_id=place.person_id,
        name=person.name if person else "somebody who left",
        joined_at_s=place.created_at_s,
        is_new=place.is_new,
        is_banned=place.is_banned,
        submissions=submissions,
    )
