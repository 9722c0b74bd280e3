"""A queue with several servers whose jobs work in shifts: who waits how long.

The rules are those of `racecraft.service.jobs.shifts` for people with one job each: what a job has
had counts in shifts of doubling length, who has had fewer comes first, among equals who came first,
and a job makes room once it has had its core for a shift.
"""

from __future__ import annotations

import heapq

import numba
import numpy as np
from numpy.typing import NDArray

Seconds = NDArray[np.float64]
HOUR_S = 3_600.0
_SERVICE, _HAD, _BEGAN, _TURN, _LATE = range(5)
"""Of a job: seconds that it needs, had before its turn, when that began, the turn's number, and how
much longer than a shift it stays: it first ends its iteration."""


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _shifts_of(had_s: float, shift_s: float) -> int:
    # A little more, so that the end of a shift belongs to the next one however it is rounded.
    return np.int64(np.log2(1.0 + (had_s + 1e-6) / shift_s))  # type: ignore[return-value]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def drive(
    arrivals_s: Seconds, service_s: Seconds, late_s: Seconds, servers: int, shift_s: float
) -> tuple[Seconds, Seconds]:
    """When each job begins and ends.

    Args:
        arrivals_s: (N,) when each is asked for, rising.
        service_s: (N,) how long each keeps a server in all.
        late_s: (N,) how much longer than a shift each stays when it is to make room.
        servers: jobs at a time.
        shift_s: of the first shift; infinite for jobs that keep a server to their end.

    Returns:
        (N,) first starts and (N,) ends in the same order.
    """
    count = len(arrivals_s)
    starts_s, ends_s = np.full(count, np.inf), np.full(count, np.inf)
    jobs = np.zeros((count, 5))
    jobs[:, _SERVICE], jobs[:, _BEGAN], jobs[:, _LATE] = service_s, np.inf, late_s
    running = [np.int64(0) for _ in range(0)]
    waiting = [(np.int64(0), np.int64(0)) for _ in range(0)]  # shifts that it had, job
    events = [(0.0, np.int64(0), 0.0) for _ in range(0)]  # when, job, turn
    coming = 0
    while coming < count or len(events) > 0:
        if coming < count and (len(events) == 0 or arrivals_s[coming] <= events[0][0]):
            now_s = arrivals_s[coming]
            heapq.heappush(waiting, (np.int64(0), np.int64(coming)))
            coming += 1
            leaves = np.int64(-1)
            if len(running) >= servers:
                leaves = _who_makes_room(running, jobs, now_s, shift_s, waiting[0])
        else:
            now_s, job, turn = heapq.heappop(events)
            if turn != jobs[job, _TURN]:
                continue
            done_s = jobs[job, _HAD] + now_s - jobs[job, _BEGAN]
            leaves = np.int64(-1)
            if done_s >= jobs[job, _SERVICE] - 1e-9:
                ends_s[job] = now_s
                jobs[job, _TURN] += 1.0
                running.remove(job)
            elif len(waiting) > 0 and waiting[0] < (_shifts_of(done_s, shift_s), job):
                leaves = job
            else:
                heapq.heappush(events, _next_event(jobs, job, now_s, shift_s))
        if leaves >= 0:
            running.remove(leaves)
            _end_turn(jobs, leaves, now_s)
            heapq.heappush(waiting, (_shifts_of(jobs[leaves, _HAD], shift_s), leaves))
        while len(waiting) > 0 and len(running) < servers:
            _, job = heapq.heappop(waiting)
            running.append(job)
            jobs[job, _BEGAN] = now_s
            starts_s[job] = min(starts_s[job], now_s)
            heapq.heappush(events, _next_event(jobs, job, now_s, shift_s))
    return starts_s, ends_s


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _next_event(
    jobs: NDArray[np.float64], job: int, now_s: float, shift_s: float
) -> tuple[float, int, float]:
    """The end of a running job, or before it the moment from which it may have to make room."""
    done_s = jobs[job, _HAD] + now_s - jobs[job, _BEGAN]
    look_s = jobs[job, _BEGAN] + shift_s + jobs[job, _LATE]
    if look_s <= now_s + 1e-9:  # the next time that it counts as more than before
        next_shift_s = shift_s * (2.0 ** (_shifts_of(done_s, shift_s) + 1) - 1.0)
        look_s = now_s + max(next_shift_s - done_s, 1e-6)
    return min(now_s + jobs[job, _SERVICE] - done_s, look_s), job, jobs[job, _TURN]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _end_turn(jobs: NDArray[np.float64], job: int, now_s: float) -> None:
    jobs[job, _HAD] += now_s - jobs[job, _BEGAN]
    jobs[job, _BEGAN] = np.inf
    jobs[job, _TURN] += 1.0


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _who_makes_room(
    running: list[int],
    jobs: NDArray[np.float64],
    now_s: float,
    shift_s: float,
    first: tuple[int, int],
) -> int:
    """The running job that comes last and after the first of the queue; -1 if all may stay."""
    last, last_key = np.int64(-1), first
    for job in running:
        spent_s = now_s - jobs[job, _BEGAN]
        if spent_s < shift_s + jobs[job, _LATE] - 1e-9:
            continue
        key = (_shifts_of(jobs[job, _HAD] + spent_s, shift_s), job)
        if key > last_key:
            last, last_key = job, key
    return last


def delays_of(
    arrivals_s: Seconds, service_s: Seconds, servers: int, shift_s: float = np.inf
) -> Seconds:
    """How much later each job is done than with a server of its own, if none is late to make room.

    Arguments as of `drive`.
    """
    _, ends_s = drive(arrivals_s, service_s, np.zeros(len(service_s)), servers, shift_s)
    delays: Seconds = ends_s - arrivals_s - service_s
    return delays


def worst_hour(arrivals_s: Seconds, delays_s: Seconds, share: float) -> float:
    """What the share of the jobs is delayed at most that come in the hour with the longest delays.

    Arguments as of `servers_for`.
    """
    ends = np.searchsorted(arrivals_s, np.arange(HOUR_S, arrivals_s[-1], HOUR_S))
    hours = [hour for hour in np.split(delays_s, ends) if len(hour)]
    return max(float(np.quantile(hour, share)) for hour in hours)


def servers_for(
    arrivals_s: Seconds,
    service_s: Seconds,
    delay_s: float,
    share: float,
    shift_s: float = np.inf,
) -> int:
    """The fewest servers with which a share of the jobs of every hour is delayed no more than that.

    Args:
        arrivals_s: (N,) when each is asked for, rising.
        service_s: (N,) how long each keeps a server.
        delay_s: the longest delay of that share.
        share: of the jobs, from 0 to 1.
        shift_s: of the first shift.
    """

    def is_enough(servers: int) -> bool:
        delays_s = delays_of(arrivals_s, service_s, servers, shift_s)
        return worst_hour(arrivals_s, delays_s, share) <= delay_s

    high = 1
    while not is_enough(high):
        high *= 2
    low = high // 2  # too few, or none
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high
