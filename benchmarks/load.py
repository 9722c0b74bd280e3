"""A class that looks on while two cars learn: `make load`, or `python -m benchmarks.load --help`.

A service with accounts runs two trainings; a hundred signed-in clients read and thirty viewers
watch. With and without them in turn, so that a machine that gets slower by itself is not blamed on
the clients. The clients run on the same machine and take their share of it.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from functools import partial
from itertools import pairwise
from typing import Any

from benchmarks.clients import Findings, Orders, percentile
from benchmarks.hosted import Guest, HostedService
from benchmarks.measuring import child_environment, common_arguments, measure_all, results_file
from benchmarks.table import ROOT, Row, number

NAMES = ("start", "load")
CLIENTS, VIEWERS, TRAININGS = 100, 30, 2
CLIENTS_OF_A_TRY, VIEWERS_OF_A_TRY = 10, 4
P95_TARGET_MS, SLOWED_TARGET_PERCENT = 100.0, 10.0
START_TARGET_S, MEMORY_TARGET_MB = 3.0, 150.0
SETTLED_S = 5.0
"""How long after its first answer a service counts as idle."""


@dataclass(frozen=True)
class Running:
    """A training that is under way."""

    model: str
    job: str
    owner: Guest


@dataclass(frozen=True)
class Phase:
    """Some seconds of two trainings, with or without clients."""

    steps_per_s: float
    service_cpu_percent: float
    findings: Findings | None = None


def start_rows(repeats: int) -> list[Row]:
    """How long a service takes to answer, and what it then needs."""
    seconds, megabytes = [], []
    for _ in range(repeats):
        with HostedService(slots=1) as service:
            seconds.append(service.first_answer_s)
            time.sleep(SETTLED_S)
            megabytes.append(service.memory_mb)
    return [
        Row(
            name="racecraft up, typed to first answer",
            value=statistics.median(seconds),
            unit="s",
            target=START_TARGET_S,
            sense="<=",
            note=f"{number(min(seconds))}–{number(max(seconds))} in {repeats} repeats, empty home",
        ),
        Row(
            name="racecraft up, memory when idle",
            value=statistics.median(megabytes),
            unit="MB",
            target=MEMORY_TARGET_MB,
            sense="<=",
            note=f"resident, {SETTLED_S:.0f} s after the first answer, {repeats} repeats",
        ),
    ]


def load_rows(rounds: int, seconds: float, clients: int, viewers: int, network: str) -> list[Row]:
    """Reads while two trainings run and are watched, and what that costs the trainings."""
    with HostedService(slots=TRAININGS) as service:
        admin = service.admin()
        owners = service.guests(admin, TRAININGS, "RACER", "driver")
        running = [_training(service, owner, network) for owner in owners]
        guests = service.guests(admin, clients, "ORGANISER", "guest")
        orders = _orders(service, running, guests, seconds, viewers)
        quiet, loaded = [], []
        for turn in range(rounds):
            quiet.append(_phase(service, running, seconds, None))
            loaded.append(_phase(service, running, seconds, orders))
            print(
                f"  round {turn + 1}: {number(quiet[-1].steps_per_s)} steps/s alone, "
                f"{number(loaded[-1].steps_per_s)} with clients",
                flush=True,
            )
        quiet.append(_phase(service, running, seconds, None))
        memory_mb = service.memory_mb
        for each in running:
            service.ask("POST", f"jobs/{each.job}/stop", each.owner)
    return _rows(quiet, loaded, memory_mb, clients, viewers)


def _training(service: HostedService, owner: Guest, network: str) -> Running:
    """A training that goes on for longer than is measured, once it is under way."""
    made = service.ask(
        "POST",
        "models",
        owner,
        model={"network": network},
        training={"stop": {"minutes": 55}, "threads": service.threads},
    )
    model, job = made["model"]["id"], made["job"]["id"]
    while True:
        found = service.ask("GET", f"jobs/{job}", owner)["job"]
        if found["report"].get("iteration", 0) >= 2:
            return Running(model, job, owner)
        if found["status"] in ("FAILED", "COMPLETED", "CANCELED"):
            raise OSError(f"The training did not run: {found['message']}")
        time.sleep(0.2)


def _orders(
    service: HostedService,
    running: list[Running],
    guests: list[Guest],
    seconds: float,
    viewers: int,
) -> Orders:
    readers = []
    for place, guest in enumerate(guests):
        each = running[place % len(running)]
        paths = [
            *("me", "models", "jobs", "vehicles"),
            *(f"jobs/{each.job}", f"models/{each.model}"),
            f"models/{each.model}/graph",
            f"models/{each.model}/log?offset=0",
            f"jobs/{each.job}/live/snapshot",
        ]
        readers.append((guest.cookie, paths))
    watchers = [
        (guests[k % len(guests)].cookie, running[k % len(running)].job, 0 if k % 2 else None)
        for k in range(viewers)
    ]
    return Orders(service.port, seconds, readers, watchers)


def _phase(
    service: HostedService, running: list[Running], seconds: float, orders: Orders | None
) -> Phase:
    """Let time go by; the steps are counted in the records on the disk, without asking anybody."""
    process = None
    if orders is not None:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.clients"],
            cwd=ROOT,
            env=child_environment(PYTHONPATH=str(ROOT)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps(asdict(orders)))
        process.stdin.close()
    time.sleep(1.0)  # until all are connected
    cpu_s, steps, begin = service.cpu_s, _env_steps(service), time.perf_counter()
    time.sleep(seconds - 2.0)
    driven, passed_s = _env_steps(service) - steps, time.perf_counter() - begin
    cpu_percent = 100.0 * (service.cpu_s - cpu_s) / passed_s
    findings = None
    if process is not None:
        assert process.stdout is not None
        findings = Findings(**json.loads(process.stdout.read()))
        process.wait()
    return Phase(driven / passed_s, cpu_percent, findings)


def _env_steps(service: HostedService) -> int:
    """Environment steps of all trainings so far."""
    steps = 0
    for file in service.home.glob("people/*/models/*/progress.jsonl"):
        lines = file.read_text(encoding="utf-8").splitlines()
        steps += next(s for s in map(_steps_of, reversed(lines)) if s is not None)
    return steps


def _steps_of(line: str) -> int | None:
    try:
        return int(json.loads(line)["env_steps"])
    except ValueError:  # being written at this moment
        return None


def _rows(
    quiet: list[Phase], loaded: list[Phase], memory_mb: float, clients: int, viewers: int
) -> list[Row]:
    met = [phase.findings for phase in loaded if phase.findings is not None]
    latencies = [value for each in met for value in each.latencies_s]
    # Each round is compared with the quiet ones before and after it.
    alone = [(a.steps_per_s + b.steps_per_s) / 2.0 for a, b in pairwise(quiet)]
    slowed = [
        100.0 * (1.0 - phase.steps_per_s / steps_per_s)
        for phase, steps_per_s in zip(loaded, alone, strict=True)
        if steps_per_s > 0.0  # no iteration ended in a very short try
    ]
    slowest = {name: seconds for each in met for name, seconds in each.slowest.items()}
    worst = ", ".join(
        f"{name} {1000 * value:.0f} ms"
        for name, value in sorted(slowest.items(), key=lambda item: -item[1])[:3]
    )
    who = f"{clients} clients, {viewers} viewers, {TRAININGS} trainings"
    reads: dict[str, Any] = {"unit": "ms", "sense": "<="}
    failures = sum(each.refused + each.lost_viewers for each in met)
    cpu = statistics.mean(phase.service_cpu_percent for phase in loaded)
    own = sum(each.cpu_s for each in met) / len(met)
    return [
        Row(
            name="read while two trainings run, p95",
            value=1000 * percentile(latencies, 95.0),
            target=P95_TARGET_MS,
            note=f"{who}; {len(latencies):,} reads, p50 {1000 * percentile(latencies, 50.0):.1f}, "
            f"p99 {1000 * percentile(latencies, 99.0):.1f}; slowest: {worst}",
            failures=failures,
            **reads,
        ),
        Row(
            name="trainings slowed by clients and viewers",
            value=statistics.median(slowed) if slowed else None,
            unit="%",
            target=SLOWED_TARGET_PERCENT,
            sense="<=",
            note=f"{who}; {', '.join(f'{value:.1f}' for value in slowed)} in {len(slowed)} rounds; "
            f"service {cpu:.1f} % of a core and {memory_mb:.0f} MB, clients themselves "
            f"{own:.1f} s of processor a round; {sum(each.segments for each in met):,} segments, "
            f"{sum(each.segment_bytes for each in met) / 1e6:.1f} MB",
            failures=failures,
        ),
    ]


def main() -> None:
    """Measure what was asked for."""
    parser = common_arguments(__doc__, NAMES)
    parser.add_argument("--rounds", type=int, default=3, help="with and without clients, in turn")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each half of a round")
    parser.add_argument("--network", default="DEEP_CONVOLUTIONAL_NETWORK_SHALLOW")
    given = parser.parse_args()
    rounds, seconds = (1, 8.0) if given.quick else (given.rounds, given.seconds)
    clients, viewers = (CLIENTS_OF_A_TRY, VIEWERS_OF_A_TRY) if given.quick else (CLIENTS, VIEWERS)
    benchmarks = {
        "start": partial(start_rows, 1 if given.quick else 3),
        "load": partial(load_rows, rounds, seconds, clients, viewers, given.network),
    }
    wanted = [(name, benchmarks[name]) for name in NAMES if not given.only or name in given.only]
    measure_all(wanted, results_file(given))


if __name__ == "__main__":
    main()
