"""How far a class has come: who is at which mission, for whoever teaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from racecraft.service.access import Actor, Operation, Role
from racecraft.service.course.evidence import Deeds, deeds_of, seen_now
from racecraft.service.course.learner import Learner, QuizScore, score_of
from racecraft.service.course.plan import CHAPTERS, MISSIONS, mission_now
from racecraft.service.events.event import Attendant, managed_event
from racecraft.service.people.person import Person

if TYPE_CHECKING:
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store, Work

MOST = 500
"""People who are shown at once."""


@dataclass(frozen=True)
class PupilView:
    """One person of a class."""

    person_id: str
    name: str
    mission: str
    """The one they are at; empty when all are done."""
    missions_done: int
    checks_done: int
    checks_of: int
    chapters_done: int
    chapters_of: int
    score: QuizScore
    newest_at_s: float | None
    """When something new of theirs was last seen; None before the first time."""


def view_class(
    store: Store, settings: Settings, actor: Actor, event_id: str | None = None
) -> list[PupilView]:
    """Everybody's progress, by name.

    Args:
        store: the records.
        settings: where models are.
        actor: who asks.
        event_id: only people of this event; all racers without.

    Raises:
        Forbidden: the actor teaches nobody.
        NotFound: there is no such event of the actor's.
    """
    actor.demand(Operation.VIEW_CLASS)
    with store.look() as work:
        people = _people(work, actor, event_id)
        ids = [person.id for person in people]
        learners = {learner.id: learner for learner in work.find(Learner, id=ids)}
        deeds = deeds_of(settings, work, people)
    return [
        _view(person, learners.get(person.id) or Learner(id=person.id), deeds[person.id])
        for person in people
    ]


def _people(work: Work, actor: Actor, event_id: str | None) -> list[Person]:
    if event_id is None:
        found = work.find(Person, order="name_key", limit=MOST)
        racers = [person for person in found if person.role is Role.RACER]
        return racers or found  # an installation of one person, who is its admin
    event = managed_event(work, actor, event_id)
    there = [
        each.person_id
        for each in work.find(Attendant, event_id=event.id, limit=MOST)
        if not each.is_banned
    ]
    return work.find(Person, order="name_key", id=there)


def _view(person: Person, learner: Learner, deeds: Deeds) -> PupilView:
    seen = frozenset((*learner.seen, *seen_now(deeds, learner.seen)))
    now = mission_now(seen)
    times = [*learner.seen.values(), *learner.chapters.values()]
    return PupilView(
        person_id=person.id,
        name=person.name,
        mission=now.key if now is not None else "",
        missions_done=sum(seen.issuperset(mission.ids) for mission in MISSIONS),
        checks_done=sum(name in seen for mission in MISSIONS for name in mission.ids),
        checks_of=sum(len(mission.checks) for mission in MISSIONS),
        chapters_done=sum(key in learner.chapters for key in CHAPTERS),
        chapters_of=len(CHAPTERS),
        score=score_of(learner),
        newest_at_s=max(times, default=None),
    )
