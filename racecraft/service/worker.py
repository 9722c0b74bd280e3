"""Trainings and evaluations: run one, and keep its records while it runs.

This is the one door from the records to learning. Learning, pictures and films are imported
inside the functions, so that a command that needs none of them starts at once.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from racecraft.domain.episode import Trial
from racecraft.domain.errors import InvalidInput, RacecraftError
from racecraft.domain.spec import EvaluationSpec, ModelSpec, TrackChoice, TrainingSpec
from racecraft.service.clones import checkpoint_folder
from racecraft.service.evaluations import keep_objects, keep_request
from racecraft.service.files import read_text, storage, storage_failed, write_whole
from racecraft.service.interrupts import remembering_interrupts
from racecraft.service.isolation import refuse_without_isolation
from racecraft.service.live.broadcast import MOST_FRAMES
from racecraft.service.locks import locked
from racecraft.service.models import (
    ERROR_FILE,
    INITIAL_FOLDER,
    REWARD_FILE,
    load_model,
    load_training,
    model_folder,
)
from racecraft.service.pictures import draw_evaluation, draw_training, prepare_pictures
from racecraft.service.records import LOG_FILE, Records
from racecraft.service.summaries import read_progress

if TYPE_CHECKING:
    from racecraft.service.live.broadcast import Broadcaster
    from racecraft.service.settings import Settings
    from racecraft.training.evaluate import EvaluationResult
    from racecraft.training.report import IterationReport

__all__ = [
    "EvaluationOutcome",
    "IterationReport",
    "Listener",
    "TrainingOutcome",
    "evaluate_model",
    "train_model",
]

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


@dataclasses.dataclass(frozen=True)
class EvaluationOutcome:
    """What an evaluation found, and the files that show it."""

    name: str
    folder: Path
    trials: tuple[Trial, ...]
    files: tuple[Path, ...]

    @property
    def is_clean(self) -> bool:
        """Every trial was a full lap without a reset."""
        return all(trial.is_clean for trial in self.trials)


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
    reports = train(
        load_model(folder),
        with_imported_tracks(settings, load_training(folder)),
        reward_source=read_text(folder / REWARD_FILE),
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


def evaluate_model(
    settings: Settings,
    name: str,
    evaluation: EvaluationSpec,
    *,
    draws_pictures: bool = True,
    draws_replay: bool = True,
    broadcaster: Broadcaster | None = None,
) -> EvaluationOutcome:
    """Let a model's greedy policy drive, and keep trace, metrics, picture and film.

    Args:
        settings: where the model is.
        name: of the model.
        evaluation: what it drives.
        draws_pictures: draw the driven lines.
        draws_replay: and make a film of the best lap beside that picture.
        broadcaster: shows what was driven to those who watch.

    Raises:
        InvalidInput: the model has not learnt anything yet.
        InvalidSpec: the boxes do not fit on the track.
        Conflict: someone else works on the model.
        StorageFailed: the results cannot be written.
    """
    return evaluate_folder(
        settings,
        model_folder(settings, name),
        evaluation,
        draws_pictures=draws_pictures,
        draws_replay=draws_replay,
        broadcaster=broadcaster,
    )


def evaluate_folder(
    settings: Settings,
    folder: Path,
    evaluation: EvaluationSpec,
    *,
    draws_pictures: bool = True,
    draws_replay: bool = True,
    broadcaster: Broadcaster | None = None,
) -> EvaluationOutcome:
    """`evaluate_model` for a folder with a model and checkpoints, wherever it is."""
    checkpoint = checkpoint_folder(folder, evaluation.checkpoint)
    with locked(folder, "EVALUATING"), storage(folder):
        from racecraft.tracks.library import load_track
        from racecraft.training.artifacts import write_evaluation
        from racecraft.training.evaluate import evaluate

        driven = _with_imported_track(settings, evaluation)
        model = load_model(folder)
        wants_frames = broadcaster is not None and bool(broadcaster.wanted.cars)
        most_frames = MOST_FRAMES if wants_frames else 0
        result = evaluate(model, checkpoint, driven, most_frames=most_frames)
        if broadcaster is not None:
            _show(broadcaster, model, result)
        track = load_track(driven.track.name, is_reversed=driven.track.is_reversed)
        with _evaluation_files(folder) as (stamp, files):
            write_evaluation(folder, stamp, result.steps, result.trials)
            passed = [trial.overtakes for trial in result.trials]
            keep_request(folder, stamp, evaluation, int(checkpoint.name), passed)
            keep_objects(folder, stamp, result.objects)
            shown: tuple[Path, ...] = ()
            if draws_pictures:
                shown = draw_evaluation(
                    folder,
                    track,
                    result.trials,
                    result.steps,
                    result.objects,
                    draws_replay=draws_replay,
                )
    return EvaluationOutcome(
        name=folder.name, folder=folder, trials=result.trials, files=(*shown, *files)
    )


def _show(broadcaster: Broadcaster, model: ModelSpec, result: EvaluationResult) -> None:
    from racecraft.training.scenes import scenes_of_steps

    nose_m = model.car.nose_m
    broadcaster.record(scenes_of_steps(result.steps, result.objects, result.frames, nose_m))


def evaluate_on(
    settings: Settings, name: str, evaluation: EvaluationSpec, tracks: Sequence[TrackChoice]
) -> Iterator[tuple[TrackChoice, EvaluationOutcome]]:
    """The same evaluation on one track after the other, without pictures.

    Yields:
        Each track and what was driven on it: the same laps as in an evaluation on it alone.

    Raises:
        Those of `evaluate_model`; unknown tracks, and boxes that do not fit, are refused before the
        first lap.
    """
    from racecraft.tracks.library import load_track

    roads = [
        load_track(track.name, is_reversed=track.is_reversed, folders=(settings.tracks,))
        for track in tracks
    ]
    evaluation.race.refuse_crowded(roads)
    for track in tracks:
        on_track = evaluation.model_copy(update={"track": track})
        yield track, evaluate_model(settings, name, on_track, draws_pictures=False)


@contextmanager
def _evaluation_files(folder: Path) -> Iterator[tuple[str, tuple[Path, Path]]]:
    """Stamp, trace and metrics of a new evaluation; they go again if the block fails."""
    stamp = _stamp(folder)
    place = folder / f"evaluation-{stamp}"
    metrics = folder / "metrics" / "evaluation" / f"evaluation-{stamp}.json"
    try:
        yield stamp, (place / "evaluation-simtrace" / "0-iteration.csv", metrics)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        metrics.unlink(missing_ok=True)
        raise


def _stamp(folder: Path) -> str:
    """Fourteen digits that no other evaluation of the model has: now, or the next free second."""
    moment = datetime.now(UTC)
    while (folder / f"evaluation-{moment:%Y%m%d%H%M%S}").exists():
        moment += timedelta(seconds=1)
    return f"{moment:%Y%m%d%H%M%S}"


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


def with_imported_tracks(settings: Settings, training: TrainingSpec) -> TrainingSpec:
    """The same training with the names of imported tracks replaced by their files."""
    tracks = tuple(_imported(settings, track) for track in training.tracks)
    return training.model_copy(update={"tracks": tracks})


def _with_imported_track(settings: Settings, evaluation: EvaluationSpec) -> EvaluationSpec:
    return evaluation.model_copy(update={"track": _imported(settings, evaluation.track)})


def _imported(settings: Settings, track: TrackChoice) -> TrackChoice:
    from racecraft.tracks.library import shipped_names

    file = settings.tracks / f"{track.name}.npy"
    if track.name in shipped_names() or "/" in track.name or not file.is_file():
        return track
    return track.model_copy(update={"name": str(file)})
