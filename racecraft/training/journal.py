"""The records of a training: complete episodes as traces and metrics, in the community's layout.

Cars drive on from one iteration to the next, so the rows of episodes that are still under way
are kept here until they end.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.episode import EpisodeStatus, Trial
from racecraft.domain.reward import COLUMN, COLUMNS
from racecraft.domain.spec import ModelSpec, TrainingSpec
from racecraft.domain.trace_table import TraceTable
from racecraft.domain.track import Track
from racecraft.training.artifacts import (
    CheckpointEntry,
    TrainingMetrics,
    episode_slots,
    forget_traces_from,
    write_checkpoint_index,
    write_hyperparameters,
    write_iteration_trace,
    write_metadata,
)
from racecraft.training.heads import Head, head_of
from racecraft.training.rollout import Rollout

_EXTRA = ("car", "action", "reward", "status", "wall_clock_s")
_WIDTH = len(COLUMNS) + len(_EXTRA)
_CAR, _ACTION, _REWARD, _STATUS, _WALL = range(len(COLUMNS), _WIDTH)


@dataclass(frozen=True)
class EpisodeFigures:
    """The episodes that ended in an iteration."""

    rewards: tuple[float, ...]
    """Sum of rewards of each."""
    progress: tuple[float, ...]
    """Final progress of each, percent."""
    tracks: tuple[int, ...]
    """Which of the training's tracks each was driven on."""
    crashes: int = 0
    """How many ended in a crash."""

    @property
    def count(self) -> int:
        """How many ended."""
        return len(self.rewards)

    @property
    def mean_reward(self) -> float | None:
        """Mean sum of rewards; None when no episode ended."""
        return float(np.mean(self.rewards)) if self.rewards else None

    @property
    def mean_progress(self) -> float | None:
        """Mean final progress, percent; None when no episode ended."""
        return float(np.mean(self.progress)) if self.progress else None


class Journal:
    """Writes what a training drove."""

    def __init__(
        self,
        folder: Path,
        model: ModelSpec,
        training: TrainingSpec,
        tracks: Sequence[Track],
        *,
        iteration: int = 0,
        open_rows: NDArray[np.float64] | None = None,
    ) -> None:
        """Start or continue the records.

        Args:
            folder: the model folder.
            model: the model.
            training: the training.
            tracks: those of the training; car i drives on track i modulo their number.
            iteration: the first one that will be written; later ones are forgotten.
            open_rows: rows of unfinished episodes, from `open_rows` of the journal before.
        """
        self._folder = folder
        self._lengths = np.array([track.length_m for track in tracks])
        algorithm = training.hyperparameters.algorithm
        self._head = head_of(model.action_space, algorithm)
        self._lap_cars = training.hyperparameters.num_lap_cars
        self._slots = episode_slots(training.hyperparameters)
        self.open_rows = open_rows if open_rows is not None else np.zeros((0, _WIDTH))
        forget_traces_from(folder, iteration)
        self._metrics = TrainingMetrics(folder, slots=self._slots, iteration=iteration)
        write_metadata(folder, model, algorithm)
        write_hyperparameters(folder, training.hyperparameters)

    def take(self, rollout: Rollout) -> tuple[TraceTable, EpisodeFigures]:
        """Add a rollout; gives the episodes that it completed."""
        rows = np.concatenate([self.open_rows, _rows(rollout, self._head, self._lap_cars)])
        rows = rows[np.argsort(rows[:, _CAR], kind="stable")]
        status = rows[:, _STATUS]
        done = (status != EpisodeStatus.IN_PROGRESS) & (status != EpisodeStatus.PREPARE)
        is_complete = np.zeros(len(rows), np.bool_)
        for car in np.unique(rows[:, _CAR]):
            first, last = np.searchsorted(rows[:, _CAR], [car, car + 1])
            ends = np.flatnonzero(done[first:last])
            if len(ends):
                is_complete[first : first + ends[-1] + 1] = True
        self.open_rows = rows[~is_complete]
        rows, done = rows[is_complete], done[is_complete]
        trace = self._trace(rows, done)
        number = np.concatenate([[0], np.cumsum(done)])[: len(rows)]
        figures = EpisodeFigures(
            rewards=tuple(np.bincount(number, weights=rows[:, _REWARD]).tolist()),
            progress=tuple(rows[done, COLUMN["progress_percent"]].tolist()),
            tracks=tuple(self._track_of(rows[done]).tolist()),
            crashes=int((rows[:, _STATUS] == EpisodeStatus.CRASHED).sum()),
        )
        return trace, figures

    def write(self, iteration: int, trace: TraceTable, trials: tuple[Trial, ...]) -> None:
        """Write the iteration's trace and metrics.

        Raises:
            StorageFailed: the disk is full or the folder cannot be written.
        """
        write_iteration_trace(self._folder, iteration, trace, slots=self._slots)
        self._metrics.add_iteration(iteration, trace, trials)

    def write_index(self, best: CheckpointEntry, last: CheckpointEntry) -> None:
        """Say which checkpoints are the best and the last."""
        write_checkpoint_index(self._folder, best, last)

    def _track_of(self, rows: NDArray[np.float64]) -> NDArray[np.int64]:
        return rows[:, _CAR].astype(np.int64) % len(self._lengths)

    def _trace(self, rows: NDArray[np.float64], done: NDArray[np.bool_]) -> TraceTable:
        column = {name: rows[:, index] for name, index in COLUMN.items()}
        columns: dict[str, Any] = {
            "episode": np.zeros(len(rows)),
            "steps": column["steps"],
            "x_m": column["x_m"],
            "y_m": column["y_m"],
            "yaw_rad": column["heading_rad"],
            "steering_rad": column["steering_rad"],
            "speed_mps": column["speed_mps"],
            "action": rows[:, _ACTION],
            "reward": rows[:, _REWARD],
            "is_done": done,
            "all_wheels_on_track": column["all_wheels_on_track"],
            "progress_percent": column["progress_percent"],
            "closest_waypoint": column["closest_waypoint"],
            "track_length_m": self._lengths[self._track_of(rows)],
            "time_s": column["sim_time_s"],
            "status": rows[:, _STATUS],
            "crash_count": rows[:, _STATUS] == EpisodeStatus.CRASHED,
            "wall_clock_s": rows[:, _WALL],
        }
        return TraceTable.from_columns(columns)


def _rows(rollout: Rollout, head: Head, lap_cars: int) -> NDArray[np.float64]:
    """(R, _WIDTH) rows of the cars that drive laps in the order of time, prepare rows included."""
    length, cars = rollout.length, rollout.actions.shape[1]
    steps = np.zeros((length, 2, cars, _WIDTH))
    size = len(COLUMNS)
    steps[:, 0, :, :size] = rollout.prepared[:length]
    steps[:, 0, :, _ACTION] = head.resting_number
    steps[:, 0, :, _STATUS] = EpisodeStatus.PREPARE
    steps[:, 1, :, :size] = rollout.table[:length]
    steps[:, 1, :, _ACTION] = head.numbers(rollout.actions[:length])
    steps[:, 1, :, _REWARD] = rollout.rewards[:length]
    steps[:, 1, :, _STATUS] = rollout.status[:length]
    steps[:, :, :, _CAR] = np.arange(cars)
    steps[..., _WALL] = time.time()
    keep = np.ones((length, 2, cars), np.bool_)
    keep[:, 0] = rollout.begins[:length]
    keep[:, :, lap_cars:] = False
    return steps[keep]
