"""Analyses of people's models: made by a process of their own, kept beside the model.

`<model>/analysis/` holds what `racecraft.analysis.study.report` writes, and `made.json`, of what it
was made. It is made anew when that has changed; a server never loads what it takes to make it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from racecraft import __version__
from racecraft.domain.errors import InvalidInput, NotFound, StorageFailed
from racecraft.service.access import Actor, Operation
from racecraft.service.apart import do_apart
from racecraft.service.collection import view_model
from racecraft.service.files import read_text, storage, write_whole
from racecraft.service.model_folders import folder_of
from racecraft.service.summaries import PROGRESS_FILE
from racecraft.service.turns import Turns

if TYPE_CHECKING:
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

FOLDER = "analysis"
REPORT = "report.json"
_MADE = "made.json"
_FORMAT = 1
"""Of reports; it counts up whenever the same drives would give another one."""
_MOST_REPORT_BYTES = 20_000_000
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
    """Whether this version made it, of all that was driven, on the tracks as they are now."""


@dataclass(frozen=True)
class Subject:
    """Whose drives are studied."""

    path: Path
    """Of a model's folder, or of a file with logs."""
    name: str
    part: str = ""
    """Number of an iteration or name of an evaluation; everything if empty."""


@dataclass(frozen=True)
class Sources:
    """What a report is made of, as it is now."""

    subjects: tuple[Subject, ...]
    """Several are compared."""
    tracks: Path
    """Where imported tracks are."""
    newest_s: float = 0.0
    """When any of it drove last, seconds since 1970; 0 for what never drives again."""

    def times_of_tracks(self) -> dict[str, float]:
        """When each imported track was written, seconds since 1970."""
        found = {}
        for path in self.tracks.glob("*.npy"):
            with suppress(OSError):
                found[path.stem] = path.stat().st_mtime
        return found

    def facts(self, report: dict[str, Any], times: dict[str, float]) -> dict[str, Any]:
        """What must be the same for a report of them to be fresh."""
        reports = [each["report"] for each in report.get("models", ())] or [report]
        names = sorted({str(each.get("track", "")) for each in reports})
        return {
            "racecraft": __version__,
            "format": _FORMAT,
            "names": [subject.name for subject in self.subjects],
            "newest_s": self.newest_s,
            "tracks": {name: times.get(name) for name in names},
        }


def read_report(place: Path, sources: Sources) -> Analysis | None:
    """The analysis in a folder; None if none was made yet.

    Args:
        place: its folder.
        sources: what it would be made of now.

    Raises:
        StorageFailed: it cannot be read.
    """
    if not (place / REPORT).is_file():
        return None
    report = _read(place / REPORT)
    try:
        made = _read(place / _MADE)
    except StorageFailed:  # of an older version
        made = {}
    return Analysis(place, report, made == sources.facts(report, sources.times_of_tracks()))


def _read(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(read_text(path))
    except ValueError as error:
        raise StorageFailed(f"{path} is damaged ({error}); analyse it again.") from error
    return found


def make_report(sources: Sources, place: Path) -> None:
    """Analyse or compare in a process of its own, and keep what comes of it, whole or not at all.

    Args:
        sources: whose drives.
        place: folder of the report; the one above it must be there.

    Raises:
        InvalidInput: they have driven nothing yet, or their logs are damaged.
        NotFound: there is no such iteration or evaluation, or the folder above is gone by now.
        StorageFailed: the report cannot be written, or took too long.
    """
    subjects, times = sources.subjects, sources.times_of_tracks()
    # Not in the folder above: that one may be deleted or renamed meanwhile.
    beside = place.parent.parent
    with storage(place), tempfile.TemporaryDirectory(dir=beside, prefix=".new-") as room:
        made = Path(room) / FOLDER
        order = {
            "subjects": [
                {"path": str(each.path), "name": each.name, "part": each.part} for each in subjects
            ],
            "target": str(made),
            "tracks": str(sources.tracks),
        }
        names = {str(each.path): each.name for each in subjects}
        do_apart("racecraft.analysis.study", order, what="The analysis", names=names)
        if (made / REPORT).stat().st_size > _MOST_REPORT_BYTES:
            raise InvalidInput("The report is too large to be shown; give fewer drives.")
        facts = sources.facts(_read(made / REPORT), times)
        write_whole(made / _MADE, json.dumps(facts))
        if not place.parent.is_dir():
            raise NotFound(
                f"{' and '.join(names.values())} was deleted or renamed while it was being "
                "analysed; analyse it again where it is now."
            )
        shutil.rmtree(place, ignore_errors=True)
        os.replace(made, place)
        place.chmod(0o755)


def known_analysis(folder: Path, tracks: Path) -> Analysis | None:
    """The analysis that lies beside a model; None if none was made yet.

    Raises:
        StorageFailed: it cannot be read.
    """
    return read_report(folder / FOLDER, _sources(folder, tracks))


def _sources(folder: Path, tracks: Path) -> Sources:
    return Sources((Subject(folder, folder.name),), tracks, newest_drive_s(folder))


def analyse(folder: Path, tracks: Path) -> Analysis:
    """Analyse a model.

    Args:
        folder: of the model.
        tracks: where imported tracks are.

    Raises:
        RacecraftError: as of `make_report`.
    """
    make_report(_sources(folder, tracks), folder / FOLDER)
    found = known_analysis(folder, tracks)
    if found is None:
        raise StorageFailed(f"The analysis in {folder / FOLDER} is gone; analyse the model again.")
    return found


def analysis_for(
    store: Store,
    settings: Settings,
    actor: Actor,
    model_id: str,
    *,
    makes_anew: bool = False,
    again: bool = False,
) -> Analysis | None:
    """The analysis of a model for somebody of a service.

    Args:
        store: the records.
        settings: where models are.
        actor: who asks.
        model_id: of which model.
        makes_anew: make one if there is none that is fresh.
        again: and make one in any case.

    Raises:
        NotFound: there is no such model, or it is somebody else's.
        Forbidden: the actor may see it but not download it.
        TooManyRequests: too many are being made.
    """
    model = view_model(store, actor, model_id).model
    actor.demand(Operation.DOWNLOAD_MODEL, model.owner_id)
    folder = folder_of(settings, model)
    found = known_analysis(folder, settings.tracks)
    if not again and (not makes_anew or (found is not None and found.is_fresh)):
        return found
    with TURNS.turn(actor.person_id):
        return analyse(folder, settings.tracks)


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
