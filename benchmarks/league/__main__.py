"""Repeat the measured queue, then ask what leagues of different sizes need."""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.league.costs import Costs, MeasuredClass, measured_class
from benchmarks.league.demand import DAY_S, WEEK_S, Habits, demand_of
from benchmarks.league.queueing import delays_of, drive, servers_for, worst_hour
from racecraft.service.jobs.shifts import SHIFT_S

SIZES = (1_000, 100_000, 10_000_000)
SHARD = 100_000
"""Racers of one service with its own records; larger leagues have several."""
MACHINE_CORES = 32
DELAY_S, SHARE = 1_200.0, 0.95
"""Of the jobs of every hour, this share is done so much later than on a free machine at most."""
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
    """That keep delays short, in the worst shard times the shards."""
    p95_delay_s: float
    p95_delay_hour_s: float
    """The same in the hour with the longest delays."""
    service_cores: float
    """For the consoles that are open and the workers' signs of life, at the busiest time."""
    writes_per_s: float
    """Of workers' signs of life, at the busiest time, in one shard."""
    traffic_mbps: float
    storage_tb: float
    usd_month: float
    usd_month_elastic: float
    """The same if machines are rented by the hour in which they are needed."""


def repeated(
    measured: MeasuredClass, costs: Costs, seed: int = 0
) -> dict[str, tuple[float, float, float]]:
    """The measured class and its repetition in the simulator.

    Lengths are drawn again from those that were measured, in any order, so that what is compared
    is the queue and not the list.

    Returns:
        For the last of the first iterations, the mean and the last of the ends: measured, and the
        5th and 95th percentile of what was simulated, in seconds.
    """
    rng = np.random.default_rng(seed)
    count = len(measured.computed_s)
    arrivals = np.zeros(count)
    starts, ends = np.empty((DRAWS, count)), np.empty((DRAWS, count))
    for draw in range(DRAWS):
        service = rng.choice(measured.computed_s, count)
        late = rng.uniform(0.0, 2.0 * costs.late_s, count)
        turns = 1.0 + (service > SHIFT_S + late) + (service > 3.0 * SHIFT_S + late)
        starting, late = turns * costs.start_s, late + costs.start_s
        begun, done = drive(arrivals, service + starting, late, measured.slots, SHIFT_S)
        starts[draw], ends[draw] = begun, done
    # Those who need not wait tell how long a first iteration takes by itself.
    firsts = starts.max(axis=1) + measured.first_s[: measured.slots].mean()
    return {
        "everybody's first iteration": _beside(measured.first_s.max(), firsts),
        "done on average": _beside(measured.done_s.mean(), ends.mean(axis=1)),
        "all done": _beside(measured.done_s.max(), ends.max(axis=1)),
    }


def _beside(seen_s: float, drawn_s: NDArray[np.float64]) -> tuple[float, float, float]:
    low, high = np.percentile(drawn_s, [5, 95])
    return float(seen_s), float(low), float(high)


def needs_of(racers: int, measured: MeasuredClass, habits: Habits, costs: Costs) -> Needs:
    """What a league of a size needs; one shard is simulated, the others are as large."""
    shards = max(math.ceil(racers / SHARD), 1)
    rng = np.random.default_rng(racers)
    week = demand_of(racers // shards, habits, measured.computed_s, costs.submission_s, rng)
    servers = servers_for(week.arrivals_s, week.service_s, DELAY_S, SHARE, SHIFT_S)
    delays = delays_of(week.arrivals_s, week.service_s, servers, SHIFT_S)
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
        p95_delay_s=float(np.quantile(delays, SHARE)),
        p95_delay_hour_s=worst_hour(week.arrivals_s, delays, SHARE),
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
    lengths = measured.computed_s
    print(f"Measured: {len(lengths)} trainings, {measured.slots} at a time, on {measured.machine}")
    print(f"  each {np.median(lengths):.1f} s (median; {lengths.min():.1f} to {lengths.max():.1f})")
    for name, (seen, low, high) in repeated(measured, costs).items():
        verdict = "within" if low <= seen <= high else "OUTSIDE"
        print(f"  {name}: {seen:.0f} s; simulated {low:.0f} to {high:.0f} s: {verdict}")
    print(f"\nAssumed: {habits}\n{costs}\n")
    for racers in given.racers:
        needs = needs_of(racers, measured, habits, costs)
        print(
            f"{racers:,} racers: {needs.jobs:,} jobs and {needs.core_hours:,.0f} core hours a "
            f"week; {needs.cores:,} cores ({math.ceil(needs.cores / MACHINE_CORES):,} machines of "
            f"{MACHINE_CORES}) to delay {SHARE:.0%} of the jobs of every hour by {DELAY_S:.0f} s "
            f"at most ({needs.p95_delay_s:.0f} s over the week); {needs.service_cores:.1f} cores "
            f"for the services, {needs.writes_per_s:.0f} signs of life a second in each; "
            f"{needs.traffic_mbps:,.1f} Mbit/s; {needs.storage_tb:,.2f} TB; "
            f"{needs.usd_month:,.0f} USD a month, {needs.usd_month_elastic:,.0f} if machines "
            "come and go"
        )


if __name__ == "__main__":
    main()
