"""Logs of other programs: uploaded, analysed, deleted."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse

from racecraft.interfaces.rest.analyses import FILE, AnalysisAnswer, answer_of, sent
from racecraft.interfaces.rest.shared import Done, Page, keep_body, told_size
from racecraft.interfaces.rest.who import Asker, Here
from racecraft.service import log_uploads
from racecraft.service.analyses import analysis_file
from racecraft.service.archives.exchange import incoming_file
from racecraft.service.log_records import LogUpload

router = APIRouter(tags=["results"], prefix="/logs")
MOST_BYTES = log_uploads.MOST_BYTES
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_UPLOAD: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "The file as it came."}
}


@router.get("")
def list_all(actor: Asker, here: Here) -> Page[LogUpload]:
    """The logs that one uploaded, newest first."""
    found = log_uploads.list_logs(here.store, actor)
    return Page(items=found, total=len(found))


@router.post("", status_code=201, openapi_extra=_BODY)
async def receive(
    request: Request,
    actor: Asker,
    here: Here,
    file: Annotated[
        str,
        Query(max_length=200, description="name of the file; its ending tells what is in it"),
    ],
    name: Annotated[
        str, Query(max_length=64, description="what to call the logs; as the file without")
    ] = "",
) -> LogUpload:
    """Keep and analyse logs of the original console, deepracer-for-cloud or DeepRacer on AWS.

    An archive, a trace or a text log. It stays until it is deleted; nothing is kept of one that
    cannot be read.
    """
    refuse = partial(log_uploads.refuse_upload, here.store, actor)
    await run_in_threadpool(refuse, told_size(request))
    path = await run_in_threadpool(incoming_file, here.settings)
    try:
        await keep_body(request, actor, path, refuse)
        return await run_in_threadpool(
            log_uploads.receive_logs,
            here.store,
            here.settings,
            actor,
            path,
            called=file,
            name=name,
        )
    finally:
        await run_in_threadpool(path.unlink, missing_ok=True)


@router.get("/{logs_id}")
def view(logs_id: str, actor: Asker, here: Here) -> LogUpload:
    """One upload."""
    return log_uploads.view_logs(here.store, actor, logs_id)


@router.delete("/{logs_id}")
def delete(logs_id: str, actor: Asker, here: Here) -> Done:
    """Delete an upload and its analysis, for good."""
    log_uploads.delete_logs(here.store, here.settings, actor, logs_id)
    return Done()


@router.get("/{logs_id}/file", response_class=FileResponse, responses=_UPLOAD)
def download(logs_id: str, actor: Asker, here: Here) -> FileResponse:
    """The file as it came."""
    found = log_uploads.view_logs(here.store, actor, logs_id)
    path = log_uploads.logs_file(here.settings, found)
    return FileResponse(path, media_type="application/octet-stream", filename=found.file)


@router.get("/{logs_id}/analysis")
def known(logs_id: str, actor: Asker, here: Here) -> AnalysisAnswer:
    """What the logs say."""
    return answer_of(log_uploads.logs_analysis(here.store, here.settings, actor, logs_id))


@router.post("/{logs_id}/analysis")
def make(logs_id: str, actor: Asker, here: Here) -> AnalysisAnswer:
    """Analyse the logs again, for instance because their track was imported."""
    found = log_uploads.logs_analysis(here.store, here.settings, actor, logs_id, makes_anew=True)
    return answer_of(found)


@router.get("/{logs_id}/analysis/{name}", response_class=FileResponse, responses=FILE)
def analysed(logs_id: str, name: str, actor: Asker, here: Here) -> FileResponse:
    """A figure (PNG) or a table (CSV) of the analysis, by its name."""
    found = log_uploads.logs_analysis(here.store, here.settings, actor, logs_id)
    return sent(*analysis_file(found, name))
