"""Training traces: which number an episode gets, and the file of an iteration.

Log tools were made for a simulator that drives the same number of episodes in every
iteration. `deepracer-utils` takes the highest episode number in iteration 0, plus one, for
that number E, and identifies an episode by `number % E + iteration * E`. Here many cars drive
side by side, so an iteration ends with any number of complete episodes, none included.

Hence each iteration gets the same run of `slots` numbers, more than it can need:
iteration i owns i*slots … (i+1)*slots - 1, its episodes take the lowest of these in the order
in which they are given, and its last episode takes the highest. So E is `slots`, no two
episodes share a number, `number // slots` is the iteration, and nothing has to be remembered
when a training is resumed. `TrainingMetrics.json` follows with `episode` = number + 1 and
`trial` = number % slots + 1, whose maximum is what its reader takes for E.

Limits: numbers have gaps, so the highest one is not the count of episodes. When no episode
ends in iteration 0, its file holds a placeholder, one `prepare` row with no reward and no
time, because the tools find no numbering without that file. An episode stands in the
iteration in which it ended though it may have begun in an earlier one, so wall-clock times of
iterations overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.episode import EpisodeStatus, Step
from racecraft.domain.errors import StorageFailed
from racecraft.domain.hyperparameters import PPOHyperparameters, SACHyperparameters
from racecraft.domain.trace_table import TraceTable
from racecraft.training.artifacts.files import write_text

STEPS_BETWEEN_LOOKS = 8
"""At most so many steps are driven after the wanted number of episodes was reached."""
_PLACEHOLDER_PROGRESS = 0.001
"""Percent; above zero because tools divide by the progress of an episode."""
_NOWHERE = Step(
    episode=0,
    steps=1,
    x_m=0.0,
    y_m=0.0,
    yaw_rad=0.0,
    steering_rad=0.0,
    speed_mps=0.0,
    action=0,
    reward=0.0,
    is_done=False,
    all_wheels_on_track=True,
    progress_percent=_PLACEHOLDER_PROGRESS,
    closest_waypoint=0,
    track_length_m=0.0,
    time_s=0.0,
    status=EpisodeStatus.PREPARE,
)


def episode_slots(hyperparameters: PPOHyperparameters | SACHyperparameters) -> int:
    """Episode numbers that every iteration owns: the power of ten that is surely enough.

    Driving stops when the wanted number of episodes has ended, but that is looked at every few
    steps only, and until then each car may end one in every step. A power of ten makes numbers
    readable: with 1000 slots, episode 12034 is number 34 of iteration 12.
    """
    cars = hyperparameters.num_cars
    most = hyperparameters.num_episodes_between_training + STEPS_BETWEEN_LOOKS * cars
    return int(10 ** len(str(most - 1)))


def assign_episode_numbers(iteration: int, count: int, slots: int) -> NDArray[np.int64]:
    """(count,) numbers of the episodes that ended in an iteration; see the module's text.

    Raises:
        ValueError: more episodes than slots, or a negative iteration.
    """
    if iteration < 0:
        raise ValueError(f"Iterations count from 0; this one is {iteration}.")
    if count > slots:
        raise ValueError(
            f"{count} episodes ended in iteration {iteration}, but it has only {slots} numbers."
        )
    numbers = np.arange(count, dtype=np.int64)
    if count:
        numbers[-1] = slots - 1
    return numbers + iteration * slots


def episode_starts(trace: TraceTable) -> NDArray[np.int64]:
    """(E,) row at which each episode of a trace begins.

    Raises:
        ValueError: an episode does not begin at its first step or does not end.
    """
    if not len(trace):
        return np.zeros(0, dtype=np.int64)
    is_start = trace.steps == 1
    ends = np.append(is_start[1:], True)
    if not is_start[0] or not np.array_equal(ends, trace.is_done):
        raise ValueError(
            "A training trace must hold complete episodes, one after the other: "
            "each from the row with step 1 to the first row that is done."
        )
    return np.flatnonzero(is_start)


def write_iteration_trace(
    folder: Path,
    iteration: int,
    trace: TraceTable | Sequence[Step],
    *,
    slots: int,
    start: Step | None = None,
) -> None:
    """Write `training-simtrace/<iteration>-iteration.csv`.

    Without a complete episode there is no file, except for iteration 0 (see the module's text).

    Args:
        folder: the model folder.
        iteration: 0-based.
        trace: complete episodes only, one after the other; their `episode` is overwritten.
        slots: from `episode_slots`, the same in every iteration of a model.
        start: a real `prepare` row for the placeholder of iteration 0.

    Raises:
        StorageFailed: the file could not be written.
        ValueError: the trace holds an incomplete episode, or more episodes than slots.
    """
    table = trace if isinstance(trace, TraceTable) else TraceTable.from_steps(trace)
    path = _trace_path(folder, iteration)
    starts = episode_starts(table)
    if len(starts):
        lengths = np.diff(np.append(starts, len(table)))
        numbers = assign_episode_numbers(iteration, len(starts), slots)
        write_text(path, replace(table, episode=np.repeat(numbers, lengths)).csv_text())
    elif iteration == 0:
        write_text(path, _placeholder(start or _NOWHERE, slots).csv_text())
    else:
        _unlink(path)


def forget_traces_from(folder: Path, iteration: int) -> None:
    """Remove the traces of this iteration and later ones, which a resumed training drives anew.

    Raises:
        StorageFailed: a file could not be removed.
    """
    for path in _trace_path(folder, 0).parent.glob("*-iteration.csv"):
        number = path.name.removesuffix("-iteration.csv")
        if number.isdecimal() and int(number) >= iteration:
            _unlink(path)


def _trace_path(folder: Path, iteration: int) -> Path:
    return folder / "training-simtrace" / f"{iteration}-iteration.csv"


def _placeholder(start: Step, slots: int) -> TraceTable:
    number = int(assign_episode_numbers(0, 1, slots)[0])
    progress = max(start.progress_percent, _PLACEHOLDER_PROGRESS)
    row = replace(start, episode=number, steps=1, reward=0.0, progress_percent=progress)
    return TraceTable.from_steps([replace(row, status=EpisodeStatus.PREPARE, is_done=False)])


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageFailed(
            f"The outdated trace {path} could not be removed ({error.strerror}); "
            "remove it by hand and resume."
        ) from error
