"""What the organiser of an event does with it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from racecraft.domain.errors import Forbidden, InvalidInput, NotFound
from racecraft.domain.results import EventResults
from racecraft.service.access import Actor, Operation
from racecraft.service.documents import sentences
from racecraft.service.events.event import Attendant, Event, event_in_sight, managed_event
from racecraft.service.instance import read_instance
from racecraft.service.people.codes import new_code, tidied
from racecraft.service.people.invitations import Invitation
from racecraft.service.quota_limits import Limits
from racecraft.service.races.race import Entrant, Race, race_in_sight
from racecraft.service.results.collecting import race_results

if TYPE_CHECKING:
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store, Work

FIELDS = frozenset(
    {
        "name",
        "description",
        "starts_at_s",
        "ends_at_s",
        "heads",
        "racer_name_pattern",
        "racer_name_hint",
        "limits",
        "timetable",
        "race_ids",
        "practice_race_id",
    }
)
"""What a person decides about an event."""


@dataclass(frozen=True)
class EventView:
    """An event as somebody sees it."""

    event: Event
    is_mine: bool
    """Whether whoever looks may change it; only then the link is told."""
    is_open: bool
    people: int
    races: list[Race]
    """Those that are still there; without their links."""


def list_events(store: Store, actor: Actor) -> list[EventView]:
    """All events that the actor is in or manages, the newest first."""
    actor.demand(Operation.VIEW_RACE, actor.person_id)
    with store.look() as work:
        own = work.find(Attendant, person_id=actor.person_id)
        mine = {each.event_id for each in own if not each.is_banned}
        return [
            _view(store, work, actor, event)
            for event in work.find(Event, order="-created_at_s")
            if event.id in mine or actor.may(Operation.MANAGE_EVENTS, event.owner_id)
        ]


def view_event(store: Store, actor: Actor, event_id: str) -> EventView:
    """One event.

    Raises:
        NotFound: there is none with this id, or the actor is not in it.
    """
    with store.look() as work:
        return _view(store, work, actor, event_in_sight(work, actor, event_id))


def organise_event(store: Store, actor: Actor, fields: dict[str, Any]) -> Event:
    """Make an event, with a link by which people come in.

    Args:
        store: the records.
        actor: who organises it.
        fields: see `FIELDS`; name, starts_at_s and ends_at_s must be there.

    Raises:
        Forbidden: the person may not, or gives more quota than the installation does.
        InvalidInput: a value does not fit.
        NotFound: there is no such race of theirs.
    """
    actor.demand(Operation.MANAGE_EVENTS, actor.person_id)
    own = {"owner_id": actor.person_id, "link": new_code(3), "created_at_s": store.now_s()}
    with store.look() as work:
        usual = {"limits": read_instance(work).new_person.model_dump()}
    event = _checked({**usual, **_plain(fields), **own})
    with store.work() as work:
        _refuse(work, actor, event)
        work.add(_invitation(event))
        _let_into_races(store, work, work.add(event))
        return event


def change_event(store: Store, actor: Actor, event_id: str, changes: dict[str, Any]) -> Event:
    """Change an event; who is in comes into races that are new in it.

    Raises:
        Those of `organise_event`; and NotFound: there is no such event.
    """
    with store.work() as work:
        kept = managed_event(work, actor, event_id)
        event = _checked({**kept.model_dump(), **_still_there(work, kept), **_plain(changes)})
        _refuse(work, actor, event)
        event = work.put(event)
        _follow(work, event)
        _let_into_races(store, work, event)
        return event


def renew_event_link(store: Store, actor: Actor, event_id: str) -> Event:
    """Give an event a new link; the old one leads nowhere. Who is in stays in.

    Raises:
        NotFound, Forbidden: there is no such event of the actor's.
    """
    with store.work() as work:
        event = managed_event(work, actor, event_id)
        changed = work.put(event.model_copy(update={"link": new_code(3)}))
        _follow(work, changed)
        return changed


def delete_event(store: Store, actor: Actor, event_id: str) -> None:
    """Delete an event; its races, people and their models stay.

    Raises:
        NotFound, Forbidden: there is no such event of the actor's.
    """
    with store.work() as work:
        event = managed_event(work, actor, event_id)
        work.remove(Invitation, id=event.id)
        work.remove(Attendant, event_id=event.id)
        work.remove(Event, id=event.id)


def event_results(store: Store, settings: Settings, actor: Actor, event_id: str) -> EventResults:
    """All results of the races of an event.

    Raises:
        NotFound: there is no such event, or the actor is not in it.
    """
    view = view_event(store, actor, event_id)
    with store.look() as work:
        name = read_instance(work).name
    races = tuple(race_results(store, settings, actor, race.id) for race in view.races)
    event = view.event
    return EventResults(
        installation=name,
        program=version("racecraft"),
        exported_at_s=store.now_s(),
        event={name: getattr(event, name) for name in ("id", "name", "starts_at_s", "ends_at_s")},
        races=races,
    )


def _view(store: Store, work: Work, actor: Actor, event: Event) -> EventView:
    is_mine = actor.may(Operation.MANAGE_EVENTS, event.owner_id)
    found = {race.id: race for race in work.find(Race, id=event.race_ids)} if event.race_ids else {}
    races = [found[each] for each in event.race_ids if each in found]
    people = work.find(Attendant, event_id=event.id)
    hidden = {"link": "", "racer_name_pattern": "", "limits": Limits()}
    return EventView(
        event=event if is_mine else event.model_copy(update=hidden),
        is_mine=is_mine,
        is_open=event.is_open(store.now_s()),
        people=sum(not each.is_banned for each in people),
        races=[race.model_copy(update={"link": ""}) for race in races],
    )


def _invitation(event: Event) -> Invitation:
    """Lets new people into an event; it has the event's id and code."""
    return Invitation(
        id=event.id,
        created_at_s=event.created_at_s,
        code=event.link,
        made_by=event.owner_id,
        heads=event.heads,
        starts_at_s=event.starts_at_s,
        expires_at_s=event.ends_at_s,
        note=f"Event: {event.name}"[:200],
        event_id=event.id,
        racer_name_pattern=event.racer_name_pattern,
        racer_name_hint=event.racer_name_hint,
        limits=event.limits,
    )


