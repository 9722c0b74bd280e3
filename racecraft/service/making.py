"""New models and jobs for them: what a person asks for, checked, written down, put in the queue."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from racecraft.domain.errors import Conflict, InvalidInput, InvalidSpec, NotFound
from racecraft.domain.job import JobKind
from racecraft.domain.race import merged_race
from racecraft.domain.spec import EvaluationSpec, TrainingSpec
from racecraft.service.access import Actor, Operation
from racecraft.service.clones import checkpoint_iteration
from racecraft.service.collection import ModelView, view_model
from racecraft.service.documents import checked
from racecraft.service.files import storage
from racecraft.service.garage import Vehicle, view_vehicle
from racecraft.service.jobs.asking import Wish, submit
from racecraft.service.jobs.quotas import refuse_another_model, refuse_beyond_quota
from racecraft.service.model_folders import folder_of, mark_folder, record_of_folder, settings_of
from racecraft.service.model_records import Model, ModelState
from racecraft.service.models import load_training
from racecraft.service.reward_desk import TURNS
from racecraft.service.store import new_id
from racecraft.service.summaries import checkpoint_iterations
from racecraft.service.track_choices import refuse_odd_track
from racecraft.service.training_files import TrainingFile
from racecraft.service.trainings import NewTraining, plan_training, prepare_resume, start

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from racecraft.sandbox.findings import Finding
    from racecraft.service.jobs.job import Job
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

DEFAULT_MINUTES = 60.0
"""A training without a time to end at gets this one."""
EVALUATION_S = 120.0
"""Set aside for an evaluation; most take a few seconds."""
CHECKPOINT_S = 10.0
"""Set aside for each checkpoint of a ranking."""


@dataclass(frozen=True)
class NewModel:
    """What a person asks for."""

    document: TrainingFile
    """Tables `model` and `training`, and the name of a shipped reward."""
    reward_source: str | None = None
    """Text of a reward function of their own."""
    vehicle_id: str | None = None
    """Vehicle of their garage; what the document says about sensors and network wins."""
    clone_of: str | None = None
    """Id of the model whose weights it begins with."""
    checkpoint: str = "best"
    starts: bool = True
    """Whether its training goes into the queue at once."""


@dataclass(frozen=True)
class MadeModel:
    """A new model."""

    view: ModelView
    findings: tuple[Finding, ...]
    """What is odd about its reward function."""


def make_model(store: Store, settings: Settings, actor: Actor, wanted: NewModel) -> MadeModel:
    """Make a model, and put its training into the queue.

    Raises:
        InvalidInput, NotFound: something in the wish does not fit or does not exist.
        QuotaExceeded: the person has no model or no time left.
        Conflict: they have a model of this name.
        TooManyRequests: too many rewards are being checked.
    """
    actor.demand(Operation.RUN_JOB, actor.person_id)
    own = settings_of(settings, actor.person_id)
    plan, parent, vehicle = _plan(store, own, actor, wanted)
    planned_s = planned_seconds(plan.training)
    with store.look() as work:
        refuse_another_model(store, work, actor.person_id)
        if wanted.starts:
            refuse_beyond_quota(store, work, actor.person_id, planned_s)
    with TURNS.turn(actor.person_id):
        made = start(own, plan)
    folder = own.models / made.name
    try:
        record = record_of_folder(folder, new_id(), actor.person_id, store.now_s())
        look: dict[str, Any] = {"parent_id": parent.id if parent else ""}
        if vehicle is not None:
            look |= {"shell": vehicle.shell, "colour": vehicle.colour, "vehicle_name": vehicle.name}
        elif parent is not None:
            look |= {"shell": parent.shell, "colour": parent.colour}
        record = record.model_copy(update={**look, "state": ModelState.CREATED})
        mark_folder(folder, record.id)
        with store.work() as work:
            work.alone("quota")
            refuse_another_model(store, work, actor.person_id)
            work.add(record)
            wish = Wish(JobKind.TRAINING, planned_s)
            job = submit(store, work, actor, record, wish) if wanted.starts else None
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return MadeModel(ModelView(record, job), made.findings)


def train_on(
    store: Store, settings: Settings, actor: Actor, model_id: str, stop: dict[str, Any]
) -> Job:
    """Train a model for the first time, or go on where its training was left.

    Args:
        store: the records.
        settings: where models are.
        actor: who asks.
        model_id: of the model.
        stop: fields of StopCondition that replace the old condition; empty keeps it.

    Raises:
        NotFound: there is no such model, or it has no state to go on from.
        Forbidden: the actor may see it but not train it.
        InvalidSpec: the stop condition does not fit.
        Conflict: the model has a job already.
        QuotaExceeded: it would use more than is left.
    """
    model = _may_run(store, actor, model_id)
    own = settings_of(settings, model.owner_id)
    has_state = prepare_resume(own, model.name, stop)
    training = load_training(folder_of(settings, model))
    wish = Wish(JobKind.TRAINING, planned_seconds(training), is_resuming=has_state)
    with store.work() as work:
        return submit(store, work, actor, work.get(Model, model_id), wish)


def evaluate(
    store: Store, settings: Settings, actor: Actor, model_id: str, fields: dict[str, Any]
) -> Job:
    """Let a model drive laps.

    Args:
        store: the records.
        settings: where models are.
        actor: who asks.
        model_id: of the model.
        fields: of EvaluationSpec; track and race are those of the training when they are left
            out, everything else has its default.

    Raises:
        NotFound: there is no such model, track or checkpoint.
        Forbidden: the actor may see it but not evaluate it.
        InvalidSpec: a value does not fit.
        Conflict: the model is not ready, or has a job already.
        QuotaExceeded: it would use more than is left.
    """
    model = _may_drive(store, actor, model_id)
    evaluation = _evaluation(settings, model, fields)
    checkpoint_iteration(folder_of(settings, model), evaluation.checkpoint)
    request = evaluation.model_dump(mode="json")
    with store.work() as work:
        wish = Wish(JobKind.EVALUATION, EVALUATION_S, request)
        return submit(store, work, actor, work.get(Model, model_id), wish)


def rank(
    store: Store,
    settings: Settings,
    actor: Actor,
    model_id: str,
    fields: dict[str, Any],
    checkpoints: Sequence[int] | None = None,
) -> Job:
    """Let every checkpoint of a model drive the same laps, and rank them.

    Args:
        store: the records.
        settings: where models are.
        actor: who asks.
        model_id: of the model.
        fields: of EvaluationSpec, as `evaluate` takes them.
        checkpoints: iterations of those that drive; all when None.

    Raises:
        NotFound, Forbidden, InvalidSpec, Conflict, QuotaExceeded: as `evaluate`.
        InvalidInput: no checkpoint is given.
    """
    model = _may_drive(store, actor, model_id)
    evaluation = _evaluation(settings, model, {**fields, "checkpoint": "best"})
    folder = folder_of(settings, model)
    chosen = checkpoint_iterations(folder)
    if checkpoints is not None:
        chosen = sorted({checkpoint_iteration(folder, str(each)) for each in checkpoints})
    if not chosen:
        raise InvalidInput("No checkpoint is to drive; name some, or leave them out for all.")
    request = {"evaluation": evaluation.model_dump(mode="json"), "checkpoints": chosen}
    with store.work() as work:
        wish = Wish(JobKind.RANKING, EVALUATION_S + CHECKPOINT_S * len(chosen), request)
        return submit(store, work, actor, work.get(Model, model_id), wish)


def _may_drive(store: Store, actor: Actor, model_id: str) -> Model:
    model = _may_run(store, actor, model_id)
    if model.state is not ModelState.READY:
        raise Conflict(
            f"The model {model.name!r} is {model.state.value}; train it before you evaluate it."
        )
    return model


def _evaluation(settings: Settings, model: Model, fields: dict[str, Any]) -> EvaluationSpec:
    """The evaluation that somebody asks for, if it is possible."""
    evaluation = checked(EvaluationSpec, _as_trained(settings, model, fields))
    refuse_odd_track(evaluation.track.name)
    refuse_unknown_track(settings, evaluation.track.name)
    return evaluation


def _as_trained(settings: Settings, model: Model, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of an evaluation, on the road that the model knows unless another is given."""
    training = load_training(folder_of(settings, model))
    race, given = training.race.model_dump(), fields.get("race")
    if isinstance(given, dict):
        race = merged_race(training.race, given)
    elif given is not None:
        race = given  # refused as what it is
    return {"track": training.tracks[0], **fields, "race": race}


