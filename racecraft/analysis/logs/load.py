"""All logs of a model, found by what the files are called, wherever they lie.

Training traces lie in `training-simtrace/`, those of several workers in `0/training-simtrace/` and
so on, in archives of DeepRacer on AWS below `sim-trace/training/<name>/`, in those of the console
below `sim-trace/training/`. Evaluations lie in `<name>/evaluation-simtrace/`. Where there are no
traces, text logs are read: `…-robomaker.log` and `…-simulation.log`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from racecraft.analysis.logs.columns import empty_steps, numbered
from racecraft.analysis.logs.metrics import read_training_metrics, read_trials
from racecraft.analysis.logs.texts import read_text_log, read_updates
from racecraft.analysis.logs.traces import read_trace
from racecraft.analysis.places import Place, open_place
from racecraft.domain.errors import InvalidInput

_TRAINING = re.compile(
    r"(?:^|/)(?:(?P<worker>\d{1,4})/)?training-simtrace/(?P<n>\d{1,9})-iteration\.csv$"
)
_EVALUATION = re.compile(
    r"(?:^|/)(?:evaluation-)?(?P<stream>[^/]*)/evaluation-simtrace/\d+-iteration\.csv$"
)
_SIMULATOR = re.compile(r"(?:robomaker|simulation)[^/]*\.log(?:\.\d+)?$")
_TRAINER = re.compile(r"(?:sagemaker|-training)[^/]*\.log$")
_RACED = re.compile(r"(?:^|[/_-])(?:evaluation|leaderboard)")
_TRAINING_METRICS = re.compile(r"(?:TrainingMetrics[^/]*|metrics/training/[^/]+)\.json$")
_TRIALS = re.compile(r"(?:EvaluationMetrics-(?P<a>\w+)|metrics/evaluation/(?P<b>[^/]+))\.json$")


@dataclass(frozen=True)
class Logs:
    """What was found of a model."""

    name: str
    kind: str
    """Who wrote it, in a word."""
    training: pd.DataFrame
    """Steps of training episodes; see `columns`."""
    evaluation: pd.DataFrame
    """Steps of evaluations, which are told apart by `stream`."""
    metrics: pd.DataFrame
    """An entry a training episode and a trial between iterations; empty if there is no file."""
    trials: pd.DataFrame
    """An entry a trial of an evaluation, with its `stream`."""
    reports: pd.DataFrame
    """An entry an iteration: entropy, losses and so on, where a log tells them."""
    hyperparameters: dict[str, Any] = field(default_factory=dict)
    action_space: Any = None
    """A list of actions, or ranges; None if no file tells it."""
    world: str = ""
    """Name of the track; empty if no file tells it."""
    is_reversed: bool = False
    notes: tuple[str, ...] = ()
    """What could not be read, in sentences."""

    def called(self, name: str) -> Logs:
        """The same under another name."""
        return replace(self, name=name)


def load_logs(path: str | Path) -> Logs:
    """Everything that the files at a path tell of one model.

    Args:
        path: a model's folder, an archive (ZIP or tar), or a single trace or text log.

    Raises:
        NotFound: nothing is there.
        InvalidInput: it holds no drives, or a file is damaged.
        StorageFailed: it cannot be read.
    """
    path = Path(path)
    with open_place(path) as place:
        found = _Reader(place, path).read()
    if found.training.empty and found.evaluation.empty:
        raise InvalidInput(
            f"{path} holds no drives: no training-simtrace, evaluation-simtrace or log with "
            "SIM_TRACE_LOG lines was found in it."
        )
    return found


class _Reader:
    """Reads the files of a place."""

    def __init__(self, place: Place, path: Path) -> None:
        self._place, self._path = place, path
        self._notes: list[str] = []
        self._told: dict[str, Any] = {}

    def read(self) -> Logs:
        names = self._place.names
        training = self._traces([name for name in names if _TRAINING.search(name)], _TRAINING)
        evaluation = self._traces([name for name in names if _EVALUATION.search(name)], _EVALUATION)
        logs = sorted(name for name in names if _SIMULATOR.search(name))
        if len(names) == 1 and not training and not evaluation:
            training, logs = self._single(names[0])
        training, evaluation = self._from_texts(logs, training, evaluation)
        document = self._documents()
        return Logs(
            name=self._name(),
            kind=self._kind(),
            training=_joined(training),
            evaluation=_joined(evaluation, has_streams=True),
            metrics=self._metrics(),
            trials=self._trials(),
            reports=self._reports(),
            notes=tuple(self._notes),
            **{**self._told, **document},
        )

    def _traces(self, names: list[str], pattern: re.Pattern[str]) -> list[pd.DataFrame]:
        frames = []
        for name in names:
            found = pattern.search(name)
            assert found is not None
            frame = read_trace(self._place.read(name), name)
            groups = found.groupdict()
            if "n" in groups:
                frame["iteration"] = np.int32(int(groups["n"]))
                frame["worker"] = np.int16(int(groups["worker"] or 0))
            else:
                frame["iteration"], frame["worker"] = np.int32(0), np.int16(0)
                frame["stream"] = groups["stream"]
            frames.append(frame)
        return frames

    def _from_texts(
        self, names: list[str], training: list[pd.DataFrame], evaluation: list[pd.DataFrame]
    ) -> tuple[list[pd.DataFrame], list[pd.DataFrame]]:
        """Steps out of text logs, where there are no traces; what their heads tell in any case."""
        for name in names:
            is_raced = bool(_RACED.search(name))
            needs_steps = not (evaluation if is_raced else training)
            data = self._place.read(name)
            log = read_text_log(data if needs_steps else data[:200_000], name)
            self._tell(log.hyperparameters, log.action_space, log.world, is_raced=is_raced)
            if not needs_steps or log.steps.empty:
                continue
            frame = log.steps
            frame["worker"] = np.int16(0)
            if is_raced:
                frame["stream"] = Path(name).name.split("-robomaker")[0].split("-simulation")[0]
                evaluation = [*evaluation, frame]
            else:
                training = [*training, frame]
        return training, evaluation

    def _single(self, name: str) -> tuple[list[pd.DataFrame], list[str]]:
        """One file that somebody named: a trace or a text log."""
        if name.endswith(".csv"):
            frame = read_trace(self._place.read(name), name)
            frame["iteration"], frame["worker"] = np.int32(0), np.int16(0)
            return [frame], []
        return [], [name]

    def _tell(
        self, hyperparameters: dict[str, Any], space: Any, world: str, *, is_raced: bool
    ) -> None:
        if not is_raced or "world" not in self._told:
            self._told |= {
                "hyperparameters": hyperparameters,
                "action_space": space,
                "world": world,
            }

    def _documents(self) -> dict[str, Any]:
        """What small files tell; they count more than the heads of logs."""
        told: dict[str, Any] = {}
        metadata = self._json("model_metadata.json")
        if "action_space" in metadata:
            told["action_space"] = metadata["action_space"]
        settings = self._json("hyperparameters.json")
        if settings:
            told["hyperparameters"] = settings
        tracks = self._json("training.json").get("tracks") or []
        if tracks and isinstance(tracks[0], dict):
            told["world"] = str(tracks[0].get("name", ""))
            told["is_reversed"] = bool(tracks[0].get("is_reversed", False))
        else:
            told |= self._params()
        return told

    def _params(self) -> dict[str, Any]:
        """World and direction out of the settings of deepracer-for-cloud."""
        name = self._named("training_params.yaml")
        if name is None:
            return {}
        pairs = re.findall(
            rb"^\s*(WORLD_NAME|REVERSE_DIR):\s*['\"]?([\w-]+)", self._place.read(name), re.MULTILINE
        )
        values = {key.decode(): value.decode() for key, value in reversed(pairs)}
        told: dict[str, Any] = {"is_reversed": values.get("REVERSE_DIR", "False") == "True"}
        return told | ({"world": values["WORLD_NAME"]} if "WORLD_NAME" in values else {})

    def _metrics(self) -> pd.DataFrame:
        names = [name for name in self._place.names if _TRAINING_METRICS.search(name)]
        frames = []
        for worker, name in enumerate(sorted(names)):
            try:
                frame = read_training_metrics(self._place.read(name), name)
            except InvalidInput as error:
                self._notes.append(str(error))
                continue
            frames.append(frame.assign(worker=worker))
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()

    def _trials(self) -> pd.DataFrame:
        frames = {}
        for name in self._place.names:
            found = _TRIALS.search(name)
            if found is None:
                continue
            try:
                frame = read_trials(self._place.read(name), name)
            except InvalidInput as error:
                self._notes.append(str(error))
                continue
            stream = (found["a"] or found["b"]).removeprefix("evaluation-")
            frames[name] = frame.assign(stream=stream)
        listed = [frames[name] for name in sorted(frames)]
        return pd.concat(listed, ignore_index=True) if listed else pd.DataFrame()

    def _reports(self) -> pd.DataFrame:
        name = self._named("progress.jsonl")
        if name is not None:
            lines = self._place.read(name).decode("utf-8", "replace").splitlines()
            rows = [row for row in map(_row, lines) if row]
            if rows:
                return pd.DataFrame(rows).drop(
                    columns=["evaluation", "tracks", "episode_rewards", "episode_progress"],
                    errors="ignore",
                )
        for name in sorted(self._place.names):
            if _TRAINER.search(name):
                frame = read_updates(self._place.read(name))
                if len(frame):
                    return frame
        return pd.DataFrame()

    def _json(self, file: str) -> dict[str, Any]:
        name = self._named(file)
        if name is None:
            return {}
        try:
            values = json.loads(self._place.read(name))
        except (ValueError, RecursionError) as error:
            self._notes.append(f"{name} cannot be read ({error}); what it tells is left out.")
            return {}
        return values if isinstance(values, dict) else {}

    def _named(self, file: str) -> str | None:
        """The file of this name that lies least deep."""
        names = [name for name in self._place.names if name.rpartition("/")[2] == file]
        return min(names, key=lambda name: (name.count("/"), name), default=None)

    def _name(self) -> str:
        tops = {name.split("/")[0] for name in self._place.names}
        if not self._path.is_dir() and len(tops) == 1 and "/" in self._place.names[0]:
            return tops.pop()
        return self._path.resolve().name.split(".")[0]

    def _kind(self) -> str:
        names = self._place.names
        if self._named("progress.jsonl"):
            return "racecraft"
        if any("sim-trace/training/training-simtrace/" in name for name in names):
            return "console"
        if any("sim-trace/" in name for name in names):
            return "DeepRacer on AWS"
        if any(_TRAINING.search(name) for name in names):
            return "deepracer-for-cloud"
        return "text log" if any(_SIMULATOR.search(name) for name in names) else "trace"


def _row(line: str) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def _joined(frames: list[pd.DataFrame], *, has_streams: bool = False) -> pd.DataFrame:
    if not frames:
        return empty_steps()
    frames = sorted(frames, key=lambda frame: _place_of(frame, has_streams=has_streams))
    frame = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    frames.clear()
    if has_streams:
        frame["stream"] = frame["stream"].astype(str)
    return numbered(frame)


def _place_of(frame: pd.DataFrame, *, has_streams: bool) -> tuple[Any, ...]:
    if frame.empty:
        return ("",) if has_streams else (-1, -1)
    first = frame.iloc[0]
    return (first["stream"],) if has_streams else (first["iteration"], first["worker"])
