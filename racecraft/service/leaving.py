"""A person who leaves: they, their keys, models, vehicles and jobs are gone for good.

Their results leave the boards of races. What stays: races that they arranged, for admins to manage,
and what they used, which counts for the installation until the month is over, under an id that
leads to nobody. The records go first, in one transaction, which notes who left. Folders follow; if
that is cut short, the next upkeep removes them. A folder alone never says that somebody left: the
database may be empty, or that of another installation.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

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
from racecraft.service.store import Below, Contains, Record

if TYPE_CHECKING:
    from pathlib import Path

    from racecraft.service.settings import Settings
    from racecraft.service.store import Store, Work

_MARK = "left-"
_MARKED_S = 86_400.0
"""Whatever still writes into somebody's folders has ended by then."""


class Departure(Record):
    """The note that somebody left; the id is theirs behind a word. It is kept for a day."""

    TABLE: ClassVar[str] = "settings"


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
        work.add(Departure(id=f"{_MARK}{person_id}", created_at_s=store.now_s()))
    shutil.rmtree(settings.of(person_id).models.parent, ignore_errors=True)
    forget_copies(settings, models)
    for each in driven:
        place = folder_of_submission(settings, each.race_id, each.id)
        shutil.rmtree(place, ignore_errors=True)
    return left


def remove_ownerless(store: Store, settings: Settings) -> int:
    """Remove folders of people who left, by the records; gives how many."""
    place = settings.home / "people"
    with store.look() as work:
        left = _departed(work)
    gone = [place / person_id for person_id in left if (place / person_id).is_dir()]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    old = [each for each in left.values() if each.created_at_s < store.now_s() - _MARKED_S]
    if old:
        with store.work() as work:
            for note in old:
                work.remove(Departure, id=note.id, created_at_s=Below(store.now_s() - _MARKED_S))
    return len(gone)


def refuse_other_records(store: Store, settings: Settings) -> None:
    """Stop here if the records cannot be those that belong to a home folder.

    Raises:
        Conflict: there are folders of people, and the records know none of them.
    """
    folders = {path.name for path in _folders(settings.home / "people") if any(path.iterdir())}
    with store.look() as work:
        known = {person.id for person in work.find(Person)} | set(_departed(work))
    if not folders or folders & known:
        return
    database = store.engine.url.render_as_string(hide_password=True)
    raise Conflict(
        f"{settings.home / 'people'} has folders of people ({len(folders)}), and the database "
        f"{database} knows none of them. If it is the wrong one, set RACECRAFT_DATABASE_URL to the "
        "one that this home folder was used with; if it is new, fill it first with `racecraft "
        "move-records` or from a backup; if nobody needs these folders, move them away."
    )


def _departed(work: Work) -> dict[str, Departure]:
    """The notes of those who left, by their ids."""
    notes = work.find(Departure, id=Contains(_MARK))
    return {note.id.removeprefix(_MARK): note for note in notes}


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
