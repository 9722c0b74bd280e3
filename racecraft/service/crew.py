"""The worker processes of a machine: one for each job that it has, as many as it has slots for.

Where the jobs come from is the only difference between the machine of the service, which looks into
the records, and another one, which asks the service.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Any, Protocol

import psutil
import structlog

from racecraft.domain.errors import Conflict, InvalidInput, RacecraftError, SignInNeeded
from racecraft.service.jobs.nodes import BEAT_S, Held

_log = structlog.stdlib.get_logger("racecraft.jobs")
PATIENCE_S = 10.0
"""How long workers may take to end when the machine does."""
UNFIT = 76
"""Exit code of a worker whose machine cannot do the job as it is now; another one may."""
_REST_S, _LONGEST_REST_S = 60.0, 3_600.0
"""How long such a machine takes no more jobs: twice as long each time, until it has done one."""
WORKER_MODULE = "racecraft.service.job_worker"
_NICENESS = 5
"""Workers let the console go first."""
_WORDS_BYTES = 2000


class Source(Protocol):
    """Where a machine gets jobs from."""

    def greet(self) -> Sequence[Held]:
        """Give a sign of life; gives the jobs that this machine has by the records."""

    def claim(self, worker: str) -> dict[str, Any] | None:
        """The next job for a worker: what the process reads from its standard input."""

    def lose(self, worker: str, message: str) -> None:
        """Tell that a worker is gone, whatever it had."""

    def is_gone(self, worker: str) -> None:
        """Clean up after a process that has ended, however it did."""


@dataclass
class _Worker:
    name: str
    process: subprocess.Popen[bytes]
    errors: IO[bytes]
    """What it wrote to its standard error."""

    def last_words(self) -> str:
        """The last line of that, or nothing."""
        self.errors.seek(max(self.errors.seek(0, 2) - _WORDS_BYTES, 0))
        lines = self.errors.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")


@dataclass
class Crew:
    """Starts workers, notices when one is gone, and ends them all."""

    source: Source
    node: str
    most: int
    """Processes at a time."""
    _workers: list[_Worker] = field(default_factory=list)
    _greeted_s: float = float("-inf")
    _rests_until_s: float = float("-inf")
    _rest_s: float = _REST_S

    def muster(self) -> set[str]:
        """Give back what workers of an earlier life had that are not there any more.

        Returns:
            Those that still are.
        """
        self._greeted_s = time.monotonic()
        held = self.source.greet()
        alive = {each.worker for each in held if _is_alive(each)}
        for each in held:
            if each.worker not in alive:
                self.source.lose(each.worker, "Its worker ended together with its machine.")
        return alive

    def look(self, *, takes_more: Callable[[], bool] = lambda: True) -> None:
        """See after the processes, and start new ones for jobs that wait."""
        for worker in [each for each in self._workers if each.process.poll() is not None]:
            self._gone(worker)
            self._workers.remove(worker)
        if time.monotonic() - self._greeted_s > BEAT_S:
            self._greeted_s = time.monotonic()
            self.source.greet()
        if time.monotonic() < self._rests_until_s:
            return
        while len(self._workers) < self.most and takes_more():
            name = f"{self.node} {os.getpid()}-{secrets.token_hex(4)}"
            order = self.source.claim(name)
            if order is None:
                return
            self._workers.append(_started(order, name))

    @property
    def count(self) -> int:
        """How many processes there are."""
        return len(self._workers)

    def stop(self) -> None:
        """End all workers; their jobs go back to the queue."""
        for worker in self._workers:
            _signal(worker, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE_S
        for worker in self._workers:
            with suppress(subprocess.TimeoutExpired):
                worker.process.wait(max(deadline - time.monotonic(), 0.0))
            _signal(worker, signal.SIGKILL)
            worker.process.wait()
        for worker in self._workers:
            with suppress(RacecraftError):  # whoever cannot hear it notices by the lease
                self._gone(worker)
        self._workers.clear()

    def _gone(self, worker: _Worker) -> None:
        """A process has ended: with its last word said, or without."""
        code = worker.process.returncode
        if code == UNFIT:
            self._rests_until_s = time.monotonic() + self._rest_s
            self._rest_s = min(2.0 * self._rest_s, _LONGEST_REST_S)
        elif code == 0:
            self._rest_s = _REST_S
        why = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        words = worker.last_words()
        try:
            message = f"Its worker process {why} before the job was done. {words}".strip()
            self.source.lose(worker.name, message)
        except (Conflict, SignInNeeded, InvalidInput) as error:
            _log.warning("worker ended", worker=worker.name, why=why, message=str(error))
        self.source.is_gone(worker.name)
        worker.errors.close()


def _started(order: dict[str, Any], name: str) -> _Worker:
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
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        process.stdin.write(json.dumps(order).encode() + b"\n")
        process.stdin.close()
    return _Worker(name, process, errors)


def _signal(worker: _Worker, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(worker.process.pid, number)


def _is_alive(held: Held) -> bool:
    """Whether a worker, or whoever is just starting it, is still there."""
    if held.pid is None:
        starter = held.worker.rpartition(" ")[2].partition("-")[0]
        return starter.isdecimal() and psutil.pid_exists(int(starter))
    try:
        words = psutil.Process(held.pid).cmdline()
    except psutil.Error:
        return False
    return WORKER_MODULE in words
