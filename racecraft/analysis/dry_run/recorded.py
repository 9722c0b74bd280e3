"""Laps that a model drove, from its traces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from racecraft.analysis.dry_run.laps import Lap
from racecraft.domain.car import CarSpec
from racecraft.domain.episode import EpisodeStatus
from racecraft.domain.reward import COLUMN
from racecraft.domain.reward_rows import Drive, reward_rows
from racecraft.domain.simtrace import steps_from_csv
from racecraft.domain.trace_table import TraceTable
from racecraft.domain.track import Track

MOST_LAPS = 20
"""The newest so many are read."""
FEWEST_STEPS = 5
"""What is shorter says nothing."""
SAME_LENGTH_M = 0.01
SAME_WAYPOINTS_SHARE = 0.9
"""A trace does not name its track; it fits when so many rows name the waypoint that we find."""

_FAILED = (
    EpisodeStatus.OFF_TRACK,
    EpisodeStatus.CRASHED,
    EpisodeStatus.REVERSED,
    EpisodeStatus.IMMOBILIZED,
)
_DRIVING = (
    *_FAILED,
    EpisodeStatus.IN_PROGRESS,
    EpisodeStatus.LAP_COMPLETE,
    EpisodeStatus.TIME_UP,
)
"""In all other rows the reward function is not asked."""


def recorded_laps(
    track: Track, traces: Iterable[str], car: CarSpec | None = None, *, most: int = MOST_LAPS
) -> list[Lap]:
    """Laps and failures of traces that were driven on a track.

    Args:
        track: the road, in the direction in which it was driven; traces of others are left out.
        traces: texts of trace files, the newest first; no more are asked for than needed.
        car: the car design of the model.
        most: how many laps are wanted.

    Returns:
        At most `most` laps, the newest first.

    Raises:
        InvalidInput: a trace cannot be read.
    """
    laps: list[Lap] = []
    for text in traces:
        for drive, began_s in reversed([*_drives(TraceTable.from_steps(steps_from_csv(text)))]):
            lap = _lap(track, drive, began_s, car or CarSpec())
            if lap is not None:
                number = len(laps) + 1
                title = lap.title.replace("lap", f"lap {number}", 1)
                laps.append(replace(lap, name=f"recorded-{number}", title=title))
            if len(laps) == most:
                return laps
    return laps


def _drives(trace: TraceTable) -> Iterator[tuple[TraceTable, float]]:
    """The parts of a trace between the start of a lap and its end, and when each began."""
    is_first = np.append(True, np.diff(trace.episode) != 0)
    is_start = is_first.copy()
    # Laps that are driven in one go share an episode: one begins where the last one ended.
    is_start[1:] |= trace.progress_percent[:-1] >= 100.0
    for rows in np.split(np.arange(len(trace)), np.flatnonzero(is_start)[1:]):
        if len(rows):
            began = rows[0] if is_first[rows[0]] else rows[0] - 1
            yield trace.take(rows), float(trace.time_s[began])


def _lap(track: Track, drive: TraceTable, began_s: float, car: CarSpec) -> Lap | None:
    """One lap as rows of reward inputs; None when it was driven elsewhere or hardly at all."""
    driven = drive.take(np.isin(drive.status, _DRIVING))
    if len(driven) < FEWEST_STEPS:
        return None
    if np.abs(driven.track_length_m - track.length_m).max() > SAME_LENGTH_M:
        return None
    rows = _rows(track, driven, car)
    same = rows[:, COLUMN["closest_waypoint"]] == driven.closest_waypoint
    if same.mean() < SAME_WAYPOINTS_SHARE:
        return None
    is_complete = bool(driven.progress_percent[-1] >= 100.0)
    resets = int(np.count_nonzero(np.isin(driven.status[:-1], _FAILED)))
    facts = [f"{resets} reset{'' if resets == 1 else 's'}"] if resets else []
    facts += [] if is_complete else [EpisodeStatus(int(driven.status[-1])).label.lower()]
    return Lap(
        name="recorded",
        title=", ".join(["Recorded lap", *facts]),
        rows=rows,
        is_complete=is_complete,
        time_s=float(drive.time_s[-1]) - began_s,
        is_recorded=True,
    )


def _rows(track: Track, driven: TraceTable, car: CarSpec) -> NDArray[np.float64]:
    """Rows of reward inputs; a trace tells the nose, and progress as it was."""
    yaw = driven.yaw_rad
    x, y = driven.x_m - car.nose_m * np.cos(yaw), driven.y_m - car.nose_m * np.sin(yaw)
    drive = Drive(
        poses=np.stack([x, y, yaw], axis=1),
        commands=np.stack([driven.steering_rad, driven.speed_mps], axis=1),
        steps=driven.steps.astype(np.float64),
        time_s=driven.time_s,
    )
    rows = reward_rows(track, drive, car)
    rows[:, COLUMN["progress_percent"]] = driven.progress_percent
    rows[:, COLUMN["is_crashed"]] = driven.status == EpisodeStatus.CRASHED
    return rows
