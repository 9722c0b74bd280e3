"""What locking users' code in costs: for each reward, at the start, and to a whole training."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.measuring import Effort, Sample
from benchmarks.table import Row
from racecraft.domain.reward import RewardInputs, facts_of, params
from racecraft.domain.spec import StopCondition, TrackChoice, TrainingSpec
from racecraft.sandbox.builtin import builtin_reward
from racecraft.sandbox.check import check_reward
from racecraft.sandbox.runner import RewardRunner
from racecraft.sandbox.source import RewardSource
from racecraft.sandbox.states import scenes
from racecraft.service.presets import preset
from racecraft.tracks.library import load_track
from racecraft.training.ppo import train

TRACK = "harbour-loop"
REWARD = "centre-line"
CARS = (16, 64)
EVALUATION_TARGET_US = 8.0
CHECK_TARGET_S = 1.5
SLOW_CALL_S = 0.2e-3
SLOWED_TARGET = 1.2
SLOW_SOURCE = """
import time


def slow(params):
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        pass
    return fast(params)


fast, reward_function = reward_function, slow
"""
"""Added to a text, it makes every call last as long as a loop over all waypoints."""


def reward_rows(effort: Effort) -> list[Row]:
    """One call, one check, one start, and a training with a slow function."""
    return [
        *[_evaluation_row(effort, cars) for cars in CARS],
        _start_row(effort),
        _check_row(effort),
        _slowed_row(effort),
    ]


def _evaluation_row(effort: Effort, cars: int) -> Row:
    """A batch of one step, sent and waited for; beside it the same call without any lock."""
    track, source = load_track(TRACK), builtin_reward(REWARD)
    table = np.tile(scenes(track)[0].rows, (2, 1))[:cars].copy()
    rows = np.arange(cars)
    with RewardRunner(source, [track], cars) as runner:

        def locked() -> int:
            runner.rewards(table, rows)
            return cars

        rate = effort.rate(locked)
    function, inputs = RewardSource(source).load(), RewardInputs(table, [track], 0 * rows)
    facts = facts_of(track)

    def direct() -> int:
        for row in inputs.table.tolist():
            function(params(row, facts))
        return cars

    plain = effort.rate(direct)
    locked_us, direct_us = 1e6 / rate.median, 1e6 / plain.median
    return Row(
        name=f"what the locked process adds to one reward of {cars} cars, waiting for it",
        value=locked_us - direct_us,
        unit="µs",
        target=EVALUATION_TARGET_US,
        sense="<=",
        note=f"{locked_us:.3g} µs against {direct_us:.3g} µs for the same call without locks; "
        f"{rate} a second; a training does not wait, it drives on",
    )


def _timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _start_row(effort: Effort) -> Row:
    track, source = load_track(TRACK), builtin_reward(REWARD)
    sample = effort.sample(lambda: _timed(lambda: RewardRunner(source, [track], 32).close()))
    return Row(
        name="start of a locked process for 32 cars",
        value=sample.median * 1e3,
        unit="ms",
        sense="<=",
        note=f"{Sample(tuple(1e3 * value for value in sample.values))}",
    )


def _check_row(effort: Effort) -> Row:
    lines = "\n".join(f"    value += params['speed'] * {k} / 1000" for k in range(97))
    source = f"def reward_function(params):\n    value = 0.0\n{lines}\n    return value\n"
    track = load_track(TRACK)
    sample = effort.sample(lambda: _timed(lambda: check_reward(source, track)))
    return Row(
        name="check of a reward function of 100 lines",
        value=sample.median,
        unit="s",
        target=CHECK_TARGET_S,
        sense="<=",
        note=str(sample),
    )


def _slowed_row(effort: Effort) -> Row:
    """The quickstart's training for a while, with its own function and with a slow one."""
    steps = 1024 if effort.is_quick else 8192
    ratios = []
    for repeat in range(1 if effort.is_quick else 3):
        source = builtin_reward("progress")
        slow = source + SLOW_SOURCE.replace("SECONDS", str(SLOW_CALL_S))
        seconds = [_training_s(text, steps, seed=100 + repeat) for text in (source, slow)]
        ratios.append(seconds[1] / seconds[0])
    sample = Sample(tuple(ratios))
    return Row(
        name="quickstart's training with a function of 0.2 ms, against its own",
        value=sample.median,
        unit="times",
        target=SLOWED_TARGET,
        sense="<=",
        note=f"{sample}; {steps:,} steps, the same seed and rewards in both",
    )


def _training_s(source: str, steps: int, *, seed: int) -> float:
    chosen = preset("default")
    training = TrainingSpec.model_validate(
        {
            **dict(chosen.training),
            "tracks": (TrackChoice(name=TRACK),),
            "stop": StopCondition(env_steps=steps),
            "seed": seed,
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        reports = train(chosen.model, training, reward_source=source, folder=Path(folder))
        return [report.training_s for report in reports][-1]
