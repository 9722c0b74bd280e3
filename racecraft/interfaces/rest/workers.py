"""What workers say about their jobs; they show the token of the job, nobody else's."""

from __future__ import annotations

from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from racecraft.interfaces.rest.shared import Done
from racecraft.interfaces.rest.who import Here, Token
from racecraft.service.collection import refresh_model
from racecraft.service.jobs import leases
from racecraft.service.live.wanted import Wanted
from racecraft.service.people.person import LOCAL_PERSON

_log = structlog.stdlib.get_logger("racecraft.jobs")
router = APIRouter(tags=["workers"], prefix="/worker/jobs/{job_id}", include_in_schema=False)


Seconds = Annotated[float, Field(ge=0, le=1e9)]


class _Word(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Take(_Word):
    """Which process the worker is."""

    pid: int = Field(ge=1)


class Beat(_Word):
    """A sign of life."""

    compute_s: Seconds
    report: dict[str, Any] = Field(default_factory=dict)


class End(_Word):
    """The last word."""

    compute_s: Seconds
    message: str = Field(max_length=4000)
    report: dict[str, Any] = Field(default_factory=dict)


class Rest(Beat):
    """The last word of a worker that makes room for others."""


class Finish(End):
    """The last word of a worker that did what was wanted."""

    is_free: bool = False
    """It would take another drive for a race."""


class Following(BaseModel):
    """The job that a worker does next."""

    job: str
    token: str


class Thanks(Done):
    """It was written down."""

    following: Following | None = None


class Order(BaseModel):
    """What a worker has to do."""

    kind: str
    person: str | None
    model_name: str
    model_id: str
    request: dict[str, Any]
    is_resuming: bool
    wanted: Wanted


class Answer(BaseModel):
    """Whether to go on, and what those who watch want to see."""

    goes_on: bool
    makes_room: bool
    """Others have waited for longer: give the job back after what is under way."""
    wanted: Wanted


@router.post("/take")
def take(job_id: str, word: Take, token: Token, here: Here) -> Order:
    """What the job is."""
    job = leases.take(here.store, job_id, token, pid=word.pid)
    return Order(
        kind=job.kind.value,
        person=None if job.owner_id == LOCAL_PERSON else job.owner_id,
        model_name=job.model_name,
        model_id=job.model_id,
        request=job.request,
        is_resuming=job.is_resuming,
        wanted=here.hub.wanted(job_id),
    )


@router.post("/beat")
def beat(job_id: str, word: Beat, token: Token, here: Here) -> Answer:
    """A sign of life, with the newest figures."""
    instruction = leases.beat(
        here.store, job_id, token, compute_s=word.compute_s, report=word.report or None
    )
    return Answer(
        goes_on=instruction is not leases.Instruction.STOP,
        makes_room=instruction is leases.Instruction.MAKE_ROOM,
        wanted=here.hub.wanted(job_id),
    )


@router.post("/segments")
async def segments(job_id: str, request: Request, token: Token, here: Here) -> Wanted:
    """What its cars drove, for those who watch; gives what they want to see from now on."""
    body = await request.body()
    await run_in_threadpool(leases.refuse_stranger, here.store, job_id, token)
    return here.hub.publish(job_id, body)


@router.post("/rest")
def rest(job_id: str, word: Rest, token: Token, here: Here) -> Thanks:
    """The job is given back, so that others have their turn; it goes on later."""
    job = leases.rest(here.store, job_id, token, compute_s=word.compute_s, report=word.report)
    _log.info("job makes room", job=job.id, status=job.status.value)
    refresh_model(here.store, here.settings, job.model_id)
    here.wake()
    return Thanks()


@router.post("/finish")
def finish(job_id: str, word: Finish, token: Token, here: Here) -> Thanks:
    """The job is done, or as much of it as was wanted; there may be another one for the worker."""
    job = leases.finish(
        here.store,
        job_id,
        token,
        compute_s=word.compute_s,
        message=word.message,
        report=word.report,
    )
    _log.info("job ended", job=job.id, status=job.status.value, message=job.message)
    claim = here.executor.hand_on(job) if word.is_free and here.executor else None
    refresh_model(here.store, here.settings, job.model_id)
    here.wake()
    if claim is None:
        return Thanks()
    return Thanks(following=Following(job=claim.job.id, token=claim.token))


@router.post("/fail")
def fail(job_id: str, word: End, token: Token, here: Here) -> Done:
    """The job cannot be done."""
    job = leases.fail(here.store, job_id, token, compute_s=word.compute_s, message=word.message)
    _log.warning("job failed", job=job.id, message=job.message)
    refresh_model(here.store, here.settings, job.model_id, problem=word.message)
    here.wake()
    return Done()
