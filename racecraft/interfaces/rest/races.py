"""Community races: arranging, entering, boards."""

from __future__ import annotations

import io
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.ranking import RaceRules
from racecraft.interfaces.rest.shared import (
    Done,
    IfMatch,
    Key,
    Page,
    once,
    seen_version,
    tag,
)
from racecraft.interfaces.rest.who import Asker, Here
from racecraft.service.races import arranging, boards, deleting, entering
from racecraft.service.races.arranging import EntrantView
from racecraft.service.races.boards import BoardRow, OwnCard, RaceView
from racecraft.service.races.race import Hosting, Race, Submission, Visibility

router = APIRouter(tags=["races"])
_LATEST_S = 1e11


class RaceFields(BaseModel):
    """What a person decides about a race."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(None, max_length=200)
    description: str | None = Field(None, max_length=1000)
    picture: int | None = None
    visibility: Visibility | None = None
    hosting: Hosting | None = None
    starts_at_s: float | None = Field(None, ge=0, lt=_LATEST_S, description="seconds since 1970")
    ends_at_s: float | None = Field(None, ge=0, lt=_LATEST_S, description="seconds since 1970")
    max_submissions: int | None = None
    rules: RaceRules | None = None

    def given(self) -> dict[str, Any]:
        """The fields that were sent."""
        return self.model_dump(exclude_none=True)


class NewName(BaseModel):
    """What a copy is to be called."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=200)


class Link(BaseModel):
    """The end of a race's secret address."""

    model_config = ConfigDict(extra="forbid")

    link: str = Field(max_length=100)


class EnteredModel(BaseModel):
    """Which model enters."""

    model_config = ConfigDict(extra="forbid")

    model_id: str = Field(max_length=64)
    checkpoint: str = Field(
        "best", max_length=20, description="whose weights: best, last or the number of an iteration"
    )


class Admission(BaseModel):
    """Whether somebody is kept out of a race."""

    model_config = ConfigDict(extra="forbid")

    is_shut_out: bool


@router.get("/races")
def list_all(actor: Asker, here: Here) -> Page[RaceView]:
    """All races that one may see, the newest first."""
    found = boards.list_races(here.store, actor)
    return Page(items=found, total=len(found))


@router.post("/races", status_code=201)
def arrange(wish: RaceFields, actor: Asker, here: Here, key: Key = None) -> Race:
    """Make a race."""

    def make() -> Race:
        return arranging.arrange_race(here.store, here.settings, actor, wish.given())

    return Race.model_validate(once(here.store, actor, key, wish, make), from_attributes=True)


@router.post("/races/by-link")
def come_in(wish: Link, actor: Asker, here: Here) -> RaceView:
    """Come into a race by its secret link."""
    race = entering.come_in(here.store, actor, wish.link)
    return boards.view_race(here.store, actor, race.id)


@router.get("/races/{race_id}")
def view(race_id: str, actor: Asker, here: Here, answer: Response) -> RaceView:
    """One race."""
    found = boards.view_race(here.store, actor, race_id)
    tag(answer, found.race)
    return found


@router.patch("/races/{race_id}")
def change(
    race_id: str,
    wish: RaceFields,
    actor: Asker,
    here: Here,
    answer: Response,
    if_match: IfMatch = None,
) -> Race:
    """Change a race; its rules only before the first submission."""
    seen = seen_version(if_match)
    changed = arranging.change_race(
        here.store, here.settings, actor, race_id, wish.given(), seen=seen
    )
    tag(answer, changed)
    return changed


@router.delete("/races/{race_id}")
def delete(race_id: str, actor: Asker, here: Here) -> Done:
    """Delete a race with its board and replays."""
    deleting.delete_race(here.store, here.settings, actor, race_id)
    return Done()


@router.post("/races/{race_id}/copy", status_code=201)
def copy(race_id: str, wish: NewName, actor: Asker, here: Here) -> Race:
    """Make a race like this one that begins now."""
    return arranging.copy_race(here.store, here.settings, actor, race_id, wish.name)


@router.post("/races/{race_id}/close")
def close(race_id: str, actor: Asker, here: Here) -> Race:
    """End a race now."""
    return arranging.close_race(here.store, actor, race_id)


@router.post("/races/{race_id}/link")
def renew_link(race_id: str, actor: Asker, here: Here) -> Race:
    """Give a race a new secret link."""
    return arranging.renew_link(here.store, actor, race_id)


@router.get(
    "/races/{race_id}/qr",
    response_class=Response,
    responses={200: {"content": {"image/svg+xml": {}}, "description": "A QR picture."}},
)
def qr(race_id: str, actor: Asker, here: Here, url: str) -> Response:
    """The secret link of a race as a QR picture; for its organiser.

    `url` is where people come into races; the code is put behind it.
    """
    import segno

    race = arranging.managed_race(here.store, actor, race_id)
    picture = io.BytesIO()
    segno.make(f"{url[:500]}{race.link}", micro=False).save(picture, kind="svg", scale=8, border=2)
    return Response(picture.getvalue(), media_type="image/svg+xml")


@router.get("/races/{race_id}/entrants")
def list_entrants(race_id: str, actor: Asker, here: Here) -> Page[EntrantView]:
    """Who is in a race; for its organiser."""
    found = arranging.list_entrants(here.store, actor, race_id)
    return Page(items=found, total=len(found))


@router.patch("/races/{race_id}/entrants/{person_id}")
def admit(race_id: str, person_id: str, wish: Admission, actor: Asker, here: Here) -> EntrantView:
    """Take a racer out of a race, or let them in again."""
    return arranging.shut_out(here.store, actor, race_id, person_id, is_shut_out=wish.is_shut_out)


@router.get("/races/{race_id}/board")
def view_board(race_id: str, actor: Asker, here: Here) -> Page[BoardRow]:
    """Who is ahead of whom."""
    rows = boards.view_board(here.store, actor, race_id)
    return Page(items=rows, total=len(rows))


@router.get("/races/{race_id}/own")
def view_own(race_id: str, actor: Asker, here: Here) -> OwnCard:
    """How one stands in a race."""
    return boards.view_own(here.store, actor, race_id)


@router.get("/races/{race_id}/submissions")
def list_submissions(race_id: str, actor: Asker, here: Here) -> Page[Submission]:
    """One's own submissions, the newest first."""
    found = boards.list_submissions(here.store, actor, race_id)
    return Page(items=found, total=len(found))


@router.post("/races/{race_id}/submissions", status_code=201)
def submit(
    race_id: str, wish: EnteredModel, actor: Asker, here: Here, key: Key = None
) -> Submission:
    """Enter a model with its weights as they are now: the best ones, or those that are named."""

    def enter() -> Submission:
        made = entering.enter_model(
            here.store, here.settings, actor, race_id, wish.model_id, wish.checkpoint
        )
        here.wake()
        return made

    return Submission.model_validate(
        once(here.store, actor, key, wish, enter), from_attributes=True
    )


@router.get("/races/{race_id}/submissions/{submission_id}")
def view_submission(race_id: str, submission_id: str, actor: Asker, here: Here) -> Submission:
    """A submission on the board, or one of one's own, with its laps."""
    return boards.view_submission(here.store, actor, race_id, submission_id)
