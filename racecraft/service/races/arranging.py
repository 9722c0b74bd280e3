"""What the organiser of a community race does with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from racecraft.domain.errors import Conflict, InvalidInput, NotFound
from racecraft.service.access import Actor, Operation
from racecraft.service.documents import sentences
from racecraft.service.people.codes import new_code
from racecraft.service.people.person import Person
from racecraft.service.races.race import (
    Entrant,
    Race,
    RaceState,
    Submission,
    race_in_sight,
)
from racecraft.service.races.roads import road_digest

if TYPE_CHECKING:
    from pathlib import Path

    from racecraft.service.settings import Settings
    from racecraft.service.store import Store, Work

MOST_RACES = 200
"""Of one organiser, those that are over counted too."""
FIELDS = frozenset(
    {
        "name",
        "description",
        "picture",
        "visibility",
        "hosting",
        "starts_at_s",
        "ends_at_s",
        "max_submissions",
        "rules",
    }
)
"""What a person decides about a race."""


@dataclass(frozen=True)
class EntrantView:
    """Somebody in a race, as its organiser sees them."""

    person_id: str
    name: str
    joined_at_s: float
    submissions: int
    is_shut_out: bool


def arrange_race(store: Store, settings: Settings, actor: Actor, fields: dict[str, Any]) -> Race:
    """Make a race.

    Args:
        store: the records.
        settings: where imported tracks are.
        actor: who arranges it.
        fields: see `FIELDS`; name, starts_at_s and ends_at_s must be there.

    Raises:
        InvalidInput: a value does not fit, or the organiser has too many races.
        NotFound: there is no such track.
    """
    actor.demand(Operation.MANAGE_RACES, actor.person_id)
    own = {"owner_id": actor.person_id, "link": new_code(), "created_at_s": store.now_s()}
    race = _checked(settings, {**_plain(fields), **own})
    if race.ends_at_s <= store.now_s():
        raise InvalidInput("The race would be over before it begins; choose an end in the future.")
    with store.work() as work:
        if work.count(Race, owner_id=actor.person_id) >= MOST_RACES:
            raise InvalidInput(f"You have {MOST_RACES} races; delete one that is over first.")
        return work.add(race)


def change_race(
    store: Store,
    settings: Settings,
    actor: Actor,
    race_id: str,
    changes: dict[str, Any],
    *,
    seen: int | None = None,
) -> Race:
    """Change a race; its rules only as long as nobody has submitted anything.

    Args:
        store: the records.
        settings: where tracks are.
        actor: who asks.
        race_id: which race.
        changes: new values of its fields.
        seen: the version that the actor has seen; None when any will do.

    Raises:
        NotFound: there is no such race or track.
        Forbidden: it is somebody else's.
        Conflict: somebody has submitted a model under the rules as they are, or the race is not
            what was seen.
        InvalidInput: a value does not fit.
    """
    race = managed_race(store, actor, race_id)
    race.refuse_unseen(seen)
    with store.look() as work:
        was_entered = work.count(Submission, race_id=race.id) > 0
    wanted = {**race.model_dump(), **_plain(changes)}
    changed = _checked(settings, wanted, is_entered=was_entered)
    with store.work() as work:
        work.alone(f"race {race.id}")
        has_entries = work.count(Submission, race_id=race.id) > 0
        if changed.hosting is not race.hosting and has_entries:
            raise Conflict("Somebody has submitted a model already; copy the race instead.")
        if has_entries:
            changed = changed.model_copy(update={"track_sha256": race.track_sha256})
        if changed.rules != race.rules and has_entries:
            raise Conflict(
                "Somebody has submitted a model under the rules as they are; copy the race and "
                "change the copy."
            )
        if has_entries and changed.starts_at_s > max(race.starts_at_s, store.now_s()):
            raise Conflict("The race has begun; its start cannot be put off any more.")
        return work.put(changed)


def copy_race(store: Store, settings: Settings, actor: Actor, race_id: str, name: str) -> Race:
    """Make a race like another one, of the same length, that begins now.

    Raises:
        NotFound, Forbidden, InvalidInput: as for `arrange_race` and `change_race`.
    """
    race = managed_race(store, actor, race_id)
    now_s = store.now_s()
    fields = {field: value for field, value in race.model_dump().items() if field in FIELDS}
    times = {"starts_at_s": now_s, "ends_at_s": now_s + race.ends_at_s - race.starts_at_s}
    return arrange_race(store, settings, actor, {**fields, **times, "name": name})


def close_race(store: Store, actor: Actor, race_id: str) -> Race:
    """End a race now; what was submitted before is still driven and counts.

    Raises:
        NotFound: there is no such race.
        Forbidden: it is somebody else's.
        Conflict: it is over already.
    """
    race, now_s = managed_race(store, actor, race_id), store.now_s()
    if race.state(now_s) is RaceState.CLOSED:
        raise Conflict("The race is over already.")
    starts_at_s = min(race.starts_at_s, now_s - 1.0)
    with store.work() as work:
        times = {"starts_at_s": starts_at_s, "ends_at_s": now_s}
        return work.put(race.model_copy(update=times))


def renew_link(store: Store, actor: Actor, race_id: str) -> Race:
    """Give a race a new secret link; the old one leads nowhere. Who is in stays in.

    Raises:
        NotFound: there is no such race.
        Forbidden: it is somebody else's.
    """
    race = managed_race(store, actor, race_id)
    with store.work() as work:
        return work.put(race.model_copy(update={"link": new_code()}))


def list_entrants(store: Store, actor: Actor, race_id: str) -> list[EntrantView]:
    """Who is in a race, in the order in which they came.

    Raises:
        NotFound: there is no such race.
        Forbidden: it is somebody else's.
    """
    race = managed_race(store, actor, race_id)
    with store.look() as work:
        entrants = work.find(Entrant, race_id=race.id)
        return [_view(work, entrant) for entrant in entrants]


def shut_out(
    store: Store, actor: Actor, race_id: str, person_id: str, *, is_shut_out: bool
) -> EntrantView:
    """Take a racer out of a race, or let them in again.

    Raises:
        NotFound: there is no such race, or the person is not in it.
        Forbidden: it is somebody else's.
    """
    race = managed_race(store, actor, race_id)
    with store.work() as work:
        entrant = work.first(Entrant, race_id=race.id, person_id=person_id)
        if entrant is None:
            raise NotFound("This person is not in the race.")
        return _view(work, work.put(entrant.model_copy(update={"is_shut_out": is_shut_out})))


def folder_of_race(settings: Settings, race_id: str) -> Path:
    """Where the frozen models and replays of a race lie."""
    return settings.home / "submissions" / race_id


def _view(work: Work, entrant: Entrant) -> EntrantView:
    person = work.first(Person, id=entrant.person_id)
    return EntrantView(
        person_id=entrant.person_id,
        name=person.name if person else "somebody who left",
        joined_at_s=entrant.created_at_s,
        submissions=work.count(Submission, race_id=entrant.race_id, person_id=entrant.person_id),
        is_shut_out=entrant.is_shut_out,
    )


def managed_race(store: Store, actor: Actor, race_id: str) -> Race:
    """A race as its organiser has it.

    Raises:
        NotFound: there is no such race.
        Forbidden: it is somebody else's.
    """
    with store.look() as work:
        race = race_in_sight(work, actor, race_id)
    actor.demand(Operation.MANAGE_RACES, race.owner_id)
    return race


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - FIELDS
    if unknown:
        raise InvalidInput(
            f"A race has no {sorted(unknown)[0]!r}; give {', '.join(sorted(FIELDS))}."
        )
    return fields


def _checked(settings: Settings, fields: dict[str, Any], *, is_entered: bool = False) -> Race:
    """A race of these fields; its road is looked at as long as it may still be another one."""
    from racecraft.service.making import refuse_unknown_track
    from racecraft.service.track_choices import refuse_odd_track

    missing = {"name", "starts_at_s", "ends_at_s"} - set(fields)
    if missing:
        raise InvalidInput(f"The race has no {sorted(missing)[0]}; give it one.")
    try:
        race = Race.model_validate(fields)
    except ValidationError as error:
        raise InvalidInput(sentences(Race, error)) from error
    if is_entered:
        return race
    refuse_odd_track(race.rules.track.name)
    refuse_unknown_track(settings, race.rules.track.name)
    return race.model_copy(update={"track_sha256": road_digest(settings, race.rules.track)})
