"""Tokens of services that somebody signed in to: one file that only its owner can read."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from racecraft.domain.errors import Conflict, StorageFailed
from racecraft.service.files import storage

FILE = "logins.json"
_PRIVATE = 0o600


def token_of(home: Path, url: str) -> str | None:
    """The token that was kept for a service; None without one.

    Raises:
        Conflict: others can read the file.
        StorageFailed: it cannot be read.
    """
    return _read(home).get(url)


def keep_token(home: Path, url: str, token: str) -> Path:
    """Keep the token of a service; gives the file.

    Raises:
        StorageFailed: the file cannot be written.
    """
    return _write(home, _read(home) | {url: token})


def forget_token(home: Path, url: str) -> bool:
    """Forget the token of a service; gives whether there was one."""
    kept = _read(home)
    if kept.pop(url, None) is None:
        return False
    _write(home, kept)
    return True


def _read(home: Path) -> dict[str, str]:
    path = home / FILE
    with storage(path):
        if not path.is_file():
            return {}
        mode = stat.S_IMODE(path.stat().st_mode)
        if os.name == "posix" and mode & 0o077:
            raise Conflict(
                f"Others can read the tokens in {path}; take that right away with `chmod 600 "
                f"{path}`."
            )
        text = path.read_text(encoding="utf-8")
    try:
        table = json.loads(text)
    except ValueError as error:
        raise StorageFailed(f"{path} is damaged; delete it and sign in again.") from error
    if not isinstance(table, dict):
        raise StorageFailed(f"{path} is damaged; delete it and sign in again.")
    return {str(url): str(token) for url, token in table.items()}


def _write(home: Path, table: dict[str, str]) -> Path:
    """Replace the file in one step; it is never readable for others, not for a moment."""
    path = home / FILE
    with storage(path):
        home.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(dir=home, prefix=".logins-")  # 0600 from the beginning
        try:
            with os.fdopen(number, "w", encoding="utf-8") as file:
                json.dump(table, file, indent=2)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(_PRIVATE)
            Path(name).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
    return path
