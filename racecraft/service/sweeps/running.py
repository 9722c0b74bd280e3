"""Running a sweep: batches of trials in processes of their own, each result kept at once.

A sweep that is cut short goes on where it was: what was proposed follows from the results before
it, so the same trials come again, and those that came to an end are not run again.
"""

from __future__ import annotations

import time
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
from racecraft.service.models import checked_name
from racecraft.service.sweeps.checks import check_plans
from racecraft.service.sweeps.kept import discard, model_of, refuse_taken_names
from racecraft.service.sweeps.processes import TrialProcess
from racecraft.service.sweeps.rewards import Rewards
from racecraft.service.sweeps.study import thresholds
from racecraft.service.sweeps.trial import RUNGS, Order

if TYPE_CHECKING:
    from racecraft.service.settings import Settings

SPEC_FILE, REWARDS_FILE, TRIALS = "sweep.json", "rewards.json", "trials"
_LOOK_S = 0.05
"""How often it looks whether a trial has ended."""

Schedule = Callable[[Sequence[SweepResult]], Sequence[SweepTrial]]
"""All results so far -> the next batch; an empty one ends the sweep."""
Listener = Callable[[SweepResult], None]


@dataclass(frozen=True)
class Sweep:
    """A sweep and its folder."""

    settings: Settings
    name: str
    spec: SweepSpec
    rewards: Rewards
    initial: Path | None = None
    """Checkpoint folder with the weights that every training begins with."""

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
        InvalidSpec: a value of it fits nowhere; nothing was started.
        Conflict: another sweep has this name, this one is running, or a model has one of its names.
        StorageFailed: a result cannot be kept.
    """
    trials = sweep.folder / TRIALS
    check_plans(sweep.settings, sweep.name, sweep.spec, sweep.rewards)
    with storage(trials):
        trials.mkdir(parents=True, exist_ok=True)
    with locked(sweep.folder, "SWEEPING", what="sweep"):
        _prepare(sweep)
        results: list[SweepResult] = []
        while batch := schedule(results):
            done = _run_batch(sweep, batch, results)
            results += done
            for result in done:
                on_result(result)
            _keep_the_best(sweep, results)
        return results


def ranked(results: Sequence[SweepResult]) -> list[SweepResult]:
    """Whole trainings that were searched for, the best first; of equal ones the earlier."""
    done = [
        each
        for each in results
        if each.status is Status.DONE and each.trial.kind in (Kind.SEARCH, Kind.BASE)
    ]
    return sorted(done, key=lambda each: (-(each.score or 0.0), each.trial.number))


def _prepare(sweep: Sweep) -> None:
    """Keep what is asked for, which stays the same for all of the sweep's life."""
    file, rewards = sweep.folder / SPEC_FILE, sweep.folder / REWARDS_FILE
    texts = sweep.rewards.model_dump_json(indent=2) + "\n"
    if not file.is_file():
        refuse_taken_names(sweep.settings, sweep.name)
        write_whole(rewards, texts)
        write_whole(file, sweep.spec.model_dump_json(indent=2) + "\n")
        return
    # Its end may change; what its trials are may not.
    old = checked(SweepSpec, read_values(file)).model_dump()
    new = sweep.spec.model_dump()
    changed = [key for key in new if new[key] != old[key] and key not in ("minutes", "keep")]
    if not rewards.is_file() or read_text(rewards) != texts:
        changed.append("reward function")
    if changed == ["reward function"] and not _has_trained(sweep):
        write_whole(rewards, texts)  # it was mended before anything was trained with it
    elif changed:
        raise Conflict(
            f"There is a sweep {sweep.name!r} already, with another {', '.join(changed)}. Choose "
            f"another name with --name, or delete {sweep.folder} and the models of it to begin "
            "again."
        )
    write_whole(file, sweep.spec.model_dump_json(indent=2) + "\n")


def _run_batch(
    sweep: Sweep, batch: Sequence[SweepTrial], earlier: Sequence[SweepResult]
) -> list[SweepResult]:
    found = {trial.number: _read(sweep, trial) for trial in batch}
    least = thresholds(earlier, len(RUNGS)) if sweep.spec.prunes else []
    running: list[TrialProcess] = []
    try:
        for trial in batch:
            if found[trial.number] is None:
                order = _order(sweep, trial, least if trial.kind is Kind.SEARCH else [])
                running.append(TrialProcess(order, _file(sweep, trial)))
        left = list(running)
        while left:
            for process in left:
                found[process.order.trial.number] = process.result()
            left = [each for each in left if found[each.order.trial.number] is None]
            if left:
                time.sleep(_LOOK_S)
    except BaseException:
        for process in running:
            process.end()
        raise
    return [result for result in found.values() if result is not None]


def _order(sweep: Sweep, trial: SweepTrial, least: list[float]) -> Order:
    return Order(
        spec=sweep.spec,
        trial=trial,
        model=model_of(sweep.name, trial.number),
        rewards=sweep.rewards,
        initial=sweep.initial,
        thresholds=least,
        target=_file(sweep, trial).with_suffix(".made").absolute(),
    )


def _file(sweep: Sweep, trial: SweepTrial) -> Path:
    return sweep.folder / TRIALS / f"{trial.number:04d}.json"


def _read(sweep: Sweep, trial: SweepTrial) -> SweepResult | None:
    """The result of a trial, if it has one already; what made it fail may be mended by now."""
    file = _file(sweep, trial)
    if not file.is_file():
        return None
    result = checked(SweepResult, read_values(file))
    return result if result.trial == trial and result.status is not Status.FAILED else None


def _has_trained(sweep: Sweep) -> bool:
    """Whether a training came to an end, whichever."""
    files = (sweep.folder / TRIALS).glob("*.json")
    results = (checked(SweepResult, read_values(file)) for file in files)
    return any(result.status is not Status.FAILED for result in results)


def _keep_the_best(sweep: Sweep, results: Sequence[SweepResult]) -> None:
    kept = {each.model for each in ranked(results)[: sweep.spec.keep]}
    for result in results:
        if result.model not in kept:
            with suppress(RacecraftError):  # not there any more, or somebody's by now
                discard(sweep.settings, result.model, sweep.spec.steps)
