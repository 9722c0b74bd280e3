"""Files under the home folder: whole or not at all, and every failure a sentence."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from racecraft.domain.errors import StorageFailed

_ADVICE = {
    errno.ENOSPC: "the disk is full; free some space and try again",
    errno.EDQUOT: "the disk quota is used up; free some space and try again",
    errno.EACCES: "it may not be written or read; change its permissions or set RACECRAFT_HOME",
    errno.EPERM: "it may not be written or read; change its permissions or set RACECRAFT_HOME",
    errno.EROFS: "the file system is read-only; set RACECRAFT_HOME to a folder that is not",
    errno.ENOTDIR: "a part of the path is a file; set RACECRAFT_HOME to a folder",
    errno.EEXIST: "a file is in the way; move it or set RACECRAFT_HOME to another folder",
    errno.ENOENT: "it is not there any more; check that nobody moved the folder",
}
_PATIENCE_S = 1.0
"""Longer than a rename takes."""


def storage_failed(error: OSError, path: Path) -> StorageFailed:
    """The sentence for an operating system error at `path`."""
    place = error.filename if isinstance(error.filename, str) else str(path)
    reason = _ADVICE.get(error.errno or 0, error.strerror or str(error))
    return StorageFailed(f"{place} could not be used: {reason}.")


@contextmanager
def storage(path: Path) -> Iterator[None]:
    """Turn operating system errors inside the block into StorageFailed."""
    try:
        yield
    except OSError as error:
        raise storage_failed(error, path) from error


def write_whole(path: Path, text: str) -> None:
    """Write a text file so that readers find the old one or the new one, never a part.

    Raises:
        StorageFailed: the folder cannot be written.
    """
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """`write_whole` for what is no text.

    Raises:
        StorageFailed: the folder cannot be written.
    """
    write_parts(path, (content,))


def write_parts(path: Path, parts: Iterable[bytes]) -> None:
    """`write_bytes` for what comes piece by piece.

    Raises:
        StorageFailed: the folder cannot be written.
    """
    with storage(path):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                for part in parts:
                    file.write(part)
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def write_once(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file whole unless there is one; of several processes at once the first one wins.

    Args:
        path: of the file; its folder is made if need be.
        content: not empty.
        mode: who may read and write it.

    Raises:
        StorageFailed: the folder cannot be written.
    """
    with storage(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            with suppress(PermissionError):  # a stick has one mode for all its files
                Path(name).chmod(mode)
            with suppress(FileExistsError):
                place_new(Path(name), path)
        finally:
            Path(name).unlink(missing_ok=True)


def is_written(path: Path) -> bool:
    """Whether there is a file with something in it, and not only a name taken by `place_new`."""
    return path.is_file() and path.stat().st_size > 0


def place_new(part: Path, target: Path) -> None:
    """Give a finished file its name, as a rename would, but never in the place of another file.

    Args:
        part: the file, in the same folder; it may still be there afterwards under its old name.
        target: its name.

    Raises:
        FileExistsError: something has that name already.
        OSError: the folder cannot be written.
    """
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:  # FAT, exFAT and many shares know no second name for a file
        _take_name(target)
        try:
            part.replace(target)
        except OSError:
            target.unlink(missing_ok=True)
            raise


def files_in(folder: Path) -> list[Path]:
    """All files below a folder in order, without links; what vanishes meanwhile is left out.

    `Path.rglob` ends with an error when a folder goes away while it is looked through, as that
    with the state of a training does at every save.

    Raises:
        OSError: a folder cannot be read.
    """
    found = [
        Path(place, name)
        for place, _, names in os.walk(folder, onerror=_raise_unless_gone)
        for name in names
    ]
    return sorted(path for path in found if path.is_file() and not path.is_symlink())


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder; files that vanish meanwhile count nothing."""
    size = 0
    for file in files_in(folder):
        with suppress(FileNotFoundError):
            size += file.stat().st_size
    return size


def _raise_unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def link_or_copy(source: Path, target: Path) -> None:
    """Let a file be in a second place, too, without copying its bytes where that can be.

    Raises:
        OSError: the folder cannot be written.
    """
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:
        shutil.copyfile(source, target)


def _take_name(target: Path) -> None:
    """Make an empty file of a name, as a claim to it.

    Whoever comes second waits for the moment until the first one's file is there as a whole.
    """
    deadline = time.monotonic() + _PATIENCE_S
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        while not is_written(target) and time.monotonic() < deadline:
            time.sleep(0.01)
        raise


def read_text(path: Path) -> str:
    """Text of a UTF-8 file.

    Raises:
        StorageFailed: it cannot be read, or is not UTF-8 text.
    """
    try:
        with storage(path):
            return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise StorageFailed(f"{path} is not UTF-8 text; save it as UTF-8.") from error
