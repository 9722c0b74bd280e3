"""Models as files: exported, and imported after every check."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from racecraft.interfaces.rest.models import ModelAnswer
from racecraft.interfaces.rest.shared import keep_body, told_size
from racecraft.interfaces.rest.who import Asker, Here
from racecraft.service.archives import exchange
from racecraft.service.archives.everything import export_everything
from racecraft.service.archives.exchange import Imported
from racecraft.service.archives.importing import ImportReport
from racecraft.service.foreign.work import ForeignReport

router = APIRouter(tags=["models"])
_KIND = "application/zip"
_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"content": {_KIND: {}}, "description": "The archive."}
}


class ImportAnswer(ModelAnswer):
    """A model that was imported, and what was taken over."""

    report: ImportReport | ForeignReport


@router.get("/models/{model_id}/archive", response_class=StreamingResponse, responses=_ANSWER)
def export(
    model_id: str,
    actor: Asker,
    here: Here,
    checkpoints: Annotated[
        str, Query(max_length=20, description="all, best, last or the number of an iteration")
    ] = "all",
    state: Annotated[
        bool, Query(description="with what is needed to go on with the training exactly")
    ] = True,
) -> StreamingResponse:
    """A model as one file: documents, reward, weights, traces, evaluations and log."""
    name, parts = exchange.export_for(
        here.store, here.settings, actor, model_id, checkpoints=checkpoints, has_state=state
    )
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"'}
    return StreamingResponse(parts, media_type=_KIND, headers=headers)


@router.get("/people/{person_id}/archive", response_class=StreamingResponse, responses=_ANSWER)
def export_all(person_id: str, actor: Asker, here: Here) -> StreamingResponse:
    """All models, results and the profile of somebody as one file; one's own, or for admins."""
    name, parts = export_everything(here.store, here.settings, actor, person_id)
    headers = {"Content-Disposition": f'attachment; filename="{name}-everything.zip"'}
    return StreamingResponse(parts, media_type=_KIND, headers=headers)


@router.post("/models/import", status_code=201, openapi_extra=_FILE)
async def receive(
    request: Request,
    actor: Asker,
    here: Here,
    name: Annotated[
        str | None, Query(max_length=64, description="what to call it; as in the archive without")
    ] = None,
    file: Annotated[
        str, Query(max_length=200, description="what the file is called where it comes from")
    ] = "",
) -> ImportAnswer:
    """Make a model from an archive; nothing is kept of one that is not in order.

    Archives of other programs (ZIP, tar) are taken over as far as they go; the report says how far.
    """
    refuse = partial(exchange.refuse_upload, here.store, actor)
    await run_in_threadpool(refuse, told_size(request))
    path = await run_in_threadpool(exchange.incoming_file, here.settings)
    try:
        await keep_body(request, actor, path, refuse)
        made = await run_in_threadpool(
            exchange.import_for, here.store, here.settings, actor, path, name=name, called=file
        )
    finally:
        await run_in_threadpool(path.unlink, missing_ok=True)
    return _answer(made)


def _answer(made: Imported) -> ImportAnswer:
    view = made.view
    return ImportAnswer(model=view.model, status=view.status, job=None, report=made.report)
