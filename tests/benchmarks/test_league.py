from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.league.__main__ import needs_of, repeated
from benchmarks.league.costs import Costs, MeasuredClass, measured_class
from benchmarks.league.demand import WEEK_S, Habits, demand_of
from benchmarks.league.queueing import servers_for, starts_of, waits_of


def slow_starts(arrivals: np.ndarray, service: np.ndarray, servers: int) -> list[float]:
    """The same in the plainest words: whoever came first takes the server that is free first."""
    free = [0.0] * servers
    starts = []
    for arrival, length in zip(arrivals, service, strict=True):
        server = min(range(servers), key=lambda k: free[k])
        starts.append(max(arrival, free[server]))
        free[server] = starts[-1] + length
    return starts


@pytest.mark.parametrize("servers", [1, 2, 7])
def test_the_queue_is_first_come_first_served(servers: int) -> None:
    rng = np.random.default_rng(servers)
    arrivals = np.sort(rng.uniform(0.0, 100.0, 200))
    service = rng.exponential(2.0, 200)
    assert starts_of(arrivals, service, servers) == pytest.approx(
        slow_starts(arrivals, service, servers)
    )


def test_one_server_waits_as_theory_says() -> None:
    """M/M/1 with two thirds of its time in use: the mean wait is rho / (1 - rho) service times."""
    rng = np.random.default_rng(0)
    arrivals = np.cumsum(rng.exponential(1.5, 400_000))
    waits = waits_of(arrivals, rng.exponential(1.0, 400_000), 1)
    assert waits.mean() == pytest.approx(2.0, rel=0.05)


def test_the_fewest_servers_are_enough_and_one_fewer_is_not() -> None:
    rng = np.random.default_rng(1)
    arrivals = np.sort(rng.uniform(0.0, 3_600.0, 2_000))
    service = rng.exponential(20.0, 2_000)
    servers = servers_for(arrivals, service, 30.0, 0.95)
    assert np.quantile(waits_of(arrivals, service, servers), 0.95) <= 30.0
    assert np.quantile(waits_of(arrivals, service, servers - 1), 0.95) > 30.0


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
    assert len(measured.begun_s) == 30
    for seen, low, high in repeated(measured).values():
        assert low <= seen <= high


def test_a_larger_league_needs_more_but_less_for_each(tmp_path: Path) -> None:
    measured = MeasuredClass("a machine", 2, np.zeros(30), np.linspace(15.0, 40.0, 30))
    measured.keep(tmp_path / "class.json")
    kept = measured_class(tmp_path / "class.json")
    assert kept.service_s == pytest.approx(measured.service_s, abs=0.01)
    small, large = (needs_of(n, kept, Habits(), Costs()) for n in (500, 5_000))
    assert small.cores < large.cores < 10 * small.cores
    assert large.p95_wait_s <= 120.0
    assert large.usd_month_elastic < large.usd_month
