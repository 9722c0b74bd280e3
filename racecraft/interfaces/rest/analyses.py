"""Analyses of models: what their drives and trainings say."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse
from pydantic import BaseModel

from racecraft.domain.errors import NotFound
from racecraft.interfaces.rest.who import Asker, Here
from racecraft.service.analyses import Analysis, analysis_file, analysis_for

router = APIRouter(tags=["results"], prefix="/models/{model_id}/analysis")
FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/png": {}, "text/csv": {}}, "description": "A figure or a table."}
}

Again = Annotated[bool, Query(description="also if there is a fresh one")]


class AnalysisAnswer(BaseModel):
    """An analysis."""

    is_fresh: bool
    """Whether this version made it, of all that was driven, on the tracks as they are now."""
    report: dict[str, Any]
    """Findings, and for each chapter its title, what it means, and the names of its files."""


@router.get("")
def known(model_id: str, actor: Asker, here: Here) -> AnalysisAnswer:
    """The analysis that was made last."""
    return answer_of(analysis_for(here.store, here.settings, actor, model_id))


@router.post("")
def make(model_id: str, actor: Asker, here: Here, again: Again = False) -> AnalysisAnswer:
    """Analyse the model, unless there is a fresh analysis; takes some seconds."""
    return answer_of(
        analysis_for(here.store, here.settings, actor, model_id, makes_anew=True, again=again)
    )


@router.get("/{name}", response_class=FileResponse, responses=FILE)
def file(model_id: str, name: str, actor: Asker, here: Here) -> FileResponse:
    """A figure (PNG) or a table (CSV) of the analysis, by its name."""
    found = analysis_for(here.store, here.settings, actor, model_id)
    return sent(*analysis_file(found, name))


def sent(path: Path, kind: str) -> FileResponse:
    """A file of an analysis: pictures to be looked at, tables to be kept."""
    how = "inline" if kind == "image/png" else "attachment"
    return FileResponse(path, media_type=kind, filename=path.name, content_disposition_type=how)


def answer_of(found: Analysis | None) -> AnalysisAnswer:
    """An analysis that was made.

    Raises:
        NotFound: none was.
    """
    if found is None:
        raise NotFound("This was not analysed yet; ask for an analysis with POST.")
    return AnalysisAnswer(is_fresh=found.is_fresh, report=found.report)
