"""Jobs: what waits, runs and is over; and a stream of what happens to one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from racecraft.domain.errors import RacecraftError, TooManyRequests
from racecraft.interfaces.rest.shared import Limit, Offset, Page
from racecraft.interfaces.rest.who import Asker, Here, Installation
from racecraft.service.access import Actor
from racecraft.service.jobs import asking
from racecraft.service.jobs.job import Job
from racecraft.service.jobs.queue import Place

router = APIRouter(tags=["jobs"])
LOOK_S = 0.5
"""How often a stream looks for news."""
MOST_STREAMS = 32
"""Open at a time for one person; each looks at the records twice a second."""
_BREATH_S = 15.0
"""How often a stream without news says that it is there, for whatever stands in between."""


class JobAnswer(BaseModel):
    """A job, and where it stands in the queue while it waits."""

    job: Job
    place: Place | None


@router.get("/jobs")
def list_all(
    actor: Asker,
    here: Here,
    model: str | None = None,
    active: bool = False,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Page[Job]:
    """One's own jobs, newest first."""
    found = asking.list_jobs(
        here.store, actor, model_id=model, is_active=active, limit=limit, offset=offset
    )
    return Page(items=found, total=offset + len(found))


@router.get("/jobs/{job_id}")
def view(job_id: str, actor: Asker, here: Here) -> JobAnswer:
    """One job."""
    return _answer(here, actor, job_id)


@router.post("/jobs/{job_id}/stop")
def stop(job_id: str, actor: Asker, here: Here) -> Job:
    """Take a job out of the queue, or ask its worker to end."""
    return asking.stop_job(here.store, actor, job_id)


@router.get(
    "/jobs/{job_id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "One event a change."}},
)
async def events(job_id: str, actor: Asker, here: Here, request: Request) -> StreamingResponse:
    """What happens to a job, as server-sent events `job`, until it is over."""
    first = await run_in_threadpool(_answer, here, actor, job_id)
    if here.streams[actor.person_id] >= MOST_STREAMS:
        raise TooManyRequests(
            f"You watch {MOST_STREAMS} jobs already; close one of them first.", wait_s=LOOK_S
        )
    return StreamingResponse(
        _stream(here, actor, first, request),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _stream(
    here: Installation, actor: Actor, now: JobAnswer, request: Request
) -> AsyncIterator[str]:
    here.streams[actor.person_id] += 1
    try:
        async for event in _events(here, actor, now, request):
            yield event
    finally:
        here.streams[actor.person_id] -= 1


async def _events(
    here: Installation, actor: Actor, now: JobAnswer, request: Request
) -> AsyncIterator[str]:
    said, silent_s = "", 0.0
    while not await request.is_disconnected():
        news = json.dumps(now.model_dump(mode="json"))
        if news != said:
            yield f"event: job\nid: {now.job.version}\ndata: {news}\n\n"
            said, silent_s = news, 0.0
        elif silent_s >= _BREATH_S:
            yield ": still there\n\n"
            silent_s = 0.0
        if now.job.status.is_over:
            return
        await asyncio.sleep(LOOK_S)
        silent_s += LOOK_S
        try:
            now = await run_in_threadpool(_answer, here, actor, now.job.id)
        except RacecraftError as error:
            yield f"event: fault\ndata: {json.dumps(str(error))}\n\n"
            return


def _answer(here: Installation, actor: Actor, job_id: str) -> JobAnswer:
    job = asking.view_job(here.store, actor, job_id)
    place = asking.view_place(here.store, actor, job_id, slots=here.slots)
    return JobAnswer(job=job, place=place)
