"""A person who leaves: they, their keys, models, vehicles and jobs are gone for good.

Their results leave the boards of races. What stays: races that they arranged, for admins to manage,
and what they used, which counts for the installation until the month is over, under an id that
leads to nobody. The records go first, in one transaction. Folders follow; if that is
cut short, the next upkeep removes what belongs to nobody.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from racecraft.domain.errors import Conflict
from racecraft.domain.job import ACTIVE
from racecraft.service.access import Actor, Operation
from racecraft.service.copies import forget_copies
from racecraft.service.course.learner import Learner
from racecraft.service.drafts import Draft
from racecraft.service.events.event import Attendant
from racecraft.service.garage import Vehicle
from racecraft.service.jobs.job import Job, Lease
from racecraft.service.log_records import LogUpload
from racecraft.service.model_records import Model
from racecraft.service.people.administration import forget_person
from racecraft.service.people.person import LOCAL_PERSON, Person, person_now
from racecraft.service.races.entering import folder_of_submission
from racecraft.service.races.live.queue import forget_racer
from racecraft.service.races.race import Entrant, Submission

if TYPE_CHECKING:
    from pathlib import Path

    from racecraft.service.settings import Settings
    from racecraft.service.store import Store


@dataclass(frozen=True)
class Left:
    """What went with a person."""

    name: str
    models: int
    vehicles: int
    jobs: int
    """That waited or ran, and were ended."""


def delete_person(
    store: Store, settings: Settings, actor: Actor, person_id: str, *, name: str
) -> Left:
    """Delete a person and all that is theirs; nothing of it can be put back.

    Args:
        store: the records.
        settings: where their models are.
        actor: who asks: they themselves, or an admin.
        person_id: who.
        name: their racer name, so that nobody deletes somebody by a slip.

    Raises:
        Forbidden: it is somebody else, and the actor no admin.
        NotFound: there is nobody with this id.
        Conflict: the name is another one, they are the last admin, or the one person of an
            installation without accounts.
    """
    actor.demand(Operation.DELETE_PERSON, person_id)
    with store.work() as work:
        work.alone("queue")  # no worker gets a job of theirs meanwhile
        person = person_now(work, person_id)
        _refuse(person, name)
        jobs = work.find(Job, owner_id=person_id)
        for job in jobs:
            # A worker without a lease hears at its next sign of life that it must end.
            work.remove(Lease, id=job.id)
        driven = work.find(Submission, person_id=person_id)
        forget_racer(work, person_id, {each.race_id for each in driven})
        work.remove(Submission, person_id=person_id)
        work.remove(Entrant, person_id=person_id)
        work.remove(Attendant, person_id=person_id)
        models = [model.id for model in work.find(Model, owner_id=person_id)]
        left = Left(
            name=person.name,
            models=work.remove(Model, owner_id=person_id),
            vehicles=work.remove(Vehicle, owner_id=person_id),
            jobs=sum(job.status in ACTIVE for job in jobs),
        )
        work.remove(Job, owner_id=person_id)
        work.remove(Draft, owner_id=person_id)
        work.remove(Learner, id=person_id)
        work.remove(LogUpload, owner_id=person_id)
        forget_person(work, person)
    shutil.rmtree(settings.of(person_id).models.parent, ignore_errors=True)
    forget_copies(settings, models)
    for each in driven:
        place = folder_of_submission(settings, each.race_id, each.id)
        shutil.rmtree(place, ignore_errors=True)
    return left


def remove_ownerless(store: Store, settings: Settings) -> int:
    """Remove folders of people who are gone; gives how many."""
    folders = _folders(settings.home / "people")
    with store.look() as work:
        known = {person.id for person in work.find(Person)}
    gone = [folder for folder in folders if folder.name not in known]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    return len(gone)


def _refuse(person: Person, name: str) -> None:
    if person.id == LOCAL_PERSON:
        raise Conflict("This is the one person of an installation without accounts, who stays.")
    if name != person.name:
        raise Conflict(
            f"The racer name is {person.name!r}, not {name!r}; give the name of whom you want to "
            "delete."
        )


def _folders(place: Path) -> list[Path]:
    return [folder for folder in place.iterdir() if folder.is_dir()] if place.is_dir() else []