def _follow(work: Work, event: Event) -> None:
    """Let the invitation say what the event says; one that was revoked is made anew."""
    kept = work.first(Invitation, id=event.id)
    wanted = _invitation(event)
    if kept is None:
        work.add(wanted)
        return
    work.put(wanted.model_copy(update={"version": kept.version, "used": kept.used}))


def _let_into_races(store: Store, work: Work, event: Event) -> None:
    for each in work.find(Attendant, event_id=event.id):
        if not each.is_banned:
            let_into_races(store, work, event, each.person_id)


def let_into_races(store: Store, work: Work, event: Event, person_id: str) -> None:
    """Let somebody into all races of an event where they are not yet."""
    known = {each.race_id for each in work.find(Entrant, person_id=person_id)}
    for race in work.find(Race, id=event.race_ids) if event.race_ids else ():
        if race.id not in known:
            work.add(Entrant(created_at_s=store.now_s(), race_id=race.id, person_id=person_id))


def _refuse(work: Work, actor: Actor, event: Event) -> None:
    """Stop here unless the actor may give all that the event gives."""
    for race_id in event.race_ids:
        actor.demand(Operation.MANAGE_RACES, race_in_sight(work, actor, race_id).owner_id)
    if actor.may(Operation.SET_QUOTA):
        return
    given, most = event.limits, read_instance(work).new_person
    for name in Limits.model_fields:
        limit, wanted = getattr(most, name), getattr(given, name)
        if limit is not None and (wanted is None or wanted > limit):
            raise Forbidden(
                f"New people get {limit:g} {name.replace('_', ' ')} here; only an admin may give "
                "more to the people of an event. Write that or less."
            )


def _still_there(work: Work, event: Event) -> dict[str, Any]:
    """Its races without those that were deleted."""
    known = {race.id for race in work.find(Race, id=event.race_ids)} if event.race_ids else set()
    practice = event.practice_race_id
    return {
        "race_ids": tuple(each for each in event.race_ids if each in known),
        "practice_race_id": practice if practice in known else "",
    }


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - FIELDS
    if unknown:
        raise InvalidInput(
            f"An event has no {sorted(unknown)[0]!r}; give {', '.join(sorted(FIELDS))}."
        )
    return fields


def _checked(fields: dict[str, Any]) -> Event:
    missing = {"name", "starts_at_s", "ends_at_s"} - set(fields)
    if missing:
        raise InvalidInput(f"The event has no {sorted(missing)[0]}; give it one.")
    if len(set(fields.get("race_ids", ()))) != len(fields.get("race_ids", ())):
        raise InvalidInput("A race stands twice in the event; name each once.")
    try:
        return Event.model_validate(fields)
    except ValidationError as error:
        raise InvalidInput(sentences(Event, error)) from error


def event_of_link(work: Work, link: str) -> Event:
    """The event of a link.

    Raises:
        NotFound: it leads to none (any more).
    """
    event = work.first(Event, link=tidied(link))
    if event is None:
        raise NotFound("This link leads to no event; ask its organiser for the new one.")
    return event
