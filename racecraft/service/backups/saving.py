"""An installation into a file, while it runs.

The records are taken first, all at one moment. The files follow; a model that is renamed or deleted
meanwhile is looked for where it is by then, and kept where the records say that it was.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import IO, TYPE_CHECKING

from racecraft.domain.errors import Conflict
from racecraft.service.backups.contents import MANIFEST, BackupManifest, SavedFile, member_of
from racecraft.service.backups.snapshot import files_below, id_in, is_same_folder, model_files
from racecraft.service.files import place_new, storage
from racecraft.service.model_folders import TRASH, settings_of
from racecraft.service.model_records import Model
from racecraft.service.store.dumps import Moment, TableSum, one_moment, sum_of
from racecraft.service.store.tables import TABLES
from racecraft.service.store.upgrade import NEWEST
from racecraft.service.streams import zip_entry

if TYPE_CHECKING:
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

_CHUNK_BYTES = 1 << 20
_MOST_TRIES = 5
"""Times that a model which moves again and again is looked for."""
_PACKED_ALREADY = {".safetensors", ".png", ".mp4", ".gif", ".zip", ".gz", ".jpg"}


@dataclass
class _Saving:
    """A backup that is being written."""

    archive: zipfile.ZipFile
    files: list[SavedFile] = field(default_factory=list)

    def keep(self, path: str, content: IO[bytes]) -> None:
        """Write one file of the home folder."""
        member = f"files/{len(self.files):08d}"
        digest, size = hashlib.sha256(), 0
        info = zip_entry(member, is_packed=Path(path).suffix not in _PACKED_ALREADY)
        with self.archive.open(info, "w", force_zip64=True) as target:
            while chunk := content.read(_CHUNK_BYTES):
                digest.update(chunk)
                target.write(chunk)
                size += len(chunk)
        mode = stat.S_IMODE(os.fstat(content.fileno()).st_mode) & 0o777
        self.files.append(
            SavedFile(path=path, member=member, size=size, sha256=digest.hexdigest(), mode=mode)
        )

    def keep_table(self, name: str, lines: Iterator[bytes]) -> TableSum:
        """Write one table; gives what it holds."""
        with self.archive.open(zip_entry(member_of(name)), "w", force_zip64=True) as target:

            def written() -> Iterator[bytes]:
                for line in lines:
                    target.write(line)
                    yield line

            return sum_of(name, written())


def save_backup(store: Store, settings: Settings, file: Path) -> BackupManifest:
    """Write a backup of an installation; the service may run meanwhile.

    Args:
        store: the records.
        settings: where everything is.
        file: to be written; only its owner may read it, because keys are in it.

    Returns:
        The list of what is in it.

    Raises:
        Conflict: there is such a file already, or it would lie in the folder that it saves.
        StorageFailed: something cannot be read, or the file not written.
    """
    file = file.absolute()
    _refuse_place(settings.home, file)
    with storage(file):
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # mode 0600
        try:
            with os.fdopen(handle, "w+b") as target:
                with zipfile.ZipFile(target, "w") as archive:
                    manifest = _save(store, settings, _Saving(archive))
                    archive.writestr(zip_entry(MANIFEST), manifest.model_dump_json())
                target.flush()
                os.fsync(target.fileno())
            place_new(Path(name), file)
        except FileExistsError as error:
            raise _taken(file) from error
        finally:
            Path(name).unlink(missing_ok=True)
    return manifest


def _save(store: Store, settings: Settings, saving: _Saving) -> BackupManifest:
    with one_moment(store) as then:
        tables = tuple(saving.keep_table(name, then.lines(name)) for name in TABLES)
        now_s = store.now_s()
        places = _places(then, settings)
    moved: set[str] = set()
    for path, content in files_below(settings.home, moved):
        saving.keep(path, content)
    files, gone = _in_place(settings, saving, places, moved)
    return BackupManifest(
        racecraft=version("racecraft"),
        tables_version=NEWEST,
        database=then.database,
        made_at_s=now_s,
        tables=tables,
        files=tuple(files),
        gone=tuple(gone),
    )


def _places(then: Moment, settings: Settings) -> dict[str, str]:
    """Id of each model, and where the records say that its folder is."""
    return {
        model.id: _place_of(settings, model).relative_to(settings.home).as_posix()
        for model in then.work.find(Model)
    }


def _place_of(settings: Settings, model: Model) -> Path:
    """Where a model's folder has to be, whether it is there or not."""
    models = settings_of(settings, model.owner_id).models
    return models / model.name if model.deleted_at_s is None else models / TRASH / model.id


def _in_place(
    settings: Settings, saving: _Saving, places: dict[str, str], halves: set[str]
) -> tuple[list[SavedFile], list[str]]:
    """The files as the records want them, and the folders of models that are nowhere.

    Args:
        settings: where everything is.
        saving: with all files that were found.
        places: where the records say that models are.
        halves: folders of which some files are missing.
    """
    found = {_folder_of_model(file.path) for file in saving.files} - {None} - halves
    wanted = set(places.values())
    moved = halves | {
        place for place in found - wanted if place and _is_elsewhere(settings, place, places)
    }
    kept = [file for file in saving.files if _folder_of_model(file.path) not in moved]
    gone = []
    for model_id, place in places.items():
        if place in found:
            continue
        files = _wherever(settings, saving, model_id, place)
        kept += files or []
        if files is None:
            gone.append(place)
    return kept, sorted(gone)


def _wherever(
    settings: Settings, saving: _Saving, model_id: str, place: str
) -> list[SavedFile] | None:
    """Save a model that is not where it was a moment ago; None if it is nowhere."""
    for _ in range(_MOST_TRIES):
        folder = _whereabouts(settings, model_id, place)
        facts = folder.stat() if folder and folder.exists() else None
        if folder is None or facts is None:
            continue
        before = len(saving.files)
        for path, content in model_files(folder, place):
            saving.keep(path, content)
        if is_same_folder(folder, facts):
            return saving.files[before:]
    return None


def _is_elsewhere(settings: Settings, place: str, places: dict[str, str]) -> bool:
    """Whether a model is in the backup under another path, or was gone a moment later."""
    folder = settings.home / place
    return not folder.exists() or folder.name in places or id_in(folder) in places


def _whereabouts(settings: Settings, model_id: str, place: str) -> Path | None:
    """Where a model is that is not where it was a moment ago."""
    models = settings.home / Path(place).parent
    models = models.parent if models.name == TRASH else models
    named = (each for each in (models.iterdir() if models.is_dir() else ()) if each.is_dir())
    for folder in (settings.home / place, models / TRASH / model_id, *named):
        if folder.is_dir() and (folder.name == model_id or id_in(folder) == model_id):
            return folder
    return None


def _folder_of_model(path: str) -> str | None:
    """The folder of a model in which a file lies, if it lies in one of somebody's."""
    parts = path.split("/")
    start = 3 if parts[0] == "people" else 1
    if len(parts) <= start or parts[start - 1] != "models":
        return None
    end = start + (2 if parts[start] == TRASH else 1)
    return "/".join(parts[:end]) if len(parts) > end else None


def _refuse_place(home: Path, file: Path) -> None:
    if file.exists():
        raise _taken(file)
    if file.resolve().is_relative_to(home.resolve()):
        raise Conflict(
            f"The backup {file} would lie in the folder that it saves, and be lost with it; choose "
            "a place elsewhere."
        )


def _taken(file: Path) -> Conflict:
    return Conflict(f"There is a file {file} already; choose another name, or move it away.")
