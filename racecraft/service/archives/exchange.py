"""Export and import for people of a service: rights, quotas, records."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from racecraft.domain.errors import NotFound
from racecraft.service.access import Actor, Operation
from racecraft.service.archives.export import export_model
from racecraft.service.archives.importing import (
    ImportReport,
    check_archive,
    report_of,
    unpack_archive,
)
from racecraft.service.collection import ModelView, refuse_busy, view_model
from racecraft.service.files import storage
from racecraft.service.jobs.quotas import refuse_another_model, refuse_more_disk
from racecraft.service.model_folders import folder_of, mark_folder, record_of_folder, settings_of
from racecraft.service.store import new_id
from racecraft.service.turns import Turns

if TYPE_CHECKING:
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

TURNS = Turns(at_once=1, most_waiting=8, most_each=1, patience_s=120.0)
"""For archives that are being checked and unpacked, which takes a core for seconds."""
_INCOMING = ".incoming-"


@dataclass(frozen=True)
class Imported:
    """A model from an archive."""

    view: ModelView
    report: ImportReport


def export_for(
    store: Store,
    settings: Settings,
    actor: Actor,
    model_id: str,
    *,
    checkpoints: str,
    has_state: bool,
) -> tuple[str, Iterator[bytes]]:
    """Name of a model, and the bytes of its archive.

    Raises:
        NotFound: there is no such model or checkpoint, or it is somebody else's.
        Forbidden: the actor may see it but not download it.
        Conflict: a job of it is under way.
    """
    model = view_model(store, actor, model_id).model
    actor.demand(Operation.DOWNLOAD_MODEL, model.owner_id)
    if model.deleted_at_s is not None:
        raise NotFound(f"The model {model.name!r} is deleted; put it back first.")
    with store.look() as work:
        refuse_busy(work, model)
    folder = folder_of(settings, model)
    return folder.name, export_model(folder, checkpoints=checkpoints, has_state=has_state)


def import_for(
    store: Store, settings: Settings, actor: Actor, path: Path, *, name: str | None = None
) -> Imported:
    """Make a model of the actor's from an archive, whole or not at all.

    Args:
        store: the records.
        settings: where models are.
        actor: who gets it.
        path: of the archive, a private copy.
        name: what to call it; as in the archive, or the next free name, when None.

    Raises:
        InvalidInput: the archive is damaged, or somebody made it to do harm.
        InvalidSpec: no model can have this name.
        Conflict: a model of theirs has it.
        QuotaExceeded: there is no room for it.
        TooManyRequests: too many archives are being imported.
    """
    actor.demand(Operation.EDIT_MODEL, actor.person_id)
    own = settings_of(settings, actor.person_id)
    with TURNS.turn(actor.person_id):
        checked = check_archive(path)
        with store.look() as work:
            refuse_another_model(store, work, actor.person_id)
            refuse_more_disk(store, work, actor.person_id, checked.manifest.size)
        folder = unpack_archive(own, path, checked, name=name)
        try:
            record = record_of_folder(folder, new_id(), actor.person_id, store.now_s())
            record = record.model_copy(update={"was_imported": True})
            mark_folder(folder, record.id)
            with store.work() as work:
                work.alone("quota")
                refuse_another_model(store, work, actor.person_id)
                refuse_more_disk(store, work, actor.person_id, checked.manifest.size)
                work.add(record)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return Imported(ModelView(record, None), report_of(own, checked, folder))


def refuse_upload(store: Store, actor: Actor, size: int) -> None:
    """Stop here before an archive is received for which there is no room.

    Args:
        store: the records.
        actor: who sends it.
        size: bytes that it says it has.

    Raises:
        Forbidden, QuotaExceeded: it would be refused later.
    """
    actor.demand(Operation.EDIT_MODEL, actor.person_id)
    with store.look() as work:
        refuse_another_model(store, work, actor.person_id)
        refuse_more_disk(store, work, actor.person_id, size)


def incoming_file(settings: Settings) -> Path:
    """An empty private file for an archive that is being received.

    Raises:
        StorageFailed: the home folder cannot be written.
    """
    with storage(settings.home):
        settings.home.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=settings.home, prefix=_INCOMING)
        os.close(handle)
    return Path(name)
