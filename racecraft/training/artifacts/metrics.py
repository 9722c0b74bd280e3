"""`metrics/TrainingMetrics.json`: one item for every training episode and evaluation trial."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from racecraft.domain.episode import EpisodeStatus, Trial
from racecraft.domain.errors import StorageFailed
from racecraft.domain.trace_table import TraceTable
from racecraft.training.artifacts.files import write_text
from racecraft.training.artifacts.traces import assign_episode_numbers, episode_starts

_HEAD = '{"metrics": [\n'
_TAIL = '\n], "version": 2.0, "best_model_metric": "progress"}\n'


class TrainingMetrics:
    """The metrics file of one model folder, rewritten after each iteration.

    Items are kept as text, because writing thousands of old ones anew would cost more than
    the iteration's own.
    """

    def __init__(self, folder: Path, *, slots: int, iteration: int = 0) -> None:
        """Start or continue the file.

        Args:
            folder: the model folder.
            slots: from `episode_slots`, the same in every iteration of a model.
            iteration: the first one that will be added; items of it and of later ones,
                left by a training that is now resumed before them, are forgotten.

        Raises:
            StorageFailed: there is a file, but it cannot be read.
        """
        self._path = folder / "metrics" / "TrainingMetrics.json"
        self._slots = slots
        self._items = [json.dumps(item) for item in _read(self._path, before=iteration * slots)]

    def add_iteration(
        self,
        iteration: int,
        trace: TraceTable,
        trials: Sequence[Trial] = (),
        *,
        trial_rewards: Sequence[float] = (),
    ) -> None:
        """Add the episodes that ended in an iteration and its evaluation; rewrite the file.

        Args:
            iteration: 0-based.
            trace: as given to `write_iteration_trace`.
            trials: the evaluation after the iteration, if there was one.
            trial_rewards: the sum of rewards of each trial; 0 where it is not known.

        Raises:
            StorageFailed: the file could not be written.
            ValueError: the trace holds an incomplete episode, or more episodes than slots.
        """
        items = self._episodes(iteration, trace)
        rewards = [*trial_rewards, *[0.0] * len(trials)]
        items += [
            self._trial(iteration, trial, reward)
            for trial, reward in zip(trials, rewards, strict=False)
        ]
        self._items += map(json.dumps, items)
        if self._items:
            # Readers look for a column of every item, so they cannot read a file with none.
            write_text(self._path, _HEAD + ",\n".join(self._items) + _TAIL)

    def _episodes(self, iteration: int, trace: TraceTable) -> list[dict[str, Any]]:
        starts = episode_starts(trace)
        if not len(starts):
            return []
        last = np.append(starts[1:], len(trace)) - 1
        numbers = assign_episode_numbers(iteration, len(starts), self._slots)
        return [
            self._item(
                number,
                phase="training",
                reward=reward,
                time_ms=(1000.0 * start_s, 1000.0 * end_s),
                completion_percent=progress,
                status=EpisodeStatus(status),
            )
            for number, reward, start_s, end_s, progress, status in zip(
                numbers.tolist(),
                np.add.reduceat(trace.reward, starts).tolist(),
                trace.time_s[starts].tolist(),
                trace.time_s[last].tolist(),
                trace.progress_percent[last].tolist(),
                trace.status[last].tolist(),
                strict=True,
            )
        ]

    def _trial(self, iteration: int, trial: Trial, reward: float) -> dict[str, Any]:
        return self._item(
            (iteration + 1) * self._slots - 1,  # as the last training episode before it
            phase="evaluation",
            reward=reward,
            time_ms=(trial.start_time_ms, trial.start_time_ms + trial.time_ms),
            completion_percent=trial.completion_percent,
            status=trial.status,
        )

    def _item(
        self,
        number: int,
        *,
        phase: str,
        reward: float,
        time_ms: tuple[float, float],
        completion_percent: float,
        status: EpisodeStatus,
    ) -> dict[str, Any]:
        start_ms, end_ms = round(time_ms[0]), round(time_ms[1])
        return {
            "reward_score": round(reward),
            "metric_time": end_ms,
            "start_time": start_ms,
            "elapsed_time_in_milliseconds": end_ms - start_ms,
            "episode": number + 1,
            "trial": number % self._slots + 1,
            "phase": phase,
            "completion_percentage": math.floor(completion_percent),
            "episode_status": status.label,
        }


def _read(path: Path, *, before: int) -> list[dict[str, Any]]:
    """The items of a file whose episode number (0-based) is below `before`."""
    try:
        items: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["metrics"]
        return [item for item in items if item["episode"] <= before]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise StorageFailed(
            f"{path} cannot be read ({error}); it is damaged or was changed by hand. "
            "Move it away to resume without the metrics so far."
        ) from error
