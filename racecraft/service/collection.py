"""People's models: made, found, renamed, deleted and put back.

Folder and record are changed together, folder first. If the power fails in between, `reconcile`
makes the record follow the folder: every folder carries the id of its record.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.errors import Conflict, InvalidInput, ModelNotFound, NotFound
from racecraft.domain.job import ACTIVE, JobKind, JobStatus
from racecraft.service.access import Actor, Operation
from racecraft.service.files import size_of, storage
from racecraft.service.jobs.job import Job
from racecraft.service.model_folders import folder_of, rename_folder, settings_of, state_of
from racecraft.service.model_records import Model, ModelState
from racecraft.service.models import checked_name
from racecraft.service.store import Below, Contains

if TYPE_CHECKING:
    from collections.abc import Sequence

    from racecraft.service.settings import Settings
    from racecraft.service.store import Store, Work

KEPT_S = 86_400.0
"""How long a deleted model can be put back."""
MOST_TAGS, LONGEST_TAG = 20, 40
ORDERS = ("created_at_s", "name", "state", "size_bytes")


@dataclass(frozen=True)
class ModelView:
    """A model and what is being done with it."""

    model: Model
    job: Job | None
    """The job that is not over, if it has one."""

    @property
    def status(self) -> str:
        """One word for the list."""
        if self.model.deleted_at_s is not None:
            return "DELETED"
        if self.job is None:
            return self.model.state.value
        if self.job.status in (JobStatus.QUEUED, JobStatus.STOPPING):
            return self.job.status.value
        words = {
            JobKind.TRAINING: "TRAINING",
            JobKind.EVALUATION: "EVALUATING",
            JobKind.RANKING: "RANKING",
        }
        return words.get(self.job.kind, "SUBMITTING")


def view_model(store: Store, actor: Actor, model_id: str) -> ModelView:
    """One model.

    Raises:
        NotFound: there is none with this id, or it is somebody else's.
    """
    with store.look() as work:
        model = work.get(Model, model_id)
        job = work.first(Job, model_id=model_id, status=ACTIVE)
    actor.demand_sight(Operation.VIEW_MODEL, model.owner_id, "model", model_id)
    return ModelView(model, job)


class ModelFilter(BaseModel):
    """Which models to list, and in what order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field("", max_length=100, description="what their names must hold")
    state: ModelState | None = Field(None, description="only these")
    is_deleted: bool = Field(False, description="those that can be put back instead")
    order: str = Field(
        "-created_at_s",
        max_length=20,
        description="created_at_s, name, state or size_bytes, with a minus for descending",
    )
    limit: int = Field(100, ge=1, le=500, description="at most so many")
    offset: int = Field(0, ge=0, le=1_000_000, description="leave out so many at the start")
    owner_id: str | None = Field(None, max_length=64, description="whose; one's own when left out")


ALL_MODELS = ModelFilter()


def list_models(
    store: Store,
    actor: Actor,
    wanted: ModelFilter = ALL_MODELS,
) -> tuple[list[ModelView], int]:
    """Somebody's models, and how many there are in all.

    Args:
        store: the records.
        actor: who asks.
        wanted: which ones.

    Raises:
        Forbidden: the actor may not look at them.
        InvalidInput: there is no such order.
    """
    whose = wanted.owner_id or actor.person_id
    actor.demand(Operation.VIEW_MODEL, whose)
    if wanted.order.removeprefix("-") not in ORDERS:
        raise InvalidInput(f"The order is {wanted.order!r}; use one of {', '.join(ORDERS)}.")
    where: dict[str, Any] = {"owner_id": whose}
    where["deleted_at_s"] = Below(math.inf) if wanted.is_deleted else None
    if wanted.text:
        where["name"] = Contains(wanted.text)
    if wanted.state is not None:
        where["state"] = wanted.state
    page = {"order": wanted.order, "limit": wanted.limit, "offset": wanted.offset}
    with store.look() as work:
        found = work.find(Model, **page, **where)  # type: ignore[arg-type]
        jobs = {job.model_id: job for job in work.find(Job, owner_id=whose, status=ACTIVE)}
        count = work.count(Model, **where)
    return [ModelView(model, jobs.get(model.id)) for model in found], count


