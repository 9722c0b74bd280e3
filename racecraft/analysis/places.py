"""A folder, a ZIP or a tar as named files that are read one at a time; nothing is unpacked.

Archives may come from anybody: links and devices are passed over, names are names only, and what is
read is bounded.
"""

from __future__ import annotations

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from racecraft.domain.errors import InvalidInput, NotFound, StorageFailed

MOST_FILES = 50_000
MOST_FILE_BYTES = 2_000_000_000
MOST_BYTES = 8_000_000_000
"""Of all files of an archive together."""

_DAMAGES = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError)


class Place(Protocol):
    """Named files."""

    names: list[str]
    """Paths with `/`, in the order in which they are read fastest."""

    def read(self, name: str) -> bytes:
        """One of them."""


@contextmanager
def open_place(path: Path) -> Iterator[Place]:
    """The files at a path; a single file is a place with one.

    Raises:
        NotFound: nothing is there.
        InvalidInput: an archive is damaged, or has too much in it.
        StorageFailed: it cannot be read.
    """
    if not path.exists():
        raise NotFound(f"There is no {path}; give a model's name, a folder or an archive of logs.")
    try:
        if path.is_dir():
            yield _Folder(path)
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield _Zip(archive)
        elif tarfile.is_tarfile(path):
            with tarfile.open(path) as tar:
                yield _Tar(tar)
        else:
            yield _File(path)
    except _DAMAGES as error:
        raise InvalidInput(f"{path} is a damaged archive ({error}); fetch it again.") from error
    except OSError as error:
        raise StorageFailed(f"{path} cannot be read ({error.strerror or error}).") from error


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path
        found = (each for each in path.rglob("*") if each.is_file() and not each.is_symlink())
        self.names = sorted(each.relative_to(path).as_posix() for each in found)

    def read(self, name: str) -> bytes:
        return (self._path / name).read_bytes()


class _File:
    def __init__(self, path: Path) -> None:
        self._path = path
        self.names = [path.name]

    def read(self, name: str) -> bytes:
        return self._path.read_bytes()


class _Zip:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        infos = [info for info in archive.infolist() if not info.is_dir()]
        self._infos = {info.filename: info for info in infos}
        _refuse_much([info.file_size for info in infos])
        self.names = sorted(self._infos)

    def read(self, name: str) -> bytes:
        info = self._infos[name]
        try:
            with self._archive.open(info) as file:
                return file.read(info.file_size)
        except (RuntimeError, NotImplementedError) as error:  # encrypted; packed in another way
            raise InvalidInput(
                f"{name} in the archive cannot be unpacked ({error}); pack it again, without a "
                "password and as a usual ZIP."
            ) from error


class _Tar:
    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive
        self._members: dict[str, tarfile.TarInfo] = {}
        sizes: list[int] = []
        total = 0
        for member in archive:  # to get to the next one, all of this one is unpacked
            sizes.append(member.size)
            total += member.size
            if total > MOST_BYTES or len(sizes) > MOST_FILES or member.size > MOST_FILE_BYTES:
                _refuse_much(sizes)
            if member.isreg():
                self._members[member.name.removeprefix("./")] = member
        # As they lie there: each step back would unpack a packed one from its start.
        self.names = list(self._members)

    def read(self, name: str) -> bytes:
        file = self._archive.extractfile(self._members[name])
        return b"" if file is None else file.read()


def _refuse_much(sizes: list[int]) -> None:
    largest, total = max(sizes, default=0), sum(sizes)
    if len(sizes) > MOST_FILES or largest > MOST_FILE_BYTES or total > MOST_BYTES:
        raise InvalidInput(
            f"The archive has {len(sizes)} files with {total} bytes, the largest {largest}; at "
            f"most {MOST_FILES} files with {MOST_BYTES} bytes are read. Give the folder with the "
            "logs alone."
        )
