from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.league.__main__ import needs_of, repeated
from benchmarks.league.costs import Costs, MeasuredClass, measured_class
from benchmarks.league.demand import WEEK_S, Habits, demand_of
from benchmarks.league.queueing import delays_of, drive, servers_for


def slow_ends(
    arrivals: np.ndarray, service: np.ndarray, servers: int, shift_s: float
) -> list[float]:
    """The same in the plainest words, in steps of a tenth of a second."""
    step, had = 0.1, [0.0] * len(arrivals)
    running: dict[int, float] = {}  # job: how long it has its server by now
    ends: dict[int, float] = {}
    now = 0.0

    def key(job: int) -> tuple[int, int]:
        return int(np.log2(1.0 + (had[job] + 1e-6) / shift_s)), job

    while len(ends) < len(arrivals):
        came = [k for k in range(len(arrivals)) if arrivals[k] <= now + 1e-9 and k not in ends]
        queue = sorted((k for k in came if k not in running), key=key)
        for job in sorted(running, key=key, reverse=True):
            full = len(running) >= servers
            if full and queue and running[job] >= shift_s - 1e-9 and key(queue[0]) < key(job):
                del running[job]
                running[queue.pop(0)] = 0.0
        while queue and len(running) < servers:
            running[queue.pop(0)] = 0.0
        now += step
        for job in list(running):
            running[job] += step
            had[job] += step
            if had[job] >= service[job] - 1e-9:
                ends[job] = now
                del running[job]
    return [ends[k] for k in range(len(arrivals))]


@pytest.mark.parametrize("servers", [1, 2, 5])
@pytest.mark.parametrize("shift_s", [3.0, np.inf])
def test_the_queue_does_as_a_plainer_program(servers: int, shift_s: float) -> None:
    rng = np.random.default_rng(servers)
    arrivals = np.sort(rng.uniform(0.0, 100.0, 60)).round(1)
    service = np.maximum(rng.exponential(6.0, 60).round(1), 0.1)
    starts, ends = drive(arrivals, service, np.zeros(60), servers, shift_s)
    assert (starts >= arrivals).all()
    assert (ends >= starts + service - 1e-6).all()
    slow = slow_ends(arrivals, service, servers, shift_s)
    # Whoever is a step late may have to stand behind one more.
    close = np.abs(ends - slow) < 0.5
    assert close.mean() > 0.9
    assert ends.mean() == pytest.approx(np.mean(slow), rel=0.01)


def test_without_shifts_it_is_first_come_first_served() -> None:
    rng = np.random.default_rng(7)
    arrivals, service = np.sort(rng.uniform(0.0, 100.0, 200)), rng.exponential(2.0, 200)
    starts, ends = drive(arrivals, service, np.zeros(200), 3, np.inf)
    free = [0.0] * 3
    for k in range(200):
        server = int(np.argmin(free))
        assert starts[k] == pytest.approx(max(arrivals[k], free[server]))
        free[server] = ends[k]
        assert ends[k] == pytest.approx(starts[k] + service[k])


@pytest.mark.parametrize("shift_s", [np.inf, 5.0, 0.5])
def test_one_server_is_as_slow_as_theory_says(shift_s: float) -> None:
    """M/M/1, two thirds in use: 1 / (1 - rho) service times from asking to end on average.

    That holds for every order that does not know how long a job will take, so with shifts, too.
    """
    rng = np.random.default_rng(0)
    arrivals = np.cumsum(rng.exponential(1.5, 400_000))
    service = rng.exponential(1.0, 400_000)
    _, ends = drive(arrivals, service, np.zeros(400_000), 1, shift_s)
    assert (ends - arrivals).mean() == pytest.approx(3.0, rel=0.05)


def test_with_shifts_short_jobs_do_not_wait_for_long_ones() -> None:
    # The first makes room after 25 s, and again when it has had its core for another 25 s.
    arrivals, service = np.array([0.0, 1.0, 40.0]), np.array([3_600.0, 2.0, 2.0])
    _, ends = drive(arrivals, service, np.zeros(3), 1, 25.0)
    assert ends == pytest.approx([3_604.0, 27.0, 54.0])


def test_the_fewest_servers_are_enough_and_one_fewer_is_not() -> None:
    rng = np.random.default_rng(1)
    arrivals = np.sort(rng.uniform(0.0, 3_600.0, 2_000))
    service = rng.exponential(20.0, 2_000)
    servers = servers_for(arrivals, service, 30.0, 0.95)
    assert np.quantile(delays_of(arrivals, service, servers), 0.95) <= 30.0
    assert np.quantile(delays_of(arrivals, service, servers - 1), 0.95) > 30.0


def test_a_week_has_its_jobs_its_evenings_and_its_rush() -> None:
    habits = Habits()
    week = demand_of(20_000, habits, np.array([20.0]), 2.0, np.random.default_rng(2))
    assert len(week.arrivals_s) == pytest.approx(20_000 * 8, rel=0.02)
    assert (np.diff(week.arrivals_s) >= 0.0).all()
    last = (week.arrivals_s > WEEK_S - habits.rush_s).mean()
    assert last == pytest.approx(0.3 + 0.7 * 0.25 / 7 * (1 + 0.8 * 2 / np.pi), abs=0.01)
    hours = week.arrivals_s[week.arrivals_s < WEEK_S - 2 * habits.rush_s] % 86_400.0 / 3_600.0
    evening, morning = ((hours > 17) & (hours < 19)).sum(), ((hours > 5) & (hours < 7)).sum()
    assert evening > 5 * morning


def test_the_measured_class_is_repeated() -> None:
    measured = measured_class()
    assert len(measured.computed_s) == 30
    for seen, low, high in repeated(measured, Costs()).values():
        assert low <= seen <= high


def test_a_larger_league_needs_more_but_less_for_each(tmp_path: Path) -> None:
    measured = MeasuredClass("a machine", 2, np.linspace(15.0, 40.0, 30), np.ones(30), np.ones(30))
    measured.keep(tmp_path / "class.json")
    kept = measured_class(tmp_path / "class.json")
    assert kept.computed_s == pytest.approx(measured.computed_s, abs=0.01)
    small, large = (needs_of(n, kept, Habits(), Costs()) for n in (500, 5_000))
    assert small.cores < large.cores < 10 * small.cores
    assert large.p95_delay_hour_s <= 1_200.0
    assert large.usd_month_elastic < large.usd_month
