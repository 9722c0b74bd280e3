"""Turns: how many of a costly thing happen at once in one process, and who waits for one.

A person who asks again and again waits behind themselves, and a crowd is told to come back
instead of keeping everybody else's requests waiting.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from racecraft.domain.errors import TooManyRequests

_LOOK_S = 0.05


class Turns:
    """A few places to do something, and a short line before them."""

    def __init__(
        self, *, at_once: int, most_waiting: int, most_each: int, patience_s: float = 60.0
    ) -> None:
        """Open the places.

        Args:
            at_once: how many are served together.
            most_waiting: how long the line may get.
            most_each: how many of one person may be in it, those served included.
            patience_s: how long anybody waits.
        """
        self._most, self.most_each = at_once + most_waiting, most_each
        self._patience_s = patience_s
        self._places = threading.Semaphore(at_once)
        self._here: Counter[str] = Counter()
        self._guard = threading.Lock()

    @contextmanager
    def turn(self, person_id: str) -> Iterator[None]:
        """Wait for a place, and keep it during the block.

        Raises:
            TooManyRequests: this person, or everybody together, asks for too many at once.
        """
        with self._line(person_id):
            if not self._places.acquire(timeout=self._patience_s):
                raise self._too_long()
            try:
                yield
            finally:
                self._places.release()

    @asynccontextmanager
    async def turn_in_loop(self, person_id: str) -> AsyncIterator[None]:
        """`turn` for what runs in an event loop: no thread waits."""
        with self._line(person_id):
            end_s = time.monotonic() + self._patience_s
            while not self._places.acquire(blocking=False):
                if time.monotonic() > end_s:
                    raise self._too_long()
                await asyncio.sleep(_LOOK_S)
            try:
                yield
            finally:
                self._places.release()

    @contextmanager
    def _line(self, person_id: str) -> Iterator[None]:
        self._enter(person_id)
        try:
            yield
        finally:
            self._leave(person_id)

    def _too_long(self) -> TooManyRequests:
        return _come_back("Others were served first for too long", self._patience_s / 4)

    def _enter(self, person_id: str) -> None:
        with self._guard:
            if self._here[person_id] >= self.most_each:
                raise _come_back(f"You asked for {self._here[person_id]} of these already", 2.0)
            if self._here.total() >= self._most:
                raise _come_back("Many people ask for this at the moment", 5.0)
            self._here[person_id] += 1

    def _leave(self, person_id: str) -> None:
        with self._guard:
            self._here[person_id] -= 1
            if not self._here[person_id]:
                del self._here[person_id]


def _come_back(why: str, wait_s: float) -> TooManyRequests:
    return TooManyRequests(f"{why}; try again in {wait_s:.0f} seconds.", wait_s=wait_s)
