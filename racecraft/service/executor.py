"""Where the process of a job runs: on this machine.

A thread looks after the queue: it starts a worker process for each job that may run, notices at
once when one is gone, and gives back what silent workers of an earlier life had.
"""

from __future__ import annotations

import json
import os
import platform
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

import psutil
import structlog

from racecraft.domain.job import JobKind
from racecraft.service.collection import refresh_model
from racecraft.service.copies import fetch_missing
from racecraft.service.jobs.job import Job
from racecraft.service.jobs.leases import Claim, claim_next, lose, requeue_lost
from racecraft.service.jobs.queue import RUNNING
from racecraft.service.leaving import remove_ownerless
from racecraft.service.races.live.tending import tend_all
from racecraft.service.upkeep import purge_deleted, remove_leftovers

if TYPE_CHECKING:
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

_log = structlog.stdlib.get_logger("racecraft.jobs")
PATIENCE_S = 10.0
"""How long workers may take to end when the executor does."""
WORKER_MODULE = "racecraft.service.job_worker"
_LOOK_S = 0.25
_TIDY_S = 600.0
_TEND_S = 0.5
"""How often live races are looked after."""
_NICENESS = 5
"""Workers let the console go first."""


@dataclass
class _Worker:
    claim: Claim
    process: subprocess.Popen[bytes]
    name: str
    errors: IO[bytes]
    """What it wrote to its standard error."""

    def last_words(self) -> str:
        """The last line of that, or nothing."""
        self.errors.seek(max(self.errors.seek(0, 2) - 2000, 0))
        lines = self.errors.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")


@dataclass
class Executor:
    """Runs jobs in processes of this machine, `slots` at a time."""

    store: Store
    settings: Settings
    url: str
    """Where workers reach the service."""
    slots: int
    _workers: list[_Worker] = field(default_factory=list)
    _ends: threading.Event = field(default_factory=threading.Event)
    _wakes: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _tidied_s: float = 0.0
    _tended_s: float = 0.0

    def start(self) -> None:
        """Begin to look after the queue; what workers of an earlier life left goes on at once."""
        fetch_missing(self.store, self.settings)
        with self.store.look() as work:
            running = work.find(Job, status=RUNNING)
        for job in running:
            machine, _, name = job.worker.rpartition(" ")
            if machine != _machine() or _is_alive(job, name):
                continue
            lose(
                self.store,
                job.id,
                worker=job.worker,
                message="Its worker ended together with the service.",
            )
            refresh_model(self.store, self.settings, job.model_id)
        self._thread = threading.Thread(target=self._run, name="executor", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look at the queue now; something was put into it."""
        self._wakes.set()

    def hand_on(self, job_id: str) -> Claim | None:
        """Give the worker of a drive for a race the next one, if that is what waits.

        Args:
            job_id: what it has just done.

        Returns:
            The next job and its token; None if the worker should end.
        """
        worker = next((each for each in list(self._workers) if each.claim.job.id == job_id), None)
        if worker is None or self._ends.is_set():
            return None
        kind = JobKind.SUBMISSION
        claim = claim_next(self.store, worker=worker.name, slots=self.slots, kind=kind)
        if claim is not None:
            worker.claim = claim
            self._tell(claim)
        return claim

    def stop(self) -> None:
        """End all workers; their jobs go back to the queue and go on at the next start."""
        self._ends.set()
        self._wakes.set()
        if self._thread is not None:
            self._thread.join()
        for worker in self._workers:
            with suppress(ProcessLookupError):
                os.killpg(worker.process.pid, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE_S
        for worker in self._workers:
            with suppress(subprocess.TimeoutExpired):
                worker.process.wait(max(deadline - time.monotonic(), 0.0))
            with suppress(ProcessLookupError):
                os.killpg(worker.process.pid, signal.SIGKILL)
            worker.process.wait()
            self._gone(worker)
        self._workers.clear()

    def _run(self) -> None:
        while not self._ends.is_set():
            try:
                self._look()
            except Exception as error:
                # Whatever it is (the database gone for a while, no process to be had), the queue
                # is still there afterwards, and nobody else looks after it.
                _log.error("queue cannot be looked after", error=str(error))
                self._ends.wait(5.0)
            self._wakes.wait(_LOOK_S)
            self._wakes.clear()

    def _look(self) -> None:
        for worker in [each for each in self._workers if each.process.poll() is not None]:
            self._workers.remove(worker)
            self._gone(worker)
        for job in requeue_lost(self.store):
            refresh_model(self.store, self.settings, job.model_id)
        if time.monotonic() - self._tidied_s > _TIDY_S:
            self._tidied_s = time.monotonic()
            purge_deleted(self.store, self.settings)
            remove_ownerless(self.store, self.settings)
            remove_leftovers(self.settings, time.time())
        if time.monotonic() - self._tended_s > _TEND_S:
            self._tended_s = time.monotonic()
            tend_all(self.store)
        # One more than there are slots: a heat of a live race runs beside all others.
        while len(self._workers) <= self.slots and not self._ends.is_set():
            name = f"{_machine()} {new_worker_name()}"
            claim = claim_next(self.store, worker=name, slots=self.slots)
            if claim is None:
                return
            self._workers.append(self._started(claim, name))
            self._tell(claim)

    def _tell(self, claim: Claim) -> None:
        facts = {"job": claim.job.id, "person": claim.job.owner_id}
        _log.info("job begun", model=claim.job.model_name, kind=claim.job.kind.value, **facts)

    def _started(self, claim: Claim, name: str) -> _Worker:
        errors = tempfile.TemporaryFile()  # noqa: SIM115  closed when the worker is gone
        process = subprocess.Popen(
            [sys.executable, "-m", WORKER_MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, _NICENESS)
        order = {
            "url": self.url,
            "job": claim.job.id,
            "token": claim.token,
            "home": str(self.settings.home),
            "requires_isolation": self.settings.requires_isolation,
        }
        assert process.stdin is not None
        with suppress(BrokenPipeError):
            process.stdin.write(json.dumps(order).encode() + b"\n")
            process.stdin.close()
        return _Worker(claim, process, name, errors)

    def _gone(self, worker: _Worker) -> None:
        """A process has ended: with its last word said, or without."""
        code = worker.process.returncode
        why = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        words = worker.last_words()
        lost = lose(
            self.store,
            worker.claim.job.id,
            worker=worker.name,
            message=f"Its worker process {why} before the job was done. {words}".strip(),
        )
        if lost is not None:
            facts = {"job": lost.id, "status": lost.status.value, "worker": why}
            _log.warning("worker lost", **facts, message=words)
        worker.errors.close()
        refresh_model(self.store, self.settings, worker.claim.job.model_id)


def new_worker_name() -> str:
    """A word that no other worker of this machine has."""
    return f"{os.getpid()}-{secrets.token_hex(4)}"


def _machine() -> str:
    return platform.node()[:100]


def _is_alive(job: Job, name: str) -> bool:
    """Whether the worker of a job, or the executor that is just starting it, is still there."""
    if job.worker_pid is None:
        executor = name.partition("-")[0]
        return executor.isdecimal() and psutil.pid_exists(int(executor))
    try:
        words = psutil.Process(job.worker_pid).cmdline()
    except psutil.Error:
        return False
    return WORKER_MODULE in words


def default_slots(settings: Settings) -> int:
    """How many jobs run at once: as many as there are cores for."""
    return max((os.cpu_count() or 1) // settings.threads, 1)
