"""A ZIP file from somebody, opened only if it has no tricks.

Before anything is unpacked: one plain central directory of a bounded size at the very end,
names that are plain relative paths and differ by more than their capitals, ordinary files only,
no encryption, two known ways of packing, and bounds on count, sizes and ratios. While it is
unpacked, bytes are counted again, because what an archive says of itself may be a lie.
"""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Generator
from pathlib import Path

from racecraft.domain.errors import InvalidInput
from racecraft.service.archives.layout import MOST_FILES

CHUNK_BYTES = 1 << 20
MOST_RATIO = 200
"""Unpacked over packed; logs and traces reach about 10."""
_FREE_BYTES = 1 << 20
"""So much may be unpacked whatever the ratio is: a short run of zeros is no attack."""
_END = struct.Struct("<4s4H2LH")
_LOCATOR_BYTES = 20
_ENTRY_BYTES = 46 + 512
"""Largest entry of a directory that can hold our names."""
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
_LONGEST_NAME = 120


class Container:
    """A ZIP file whose directory is in order."""

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            InvalidInput: it is no ZIP file, or one with tricks.
            StorageFailed: it cannot be read.
        """
        count = _check_directory(path)
        try:
            self._file = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
            raise _odd(f"it is not a whole ZIP file ({error})") from error
        try:
            if len(self._file.infolist()) != count:
                raise _odd(f"it says that it has {count} files, which is not so")
            self._entries = _checked_entries(self._file.infolist(), path.stat().st_size)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Container:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def names(self) -> list[str]:
        """Paths of all files, in the order of the archive."""
        return list(self._entries)

    def size_of(self, name: str) -> int:
        """Bytes that a file says it has."""
        return self._entries[name].file_size

    def chunks(self, name: str) -> Generator[bytes]:
        """The bytes of a file, piece by piece, never more than it says it has.

        Raises:
            InvalidInput: they are damaged, or more or fewer than promised.
        """
        info, seen = self._entries[name], 0
        try:
            with self._file.open(info) as stream:
                while chunk := stream.read(CHUNK_BYTES):
                    seen += len(chunk)
                    if seen > info.file_size:
                        raise _odd(f"{name} unpacks to more than it says")
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise _odd(f"{name} cannot be unpacked ({error})") from error
        except (RuntimeError, struct.error, ValueError) as error:
            raise _odd(f"{name} cannot be unpacked ({error})") from error
        if seen != info.file_size:
            raise _odd(f"{name} unpacks to {seen} bytes instead of {info.file_size}")

    def read(self, name: str, most_bytes: int) -> bytes:
        """All bytes of a small file.

        Raises:
            InvalidInput: it is larger, or damaged.
        """
        if self.size_of(name) > most_bytes:
            raise _odd(f"{name} has {self.size_of(name)} bytes, and at most {most_bytes} are read")
        return b"".join(self.chunks(name))


def _check_directory(path: Path) -> int:
    """See that the directory is where the end of the file says, and not too large to be read.

    Returns:
        How many files it says there are.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(size - _END.size - _LOCATOR_BYTES, 0))
        tail = file.read()
    if len(tail) < _END.size:
        raise _odd(f"it has {size} bytes only")
    mark, disk, disks, here, count, length, start, comment = _END.unpack(tail[-_END.size :])
    if mark != b"PK\x05\x06" or comment:
        raise _odd("it does not end as a ZIP file without a comment does")
    if tail[:4] == b"PK\x06\x07":
        raise _odd("it is of the large kind (ZIP64)")
    if disk or disks or here != count or start + length != size - _END.size:
        raise _odd("its directory is not at its end")
    if not 0 < count <= MOST_FILES + 1 or length > (MOST_FILES + 1) * _ENTRY_BYTES:
        raise _odd(f"it has {count} files, and 1 to {MOST_FILES} are read")
    return int(count)


def _checked_entries(infos: list[zipfile.ZipInfo], size: int) -> dict[str, zipfile.ZipInfo]:
    entries: dict[str, zipfile.ZipInfo] = {}
    known: set[str] = set()
    for info in infos:
        _check_entry(info)
        if info.filename.lower() in known:
            raise _odd(f"{info.filename} is in it twice")
        known.add(info.filename.lower())
        entries[info.filename] = info
    total = sum(info.file_size for info in infos)
    if total > max(_FREE_BYTES, MOST_RATIO * size):
        raise _odd(f"its {size} bytes unpack to {total}")
    return entries


def _check_entry(info: zipfile.ZipInfo) -> None:
    name = info.filename
    is_plain = _NAME.fullmatch(name) and len(name) <= _LONGEST_NAME and info.orig_filename == name
    if not is_plain:
        raise _odd(f"the name {name[:120]!r} is no plain path inside a folder")
    mode = info.external_attr >> 16
    if (stat.S_IFMT(mode) not in (0, stat.S_IFREG)) or info.external_attr & 0x10:
        raise _odd(f"{name} is not a plain file")
    if info.flag_bits & 0x1:
        raise _odd(f"{name} is encrypted")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _odd(f"{name} is packed in an unknown way")
    if info.file_size > max(_FREE_BYTES, MOST_RATIO * info.compress_size):
        raise _odd(f"{name} unpacks from {info.compress_size} bytes to {info.file_size}")


def _odd(what: str) -> InvalidInput:
    return InvalidInput(
        f"The archive cannot be taken over: {what}. Export the model again, and send that file."
    )
