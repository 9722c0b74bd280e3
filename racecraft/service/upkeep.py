"""Upkeep of people's models: records follow their folders, and what was deleted goes for good."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from racecraft.domain.errors import RacecraftError
from racecraft.service.collection import KEPT_S
from racecraft.service.comparison_folders import forget_naming
from racecraft.service.copies import forget_copies
from racecraft.service.files import read_text
from racecraft.service.model_folders import (
    ID_FILE,
    folder_of,
    mark_folder,
    record_of_folder,
    settings_of,
    state_of,
)
from racecraft.service.model_records import Model, ModelState
from racecraft.service.models import model_names
from racecraft.service.store import Below, new_id

if TYPE_CHECKING:
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store, Work

_MAKING_S = 5.0
"""A folder that was changed so recently may not have its record yet."""
_LEFTOVER_S = 3600.0
"""Nobody takes so long to write a model."""
_GONE = "Its folder is gone; put the folder back, or delete the model."


def reconcile(store: Store, settings: Settings, owner_id: str) -> None:
    """Let somebody's records follow their folders.

    Folders without a record get one, names follow renamed folders, and records whose folder is
    gone say so.
    """
    own = settings_of(settings, owner_id)
    with store.look() as work:
        known = work.find(Model, owner_id=owner_id, deleted_at_s=None)
    told = {m.name: m.id for m in known if m.problem != _GONE}
    if len(told) == len(known) and told == _ids(own):
        return
    with store.work() as work:
        work.alone(f"models of {owner_id}")
        seen: set[str] = set()
        for name, model_id in _ids(own).items():
            folder = own.models / name
            if model_id is None or model_id in seen or not _follow(work, model_id, folder):
                model_id = _adopt(store, work, folder, owner_id)
            seen |= {model_id} if model_id else set()
        for model in work.find(Model, owner_id=owner_id, deleted_at_s=None):
            if model.id not in seen and not (own.models / model.name).is_dir():
                update = {"state": ModelState.ERROR, "problem": _GONE}
                work.put(model.model_copy(update=update))


def purge_deleted(store: Store, settings: Settings) -> int:
    """Delete for good what was deleted more than a day ago; gives how many models."""
    with store.look() as work:
        old = work.find(Model, deleted_at_s=Below(store.now_s() - KEPT_S))
    for model in old:
        # The folder first: without its record nobody would know what it is.
        shutil.rmtree(folder_of(settings, model), ignore_errors=True)
        forget_naming(settings, f"model-{model.id}")
        with store.work() as work:
            work.remove(Model, id=model.id, deleted_at_s=Below(store.now_s() - KEPT_S))
    forget_copies(settings, [model.id for model in old])
    return len(old)


def remove_leftovers(settings: Settings, now_s: float) -> int:
    """Remove what processes that were killed had begun to write; gives how many things."""
    patterns = [".incoming-*", ".restoring-*", "models/.new-*", "models/.deleted-*"]
    patterns += ["logs/.new-*", "comparisons/.new-*"]
    # Where older versions put them.
    patterns += ["models/*/.new-*", "logs/*/.new-*", "comparisons/*/.new-*"]
    patterns += [f"people/*/{pattern}" for pattern in patterns[1:]]
    found = [path for pattern in patterns for path in settings.home.glob(pattern)]
    old = [path for path in found if now_s - _changed_s(path, now_s) > _LEFTOVER_S]
    for path in old:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(old)


def _changed_s(path: Path, now_s: float) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # gone meanwhile
        return now_s


def _follow(work: Work, model_id: str, folder: Path) -> bool:
    """Let the record of a folder have the folder's name; False if there is no such record."""
    model = work.first(Model, id=model_id)
    if model is None:
        return False
    update: dict[str, Any] = {"name": folder.name, "deleted_at_s": None}
    if model.problem == _GONE:
        update |= {"problem": "", "state": state_of(folder)}
    if any(getattr(model, name) != value for name, value in update.items()):
        work.put(model.model_copy(update=update))
    return True


def _adopt(store: Store, work: Work, folder: Path, owner_id: str) -> str | None:
    """Make a record of a folder; None if the folder is just being made, or is damaged."""
    try:
        if time.time() - folder.stat().st_mtime < _MAKING_S:
            return None
        record = record_of_folder(folder, new_id(), owner_id, store.now_s())
    except (RacecraftError, OSError):
        return None
    work.add(record)
    mark_folder(folder, record.id)
    return record.id


def _ids(settings: Settings) -> dict[str, str | None]:
    """Names of all folders of models, and the id that each carries."""
    return {name: _id_in(settings.models / name) for name in model_names(settings)}


def _id_in(folder: Path) -> str | None:
    file = folder / ID_FILE
    return read_text(file).strip() if file.is_file() else None
