"""Downloads of logs for people of a service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from racecraft.service.access import Actor, Operation
from racecraft.service.collection import view_model
from racecraft.service.evaluations import recording
from racecraft.service.logs.entries import Shape, entries, evaluation_log
from racecraft.service.logs.packing import packed
from racecraft.service.logs.text import simulation_log
from racecraft.service.model_folders import folder_of
from racecraft.service.models import load_model, load_training

if TYPE_CHECKING:
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store


def logs_for(
    store: Store, settings: Settings, actor: Actor, model_id: str, shape: Shape
) -> tuple[str, Iterator[bytes]]:
    """Name of a download of a model's logs, and its bytes; also while a job is under way.

    Raises:
        NotFound: there is no such model, it is somebody else's, or it has driven nothing yet.
        Forbidden: the actor may see it but not download it.
    """
    folder = _folder(store, settings, actor, model_id)
    return f"{folder.name}-logs{shape.ending}", packed(entries(folder, shape), shape)


def training_text_for(
    store: Store, settings: Settings, actor: Actor, model_id: str, *, first_iteration: int = 0
) -> tuple[str, Iterator[str]]:
    """Name of the simulator's log of a training, and its text; raises as `logs_for` does."""
    folder = _folder(store, settings, actor, model_id)
    return f"{folder.name}-robomaker.log", training_text(folder, first_iteration=first_iteration)


def evaluation_text_for(
    store: Store, settings: Settings, actor: Actor, model_id: str, stamp: str
) -> tuple[str, Iterator[str]]:
    """Name of the simulator's log of an evaluation, and its text; raises as `logs_for` does."""
    folder = _folder(store, settings, actor, model_id)
    kept = recording(folder, stamp)
    return f"{folder.name}-evaluation-{stamp}-robomaker.log", evaluation_log(kept)


def training_text(folder: Path, *, first_iteration: int = 0) -> Iterator[str]:
    """The simulator's log of a training so far.

    Args:
        folder: of the model.
        first_iteration: earlier ones are left out.

    Raises:
        StorageFailed: a file cannot be read.
    """
    track = load_training(folder).tracks[0].name
    return simulation_log(folder, load_model(folder), track, first_iteration=first_iteration)


def _folder(store: Store, settings: Settings, actor: Actor, model_id: str) -> Path:
    model = view_model(store, actor, model_id).model
    actor.demand(Operation.DOWNLOAD_MODEL, model.owner_id)
    return folder_of(settings, model)
