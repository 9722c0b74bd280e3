"""Imported tracks: where a document names one, its file takes the place of the name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.domain.spec import EvaluationSpec, TrackChoice, TrainingSpec

if TYPE_CHECKING:
    from racecraft.service.settings import Settings


def with_imported_tracks(settings: Settings, training: TrainingSpec) -> TrainingSpec:
    """The same training with the names of imported tracks replaced by their files."""
    tracks = tuple(_imported(settings, track) for track in training.tracks)
    return training.model_copy(update={"tracks": tracks})


def with_imported_track(settings: Settings, evaluation: EvaluationSpec) -> EvaluationSpec:
    return evaluation.model_copy(update={"track": _imported(settings, evaluation.track)})


def _imported(settings: Settings, track: TrackChoice) -> TrackChoice:
    from racecraft.tracks.library import shipped_names

    file = settings.tracks / f"{track.name}.npy"
    if track.name in shipped_names() or "/" in track.name or not file.is_file():
        return track
    return track.model_copy(update={"name": str(file)})
