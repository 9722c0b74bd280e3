"""Dry runs of rewards in processes of their own, so that drawing laps keeps nobody waiting.

The processes start with the first dry run, and end with the service, however that ends.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

from racecraft.domain.errors import RewardFailed

if TYPE_CHECKING:
    from racecraft.analysis.dry_run import DryRun
    from racecraft.service.settings import Settings

AT_ONCE = 2
_NICENESS = 5
"""They let the console go first."""
_RUNS_EACH = 100
"""After so many a process makes room for a new one."""


class DryRuns:
    """The processes."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._guard = threading.Lock()

    def run(self, settings: Settings, source: str, **wish: Any) -> DryRun:
        """`rewards.try_reward`, elsewhere.

        Raises:
            Those of `try_reward`.
            RewardFailed: the process was ended from outside, for instance for want of memory.
        """
        pool = self._now()
        try:
            return pool.submit(_run, settings, source, wish).result()
        except BrokenProcessPool as error:
            with self._guard:
                if self._pool is pool:
                    self._pool = None
            raise RewardFailed(
                "The dry run was ended from outside, perhaps because memory ran out; try again."
            ) from error

    def _now(self) -> ProcessPoolExecutor:
        with self._guard:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    AT_ONCE,
                    mp_context=multiprocessing.get_context("spawn"),
                    initializer=_begin,
                    max_tasks_per_child=_RUNS_EACH,
                )
            return self._pool


def _begin() -> None:
    """In a new process: let others go first, and do not outlive the service."""
    os.nice(_NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which ends this one
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)


def _run(settings: Settings, source: str, wish: dict[str, Any]) -> DryRun:
    from racecraft.service.rewards import try_reward

    return try_reward(settings, source, **wish)
