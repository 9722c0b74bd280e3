"""An archive as a new model's folder: everything is checked before anything is written.

The archive is read twice: to check it, and to unpack it. Nobody else can change it in between,
because it is a private copy; what is unpacked is compared with the checksums all the same.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from racecraft.domain.errors import Conflict, InvalidInput
from racecraft.domain.spec import ModelSpec, TrainingSpec
from racecraft.service.archives import manifest as manifests
from racecraft.service.archives.container import Container
from racecraft.service.archives.contents import check_file, check_model, check_training
from racecraft.service.archives.layout import NEEDED, Kind, rule_of
from racecraft.service.archives.manifest import MANIFEST, Manifest
from racecraft.service.documents import sentences
from racecraft.service.files import storage, write_whole
from racecraft.service.models import IMPORT_FILE, checked_name, fresh_name
from racecraft.service.stamps import is_stamp
from racecraft.tracks.library import shipped_names

if TYPE_CHECKING:
    from racecraft.service.settings import Settings

_SMALL_BYTES = 1_000_000
_FOURTEEN = re.compile(r"[0-9]{14}")
"""Digits of a time; nothing else in the name of a file has so many."""


class ImportReport(BaseModel):
    """What was taken over from an archive."""

    name: str
    """What the model is called here."""
    archive_name: str
    """What it was called there."""
    racecraft: str
    """Version of the program that wrote the archive."""
    files: int
    size_bytes: int
    checkpoints: list[int]
    can_go_on: bool
    """Whether the training can go on exactly where it was; a clone can always be trained."""
    evaluations: int
    notes: list[str]
    """What is different here, in sentences."""


@dataclass(frozen=True)
class Checked:
    """An archive that was found to be in order."""

    manifest: Manifest
    model: ModelSpec
    training: TrainingSpec

    @property
    def names(self) -> set[str]:
        """Paths of all files."""
        return {file.path for file in self.manifest.files}


def check_archive(path: Path) -> Checked:
    """See that an archive may be taken over; nothing is written.

    Raises:
        InvalidInput: it may not; the sentence says why.
        StorageFailed: it cannot be read.
    """
    with storage(path), Container(path) as container:
        manifest = _manifest(container)
        promised = {file.path: file for file in manifest.files}
        _compare(container, set(promised), len(manifest.files))
        _refuse_odd_times(promised)
        model = check_model("model.json", container.read("model.json", _SMALL_BYTES))
        data = container.read("training.json", _SMALL_BYTES)
        training = check_training("training.json", data, model)
        for name, file in promised.items():
            rule = rule_of(name)
            assert rule is not None
            if container.size_of(name) != file.size or file.size > rule.most_bytes:
                raise _refused(
                    f"{name} has {container.size_of(name)} bytes; {file.size} were promised, and "
                    f"{rule.most_bytes} are allowed"
                )
            if rule.kind not in (Kind.MODEL, Kind.TRAINING):
                with closing(container.chunks(name)) as chunks:
                    check_file(name, rule.kind, chunks, file.size)
            _compare_sums(container, name, file.sha256)
        return Checked(manifest, model, training)


def unpack_archive(
    settings: Settings, path: Path, checked: Checked, *, name: str | None = None
) -> Path:
    """Make the folder of a new model from an archive that was checked, whole or not at all.

    Args:
        settings: where models are.
        path: of the archive.
        checked: what was found in it.
        name: what to call the model; as in the archive, or the next free name, when None.

    Returns:
        The new folder.

    Raises:
        InvalidSpec: no model can have this name.
        Conflict: a model has it.
        StorageFailed: the home folder cannot be written.
    """
    with storage(settings.models):
        settings.models.mkdir(parents=True, exist_ok=True)
        called = checked_name(name) if name else fresh_name(settings, checked.model.name)
        target = settings.models / called
        if target.exists() or target.is_symlink():
            raise Conflict(f"There is a model {called!r} already; choose another name.")
        building = Path(tempfile.mkdtemp(dir=settings.models, prefix=".new-"))
        try:
            building.chmod(0o755)
            with Container(path) as container:
                for file in checked.manifest.files:
                    _unpack(container, file.path, file.sha256, building)
            origin = checked.manifest.model_dump(exclude={"files"})
            write_whole(building / IMPORT_FILE, _as_json(origin))
            building.rename(target)
        except BaseException:
            shutil.rmtree(building, ignore_errors=True)
            raise
    return target


def report_of(settings: Settings, checked: Checked, folder: Path) -> ImportReport:
    """What was taken over, and what is different here."""
    names, manifest = checked.names, checked.manifest
    iterations = sorted(
        int(name.split("/")[1])
        for name in names
        if name.startswith("checkpoints/") and name.endswith("/policy.safetensors")
    )
    notes = []
    if folder.name != manifest.name:
        notes.append(f"The model is called {folder.name} here, because the other name is taken.")
    missing = [track.name for track in checked.training.tracks if not _has(settings, track.name)]
    if missing:
        notes.append(
            f"The track {', '.join(sorted(set(missing)))} is not here; import it before you train "
            "or evaluate the model on it."
        )
    can_go_on = "checkpoints/state/state.safetensors" in names
    if not can_go_on:
        notes.append("The training cannot go on where it was; train a clone of the model instead.")
    if not iterations:
        notes.append("The model has learnt nothing yet.")
    return ImportReport(
        name=folder.name,
        archive_name=manifest.name,
        racecraft=manifest.racecraft,
        files=len(manifest.files),
        size_bytes=manifest.size,
        checkpoints=iterations,
        can_go_on=can_go_on,
        evaluations=sum(name.startswith("metrics/evaluation/") for name in names),
        notes=notes,
    )


def _manifest(container: Container) -> Manifest:
    if MANIFEST not in container.names:
        raise _refused(f"it has no {MANIFEST}, so it is no model of racecraft")
    data = container.read(MANIFEST, manifests.MOST_BYTES)
    try:
        manifest = Manifest.model_validate_json(data)
        checked_name(manifest.name)
    except (ValidationError, InvalidInput) as error:
        why = sentences(Manifest, error) if isinstance(error, ValidationError) else str(error)
        raise _refused(f"its {MANIFEST} does not fit ({why.rstrip('.')[:300]})") from error
    if manifest.version > manifests.VERSION:
        raise InvalidInput(
            f"The archive is of version {manifest.version}, and this program reads up to "
            f"{manifests.VERSION}; install a newer version of racecraft."
        )
    return manifest


def _compare(container: Container, promised: set[str], count: int) -> None:
    """Exactly the promised files are there, all of them known, and none that is needed lacks."""
    found = set(container.names) - {MANIFEST}
    if count != len(promised):
        raise _refused("its list names a file twice")
    for name in sorted(found ^ promised):
        raise _refused(f"{name} is {'not in its list' if name in found else 'missing'}")
    for name in sorted(found):
        if rule_of(name) is None:
            raise _refused(f"{name} is no file of a model")
    for name in NEEDED:
        if name not in found:
            raise _refused(f"{name} is missing")
    for name in sorted(found):
        # A checkpoint is its two files; one alone would be met as damage later.
        place, _, file = name.rpartition("/")
        other = {"policy.safetensors": "checkpoint.json", "state.safetensors": "checkpoint.json"}
        if file in other and f"{place}/{other[file]}" not in found:
            raise _refused(f"{place}/{other[file]} is missing")
        pair = (f"{place}/policy.safetensors", f"{place}/state.safetensors")
        if file == "checkpoint.json" and not any(each in found for each in pair):
            raise _refused(f"{pair[0]} is missing")


def _refuse_odd_times(names: Iterable[str]) -> None:
    for name in sorted(names):
        if not all(map(is_stamp, _FOURTEEN.findall(name))):
            raise _refused(f"{name} tells a time that is none")


def _compare_sums(container: Container, name: str, sha256: str) -> None:
    digest = hashlib.sha256()
    for chunk in container.chunks(name):
        digest.update(chunk)
    if digest.hexdigest() != sha256:
        raise _refused(f"{name} is not what its checksum promises")


def _unpack(container: Container, name: str, sha256: str, folder: Path) -> None:
    path, digest = folder / name, hashlib.sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        for chunk in container.chunks(name):
            digest.update(chunk)
            file.write(chunk)
    if digest.hexdigest() != sha256:
        raise _refused(f"{name} was changed while it was unpacked")


def _has(settings: Settings, track: str) -> bool:
    return track in shipped_names() or (settings.tracks / f"{track}.npy").is_file()


def _as_json(values: dict[str, Any]) -> str:
    return json.dumps(values, indent=1) + "\n"


def _refused(why: str) -> InvalidInput:
    return InvalidInput(
        f"The archive cannot be taken over: {why}. Export the model again, and send that file."
    )
