"""The two files of one evaluation: its trace and its table of trials."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

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
    metrics = {"metrics": [trial.metrics_item for trial in trials]}
    write_json(folder / "metrics" / "evaluation" / f"{name}.json", metrics)
