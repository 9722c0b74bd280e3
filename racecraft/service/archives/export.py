"""A model's folder as one archive, streamed: nothing of it is kept on the disk."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from racecraft.domain.errors import Conflict, StorageFailed
from racecraft.service.archives.container import CHUNK_BYTES
from racecraft.service.archives.layout import MOST_FILES, Kind, files_of, rule_of
from racecraft.service.archives.manifest import MANIFEST, FileEntry, Manifest
from racecraft.service.clones import checkpoint_iteration
from racecraft.service.files import storage
from racecraft.service.locks import current_work
from racecraft.service.streams import Pipe, zip_entry
from racecraft.service.summaries import checkpoint_iterations

_PACKED_ALREADY = (Kind.WEIGHTS, Kind.PICTURE)
_PLACES = ("state", "replay")
ALL = "all"


def export_model(
    folder: Path, *, checkpoints: str = ALL, has_state: bool = True
) -> Iterator[bytes]:
    """The bytes of the archive of a model.

    Args:
        folder: of the model, which nobody may be working on.
        checkpoints: `all`, `best`, `last` or the number of an iteration.
        has_state: include what is needed to go on with the training exactly.

    Raises:
        Conflict: a training or evaluation is under way.
        InvalidInput, NotFound: there is no such checkpoint.
        StorageFailed: a file cannot be read.
    """
    work = current_work(folder)
    if work is not None:
        raise Conflict(
            f"The model {folder.name!r} is in use: {work}. Wait until that ends, or stop it, and "
            "export it then."
        )
    names = _chosen(folder, checkpoints, has_state)
    if len(names) > MOST_FILES:
        raise Conflict(
            f"The model {folder.name!r} has {len(names)} files, and an archive holds {MOST_FILES}; "
            "export its best checkpoint only."
        )
    entries = tuple(_entry(folder, name) for name in names)
    manifest = Manifest(racecraft=version("racecraft"), name=folder.name, files=entries)
    return _stream(folder, manifest)


def _chosen(folder: Path, checkpoints: str, has_state: bool) -> list[str]:
    iterations = checkpoint_iterations(folder)
    wanted = {str(iteration) for iteration in iterations}
    if checkpoints != ALL:
        wanted = {str(checkpoint_iteration(folder, checkpoints))}
    if has_state:
        wanted |= set(_PLACES)
    return [
        name
        for name in files_of(folder)
        if not name.startswith("checkpoints/") or name.split("/")[1] in wanted
    ]


def _entry(folder: Path, name: str) -> FileEntry:
    digest, size = hashlib.sha256(), 0
    with storage(folder / name), (folder / name).open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    return FileEntry(path=name, size=size, sha256=digest.hexdigest())


def _stream(folder: Path, manifest: Manifest) -> Iterator[bytes]:
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", allowZip64=False) as archive:
        head = manifest.model_dump_json(indent=1).encode()
        archive.writestr(zip_entry(MANIFEST), head)
        yield pipe.take()
        for entry in manifest.files:
            rule = rule_of(entry.path)
            assert rule is not None
            seen = 0
            with storage(folder / entry.path), (folder / entry.path).open("rb") as file:
                info = zip_entry(entry.path, is_packed=rule.kind not in _PACKED_ALREADY)
                info.file_size = entry.size
                with archive.open(info, "w") as target:
                    while chunk := file.read(CHUNK_BYTES):
                        seen += len(chunk)
                        target.write(chunk)
                        yield pipe.take()
            if seen != entry.size:  # whoever reads the archive will refuse it, too
                raise StorageFailed(f"{entry.path} was changed meanwhile; export the model again.")
            yield pipe.take()
    yield pipe.take()
