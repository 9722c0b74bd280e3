"""Models: one folder each under `<home>/models`, made whole and found by name.

The folder's name is the model's name.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from racecraft.domain.errors import (
    Conflict,
    InvalidInput,
    InvalidSpec,
    ModelNotFound,
    StorageFailed,
)
from racecraft.domain.spec import MODEL_NAME, ModelSpec, TrainingSpec
from racecraft.service.documents import near, sentences
from racecraft.service.files import read_text, storage, write_whole
from racecraft.service.locks import locked

if TYPE_CHECKING:
    from racecraft.service.settings import Settings

MODEL_FILE = "model.json"
TRAINING_FILE = "training.json"
IMPORT_FILE = "imported.json"
"""In the folder of an imported model: which program exported it, and its name there."""
REWARD_FILE = "reward_function.py"
INITIAL_FOLDER = "initial"
"""Checkpoint that the first training starts from: the weights that a clone carries over."""
SWEEP_FILE = "sweep"
"""Which sweep made the model, and as which of its trainings; only that one may delete it."""
ERROR_FILE = "error.txt"
"""The sentence that ended the last training, when it failed."""

Document = TypeVar("Document", bound=BaseModel)


def model_folder(settings: Settings, name: str) -> Path:
    """Folder of an existing model.

    Raises:
        InvalidSpec: no model can have this name.
        ModelNotFound: none has it.
    """
    folder = settings.models / checked_name(name)
    with storage(folder):
        is_ours = folder.is_dir() and not folder.is_symlink()
    if not is_ours:
        names = model_names(settings)
        raise ModelNotFound(
            f"There is no model {name!r} in {settings.models}.{near(name, names)} "
            "`racecraft models list` shows what there is."
        )
    return folder


def checked_name(name: str) -> str:
    """The name, when a model may have it.

    Raises:
        InvalidSpec: it may not.
    """
    if not MODEL_NAME.fullmatch(name) or name.endswith("\n"):
        raise InvalidSpec(
            f"The model name is {name!r}; use 1 to 64 letters, digits and hyphens, "
            "with a letter or digit at both ends."
        )
    return name


def model_names(settings: Settings) -> list[str]:
    """Names of all models, in alphabetical order."""
    if not settings.models.is_dir():
        return []
    with storage(settings.models):
        return sorted(
            folder.name
            for folder in settings.models.iterdir()
            if MODEL_NAME.fullmatch(folder.name) and folder.is_dir() and not folder.is_symlink()
        )


def fresh_name(settings: Settings, wanted: str) -> str:
    """`wanted`, else `wanted-2`, `wanted-3`, …: the first that no model has."""
    names, name, number = set(model_names(settings)), wanted, 1
    while name in names:
        number += 1
        name = f"{wanted}-{number}"
    return name


def create_model(
    settings: Settings,
    model: ModelSpec,
    training: TrainingSpec,
    *,
    reward_source: str,
    initial: Path | None = None,
    mark: str = "",
) -> Path:
    """Make the folder of a new model, whole or not at all.

    Args:
        settings: where it goes.
        model: what it is; its name is the folder's.
        training: how it will be trained.
        reward_source: text of its reward function.
        initial: checkpoint folder whose weights it starts from.
        mark: of the sweep that makes it.

    Returns:
        The new folder.

    Raises:
        Conflict: a model has this name.
        StorageFailed: the home folder cannot be written.
    """
    target = settings.models / checked_name(model.name)
    with storage(settings.models):
        settings.models.mkdir(parents=True, exist_ok=True)
        if target.exists() or target.is_symlink():
            raise _taken(model.name)
        building = Path(tempfile.mkdtemp(dir=settings.models, prefix=".new-"))
        try:
            building.chmod(0o755)
            write_whole(building / MODEL_FILE, model.model_dump_json(indent=2) + "\n")
            write_whole(building / TRAINING_FILE, training.model_dump_json(indent=2) + "\n")
            write_whole(building / REWARD_FILE, reward_source)
            if mark:
                write_whole(building / SWEEP_FILE, mark)
            if initial is not None:
                _copy_files(initial, building / INITIAL_FOLDER)
            _rename(building, target)
        except BaseException:
            shutil.rmtree(building, ignore_errors=True)
            raise
    return target


def load_model(folder: Path) -> ModelSpec:
    """What the model is; its name is the folder's, whatever the file says.

    Raises:
        StorageFailed: the file is missing or damaged.
    """
    return _load(ModelSpec, folder / MODEL_FILE).model_copy(update={"name": folder.name})


def load_training(folder: Path) -> TrainingSpec:
    """How the model is trained.

    Raises:
        StorageFailed: the file is missing or damaged.
    """
    return _load(TrainingSpec, folder / TRAINING_FILE)


def save_training(folder: Path, training: TrainingSpec) -> None:
    """Replace how the model is trained."""
    write_whole(folder / TRAINING_FILE, training.model_dump_json(indent=2) + "\n")


def rename_model(settings: Settings, name: str, new_name: str) -> Path:
    """Give a model another name.

    Raises:
        ModelNotFound: no model has the old name.
        Conflict: the new name is taken, or the model is in use.
    """
    folder, target = model_folder(settings, name), settings.models / checked_name(new_name)
    if target.exists():
        raise _taken(new_name)
    with locked(folder, "RENAMING"):
        model = load_model(folder).model_copy(update={"name": new_name})
        write_whole(folder / MODEL_FILE, model.model_dump_json(indent=2) + "\n")
        with storage(folder):
            _rename(folder, target)
    return target


def delete_model(settings: Settings, name: str) -> None:
    """Delete a model and everything that it learnt.

    Raises:
        ModelNotFound: no model has this name.
        Conflict: the model is in use.
    """
    folder = model_folder(settings, name)
    with locked(folder, "DELETING"), storage(folder):
        grave = Path(tempfile.mkdtemp(dir=settings.models, prefix=".deleted-"))
        folder.rename(grave / name)  # so that the name is free even if what follows is cut short
    # Its own alone: another one may just be filled. `upkeep` sweeps up what was cut short.
    shutil.rmtree(grave, ignore_errors=True)


def _load(document: type[Document], path: Path) -> Document:
    if not path.is_file():
        raise StorageFailed(
            f"{path} is missing; the model is incomplete. Put the file back or delete the model."
        )
    try:
        return document.model_validate_json(read_text(path))
    except ValidationError as error:
        raise StorageFailed(f"{path} is damaged: {sentences(document, error)}") from error


def _rename(building: Path, target: Path) -> None:
    """Rename a folder to a name that is free; renaming on a full folder fails by itself."""
    try:
        building.rename(target)
    except OSError as error:
        if target.exists():
            raise _taken(target.name) from error
        raise


def _copy_files(source: Path, target: Path) -> None:
    """Copy the plain files of a folder; links are not followed."""
    target.mkdir()
    for file in source.iterdir():
        if file.is_symlink() or not file.is_file():
            raise InvalidInput(f"{file} is not a plain file; a checkpoint may hold only those.")
        shutil.copyfile(file, target / file.name)


def _taken(name: str) -> Conflict:
    return Conflict(
        f"There is a model {name!r} already; choose another name, or delete that one with "
        f"`racecraft models delete {name}`."
    )
