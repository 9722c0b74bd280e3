"""Watching a job: segments over a WebSocket, and a snapshot for whoever looks now and then.

`docs/reference/live.md` tells what is sent.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from racecraft.domain.errors import Forbidden, NotFound, RacecraftError, SignInNeeded
from racecraft.interfaces.rest.who import Asker, Here, Installation, actor_of, installation_of
from racecraft.service.access import Actor
from racecraft.service.jobs.asking import view_job
from racecraft.service.live.hub import Viewer
from racecraft.service.live.watching import LiveFacts, Snapshot, live_facts, snapshot, watch

router = APIRouter(tags=["jobs"])
OVER, SIGN_IN, FORBIDDEN, UNKNOWN, TOO_MANY = 1000, 4401, 4403, 4404, 4429
"""Close codes."""
_CODES: dict[type[RacecraftError], int] = {
    SignInNeeded: SIGN_IN,
    Forbidden: FORBIDDEN,
    NotFound: UNKNOWN,
}
_LOOK_S = 1.0
"""How often the status of the job is looked at."""
_ASK_AGAIN_S = 30.0
"""How often it is asked whether the viewer may still watch."""
_LONGEST_REASON = 120
"""Bytes; the protocol allows 123."""


class Choice(BaseModel):
    """What a viewer says."""

    model_config = ConfigDict(extra="forbid")

    car: int | None = Field(None, ge=0, le=65_535)
    saliency: bool = False


@router.get("/jobs/{job_id}/live/snapshot")
def now(job_id: str, actor: Asker, here: Here) -> Snapshot:
    """Where all cars of a job are; asked again within five seconds, it is where they are then."""
    return snapshot(here.store, here.hub, actor, job_id)


@router.websocket("/jobs/{job_id}/live")
async def live(socket: WebSocket, job_id: str) -> None:
    """Show a job to somebody until it is over or they leave."""
    await socket.accept()  # before anything else, because a browser sees no reason for a refusal
    try:
        here = installation_of(socket)
        loop, news = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(news.set)

        actor = await run_in_threadpool(actor_of, socket)
        facts = await run_in_threadpool(live_facts, here.store, here.settings, actor, job_id)
        viewer = await run_in_threadpool(watch, here.store, here.hub, actor, job_id, wake)
    except RacecraftError as error:
        await _refuse(socket, error)
        return
    listener = asyncio.create_task(_listen(socket, viewer))
    stage = _Stage(socket, here, viewer, news)
    listener.add_done_callback(stage.leave)
    try:
        await stage.show(facts)
    except RacecraftError as error:
        await _refuse(socket, error)
    except (WebSocketDisconnect, RuntimeError):
        pass  # they are gone
    finally:
        viewer.close()
        listener.cancel()


class _Stage:
    """What one viewer is shown."""

    def __init__(
        self, socket: WebSocket, here: Installation, viewer: Viewer, news: asyncio.Event
    ) -> None:
        self._socket, self._here, self._viewer, self._news = socket, here, viewer, news
        self._asked_s = time.monotonic()
        self._is_left = False

    def leave(self, listener: asyncio.Task[None]) -> None:
        """They are gone, or the service ends."""
        self._is_left = True
        self._news.set()

    async def show(self, facts: LiveFacts) -> None:
        """Send everything, until the job is over."""
        await self._say(facts.model_dump(mode="json"))
        status, job_id = facts.status, self._viewer.job_id
        while not self._is_left:
            job, _ = await run_in_threadpool(self._here.looks.look, job_id)
            is_over = job.status.is_over
            await self._send_news()
            if job.status.value != status:
                status = job.status.value
                await self._say({"type": "status", "status": status, "message": job.message})
            if is_over:
                await self._socket.close(OVER)
                return
            await self._ask_again()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), _LOOK_S)

    async def _send_news(self) -> None:
        """Send what there is; a viewer who is slow is waited for here, and nowhere else."""
        self._news.clear()
        while messages := self._viewer.take():
            for message in messages:
                await self._socket.send_bytes(message)

    async def _ask_again(self) -> None:
        """A session may have ended, a role may have changed."""
        if time.monotonic() - self._asked_s < _ASK_AGAIN_S:
            return
        self._asked_s = time.monotonic()
        await run_in_threadpool(self._ask)

    def _ask(self) -> Actor:
        actor = actor_of(self._socket)
        view_job(self._here.store, actor, self._viewer.job_id)
        return actor

    async def _say(self, values: dict[str, object]) -> None:
        await self._socket.send_text(json.dumps(values))


async def _listen(socket: WebSocket, viewer: Viewer) -> None:
    """Hear which car the viewer chooses; what is no choice is passed over."""
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                break
            with suppress(ValidationError):
                choice = Choice.model_validate_json(message.get("text") or "")
                viewer.choose(choice.car, explained=choice.saliency)


async def _refuse(socket: WebSocket, error: RacecraftError) -> None:
    code = next((code for kind, code in _CODES.items() if isinstance(error, kind)), TOO_MANY)
    reason = str(error).encode()[:_LONGEST_REASON].decode(errors="ignore")
    with suppress(RuntimeError):
        await socket.close(code, reason)
