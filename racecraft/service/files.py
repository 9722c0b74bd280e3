"""Files under the home folder: whole or not at all, and every failure a sentence."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
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
