"""The referee: all submissions of a race, and results that are taken off its board."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from racecraft.domain.errors import Conflict, InvalidInput, NotFound
from racecraft.service.people.person import Person
from racecraft.service.races.arranging import managed_race
from racecraft.service.races.boards import settle
from racecraft.service.races.race import Submission

if TYPE_CHECKING:
    from racecraft.service.access import Actor
    from racecraft.service.store import Store

LONGEST_REASON = 200


@dataclass(frozen=True)
class EnteredView:
    """A submission as the organiser sees it."""

    racer: str
    submission: Submission


def list_entered(store: Store, actor: Actor, race_id: str) -> list[EnteredView]:
    """All submissions of a race, the newest first.

    Raises:
        NotFound, Forbidden: there is no such race of the actor's.
    """
    race = managed_race(store, actor, race_id)
    settle(store, race.id)
    with store.look() as work:
        found = work.find(Submission, order="-created_at_s", race_id=race.id)
        people = {each.person_id: work.first(Person, id=each.person_id) for each in found}
    names = {key: person.name if person else "somebody who left" for key, person in people.items()}
    return [EnteredView(names[each.person_id], each) for each in found]


def strike(
    store: Store, actor: Actor, race_id: str, submission_id: str, *, reason: str | None
) -> Submission:
    """Take a result off the board, or put it back; the racer's next best one counts instead.

    Args:
        store: the records.
        actor: the organiser of the race.
        race_id: which race.
        submission_id: whose result.
        reason: told to the racer; None to put it back.

    Raises:
        NotFound: there is no such race or submission.
        Forbidden: it is somebody else's race.
        InvalidInput: the reason is empty or too long.
    """
    if reason is not None and not 1 <= len(reason.strip()) <= LONGEST_REASON:
        raise InvalidInput(f"Give a reason of 1 to {LONGEST_REASON} characters; the racer sees it.")
    race = managed_race(store, actor, race_id)
    settle(store, race.id)
    with store.work() as work:
        found = work.first(Submission, id=submission_id, race_id=race.id)
        if found is None:
            raise NotFound("There is no such submission to this race.")
        if not found.status.is_over:
            raise Conflict("This submission is still being driven; wait until that is done.")
        return work.put(found.model_copy(update={"struck": reason.strip() if reason else ""}))
