"""The sheet as the wish for a model, and what there is to know before it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from racecraft.domain.job import JobKind
from racecraft.service.collection import change_model
from racecraft.service.drafts.beginnings import of_preset
from racecraft.service.drafts.sheet import Sheet
from racecraft.service.jobs.job import Job
from racecraft.service.jobs.queue import place_of_new
from racecraft.service.jobs.quotas import view_usage
from racecraft.service.making import MadeModel, NewModel, make_model
from racecraft.service.training_files import TrainingFile

if TYPE_CHECKING:
    from racecraft.service.access import Actor
    from racecraft.service.drafts.beginnings import Parent
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store


@dataclass(frozen=True)
class Outlook:
    """What becomes of a training that would be asked for now."""

    ahead: int
    """Jobs that come first."""
    starts_in_s: float
    """At the latest, if every job takes as long as it may."""
    minutes_left: float | None
    """Of this month's computing time; None without a limit."""
    models_left: int | None
    """Models that may still be made; None without a limit."""


def wished(sheet: Sheet, parent: Parent | None = None, checkpoint: str = "best") -> NewModel:
    """The wish for a model.

    Raises:
        InvalidSpec: the action space does not fit.
    """
    space = sheet.action_space().model_dump(mode="json")
    model: dict[str, Any] = {"name": sheet.name, "description": sheet.description}
    model["action_space"] = space
    if sheet.network and parent is None:
        model["network"] = sheet.network
    training = {
        **sheet.more,
        "tracks": [track.model_dump() for track in sheet.tracks],
        "race": sheet.race(),
        "hyperparameters": {"algorithm": sheet.algorithm, **sheet.values},
        "stop": sheet.stop(),
    }
    return NewModel(
        document=TrainingFile(model=model, training=training),
        reward_source=sheet.reward_source,
        vehicle_id=None if parent else sheet.vehicle_id,
        clone_of=parent.model.id if parent else None,
        checkpoint=checkpoint,
    )


def make(
    store: Store, settings: Settings, actor: Actor, wanted: NewModel, tags: tuple[str, ...]
) -> MadeModel:
    """Make the model, tag it, and put its training into the queue; errors as make_model."""
    made = make_model(store, settings, actor, wanted)
    if tags:
        change_model(store, settings, actor, made.view.model.id, {"tags": list(tags)})
    return made


def outlook(store: Store, actor: Actor, planned_minutes: float, slots: int) -> Outlook:
    """Where a training would stand in the queue, and what is left of the actor's quota.

    Args:
        store: the records.
        actor: who would ask.
        planned_minutes: longest time of the training.
        slots: how many jobs run at once.
    """
    new = Job(
        created_at_s=store.now_s(),
        owner_id=actor.person_id,
        model_id="",
        kind=JobKind.TRAINING,
        model_name="",
        planned_s=60 * planned_minutes,
    )
    with store.look() as work:
        place = place_of_new(work, new, slots, store.now_s())
    used = view_usage(store, actor, actor.person_id)
    minutes, models = used.limits.minutes_per_month, used.limits.models
    spent = used.used_minutes + used.planned_minutes
    return Outlook(
        ahead=place.position - 1,
        starts_in_s=max(place.expected_start_s - store.now_s(), 0.0),
        minutes_left=None if minutes is None else max(minutes - spent, 0.0),
        models_left=None if models is None else max(models - used.models, 0),
    )


def is_as_preset(sheet: Sheet) -> bool:
    """Whether a sheet stands as its preset filled it in."""
    return bool(sheet.preset) and of_preset(sheet.preset, sheet) == sheet
