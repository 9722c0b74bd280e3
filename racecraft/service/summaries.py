"""What models there are and how far they are.

The status of a model is never stored, but read off from the files in its folder and from who
holds its lock, so it cannot be out of date.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from racecraft.domain.errors import RacecraftError
from racecraft.domain.spec import ModelSpec
from racecraft.service.files import read_text, size_of
from racecraft.service.locks import current_work
from racecraft.service.models import (
    ERROR_FILE,
    REWARD_FILE,
    load_model,
    load_training,
    model_names,
)

if TYPE_CHECKING:
    from racecraft.service.settings import Settings


PROGRESS_FILE = "progress.jsonl"


class ModelStatus(StrEnum):
    """What can be done with a model; READY ones can be evaluated, raced and cloned."""

    CREATED = "CREATED"
    TRAINING = "TRAINING"
    EVALUATING = "EVALUATING"
    RANKING = "RANKING"
    READY = "READY"
    ERROR = "ERROR"


@dataclass(frozen=True)
class ModelSummary:
    """One row of the list of models."""

    name: str
    status: ModelStatus
    description: str
    network: str
    sensors: tuple[str, ...]
    actions: str
    """The action space in a few words."""
    tracks: tuple[str, ...]
    iterations: int
    """Iterations whose checkpoints can be used are listed by `racecraft models checkpoints`."""
    created_at_s: float
    """Seconds since 1970."""
    size_bytes: int
    folder: Path
    problem: str | None = None
    """Why the status is ERROR."""


def summarise(folder: Path) -> ModelSummary:
    """One row about the model in a folder; a damaged one is a row with status ERROR."""
    model, training, problem = ModelSpec(), None, None
    try:
        model, training = load_model(folder), load_training(folder)
    except RacecraftError as error:
        problem = str(error)
    work = current_work(folder)
    if work is None and problem is None and not checkpoint_iterations(folder):
        problem = _last_error(folder)
    return ModelSummary(
        name=folder.name,
        status=_status(folder, work, problem),
        description=model.description,
        network=model.network.value if problem is None else "",
        sensors=tuple(sensor.value for sensor in model.sensors) if problem is None else (),
        actions=model.action_space.summary if problem is None else "",
        tracks=tuple(str(track) for track in training.tracks) if training else (),
        iterations=len(read_progress(folder)),
        created_at_s=_created_at_s(folder),
        size_bytes=size_of(folder),
        folder=folder,
        problem=problem,
    )


def list_models(settings: Settings) -> list[ModelSummary]:
    """All models, newest first."""
    rows = []
    for name in model_names(settings):
        try:
            rows.append(summarise(settings.models / name))
        except OSError:  # deleted or renamed by someone else while we looked
            continue
    return sorted(rows, key=lambda row: row.created_at_s, reverse=True)


def checkpoint_iterations(folder: Path) -> list[int]:
    """Iterations of the checkpoints that the model has, in order."""
    return sorted(
        int(checkpoint.parent.name)
        for checkpoint in (folder / "checkpoints").glob("*/checkpoint.json")
        if checkpoint.parent.name.isdecimal()
    )


def read_progress(folder: Path) -> list[dict[str, Any]]:
    """Reports of all iterations so far; a last line cut short by a crash is left out."""
    path = folder / PROGRESS_FILE
    return list(json_lines(read_text(path).splitlines())) if path.is_file() else []


def json_lines(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """What lines of JSON hold; what follows a damaged one is left out."""
    for line in lines:
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            return


def _status(folder: Path, work: str | None, problem: str | None) -> ModelStatus:
    if work is not None and work in ModelStatus.__members__:
        return ModelStatus[work]
    if problem is not None:
        return ModelStatus.ERROR
    return ModelStatus.READY if checkpoint_iterations(folder) else ModelStatus.CREATED


def _last_error(folder: Path) -> str | None:
    path = folder / ERROR_FILE
    return read_text(path).strip() if path.is_file() else None


def _created_at_s(folder: Path) -> float:
    """The reward function is written once, when the model is made."""
    path = folder / REWARD_FILE
    return path.stat().st_mtime if path.is_file() else folder.stat().st_mtime
