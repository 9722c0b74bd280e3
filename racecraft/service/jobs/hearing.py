"""Whether silence of a worker says anything: only if the service was there to hear it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from racecraft.service.jobs.leases import LEASE_S

GAP_S = LEASE_S / 2.0
"""The service looks several times a second; after such a pause it was not there."""


@dataclass
class Hearing:
    """How long the service has listened without a pause.

    A machine that slept, a process that was stopped, a database that was away: workers could not
    give a sign of life, and have a whole lease to give one afterwards. The time of day, by which
    leases run, goes on while a machine sleeps, and may be set; the other clock goes on while a
    process is stopped. So a pause by either is one.
    """

    clocks: tuple[Callable[[], float], ...] = (time.time, time.monotonic)
    _last_s: tuple[float, ...] = ()
    _since_s: tuple[float, ...] = field(default=())

    def interrupt(self) -> None:
        """The service cannot hear for now."""
        self._last_s = ()

    def is_long_enough(self) -> bool:
        """Look once more; gives whether who was silent for a lease is lost."""
        now_s = tuple(clock() for clock in self.clocks)
        if not self._last_s or _most(now_s, self._last_s) > GAP_S:
            self._since_s = now_s
        self._last_s = now_s
        return now_s[-1] - self._since_s[-1] >= LEASE_S


def _most(now_s: tuple[float, ...], then_s: tuple[float, ...]) -> float:
    """What passed by the clock by which most did."""
    return max(now - then for now, then in zip(now_s, then_s, strict=True))
