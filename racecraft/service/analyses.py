"""Analyses of people's models: made by a process of their own, kept beside the model.

`<model>/analysis/` holds what `racecraft.analysis.study.report` writes. It is made anew when the
model has driven more since; a server never loads what it takes to make it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from racecraft.domain.errors import InvalidInput, NotFound, StorageFailed
from racecraft.service.access import Actor, Operation
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
_MOST_S = 180.0
_KINDS = {".png": "image/png", ".csv": "text/csv", ".md": "text/markdown"}


@dataclass(frozen=True)
class Analysis:
    """What was made of a model."""

    folder: Path
    report: dict[str, Any]
    is_fresh: bool
    """Whether the model has driven nothing since."""


def known_analysis(folder: Path) -> Analysis | None:
    """The analysis that lies beside a model; None if none was made yet.

    Raises:
        StorageFailed: it cannot be read.
    """
    place = folder / FOLDER
    path = place / REPORT
    if not path.is_file():
        return None
    try:
        report = json.loads(read_text(path))
    except ValueError as error:
        raise StorageFailed(f"{path} is damaged ({error}); analyse the model again.") from error
    with storage(path):
        return Analysis(place, report, _newest_s(folder) <= path.stat().st_mtime)


def analyse(folder: Path, tracks: Path) -> Analysis:
    """Analyse a model in a process of its own, and keep what comes of it, whole or not at all.

    Args:
        folder: of the model.
        tracks: where imported tracks are.

    Raises:
        InvalidInput: the model has driven nothing yet, or its logs are damaged.
        StorageFailed: the analysis cannot be written, or took too long.
    """
    with storage(folder), tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as room:
        made = Path(room) / FOLDER
        _run(folder, made, tracks)
        place = folder / FOLDER
        shutil.rmtree(place, ignore_errors=True)
        os.replace(made, place)
        place.chmod(0o755)
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
    """A file of an analysis, and its media type.

    Raises:
        NotFound: there is no such file.
    """
    path = None if found is None else found.folder / name
    is_plain = Path(name).name == name and not name.startswith(".")
    kind = _KINDS.get(Path(name).suffix)
    if path is None or kind is None or not is_plain or not path.is_file():
        raise NotFound(f"There is no file {name[:100]!r} in the analysis; analyse the model first.")
    return path, kind


def _run(folder: Path, target: Path, tracks: Path) -> None:
    command = [sys.executable, "-m", "racecraft.analysis.study", str(folder), str(target)]
    try:
        done = subprocess.run(
            [*command, str(tracks)],
            capture_output=True,
            text=True,
            timeout=_MOST_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        raise StorageFailed(
            f"The analysis of {folder.name!r} took more than {_MOST_S:.0f} s; make it on a machine "
            "with less to do, with `racecraft analyze`."
        ) from error
    if done.returncode:
        words = done.stderr.strip().splitlines()
        raise InvalidInput(words[-1] if words else f"The analysis ended with {done.returncode}.")


def _newest_s(folder: Path) -> float:
    """When the model drove last, seconds since 1970."""
    found = [folder / PROGRESS_FILE, folder / "metrics" / "evaluation", folder / "training.log"]
    return max((path.stat().st_mtime for path in found if path.exists()), default=0.0)
