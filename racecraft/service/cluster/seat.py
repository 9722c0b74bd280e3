"""On a machine of the cluster: the room for one job, and its worker process.

Ray runs an object of `Seat` in a process of its own, with two threads: one waits for the worker
process, and the other passes on that it is to end. The worker ends when that process does, however
it does; files that it left then are removed by the next seat on the machine.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from racecraft.service.processes import UNFIT, LocalProcess

PREFIX = "racecraft-seat-"
_LOCK_FILE = "lock"
_POLL_S = 0.1
_NEW_S = 60.0
"""A folder that is younger may not be locked yet."""


class Seat:
    """Room for one job."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        self._process: LocalProcess | None = None

    def open(self) -> str:
        """The version of racecraft on this machine."""
        return version("racecraft")

    def run(self, order: dict[str, Any]) -> tuple[int, str]:
        """Start a worker and wait for its end.

        Args:
            order: what it reads from its standard input, but for the folder to work in.

        Returns:
            Its exit code, and its last words.
        """
        try:
            _sweep(Path(tempfile.gettempdir()))
            with _own_folder() as folder:
                told = order | {"home": str(folder / "home")}
                self._process = LocalProcess(told, ends_with_starter=True)
                while self._process.look() is None:
                    time.sleep(_POLL_S)
                ended = self._process.kill()
                return ended.code if ended.code is not None else UNFIT, ended.words
        except OSError as error:  # no room, no process to be had
            return UNFIT, str(error)

    def end(self) -> None:
        """Ask the worker to end."""
        if self._process is not None:
            self._process.end()


@contextmanager
def _own_folder() -> Iterator[Path]:
    """A folder that is there, and locked, for as long as the block lasts."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    handle = os.open(folder / _LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def _sweep(place: Path) -> None:
    """Remove what seats left that were killed: nobody holds their locks."""
    for folder in place.glob(f"{PREFIX}*"):
        try:
            if time.time() - folder.stat().st_mtime < _NEW_S:
                continue
            handle = os.open(folder / _LOCK_FILE, os.O_RDWR)
        except OSError:  # somebody else's, or gone by now
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            pass
        finally:
            os.close(handle)
