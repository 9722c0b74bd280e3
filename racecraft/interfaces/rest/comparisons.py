"""Comparisons: models, iterations, evaluations and uploaded logs side by side."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.errors import NotFound
from racecraft.interfaces.rest.analyses import FILE, Again, AnalysisAnswer, sent
from racecraft.interfaces.rest.shared import Page
from racecraft.interfaces.rest.who import Asker, Here
from racecraft.service import comparisons
from racecraft.service.analyses import analysis_file
from racecraft.service.comparisons import Comparison

router = APIRouter(tags=["results"], prefix="/comparisons")


class ComparisonWish(BaseModel):
    """What to compare."""

    model_config = ConfigDict(extra="forbid")

    subjects: list[str] = Field(
        max_length=100,
        description="one to eight: `model-ID`, `model-ID@12` for an iteration, "
        "`model-ID@20260131120000` for an evaluation, `logs-ID` for uploaded logs, `logs-ID@PART`",
    )


class ComparisonAnswer(AnalysisAnswer):
    """A comparison."""

    key: str
    subjects: list[str]


@router.get("")
def list_all(actor: Asker, here: Here) -> Page[ComparisonAnswer]:
    """The comparisons that were made last, newest first."""
    found = comparisons.list_comparisons(here.store, here.settings, actor)
    return Page(items=[_answer(each) for each in found], total=len(found))


@router.post("")
def make(wish: ComparisonWish, actor: Asker, here: Here, again: Again = False) -> ComparisonAnswer:
    """Compare, unless there is a fresh comparison; takes some seconds.

    One subject alone is analysed.
    """
    found = comparisons.compare(here.store, here.settings, actor, wish.subjects, again=again)
    if found is None:
        raise NotFound("The comparison is gone already; ask for it again.")
    return _answer(found)


@router.get("/{key}")
def view(key: str, actor: Asker, here: Here) -> ComparisonAnswer:
    """A comparison that was made."""
    return _answer(comparisons.view_comparison(here.store, here.settings, actor, key))


@router.get("/{key}/{name}", response_class=FileResponse, responses=FILE)
def file(key: str, name: str, actor: Asker, here: Here) -> FileResponse:
    """A figure (PNG) or a table (CSV) of the comparison, by its name."""
    found = comparisons.view_comparison(here.store, here.settings, actor, key)
    return sent(*analysis_file(found.analysis, name))


@router.get("/{key}/{folder}/{name}", response_class=FileResponse, responses=FILE)
def file_of_one(key: str, folder: str, name: str, actor: Asker, here: Here) -> FileResponse:
    """A figure or a table of one of those that are compared; `report.models` names the folders."""
    found = comparisons.view_comparison(here.store, here.settings, actor, key)
    return sent(*analysis_file(found.analysis, f"{folder}/{name}"))


def _answer(found: Comparison) -> ComparisonAnswer:
    return ComparisonAnswer(
        key=found.key,
        subjects=list(found.subjects),
        is_fresh=found.analysis.is_fresh,
        report=found.analysis.report,
    )
