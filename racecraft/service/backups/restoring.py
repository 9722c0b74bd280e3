"""An installation out of a backup: everything is checked before anything is changed.

All is unpacked beside what is there. Only when every digest fits and all records are in the
database do the files take their places; what they push aside is kept in a folder of its own.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pydantic import ValidationError

from racecraft.domain.errors import Conflict, InvalidInput
from racecraft.service.backups.contents import (
    MANIFEST,
    MOST_MANIFEST_BYTES,
    VERSION,
    BackupManifest,
    SavedFile,
    is_saved,
    member_of,
)
from racecraft.service.files import storage
from racecraft.service.locks import out_of_service
from racecraft.service.store.dumps import filled, sum_of
from racecraft.service.store.engine import local_url

if TYPE_CHECKING:
    from racecraft.service.settings import Settings

_CHUNK_BYTES = 1 << 20
_STAGE, _ASIDE = ".restoring-", ".replaced-"


@dataclass(frozen=True)
class Restored:
    """What came of a restore."""

    manifest: BackupManifest
    aside: Path | None
    """Where what was there before is now."""


def check_backup(file: Path) -> BackupManifest:
    """Read a backup to its end and compare everything with its digests; nothing is changed.

    Raises:
        InvalidInput: it is no backup, from a newer program, or damaged.
        StorageFailed: it cannot be read.
    """
    with _opened(file) as (archive, manifest):
        _check_tables(archive, manifest, file)
        for saved in manifest.files:
            _copy(archive, saved, file, None)
    return manifest


def restore_backup(settings: Settings, file: Path, *, replaces: bool = False) -> Restored:
    """Make an installation what it was when a backup was made.

    Args:
        settings: of the installation.
        file: the backup.
        replaces: also if there is something already. Files that are there are put into a folder
            of their own; records that are there are lost, unless they are in the home folder too.

    Raises:
        Conflict: there is something already, or a service runs on it.
        InvalidInput: the file is no backup, from a newer program, or damaged.
        StorageFailed: it cannot be read, or the home folder or database not be written.
    """
    home = settings.home
    with out_of_service(home), storage(home), _opened(file) as (archive, manifest):
        there = _refuse_filled(home, replaces=replaces)
        _check_tables(archive, manifest, file)
        stage = Path(tempfile.mkdtemp(dir=home, prefix=_STAGE))
        try:
            for saved in manifest.files:
                _copy(archive, saved, file, stage)
            url = settings.database_url or local_url(stage)

            def lines(table: str) -> Iterator[bytes]:
                with archive.open(member_of(table)) as rows:
                    yield from rows

            with filled(url, manifest.tables_version, manifest.tables, lines, replaces=replaces):
                aside = _put_aside(home, there) if settings.database_url else None
                if settings.database_url:
                    _take_places(stage, home)
            if not settings.database_url:
                aside = _put_aside(home, there)
                _take_places(stage, home)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
    return Restored(manifest, aside)


@contextmanager
def _opened(file: Path) -> Iterator[tuple[zipfile.ZipFile, BackupManifest]]:
    """A backup and its list; what is wrong with it while it is read is a sentence."""
    with storage(file):
        try:
            with zipfile.ZipFile(file) as archive:
                yield archive, _manifest(archive, file)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise _damaged(file, str(error)) from error


def _manifest(archive: zipfile.ZipFile, file: Path) -> BackupManifest:
    try:
        if archive.getinfo(MANIFEST).file_size > MOST_MANIFEST_BYTES:
            raise _damaged(file, "its list is too long")
        manifest = BackupManifest.model_validate_json(archive.read(MANIFEST))
        for name in (*(member_of(t.name) for t in manifest.tables), *_members(manifest)):
            archive.getinfo(name)
    except (KeyError, ValidationError) as error:
        raise InvalidInput(
            f"{file} is no whole backup of racecraft; give a file that `racecraft backup` wrote."
        ) from error
    if manifest.version > VERSION:
        raise InvalidInput(
            f"The backup {file} was written by racecraft {manifest.racecraft}, which this one "
            "cannot read; install that version."
        )
    for saved in manifest.files:
        path = PurePosixPath(saved.path)
        if path.is_absolute() or ".." in path.parts or not is_saved(path.parts):
            raise _damaged(file, f"it names {saved.path!r}")
    return manifest


def _check_tables(archive: zipfile.ZipFile, manifest: BackupManifest, file: Path) -> None:
    for table in manifest.tables:
        with archive.open(member_of(table.name)) as lines:
            if sum_of(table.name, lines) != table:
                raise _damaged(file, f"the records of the table {table.name} do not fit")


def _members(manifest: BackupManifest) -> list[str]:
    return [saved.member for saved in manifest.files]


def _copy(archive: zipfile.ZipFile, saved: SavedFile, file: Path, stage: Path | None) -> None:
    """Unpack one file, or only read it, and compare it with its digest."""
    target = stage / saved.path if stage else Path(os.devnull)
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with archive.open(saved.member) as source, target.open("wb") as kept:
        while chunk := source.read(_CHUNK_BYTES):
            digest.update(chunk)
            kept.write(chunk)
    if digest.hexdigest() != saved.sha256:
        raise _damaged(file, f"{saved.path} does not fit its digest")
    if stage:
        target.chmod(saved.mode)


def _refuse_filled(home: Path, *, replaces: bool) -> list[Path]:
    """What is in a home folder; nothing may be, unless it is to be replaced."""
    there = [path for path in sorted(home.iterdir()) if not path.name.startswith(".")]
    there = [path for path in there if path.name != "lost+found"]
    if there and not replaces:
        raise Conflict(
            f"{home} is not empty ({there[0].name} is in it); set RACECRAFT_HOME to an empty "
            "folder, or add --replace to put aside what is there."
        )
    return there


def _put_aside(home: Path, there: list[Path]) -> Path | None:
    if not there:
        return None
    aside = Path(tempfile.mkdtemp(dir=home, prefix=f"{_ASIDE}{datetime.now(UTC):%Y%m%d-%H%M%S}-"))
    for path in there:
        path.rename(aside / path.name)
    return aside


def _take_places(stage: Path, home: Path) -> None:
    for path in sorted(stage.iterdir()):
        path.rename(home / path.name)


def _damaged(file: Path, why: str) -> InvalidInput:
    return InvalidInput(
        f"The backup {file} is damaged ({why}); nothing was changed. Take another one."
    )
