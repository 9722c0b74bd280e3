"""Sizes and checksums of files, read again only if the files have changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from racecraft.service.archives.manifest import FileEntry
from racecraft.service.files import storage

_CHUNK_BYTES = 1 << 20
_MOST = 100_000
"""Files that are remembered: some hundred models."""


class Digests:
    """What is known of files; safe to use from several threads."""

    def __init__(self) -> None:
        self._sums: dict[Path, tuple[tuple[int, int], FileEntry]] = {}

    def entry(self, folder: Path, name: str) -> FileEntry:
        """Size and checksum of a file in a folder.

        Raises:
            StorageFailed: it cannot be read.
        """
        path = folder / name
        with storage(path):
            now = path.stat()
            key = (now.st_size, now.st_mtime_ns)
            kept = self._sums.get(path)
            if kept is not None and kept[0] == key:
                return kept[1]
            digest = hashlib.sha256()
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK_BYTES):
                    digest.update(chunk)
        entry = FileEntry(path=name, size=now.st_size, sha256=digest.hexdigest())
        if len(self._sums) >= _MOST:
            self._sums.clear()
        self._sums[path] = (key, entry)
        return entry

    def forget(self) -> None:
        """Read all files anew from now on."""
        self._sums.clear()
