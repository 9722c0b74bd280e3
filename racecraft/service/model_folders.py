"""The folders of people's models: where they lie, and what their records say of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from racecraft.service.files import size_of, write_whole
from racecraft.service.model_records import Model, ModelState
from racecraft.service.models import IMPORT_FILE, load_model, load_training, model_folder
from racecraft.service.people.person import LOCAL_PERSON
from racecraft.service.summaries import checkpoint_iterations

if TYPE_CHECKING:
    from racecraft.service.settings import Settings

ID_FILE = "record-id"
TRASH = ".trash"


def settings_of(settings: Settings, person_id: str) -> Settings:
    """The settings with which somebody's folders are found."""
    return settings.of(None if person_id == LOCAL_PERSON else person_id)


def folder_of(settings: Settings, model: Model) -> Path:
    """Where a model lies, also when it is deleted and can still be put back."""
    own = settings_of(settings, model.owner_id)
    if model.deleted_at_s is not None:
        return own.models / TRASH / model.id
    return model_folder(own, model.name)


def record_of_folder(folder: Path, model_id: str, owner_id: str, now_s: float) -> Model:
    """The record that describes a folder.

    Raises:
        StorageFailed: the folder's documents are missing or damaged.
    """
    model, training = load_model(folder), load_training(folder)
    return Model(
        id=model_id,
        created_at_s=now_s,
        owner_id=owner_id,
        name=folder.name,
        state=state_of(folder),
        size_bytes=size_of(folder),
        description=model.description,
        sensors=tuple(sensor.value for sensor in model.sensors),
        network=model.network.value,
        tracks=tuple(str(track) for track in training.tracks),
        was_imported=(folder / IMPORT_FILE).is_file(),
    )


def rename_folder(settings: Settings, name: str, new_name: str) -> None:
    """Give a model's folder another name; who trains it from a command line is respected."""
    from racecraft.service.models import rename_model

    rename_model(settings, name, new_name)


def mark_folder(folder: Path, model_id: str) -> None:
    """Write into a folder whose record it belongs to."""
    write_whole(folder / ID_FILE, model_id + "\n")


def state_of(folder: Path) -> ModelState:
    return ModelState.READY if checkpoint_iterations(folder) else ModelState.CREATED
