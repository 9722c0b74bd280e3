"""Analyses of people's models: made by a process of their own, kept beside the model.

`<model>/analysis/` holds what `racecraft.analysis.study.report` writes. It is made anew when the
model has driven more since; a server never loads what it takes to make it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from racecraft.domain.errors import NotFound, StorageFailed
from racecraft.service.access import Actor, Operation
from racecraft.service.apart import do_apart
from racecraft.service.collection import view_model
from racecraft.service.files import read_text, storage
from racecraft.service.model_folders import folder_of, settings_of
from racecraft.service.summaries import PROGRESS_FILE
from racecraft.service.turns import Turns

if TYPE_CHECKING:
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

FOLDER = "analysis"
REPORT = "report.json"
TURNS = Turns(at_once=1, most_waiting=8, most_each=1, patience_s=120.0)
"""For analyses, which take a core for seconds."""
_FILE = re.compile(r"(?:[0-9]+-[A-Za-z0-9-]*/)?[a-z][a-z0-9-]*\.[a-z]+")
_KINDS = {".png": "image/png", ".csv": "text/csv", ".md": "text/markdown"}


@dataclass(frozen=True)
class Analysis:
    """What was made of a model."""

    folder: Path
    report: dict[str, Any]
    is_fresh: bool
    """Whether the model has driven nothing since."""


@dataclass(frozen=True)
class Subject:
    """Whose drives are studied."""

    path: Path
    """Of a model's folder, or of a file with logs."""
    name: str
    part: str = ""
    """Number of an iteration or name of an evaluation; everything if empty."""


def read_report(place: Path, newest_s: float) -> Analysis | None:
    """The analysis in a folder; None if none was made yet.

    Args:
        place: its folder.
        newest_s: when something was driven last, seconds since 1970.

    Raises:
        StorageFailed: it cannot be read.
    """
    path = place / REPORT
    if not path.is_file():
        return None
    try:
        report = json.loads(read_text(path))
    except ValueError as error:
        raise StorageFailed(f"{path} is damaged ({error}); analyse it again.") from error
    with storage(path):
        return Analysis(place, report, newest_s <= path.stat().st_mtime)


def make_report(subjects: Sequence[Subject], place: Path, tracks: Path) -> None:
    """Analyse or compare in a process of its own, and keep what comes of it, whole or not at all.

    Args:
        subjects: whose drives; several are compared.
        place: folder of the report; the one above it must be there.
        tracks: where imported tracks are.

    Raises:
        InvalidInput: they have driven nothing yet, or their logs are damaged.
        NotFound: there is no such iteration or evaluation.
        StorageFailed: the report cannot be written, or took too long.
    """
    with storage(place), tempfile.TemporaryDirectory(dir=place.parent, prefix=".new-") as room:
        made = Path(room) / FOLDER
        order = {
            "subjects": [
                {"path": str(each.path), "name": each.name, "part": each.part} for each in subjects
            ],
            "target": str(made),
            "tracks": str(tracks),
        }
        names = {str(each.path): each.name for each in subjects}
        do_apart("racecraft.analysis.study", order, what="The analysis", names=names)
        shutil.rmtree(place, ignore_errors=True)
        os.replace(made, place)
        place.chmod(0o755)


def known_analysis(folder: Path) -> Analysis | None:
    """The analysis that lies beside a model; None if none was made yet.

    Raises:
        StorageFailed: it cannot be read.
    """
    return read_report(folder / FOLDER, newest_drive_s(folder))


def analyse(folder: Path, tracks: Path) -> Analysis:
    """Analyse a model; arguments and errors as `make_report`."""
    make_report([Subject(folder, folder.name)], folder / FOLDER, tracks)
    found = known_analysis(folder)
    if found is None:
        raise StorageFailed(f"The analysis in {folder / FOLDER} is gone; analyse the model again.")
    return found


def analysis_for(
    store: Store, settings: Settings, actor: Actor, model_id: str, *, makes_anew: bool = False
) -> Analysis | None:
    """The analysis of a model for somebody of a service.

    Args:
        store: the records.
        settings: where models are.
        actor: who asks.
        model_id: of which model.
        makes_anew: make one if there is none of all that was driven.

    Raises:
        NotFound: there is no such model, or it is somebody else's.
        Forbidden: the actor may see it but not download it.
        TooManyRequests: too many are being made.
    """
    model = view_model(store, actor, model_id).model
    actor.demand(Operation.DOWNLOAD_MODEL, model.owner_id)
    folder = folder_of(settings, model)
    found = known_analysis(folder)
    if not makes_anew or (found is not None and found.is_fresh):
        return found
    with TURNS.turn(actor.person_id):
        return analyse(folder, settings_of(settings, model.owner_id).tracks)


def analysis_file(found: Analysis | None, name: str) -> tuple[Path, str]:
    """A file of an analysis, and its media type; of a comparison also those in its folders.

    Raises:
        NotFound: there is no such file.
    """
    path = None if found is None else found.folder / name
    is_plain = _FILE.fullmatch(name) is not None
    kind = _KINDS.get(Path(name).suffix)
    if path is None or kind is None or not is_plain or not path.is_file():
        raise NotFound(f"There is no file {name[:100]!r} in the analysis; analyse the model first.")
    return path, kind


def newest_drive_s(folder: Path) -> float:
    """When the model drove last, seconds since 1970."""
    found = [folder / PROGRESS_FILE, folder / "metrics" / "evaluation", folder / "training.log"]
    return max((path.stat().st_mtime for path in found if path.exists()), default=0.0)
