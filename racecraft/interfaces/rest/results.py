"""What models have done: checkpoints, evaluations, drives to be drawn, traces to be downloaded."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import FileResponse

from racecraft.domain.errors import NotFound
from racecraft.interfaces.rest.shared import Limit, Offset, Page, download
from racecraft.interfaces.rest.who import Asker, Here, Installation
from racecraft.service.access import Actor, Operation
from racecraft.service.checkpoints import CheckpointRow, list_checkpoints
from racecraft.service.collection import view_model
from racecraft.service.drives import (
    Drive,
    evaluation_drives,
    traced_iterations,
    training_drives,
    training_trace,
)
from racecraft.service.evaluations import (
    EvaluationRow,
    list_evaluations,
    recording,
    view_evaluation,
)
from racecraft.service.model_folders import folder_of
from racecraft.service.pictures import DRIVEN_LINES, REPLAY, REWARD_GRAPH
from racecraft.service.rankings import Ranking, list_rankings, view_ranking
from racecraft.service.records import LOG_FILE

router = APIRouter(tags=["results"], prefix="/models/{model_id}")
Stamp = Annotated[str, Path(max_length=14, description="the 14 digits of an evaluation")]
Iteration = Annotated[int, Path(ge=0, le=10_000_000)]
_CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {}}, "description": "A trace: one row a step."}
}
_MEDIA: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"image/png": {}, "video/mp4": {}, "image/gif": {}, "text/plain": {}},
        "description": "The file.",
    }
}
_FILES = {
    REWARD_GRAPH: "image/png",
    DRIVEN_LINES: "image/png",
    REPLAY: "video/mp4",
    "replay.gif": "image/gif",
    LOG_FILE: "text/plain",
}


@router.get("/checkpoints")
def checkpoints(model_id: str, actor: Asker, here: Here) -> Page[CheckpointRow]:
    """The checkpoints, oldest first, with the figures of their iterations."""
    found = list_checkpoints(_folder(here, actor, model_id))
    return Page(items=found, total=len(found))


@router.get("/evaluations")
def evaluations(
    model_id: str, actor: Asker, here: Here, limit: Limit = 50, offset: Offset = 0
) -> Page[EvaluationRow]:
    """Past evaluations with their laps, newest first."""
    found = list_evaluations(_folder(here, actor, model_id))
    return Page(items=found[offset : offset + limit], total=len(found))


@router.get("/evaluations/{stamp}")
def evaluation(model_id: str, stamp: Stamp, actor: Asker, here: Here) -> EvaluationRow:
    """One evaluation."""
    return view_evaluation(_folder(here, actor, model_id), stamp)


@router.get("/evaluations/{stamp}/drives")
def laps(model_id: str, stamp: Stamp, actor: Asker, here: Here) -> Page[Drive]:
    """Every lap of an evaluation, step by step, to be drawn."""
    found = evaluation_drives(recording(_folder(here, actor, model_id), stamp))
    return Page(items=found, total=len(found))


@router.get("/evaluations/{stamp}/trace", response_class=FileResponse, responses=_CSV)
def evaluation_trace(model_id: str, stamp: Stamp, actor: Asker, here: Here) -> FileResponse:
    """Every step of an evaluation, as CSV."""
    folder = _folder(here, actor, model_id, Operation.DOWNLOAD_MODEL)
    return _sent(recording(folder, stamp).trace, f"{folder.name}-evaluation-{stamp}.csv")


@router.get("/rankings")
def rankings(model_id: str, actor: Asker, here: Here) -> Page[Ranking]:
    """The rankings of its checkpoints, newest first."""
    found = list_rankings(_folder(here, actor, model_id))
    return Page(items=found, total=len(found))


@router.get("/rankings/{stamp}")
def ranking(model_id: str, stamp: Stamp, actor: Asker, here: Here) -> Ranking:
    """One ranking: its checkpoints, the best first."""
    return view_ranking(_folder(here, actor, model_id), stamp)


@router.get("/rankings/{stamp}/table", response_class=Response, responses=_CSV)
def ranking_table(model_id: str, stamp: Stamp, actor: Asker, here: Here) -> Response:
    """One ranking as CSV, a row a checkpoint."""
    folder = _folder(here, actor, model_id, Operation.DOWNLOAD_MODEL)
    text = view_ranking(folder, stamp).csv_text()
    return download(text.encode(), f"{folder.name}-ranking-{stamp}.csv", "text/csv")


@router.get("/traces")
def traces(model_id: str, actor: Asker, here: Here) -> Page[int]:
    """Training iterations whose episodes can be looked at."""
    found = traced_iterations(_folder(here, actor, model_id))
    return Page(items=found, total=len(found))


@router.get("/traces/{iteration}", response_class=FileResponse, responses=_CSV)
def iteration_trace(model_id: str, iteration: Iteration, actor: Asker, here: Here) -> FileResponse:
    """Every step of the episodes that ended in a training iteration, as CSV."""
    folder = _folder(here, actor, model_id, Operation.DOWNLOAD_MODEL)
    return _sent(training_trace(folder, iteration), f"{folder.name}-iteration-{iteration}.csv")


@router.get("/traces/{iteration}/drives")
def episodes(
    model_id: str,
    iteration: Iteration,
    actor: Asker,
    here: Here,
    episode: Annotated[list[int], Query(max_length=500, description="only these")] = [],  # noqa: B006
) -> Page[Drive]:
    """Episodes of a training iteration, step by step, to be drawn."""
    found = training_drives(_folder(here, actor, model_id), iteration, episode)
    return Page(items=found, total=len(found))


@router.get("/files/{name}", response_class=FileResponse, responses=_MEDIA)
def file(model_id: str, name: str, actor: Asker, here: Here) -> FileResponse:
    """A picture, the film of the newest evaluation, or the whole log, by its name."""
    folder = _folder(here, actor, model_id)
    if name not in _FILES:
        raise NotFound(f"There is no file {name[:100]!r}; there are {', '.join(_FILES)}.")
    return _sent(folder / name, f"{folder.name}-{name}", _FILES[name])


def _folder(
    here: Installation, actor: Actor, model_id: str, operation: Operation = Operation.VIEW_MODEL
) -> FilePath:
    model = view_model(here.store, actor, model_id).model
    actor.demand(operation, model.owner_id)
    return folder_of(here.settings, model)


def _sent(path: FilePath, name: str, kind: str = "text/csv") -> FileResponse:
    if not path.is_file():
        raise NotFound(f"The model has no {path.name} yet.")
    disposition = "inline" if kind.startswith(("image", "video")) else "attachment"
    return FileResponse(path, media_type=kind, filename=name, content_disposition_type=disposition)
