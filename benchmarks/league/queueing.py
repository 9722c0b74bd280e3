"""A queue with several servers, first come first served: who waits how long."""

from __future__ import annotations

import heapq

import numba
import numpy as np
from numpy.typing import NDArray

Seconds = NDArray[np.float64]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def starts_of(arrivals_s: Seconds, service_s: Seconds, servers: int) -> Seconds:
    """When each job begins.

    Args:
        arrivals_s: (N,) when each is asked for, rising.
        service_s: (N,) how long each keeps a server.
        servers: jobs at a time.

    Returns:
        (N,) starts in the same order.
    """
    free_s = [arrivals_s[0]] * servers  # a heap of when each server is free
    starts_s = np.empty_like(arrivals_s)
    for k in range(len(arrivals_s)):
        start_s = max(arrivals_s[k], heapq.heappop(free_s))
        starts_s[k] = start_s
        heapq.heappush(free_s, start_s + service_s[k])
    return starts_s


def waits_of(arrivals_s: Seconds, service_s: Seconds, servers: int) -> Seconds:
    """How long each job waits; arguments as of `starts_of`."""
    starts: Seconds = starts_of(arrivals_s, service_s, servers)
    return starts - arrivals_s


def servers_for(arrivals_s: Seconds, service_s: Seconds, wait_s: float, share: float) -> int:
    """The fewest servers with which a share of the jobs waits no longer than that.

    Args:
        arrivals_s: (N,) when each is asked for, rising.
        service_s: (N,) how long each keeps a server.
        wait_s: the longest wait of that share.
        share: of the jobs, from 0 to 1.
    """

    def is_enough(servers: int) -> bool:
        waits_s = waits_of(arrivals_s, service_s, servers)
        return bool(np.quantile(waits_s, share) <= wait_s)

    high = 1
    while not is_enough(high):
        high *= 2
    low = high // 2  # too few, or none
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high
