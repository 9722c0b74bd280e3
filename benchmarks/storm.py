"""Forty trainings at once on a Ray cluster whose machines lose their power, and how it grows.

    python -m benchmarks.storm               # both
    python -m benchmarks.storm --only storm

It makes its cluster on this machine, in a network of its own (Linux, as root). What counts in the
storm is that every training ends with the weights that an undisturbed one has. For the growth each
worker may use a part of a core only, as if it had a slower one to itself, so that four of them fit
on two cores; the parts take turns.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from benchmarks.measuring import machine
from tests.service.executors import OnRay, lonely_network, until
from tests.service.server import Server
from tests.service.test_kills import iterations, make

JOBS, MACHINES = 40, 2
KILLED_AFTER = (8, 24)
"""How many jobs have ended when a machine loses its power."""
ITERATIONS = 12
_SHARE, _PERIOD_S = 0.4, 0.2
"""Of a core that a worker may use, and how often it has its turn."""
_PATIENCE_S = 1800.0


def main() -> None:
    """Measure, and print what was found."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--only", choices=["storm", "growth"])
    asked.add_argument("--jobs", type=int, default=JOBS)
    wish = asked.parse_args()
    print(machine())
    with lonely_network():
        if wish.only != "growth":
            storm(wish.jobs)
        if wish.only != "storm":
            growth()


def storm(jobs: int) -> None:
    """Ask for all at once, pull the plug of a machine twice, and look at every model."""
    with _cluster(MACHINES) as there:
        alone = _asked(there.server, ["alone"])
        _wait_for(there.server, alone, 1)
        began_s = time.monotonic()
        asked = _asked(there.server, [f"storm-{k}" for k in range(jobs)])
        for ended in KILLED_AFTER:
            _wait_for(there.server, asked, min(ended, jobs // 2))
            there.tell(f"kill {there.machine_of(_worker_that_learns(there, asked))}")
            there.tell("add")
        _wait_for(there.server, asked, jobs)
        took_s = time.monotonic() - began_s
        found = [_job(there.server, each) for each in asked]
        right = [
            job["status"] == "COMPLETED"
            and iterations(there.server, job["model_id"]) == list(range(ITERATIONS))
            and _digest(there.server, job) == _digest(there.server, _job(there.server, alone[0]))
            for job in found
        ]
        again = sum(job["attempts"] > 1 for job in found)
        print(
            f"storm: {sum(right)} of {jobs} trainings ended right, {took_s:.0f} s, "
            f"{again} of them begun again after {len(KILLED_AFTER)} lost machines"
        )


def growth() -> None:
    """Jobs a minute with one worker and with four."""
    speeds = {}
    for machines in (1, 4):
        with _cluster(machines) as there, _held_back(there):
            _wait_for(there.server, _asked(there.server, ["warm-up"]), 1)
            asked = _asked(there.server, [f"job-{k}" for k in range(4 * machines)])
            began_s = time.monotonic()
            _wait_for(there.server, asked, len(asked))
            speeds[machines] = 60.0 * len(asked) / (time.monotonic() - began_s)
    for machines, speed in speeds.items():
        print(f"growth: {machines} workers at {_SHARE:.0%} of a core: {speed:.1f} jobs a minute")
    print(f"growth: {speeds[4] / speeds[1]:.2f} times as many with four")


@contextmanager
def _cluster(machines: int) -> Iterator[OnRay]:
    with tempfile.TemporaryDirectory() as folder:
        there = OnRay(Path(folder) / "home", machines)
        try:
            there.server.start()
            yield there
        finally:
            there.close()


@contextmanager
def _held_back(there: OnRay) -> Iterator[None]:
    """Let each worker use its part of a core."""
    ends = threading.Event()
    thread = threading.Thread(target=_hold_back, args=(there, ends))
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join()


def _hold_back(there: OnRay, ends: threading.Event) -> None:
    workers: list[list[psutil.Process]] = []
    looked_s = 0.0
    while not ends.is_set():
        if time.monotonic() - looked_s > 1.0:
            looked_s = time.monotonic()
            workers = [_with_children(worker) for worker in there.workers()]
        phase = time.monotonic() / _PERIOD_S
        for number, processes in enumerate(workers):
            runs = (phase + number / max(len(workers), 1)) % 1.0 < _SHARE
            for process in processes:
                with suppress(psutil.Error):
                    process.resume() if runs else process.suspend()
        time.sleep(_PERIOD_S / 20)
    for process in (each for processes in workers for each in processes):
        with suppress(psutil.Error):
            process.resume()


def _with_children(worker: psutil.Process) -> list[psutil.Process]:
    try:
        return [worker, *worker.children(recursive=True)]
    except psutil.Error:
        return []


def _worker_that_learns(there: OnRay, asked: list[str]) -> psutil.Process:
    """One in the middle of its job, so that something is lost with it."""
    found: list[psutil.Process] = []

    def is_there() -> bool:
        for job in (_job(there.server, each) for each in asked):
            if job["status"] == "IN_PROGRESS" and iterations(there.server, job["model_id"]):
                found.extend(each for each in there.workers() if each.pid == job["worker_pid"])
        return bool(found)

    until(is_there, _PATIENCE_S)
    return found[0]


def _asked(server: Server, names: list[str]) -> list[str]:
    """Ask for a training each; gives the jobs."""
    return [make(server, name)["job"]["id"] for name in names]


def _job(server: Server, job_id: str) -> dict[str, Any]:
    found: dict[str, Any] = server.ask("GET", f"jobs/{job_id}")["job"]
    return found


def _wait_for(server: Server, jobs: list[str], number: int) -> None:
    """Wait until so many of them have ended."""
    ended: set[str] = set()
    deadline = time.monotonic() + _PATIENCE_S
    while len(ended) < number:
        for job_id in set(jobs) - ended:
            if _job(server, job_id)["status"] in ("COMPLETED", "FAILED", "CANCELED"):
                ended.add(job_id)
        if time.monotonic() > deadline:
            raise SystemExit(f"Only {len(ended)} of {number} jobs have ended; this takes too long.")
        time.sleep(0.5)


def _digest(server: Server, job: dict[str, Any]) -> str:
    """Of the weights that a training ended with."""
    folder = server.home / "models" / job["model_name"] / "checkpoints" / str(ITERATIONS - 1)
    return hashlib.sha256((folder / "policy.safetensors").read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
