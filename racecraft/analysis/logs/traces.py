"""One simtrace file as a frame, of any version."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd

from racecraft.analysis.logs.columns import STATUS_KIND, STATUSES, TYPES, UNKNOWN, empty_steps
from racecraft.domain.errors import InvalidInput
from racecraft.domain.simtrace import FEWEST_COLUMNS, TRACE_COLUMNS

_NAMES = {
    "X": "x",
    "Y": "y",
    "steer": "steering_angle",
    "throttle": "speed",
    "all_wheels_on_track": "on_track",
}
_OURS = tuple(_NAMES.get(name, name) for name in TRACE_COLUMNS)
_MOST_RADIANS = 3.15
"""A heading beyond it is in degrees."""
_MOST_STEERING_RAD = 0.6
"""So is a steering angle: no car turns its wheels by more than 30°."""


def read_trace(data: bytes, name: str) -> pd.DataFrame:
    """The steps of a simtrace file.

    Args:
        data: the file, with or without the line that names its columns.
        name: of the file, for sentences.

    Raises:
        InvalidInput: it is no simtrace.
    """
    first, _, rest = data.lstrip().partition(b"\n")
    fields = [field.strip() for field in first.decode("utf-8", "replace").split(",")]
    has_head = fields[0] == "episode"
    if not has_head:
        rest = data
    if not FEWEST_COLUMNS <= len(fields) <= len(TRACE_COLUMNS):
        raise InvalidInput(
            f"{name} is no simtrace: its first line has {len(fields)} values, and "
            f"{FEWEST_COLUMNS} to {len(TRACE_COLUMNS)} are expected."
        )
    columns = [_NAMES.get(field, field) for field in fields] if has_head else _without(fields)
    if not rest.strip():
        return empty_steps().drop(columns=["iteration", "worker", "stream", "unique_episode"])
    return as_steps(_parsed(rest, columns, name), name)


def as_steps(raw: pd.DataFrame, name: str) -> pd.DataFrame:
    """A frame with the columns of a trace brought to our types and to degrees.

    Raises:
        InvalidInput: a column is missing, or holds what is not a number.
    """
    needed = [column for column in _OURS[:FEWEST_COLUMNS] if column != "action"]
    missing = [column for column in needed if column not in raw]
    if missing:
        raise InvalidInput(f"{name} is no simtrace: the column {missing[0]} is missing.")
    frame = pd.DataFrame(index=raw.index)
    try:
        for column, kind in TYPES.items():
            frame[column] = _column(raw, column, kind)
    except (ValueError, TypeError, OverflowError) as error:
        raise InvalidInput(f"{name} cannot be read ({error}); check that it is whole.") from error
    if _is_in_radians(frame, has_status="episode_status" in raw):
        frame["yaw"] = np.degrees(frame["yaw"])
        frame["steering_angle"] = np.degrees(frame["steering_angle"])
    return frame


def _parsed(data: bytes, columns: list[str], name: str) -> pd.DataFrame:
    line = data.partition(b"\n")[0]
    place = columns.index("action") if "action" in columns else -1
    is_pair = place >= 0 and b"[" in line.split(b",")[min(place, line.count(b","))]
    # Pairs of a continuous action space say again what steering and speed say; texts cost memory.
    used = [c for c in columns if c in TYPES and not (is_pair and c == "action")]
    try:
        return pd.read_csv(
            io.BytesIO(data),
            names=columns,
            usecols=used,
            dtype={"episode_status": "category"} if "episode_status" in columns else None,
            header=None,
            skipinitialspace=True,
            low_memory=False,
        )
    except (ValueError, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{name} cannot be read ({error}); check that it is whole.") from error


def _column(raw: pd.DataFrame, column: str, kind: object) -> object:
    count = len(raw)
    if column == "action":
        return _actions(raw)
    if column == "episode_status":
        if column not in raw:
            return pd.Categorical(_guessed(raw), dtype=STATUS_KIND)
        words = raw[column].astype("category").cat.set_categories(list(STATUSES))
        return words.fillna(UNKNOWN)
    if column not in raw:
        return np.full(count, np.nan, str(kind))
    values = raw[column]
    if kind == "bool" and values.dtype != np.bool_:
        return values.astype(str).str.strip().str.lower().isin(("true", "1", "1.0")).to_numpy()
    return values.to_numpy().astype(str(kind))


def _actions(raw: pd.DataFrame) -> object:
    if "action" not in raw:
        return np.full(len(raw), -1, np.int16)
    numbers = pd.to_numeric(raw["action"], errors="coerce").fillna(-1)
    return numbers.to_numpy().astype(np.int16)


def _guessed(raw: pd.DataFrame) -> object:
    """The status of traces of 2019, which do not tell it."""
    done = raw["done"].astype(str).str.strip().eq("True").to_numpy()
    progress = raw["progress"].to_numpy(np.float64)
    is_first = raw["steps"].to_numpy(np.float64) <= 0
    off = done & (progress < 100.0)
    return np.select(
        [done & (progress >= 100.0), off, is_first],
        ["lap_complete", "off_track", "prepare"],
        UNKNOWN,
    )


def _is_in_radians(frame: pd.DataFrame, *, has_status: bool) -> bool:
    yaw, steering = frame["yaw"].abs().max(), frame["steering_angle"].abs().max()
    if yaw > _MOST_RADIANS or steering > _MOST_STEERING_RAD:
        return False
    return bool(steering > 0) or not has_status


def _without(fields: list[str]) -> list[str]:
    return list(_OURS[: len(fields)])
