"""A part of some logs: the drives of one iteration, or of one evaluation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from racecraft.analysis.logs.load import Logs
from racecraft.domain.errors import NotFound

_STAMP_DIGITS = 14
"""Of the time of an evaluation; numbers of iterations are shorter."""


def parts_in(logs: Logs) -> dict[str, list[Any]]:
    """What parts there are: numbers of `iterations`, names of `evaluations`."""
    streams = logs.evaluation["stream"].unique().tolist() if "stream" in logs.evaluation else []
    numbers = logs.training["iteration"].unique().tolist()
    return {"iterations": sorted(map(int, numbers)), "evaluations": sorted(map(str, streams))}


def part_of(logs: Logs, part: str) -> Logs:
    """The logs with one part of their drives alone, named after it.

    Args:
        logs: of one model.
        part: number of an iteration, or name of an evaluation; all if empty.

    Raises:
        NotFound: there is no such part.
    """
    if not part:
        return logs
    if part.isdecimal() and len(part) < _STAMP_DIGITS:
        number = int(part)
        training = _rows(logs.training, "iteration", number)
        evaluation = logs.evaluation.iloc[:0]
        called = f"{logs.name}, iteration {number}"
    else:
        number = -1
        training = logs.training.iloc[:0]
        evaluation = _rows(logs.evaluation, "stream", part)
        called = f"{logs.name}, evaluation {part}"
    if training.empty and evaluation.empty:
        found = parts_in(logs)
        raise NotFound(
            f"{logs.name} has no drives of {part!r}; it has "
            f"{_listed('iterations', found['iterations'])} and "
            f"{_listed('evaluations', found['evaluations'])}."
        )
    return replace(
        logs,
        name=called,
        training=training,
        evaluation=evaluation,
        metrics=_rows(logs.metrics, "iteration", number),
        trials=_rows(logs.trials, "stream", part),
        reports=_rows(logs.reports, "iteration", number),
    )


def _rows(frame: pd.DataFrame, column: str, value: object) -> pd.DataFrame:
    if column not in frame:
        return frame.iloc[:0]
    return frame[frame[column] == value].reset_index(drop=True)


def _listed(what: str, names: list[Any]) -> str:
    if not names:
        return f"no {what}"
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return f"the {what} {', '.join(map(str, names[:8]))}{more}"
