"""Running a sweep: batches of trials in processes of their own, each result kept at once.

A sweep that is cut short goes on where it was: what was proposed follows from the results before
it, so the same trials come again, and those that have a result are not run again.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from racecraft.domain.errors import Conflict, RacecraftError
from racecraft.domain.sweep import Kind, Status, SweepResult, SweepSpec, SweepTrial
from racecraft.service.documents import checked, read_values
from racecraft.service.files import read_text, storage, write_whole
from racecraft.service.locks import locked
from racecraft.service.models import checked_name, delete_model
from racecraft.service.sweeps.study import thresholds
from racecraft.service.sweeps.trial import RUNGS, Order

if TYPE_CHECKING:
    from racecraft.service.settings import Settings

SPEC_FILE, REWARD_FILE, TRIALS = "sweep.json", "reward.py", "trials"
_PATIENCE_S = 10.0
"""How long trials may take to end on Ctrl-C."""

Schedule = Callable[[Sequence[SweepResult]], Sequence[SweepTrial]]
"""All results so far -> the next batch; an empty one ends the sweep."""
Listener = Callable[[SweepResult], None]


@dataclass(frozen=True)
class Sweep:
    """A sweep and its folder."""

    settings: Settings
    name: str
    spec: SweepSpec
    reward_source: str | None = None
    """Of the base; read from the spec without it."""
    sources: Path = Path()
    """Where relative paths of reward files start."""

    @property
    def folder(self) -> Path:
        """Where its results are."""
        return self.settings.sweeps / checked_name(self.name)


def run_sweep(sweep: Sweep, schedule: Schedule, on_result: Listener) -> list[SweepResult]:
    """Run all batches of a sweep, or those that are left of it.

    Args:
        sweep: what it is.
        schedule: what comes next.
        on_result: called with every result, also with those of an earlier life.

    Raises:
        Conflict: another sweep has this name, or this one is running.
        StorageFailed: a result cannot be kept.
    """
    _prepare(sweep)
    with locked(sweep.folder, "SWEEPING"):
        results: list[SweepResult] = []
        while batch := schedule(results):
            done = _run_batch(sweep, batch, results)
            results += done
            for result in done:
                on_result(result)
            _keep_the_best(sweep, results)
        return results


def used_s(results: Sequence[SweepResult], workers: int) -> float:
    """Seconds of training so far, side by side."""
    return sum(result.training_s for result in results) / workers


def ranked(results: Sequence[SweepResult]) -> list[SweepResult]:
    """Whole trainings that were searched for, the best first; of equal ones the earlier."""
    done = [
        each
        for each in results
        if each.status is Status.DONE and each.trial.kind in (Kind.SEARCH, Kind.BASE)
    ]
    return sorted(done, key=lambda each: (-(each.score or 0.0), each.trial.number))


def _prepare(sweep: Sweep) -> None:
    """The folder with what is asked for, which stays the same for all of its life."""
    trials = sweep.folder / TRIALS
    with storage(trials):
        trials.mkdir(parents=True, exist_ok=True)
    file = sweep.folder / SPEC_FILE
    if not file.is_file():
        if sweep.reward_source is not None:
            write_whole(sweep.folder / REWARD_FILE, sweep.reward_source)
        write_whole(file, sweep.spec.model_dump_json(indent=2) + "\n")
        return
    # Its end may change; what its trials are may not.
    old = checked(SweepSpec, read_values(file)).model_dump()
    new = sweep.spec.model_dump()
    changed = [key for key in new if new[key] != old[key] and key not in ("minutes", "keep")]
    if sweep.reward_source is not None:
        reward = sweep.folder / REWARD_FILE
        is_same = reward.is_file() and read_text(reward) == sweep.reward_source
        changed += [] if is_same else ["reward function"]
    if changed:
        raise Conflict(
            f"There is a sweep {sweep.name!r} already, with another {', '.join(changed)}. Choose "
            f"another name, or delete {sweep.folder} to begin again."
        )
    write_whole(file, sweep.spec.model_dump_json(indent=2) + "\n")


def _run_batch(
    sweep: Sweep, batch: Sequence[SweepTrial], earlier: Sequence[SweepResult]
) -> list[SweepResult]:
    known = {trial.number: _read(sweep, trial) for trial in batch}
    least = thresholds(earlier, len(RUNGS)) if sweep.spec.prunes else []
    running = [
        _Process(sweep, trial, least if trial.kind is Kind.SEARCH else [])
        for trial in batch
        if known[trial.number] is None
    ]
    try:
        for process in running:
            known[process.trial.number] = process.result()
    except BaseException:
        for process in running:
            process.end()
        raise
    return [result for result in known.values() if result is not None]


class _Process:
    """A trial that runs."""

    def __init__(self, sweep: Sweep, trial: SweepTrial, least: list[float]) -> None:
        self.trial, self._sweep = trial, sweep
        self._target = _file(sweep, trial)
        self._log = self._target.with_suffix(".log")
        self._order = Order(
            spec=sweep.spec,
            trial=trial,
            model=f"{sweep.name}-{trial.number:04d}",
            reward_source=sweep.reward_source,
            folder=sweep.sources.absolute(),
            thresholds=least,
            target=self._target,
        )
        with storage(self._log), self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "racecraft.service.sweeps.trial"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the sweep, which then ends its trials
            )
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(self._order.model_dump_json().encode())
            self._process.stdin.close()

    def result(self) -> SweepResult:
        """Wait for it."""
        code = self._process.wait()
        found = _read(self._sweep, self.trial)
        if found is not None:
            return found
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        words = lines[-1] if lines else "it said nothing"
        result = SweepResult(
            trial=self.trial,
            status=Status.FAILED,
            model=self._order.model,
            problem=f"The process of the training ended with code {code}: {words}",
        )
        write_whole(self._target, result.model_dump_json(indent=2) + "\n")
        return result

    def end(self) -> None:
        """Stop it; what it did is done again when the sweep goes on."""
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _file(sweep: Sweep, trial: SweepTrial) -> Path:
    return sweep.folder / TRIALS / f"{trial.number:04d}.json"


def _read(sweep: Sweep, trial: SweepTrial) -> SweepResult | None:
    file = _file(sweep, trial)
    if not file.is_file():
        return None
    result = checked(SweepResult, read_values(file))
    return result if result.trial == trial else None


def _keep_the_best(sweep: Sweep, results: Sequence[SweepResult]) -> None:
    kept = {each.model for each in ranked(results)[: sweep.spec.keep]}
    for result in results:
        if result.model not in kept:
            with suppress(RacecraftError):  # not there any more
                delete_model(sweep.settings, result.model)
