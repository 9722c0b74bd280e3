"""Rankings of a model's checkpoints: each drives the same laps, and the best comes first.

A ranking is a file of the model, `rankings/<stamp>.json`, and grows with every checkpoint that has
driven; so one that was stopped tells what it found until then.
"""

from __future__ import annotations

import csv
import io
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, computed_field

from racecraft.domain.episode import Trial
from racecraft.domain.errors import NotFound, StorageFailed
from racecraft.domain.limit import LapLimit
from racecraft.domain.spec import EvaluationSpec
from racecraft.service.evaluations import TrialRow, measured, trial_row
from racecraft.service.files import read_text, write_whole
from racecraft.service.stamps import is_stamp

FOLDER = "rankings"
COLUMNS = (
    "rank",
    "iteration",
    "laps",
    "complete_laps",
    "clean_laps",
    "completion_percent",
    "best_lap_ms",
    "median_lap_ms",
    "off_track_count",
    "crash_count",
)


class RankedCheckpoint(BaseModel):
    """What one checkpoint drove."""

    model_config = ConfigDict(frozen=True)

    iteration: int
    trials: tuple[TrialRow, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def laps(self) -> int:
        """How many it was to drive."""
        return len(self.trials)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def complete_laps(self) -> int:
        """Laps that came all the way round."""
        return sum(trial.is_lap for trial in self.trials)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def clean_laps(self) -> int:
        """Laps without a reset."""
        return sum(trial.is_clean for trial in self.trials)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def completion_percent(self) -> float:
        """Mean of how far it came."""
        far = [trial.completion_percent for trial in self.trials]
        return sum(far) / len(far) if far else 0.0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def best_lap_ms(self) -> int | None:
        """Of the complete laps; resets cost time."""
        return min(self._times_ms, default=None)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def median_lap_ms(self) -> int | None:
        """Of the complete laps."""
        return round(statistics.median(self._times_ms)) if self._times_ms else None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def off_track_count(self) -> int:
        """How often it left the road."""
        return sum(trial.off_track_count for trial in self.trials)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def crash_count(self) -> int:
        """How often it ran into something."""
        return sum(trial.crash_count for trial in self.trials)

    @property
    def order(self) -> tuple[float, ...]:
        """Smaller is better: clean laps, then how far, then the median time, then the older one."""
        median = float("inf") if self.median_lap_ms is None else self.median_lap_ms
        return -self.clean_laps, -round(self.completion_percent, 2), median, self.iteration

    @property
    def _times_ms(self) -> list[int]:
        return [trial.time_ms for trial in self.trials if trial.is_lap]


class Ranking(BaseModel):
    """The checkpoints of a model, the best first."""

    model_config = ConfigDict(frozen=True)

    stamp: str
    """When it began: year, month, day, hour, minute and second in UTC."""
    evaluation: EvaluationSpec
    """What each of them drove; `checkpoint` says nothing here."""
    asked: tuple[int, ...]
    """Iterations that were to drive."""
    checkpoints: tuple[RankedCheckpoint, ...] = ()
    """Those that did, the best first."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def is_whole(self) -> bool:
        """Whether all have driven."""
        return len(self.checkpoints) == len(self.asked)

    def with_driven(self, iteration: int, trials: Sequence[Trial], limit: LapLimit) -> Ranking:
        """The same with one more that has driven.

        Args:
            iteration: of the checkpoint.
            trials: what it drove.
            limit: how fast the track can be driven; faster laps count for nothing.
        """
        rows = tuple(trial_row(trial.metrics_item, trial.overtakes) for trial in trials)
        rows = tuple(
            measured(
                row.model_copy(update={"completion_percent": trial.completion_percent}),
                limit,
                self.evaluation,
            )
            for row, trial in zip(rows, trials, strict=True)
        )
        driven = [*self.checkpoints, RankedCheckpoint(iteration=iteration, trials=rows)]
        return self.model_copy(
            update={"checkpoints": tuple(sorted(driven, key=lambda each: each.order))}
        )

    def rows(self) -> list[dict[str, Any]]:
        """A dictionary a checkpoint, with the names of `COLUMNS`."""
        return [
            {"rank": place, **{name: getattr(each, name) for name in COLUMNS[1:]}}
            for place, each in enumerate(self.checkpoints, start=1)
        ]

    def csv_text(self) -> str:
        """The table for a spreadsheet."""
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for row in self.rows():
            writer.writerow({**row, "completion_percent": f"{row['completion_percent']:.6g}"})
        return text.getvalue()


def keep_ranking(folder: Path, ranking: Ranking) -> None:
    """Write a ranking into the folder of its model.

    Raises:
        StorageFailed: the folder cannot be written.
    """
    path = _path(folder, ranking.stamp)
    path.parent.mkdir(exist_ok=True)
    kept = ranking.model_dump_json(exclude={"checkpoints": {"__all__": _WORKED_OUT}}, indent=1)
    write_whole(path, kept + "\n")


def list_rankings(folder: Path) -> list[Ranking]:
    """All rankings of a model, newest first.

    Raises:
        StorageFailed: one cannot be read.
    """
    stamps = filter(is_stamp, (path.stem for path in (folder / FOLDER).glob("*.json")))
    return [_read(_path(folder, stamp)) for stamp in sorted(stamps, reverse=True)]


def view_ranking(folder: Path, stamp: str) -> Ranking:
    """One ranking of a model.

    Raises:
        NotFound: there is none with this stamp.
        StorageFailed: it cannot be read.
    """
    path = _path(folder, stamp)
    if not is_stamp(stamp) or not path.is_file():
        raise NotFound(
            f"There is no ranking {stamp[:40]!r} of this model; look at the list of its rankings."
        )
    return _read(path)


def is_stamp_taken(folder: Path, stamp: str) -> bool:
    """Whether a model has a ranking of that time."""
    return _path(folder, stamp).exists()


_WORKED_OUT = set(RankedCheckpoint.model_computed_fields)


def _path(folder: Path, stamp: str) -> Path:
    return folder / FOLDER / f"{stamp}.json"


def _read(path: Path) -> Ranking:
    try:
        found = Ranking.model_validate_json(read_text(path))
    except ValidationError as error:
        raise StorageFailed(
            f"{path} is damaged ({error.error_count()} faults); delete it, and rank the model "
            "again."
        ) from error
    return found.model_copy(update={"stamp": path.stem})  # an imported file may tell anything
