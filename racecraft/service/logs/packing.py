"""Entries as one stream of bytes: nothing of the download is kept on the disk."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO

from racecraft.service.files import storage
from racecraft.service.logs.entries import Entry, Shape
from racecraft.service.streams import Pipe, zip_entry

_CHUNK_BYTES = 1 << 20
_IN_MEMORY_BYTES = 8 << 20


def packed(entries: Sequence[Entry], shape: Shape) -> Iterator[bytes]:
    """The bytes of a download.

    A file that is gone by the time it is its turn (a training was resumed) is left out.

    Raises:
        StorageFailed: a file cannot be read.
    """
    return _zip(entries) if shape.ending == ".zip" else _tar(entries)


def _zip(entries: Iterable[Entry]) -> Iterator[bytes]:
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, file, size in _opened(entries):
            info = zip_entry(entry.path)
            info.file_size = size
            with archive.open(info, "w") as target:
                for chunk in _chunks(file, size):
                    target.write(chunk)
                    yield pipe.take()
    yield pipe.take()


def _tar(entries: Iterable[Entry]) -> Iterator[bytes]:
    pipe = Pipe()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=pipe, mtime=0, compresslevel=6) as packer,
        tarfile.open(fileobj=packer, mode="w|", format=tarfile.PAX_FORMAT) as archive,
    ):
        for entry, file, size in _opened(entries):
            info = tarfile.TarInfo(entry.path)
            info.size, info.mode = size, 0o644
            archive.addfile(info, file)
            yield pipe.take()
    yield pipe.take()


def _opened(entries: Iterable[Entry]) -> Iterator[tuple[Entry, IO[bytes], int]]:
    """Each entry as an open file that nobody changes, and its size in bytes."""
    for entry in entries:
        if isinstance(entry.source, Path):
            try:
                # Files are replaced, never rewritten, so an open one stays as it is; a log may
                # grow, and only what it had at first is read.
                file = entry.source.open("rb")
            except FileNotFoundError:
                continue
            with storage(entry.source), file:
                yield entry, file, _size(file)
        else:
            with SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as made:
                for part in entry.source():
                    made.write(part.encode())
                yield entry, made, _size(made)


def _size(file: IO[bytes]) -> int:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return size


def _chunks(file: IO[bytes], size: int) -> Iterator[bytes]:
    while size > 0 and (chunk := file.read(min(_CHUNK_BYTES, size))):
        size -= len(chunk)
        yield chunk
