"""Models: made, found, changed, trained, evaluated."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.errors import StorageFailed
from racecraft.interfaces.rest.shared import (
    IfMatch,
    Key,
    Page,
    once,
    seen_version,
    tag,
)
from racecraft.interfaces.rest.who import Asker, Here
from racecraft.sandbox.findings import Finding
from racecraft.service import collection, making
from racecraft.service.collection import ModelFilter, ModelView
from racecraft.service.files import read_text
from racecraft.service.graphs import RewardGraph
from racecraft.service.jobs.job import Job
from racecraft.service.making import NewModel
from racecraft.service.model_folders import folder_of
from racecraft.service.model_records import Model
from racecraft.service.models import REWARD_FILE, load_model, load_training
from racecraft.service.samples import give_samples
from racecraft.service.summaries import read_progress
from racecraft.service.training_files import TrainingFile
from racecraft.service.upkeep import reconcile

router = APIRouter(tags=["models"])
_Table = dict[str, Any]


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ModelAnswer(BaseModel):
    """A model, one word about it, and what is being done with it."""

    model: Model
    status: str
    job: Job | None


class MadeAnswer(ModelAnswer):
    """A new model."""

    findings: list[Finding]
    """What is odd about its reward function."""


class ModelWish(_Wish):
    """A new model and its training; what is left out has its default."""

    model: _Table = Field(default_factory=dict, description="fields of the model's document")
    training: _Table = Field(default_factory=dict, description="fields of the training's document")
    reward: str | None = Field(None, max_length=100, description="name of a shipped reward")
    reward_source: str | None = Field(
        None, max_length=140_000, description="or the text of a reward function"
    )
    vehicle_id: str | None = Field(None, max_length=64)
    clone_of: str | None = Field(
        None, max_length=64, description="id of the model whose weights it begins with"
    )
    checkpoint: str = Field("best", max_length=20)
    starts: bool = Field(True, description="put its training into the queue at once")


class ModelChange(_Wish):
    """What of a model is to change."""

    name: str | None = Field(None, max_length=100)
    description: str | None = Field(None, max_length=1000)
    tags: list[str] | None = Field(None, max_length=100)


class TrainWish(_Wish):
    """When a further training ends; what is left out stays."""

    stop: _Table = Field(default_factory=dict, description="fields of the stop condition")


class RankWish(_Wish):
    """What every checkpoint is to drive."""

    evaluation: _Table = Field(
        default_factory=dict, description="fields of the evaluation's document"
    )
    checkpoints: list[int] | None = Field(
        None, max_length=10_000, description="iterations of those that drive; all when left out"
    )


class Documents(BaseModel):
    """What a model is, how it is trained, and what it is rewarded for."""

    model: _Table
    training: _Table
    reward_source: str


class LogPart(BaseModel):
    """A part of a log."""

    text: str
    next_offset: int
    """Where the next part begins."""


@router.get("/models")
def list_all(
    actor: Asker, here: Here, wanted: Annotated[ModelFilter, Query()]
) -> Page[ModelAnswer]:
    """Models, one's own unless another owner is given."""
    if wanted.owner_id in (None, actor.person_id):
        with suppress(StorageFailed):  # a full disk is no reason to show nothing
            give_samples(here.store, here.settings, actor.person_id)
        reconcile(here.store, here.settings, actor.person_id)
    found, total = collection.list_models(here.store, actor, wanted)
    return Page(items=[_answer(view) for view in found], total=total)


@router.post("/models", status_code=201)
def make(wish: ModelWish, actor: Asker, here: Here, key: Key = None) -> MadeAnswer:
    """Make a model, and put its training into the queue."""

    def do() -> MadeAnswer:
        table = TrainingFile(model=wish.model, training=wish.training, reward=wish.reward)
        wanted = NewModel(
            document=table,
            reward_source=wish.reward_source,
            vehicle_id=wish.vehicle_id,
            clone_of=wish.clone_of,
            checkpoint=wish.checkpoint,
            starts=wish.starts,
        )
        made = making.make_model(here.store, here.settings, actor, wanted)
        here.wake()
        return MadeAnswer(**dict(_answer(made.view)), findings=list(made.findings))

    made = once(here.store, actor, key, wish, do)
    return MadeAnswer.model_validate(made) if isinstance(made, dict) else made


