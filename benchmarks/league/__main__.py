"""Repeat the measured queue, then ask what leagues of different sizes need."""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass

import numpy as np

from benchmarks.league.costs import Costs, MeasuredClass, measured_class
from benchmarks.league.demand import DAY_S, WEEK_S, Habits, demand_of
from benchmarks.league.queueing import servers_for, starts_of, waits_of

SIZES = (1_000, 100_000, 10_000_000)
SHARD = 100_000
"""Racers of one service with its own records; larger leagues have several."""
MACHINE_CORES = 32
WAIT_S, SHARE = 120.0, 0.95
"""Of the jobs, this share begins within that time."""
DRAWS = 2_000
_BEAT_S = 2.0


@dataclass(frozen=True)
class Needs:
    """Of a league of some size."""

    racers: int
    jobs: int
    """A week."""
    core_hours: float
    """Of jobs, a week."""
    cores: int
    """That keep waits short, in the worst shard times the shards."""
    p95_wait_s: float
    p95_wait_hour_s: float
    """The same in the hour with the longest waits."""
    service_cores: float
    """For the consoles that are open and the workers' signs of life, at the busiest time."""
    writes_per_s: float
    """Of workers' signs of life, at the busiest time, in one shard."""
    traffic_mbps: float
    storage_tb: float
    usd_month: float
    usd_month_elastic: float
    """The same if machines are rented by the hour in which they are needed."""


def repeated(measured: MeasuredClass, seed: int = 0) -> dict[str, tuple[float, float, float]]:
    """The measured class and its repetition in the simulator.

    Lengths are drawn again from those that were measured, in any order, so that what is compared
    is the queue and not the list.

    Returns:
        For the median and the last of the ends: measured, and the 5th and 95th percentile of what
        was simulated, in seconds.
    """
    rng = np.random.default_rng(seed)
    count = len(measured.begun_s)
    arrivals = np.zeros(count)
    ends = np.empty((DRAWS, count))
    for draw in range(DRAWS):
        service = rng.choice(measured.service_s, count)
        ends[draw] = np.sort(starts_of(arrivals, service, measured.slots) + service)
    done = np.sort(measured.done_s)
    found = {}
    for name, place in (("half of them done", count // 2), ("all done", count - 1)):
        low, high = np.percentile(ends[:, place], [5, 95])
        found[name] = (float(done[place]), float(low), float(high))
    return found


def needs_of(racers: int, measured: MeasuredClass, habits: Habits, costs: Costs) -> Needs:
    """What a league of a size needs; one shard is simulated, the others are as large."""
    shards = max(math.ceil(racers / SHARD), 1)
    rng = np.random.default_rng(racers)
    week = demand_of(racers // shards, habits, measured.service_s, costs.submission_s, rng)
    servers = servers_for(week.arrivals_s, week.service_s, WAIT_S, SHARE)
    waits = waits_of(week.arrivals_s, week.service_s, servers)
    hours = (week.arrivals_s // 3_600.0).astype(int)
    worst = max(float(np.quantile(waits[hours == hour], SHARE)) for hour in np.unique(hours))
    busy_s = float(week.service_s.sum())
    watching = racers * habits.watching
    writes = servers / _BEAT_S
    service_cores = watching * costs.client_cores + shards * writes * costs.beat_ms / 1_000.0
    storage_tb = racers * habits.models * costs.model_mb / 1e6
    hour_usd, month_h = costs.core_hour_usd, 730.0
    storage_usd = storage_tb * costs.terabyte_month_usd
    always = (shards * servers + service_cores) * month_h * hour_usd
    used = shards * busy_s / 3_600.0 * (30.4 * DAY_S / WEEK_S) * 1.3 + service_cores * month_h
    return Needs(
        racers=racers,
        jobs=shards * len(week.arrivals_s),
        core_hours=shards * busy_s / 3_600.0,
        cores=shards * servers,
        p95_wait_s=float(np.quantile(waits, SHARE)),
        p95_wait_hour_s=worst,
        service_cores=service_cores,
        writes_per_s=writes,
        traffic_mbps=watching * costs.viewer_kbps / 1_000.0,
        storage_tb=storage_tb,
        usd_month=always + storage_usd,
        usd_month_elastic=used * hour_usd + storage_usd,
    )


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--racers", type=int, nargs="*", default=list(SIZES), help="how many")
    given = parser.parse_args()
    measured, habits, costs = measured_class(), Habits(), Costs()
    lengths = measured.service_s
    print(f"Measured: {len(lengths)} trainings, {measured.slots} at a time, on {measured.machine}")
    print(f"  each {np.median(lengths):.1f} s (median; {lengths.min():.1f} to {lengths.max():.1f})")
    for name, (seen, low, high) in repeated(measured).items():
        verdict = "within" if low <= seen <= high else "OUTSIDE"
        print(f"  {name}: {seen:.0f} s; simulated {low:.0f} to {high:.0f} s: {verdict}")
    print(f"\nAssumed: {habits}\n{costs}\n")
    for racers in given.racers:
        needs = needs_of(racers, measured, habits, costs)
        print(
            f"{racers:,} racers: {needs.jobs:,} jobs and {needs.core_hours:,.0f} core hours a "
            f"week; {needs.cores:,} cores ({math.ceil(needs.cores / MACHINE_CORES):,} machines of "
            f"{MACHINE_CORES}) for {SHARE:.0%} of the jobs to begin within {WAIT_S:.0f} s "
            f"({needs.p95_wait_hour_s:.0f} s in the worst hour); {needs.service_cores:.1f} cores "
            f"for the services, {needs.writes_per_s:.0f} signs of life a second in each; "
            f"{needs.traffic_mbps:,.1f} Mbit/s; {needs.storage_tb:,.2f} TB; "
            f"{needs.usd_month:,.0f} USD a month, {needs.usd_month_elastic:,.0f} if machines "
            "come and go"
        )


if __name__ == "__main__":
    main()
