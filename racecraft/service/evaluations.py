"""Past evaluations of a model: what was asked, what came of it, and every lap to be drawn.

An evaluation is known by the fourteen digits of its time. Beside the files that other tools
know, its folder holds `evaluation.json`, what was asked, and `objects.safetensors`, what was on
the road; evaluations of older versions lack them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from racecraft.domain.errors import NotFound, StorageFailed
from racecraft.domain.limit import LapLimit
from racecraft.domain.spec import EvaluationSpec
from racecraft.service.files import read_text, storage, write_bytes, write_whole
from racecraft.service.stamps import is_stamp

REQUEST_FILE = "evaluation.json"
OBJECTS_FILE = "objects.safetensors"
_CLEAN = "Lap complete"


class TrialRow(BaseModel):
    """One lap of an evaluation, as lap tables show it."""

    trial: int
    status: str
    time_ms: int
    completion_percent: float
    off_track_count: int = 0
    crash_count: int = 0
    reversed_count: int = 0
    immobilized_count: int = 0
    reset_count: int = 0
    overtakes: int = 0
    """Bot cars that were passed."""
    times_limit: float | None = None
    """A complete lap over the physical limit of the car; None if that is not known."""
    times_own_limit: float | None = None
    """The same over the limit at the top speed of the model's actions."""
    is_impossible: bool = False
    """It is faster than physics allows: a defect, which counts for nothing."""

    @property
    def is_lap(self) -> bool:
        """It came all the way round, and not faster than physics allows."""
        return self.status == _CLEAN and not self.is_impossible

    @property
    def is_clean(self) -> bool:
        """It did so without a reset."""
        return self.is_lap and self.reset_count == 0


class EvaluationRow(BaseModel):
    """One past evaluation."""

    stamp: str
    """When it began: year, month, day, hour, minute and second in UTC."""
    evaluation: EvaluationSpec | None
    """What was asked; None for evaluations of versions that did not keep it."""
    iteration: int | None
    """Of the checkpoint that drove."""
    trials: list[TrialRow]
    clean_laps: int
    best_lap_ms: int | None
    """Of the complete laps."""
    mean_completion_percent: float
    limit: LapLimit | None = None
    """How fast the track can be driven at all; None for evaluations of older versions."""


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    evaluation: EvaluationSpec
    iteration: int = Field(ge=0)
    overtakes: tuple[int, ...] = ()
    """Of each lap; the files that other tools know have no place for them."""
    limit: LapLimit | None = None


@dataclass(frozen=True)
class Recording:
    """The files of one evaluation."""

    folder: Path
    """Of the model."""
    stamp: str

    @property
    def place(self) -> Path:
        """Folder of the evaluation."""
        return self.folder / f"evaluation-{self.stamp}"

    @property
    def trace(self) -> Path:
        """Every step of it, as CSV."""
        return self.place / "evaluation-simtrace" / "0-iteration.csv"

    @property
    def metrics(self) -> Path:
        """Its table of trials."""
        return self.folder / "metrics" / "evaluation" / f"evaluation-{self.stamp}.json"


def keep_request(
    folder: Path,
    stamp: str,
    evaluation: EvaluationSpec,
    iteration: int,
    overtakes: Sequence[int] = (),
    limit: LapLimit | None = None,
) -> None:
    """Write down what was asked, which checkpoint drove, whom it passed, and what is possible.

    Args:
        folder: of the model.
        stamp: of the evaluation.
        evaluation: what was asked.
        iteration: of the checkpoint.
        overtakes: bot cars that were passed in each lap.
        limit: how fast the track can be driven.

    Raises:
        StorageFailed: the folder cannot be written.
    """
    passed = tuple(overtakes) if any(overtakes) else ()
    asked = _Asked(evaluation=evaluation, iteration=iteration, overtakes=passed, limit=limit)
    path = Recording(folder, stamp).place / REQUEST_FILE
    write_whole(path, asked.model_dump_json(indent=2) + "\n")


def keep_objects(folder: Path, stamp: str, objects: Sequence[NDArray[np.float64]]) -> None:
    """Write down what was on the road in each step of each lap, if anything was.

    Args:
        folder: of the model.
        stamp: of the evaluation.
        objects: for each lap (rows, O, 4) x, y (m), yaw (rad) and kind.

    Raises:
        StorageFailed: the folder cannot be written.
    """
    if any(lap.shape[1] for lap in objects):
        laps = {str(lap): poses.astype(np.float32) for lap, poses in enumerate(objects)}
        write_bytes(Recording(folder, stamp).place / OBJECTS_FILE, save(laps))


