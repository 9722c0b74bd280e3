"""Logs of what models drove, in the shapes that log tools read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse

from racecraft.interfaces.rest.who import Asker, Here
from racecraft.service.logs import exchange
from racecraft.service.logs.entries import Shape

router = APIRouter(tags=["results"], prefix="/models/{model_id}/logs")
Stamp = Annotated[str, Path(max_length=14, description="the 14 digits of an evaluation")]
_ARCHIVE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {shape.media_type: {} for shape in Shape},
        "description": "The logs as one file.",
    }
}
_TEXT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {}}, "description": "The log: a SIM_TRACE_LOG line a step."}
}


@router.get("", response_class=StreamingResponse, responses=_ARCHIVE)
def logs(
    model_id: str,
    actor: Asker,
    here: Here,
    shape: Annotated[
        Shape, Query(description="a deepracer-for-cloud folder (ZIP), or a DRoA archive (tar.gz)")
    ] = Shape.DRFC,
) -> StreamingResponse:
    """Every trace, log and table of a model so far, also while it is trained."""
    name, parts = exchange.logs_for(here.store, here.settings, actor, model_id, shape)
    return _sent(name, parts, shape.media_type)


@router.get("/training", response_class=StreamingResponse, responses=_TEXT)
def training_log(
    model_id: str,
    actor: Asker,
    here: Here,
    first_iteration: Annotated[
        int, Query(ge=0, le=10_000_000, description="leave out earlier ones; for following a run")
    ] = 0,
) -> StreamingResponse:
    """The simulator's text log of the training so far."""
    name, parts = exchange.training_text_for(
        here.store, here.settings, actor, model_id, first_iteration=first_iteration
    )
    return _sent(name, parts, "text/plain")


@router.get("/evaluations/{stamp}", response_class=StreamingResponse, responses=_TEXT)
def evaluation_log(model_id: str, stamp: Stamp, actor: Asker, here: Here) -> StreamingResponse:
    """The simulator's text log of an evaluation."""
    name, parts = exchange.evaluation_text_for(here.store, here.settings, actor, model_id, stamp)
    return _sent(name, parts, "text/plain")


def _sent(name: str, parts: Iterator[bytes] | Iterator[str], kind: str) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(parts, media_type=kind, headers=headers)
