"""Copies of models in the artifact store: kept by workers, fetched where a folder is missing."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from racecraft.domain.errors import NotFound, RacecraftError
from racecraft.service.artifacts import ArtifactStore, open_artifacts
from racecraft.service.model_folders import mark_folder, settings_of
from racecraft.service.model_records import Model

if TYPE_CHECKING:
    from pathlib import Path

    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

PAUSE_S = 10.0
"""At least between two copies of a training."""


class Copier:
    """Keeps the copy of one model while a job works on it."""

    def __init__(self, store: ArtifactStore, folder: Path, model_id: str) -> None:
        self._store, self._folder, self._model_id = store, folder, model_id
        self._kept_s = -PAUSE_S
        self.problem = ""
        """Why the newest copy could not be made; a training does not end for that."""

    def keep(self, *, now: bool = False) -> None:
        """Bring the copy up to date, unless that was done a moment ago.

        Args:
            now: do it in any case.
        """
        if not now and time.monotonic() - self._kept_s < PAUSE_S:
            return
        try:
            self._store.keep(self._folder, self._model_id)
            self.problem = ""
        except RacecraftError as error:
            self.problem = str(error)
        self._kept_s = time.monotonic()


def ready_copier(settings: Settings, name: str, model_id: str) -> Copier:
    """What keeps the copy of a model of the settings' person; its folder is there afterwards.

    Where it is not, as on a machine that never had the model, it is fetched.

    Raises:
        NotFound: there is neither a folder nor a copy.
        StorageFailed: it cannot be fetched.
    """
    store, folder = open_artifacts(settings), settings.models / name
    assert store is not None
    if not folder.exists():
        store.fetch(model_id, folder)
        mark_folder(folder, model_id)
    copier = Copier(store, folder, model_id)
    copier.keep(now=True)
    return copier


def fetch_missing(store: Store, settings: Settings) -> int:
    """Bring back folders that are gone and have a copy; gives how many.

    That is the start on another machine, or after the disk was lost.
    """
    artifacts = open_artifacts(settings)
    if artifacts is None:
        return 0
    with store.look() as work:
        models = work.find(Model, deleted_at_s=None)
    count = 0
    for model in models:
        folder = settings_of(settings, model.owner_id).models / model.name
        if folder.exists():
            continue
        try:
            artifacts.fetch(model.id, folder)
            mark_folder(folder, model.id)
            count += 1
        except NotFound:
            continue
        except RacecraftError as error:
            print(f"The model {model.name} could not be fetched: {error}", file=sys.stderr)
    return count


def forget_copies(settings: Settings, model_ids: list[str]) -> None:
    """Remove the copies of models that are gone for good; what cannot be removed is told."""
    artifacts = open_artifacts(settings)
    for model_id in model_ids if artifacts else []:
        try:
            assert artifacts is not None
            artifacts.forget(model_id)
        except RacecraftError as error:
            print(f"A copy could not be removed: {error}", file=sys.stderr)
