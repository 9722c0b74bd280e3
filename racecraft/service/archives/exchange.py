"""Export and import for people of a service: rights, quotas, records."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from racecraft.domain.errors import Conflict, InvalidInput, NotFound
from racecraft.service.access import Actor, Operation
from racecraft.service.apart import do_apart
from racecraft.service.archives.export import export_model
from racecraft.service.archives.importing import (
    ImportReport,
    check_archive,
    report_of,
    unpack_archive,
)
from racecraft.service.collection import ModelView, refuse_busy, view_model
from racecraft.service.files import storage
from racecraft.service.foreign.work import ForeignReport
from racecraft.service.jobs.quotas import refuse_another_model, refuse_more_disk
from racecraft.service.model_folders import folder_of, mark_folder, record_of_folder, settings_of
from racecraft.service.models import checked_name, fresh_name
from racecraft.service.store import new_id
from racecraft.service.turns import Turns

if TYPE_CHECKING:
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

TURNS = Turns(at_once=1, most_waiting=8, most_each=1, patience_s=120.0)
"""For archives that are being checked and unpacked, which takes a core for seconds."""
MOST_UPLOAD_BYTES = 2_000_000_000
"""Of an archive that somebody sends."""
_INCOMING = ".incoming-"


@dataclass(frozen=True)
class Imported:
    """A model from an archive."""

    view: ModelView
    report: ImportReport | ForeignReport


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
    store: Store,
    settings: Settings,
    actor: Actor,
    path: Path,
    *,
    name: str | None = None,
    called: str = "",
) -> Imported:
    """Make a model of the actor's from an archive, whole or not at all.

    Archives of other programs are taken over as far as they go.

    Args:
        store: the records.
        settings: where models are.
        actor: who gets it.
        path: of the archive, a private copy.
        name: what to call it; as in the archive, or the next free name, when None.
        called: how the file was called where it came from.

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
        try:
            checked = check_archive(path)
        except InvalidInput as error:
            return _import_foreign(store, own, actor, _Upload(path, name, called, error))
        with store.look() as work:
            refuse_another_model(store, work, actor.person_id)
            refuse_more_disk(store, work, actor.person_id, checked.manifest.size)
        folder = unpack_archive(own, path, checked, name=name)
        view = _registered(store, actor, folder)
    return Imported(view, report_of(own, checked, folder))


@dataclass(frozen=True)
class _Upload:
    """A file that is no archive of ours."""

    path: Path
    name: str | None
    called: str
    error: InvalidInput
    """Why not."""


def _import_foreign(store: Store, own: Settings, actor: Actor, upload: _Upload) -> Imported:
    """Make a model of what another program left, in a process of its own."""
    with store.look() as work:
        refuse_another_model(store, work, actor.person_id)
    with storage(own.home), tempfile.TemporaryDirectory(dir=own.home, prefix=_INCOMING) as room:
        (Path(room) / "tracks").symlink_to(own.tracks)  # so that it knows which ones are here
        order = {"path": str(upload.path), "home": room, "called": upload.called}
        names = {str(upload.path): upload.called or "The file"}
        answer = do_apart("racecraft.service.foreign", order, what="The import", names=names)
        if answer["report"] is None:
            raise upload.error
        report = ForeignReport.model_validate(answer["report"])
        name = checked_name(upload.name) if upload.name else fresh_name(own, report.name)
        target = own.models / name
        if target.exists() or target.is_symlink():
            raise Conflict(f"There is a model {name!r} already; choose another name.")
        own.models.mkdir(parents=True, exist_ok=True)
        (Path(room) / "models" / report.name).rename(target)
    report = report.model_copy(update={"name": name})
    return Imported(_registered(store, actor, target), report)


def _registered(store: Store, actor: Actor, folder: Path) -> ModelView:
    """The record of a new folder, if there is room for it; else the folder goes again."""
    try:
        record = record_of_folder(folder, new_id(), actor.person_id, store.now_s())
        record = record.model_copy(update={"was_imported": True})
        mark_folder(folder, record.id)
        with store.work() as work:
            work.alone("quota")
            refuse_another_model(store, work, actor.person_id)
            refuse_more_disk(store, work, actor.person_id, record.size_bytes)
            work.add(record)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return ModelView(record, None)


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
