"""Simtraces of any age as ours: 19 columns, degrees, and a table of trials for evaluations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from racecraft.domain.episode import EpisodeStatus, Step, Trial
from racecraft.domain.errors import InvalidInput
from racecraft.domain.simtrace import steps_from_csv
from racecraft.domain.trace_table import TraceTable

_MOST_RADIANS, _MOST_STEERING_RAD = 3.15, 0.6
_COUNTED = {
    EpisodeStatus.OFF_TRACK: "off_track_count",
    EpisodeStatus.CRASHED: "crash_count",
    EpisodeStatus.REVERSED: "reversed_count",
    EpisodeStatus.IMMOBILIZED: "immobilized_count",
}


def read_steps(data: bytes, name: str) -> list[Step]:
    """The steps of a trace, angles as degrees were meant.

    Raises:
        InvalidInput: it cannot be read.
    """
    try:
        steps = steps_from_csv(data.decode("utf-8"))
    except (UnicodeDecodeError, InvalidInput) as error:
        raise InvalidInput(f"{name} cannot be read ({str(error).rstrip('.')}).") from error
    for step in steps:
        if not all(map(math.isfinite, (step.time_s, step.progress_percent, step.x_m, step.y_m))):
            raise InvalidInput(
                f"{name} cannot be read (step {step.steps} of episode {step.episode} has a place, "
                "time or progress that is no number)."
            )
    return _as_degrees(steps)


def trace_text(steps: Sequence[Step]) -> str:
    """The text of a trace file of ours."""
    return TraceTable.from_steps(steps).csv_text()


def trials_of(steps: Sequence[Step]) -> list[Trial]:
    """What the episodes of an evaluation came to."""
    trials = []
    for number, (_, rows) in enumerate(groupby(steps, key=lambda step: step.episode), start=1):
        drive = list(rows)
        failures = [
            step.status
            for before, step in zip([None, *drive], drive, strict=False)
            if step.status in _COUNTED and (before is None or before.status is not step.status)
        ]
        counts = {word: failures.count(status) for status, word in _COUNTED.items()}
        progress = max(step.progress_percent for step in drive)
        is_lap = progress >= 100.0
        start_s, end_s = drive[0].time_s, drive[-1].time_s
        trials.append(
            Trial(
                trial=number,
                time_ms=round(1000 * max(end_s - start_s, 0.0)),
                completion_percent=min(max(progress, 0.0), 100.0),
                status=EpisodeStatus.LAP_COMPLETE if is_lap else drive[-1].status,
                start_time_ms=round(1000 * start_s) if start_s < 1e9 else 0,
                **counts,
            )
        )
    return trials


def _as_degrees(steps: list[Step]) -> list[Step]:
    """Traces of 2019 have radians, which were taken for degrees so far."""
    yaw = max((abs(math.degrees(step.yaw_rad)) for step in steps), default=0.0)
    steering = max((abs(math.degrees(step.steering_rad)) for step in steps), default=0.0)
    if yaw > _MOST_RADIANS or steering > _MOST_STEERING_RAD or steering == 0.0:
        return steps
    return [
        replace(
            step,
            yaw_rad=math.degrees(step.yaw_rad),
            steering_rad=math.degrees(step.steering_rad),
        )
        for step in steps
    ]
