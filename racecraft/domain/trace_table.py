"""Many steps as columns: what a simulator's arrays hold, and the fast way to a trace file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from racecraft.domain.episode import NO_ACTION_NUMBER, EpisodeStatus, Step
from racecraft.domain.simtrace import CSV_HEADER, continuous_action, steering_deg

_OPTIONAL = ("pause_s", "crash_count", "wall_clock_s")
_TRACE_WORDS = {status.value: status.trace_word for status in EpisodeStatus}


@dataclass(frozen=True, eq=False)
class TraceTable:
    """Steps as columns: every field is an (N,) array with the meaning it has in `Step`."""

    episode: NDArray[np.int64]
    steps: NDArray[np.int64]
    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    yaw_rad: NDArray[np.float64]
    steering_rad: NDArray[np.float64]
    speed_mps: NDArray[np.float64]
    action: NDArray[np.int64]
    reward: NDArray[np.float64]
    is_done: NDArray[np.bool_]
    all_wheels_on_track: NDArray[np.bool_]
    progress_percent: NDArray[np.float64]
    closest_waypoint: NDArray[np.int64]
    track_length_m: NDArray[np.float64]
    time_s: NDArray[np.float64]
    status: NDArray[np.int64]
    """Values of `EpisodeStatus`."""
    pause_s: NDArray[np.float64]
    crash_count: NDArray[np.int64]
    wall_clock_s: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.episode)

    @classmethod
    def from_columns(cls, columns: Mapping[str, ArrayLike]) -> TraceTable:
        """A table of (N,) columns by field name, brought to the right types.

        `pause_s`, `crash_count` and `wall_clock_s` may be left out; they are zero then.

        Raises:
            TypeError: a column is missing, or is none of a trace.
            ValueError: the columns are not equally long.
        """
        count = len(np.asarray(columns["episode"]))
        whole = {**{name: np.zeros(count) for name in _OPTIONAL}, **columns}
        types = {field.name: _dtype(field.type) for field in fields(cls)}
        table = cls(**{name: np.asarray(column, types.get(name)) for name, column in whole.items()})
        lengths = {field.name: len(getattr(table, field.name)) for field in fields(cls)}
        if set(lengths.values()) != {count}:
            raise ValueError(f"The columns of a trace must be equally long; they are {lengths}.")
        return table

    @classmethod
    def from_steps(cls, steps: Iterable[Step]) -> TraceTable:
        """The same rows as columns."""
        rows = list(steps)
        return cls.from_columns(
            {field.name: [getattr(row, field.name) for row in rows] for field in fields(cls)}
        )

    @classmethod
    def joined(cls, tables: Iterable[TraceTable]) -> TraceTable:
        """The rows of several tables, one after the other; an empty table of none."""
        parts = list(tables)
        if not parts:
            return cls.from_steps(())
        return cls(
            **{
                field.name: np.concatenate([getattr(part, field.name) for part in parts])
                for field in fields(cls)
            }
        )

    def to_steps(self) -> list[Step]:
        """The same rows as `Step`s."""
        columns: list[list[Any]] = [getattr(self, field.name).tolist() for field in fields(self)]
        place = [field.name for field in fields(self)].index("status")
        columns[place] = [EpisodeStatus(value) for value in columns[place]]
        return [Step(*row) for row in zip(*columns, strict=True)]

    def take(self, rows: NDArray[Any] | slice) -> TraceTable:
        """The rows of an index array, a mask or a slice."""
        return TraceTable(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def csv_text(self) -> str:
        """A whole trace file, header included; the same text as `csv_row` a step, but faster."""
        steering = _texts(self.steering_rad, lambda angle: repr(steering_deg(angle)))
        speed = _texts(self.speed_mps, repr)
        columns = (
            map(repr, self.episode.tolist()),
            _texts(self.steps, lambda steps: repr(float(steps))),
            map(repr, self.x_m.tolist()),
            map(repr, self.y_m.tolist()),
            map(repr, np.degrees(self.yaw_rad).tolist()),
            steering,
            speed,
            self._action_texts(steering, speed),
            map(repr, self.reward.tolist()),
            map(repr, self.is_done.tolist()),
            map(repr, self.all_wheels_on_track.tolist()),
            map(repr, self.progress_percent.tolist()),
            map(repr, self.closest_waypoint.tolist()),
            _texts(self.track_length_m, repr),
            _texts(self.time_s, repr),
            _texts(self.status, _TRACE_WORDS.__getitem__),
            _texts(self.pause_s, repr),
            map(repr, self.crash_count.tolist()),
            _texts(self.wall_clock_s, repr),
        )
        return "\n".join((CSV_HEADER, *map(",".join, zip(*columns, strict=True)), ""))

    def _action_texts(self, steering: list[str], speed: list[str]) -> Iterable[str]:
        numbers = self.action.tolist()
        if NO_ACTION_NUMBER not in numbers:
            return map(repr, numbers)
        return [
            continuous_action(*pair) if number == NO_ACTION_NUMBER else repr(number)
            for number, *pair in zip(numbers, steering, speed, strict=True)
        ]


def _texts(column: NDArray[Any], text: Callable[[Any], str]) -> list[str]:
    """The text of each value, made once for values that repeat; text costs more than a look-up."""
    known: dict[Any, str] = {}
    values = column.tolist()
    return [known.get(value) or known.setdefault(value, text(value)) for value in values]


def _dtype(annotation: object) -> type:
    if "bool" in str(annotation):
        return np.bool_
    return np.int64 if "int64" in str(annotation) else np.float64
