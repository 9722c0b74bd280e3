"""In the service: the files of a job whose worker is on another machine.

The worker gets the files of the model, sends back what changes, each file under its checksum, and
then says which files the folder is to have. Only then do they take their places: new ones first,
what a training goes on from in one rename, and what nobody needs any more is removed last. So the
folder is at every moment one from which another worker can go on.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from racecraft.domain.errors import Conflict, InvalidInput, NotFound, StorageFailed
from racecraft.domain.job import JobKind
from racecraft.service.archives.layout import files_of, rule_of
from racecraft.service.artifacts import ArtifactStore
from racecraft.service.digests import Digests
from racecraft.service.files import storage
from racecraft.service.model_folders import folder_of
from racecraft.service.model_records import Model
from racecraft.service.races.entering import folder_of_submission

if TYPE_CHECKING:
    from racecraft.service.archives.manifest import FileEntry
    from racecraft.service.jobs.job import Job
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

INCOMING = ".incoming-"
MOST_BYTES = 1_000_000_000
"""Of a file that a worker sends."""
_STATE = "checkpoints/state"
_LAST = ("progress.jsonl", "training.log")
"""What tells of iterations comes after them."""
_DIGESTS = Digests()


def folder_of_job(store: Store, settings: Settings, job: Job) -> Path:
    """Where the files of a job lie.

    Raises:
        Conflict: jobs of its kind have no files that could be sent.
        NotFound: the model is gone.
    """
    if job.kind is JobKind.SUBMISSION:
        request = job.request
        return folder_of_submission(settings, request["race_id"], request["submission_id"])
    if job.kind is JobKind.HEAT:
        raise Conflict(f"A {job.kind.value.lower()} is for workers of the service itself.")
    with store.look() as work:
        return folder_of(settings, work.get(Model, job.model_id))


def list_files(folder: Path) -> list[FileEntry]:
    """The files of a job's folder.

    Raises:
        StorageFailed: one cannot be read.
    """
    return [_DIGESTS.entry(folder, name) for name in files_of(folder)]


def file_in(folder: Path, name: str) -> Path:
    """One of them.

    Raises:
        NotFound: there is none of this name.
    """
    path = folder / name
    if rule_of(name) is None or not path.is_file() or path.is_symlink():
        raise NotFound(f"The folder has no file {name!r}.")
    return path


def track_file(settings: Settings, name: str) -> Path:
    """The file of an imported track.

    Raises:
        NotFound: there is none of this name.
    """
    path = settings.tracks / f"{name}.npy"
    if Path(name).name != name or not path.is_file():
        raise NotFound(f"There is no imported track {name!r}.")
    return path


def place_for(settings: Settings, job_id: str, sha256: str) -> Path:
    """Where a file that a worker sends is kept until it says what it is.

    Raises:
        StorageFailed: the home folder cannot be written.
    """
    place = settings.home / f"{INCOMING}{job_id}"
    with storage(place):
        place.mkdir(parents=True, exist_ok=True)
    return place / sha256


def forget_incoming(settings: Settings, job_id: str) -> None:
    """Remove what a worker sent and nobody needs any more."""
    shutil.rmtree(settings.home / f"{INCOMING}{job_id}", ignore_errors=True)


def keep_files(
    settings: Settings,
    job: Job,
    folder: Path,
    files: list[FileEntry],
    artifacts: ArtifactStore | None,
) -> list[str]:
    """Let a job's folder have the files that its worker has.

    Args:
        settings: where things are.
        job: which.
        folder: of the job.
        files: all files that there are to be.
        artifacts: a store that has what is not here and was not sent.

    Returns:
        Checksums of files that have to be sent first; nothing was changed if there are any.

    Raises:
        InvalidInput: a file has no business in such a folder.
        StorageFailed: the folder cannot be written.
    """
    for entry in files:
        rule = rule_of(entry.path)
        if rule is None or entry.size > rule.most_bytes:
            raise InvalidInput(f"The worker sent {entry.path!r} of {entry.size} bytes.")
    here = {entry.path: entry.sha256 for entry in list_files(folder)}
    changed = [entry for entry in files if here.get(entry.path) != entry.sha256]
    missing = [e for e in changed if not place_for(settings, job.id, e.sha256).is_file()]
    if artifacts is not None:
        for entry in missing:
            artifacts.fetch_file(job.model_id, entry, place_for(settings, job.id, entry.sha256))
        missing = []
    if missing:
        return sorted({entry.sha256 for entry in missing})
    with storage(folder):
        _apply(folder, changed, lambda e: place_for(settings, job.id, e.sha256))
        wanted = {entry.path for entry in files}
        for gone in sorted(set(here) - wanted):
            (folder / gone).unlink(missing_ok=True)
            _remove_if_empty((folder / gone).parent, folder)
    forget_incoming(settings, job.id)
    return []


def _apply(folder: Path, changed: list[FileEntry], place: Callable[[FileEntry], Path]) -> None:
    """Put files into their places, in the order in which a training writes them."""
    state = [entry for entry in changed if entry.path.startswith(f"{_STATE}/")]
    others = [entry for entry in changed if entry not in state]
    for entry in sorted(others, key=lambda e: (e.path in _LAST, e.path)):
        if entry.path in _LAST and state:
            _replace_state(folder, state, place)
            state = []
        _put(place(entry), folder / entry.path)
    if state:
        _replace_state(folder, state, place)


def _replace_state(
    folder: Path, state: list[FileEntry], place: Callable[[FileEntry], Path]
) -> None:
    """What a training goes on from, as a whole, as the training itself does it."""
    target = folder / _STATE
    new, before = (target.with_name(f"{target.name}.{word}") for word in ("writing", "before"))
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    if target.is_dir():
        for file in target.iterdir():
            os.link(file, new / file.name)
    for entry in state:
        _put(place(entry), new / Path(entry.path).name)
    if target.exists():
        shutil.rmtree(before, ignore_errors=True)
        target.replace(before)
    new.replace(target)
    shutil.rmtree(before, ignore_errors=True)


def _put(source: Path, target: Path) -> None:
    """A file into its place; the same bytes may be wanted in another one, too."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.new")
    beside.unlink(missing_ok=True)
    try:
        os.link(source, beside)
    except OSError as error:
        raise StorageFailed(f"{target} could not be written: {error.strerror}.") from error
    beside.chmod(0o644)
    beside.replace(target)


def _remove_if_empty(place: Path, folder: Path) -> None:
    while place != folder and not any(place.iterdir()):
        place.rmdir()
        place = place.parent
