"""In the service: the files of a job whose worker is on another machine.

The worker gets the files of the model, sends back what changes, each file under its checksum, and
then says which files the folder is to have. Only then do they take their places: new ones first,
what a training goes on from in one rename, and what nobody needs any more is removed last. So the
folder is at every moment one from which another worker can go on.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from racecraft.domain.errors import Conflict, InvalidInput, NotFound
from racecraft.domain.job import JobKind
from racecraft.service.archives.layout import Rule, files_of, rule_of
from racecraft.service.artifacts import ArtifactStore
from racecraft.service.digests import Digests
from racecraft.service.files import link_or_copy, storage
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
_LOCK_FILE = ".keeping"
_PATIENCE_S = 5.0
"""Shorter than a worker waits for an answer."""


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


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let nobody else change which files a job's folder has, for as long as the block lasts.

    A worker that waited in vain for an answer asks again while the first time is still under way.

    Raises:
        Conflict: somebody else is at it.
        StorageFailed: the folder cannot be written.
    """
    with storage(folder):
        handle = os.open(folder / _LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Conflict(
                        "The files of this job are just taking their places; send them again in "
                        "a moment."
                    ) from None
                time.sleep(0.05)
        yield
    finally:
        os.close(handle)


def keep_files(
    settings: Settings,
    job: Job,
    folder: Path,
    files: list[FileEntry],
    gone: list[str],
    artifacts: ArtifactStore | None,
) -> list[str]:
    """Let a job's folder have the files that its worker has; to be done `alone`.

    What the worker never had stays: an evaluation that was made here meanwhile, for instance.

    Args:
        settings: where things are.
        job: which.
        folder: of the job.
        files: all files of the worker.
        gone: paths of those that it had before, and has no more.
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
            raise InvalidInput(_refusal(entry, rule))
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
        for name in sorted(set(here) & set(gone) - wanted):
            (folder / name).unlink(missing_ok=True)
            _remove_if_empty((folder / name).parent, folder)
    forget_incoming(settings, job.id)
    return []


def _refusal(entry: FileEntry, rule: Rule | None) -> str:
    if rule is None:
        return f"The worker sent {entry.path!r}, which has no business in the folder of a model."
    return (
        f"{entry.path} has {entry.size / 1e6:.1f} MB, and at most {rule.most_bytes / 1e6:.0f} MB "
        "of it can be kept. Make the training shorter, or let it run at the service itself."
    )


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
            link_or_copy(file, new / file.name)
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
    link_or_copy(source, beside)
    beside.chmod(0o644)
    beside.replace(target)


def _remove_if_empty(place: Path, folder: Path) -> None:
    while place != folder and not any(place.iterdir()):
        place.rmdir()
        place = place.parent
