"""Studies asked for from outside, by the command line or by a server."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from racecraft.analysis.apart import Order
from racecraft.analysis.logs.load import Logs, load_logs
from racecraft.analysis.logs.part import part_of
from racecraft.analysis.study.losses import possible_on
from racecraft.analysis.study.report import write_comparison, write_report
from racecraft.analysis.study.study import Study, study
from racecraft.domain.car import CarSpec
from racecraft.domain.errors import RacecraftError
from racecraft.domain.limit import least_lap_ms
from racecraft.domain.randomisation import RandomisationSpec
from racecraft.domain.spec import EvaluationSpec, ModelSpec, TrainingSpec
from racecraft.domain.track import Track
from racecraft.tracks.library import load_track


def study_of(
    path: Path, tracks: Sequence[Path] = (), name: str | None = None, part: str = ""
) -> Study:
    """The study of the logs at a path.

    Args:
        path: a model's folder, a folder or an archive of logs, a trace or a text log.
        tracks: folders with track files beside those that are shipped.
        name: what to call the model; as the logs do when None.
        part: number of an iteration or name of an evaluation; everything if empty.

    Raises:
        RacecraftError: there are no logs, or they are damaged.
    """
    logs = load_logs(path)
    logs = part_of(logs.called(name) if name else logs, part)
    track = track_of(logs, tracks)
    if track is None:
        return study(logs)
    borders = (track.centre, track.inner, track.outer)
    return study(logs, borders, possible_on(track, *_design(path, logs), luck_of(path)))


def track_of(logs: Logs, tracks: Sequence[Path] = ()) -> Track | None:
    """The track of some logs, if it is known here."""
    if not logs.world:
        return None
    try:
        return load_track(logs.world, is_reversed=logs.is_reversed, folders=tuple(tracks))
    except RacecraftError:
        return None


def _design(path: Path, logs: Logs) -> tuple[CarSpec, Any]:
    """The car and the action space of a model's folder; of other logs the standard car."""
    with suppress(OSError, ValidationError):
        model = ModelSpec.model_validate_json((path / "model.json").read_bytes())
        return model.car, {"speed": {"high": model.action_space.speed_range_mps[1]}}
    return CarSpec(), logs.action_space


def luck_of(path: Path) -> RandomisationSpec:
    """The widest luck that was drawn for laps of a model's folder; none for other logs."""
    found = [RandomisationSpec()]
    with suppress(OSError, ValidationError):
        training = TrainingSpec.model_validate_json((path / "training.json").read_bytes())
        found.append(training.randomisation)
    for file in path.glob("evaluation-*/evaluation.json"):
        with suppress(OSError, ValueError, KeyError, TypeError):
            asked = json.loads(file.read_bytes())["evaluation"]
            found.append(EvaluationSpec.model_validate(asked).randomisation)
    return min(found, key=lambda each: least_lap_ms(1.0, each))


def make_report(order: Order) -> Order:
    """Study what a server asks for, and write the report.

    Args:
        order: `subjects`, each with `path`, `name` and `part`; `target`, the folder of the report;
            `tracks`, the folder of imported tracks. Several subjects are compared.
    """
    tracks, target = (Path(order["tracks"]),), Path(order["target"])
    studies = [
        study_of(Path(each["path"]), tracks, each["name"] or None, each["part"])
        for each in order["subjects"]
    ]
    if len(studies) == 1:
        write_report(studies[0], target)
    else:
        write_comparison(studies, target)
    return {}
