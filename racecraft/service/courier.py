"""In the worker: the files of a job, when the service is on another machine.

They are fetched before the work, and sent back while it goes on and when it is done: to the
service, or, where both have an artifact store, through that.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from racecraft.domain.errors import (
    InvalidInput,
    RacecraftError,
    ServiceUnreachable,
    StorageFailed,
)
from racecraft.domain.job import JobKind
from racecraft.domain.spec import EvaluationSpec
from racecraft.service.archives.layout import files_of, rule_of
from racecraft.service.archives.manifest import FileEntry
from racecraft.service.digests import Digests
from racecraft.service.files import storage
from racecraft.service.models import load_training

if TYPE_CHECKING:
    from racecraft.service.artifacts import ArtifactStore
    from racecraft.service.remote import ServiceConnection
    from racecraft.service.settings import Settings

PAUSE_S = 3.0
"""At least between two times that a training is sent."""
_SHARE = 10.0
"""So many times what it took to send it last is waited, too: learning has the machine and the line
for itself most of the time."""


class Courier:
    """Brings the files of one job, and takes them back."""

    def __init__(
        self,
        service: ServiceConnection,
        settings: Settings,
        job: dict[str, Any],
        artifacts: ArtifactStore | None = None,
    ) -> None:
        """Fetch all files of the job; its folder is as that of the service afterwards.

        Args:
            service: who has the files.
            settings: those of the person whose job it is, with a home folder for it alone.
            job: as the service told it.
            artifacts: a store that the service uses, too.

        Raises:
            ServiceUnreachable, SignInNeeded: the service does not give them; what has arrived is
                not fetched again the next time.
            StorageFailed: they cannot be written, or did not arrive whole.
        """
        self._service, self._settings, self._job = service, settings, job
        self._artifacts = artifacts if job["kind"] != JobKind.SUBMISSION.value else None
        self.folder = _folder(settings, job)
        self._digests = Digests()
        self._sent_s, self._took_s = time.monotonic(), 0.0
        self.problem = ""
        """Why the files could not be sent the last time."""
        self.is_refused = False
        """The service will never take them as they are."""
        self._had: set[str] = set()
        """Paths that the service may have from here."""
        self._fetch()

    def keep(self, *, now: bool = False) -> None:
        """Send what has changed, unless that was done a moment ago.

        Args:
            now: do it in any case, and only note what is wrong.

        Raises:
            InvalidInput: the service will never take them, so it is no use to go on.
        """
        began_s = time.monotonic()
        if not now and began_s - self._sent_s < max(PAUSE_S, _SHARE * self._took_s):
            return
        try:
            self._send()
            self.problem, self.is_refused = "", False
        except RacecraftError as error:
            self.problem, self.is_refused = str(error), isinstance(error, InvalidInput)
            if self.is_refused and not now:
                raise
        self._sent_s = time.monotonic()
        self._took_s = self._sent_s - began_s

    def leave(self) -> None:
        """Remove the files here; the service has them."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _fetch(self) -> None:
        entries = [FileEntry.model_validate(row) for row in self._service.list_files()]
        for entry in entries:
            if rule_of(entry.path) is None:
                raise StorageFailed(f"The service sent a file {entry.path!r}.")
            path = self.folder / entry.path
            with storage(path):
                path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_file() and self._digests.entry(self.folder, entry.path) == entry:
                continue
            self._service.fetch_file(entry.path, path)
            if self._digests.entry(self.folder, entry.path) != entry:
                raise StorageFailed(f"{entry.path} did not arrive whole.")
        self._had = {entry.path for entry in entries}
        for name in set(files_of(self.folder)) - self._had:
            with storage(self.folder):
                (self.folder / name).unlink(missing_ok=True)
        with storage(self._settings.tracks):
            self._settings.tracks.mkdir(parents=True, exist_ok=True)
        for name in self._tracks():
            self._service.fetch_track(name, self._settings.tracks / f"{name}.npy")

    def _tracks(self) -> list[str]:
        """The tracks of the job that are not in every installation."""
        from racecraft.tracks.library import shipped_names

        request = self._job["request"]
        if self._job["kind"] == JobKind.TRAINING.value:
            names = [track.name for track in load_training(self.folder).tracks]
        else:
            evaluation = EvaluationSpec.model_validate(request.get("evaluation", request))
            names = [evaluation.track.name]
        return [name for name in names if name not in shipped_names() and "/" not in name]

    def _send(self) -> None:
        entries = [self._digests.entry(self.folder, name) for name in files_of(self.folder)]
        now = {entry.path for entry in entries}
        self._had |= now  # even if no answer comes
        if self._artifacts is not None:
            self._artifacts.keep(self.folder, self._job["model_id"])
        for _ in range(2):
            missing = self._service.keep_files(
                entries, sorted(self._had - now), is_in_store=self._artifacts is not None
            )
            if not missing:
                self._had = now
                return
            paths = {entry.sha256: self.folder / entry.path for entry in entries}
            for sha256 in missing:
                self._service.send_file(sha256, paths[sha256])
        raise StorageFailed("The service did not keep the files that it asked for.")


def patient_courier(
    fetch: Callable[[], Courier], gives_up: Callable[[], bool], patience_s: float
) -> Courier:
    """Fetch the files of a job, again and again while the service does not answer.

    Args:
        fetch: tries it.
        gives_up: whether the job is not to be done here any more.
        patience_s: how long it is tried after the first time.

    Raises:
        ServiceUnreachable: it was of no use.
        SignInNeeded, StorageFailed: as `Courier`.
    """
    deadline = None
    while True:
        try:
            return fetch()
        except ServiceUnreachable:
            deadline = deadline or time.monotonic() + patience_s
            if gives_up() or time.monotonic() > deadline:
                raise
            time.sleep(1.0)


def _folder(settings: Settings, job: dict[str, Any]) -> Path:
    if job["kind"] == JobKind.SUBMISSION.value:
        from racecraft.service.races.entering import folder_of_submission

        request = job["request"]
        return folder_of_submission(settings, request["race_id"], request["submission_id"])
    if job["kind"] == JobKind.HEAT.value:
        raise InvalidInput(f"Jobs of the kind {job['kind']} are for the service itself.")
    return settings.models / str(job["model_name"])
