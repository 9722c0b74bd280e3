"""The two files of one evaluation: its trace and its table of trials."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from racecraft.domain.episode import Step, Trial
from racecraft.domain.trace_table import TraceTable
from racecraft.training.artifacts.files import write_json, write_text

_STAMP = re.compile(r"[0-9]{14}")


def write_evaluation(
    folder: Path, stamp: str, trace: TraceTable | Sequence[Step], trials: Sequence[Trial]
) -> None:
    """Write `evaluation-<stamp>/evaluation-simtrace/0-iteration.csv` and its metrics.

    Args:
        folder: the model folder.
        stamp: when it began, `YYYYMMDDHHMMSS`; tools know an evaluation by these 14 digits.
        trace: all steps of all trials, episodes from 0.
        trials: what the trials came to, in order.

    Raises:
        StorageFailed: a file could not be written.
        ValueError: the stamp is not 14 digits.
    """
    if not _STAMP.fullmatch(stamp):
        raise ValueError(f"The stamp of an evaluation is 14 digits; this one is {stamp!r}.")
    table = trace if isinstance(trace, TraceTable) else TraceTable.from_steps(trace)
    name = f"evaluation-{stamp}"
    write_text(folder / name / "evaluation-simtrace" / "0-iteration.csv", table.csv_text())
    metrics = {"metrics": [_item(trial) for trial in trials]}
    write_json(folder / "metrics" / "evaluation" / f"{name}.json", metrics)


def _item(trial: Trial) -> dict[str, Any]:
    return {
        "completion_percentage": math.floor(trial.completion_percent),
        "metric_time": trial.start_time_ms + trial.time_ms,
        "start_time": trial.start_time_ms,
        "elapsed_time_in_milliseconds": trial.time_ms,
        "episode_status": trial.status.label,
        "crash_count": trial.crash_count,
        "immobilized_count": trial.immobilized_count,
        "off_track_count": trial.off_track_count,
        "reversed_count": trial.reversed_count,
        "reset_count": trial.reset_count,
        "trial": trial.trial,
    }
