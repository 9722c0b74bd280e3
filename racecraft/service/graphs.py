"""The figures of a training for its reward graph, read from the files of the model."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from racecraft.service.files import read_text, storage
from racecraft.service.model_folders import folder_of
from racecraft.service.summaries import PROGRESS_FILE, json_lines
from racecraft.service.tails import Tail

if TYPE_CHECKING:
    from racecraft.service.model_records import Model
    from racecraft.service.settings import Settings

METRICS_FILE = Path("metrics") / "TrainingMetrics.json"


class _Columns(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class IterationColumns(_Columns):
    """One entry an iteration."""

    iteration: list[int]
    env_steps: list[int]
    training_s: list[float]
    mean_reward: list[float | None] = Field(description="null where no episode ended")
    mean_progress: list[float | None] = Field(description="of training episodes, percent")
    mean_evaluation_progress: list[float | None] = Field(
        description="of greedy laps, percent; null where none were driven"
    )
    clean_laps: list[int] = Field(description="greedy laps without leaving the track or a crash")


class EpisodeColumns(_Columns):
    """One entry a training episode."""

    iteration: list[int] = Field(description="in which it ended")
    reward: list[float]
    progress: list[float] = Field(description="percent")


class RewardGraph(_Columns):
    """The whole training so far."""

    iterations: IterationColumns
    episodes: EpisodeColumns
    best_iteration: int | None


NAMES = tuple(IterationColumns.model_fields)
"""What is told of an iteration."""


class Graphs:
    """The graphs of models, of which only new lines are read. May be used from any thread."""

    def __init__(self, most: int = 200) -> None:
        """Begin with none.

        Args:
            most: graphs that are kept; others are read from the beginning again.
        """
        self._most = most
        self._lock = threading.Lock()
        self._known: OrderedDict[Path, _Known] = OrderedDict()

    def graph(self, settings: Settings, model: Model) -> RewardGraph:
        """The graph of a model's training, also of one that is over.

        Raises:
            ModelNotFound: its folder is gone.
            StorageFailed: a file cannot be read.
        """
        return self._up_to_date(settings, model).graph

    def json(self, settings: Settings, model: Model) -> bytes:
        """The same as JSON."""
        return self._up_to_date(settings, model).text

    def _up_to_date(self, settings: Settings, model: Model) -> _Known:
        folder = folder_of(settings, model)
        with self._lock:
            known = self._known.setdefault(folder, _Known(folder))
            self._known.move_to_end(folder)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        known.read_on()
        return known


class _Known:
    """The lines of one model, and the graph that they make."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tail = Tail(folder / PROGRESS_FILE)
        self._lines: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self.graph = _graph_of([], folder)
        self.text = b""

    def read_on(self) -> None:
        with self._lock, storage(self._folder):
            lines = [_told_of(line) for line in json_lines(self._tail.lines())]
            if self._tail.is_anew:
                self._lines = []
            elif not lines and self.text:
                return
            self._lines += lines
            self.graph = _graph_of(self._lines, self._folder)
            self.text = self.graph.model_dump_json().encode()


def reward_graph(settings: Settings, model: Model) -> RewardGraph:
    """The graph of a model's training, read from the beginning.

    Raises:
        ModelNotFound: its folder is gone.
        StorageFailed: a file cannot be read.
    """
    return Graphs().graph(settings, model)


def _graph_of(lines: Sequence[Mapping[str, Any]], folder: Path) -> RewardGraph:
    episodes = _episodes(lines)
    if not episodes["reward"]:
        episodes = _episodes_of_metrics(folder)
    return RewardGraph(
        iterations=IterationColumns.model_validate(
            {name: [line[name] for line in lines] for name in NAMES}
        ),
        episodes=EpisodeColumns.model_validate(episodes),
        best_iteration=lines[-1]["best_iteration"] if lines else None,
    )


def iteration_news(line: Mapping[str, Any]) -> dict[str, Any]:
    """What a graph that is shown already needs of a new iteration."""
    return _told_of(line)


def _told_of(line: Mapping[str, Any]) -> dict[str, Any]:
    episodes = {name: line.get(name, []) for name in ("episode_rewards", "episode_progress")}
    return {**{name: line.get(name) for name in (*NAMES, "best_iteration")}, **episodes}


def _episodes(lines: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {"iteration": [], "reward": [], "progress": []}
    for line in lines:
        rewards = line["episode_rewards"]
        columns["iteration"] += [line["iteration"]] * len(rewards)
        columns["reward"] += rewards
        columns["progress"] += line["episode_progress"]
    return columns


def _episodes_of_metrics(folder: Path) -> dict[str, list[Any]]:
    """From the file that other tools read too; its rewards are whole numbers."""
    path = folder / METRICS_FILE
    if not path.is_file():
        return _episodes([])
    try:
        items = json.loads(read_text(path))["metrics"]
        slots = max(item["trial"] for item in items)
        ended = [item for item in items if item["phase"] == "training"]
        return {
            "iteration": [(item["episode"] - 1) // slots for item in ended],
            "reward": [float(item["reward_score"]) for item in ended],
            "progress": [float(item["completion_percentage"]) for item in ended],
        }
    except (ValueError, KeyError, TypeError):
        return _episodes([])  # written by something else
