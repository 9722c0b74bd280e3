"""A few threads that do the same work on different shares, in step with each other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from racecraft.training.threads import use_one_thread_each


class Team:
    """`size` threads, the calling one among them; use as a context manager."""

    def __init__(self, size: int) -> None:
        self.size = size
        # OpenMP counts threads for each thread anew: without this, ours would each start more.
        self._pool = ThreadPoolExecutor(
            max(size - 1, 1), thread_name_prefix="racecraft", initializer=use_one_thread_each
        )
        self._barrier = threading.Barrier(size)

    def __enter__(self) -> Team:
        return self

    def __exit__(self, *_: object) -> None:
        self._barrier.abort()
        self._pool.shutdown()

    def run(self, work: Callable[[int], None]) -> None:
        """Call `work(share)` for every share at the same time and wait for all.

        Raises:
            Exception: whatever a share raised first in the order of the shares; others that
                waited for it are released.
        """
        self._barrier.reset()
        futures = [self._pool.submit(self._guarded, work, k) for k in range(1, self.size)]
        failures: list[BaseException] = []
        try:
            self._guarded(work, 0)
        except BaseException as error:  # re-raised below, after the others have stopped
            failures.append(error)
        for future in futures:
            failure = future.exception()
            if failure is not None:
                failures.append(failure)
        for failure in failures:
            if not isinstance(failure, threading.BrokenBarrierError):
                raise failure
        if failures:
            raise failures[0]

    def wait(self) -> None:
        """Wait inside `work` until every share has come this far."""
        self._barrier.wait()

    def span(self, share: int, count: int) -> tuple[int, int]:
        """(first, one past the last) of the rows that belong to a share."""
        return count * share // self.size, count * (share + 1) // self.size

    def _guarded(self, work: Callable[[int], None], share: int) -> None:
        try:
            work(share)
        except BaseException:
            self._barrier.abort()
            raise
