"""Tables of episodes and trials: metrics files, old and new, as frames."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from racecraft.domain.errors import InvalidInput

TRAINING_COLUMNS = (
    "episode",
    "trial",
    "phase",
    "reward_score",
    "completion_percentage",
    "elapsed_time_in_milliseconds",
    "start_time",
    "metric_time",
    "episode_status",
)
TRIAL_COLUMNS = (
    "trial",
    "completion_percentage",
    "elapsed_time_in_milliseconds",
    "episode_status",
    "crash_count",
    "immobilized_count",
    "off_track_count",
    "reversed_count",
    "reset_count",
)


def read_training_metrics(data: bytes, name: str) -> pd.DataFrame:
    """An entry an episode and a trial of a training, with the `iteration`.

    Old files leave out columns; numbers are NaN and words empty there.

    Raises:
        InvalidInput: it is no metrics file.
    """
    frame = _table(data, name, TRAINING_COLUMNS)
    slots = int(frame["trial"].max()) if frame["trial"].notna().any() else 20
    iteration = np.floor((frame["episode"].fillna(1) - 1) / max(slots, 1))
    frame["iteration"] = iteration.clip(0, np.iinfo(np.int32).max).astype(np.int32)
    frame["is_complete"] = _is_complete(frame)
    return frame


def read_trials(data: bytes, name: str) -> pd.DataFrame:
    """An entry a trial of an evaluation.

    Raises:
        InvalidInput: it is no metrics file.
    """
    frame = _table(data, name, TRIAL_COLUMNS)
    counts = [c for c in TRIAL_COLUMNS if c.endswith("_count")]
    frame[counts] = frame[counts].fillna(0)
    frame["is_complete"] = _is_complete(frame)
    return frame


def _is_complete(frame: pd.DataFrame) -> pd.Series[Any]:
    """Files before 2020 have no status, and intermediate laps of one go say "In progress"."""
    done = frame["completion_percentage"] >= 100
    return done | (frame["episode_status"] == "Lap complete")


def _table(data: bytes, name: str, columns: tuple[str, ...]) -> pd.DataFrame:
    try:
        items = json.loads(data)["metrics"]
        raw = pd.DataFrame(items if isinstance(items, list) else [])
        return pd.DataFrame({column: _column(raw, column) for column in columns})
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InvalidInput(f"{name} is no metrics file ({error}).") from error


def _column(raw: pd.DataFrame, column: str) -> pd.Series[Any]:
    is_word = column in ("phase", "episode_status")
    if column in raw:
        if is_word:
            return raw[column].astype(str)
        return pd.to_numeric(raw[column], errors="coerce").replace([np.inf, -np.inf], np.nan)
    if is_word:
        missing = "training" if column == "phase" else ""
        return pd.Series([missing] * len(raw), dtype=object)
    return pd.Series(np.full(len(raw), np.nan))
