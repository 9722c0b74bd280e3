"""Tracks: the list, pictures, files, and imports for everybody."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from racecraft.domain.spec import TrackChoice
from racecraft.interfaces.rest.shared import Done, Page, download
from racecraft.interfaces.rest.who import Asker, Here
from racecraft.service import limit_views, shared_tracks
from racecraft.service.drives import Drive
from racecraft.service.limit_views import TrackLimit
from racecraft.service.tracks import TrackCard, list_tracks

router = APIRouter(tags=["tracks"])
TopSpeed = Annotated[
    float, Query(ge=0.3, le=4.0, description="fastest speed that the driver may choose (m/s)")
]
_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_SVG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/svg+xml": {}}, "description": "A picture."}
}
_NPY: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "A community track file."}
}


@router.get("/tracks")
def list_all(actor: Asker, here: Here) -> Page[TrackCard]:
    """All tracks: those that come with racecraft, then the imported ones."""
    del actor
    found = list_tracks(here.settings.home)
    return Page(items=found, total=len(found))


@router.get("/tracks/{name}")
def view(name: str, actor: Asker, here: Here) -> TrackCard:
    """Facts of one track."""
    del actor
    return shared_tracks.view_track(here.settings, name)


@router.get("/tracks/{name}/picture", response_class=Response, responses=_SVG)
def picture(
    name: str, actor: Asker, here: Here, reversed: bool = False, line: bool = False
) -> Response:
    """A track from above, with its start line and the way round.

    With `line`, the fastest line of the standard car is drawn on it, from red (slow) to green,
    where the limit is known already.
    """
    del actor
    drawn = shared_tracks.draw_track(here.settings, name, is_reversed=reversed, has_line=line)
    return Response(
        drawn, media_type="image/svg+xml", headers={"Cache-Control": "private, max-age=300"}
    )


@router.get("/tracks/{name}/limit")
def limit(
    name: str, actor: Asker, here: Here, reversed: bool = False, top_speed: TopSpeed = 4.0
) -> TrackLimit:
    """The physical limit: the fastest lap that the standard car can drive at all, and its line."""
    choice = TrackChoice(name=name, is_reversed=reversed)
    return limit_views.view_limit(here.settings, choice, top_mps=top_speed, who=actor.person_id)


@router.get("/tracks/{name}/limit/drives")
def limit_drives(
    name: str, actor: Asker, here: Here, reversed: bool = False, top_speed: TopSpeed = 4.0
) -> Page[Drive]:
    """That lap as a list of one drive, step by step, to be drawn beside others."""
    choice = TrackChoice(name=name, is_reversed=reversed)
    drive = limit_views.ideal_drive(here.settings, choice, top_mps=top_speed, who=actor.person_id)
    return Page(items=[drive], total=1)


@router.get("/tracks/{name}/file", response_class=Response, responses=_NPY)
def file(name: str, actor: Asker, here: Here, reversed: bool = False) -> Response:
    """A track as a community file (.npy)."""
    del actor
    data = shared_tracks.track_file(here.settings, name, is_reversed=reversed)
    return download(data, f"{name}.npy", "application/octet-stream")


@router.put("/tracks/{name}/file", status_code=201, openapi_extra=_FILE)
async def receive(
    name: str, request: Request, actor: Asker, here: Here, replace: bool = False
) -> TrackCard:
    """Import a community track file (.npy, at most 5 MB) for everybody; for organisers."""
    data = await request.body()
    return await run_in_threadpool(
        shared_tracks.receive_track,
        here.store,
        here.settings,
        actor,
        name,
        data,
        replaces=replace,
    )


@router.delete("/tracks/{name}")
def remove(name: str, actor: Asker, here: Here) -> Done:
    """Remove an imported track; for organisers. Models that were trained on it stay."""
    shared_tracks.remove_track(here.store, here.settings, actor, name)
    return Done()