def planned_seconds(training: TrainingSpec) -> float:
    """Computing time that a training may take."""
    return 60.0 * (training.stop.minutes or DEFAULT_MINUTES)


def _plan(
    store: Store, own: Settings, actor: Actor, wanted: NewModel
) -> tuple[NewTraining, Model | None, Vehicle | None]:
    parent = view_model(store, actor, wanted.clone_of).model if wanted.clone_of else None
    if parent is not None and parent.owner_id != actor.person_id:
        raise NotFound(f"There is no model {parent.id!r} of yours to clone.")
    vehicle = view_vehicle(store, actor, wanted.vehicle_id) if wanted.vehicle_id else None
    document = wanted.document
    if vehicle is not None and parent is None:
        fields = {"sensors": vehicle.sensors, "network": vehicle.network}
        document = document.model_copy(update={"model": {**fields, **document.model}})
    _refuse_paths(document, wanted.reward_source)
    plan = plan_training(
        own,
        _with_end(document),
        clone_of=parent.name if parent else None,
        checkpoint=wanted.checkpoint,
    )
    if wanted.reward_source is not None:
        plan = NewTraining(plan.model, plan.training, wanted.reward_source, plan.initial)
    for track in plan.training.tracks:
        refuse_odd_track(track.name)
    if own.person is not None and plan.training.threads > own.threads:
        raise InvalidSpec(
            f"The training wants {plan.training.threads} processor cores, and a job here gets "
            f"{own.threads}; leave threads out."
        )
    return plan, parent, vehicle


