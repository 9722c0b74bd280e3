"""Replacing a file as a whole, and saying plainly why that failed."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from racecraft.domain.errors import StorageFailed

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Replace `path` with a small, indented JSON document that survives a power cut.

    Raises:
        StorageFailed: as in `write_text`.
    """
    write_text(path, json.dumps(document, indent=2) + "\n", is_durable=True)


def write_text(path: Path, text: str, *, is_durable: bool = False) -> None:
    """Replace `path` in one move; the folders above it are made.

    Args:
        path: the file; what it held stays until the new text is complete.
        text: the new content, stored as UTF-8 with plain line feeds.
        is_durable: wait until the disk has it. Costs milliseconds, so it is for what nothing
            could make again.

    Raises:
        StorageFailed: the disk is full, the folder is not ours, or the disk failed.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, text.encode(), is_durable=is_durable)
    except OSError as error:
        raise StorageFailed(_sentence(path, error)) from error


def _replace(path: Path, content: bytes, *, is_durable: bool) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            if is_durable:
                file.flush()
                os.fsync(file.fileno())
        # A temporary file is readable by its owner only; an artifact is for everybody.
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _sentence(path: Path, error: OSError) -> str:
    if error.errno in _FULL:
        return f"The disk is full: {path} could not be written; free some space and resume."
    if error.errno in _FORBIDDEN:
        return (
            f"{path} could not be written, because this folder is not open to you "
            f"({error.strerror}); change its permissions or choose another folder."
        )
    return f"{path} could not be written ({error.strerror or error}); check the folder and disk."
