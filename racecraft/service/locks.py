"""Who is working on a model: a lock that its holder loses with its last breath.

The operating system drops the lock when the process ends, however it ends, so a model is
never shown as training when nothing trains it.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from racecraft.domain.errors import Conflict
from racecraft.service.files import storage

LOCK_FILE = ".lock"
SERVICE_LOCK = ".serving"
"""In the home folder."""
_PATIENCE_S = 0.5
"""Longer than anyone who only looks at the lock holds it."""


@contextmanager
def locked(
    folder: Path, work: str, *, what: str = "model", patience_s: float = _PATIENCE_S
) -> Iterator[None]:
    """Hold the lock of a model, or of another folder, while working on it.

    Args:
        folder: the folder.
        work: shown to others as its status, for instance `TRAINING`.
        what: the folder is of, for the sentence about who holds it.
        patience_s: how long to wait for whoever holds it.

    Raises:
        Conflict: another process holds it.
        StorageFailed: the folder cannot be written.
    """
    with storage(folder):
        handle = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _take(handle, folder, what, patience_s)
        os.ftruncate(handle, 0)
        os.write(handle, f"{work} {os.getpid()}\n".encode())
        yield
    finally:
        os.close(handle)


def current_work(folder: Path) -> str | None:
    """What the holder of the lock does, or None when nobody holds it."""
    try:
        handle = os.open(folder / LOCK_FILE, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        words = os.read(handle, 100).decode(errors="replace").split()
        return words[0] if words else "BUSY"
    finally:
        os.close(handle)
    return None


def _take(handle: int, folder: Path, what: str, patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise Conflict(
                    f"The {what} {folder.name!r} is in use: {current_work(folder) or 'BUSY'}. "
                    "Wait until that ends, or stop it, and try again."
                ) from None
            time.sleep(0.02)


@contextmanager
def in_service(home: Path) -> Iterator[None]:
    """Say that a service runs on a home folder, for as long as the block lasts.

    Raises:
        Conflict: its records are just being replaced or moved.
        StorageFailed: the folder cannot be written.
    """
    with _service_lock(home, fcntl.LOCK_SH) as is_free:
        if not is_free:
            raise Conflict(
                f"The records in {home} are being restored or moved; start the service when that "
                "is done."
            )
        yield


@contextmanager
def out_of_service(home: Path) -> Iterator[None]:
    """Keep services from running on a home folder, for as long as the block lasts.

    Raises:
        Conflict: one runs.
        StorageFailed: the folder cannot be written.
    """
    with _service_lock(home, fcntl.LOCK_EX) as is_free:
        if not is_free:
            raise Conflict(f"A service runs on {home}; end it first (`racecraft up`, Ctrl-C).")
        yield


@contextmanager
def _service_lock(home: Path, how: int) -> Iterator[bool]:
    with storage(home):
        home.mkdir(parents=True, exist_ok=True)
        handle = os.open(home / SERVICE_LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, how | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)
