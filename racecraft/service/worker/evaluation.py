"""Evaluations: run one, and keep what it found."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from racecraft.domain.episode import Trial
from racecraft.domain.limit import LapLimit
from racecraft.domain.spec import EvaluationSpec, ModelSpec, TrackChoice
from racecraft.service.clones import checkpoint_folder
from racecraft.service.evaluations import keep_objects, keep_request
from racecraft.service.files import storage
from racecraft.service.limits import lap_limit
from racecraft.service.live.broadcast import MOST_FRAMES
from racecraft.service.locks import locked
from racecraft.service.models import load_model, model_folder
from racecraft.service.pictures import Pictures, draw_evaluation
from racecraft.service.stamps import free_stamp
from racecraft.service.worker.imported_tracks import with_imported_track

if TYPE_CHECKING:
    from racecraft.service.live.broadcast import Broadcaster
    from racecraft.service.settings import Settings
    from racecraft.training.evaluate import EvaluationResult


@dataclasses.dataclass(frozen=True)
class EvaluationOutcome:
    """What an evaluation found, and the files that show it."""

    name: str
    folder: Path
    trials: tuple[Trial, ...]
    files: tuple[Path, ...]
    limit: LapLimit

    @property
    def is_clean(self) -> bool:
        """Every trial was a full lap without a reset."""
        return all(trial.is_clean for trial in self.trials)


def evaluate_model(
    settings: Settings,
    name: str,
    evaluation: EvaluationSpec,
    *,
    pictures: Pictures = Pictures.FILM,
    broadcaster: Broadcaster | None = None,
    on_lap: Callable[[Trial], None] | None = None,
) -> EvaluationOutcome:
    """Let a model's greedy policy drive, and keep trace, metrics, picture and film.

    Args:
        settings: where the model is.
        name: of the model.
        evaluation: what it drives.
        pictures: what is drawn of the laps.
        broadcaster: shows what was driven to those who watch.
        on_lap: called with each lap as it ends; may raise, and then nothing is kept.

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
        pictures=pictures,
        broadcaster=broadcaster,
        on_lap=on_lap,
    )


def evaluate_folder(
    settings: Settings,
    folder: Path,
    evaluation: EvaluationSpec,
    *,
    pictures: Pictures = Pictures.FILM,
    broadcaster: Broadcaster | None = None,
    on_lap: Callable[[Trial], None] | None = None,
) -> EvaluationOutcome:
    """`evaluate_model` for a folder with a model and checkpoints, wherever it is."""
    checkpoint = checkpoint_folder(folder, evaluation.checkpoint)
    with locked(folder, "EVALUATING"), storage(folder):
        from racecraft.tracks.library import load_track
        from racecraft.training.artifacts import write_evaluation
        from racecraft.training.evaluate import evaluate

        driven = with_imported_track(settings, evaluation)
        model = load_model(folder)
        wants_frames = broadcaster is not None and bool(broadcaster.wanted.cars)
        result = evaluate(
            model,
            checkpoint,
            driven,
            most_frames=MOST_FRAMES if wants_frames else 0,
            explains=broadcaster is not None and bool(broadcaster.wanted.explained),
            on_lap=on_lap,
        )
        if broadcaster is not None:
            _show(broadcaster, model, result)
        track = load_track(driven.track.name, is_reversed=driven.track.is_reversed)
        with _evaluation_files(folder) as (stamp, files):
            write_evaluation(folder, stamp, result.steps, result.trials)
            passed = [trial.overtakes for trial in result.trials]
            limit = lap_limit(settings, evaluation.track, model)
            keep_request(folder, stamp, evaluation, int(checkpoint.name), passed, limit)
            keep_objects(folder, stamp, result.objects)
            shown = draw_evaluation(
                folder, track, result.trials, result.steps, result.objects, pictures
            )
    return EvaluationOutcome(
        name=folder.name,
        folder=folder,
        trials=result.trials,
        files=(*shown, *files),
        limit=limit,
    )


def drive_evaluation(
    settings: Settings, folder: Path, evaluation: EvaluationSpec
) -> EvaluationResult:
    """What `evaluate_folder` drives, without keeping anything."""
    from racecraft.training.evaluate import evaluate

    checkpoint = checkpoint_folder(folder, evaluation.checkpoint)
    return evaluate(load_model(folder), checkpoint, with_imported_track(settings, evaluation))


def _show(broadcaster: Broadcaster, model: ModelSpec, result: EvaluationResult) -> None:
    from racecraft.training.scenes import scenes_of_steps

    nose_m = model.car.nose_m
    broadcaster.record(
        scenes_of_steps(result.steps, result.objects, result.frames, result.maps, nose_m)
    )


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
        yield track, evaluate_model(settings, name, on_track, pictures=Pictures.NONE)


@contextmanager
def _evaluation_files(folder: Path) -> Iterator[tuple[str, tuple[Path, Path]]]:
    """Stamp, trace and metrics of a new evaluation; they go again if the block fails."""
    stamp = free_stamp(lambda stamp: (folder / f"evaluation-{stamp}").exists())
    place = folder / f"evaluation-{stamp}"
    metrics = folder / "metrics" / "evaluation" / f"evaluation-{stamp}.json"
    try:
        yield stamp, (place / "evaluation-simtrace" / "0-iteration.csv", metrics)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        metrics.unlink(missing_ok=True)
        raise