def _with_end(document: TrainingFile) -> TrainingFile:
    """The document with a time at which the training ends, whatever else may end it."""
    stop = document.training.get("stop")
    if isinstance(stop, dict) and stop.get("minutes") is None:
        training = {**document.training, "stop": {**stop, "minutes": DEFAULT_MINUTES}}
        return document.model_copy(update={"training": training})
    return document


def _refuse_paths(document: TrainingFile, reward_source: str | None) -> None:
    """A reward is a name or a text here; a path would read the files of this machine."""
    from racecraft.sandbox.builtin import BUILTIN_REWARDS
    from racecraft.sandbox.limits import MAX_CHARACTERS

    if document.reward is not None and document.reward not in BUILTIN_REWARDS:
        raise NotFound(
            f"There is no reward {document.reward!r}; give the name of a shipped one, or the text "
            "of your own."
        )
    if reward_source is not None and len(reward_source) > MAX_CHARACTERS:
        raise InvalidSpec(
            f"The reward function has {len(reward_source)} characters; use at most "
            f"{MAX_CHARACTERS}."
        )


def refuse_unknown_track(settings: Settings, name: str) -> None:
    """Stop here unless there is a shipped or imported track of this name.

    Raises:
        NotFound: there is none.
    """
    from racecraft.tracks.library import shipped_names

    if name not in shipped_names() and not (settings.tracks / f"{name}.npy").is_file():
        raise NotFound(f"There is no track {name!r}; look at the list of tracks.")


def _may_run(store: Store, actor: Actor, model_id: str) -> Model:
    model = view_model(store, actor, model_id).model
    actor.demand(Operation.RUN_JOB, model.owner_id)
    if model.deleted_at_s is not None:
        raise NotFound(f"The model {model.name!r} is deleted; put it back first.")
    return model


def log_text(settings: Settings, model: Model, offset: int, most: int = 65_536) -> tuple[str, int]:
    """A part of a model's log, and where the next part begins.

    Args:
        settings: where models are.
        model: whose log.
        offset: bytes to leave out at the beginning.
        most: bytes of the part.

    Raises:
        StorageFailed: the log cannot be read.
    """
    from racecraft.service.records import LOG_FILE

    path: Path = folder_of(settings, model) / LOG_FILE
    if not path.is_file():
        return "", 0
    with storage(path), path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(min(max(offset, 0), size))
        data = file.read(most)
        end = file.tell()
    # Not in the middle of a character: what is cut off comes with the next part.
    whole = data[: data.rfind(b"\n") + 1] or data
    return whole.decode("utf-8", errors="replace"), end - (len(data) - len(whole))
