"""Live races: the show, its queue of heats, finals and brackets."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from racecraft.interfaces.rest.shared import Page
from racecraft.interfaces.rest.who import Asker, Here
from racecraft.service.races.live import finals, running, stage
from racecraft.service.races.live.records import Heat, Show
from racecraft.service.races.live.views import LiveView
from racecraft.service.races.screens import showing

router = APIRouter(tags=["live races"])
_KEPT = {"Cache-Control": "private, max-age=86400, immutable"}


def _kind(media_type: str, words: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media_type: {}}, "description": words}}


_BYTES = _kind("application/octet-stream", "Segments, as docs/reference/live.md describes them.")


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ShowFields(_Wish):
    """How a show runs."""

    starts_at_s: float | None = Field(None, ge=0, lt=1e11, description="seconds since 1970")
    is_paused: bool | None = Field(None, description="launch nothing by itself")
    autolaunch: bool | None = Field(None, description="launch the next heat by itself")
    gap_s: float | None = Field(None, description="seconds between two heats")
    lights_s: float | None = Field(None, description="seconds of countdown before a start")
    max_retries: int | None = Field(None, description="times a heat can be driven anew")


class Launch(_Wish):
    """What to launch: the next heat, a certain one, or those who wait alone together."""

    heat_id: str | None = Field(None, max_length=64)
    together: bool = False


class Order(_Wish):
    """All heats that wait, the next one first."""

    heat_ids: list[str] = Field(max_length=1000)


class Final(_Wish):
    """How many of the board are in it."""

    count: int = Field(8, description="2 to 8")


class NewBracket(_Wish):
    """Who is in it, and whether the third place is driven for."""

    count: int = Field(16, description="4 to 32, at most")
    has_third_place: bool = True


class Chosen(_Wish):
    """A submission, by its id or the key that the show tells; the one who won without."""

    submission_id: str | None = Field(None, max_length=64)


class Winner(_Wish):
    """Who goes on: a submission, by its id or the key that the show tells."""

    submission_id: str = Field(max_length=64)


@router.get("/races/{race_id}/show")
def view(race_id: str, actor: Asker, here: Here) -> LiveView:
    """How a live race stands."""
    return stage.view_show(here.store, actor, race_id)


@router.patch("/races/{race_id}/show")
def change(race_id: str, wish: ShowFields, actor: Asker, here: Here) -> Show:
    """Plan, pause or change a show."""
    return running.change_show(here.store, actor, race_id, wish.model_dump(exclude_none=True))


@router.post("/races/{race_id}/show/begin")
def begin(race_id: str, actor: Asker, here: Here) -> Show:
    """Begin the show now, or go on with one that was over."""
    return running.begin(here.store, actor, race_id)


@router.post("/races/{race_id}/show/launch")
def launch(race_id: str, wish: Launch, actor: Asker, here: Here) -> Heat:
    """Launch a heat."""
    if wish.together:
        made = running.launch_together(here.store, actor, race_id)
    else:
        made = running.launch_heat(here.store, actor, race_id, wish.heat_id)
    here.wake()
    return made


@router.post("/races/{race_id}/show/skip")
def skip(race_id: str, actor: Asker, here: Here) -> Heat:
    """Cut short what is being shown; its result counts at once."""
    return running.skip_heat(here.store, actor, race_id)


@router.post("/races/{race_id}/show/winner")
def declare(race_id: str, wish: Chosen, actor: Asker, here: Here) -> Show:
    """End the show with a winner and a podium."""
    return finals.declare_winner(here.store, actor, race_id, wish.submission_id)


@router.put("/races/{race_id}/show/queue")
def reorder(race_id: str, wish: Order, actor: Asker, here: Here) -> Page[Heat]:
    """Give the queue another order."""
    found = running.reorder(here.store, actor, race_id, wish.heat_ids)
    return Page(items=found, total=len(found))


@router.post("/races/{race_id}/show/final", status_code=201)
def make_final(race_id: str, wish: Final, actor: Asker, here: Here) -> Heat:
    """Put a final of the first of the board into the queue."""
    return finals.make_final(here.store, actor, race_id, wish.count)


@router.post("/races/{race_id}/show/bracket", status_code=201)
def make_bracket(race_id: str, wish: NewBracket, actor: Asker, here: Here) -> Show:
    """Make a knock-out bracket of the first of the board."""
    return finals.make_bracket(
        here.store, actor, race_id, wish.count, has_third_place=wish.has_third_place
    )


@router.delete("/races/{race_id}/show/bracket")
def drop_bracket(race_id: str, actor: Asker, here: Here) -> Show:
    """Take the bracket away, with its matches."""
    return finals.drop_bracket(here.store, actor, race_id)


@router.delete("/races/{race_id}/show/heats/{heat_id}")
def remove(race_id: str, heat_id: str, actor: Asker, here: Here) -> Heat:
    """Take a heat out of the queue."""
    return running.remove_heat(here.store, actor, race_id, heat_id)


@router.post("/races/{race_id}/show/heats/{heat_id}/retry")
def retry(race_id: str, heat_id: str, actor: Asker, here: Here) -> Heat:
    """Let a heat be driven anew, as the next one."""
    return running.retry_heat(here.store, actor, race_id, heat_id)


@router.post("/races/{race_id}/show/heats/{heat_id}/winner")
def decide(race_id: str, heat_id: str, wish: Winner, actor: Asker, here: Here) -> Heat:
    """Say who goes on from a match of the bracket."""
    return finals.decide_match(here.store, actor, race_id, heat_id, wish.submission_id)


@router.get("/screens/{code}/heats/{heat_id}/recording", response_class=Response, responses=_BYTES)
def recording(code: str, heat_id: str, here: Here) -> Response:
    """What the cars of a heat drove; `?attempt=` only tells browsers that it is another one."""
    data = showing.heat_of_screen(here.store, here.settings, code, heat_id, "recording")
    return Response(data, media_type="application/octet-stream", headers=_KEPT)


@router.get(
    "/screens/{code}/heats/{heat_id}/moments",
    response_class=Response,
    responses=_kind("application/json", "What a commentator tells."),
)
def moments(code: str, heat_id: str, here: Here) -> Response:
    """Sectors, laps, gaps and mishaps of a heat, each at its moment."""
    data = showing.heat_of_screen(here.store, here.settings, code, heat_id, "moments")
    return Response(data, media_type="application/json", headers=_KEPT)
