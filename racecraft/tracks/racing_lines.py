"""Racing lines for reward functions: kept beside a model, and handed to its tracks.

`racing-lines.json` in a model's folder holds one line for each track of its training, so that a
training that goes on is told what it was told before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from racecraft.domain.limit import FastestLap
from racecraft.domain.track import RacingLine, Track

FILE = "racing-lines.json"
INSIDE_M = 0.1
"""So far from the border the middle of the car stays, so that all wheels are on the road."""
_NAMES = re.compile(r"""["']racing_(line|speed)["']""")


def names_racing_line(source: str) -> bool:
    """Whether the text of a reward function asks for the line or for its speed."""
    return _NAMES.search(source) is not None


def line_of(track: Track, lap: FastestLap, *, speed_gain: float) -> RacingLine:
    """A fastest lap as a reward function is told it: one point and one speed a waypoint.

    Args:
        track: the road of the lap.
        lap: the lap.
        speed_gain: what the car drives over what it is told.
    """
    points, speed = lap.beside(track)
    away = points - track.centre
    offset = np.linalg.norm(away, axis=1)
    room = max(track.width_m / 2 - INSIDE_M, 0.0)
    points = track.centre + away * np.minimum(1.0, room / np.maximum(offset, 1e-9))[:, None]
    points[-1], speed[-1] = points[0], speed[0]
    return RacingLine(np.round(points, 4), np.round(speed / speed_gain, 3))


def lines_text(lines: Sequence[RacingLine]) -> str:
    """Lines as the text of their file."""
    return json.dumps(
        [{"points": line.points.tolist(), "speed_mps": line.speed_mps.tolist()} for line in lines],
        separators=(",", ":"),
    )


def with_racing_lines(tracks: Sequence[Track], folder: Path) -> list[Track]:
    """The tracks of a training with the lines that are kept in the model's folder.

    Without a file, or where a line is none of its track, they are given as they are.
    """
    path = folder / FILE
    try:
        kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
        lines = [
            RacingLine(np.array(each["points"], np.float64), np.array(each["speed_mps"]))
            for each in kept
        ]
    except (ValueError, KeyError, TypeError, OSError):
        lines = []
    if len(lines) != len(tracks) or any(
        line.points.shape != track.centre.shape or len(line.speed_mps) != len(track.centre)
        for line, track in zip(lines, tracks, strict=True)
    ):
        return list(tracks)
    return [replace(track, racing_line=line) for track, line in zip(tracks, lines, strict=True)]
