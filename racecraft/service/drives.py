"""Recorded drives, lap by lap in columns: for drawing them, and for downloads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from racecraft.domain.episode import Step
from racecraft.domain.errors import InvalidInput, NotFound, StorageFailed
from racecraft.domain.simtrace import steps_from_csv
from racecraft.service.evaluations import Recording, objects_of
from racecraft.service.files import read_text

MOST_STEPS = 60_000
"""Of one answer; a training iteration of many cars is asked for episode by episode."""
_TRACES = "training-simtrace"


class RoadObjects(BaseModel):
    """What was on the road during a lap, one entry a thing."""

    kind: list[int]
    """0 for a box, 1 for a bot car."""
    x_m: list[list[float]]
    """One row a step of the lap; a single row if nothing moved."""
    y_m: list[list[float]]
    yaw_rad: list[list[float]]


class Drive(BaseModel):
    """One lap or episode; every column has one entry a step."""

    episode: int
    status: str
    """How it ended."""
    time_s: list[float]
    """Since its first step."""
    x_m: list[float]
    y_m: list[float]
    """Of the nose."""
    yaw_rad: list[float]
    steering_deg: list[float]
    speed_mps: list[float]
    progress_percent: list[float]
    reward: list[float]
    is_on_track: list[bool]
    objects: RoadObjects | None = None


def evaluation_drives(kept: Recording) -> list[Drive]:
    """Every lap of an evaluation.

    Raises:
        StorageFailed: its files are missing or damaged.
    """
    return _drives(_steps(kept.trace), objects_of(kept))


def training_trace(folder: Path, iteration: int) -> Path:
    """The trace file of a training iteration.

    Raises:
        NotFound: the iteration left none.
    """
    path = folder / _TRACES / f"{iteration}-iteration.csv"
    if not path.is_file():
        raise NotFound(
            f"There is no trace of iteration {iteration}; episodes are written down in the "
            "iteration in which they end."
        )
    return path


def traced_iterations(folder: Path) -> list[int]:
    """Training iterations that have a trace, in order."""
    names = (path.name.removesuffix("-iteration.csv") for path in (folder / _TRACES).glob("*.csv"))
    return sorted(int(name) for name in names if name.isdecimal())


def training_drives(folder: Path, iteration: int, episodes: Sequence[int] = ()) -> list[Drive]:
    """Episodes that ended in an iteration of a training.

    Args:
        folder: of the model.
        iteration: which.
        episodes: their numbers; all of them when empty.

    Raises:
        NotFound: the iteration left no trace.
        InvalidInput: they have too many steps for one answer.
        StorageFailed: the file is damaged.
    """
    steps = _steps(training_trace(folder, iteration))
    wanted = [step for step in steps if not episodes or step.episode in set(episodes)]
    if len(wanted) > MOST_STEPS:
        numbers = sorted({step.episode for step in wanted})
        raise InvalidInput(
            f"The iteration has {len(wanted)} steps, and at most {MOST_STEPS} are given at once; "
            f"ask for some of its episodes {numbers[0]} to {numbers[-1]}."
        )
    return _drives(wanted, {})


def _steps(path: Path) -> list[Step]:
    try:
        return steps_from_csv(read_text(path))
    except InvalidInput as error:
        raise StorageFailed(f"{path} is damaged. {error}") from error


def _drives(steps: Sequence[Step], objects: Mapping[int, NDArray[np.float64]]) -> list[Drive]:
    laps = [list(lap) for _, lap in groupby(steps, key=lambda step: step.episode)]
    return [_drive(lap, objects.get(lap[0].episode)) for lap in laps]


def _drive(lap: Sequence[Step], objects: NDArray[np.float64] | None) -> Drive:
    begun_s = lap[0].time_s
    return Drive(
        episode=lap[0].episode,
        status=lap[-1].status.label,
        time_s=[round(step.time_s - begun_s, 3) for step in lap],
        x_m=[round(step.x_m, 4) for step in lap],
        y_m=[round(step.y_m, 4) for step in lap],
        yaw_rad=[round(step.yaw_rad, 4) for step in lap],
        steering_deg=[round(float(np.degrees(step.steering_rad)), 2) for step in lap],
        speed_mps=[round(step.speed_mps, 3) for step in lap],
        progress_percent=[round(step.progress_percent, 3) for step in lap],
        reward=[step.reward for step in lap],
        is_on_track=[step.all_wheels_on_track for step in lap],
        objects=None if objects is None else _road_objects(objects),
    )


def _road_objects(poses: NDArray[np.float64]) -> RoadObjects:
    """The poses of (rows, O, 4), once if nothing moved."""
    stands = bool((poses == poses[:1]).all())
    rows = poses[:1] if stands else poses
    x, y, yaw = (np.round(rows[:, :, column], 4).tolist() for column in range(3))
    kinds = poses[0, :, 3].astype(int).tolist() if len(poses) else []
    return RoadObjects(kind=kinds, x_m=x, y_m=y, yaw_rad=yaw)
