"""Locks of models whose jobs run on other machines.

A worker locks the folder that it works in. One elsewhere works in a folder of its own, so the
service holds the lock of the model's folder for it, and a command line here respects that job, too.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from racecraft.domain.errors import RacecraftError
from racecraft.domain.job import JobKind
from racecraft.service.jobs.job import Job
from racecraft.service.jobs.nodes import Node
from racecraft.service.jobs.queue import RUNNING
from racecraft.service.locks import locked
from racecraft.service.model_folders import folder_of
from racecraft.service.model_records import Model

if TYPE_CHECKING:
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store, Work

_WORK = {
    JobKind.TRAINING: "TRAINING",
    JobKind.EVALUATION: "EVALUATING",
    JobKind.RANKING: "RANKING",
}
"""What its holder's status is, by the job."""


class FarLocks:
    """The locks that this service holds for machines elsewhere."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._held: dict[str, ExitStack] = {}

    def look(self) -> None:
        """Take the locks of jobs that are elsewhere now, and let go of those that are not.

        Of several services with the same home folder, one has each; what cannot be had now may be
        the next time.
        """
        with self._store.look() as work:
            far = _far_jobs(work)
            new = [job for job in far if job.id not in self._held]
            models = {job.id: work.first(Model, id=job.model_id) for job in new}
        for job_id in set(self._held) - {job.id for job in far}:
            self._held.pop(job_id).close()
        for job in new:
            model = models[job.id]
            if model is not None:
                self._take(job, model)

    def close(self) -> None:
        """Let go of all."""
        for stack in self._held.values():
            stack.close()
        self._held.clear()

    def _take(self, job: Job, model: Model) -> None:
        # Its folder may be gone, or somebody here works in it.
        with suppress(RacecraftError), ExitStack() as stack:
            folder = folder_of(self._settings, model)
            stack.enter_context(locked(folder, _WORK[job.kind], patience_s=0.0))
            self._held[job.id] = stack.pop_all()


def _far_jobs(work: Work) -> list[Job]:
    """Those that work in a model's folder on a machine that has no part in the home folder.

    Workers of another service lock the folder themselves; it is the same.
    """
    jobs = [job for job in work.find(Job, status=RUNNING) if job.kind in _WORK]
    far = {node.id for node in work.find(Node) if not node.facts.home} if jobs else set()
    return [job for job in jobs if job.node in far]
