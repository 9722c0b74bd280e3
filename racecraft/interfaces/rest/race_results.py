"""What can be checked of a race: results to keep, replays, and driving submissions again."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.results import EventResults, RaceResults
from racecraft.interfaces.rest.shared import Page, download
from racecraft.interfaces.rest.who import Asker, Here, Installation
from racecraft.service.drives import Drive
from racecraft.service.races import boards, driving, refereeing, reruns
from racecraft.service.races.race import Rerun, Submission
from racecraft.service.results.collecting import race_results
from racecraft.service.results.signed import signed_bytes
from racecraft.service.results.tables import TableKind, results_csv
from racecraft.service.signing import PublicKey, public_key

router = APIRouter(tags=["results"])


class Form(StrEnum):
    """How results are written."""

    JSON = "json"
    """A signed document with every lap."""
    BOARD = "board.csv"
    LAPS = "laps.csv"
    HEATS = "heats.csv"


FORMS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {}, "text/csv": {}}, "description": "The file."}
}
AsForm = Annotated[Form, Query(alias="form", description="json is signed; the others are tables")]


def results_file(
    here: Installation, found: RaceResults | EventResults, form: Form, stem: str
) -> Response:
    """Results as a file to be saved.

    Args:
        here: whose key signs.
        found: results of a race, or of an event.
        form: how they are written.
        stem: what the file is called, in plain letters.
    """
    if form is Form.JSON:
        data, kind = signed_bytes(here.settings, found), "application/json"
    else:
        races = (found,) if isinstance(found, RaceResults) else found.races
        table = TableKind(form.value.removesuffix(".csv"))
        data, kind = results_csv(races, table), "text/csv; charset=utf-8"
    return download(data, f"{stem}-{'results.json' if form is Form.JSON else form.value}", kind)


def plain_stem(name: str) -> str:
    """A name as a part of a file's name."""
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in name).strip("-").lower()
    return kept[:40] or "racecraft"


class Strike(BaseModel):
    """Why a result does not count."""

    model_config = ConfigDict(extra="forbid")

    reason: str | None = Field(max_length=500, description="the racer sees it; null puts it back")


@router.get("/signing-key")
def signing_key(here: Here) -> PublicKey:
    """The key with which this installation signs results; for everybody, signed in or not."""
    return public_key(here.settings)


@router.get("/races/{race_id}/results", response_class=Response, responses=FORMS)
def results(race_id: str, actor: Asker, here: Here, form: AsForm = Form.JSON) -> Response:
    """All results of a race that count: signed with every lap, or as a table."""
    found = race_results(here.store, here.settings, actor, race_id)
    return results_file(here, found, form, plain_stem(found.race.name))


@router.get("/races/{race_id}/submissions/{submission_id}/drives")
def drives(race_id: str, submission_id: str, actor: Asker, here: Here) -> Page[Drive]:
    """Every lap of a submission on the board, or of one's own, step by step, to be drawn."""
    submission = boards.view_submission(here.store, actor, race_id, submission_id)
    found = driving.recorded_laps(here.settings, submission)
    return Page(items=found, total=len(found))


@router.get("/races/{race_id}/submissions/{submission_id}/reruns")
def list_reruns(race_id: str, submission_id: str, actor: Asker, here: Here) -> Page[Rerun]:
    """Who let a submission drive again, and whether every lap was the same; the newest first."""
    found = reruns.view_reruns(here.store, actor, race_id, submission_id)
    return Page(items=found, total=len(found))


@router.post("/races/{race_id}/submissions/{submission_id}/reruns", status_code=201)
def rerun(race_id: str, submission_id: str, actor: Asker, here: Here) -> Submission:
    """Let a submission drive again, to see that its times are right; the board stays as it is."""
    asked = reruns.rerun_submission(here.store, actor, race_id, submission_id)
    here.wake()
    return asked


@router.get("/races/{race_id}/entered")
def list_entered(race_id: str, actor: Asker, here: Here) -> Page[refereeing.EnteredView]:
    """All submissions of a race, the newest first; for its organiser."""
    found = refereeing.list_entered(here.store, actor, race_id)
    return Page(items=found, total=len(found))


@router.put("/races/{race_id}/submissions/{submission_id}/struck")
def strike(race_id: str, submission_id: str, wish: Strike, actor: Asker, here: Here) -> Submission:
    """Take a result off the board, or put it back; for the organiser of the race."""
    return refereeing.strike(here.store, actor, race_id, submission_id, reason=wish.reason)
