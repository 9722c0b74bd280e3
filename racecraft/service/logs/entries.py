"""Which file lies where in a download of logs, for each shape.

    drfc   the folder of a training with a single worker, as deepracer-for-cloud has it
    droa   the archive that DeepRacer on AWS gives: `sim-trace/`, `logs/`, `metrics/`

Both hold every trace, the tables of episodes and trials, the text logs, and the documents that say
what was trained and how.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from racecraft.domain.errors import NotFound
from racecraft.domain.spec import TrainingSpec
from racecraft.service.evaluations import Recording, list_evaluations
from racecraft.service.logs.text import head, learning_log, simulation_log, step_lines
from racecraft.service.models import REWARD_FILE, load_model, load_training
from racecraft.service.records import LOG_FILE


class Shape(StrEnum):
    """How a download of logs is laid out."""

    DRFC = "drfc"
    DROA = "droa"

    @property
    def ending(self) -> str:
        """Of the file's name."""
        return ".zip" if self is Shape.DRFC else ".tar.gz"

    @property
    def media_type(self) -> str:
        """Of the file."""
        return "application/zip" if self is Shape.DRFC else "application/gzip"


@dataclass(frozen=True)
class Entry:
    """One file of a download: copied from the model's folder, or made when it is packed."""

    path: str
    """Inside the download."""
    source: Path | Callable[[], Iterator[str]]


_SHARED = ("model/model_metadata.json", "model/deepracer_checkpoints.json")
_SETTINGS = "ip/hyperparameters.json"


def entries(folder: Path, shape: Shape) -> list[Entry]:
    """The files of a download, in order, all under one folder of the model's name.

    Raises:
        NotFound: the model has driven nothing yet.
        StorageFailed: its documents cannot be read.
    """
    model, training = load_model(folder), load_training(folder)
    traces = sorted((folder / "training-simtrace").glob("*-iteration.csv"), key=_number)
    stamps = [row.stamp for row in list_evaluations(folder)]
    if not traces and not stamps:
        raise NotFound(f"The model {folder.name!r} has driven nothing yet; train it first.")
    named = _Names(folder.name, shape)
    found = [
        *(Entry(named.trace(path.name), path) for path in traces),
        *(Entry(named.document(name), folder / name) for name in (*_SHARED, _SETTINGS)),
        Entry(named.document(REWARD_FILE), folder / REWARD_FILE),
        Entry(named.document(LOG_FILE), folder / LOG_FILE),
    ]
    if traces:
        track = str(training.tracks[0].name)
        found += [
            Entry(named.training_metrics, folder / "metrics" / "TrainingMetrics.json"),
            Entry(named.simulation_log, lambda: simulation_log(folder, model, track)),
            Entry(named.learning_log, lambda: learning_log(folder)),
        ]
    if shape is Shape.DRFC:
        text = training_params(folder.name, training)
        found.append(Entry(named.document("training_params.yaml"), lambda: iter((text,))))
    for stamp in stamps:
        found += _evaluation(Recording(folder, stamp), named)
    return [entry for entry in found if not isinstance(entry.source, Path) or _is_file(entry)]


def evaluation_log(kept: Recording) -> Iterator[str]:
    """The simulator's log of an evaluation.

    Raises:
        StorageFailed: a file is missing or damaged.
    """
    rows = [row for row in list_evaluations(kept.folder) if row.stamp == kept.stamp]
    asked = rows[0].evaluation if rows else None
    track = asked.track.name if asked else "unknown"
    yield head(kept.folder, load_model(kept.folder), track)
    yield from step_lines(kept.trace)


def training_params(name: str, training: TrainingSpec) -> str:
    """The settings of a training in the spelling of deepracer-for-cloud, all as quoted strings."""
    track, race = training.tracks[0], training.race
    values = {
        "JOB_TYPE": "TRAINING",
        "WORLD_NAME": track.name,
        "RACE_TYPE": race.type.value,
        "SAGEMAKER_SHARED_S3_PREFIX": name,
        "MODEL_METADATA_FILE_S3_KEY": f"{name}/model/model_metadata.json",
        "REWARD_FILE_S3_KEY": f"{name}/{REWARD_FILE}",
        "METRICS_S3_OBJECT_KEY": f"{name}/metrics/TrainingMetrics.json",
        "SIMTRACE_S3_PREFIX": name,
        "NUM_WORKERS": "1",
        "REVERSE_DIR": str(track.is_reversed),
        "MIN_EVAL_TRIALS": str(training.evaluation_trials),
        "BEST_MODEL_METRIC": "progress",
        "ENABLE_DOMAIN_RANDOMIZATION": str(training.randomisation.is_on),
    }
    return "".join(f'{key}: "{value}"\n' for key, value in values.items())


@dataclass(frozen=True)
class _Names:
    """Where things lie in a shape."""

    name: str
    shape: Shape

    @property
    def _is_drfc(self) -> bool:
        return self.shape is Shape.DRFC

    def document(self, path: str) -> str:
        return f"{self.name}/{path}"

    def trace(self, file: str) -> str:
        if self._is_drfc:
            return self.document(f"training-simtrace/{file}")
        return self.document(f"sim-trace/training/{self.name}/training-simtrace/{file}")

    @property
    def training_metrics(self) -> str:
        place = "TrainingMetrics" if self._is_drfc else f"training/{self.name}"
        return self.document(f"metrics/{place}.json")

    @property
    def simulation_log(self) -> str:
        word = "robomaker" if self._is_drfc else "simulation"
        return self.document(f"logs/training/{self.name}-{word}.log")

    @property
    def learning_log(self) -> str:
        word = "sagemaker" if self._is_drfc else "training"
        return self.document(f"logs/training/{self.name}-{word}.log")

    def evaluation_trace(self, stamp: str) -> str:
        place = f"evaluation-{stamp}" if self._is_drfc else f"sim-trace/evaluation/{stamp}"
        return self.document(f"{place}/evaluation-simtrace/0-iteration.csv")

    def evaluation_log(self, stamp: str) -> str:
        name = f"evaluation-{stamp}-robomaker" if self._is_drfc else f"{stamp}-simulation"
        return self.document(f"logs/evaluation/{name}.log")

    def evaluation_metrics(self, stamp: str) -> str:
        name = f"evaluation-{stamp}" if self._is_drfc else stamp
        return self.document(f"metrics/evaluation/{name}.json")


def _evaluation(kept: Recording, named: _Names) -> list[Entry]:
    if not kept.trace.is_file():
        return []
    return [
        Entry(named.evaluation_trace(kept.stamp), kept.trace),
        Entry(named.evaluation_metrics(kept.stamp), kept.metrics),
        Entry(named.evaluation_log(kept.stamp), lambda: evaluation_log(kept)),
    ]


def _is_file(entry: Entry) -> bool:
    assert isinstance(entry.source, Path)
    return entry.source.is_file() and not entry.source.is_symlink()


def _number(path: Path) -> int:
    word = path.name.removesuffix("-iteration.csv")
    return int(word) if word.isdecimal() else -1