def list_evaluations(folder: Path) -> list[EvaluationRow]:
    """All evaluations of a model, newest first.

    Raises:
        StorageFailed: a file cannot be read.
    """
    stamps = (path.stem.removeprefix("evaluation-") for path in _metrics(folder).glob("*.json"))
    found = sorted(filter(is_stamp, stamps), reverse=True)
    return [_row(Recording(folder, stamp)) for stamp in found]


def view_evaluation(folder: Path, stamp: str) -> EvaluationRow:
    """One evaluation of a model.

    Raises:
        NotFound: there is none with this stamp.
        StorageFailed: a file cannot be read.
    """
    return _row(recording(folder, stamp))


def recording(folder: Path, stamp: str) -> Recording:
    """The files of an evaluation that is there.

    Raises:
        NotFound: there is none with this stamp.
    """
    found = Recording(folder, stamp)
    if not is_stamp(stamp) or not found.metrics.is_file():
        raise NotFound(
            f"There is no evaluation {stamp[:40]!r} of this model; look at the list of its "
            "evaluations."
        )
    return found


def objects_of(kept: Recording) -> dict[int, NDArray[np.float64]]:
    """For each lap (rows, O, 4) x, y (m), yaw (rad) and kind of what was on its road.

    Raises:
        StorageFailed: the file cannot be read.
    """
    path = kept.place / OBJECTS_FILE
    if not path.is_file():
        return {}
    try:
        with storage(path):
            laps = load_file(path)
        return {int(name): np.asarray(poses, np.float64) for name, poses in laps.items()}
    except (SafetensorError, ValueError) as error:
        raise StorageFailed(f"{path} is damaged ({error}); evaluate the model again.") from error


def _metrics(folder: Path) -> Path:
    return folder / "metrics" / "evaluation"


def _row(kept: Recording) -> EvaluationRow:
    asked = _asked(kept)
    trials = _trials(kept, asked.overtakes if asked else ())
    if asked is not None and asked.limit is not None:
        trials = [measured(trial, asked.limit, asked.evaluation) for trial in trials]
    laps = [trial.time_ms for trial in trials if trial.is_lap]
    far = [trial.completion_percent for trial in trials]
    return EvaluationRow(
        stamp=kept.stamp,
        evaluation=asked.evaluation if asked else None,
        iteration=asked.iteration if asked else None,
        trials=trials,
        clean_laps=sum(trial.is_clean for trial in trials),
        best_lap_ms=min(laps, default=None),
        mean_completion_percent=sum(far) / len(far) if far else 0.0,
        limit=asked.limit if asked else None,
    )


def measured(trial: TrialRow, limit: LapLimit, evaluation: EvaluationSpec) -> TrialRow:
    """A lap with what it is against the limit."""
    if not trial.is_lap:
        return trial
    update = {
        "times_limit": limit.times(trial.time_ms),
        "times_own_limit": limit.times_own(trial.time_ms),
        "is_impossible": limit.is_impossible(trial.time_ms, evaluation.randomisation),
    }
    return trial.model_copy(update=update)


def _asked(kept: Recording) -> _Asked | None:
    path = kept.place / REQUEST_FILE
    if not path.is_file():
        return None
    try:
        return _Asked.model_validate_json(read_text(path))
    except ValidationError:  # of a newer version: its laps can still be shown
        return None


def _trials(kept: Recording, overtakes: Sequence[int]) -> list[TrialRow]:
    try:
        items: list[dict[str, Any]] = json.loads(read_text(kept.metrics))["metrics"]
        passed = [*overtakes, *[0] * len(items)]
        return [trial_row(item, count) for item, count in zip(items, passed, strict=False)]
    except (ValueError, KeyError, TypeError) as error:
        raise StorageFailed(
            f"{kept.metrics} is damaged ({type(error).__name__}: {error}); evaluate the model "
            "again."
        ) from error


def laps_so_far(report: Mapping[str, Any]) -> list[TrialRow]:
    """The laps that an evaluation under way has told of, in the order of the trials."""
    rows = [trial_row(item) for item in report.get("laps", ())]
    return sorted(rows, key=lambda row: row.trial)


def trial_row(item: dict[str, Any], overtakes: int = 0) -> TrialRow:
    """A lap as lap tables show it, from its place in the metrics of an evaluation."""
    shared = {name: item[name] for name in TrialRow.model_fields if name in item}
    return TrialRow(
        **{"overtakes": overtakes, **shared},
        status=item["episode_status"],
        time_ms=item["elapsed_time_in_milliseconds"],
        completion_percent=item["completion_percentage"],
    )
