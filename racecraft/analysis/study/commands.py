"""Studies asked for from outside: `python -m racecraft.analysis.study FOLDER OUT`.

A process of its own does the work, so that whoever asks never loads pandas or matplotlib.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from racecraft.analysis.logs.load import Logs, load_logs
from racecraft.analysis.study.losses import possible_on
from racecraft.analysis.study.report import write_comparison, write_report
from racecraft.analysis.study.study import Study, study
from racecraft.domain.car import CarSpec
from racecraft.domain.errors import RacecraftError
from racecraft.domain.spec import ModelSpec
from racecraft.domain.track import Track
from racecraft.tracks.library import load_track


def study_of(path: Path, tracks: Sequence[Path] = (), name: str | None = None) -> Study:
    """The study of the logs at a path.

    Args:
        path: a model's folder, a folder or an archive of logs, a trace or a text log.
        tracks: folders with track files beside those that are shipped.
        name: what to call the model; as the logs do when None.

    Raises:
        RacecraftError: there are no logs, or they are damaged.
    """
    logs = load_logs(path)
    track = track_of(logs, tracks)
    logs = logs.called(name) if name else logs
    if track is None:
        return study(logs)
    borders = (track.centre, track.inner, track.outer)
    return study(logs, borders, possible_on(track, *_design(path, logs)))


def track_of(logs: Logs, tracks: Sequence[Path] = ()) -> Track | None:
    """The track of some logs, if it is known here."""
    if not logs.world:
        return None
    try:
        return load_track(logs.world, is_reversed=logs.is_reversed, folders=tuple(tracks))
    except RacecraftError:
        return None


def _design(path: Path, logs: Logs) -> tuple[CarSpec, Any]:
    """The car and the action space of a model's folder; of other logs the standard car."""
    with suppress(OSError, ValidationError):
        model = ModelSpec.model_validate_json((path / "model.json").read_bytes())
        return model.car, {"speed": {"high": model.action_space.speed_range_mps[1]}}
    return CarSpec(), logs.action_space


def main(words: Sequence[str]) -> int:
    """Study the logs of each folder but the last, which is where the report goes."""
    *sources, target, tracks = (Path(word) for word in words)
    try:
        studies = [study_of(source, (tracks,)) for source in sources]
        if len(studies) == 1:
            write_report(studies[0], target)
        else:
            write_comparison(studies, target)
    except RacecraftError as error:
        print(error, file=sys.stderr)
        return 1
    except MemoryError:
        print(
            "The logs are too large to be analysed here; use `racecraft analyze`.", file=sys.stderr
        )
        return 1
    return 0
