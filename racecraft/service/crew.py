"""The worker processes of a machine, or of a cluster: one for each job that it has.

Where the jobs come from and where the processes run are the only differences between the machine of
the service, which looks into the records, another one, which asks the service, and a cluster.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog

from racecraft.domain.errors import Conflict, InvalidInput, RacecraftError, SignInNeeded
from racecraft.service.jobs.nodes import BEAT_S, Held
from racecraft.service.processes import Ended, Places, Process

_log = structlog.stdlib.get_logger("racecraft.jobs")
PATIENCE_S = 10.0
"""How long workers may take to end when the machine does."""
_POLL_S = 0.05


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


@dataclass(frozen=True)
class _Worker:
    name: str
    process: Process


@dataclass
class Crew:
    """Starts workers, notices when one is gone, and ends them all."""

    source: Source
    node: str
    places: Places
    _workers: list[_Worker] = field(default_factory=list)
    _greeted_s: float = float("-inf")

    def muster(self) -> set[str]:
        """Give back what workers of an earlier life had that are not there any more.

        Returns:
            Those that still are.
        """
        self._greeted_s = time.monotonic()
        held = self.source.greet()
        alive = {each.worker for each in held if self.places.is_alive(each)}
        for each in held:
            if each.worker not in alive:
                self.source.lose(each.worker, "Its worker ended together with its machine.")
        return alive

    def look(self, *, takes_more: Callable[[], bool] = lambda: True) -> None:
        """See after the processes, and start new ones for jobs that wait."""
        for worker in [each for each in self._workers if each.process.look() is not None]:
            self._gone(worker)
            self._workers.remove(worker)
        if time.monotonic() - self._greeted_s > BEAT_S:
            self._greeted_s = time.monotonic()
            self.source.greet()
        while takes_more():
            place = self.places.free(len(self._workers))
            if place is None:
                return
            name = f"{self.node} {os.getpid()}-{secrets.token_hex(4)}"
            order = self.source.claim(name)
            if order is None:
                return
            self._workers.append(_Worker(name, place.start(order)))
        self.places.release()

    @property
    def count(self) -> int:
        """How many processes there are."""
        return len(self._workers)

    def stop(self) -> None:
        """End all workers; their jobs go back to the queue."""
        self.places.release()
        for worker in self._workers:
            worker.process.end()
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if all(worker.process.look() is not None for worker in self._workers):
                break
            time.sleep(_POLL_S)
        for worker in self._workers:
            with suppress(RacecraftError):  # whoever cannot hear it notices by the lease
                self._gone(worker)
        self._workers.clear()

    def _gone(self, worker: _Worker) -> None:
        """A process has ended, or is to: with its last word said, or without."""
        ended = worker.process.kill()
        self.places.learn(worker.process, ended)
        try:
            self.source.lose(worker.name, _last_word(ended))
        except (Conflict, SignInNeeded, InvalidInput) as error:
            _log.warning("worker ended", worker=worker.name, why=ended.why, message=str(error))
        self.source.is_gone(worker.name)


def _last_word(ended: Ended) -> str:
    return f"Its worker process {ended.why} before the job was done. {ended.words}".strip()
