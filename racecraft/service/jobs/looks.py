"""What many people look at again and again, read from the records once.

Everybody who follows a job asks for the same record twice a second. It is read at most so often
for all of them together; whether somebody may see it is asked before, of the record itself.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from racecraft.service.jobs.job import Job
from racecraft.service.jobs.queue import Place, place_of

if TYPE_CHECKING:
    from racecraft.service.store import Store

FRESH_S = 0.4
"""For how long what was read is given to others, too."""
_FORGET_S = 30.0


@dataclass(frozen=True)
class _Look:
    at_s: float
    job: Job
    place: Place | None


class JobLooks:
    """The newest looks at jobs. May be used from any thread."""

    def __init__(
        self, store: Store, slots: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store, self._slots, self._clock = store, slots, clock
        self._lock = threading.Lock()
        self._looks: dict[str, _Look] = {}

    def look(self, job_id: str) -> tuple[Job, Place | None]:
        """A job, and where it stands in the queue while it waits, at most `FRESH_S` old.

        Raises:
            NotFound: there is no such job.
        """
        with self._lock:
            now_s = self._clock()
            found = self._looks.get(job_id)
            if found is None or now_s - found.at_s > FRESH_S:
                found = self._looks[job_id] = self._read(job_id, now_s)
            return found.job, found.place

    def _read(self, job_id: str, now_s: float) -> _Look:
        for old in [key for key, each in self._looks.items() if now_s - each.at_s > _FORGET_S]:
            del self._looks[old]
        with self._store.look() as work:
            job = work.get(Job, job_id)
            place = place_of(work, job, self._slots, self._store.now_s())
        return _Look(now_s, job, place)
