"""A class submits its first training at once: `make class`, or this module with `--help`.

Everybody has a model of their own with the guide's first reward; the queue is the service's own.
What counts is when the last of them has a car that drives five clean laps, and how long anybody
waits for the first sign of life: the first iteration in their graph.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.hosted import Guest, HostedService
from benchmarks.league.costs import MeasuredClass
from benchmarks.learn import PRESET_OF_NETWORK
from benchmarks.measuring import common_arguments, cores, machine, measure_all, results_file
from benchmarks.table import Row, number
from benchmarks.trainings import LAPS, job
from racecraft.sandbox.builtin import builtin_reward
from racecraft.service.models import ERROR_FILE

NAMES = ("class",)
PEOPLE, PEOPLE_OF_A_TRY = 30, 4
ALL_DONE_TARGET_S, FIRST_TARGET_S = 15 * 60.0, 8 * 60.0
REWARD = "centre-line"
_LOOK_S = 0.25


@dataclass
class Racer:
    """One of the class; times are seconds after the first of them submitted."""

    guest: Guest
    seed: int
    folder: Path | None = None
    job: str = ""
    first_s: float | None = None
    """When the first iteration was there."""
    done_s: float | None = None
    """When the training was over."""
    is_clean: bool = False
    """It ended because five laps in a row were clean."""
    message: str = ""
    times_s: tuple[float, float, float] | None = None
    """By the records of the service: asked for and ended, seconds since 1970; computing time."""


def class_rows(people: int, network: str, slots: int, cap_s: float, keeps: bool) -> list[Row]:
    """Everybody submits at once; wait until the last one is done, or the cap."""
    wish = _wish(network, cap_s)
    with HostedService(slots=slots) as service:
        admin = service.admin()
        racers = [
            Racer(guest, seed)
            for seed, guest in enumerate(service.guests(admin, people, "RACER", "pupil"), 100)
        ]
        begin = time.perf_counter()
        with ThreadPoolExecutor(people) as pool:
            list(pool.map(partial(_submit, service, wish), racers))
        print(f"  submitted after {time.perf_counter() - begin:.1f} s", flush=True)
        while time.perf_counter() - begin < cap_s:
            for racer in racers:
                _look(service, racer, time.perf_counter() - begin)
            if all(racer.done_s is not None for racer in racers):
                break
            time.sleep(_LOOK_S)
    if keeps:
        _keep(racers, slots)
    return _rows(racers, network, slots, cap_s)


def _keep(racers: Sequence[Racer], slots: int) -> None:
    """Write down what each computed and when it ended, for the simulation of a league."""
    times = np.array([racer.times_s for racer in racers if racer.times_s], float).reshape(-1, 3)
    asked, ended, computed = times[np.argsort(times[:, 1])].T
    first = np.sort([racer.first_s for racer in racers if racer.first_s is not None])
    MeasuredClass(machine(), slots, computed, first, ended - asked.min(initial=np.inf)).keep()


def _wish(network: str, cap_s: float) -> dict[str, Any]:
    """What each of them sends."""
    lab = job(PRESET_OF_NETWORK[network], builtin_reward(REWARD), cap_s=cap_s, has_speed_goal=False)
    model = lab.model.model_dump(mode="json", exclude={"name", "car", "lidar_config"})
    training = lab.training.model_dump(mode="json", exclude={"threads"})
    return {"model": model, "training": training, "reward": REWARD}


def _submit(service: HostedService, wish: dict[str, Any], racer: Racer) -> None:
    own = {**wish, "training": {**wish["training"], "seed": racer.seed}}
    made = service.ask("POST", "models", racer.guest, **own)
    racer.job = made["job"]["id"]
    racer.folder = service.home / "people" / made["model"]["owner_id"] / "models"
    racer.folder /= made["model"]["name"]


def _look(service: HostedService, racer: Racer, now_s: float) -> None:
    """The first iteration is seen in the records, so that looking costs the service nothing."""
    assert racer.folder is not None
    if racer.done_s is not None:
        return
    if (racer.folder / ERROR_FILE).is_file():
        racer.done_s, racer.message = now_s, (racer.folder / ERROR_FILE).read_text("utf-8").strip()
        return
    if racer.first_s is None:
        records = racer.folder / "progress.jsonl"
        if records.is_file() and records.stat().st_size:
            racer.first_s = now_s
        return
    lines = (racer.folder / "progress.jsonl").read_text(encoding="utf-8").splitlines()
    if "stop_reason" not in lines[-1] or _stop_reason(lines[-1]) is None:
        return
    found = service.ask("GET", f"jobs/{racer.job}", racer.guest)["job"]
    if found["status"] in ("COMPLETED", "FAILED", "CANCELED"):
        racer.done_s, racer.message = now_s, found["message"]
        racer.is_clean = f"{LAPS} clean laps" in found["message"]
        computed_s = found["compute_s"] + found["attempt_s"]
        racer.times_s = (found["created_at_s"], found["ended_at_s"], computed_s)


def _stop_reason(line: str) -> str | None:
    try:
        reason: str | None = json.loads(line)["stop_reason"]
        return reason
    except ValueError:  # being written at this moment
        return None


def _rows(racers: Sequence[Racer], network: str, slots: int, cap_s: float) -> list[Row]:
    for racer in racers:
        print(
            f"  {racer.guest.name}: first iteration {number(racer.first_s)} s, done "
            f"{number(racer.done_s)} s, {racer.message or 'not done'}",
            flush=True,
        )
    done = [racer.done_s or cap_s for racer in racers]
    first = [racer.first_s or cap_s for racer in racers]
    failures = sum(not racer.is_clean for racer in racers)
    how = f"{len(racers)} people, {network} network, {slots} at a time, {cores()} cores"
    is_whole = len(racers) == PEOPLE
    return [
        Row(
            name=f"class of {len(racers)}, all at once: until all have {LAPS} clean laps",
            value=max(done),
            unit="s",
            target=ALL_DONE_TARGET_S if is_whole else None,
            sense="<=",
            note=f"{how}; {len(racers) - failures} of them; first done {number(min(done))} s",
            failures=failures,
        ),
        Row(
            name=f"class of {len(racers)}, all at once: longest wait for a first iteration",
            value=max(first),
            unit="s",
            target=FIRST_TARGET_S if is_whole else None,
            sense="<=",
            note=f"{how}; shortest {number(min(first))} s",
            failures=sum(racer.first_s is None for racer in racers),
        ),
    ]


def main() -> None:
    """Measure what was asked for."""
    parser = common_arguments("A class of thirty submits its first training at once.", NAMES)
    parser.add_argument("--people", type=int, help=f"how many ({PEOPLE})")
    parser.add_argument("--network", choices=list(PRESET_OF_NETWORK), default="shallow")
    parser.add_argument("--slots", type=int, default=cores(), help="trainings at a time")
    parser.add_argument("--cap", type=float, default=1500.0, help="give up after so many seconds")
    parser.add_argument("--keep", action="store_true", help="keep the times in league/class.json")
    given = parser.parse_args()
    people = given.people or (PEOPLE_OF_A_TRY if given.quick else PEOPLE)
    measure = partial(class_rows, people, given.network, given.slots, given.cap, given.keep)
    measure_all([("class", measure)], results_file(given))


if __name__ == "__main__":
    main()