def change_model(
    store: Store,
    settings: Settings,
    actor: Actor,
    model_id: str,
    changes: dict[str, Any],
    *,
    seen: int | None = None,
) -> Model:
    """Change a model's name, description or tags.

    Args:
        store: the records.
        settings: where its folder is.
        actor: who asks.
        model_id: which model.
        changes: the new name, description or tags.
        seen: the version that the actor has seen; None when any will do.

    Raises:
        NotFound: there is none with this id, or it is somebody else's.
        Forbidden: the actor may see it but not change it.
        InvalidInput: a value does not fit.
        Conflict: the name is taken, the model is in use, or it is not what was seen.
    """
    unknown = set(changes) - {"name", "description", "tags"}
    if unknown:
        raise InvalidInput(
            f"A model has no {sorted(unknown)[0]!r} to change; change name, description or tags."
        )
    model = view_model(store, actor, model_id).model
    actor.demand(Operation.EDIT_MODEL, model.owner_id)
    with store.work() as work:
        work.alone(f"models of {model.owner_id}")
        model = _live(work, model_id)
        model.refuse_unseen(seen)
        update: dict[str, Any] = {}
        if "tags" in changes:
            update["tags"] = _tags(changes["tags"])
        if "description" in changes:
            update["description"] = _description(changes["description"])
        if changes.get("name", model.name) != model.name:
            update["name"] = checked_name(changes["name"])
            refuse_busy(work, model)
        changed = work.put(model.model_copy(update=update))
        if "name" in update:
            own = settings_of(settings, model.owner_id)
            rename_folder(own, model.name, changed.name)
    return changed


def delete_model(store: Store, settings: Settings, actor: Actor, model_id: str) -> Model:
    """Take a model off the list; for a day it can be put back.

    Raises:
        NotFound: there is none with this id, or it is somebody else's.
        Forbidden: the actor may see it but not delete it.
        Conflict: the model is in use.
    """
    model = view_model(store, actor, model_id).model
    actor.demand(Operation.DELETE_MODEL, model.owner_id)
    with store.work() as work:
        work.alone(f"models of {model.owner_id}")
        model = _live(work, model_id)
        refuse_busy(work, model)
        deleted = work.put(model.model_copy(update={"deleted_at_s": store.now_s()}))
        target = folder_of(settings, deleted)
        with storage(settings.home), suppress(ModelNotFound):  # a folder that is gone is deleted
            target.parent.mkdir(parents=True, exist_ok=True)
            folder_of(settings, model).rename(target)
    return deleted


def restore_model(store: Store, settings: Settings, actor: Actor, model_id: str) -> Model:
    """Put a deleted model back on the list, under another name if its own is taken by now.

    Raises:
        NotFound: there is none with this id, or it is somebody else's.
        Forbidden: the actor may see it but not change it.
        Conflict: it is not deleted.
    """
    model = view_model(store, actor, model_id).model
    actor.demand(Operation.DELETE_MODEL, model.owner_id)
    with store.work() as work:
        work.alone(f"models of {model.owner_id}")
        model = work.get(Model, model_id)
        if model.deleted_at_s is None:
            raise Conflict(f"The model {model.name!r} is not deleted.")
        name = _free_name(work, model.owner_id, model.name)
        back = work.put(model.model_copy(update={"deleted_at_s": None, "name": name}))
        with storage(settings.home):
            folder_of(settings, model).rename(settings_of(settings, model.owner_id).models / name)
    return back


def refresh_model(store: Store, settings: Settings, model_id: str, *, problem: str = "") -> None:
    """Let a record follow its folder, after a job has ended."""
    with store.work() as work:
        model = work.first(Model, id=model_id)
        if model is None or model.deleted_at_s is not None:
            return
        folder = folder_of(settings, model)
        state = state_of(folder)
        if problem and state is ModelState.CREATED:
            state = ModelState.ERROR
        update = {"state": state, "problem": problem, "size_bytes": size_of(folder)}
        work.put(model.model_copy(update=update))


def _live(work: Work, model_id: str) -> Model:
    model = work.get(Model, model_id)
    if model.deleted_at_s is not None:
        raise NotFound(f"The model {model.name!r} is deleted; put it back first.")
    return model


def refuse_busy(work: Work, model: Model) -> None:
    """Stop here if a job of a model is under way.

    Raises:
        Conflict: one is.
    """
    job = work.first(Job, model_id=model.id, status=ACTIVE)
    if job is not None:
        raise Conflict(
            f"The model {model.name!r} has a {job.kind.value.lower()} that is {job.status.value}; "
            "wait until it ends, or stop it."
        )


def _free_name(work: Work, owner_id: str, wanted: str) -> str:
    taken = {m.name for m in work.find(Model, owner_id=owner_id, deleted_at_s=None)}
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted[:60]}-{number}"
    return name


def _tags(tags: Sequence[str]) -> tuple[str, ...]:
    plain = tuple(dict.fromkeys(str(tag).strip() for tag in tags))
    if len(plain) > MOST_TAGS or not all(1 <= len(tag) <= LONGEST_TAG for tag in plain):
        raise InvalidInput(
            f"The tags are {list(plain)!r}; use up to {MOST_TAGS} of 1 to {LONGEST_TAG} characters."
        )
    return plain


def _description(text: str) -> str:
    if len(text) > 255:
        raise InvalidInput(f"The description has {len(text)} characters; use up to 255.")
    return text
