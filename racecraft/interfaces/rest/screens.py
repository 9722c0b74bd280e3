"""Big screens: kept by the organiser of a race, seen by whoever has the link."""

from __future__ import annotations

import io
import json
import time
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.errors import InvalidInput
from racecraft.interfaces.rest.shared import Done
from racecraft.interfaces.rest.who import Asker, Here, Installation
from racecraft.service import shared_tracks
from racecraft.service.races.screens import keeping, showing
from racecraft.service.races.screens.record import Screen
from racecraft.service.races.screens.showing import ScreenView
from racecraft.service.track_geometry import TrackGeometry, view_geometry

router = APIRouter(tags=["big screens"])
_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_SHORTLY = {"Cache-Control": "private, max-age=300"}


def _kind(media_type: str, words: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media_type: {}}, "description": words}}


class ScreenFields(BaseModel):
    """What an organiser decides about a screen."""

    model_config = ConfigDict(extra="forbid")

    accent: str | None = Field(None, max_length=20, description="such as #c25200")
    background: str | None = Field(None, max_length=20, description="such as #101317")
    headline: str | None = Field(None, max_length=200)
    invites: bool | None = Field(None, description="show a QR picture that leads into the race")
    address: str | None = Field(
        None, max_length=400, description="where phones reach this installation"
    )


@router.get("/races/{race_id}/screen")
def view(race_id: str, actor: Asker, here: Here) -> Screen:
    """The big screen of a race, with its link; for its organiser."""
    return keeping.view_screen(here.store, actor, race_id)


@router.post("/races/{race_id}/screen")
def make(race_id: str, actor: Asker, here: Here) -> Screen:
    """Make the public link of a race's big screen, or a new one that takes its place."""
    return keeping.open_screen(here.store, actor, race_id)


@router.patch("/races/{race_id}/screen")
def change(race_id: str, wish: ScreenFields, actor: Asker, here: Here) -> Screen:
    """Change how the screen looks."""
    return keeping.change_screen(here.store, actor, race_id, wish.model_dump(exclude_none=True))


@router.delete("/races/{race_id}/screen")
def close(race_id: str, actor: Asker, here: Here) -> Done:
    """Switch the screen off."""
    keeping.close_screen(here.store, here.settings, actor, race_id)
    return Done()


@router.put("/races/{race_id}/screen/logo", openapi_extra=_FILE)
async def keep_logo(race_id: str, request: Request, actor: Asker, here: Here) -> Screen:
    """Show an organiser's picture: a PNG or JPEG file of up to 2 MB, which is written anew."""
    data = await request.body()
    if not data:
        raise InvalidInput("No picture came; send a PNG or JPEG file.")
    return await run_in_threadpool(
        keeping.keep_logo, here.store, here.settings, actor, race_id, data
    )


@router.delete("/races/{race_id}/screen/logo")
def drop_logo(race_id: str, actor: Asker, here: Here) -> Screen:
    """Show no picture any more."""
    return keeping.keep_logo(here.store, here.settings, actor, race_id, b"")


@router.get("/screens/{code}")
def show(code: str, here: Here) -> ScreenView:
    """What a big screen shows; needs no account, but the link."""
    return showing.read_screen(here.store, code)


@router.get(
    "/screens/{code}/events",
    response_class=StreamingResponse,
    responses=_kind("text/event-stream", "One event a change."),
)
async def follow(code: str, here: Here, request: Request) -> StreamingResponse:
    """A big screen as it changes, as server-sent events.

    First `clock` with the time of the service in seconds since 1970, then `screen` with everything
    that is shown, at once and after every change; `gone` when the link leads nowhere any more.
    """
    await run_in_threadpool(showing.find_shown, here.store, code)
    here.feeds.refuse_crowd()
    return StreamingResponse(
        _events(here, code, request),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _events(here: Installation, code: str, request: Request) -> AsyncIterator[str]:
    yield f"event: clock\ndata: {json.dumps({'now_s': time.time()})}\n\n"
    async for text in here.feeds.follow(code):
        if text is not None:
            yield f"event: screen\ndata: {text}\n\n"
        elif await request.is_disconnected():
            return
        else:
            yield ": still there\n\n"
    yield "event: gone\ndata: {}\n\n"


@router.get(
    "/screens/{code}/logo", response_class=Response, responses=_kind("image/png", "The picture.")
)
def logo(code: str, here: Here) -> Response:
    """The organiser's picture."""
    screen = showing.find_shown(here.store, code)
    data = keeping.logo_of(here.settings, screen)
    return Response(data, media_type="image/png", headers=_SHORTLY)


@router.get(
    "/screens/{code}/qr",
    response_class=Response,
    responses=_kind("image/svg+xml", "A QR picture."),
)
def qr(code: str, here: Here, request: Request) -> Response:
    """The link into the race as a QR picture, for phones in the room."""
    import segno

    screen, link = showing.join_code(here.store, code)
    address = screen.address.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"
    picture = io.BytesIO()
    made = segno.make(f"{address}/races/link/{link}", micro=False)
    made.save(picture, kind="svg", scale=8, border=3, light="#fff")
    return Response(picture.getvalue(), media_type="image/svg+xml")


@router.get(
    "/screens/{code}/track",
    response_class=Response,
    responses=_kind("image/svg+xml", "The track from above."),
)
def track(code: str, here: Here) -> Response:
    """The track of the race from above."""
    name, is_reversed = showing.track_of(here.store, code)
    drawn = shared_tracks.draw_track(here.settings, name, is_reversed=is_reversed)
    return Response(drawn, media_type="image/svg+xml", headers=_SHORTLY)


@router.get("/screens/{code}/geometry")
def geometry(code: str, here: Here) -> TrackGeometry:
    """The road of the race in numbers, for the 3D view."""
    name, is_reversed = showing.track_of(here.store, code)
    return view_geometry(here.settings, name, is_reversed=is_reversed)
