"""The files of a job for its worker, when that is on another machine."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi import Path as InPath
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.errors import Conflict
from racecraft.interfaces.rest.shared import Done
from racecraft.interfaces.rest.who import Here, Token
from racecraft.service import job_files
from racecraft.service.archives.layout import MOST_FILES
from racecraft.service.archives.manifest import FileEntry
from racecraft.service.artifacts import open_artifacts
from racecraft.service.files import storage
from racecraft.service.jobs.job import Job
from racecraft.service.jobs.leases import refuse_stranger

router = APIRouter(tags=["workers"], prefix="/worker/files/{job_id}", include_in_schema=False)


def _held(job_id: str, token: Token, here: Here) -> Job:
    return refuse_stranger(here.store, job_id, token)


Held = Annotated[Job, Depends(_held)]
Digest = Annotated[str, InPath(pattern=r"^[0-9a-f]{64}$")]


class FileList(BaseModel):
    """The files of a job."""

    files: list[FileEntry]


class Kept(BaseModel):
    """The files that a job is to have."""

    model_config = ConfigDict(extra="forbid")

    files: list[FileEntry] = Field(max_length=MOST_FILES)
    gone: list[str] = Field(max_length=MOST_FILES)
    """Paths that the worker had before, and has no more."""
    is_in_store: bool = False
    """The artifact store has what is not here."""


class Missing(BaseModel):
    """Checksums of files that have to be sent first."""

    missing: list[str]


@router.post("/list")
def list_all(job: Held, here: Here) -> FileList:
    """Path, size and checksum of every file."""
    folder = job_files.folder_of_job(here.store, here.settings, job)
    return FileList(files=job_files.list_files(folder))


@router.get("/file", response_class=FileResponse)
def fetch(path: str, job: Held, here: Here) -> FileResponse:
    """One of them."""
    folder = job_files.folder_of_job(here.store, here.settings, job)
    return FileResponse(job_files.file_in(folder, path), media_type="application/octet-stream")


@router.get("/track", response_class=FileResponse)
def fetch_track(name: str, job: Held, here: Here) -> FileResponse:
    """The file of an imported track."""
    del job
    path = job_files.track_file(here.settings, name)
    return FileResponse(path, media_type="application/octet-stream")


@router.post("/blob/{sha256}")
async def send(job_id: str, sha256: Digest, token: Token, request: Request, here: Here) -> Done:
    """The bytes of a file, under their checksum; which file it is, is said afterwards."""
    job = await run_in_threadpool(refuse_stranger, here.store, job_id, token)
    place = await run_in_threadpool(job_files.place_for, here.settings, job.id, sha256)
    digest = hashlib.sha256()
    with storage(place), tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as file:
        part = Path(file.name)
        try:
            async for chunk in request.stream():
                digest.update(chunk)
                await run_in_threadpool(file.write, chunk)
            file.flush()
            if digest.hexdigest() != sha256:
                raise Conflict("What arrived does not fit its checksum; send it again.")
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)
    return Done()


@router.post("/keep")
def keep(wish: Kept, job: Held, token: Token, here: Here) -> Missing:
    """Let the files take their places, unless some have to be sent first."""
    folder = job_files.folder_of_job(here.store, here.settings, job)
    artifacts = open_artifacts(here.settings) if wish.is_in_store else None
    if wish.is_in_store and artifacts is None:
        raise Conflict("This service has no artifact store; send the files to it.")
    with job_files.alone(folder):
        refuse_stranger(here.store, job.id, token)  # it may be somebody else's by now
        missing = job_files.keep_files(here.settings, job, folder, wish.files, wish.gone, artifacts)
    return Missing(missing=missing)
