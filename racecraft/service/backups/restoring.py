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

from racecraft.domain.errors import Conflict, InvalidInput, StorageFailed
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
from racecraft.service.locks import LOCK_FILE, current_work, out_of_service
from racecraft.service.store.dumps import filled, sum_of
from racecraft.service.store.engine import local_url

if TYPE_CHECKING:
    from racecraft.service.settings import Settings

_CHUNK_BYTES = 1 << 20
_STAGE, _ASIDE = ".restoring-", ".replaced-"
_WORKPLACES = ("models", "people/*/models", "sweeps")
"""Where folders are that their worker locks."""


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
        Conflict: there is something already, a service runs on it, or somebody works on a model.
        InvalidInput: the file is no backup, from a newer program, or damaged.
        StorageFailed: it cannot be read, or the home folder or database not be written.
    """
    home = settings.home
    with out_of_service(home), storage(home), _opened(file) as (archive, manifest):
        there = _refuse_filled(home, replaces=replaces)
        _refuse_busy(home)
        _check_tables(archive, manifest, file)
        stage = Path(tempfile.mkdtemp(dir=home, prefix=_STAGE))
        try:
            for saved in manifest.files:
                _copy(archive, saved, file, stage)
            url = settings.database_url or local_url(stage)

            def lines(table: str) -> Iterator[bytes]:
                with archive.open(member_of(table)) as rows:
                    yield from rows

            moves = _Moves(home)
            with moves.undone_unless_all_is_well():
                with filled(
                    url, manifest.tables_version, manifest.tables, lines, replaces=replaces
                ):
                    if settings.database_url:
                        moves.swap(there, stage)
                if not settings.database_url:
                    moves.swap(there, stage)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
    return Restored(manifest, moves.aside)


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


def _refuse_busy(home: Path) -> None:
    """Stop here if a command line works in the home folder, which needs no service."""
    for lock in (path for place in _WORKPLACES for path in home.glob(f"{place}/*/{LOCK_FILE}")):
        work = current_work(lock.parent)
        if work is not None:
            raise Conflict(
                f"Somebody works in {lock.parent} ({work}); wait until that ends, or end it, and "
                "restore then."
            )


class _Moves:
    """What is there goes aside, and what was unpacked takes its place: all of it, or nothing."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._made: list[tuple[Path, Path]] = []
        self.aside: Path | None = None
        """Where what was there is, if there was something."""

    def swap(self, there: list[Path], stage: Path) -> None:
        """Put things aside, and others into their places."""
        _refuse_busy(self._home)  # unpacking took its time
        if there:
            prefix = f"{_ASIDE}{datetime.now(UTC):%Y%m%d-%H%M%S}-"
            self.aside = aside = Path(tempfile.mkdtemp(dir=self._home, prefix=prefix))
            for path in there:
                self._move(path, aside / path.name)
        for path in sorted(stage.iterdir()):
            self._move(path, self._home / path.name)

    @contextmanager
    def undone_unless_all_is_well(self) -> Iterator[None]:
        """Put everything back where it was if the block fails, also by Ctrl-C.

        Raises:
            StorageFailed: that is not possible; it tells where things are.
        """
        try:
            yield
        except BaseException:
            try:
                self._undo()
            except BaseException as error:
                why = str(error) or type(error).__name__
                raise StorageFailed(
                    "The restore was cut short, and so was putting back what was there before "
                    f"({why}). It is in {self.aside}: move everything in that folder back to "
                    f"{self._home}, in the place of what has the same name."
                ) from error
            raise

    def _move(self, path: Path, target: Path) -> None:
        self._made.append((path, target))  # first, because Ctrl-C may come at any moment
        path.rename(target)

    def _undo(self) -> None:
        for path, target in reversed(self._made):
            if os.path.lexists(target) and not os.path.lexists(path):
                target.rename(path)
        if self.aside is not None:
            self.aside.rmdir()


def _damaged(file: Path, why: str) -> InvalidInput:
    return InvalidInput(
        f"The backup {file} is damaged ({why}); nothing was changed. Take another one."
    )