@router.get("/models/{model_id}")
def view(model_id: str, actor: Asker, here: Here, answer: Response) -> ModelAnswer:
    """One model."""
    found = collection.view_model(here.store, actor, model_id)
    tag(answer, found.model)
    return _answer(found)


@router.patch("/models/{model_id}")
def change(
    model_id: str,
    wish: ModelChange,
    actor: Asker,
    here: Here,
    answer: Response,
    if_match: IfMatch = None,
) -> Model:
    """Rename, describe or tag a model."""
    changes, seen = wish.model_dump(exclude_none=True), seen_version(if_match)
    changed = collection.change_model(
        here.store, here.settings, actor, model_id, changes, seen=seen
    )
    tag(answer, changed)
    return changed


@router.delete("/models/{model_id}")
def delete(model_id: str, actor: Asker, here: Here) -> Model:
    """Take a model off the list; for a day it can be put back."""
    return collection.delete_model(here.store, here.settings, actor, model_id)


@router.post("/models/{model_id}/restore")
def restore(model_id: str, actor: Asker, here: Here) -> Model:
    """Put a deleted model back."""
    return collection.restore_model(here.store, here.settings, actor, model_id)


@router.post("/models/{model_id}/train", status_code=201)
def train(model_id: str, wish: TrainWish, actor: Asker, here: Here) -> Job:
    """Train a model for the first time, or go on where its training was left."""
    job = making.train_on(here.store, here.settings, actor, model_id, wish.stop)
    here.wake()
    return job


@router.post("/models/{model_id}/evaluate", status_code=201)
def evaluate(model_id: str, wish: _Table, actor: Asker, here: Here) -> Job:
    """Let a model drive laps; the body has the fields of the evaluation's document."""
    job = making.evaluate(here.store, here.settings, actor, model_id, wish)
    here.wake()
    return job


@router.post("/models/{model_id}/rank", status_code=201)
def rank(model_id: str, wish: RankWish, actor: Asker, here: Here) -> Job:
    """Let every checkpoint of a model drive the same laps, and rank them."""
    job = making.rank(here.store, here.settings, actor, model_id, wish.evaluation, wish.checkpoints)
    here.wake()
    return job


@router.get("/models/{model_id}/documents")
def documents(model_id: str, actor: Asker, here: Here) -> Documents:
    """What a model is, how it is trained, and what it is rewarded for."""
    model = collection.view_model(here.store, actor, model_id).model
    folder = folder_of(here.settings, model)
    return Documents(
        model=load_model(folder).model_dump(mode="json"),
        training=load_training(folder).model_dump(mode="json"),
        reward_source=read_text(folder / REWARD_FILE),
    )


@router.get("/models/{model_id}/progress")
def progress(model_id: str, actor: Asker, here: Here, after: int = -1) -> list[_Table]:
    """Figures of the iterations after one, the first one by default."""
    model = collection.view_model(here.store, actor, model_id).model
    lines = read_progress(folder_of(here.settings, model))
    return [line for line in lines if line["iteration"] > after]


@router.get("/models/{model_id}/graph", response_model=RewardGraph)
def graph(model_id: str, actor: Asker, here: Here) -> Response:
    """The whole training so far as columns, for its reward graph."""
    model = collection.view_model(here.store, actor, model_id).model
    return Response(here.graphs.json(here.settings, model), media_type="application/json")


@router.get("/models/{model_id}/log")
def log(
    model_id: str,
    actor: Asker,
    here: Here,
    offset: Annotated[int, Query(ge=0, le=2**53)] = 0,
) -> LogPart:
    """A part of the log; it can be read on while the training goes on."""
    model = collection.view_model(here.store, actor, model_id).model
    text, end = making.log_text(here.settings, model, offset)
    return LogPart(text=text, next_offset=end)


def _answer(view: ModelView) -> ModelAnswer:
    return ModelAnswer(model=view.model, status=view.status, job=view.job)
