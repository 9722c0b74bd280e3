"""What a racer does in a community race: come in, submit a model, look at what became of it."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING

from racecraft.domain.errors import Conflict, Forbidden, NotFound
from racecraft.domain.job import JobKind
from racecraft.service.access import Actor, Operation
from racecraft.service.clones import CHECKPOINT_FILES, checkpoint_folder
from racecraft.service.files import storage
from racecraft.service.jobs.asking import Wish, submit
from racecraft.service.making import EVALUATION_S
from racecraft.service.model_folders import folder_of
from racecraft.service.model_records import Model, ModelState
from racecraft.service.models import MODEL_FILE
from racecraft.service.people.codes import tidied
from racecraft.service.races.arranging import folder_of_race
from racecraft.service.races.live.queue import queue_entry
from racecraft.service.races.race import (
    Entrant,
    Hosting,
    Race,
    RaceState,
    Submission,
    SubmissionStatus,
    race_in_sight,
)
from racecraft.service.races.roads import refuse_other_road
from racecraft.service.store import new_id

if TYPE_CHECKING:
    from pathlib import Path

    from racecraft.service.settings import Settings
    from racecraft.service.store import Store, Work

_POLICY = CHECKPOINT_FILES[0]


def come_in(store: Store, actor: Actor, link: str) -> Race:
    """Come into a race by its link; a second time changes nothing.

    Raises:
        NotFound: the link leads to no race (any more).
        Forbidden: the organiser has shut this person out.
    """
    actor.demand(Operation.ENTER_RACE, actor.person_id)
    with store.work() as work:
        race = work.first(Race, link=tidied(link))
        if race is None:
            raise NotFound("This link leads to no race; ask its organiser for the new one.")
        entrant = work.first(Entrant, race_id=race.id, person_id=actor.person_id)
        if entrant is not None and entrant.is_shut_out:
            raise Forbidden("The organiser of this race has shut you out; talk to them.")
        _let_in(store, work, race, actor.person_id)
        return race


def enter_model(
    store: Store,
    settings: Settings,
    actor: Actor,
    race_id: str,
    model_id: str,
    checkpoint: str = "best",
) -> Submission:
    """Enter one's model: weights of it are frozen and wait to be driven.

    The model may be trained on, changed or deleted afterwards; the race drives what was entered.

    Args:
        store: the records.
        settings: where models are.
        actor: who enters it.
        race_id: the race.
        model_id: the model.
        checkpoint: whose weights: `best`, `last` or the number of an iteration.

    Raises:
        NotFound: there is no such race, model or checkpoint.
        Conflict: the race is not open, its road was replaced or its rules were changed meanwhile,
            the model is not ready or has a job, or the racer has no submission left.
        QuotaExceeded: it would use more computing time than is left.
        StorageFailed: the weights cannot be frozen.
    """
    race, model = _admitted(store, actor, race_id, model_id)
    refuse_other_road(settings, race.rules.track, race.track_sha256)
    submission_id = new_id()
    place = folder_of_submission(settings, race.id, submission_id)
    try:
        iteration, digest = _freeze(folder_of(settings, model), place, checkpoint)
        with store.work() as work:
            race = _still_open(store, work, race, actor)
            frozen = (submission_id, iteration, digest, model_id)
            job_id = _ask_for_job(store, work, actor, race, frozen)
            _let_in(store, work, race, actor.person_id)
            made = work.add(
                Submission(
                    id=submission_id,
                    created_at_s=store.now_s(),
                    race_id=race.id,
                    person_id=actor.person_id,
                    job_id=job_id,
                    model_id=model.id,
                    model_name=model.name,
                    checkpoint=iteration,
                    weights_sha256=digest,
                    shell=model.shell,
                    colour=model.colour,
                )
            )
            if race.hosting is Hosting.LIVE:
                queue_entry(work, race, made, store.now_s())
            return made
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def _admitted(store: Store, actor: Actor, race_id: str, model_id: str) -> tuple[Race, Model]:
    """The race and the model, if the actor may enter it; errors as of `enter_model`."""
    actor.demand(Operation.ENTER_RACE, actor.person_id)
    with store.look() as work:
        race = race_in_sight(work, actor, race_id)
        model = work.get(Model, model_id)
        _refuse(store, work, race, actor)
    actor.demand_sight(Operation.RUN_JOB, model.owner_id, "model", model_id)
    if model.owner_id != actor.person_id:
        raise NotFound(f"There is no model {model_id!r} of yours to enter.")
    if model.state is not ModelState.READY or model.deleted_at_s is not None:
        raise Conflict(f"The model {model.name!r} is not ready; train it before you enter it.")
    return race, model


def _still_open(store: Store, work: Work, race: Race, actor: Actor) -> Race:
    """The race as it is by now, if the actor may enter and drives as when it was looked at.

    Nobody else enters it or changes it before the end of this transaction.
    """
    work.alone(f"race {race.id}")
    now = work.first(Race, id=race.id)
    if now is None:
        raise NotFound("There is no such race any more.")
    if (now.rules, now.track_sha256) != (race.rules, race.track_sha256):
        raise Conflict(
            f"The organiser of {race.name!r} has just changed its rules; look at them, and enter "
            "the model again."
        )
    _refuse(store, work, now, actor)
    return now


def _ask_for_job(
    store: Store, work: Work, actor: Actor, race: Race, frozen: tuple[str, int, str, str]
) -> str:
    """Put the laps of what was frozen into the queue of jobs; gives the job's id.

    A live race has no job for it: its heats drive it. `frozen` is the submission, the iteration and
    digest of its weights, and the model.
    """
    submission_id, iteration, digest, model_id = frozen
    if race.hosting is Hosting.LIVE:
        return f"live {submission_id}"
    request = {
        "race_id": race.id,
        "submission_id": submission_id,
        "checkpoint": iteration,
        "weights_sha256": digest,
        "track_sha256": race.track_sha256,
        "evaluation": race.rules.evaluation.model_dump(mode="json"),
    }
    wish = Wish(JobKind.SUBMISSION, EVALUATION_S, request)
    return submit(store, work, actor, work.get(Model, model_id), wish).id


def folder_of_submission(settings: Settings, race_id: str, submission_id: str) -> Path:
    """Where a frozen model and what it drove lie."""
    return folder_of_race(settings, race_id) / submission_id


def _refuse(store: Store, work: Work, race: Race, actor: Actor) -> None:
    """Stop here unless the race takes another submission of the actor now."""
    state = race.state(store.now_s())
    if state is not RaceState.OPEN:
        when = "has not begun yet" if state is RaceState.UPCOMING else "is over"
        raise Conflict(f"The race {race.name!r} {when}; models can be entered while it is open.")
    entrant = work.first(Entrant, race_id=race.id, person_id=actor.person_id)
    if entrant is not None and entrant.is_shut_out:
        raise Forbidden("The organiser of this race has shut you out; talk to them.")
    own = work.find(Submission, race_id=race.id, person_id=actor.person_id)
    failed = SubmissionStatus.FAILED
    counted = [each for each in own if each.status is not failed and not each.struck]
    if race.max_submissions and len(counted) >= race.max_submissions:
        raise Conflict(
            f"You have submitted {len(counted)} models to {race.name!r}, and no more are allowed; "
            "your best one counts."
        )


def _let_in(store: Store, work: Work, race: Race, person_id: str) -> None:
    if work.first(Entrant, race_id=race.id, person_id=person_id) is None:
        work.add(Entrant(created_at_s=store.now_s(), race_id=race.id, person_id=person_id))


def _freeze(folder: Path, place: Path, checkpoint: str) -> tuple[int, str]:
    """Copy weights; gives their iteration and the digest of the policy file."""
    source = checkpoint_folder(folder, checkpoint)
    target = place / "checkpoints" / source.name
    with storage(place):
        target.mkdir(parents=True)
        for file in CHECKPOINT_FILES:
            shutil.copyfile(source / file, target / file)
        shutil.copyfile(folder / MODEL_FILE, place / MODEL_FILE)
        digest = hashlib.sha256((target / _POLICY).read_bytes()).hexdigest()
    return int(source.name), digest
