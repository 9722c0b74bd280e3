"""The process of one trial: trains a model, lets it drive, and writes down what it came to.

Reads an `Order` as a line of JSON from its standard input; `processes` starts it. The input stays
open while somebody waits for the result; at its end the process ends, too, so that a sweep that was
killed leaves nothing behind that trains on.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel

from racecraft.domain.errors import ModelNotFound, RacecraftError
from racecraft.domain.spec import EvaluationSpec, TrackChoice, TrainingSpec
from racecraft.domain.sweep import Status, SweepResult, SweepSpec, SweepTrial, score_of
from racecraft.service.files import write_whole
from racecraft.service.locks import current_work
from racecraft.service.models import load_training, model_folder
from racecraft.service.settings import Settings, read_settings
from racecraft.service.summaries import read_progress
from racecraft.service.sweeps.kept import discard, mark_of
from racecraft.service.sweeps.plans import plan_of
from racecraft.service.sweeps.rewards import Rewards
from racecraft.service.trainings import start

if TYPE_CHECKING:
    from racecraft.domain.episode import Trial
    from racecraft.service.worker import IterationReport

RUNGS = (0.25, 0.5)
"""Shares of its steps at which a training is compared with earlier ones."""
_JUDGING_SEED = 1_000_003
"""Far from every seed of a training, so that no lap is one that was trained for."""
_JITTER = 0.02
"""Of the control interval, so that no two of the judging laps are the same."""
_PATIENCE_S = 30.0
"""Longer than the same trial of a sweep that was killed takes to end."""


class Order(BaseModel):
    """What a trial is."""

    spec: SweepSpec
    trial: SweepTrial
    model: str
    rewards: Rewards
    initial: Path | None = None
    """Checkpoint folder with the weights that it begins with."""
    thresholds: list[float]
    target: Path
    """Where the result goes."""


class _Pruned(Exception):
    """Worse than most were at this point."""


class _Judge:
    """Looks on while a model is trained, and ends a training that is not worth its time."""

    def __init__(self, order: Order, lengths_m: list[float]) -> None:
        self._order, self._lengths_m = order, lengths_m
        self._best = 0.0
        self.rungs: list[float] = []

    def __call__(self, report: IterationReport) -> None:
        """Look at an iteration."""
        if report.evaluation:
            laps = _with_lengths(report.evaluation, self._lengths_m)
            self._best = max(self._best, score_of(laps, self._order.spec.goal))
        while len(self.rungs) < len(RUNGS):
            rung = len(self.rungs)
            if report.env_steps < RUNGS[rung] * self._order.spec.steps:
                return
            self.rungs.append(self._best)
            least = self._order.thresholds[rung : rung + 1]
            if least and self._best < least[0]:
                raise _Pruned


def run(settings: Settings, order: Order) -> SweepResult:
    """Train and judge one model; a failure becomes a result too."""
    judge = None
    try:
        _make_room(settings, order)
        plan = plan_of(
            settings,
            order.spec,
            order.trial,
            name=order.model,
            rewards=order.rewards,
        )
        start(settings, replace(plan, initial=order.initial, mark=mark_of(order.model)))
        lengths_m = [_length_m(settings, track) for track in plan.training.tracks]
        judge = _Judge(order, lengths_m)
        from racecraft.service.worker import train_model

        train_model(settings, order.model, on_report=judge)
        return _judged(settings, order, judge)
    except _Pruned:
        assert judge is not None
        return _result(settings, order, Status.PRUNED, judge, score=judge.rungs[-1])
    except RacecraftError as error:
        return _result(settings, order, Status.FAILED, judge, problem=str(error))


def _make_room(settings: Settings, order: Order) -> None:
    """Delete what the same trial left when the sweep was cut short in it."""
    deadline = time.monotonic() + _PATIENCE_S
    while current_work(settings.models / order.model) and time.monotonic() < deadline:
        time.sleep(0.1)
    with suppress(ModelNotFound):
        discard(settings, order.model, order.spec.steps)


def _judged(settings: Settings, order: Order, judge: _Judge) -> SweepResult:
    from racecraft.service.worker.evaluation import drive_evaluation

    folder = model_folder(settings, order.model)
    training = load_training(folder)
    laps: list[tuple[Trial, float]] = []
    for track in training.tracks:
        driven = drive_evaluation(settings, folder, _judging(order, training, track))
        laps += [(lap, _length_m(settings, track)) for lap in driven.trials]
    times_s = [lap.time_ms / 1000.0 for lap, _ in laps if lap.is_clean]
    return _result(
        settings,
        order,
        Status.DONE,
        judge,
        score=score_of(laps, order.spec.goal),
        clean_share=len(times_s) / len(laps),
        completion_percent=sum(lap.completion_percent for lap, _ in laps) / len(laps),
        best_lap_s=min(times_s, default=None),
        mean_lap_s=sum(times_s) / len(times_s) if times_s else None,
    )


def _judging(order: Order, training: TrainingSpec, track: TrackChoice) -> EvaluationSpec:
    return EvaluationSpec(
        track=track,
        race=training.race,
        randomisation=training.randomisation,
        trials=order.spec.laps,
        interval_jitter=_JITTER,
        seed=_JUDGING_SEED,
    )


def _result(
    settings: Settings, order: Order, status: Status, judge: _Judge | None, **figures: object
) -> SweepResult:
    reports = []
    with suppress(RacecraftError):
        reports = read_progress(model_folder(settings, order.model))
    values = {
        "trial": order.trial,
        "status": status,
        "model": order.model,
        "rungs": tuple(judge.rungs) if judge else (),
        "env_steps": reports[-1]["env_steps"] if reports else 0,
        "training_s": round(reports[-1]["training_s"], 3) if reports else 0.0,
    }
    return SweepResult.model_validate(values | figures)


def _with_lengths(laps: tuple[Trial, ...], lengths_m: list[float]) -> list[tuple[Trial, float]]:
    """Laps of an iteration take the tracks in turn."""
    return [(lap, lengths_m[place % len(lengths_m)]) for place, lap in enumerate(laps)]


def _length_m(settings: Settings, track: TrackChoice) -> float:
    from racecraft.tracks.library import load_track

    found = load_track(track.name, is_reversed=track.is_reversed, folders=(settings.tracks,))
    return found.length_m


def _end_with_the_sweep() -> None:
    """End the process when the other end of its input is closed."""
    while os.read(0, 4096):
        pass
    os._exit(1)


def main() -> None:
    """What the process does."""
    order = Order.model_validate_json(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_the_sweep, daemon=True).start()
    result = run(read_settings(), order)
    write_whole(order.target, result.model_dump_json(indent=2) + "\n")


if __name__ == "__main__":
    main()
