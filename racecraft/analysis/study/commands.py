"""Studies asked for from outside: `python -m racecraft.analysis.study FOLDER OUT`.

A process of its own does the work, so that whoever asks never loads pandas or matplotlib.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from racecraft.analysis.logs.load import Logs, load_logs
from racecraft.analysis.study.report import write_comparison, write_report
from racecraft.analysis.study.road import Floats
from racecraft.analysis.study.study import Study, study
from racecraft.domain.errors import RacecraftError
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
    return study(logs.called(name) if name else logs, borders_of(logs, tracks))


def borders_of(logs: Logs, tracks: Sequence[Path] = ()) -> tuple[Floats, Floats, Floats] | None:
    """Centre, inner and outer line of the track of some logs, if it is known here."""
    if not logs.world:
        return None
    try:
        track = load_track(logs.world, is_reversed=logs.is_reversed, folders=tuple(tracks))
    except RacecraftError:
        return None
    return track.centre, track.inner, track.outer


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
