"""Trainings: run one, and keep its records while it runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from racecraft.domain.errors import InvalidInput, RacecraftError
from racecraft.service.files import read_text, storage, storage_failed, write_whole
from racecraft.service.guides import keep_racing_lines
from racecraft.service.interrupts import remembering_interrupts
from racecraft.service.isolation import refuse_without_isolation
from racecraft.service.locks import locked
from racecraft.service.models import (
    ERROR_FILE,
    INITIAL_FOLDER,
    REWARD_FILE,
    load_model,
    load_training,
    model_folder,
)
from racecraft.service.pictures import draw_training, prepare_pictures
from racecraft.service.records import LOG_FILE, Records
from racecraft.service.summaries import read_progress
from racecraft.service.worker.imported_tracks import with_imported_tracks

if TYPE_CHECKING:
    from racecraft.service.settings import Settings
    from racecraft.training.report import IterationReport

Listener = Callable[["IterationReport"], None]


@dataclasses.dataclass(frozen=True)
class TrainingOutcome:
    """What a training that came to its end left behind."""

    name: str
    folder: Path
    training_s: float
    env_steps: int
    iterations: int
    best_iteration: int
    is_clean: bool
    stop_reason: str
    files: tuple[Path, ...]
    tracks: tuple[dict[str, Any], ...] = ()
    """How the best checkpoint drove each of several tracks, as in `progress.jsonl`."""


def train_model(
    settings: Settings, name: str, *, on_report: Listener, resume: bool = False
) -> TrainingOutcome:
    """Train a model until its stop condition is met.

    Whatever ends the training early, also KeyboardInterrupt, the last complete iteration is
    kept and `resume` goes on from it.

    Args:
        settings: where the model is.
        name: of the model.
        on_report: called after every iteration.
        resume: go on from the newest saved state instead of starting.

    Raises:
        Conflict: someone else works on the model.
        RacecraftError: the training failed; the sentence is kept in the model's folder too.
    """
    folder = model_folder(settings, name)
    with locked(folder, "TRAINING"), storage(folder):
        (folder / ERROR_FILE).unlink(missing_ok=True)
        try:
            refuse_without_isolation(settings)
            return _train(settings, folder, on_report, resume=resume)
        except (RacecraftError, OSError) as error:
            failure = storage_failed(error, folder) if isinstance(error, OSError) else error
            _keep_failure(folder, failure)
            raise failure from error


def _train(
    settings: Settings, folder: Path, on_report: Listener, *, resume: bool
) -> TrainingOutcome:
    from racecraft.training.algorithms import train

    initial = folder / INITIAL_FOLDER
    model, training = load_model(folder), load_training(folder)
    source = read_text(folder / REWARD_FILE)
    keep_racing_lines(settings, folder, model, training.tracks, source, resume=resume)
    reports = train(
        model,
        with_imported_tracks(settings, training),
        reward_source=source,
        folder=folder,
        initial=initial if initial.is_dir() else None,
        resume=resume,
    )
    report = None
    with closing(cast("Generator[IterationReport]", reports)), Records(folder) as records:
        records.say(f"training of {folder.name} {'goes on' if resume else 'starts'}")
        with records.telling_the_end(), remembering_interrupts() as check:
            for report in reports:
                records.keep(report.as_json(), report.printed)
                prepare_pictures()  # all that learning needs is imported by now
                on_report(report)
                check()
        if report is None:
            raise InvalidInput(
                f"The training of {folder.name!r} had nothing to do: its stop condition is met "
                "already. Give it more time, steps or laps."
            )
        records.say(f"ended: {report.stop_reason}")
    return _outcome(folder, report)


def _outcome(folder: Path, report: IterationReport) -> TrainingOutcome:
    return TrainingOutcome(
        name=folder.name,
        folder=folder,
        training_s=report.training_s,
        env_steps=report.env_steps,
        iterations=report.iteration + 1,
        best_iteration=report.best_iteration,
        is_clean=report.is_clean,
        stop_reason=report.stop_reason or "the training came to its end",
        files=(draw_training(folder), folder / LOG_FILE),
        tracks=_tracks_of(folder, report.best_iteration),
    )


def _tracks_of(folder: Path, iteration: int) -> tuple[dict[str, Any], ...]:
    """The records of each track in an iteration; nothing for a training on one track."""
    rows = (row for row in read_progress(folder) if row["iteration"] == iteration)
    return tuple(next(rows, {}).get("tracks", ()))


def _keep_failure(folder: Path, error: RacecraftError) -> None:
    """Leave the sentence for whoever looks at the model later; the disk may be full just now."""
    with suppress(RacecraftError):
        write_whole(folder / ERROR_FILE, f"{error}\n")
