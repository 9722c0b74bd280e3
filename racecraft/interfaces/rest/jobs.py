"""Jobs: what waits, runs and is over; and a stream of what happens to one."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from racecraft.domain.errors import RacecraftError, TooManyRequests
from racecraft.interfaces.rest.shared import Limit, Offset, Page
from racecraft.interfaces.rest.who import Asker, Here, Installation, actor_of
from racecraft.service.access import Actor
from racecraft.service.following import Follower, News
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


_ASK_AGAIN_S = 30.0
"""How often it is asked whether somebody who follows is still signed in."""
FromIteration = Annotated[
    int | None, Query(ge=-1, le=10**9, description="tell of the iterations after this one, too")
]
FromOffset = Annotated[
    int | None, Query(ge=0, le=2**53, description="tell what is added to the log from here, too")
]


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
async def events(
    job_id: str,
    actor: Asker,
    here: Here,
    request: Request,
    iteration: FromIteration = None,
    log: FromOffset = None,
) -> StreamingResponse:
    """What happens to a job, as server-sent events, until it is over.

    An event `job` for every change; with `iteration` an event `iteration` for each that is added to
    the graph of its training (one that comes again replaces the one before); with `log` an event
    `log` for what is added to its log.
    """

    def begin() -> tuple[Follower, list[News]]:
        follower = Follower(here.store, here.settings, here.looks, actor, job_id)
        if iteration is not None:
            follower.tell_iterations(iteration)
        if log is not None:
            follower.tell_log(log)
        return follower, follower.news()

    follower, first = await run_in_threadpool(begin)
    if here.streams[actor.person_id] >= MOST_STREAMS:
        raise TooManyRequests(
            f"You watch {MOST_STREAMS} jobs already; close one of them first.", wait_s=LOOK_S
        )
    return StreamingResponse(
        _stream(here, actor.person_id, follower, first, request),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _stream(
    here: Installation, person_id: str, follower: Follower, news: list[News], request: Request
) -> AsyncIterator[str]:
    here.streams[person_id] += 1
    try:
        async for event in _events(follower, news, request):
            yield event
    finally:
        here.streams[person_id] -= 1


async def _events(follower: Follower, news: list[News], request: Request) -> AsyncIterator[str]:
    silent_s, asked_s = 0.0, time.monotonic()
    while not await request.is_disconnected():
        for each in news:
            yield _event(each)
            silent_s = 0.0
        if silent_s >= _BREATH_S:
            yield ": still there\n\n"
            silent_s = 0.0
        if follower.is_over:
            return
        await asyncio.sleep(LOOK_S)
        silent_s += LOOK_S
        try:
            if time.monotonic() - asked_s > _ASK_AGAIN_S:
                asked_s = time.monotonic()
                await run_in_threadpool(actor_of, request)  # a session may have ended
            news = await run_in_threadpool(follower.news)
        except RacecraftError as error:
            yield f"event: fault\ndata: {json.dumps(str(error))}\n\n"
            return


def _event(news: News) -> str:
    number = "" if news.version is None else f"id: {news.version}\n"
    return f"event: {news.event}\n{number}data: {json.dumps(news.data)}\n\n"


def _answer(here: Installation, actor: Actor, job_id: str) -> JobAnswer:
    job = asking.view_job(here.store, actor, job_id)
    place = asking.view_place(here.store, actor, job_id, slots=here.slots)
    return JobAnswer(job=job, place=place)
