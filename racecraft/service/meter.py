"""What one process of the service counts since it began: requests, and how long jobs waited.

Everything else that monitoring wants to know is read from the records when it asks.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from racecraft.service.jobs.job import Job

WAIT_BOUNDS_S = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
ANSWER_BOUNDS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


@dataclass
class Histogram:
    """How often a value was at most so large."""

    bounds: tuple[float, ...]
    counts: list[int] = field(init=False)
    """Of each bound alone, and of what is larger than all of them."""
    total: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds) + 1)

    def add(self, value: float) -> None:
        """Count a value."""
        self.counts[sum(value > bound for bound in self.bounds)] += 1
        self.total += value


class Meter:
    """The counts. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._answers, self._waits = Histogram(ANSWER_BOUNDS_S), Histogram(WAIT_BOUNDS_S)

    def count_request(self, method: str, route: str, status: int, took_s: float) -> None:
        """Count a request that was answered.

        Args:
            method: of HTTP.
            route: with names in braces, so that there are only so many.
            status: of the answer; 0 if the client was gone before.
            took_s: until the answer began.
        """
        with self._lock:
            self._requests[method, route, status] += 1
            self._answers.add(took_s)

    def count_start(self, job: Job) -> None:
        """Count how long a job has waited that begins now; not if it goes on after a loss."""
        if job.attempts == 1 and job.started_at_s is not None:
            with self._lock:
                self._waits.add(max(job.started_at_s - job.created_at_s, 0.0))

    def read(self) -> tuple[dict[tuple[str, str, int], int], Histogram, Histogram]:
        """Requests by method, route and status; how long answers took; how long jobs waited."""
        with self._lock:
            answers, waits = (_copy(each) for each in (self._answers, self._waits))
            return dict(self._requests), answers, waits


def _copy(histogram: Histogram) -> Histogram:
    copied = Histogram(histogram.bounds, total=histogram.total)
    copied.counts = list(histogram.counts)
    return copied
