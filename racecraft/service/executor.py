"""The machine of the service: it looks after the queue, and runs jobs itself.

A thread starts a worker process for each job that may run here, notices at once when one is gone,
and gives back what silent workers had, wherever they were.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import structlog

from racecraft.domain.errors import RacecraftError
from racecraft.domain.job import JobKind
from racecraft.service.collection import refresh_model
from racecraft.service.copies import fetch_missing
from racecraft.service.crew import Crew
from racecraft.service.far_locks import FarLocks
from racecraft.service.jobs.hearing import Hearing
from racecraft.service.jobs.leases import Claim, claim_next, lose_worker, requeue_lost
from racecraft.service.jobs.nodes import (
    Held,
    Node,
    WorkerToken,
    facts_now,
    greet,
    home_mark,
    node_name,
    take_leave,
)
from racecraft.service.leaving import remove_ownerless
from racecraft.service.meter import Meter
from racecraft.service.processes import LocalPlaces
from racecraft.service.races.live.tending import tend_all
from racecraft.service.upkeep import purge_deleted, remove_leftovers

if TYPE_CHECKING:
    from racecraft.service.jobs.job import Job
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

_log = structlog.stdlib.get_logger("racecraft.jobs")
_LOOK_S = 0.25
_FORSAKEN_S = 60.0
"""A queue that nobody looked at for so long is not looked after."""
_TIDY_S = 600.0
_TEND_S = 0.5
"""How often live races are looked after."""


@dataclass
class Executor:
    """Looks after the queue, and runs jobs in processes of this machine, `slots` at a time."""

    store: Store
    settings: Settings
    url: str
    """Where workers reach the service."""
    slots: int
    meter: Meter = field(default_factory=Meter)
    _ends: threading.Event = field(default_factory=threading.Event)
    _wakes: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _hearing: Hearing = field(default_factory=Hearing)
    _looked_s: float = float("-inf")
    _tidied_s: float = 0.0
    _tended_s: float = 0.0

    def __post_init__(self) -> None:
        self.node = node_name(self.settings.home)
        # One more than there are slots: a heat of a live race runs beside all others.
        self._crew = Crew(_Records(self), self.node, LocalPlaces(self.slots + 1))
        self._far_locks = FarLocks(self.store, self.settings)

    def start(self) -> None:
        """Begin to look after the queue; what workers of an earlier life left goes on at once."""
        fetch_missing(self.store, self.settings)
        self._crew.muster()
        self._thread = threading.Thread(target=self._run, name="executor", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look at the queue now; something was put into it."""
        self._wakes.set()

    @property
    def is_alive(self) -> bool:
        """Whether somebody looks after the queue: tries to, and lately could."""
        is_there = self._thread is not None and self._thread.is_alive()
        return is_there and time.monotonic() - self._looked_s < _FORSAKEN_S

    def hand_on(self, done: Job) -> Claim | None:
        """Give the worker of a drive for a race the next one, if that is what waits.

        Args:
            done: what it has just done.

        Returns:
            The next job and its token; None if the worker should end, also because its machine
            may have no more jobs.
        """
        if self._ends.is_set():
            return None
        slots = self.slots if done.node == self.node else self._slots_of(done.node)
        if slots is None:
            return None
        kind = JobKind.SUBMISSION
        claim = claim_next(self.store, worker=done.worker, slots=slots, kind=kind, node=done.node)
        if claim is not None:
            tell_begun(claim, self.meter)
        return claim

    def _slots_of(self, node_id: str) -> int | None:
        """Of another machine; None if it may not have jobs, or is not there."""
        with self.store.look() as work:
            node = work.first(Node, id=node_id)
            if node is None or not node.is_there(self.store.now_s()):
                return None
            # Another service has no token; it has a home folder.
            may_work = bool(node.facts.home) or work.count(WorkerToken, id=node.token_id) > 0
        is_same = node.facts.racecraft == version("racecraft")
        return node.facts.slots if may_work and is_same else None

    def stop(self) -> None:
        """End all workers; their jobs go back to the queue and go on at the next start."""
        self._ends.set()
        self._wakes.set()
        if self._thread is not None:
            self._thread.join()
        self._crew.stop()
        self._far_locks.close()
        with suppress(RacecraftError):
            take_leave(self.store, self.node)

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
        for job in self._requeue():
            _log.warning("worker lost", job=job.id, status=job.status.value, message=job.message)
            refresh_model(self.store, self.settings, job.model_id)
        if time.monotonic() - self._tidied_s > _TIDY_S:
            self._tidied_s = time.monotonic()
            purge_deleted(self.store, self.settings)
            remove_ownerless(self.store, self.settings)
            remove_leftovers(self.settings, time.time())
        if time.monotonic() - self._tended_s > _TEND_S:
            self._tended_s = time.monotonic()
            tend_all(self.store)
        self._far_locks.look()
        self._crew.look(takes_more=lambda: not self._ends.is_set())
        self._looked_s = time.monotonic()

    def _requeue(self) -> Sequence[Job]:
        """Jobs whose workers were silent although the records could have heard them."""
        try:
            return requeue_lost(self.store) if self._hearing.is_long_enough() else ()
        except Exception:
            self._hearing.interrupt()
            raise


@dataclass(frozen=True)
class _Records:
    """Jobs for the machine of the service, out of the records."""

    executor: Executor

    @cached_property
    def mark(self) -> str:
        """Of the home folder."""
        return home_mark(self.executor.settings.home)

    def greet(self) -> Sequence[Held]:
        here = self.executor
        facts = facts_now(here.settings.home, here.slots)
        return greet(here.store, facts.model_copy(update={"home": self.mark}))

    def claim(self, worker: str) -> dict[str, Any] | None:
        here = self.executor
        claim = claim_next(here.store, worker=worker, slots=here.slots, node=here.node)
        if claim is None:
            return None
        tell_begun(claim, here.meter)
        return {
            "url": here.url,
            "job": claim.job.id,
            "token": claim.token,
            "home": str(here.settings.home),
            "requires_isolation": here.settings.requires_isolation,
        }

    def lose(self, worker: str, message: str) -> None:
        lose_and_tell(self.executor.store, self.executor.settings, worker, message)

    def is_gone(self, worker: str) -> None:
        pass  # it worked in the home folder itself


def tell_begun(claim: Claim, meter: Meter) -> None:
    """Write into the log that a job has begun, and count how long it waited."""
    meter.count_start(claim.job)
    facts = {"job": claim.job.id, "person": claim.job.owner_id, "node": claim.job.node}
    _log.info("job begun", model=claim.job.model_name, kind=claim.job.kind.value, **facts)


def lose_and_tell(store: Store, settings: Settings, worker: str, message: str) -> None:
    """Give back what a worker had that is gone, and write it into the log."""
    lost = lose_worker(store, worker, message)
    if lost is not None:
        _log.warning("worker lost", job=lost.id, status=lost.status.value, message=message)
        refresh_model(store, settings, lost.model_id)


def default_slots(settings: Settings) -> int:
    """How many jobs run at once: as many as there are cores for."""
    return max((os.cpu_count() or 1) // settings.threads, 1)
