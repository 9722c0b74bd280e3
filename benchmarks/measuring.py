"""How figures are taken: the machine, repeats with their median and spread, child processes."""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.table import RESULTS, Row, keep, number, table_text
from racecraft.training.threads import VARIABLES

QUIET_LOAD = 0.3
_FLAGS = {"avx512f": "AVX-512", "avx512_bf16": "AVX-512 bf16", "amx_bf16": "AMX bf16"}
"""Processor features that decide how fast networks are."""


@dataclass(frozen=True)
class Sample:
    """The same thing measured some times."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle value."""
        return statistics.median(self.values)

    def __str__(self) -> str:
        if len(self.values) == 1:
            return "measured once"
        low, high = number(min(self.values)), number(max(self.values))
        return f"{low}–{high} in {len(self.values)} repeats"


@dataclass(frozen=True)
class Effort:
    """How long to measure."""

    is_quick: bool = False
    """Just see that everything works; the figures mean nothing."""

    @property
    def repeats(self) -> int:
        """Measurements of each thing."""
        return 2 if self.is_quick else 5

    @property
    def seconds(self) -> float:
        """Length of one measurement of a thing that can go on for ever."""
        return 0.1 if self.is_quick else 2.0

    def sample(self, measure: Callable[[], float]) -> Sample:
        """Measure the same thing some times."""
        return Sample(tuple(measure() for _ in range(self.repeats)))

    def rate(self, work: Callable[[], int]) -> Sample:
        """Things done a second by `work`, which is called again and again and tells how many.

        The first call of all does not count: it loads compiled kernels and fills caches.
        """
        work()

        def measure() -> float:
            done, begin = 0, time.perf_counter()
            while (seconds := time.perf_counter() - begin) < self.seconds:
                done += work()
            return done / seconds

        return self.sample(measure)


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine() -> str:
    """Processor, cores, the flags that matter, torch, and the load just now."""
    import torch

    facts = _cpu_facts()
    flags = facts.get("flags", "").split()
    features = [f"{name} {'yes' if flag in flags else 'no'}" for flag, name in _FLAGS.items()]
    load = f"load {os.getloadavg()[0]:.2f}" if hasattr(os, "getloadavg") else "load unknown"
    parts = (
        facts.get("model name") or platform.processor() or platform.machine(),
        f"{cores()} cores",
        *features,
        f"torch {torch.__version__} ({torch.backends.cpu.get_cpu_capability()})",
        f"Python {platform.python_version()}",
        load,
    )
    return ", ".join(parts)


def _cpu_facts() -> dict[str, str]:
    """The first processor's lines of /proc/cpuinfo; nothing where there is no such file."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0]
    except OSError:
        return {}
    pairs = (line.partition(":") for line in text.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def announce() -> str:
    """Print the machine, warn when it is busy, and give its description."""
    described = machine()
    print(f"Machine: {described}")
    print("Targets assume two cores with AVX-512 and AMX bf16.")
    if hasattr(os, "getloadavg") and os.getloadavg()[0] > QUIET_LOAD:
        print(
            f"Warning: the load is {os.getloadavg()[0]:.2f}; above {QUIET_LOAD} the figures are "
            "not to be trusted.",
            file=sys.stderr,
        )
    return described


def child_environment(**changes: str) -> dict[str, str]:
    """The environment for a child process, without the thread settings of this one."""
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    return {**kept, **changes}


def common_arguments(description: str | None, names: Iterable[str]) -> argparse.ArgumentParser:
    """Flags that all measuring commands have."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="see that it works; nothing is kept")
    parser.add_argument("--only", nargs="+", choices=list(names), metavar="NAME", help="these only")
    parser.add_argument("--results", type=Path, help=f"file to keep rows in ({RESULTS.name})")
    return parser


def results_file(arguments: argparse.Namespace) -> Path | None:
    """Where to keep rows: quick figures only where someone asks for it by name."""
    chosen: Path | None = arguments.results
    return chosen or (None if arguments.quick else RESULTS)


def measure_all(
    benchmarks: Sequence[tuple[str, Callable[[], list[Row]]]], results: Path | None
) -> list[Row]:
    """Run benchmarks one after the other, keeping rows at once, and print the table."""
    described = announce()
    rows: list[Row] = []
    for name, benchmark in benchmarks:
        print(f"\n{name} ...", flush=True)
        begin = time.perf_counter()
        measured = benchmark()
        keep(measured, described, results)
        rows += measured
        print(f"{name} took {time.perf_counter() - begin:.0f} s", flush=True)
    print(f"\n{table_text(rows)}\n")
    print("Nothing was kept." if results is None else f"Kept in {results}.")
    return rows
