"""A training in the community layout, written down without being driven."""

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from racecraft.domain.episode import EpisodeStatus, Step, Trial
from racecraft.domain.hyperparameters import PPOHyperparameters
from racecraft.domain.spec import ModelSpec
from racecraft.domain.trace_table import TraceTable
from racecraft.training.artifacts import (
    TrainingMetrics,
    write_hyperparameters,
    write_iteration_trace,
    write_metadata,
)

SLOTS = 100
LENGTH_M = 18.0
STAMP = "20260131120000"


def an_episode(*, rows: int, is_lap: bool, start_s: float = 0.0, episode: int = 0) -> list[Step]:
    """A prepare row, then rows along a circle at 15 Hz; the last one is off track or a lap."""
    steps = []
    for row in range(rows):
        angle = 2 * np.pi * row / rows
        is_last = row == rows - 1
        progress = 0.8 + row * (0.5 if not is_lap else 99.2 / (rows - 1))
        status = EpisodeStatus.IN_PROGRESS if row else EpisodeStatus.PREPARE
        if is_last:
            status = EpisodeStatus.LAP_COMPLETE if is_lap else EpisodeStatus.OFF_TRACK
        steps.append(
            Step(
                episode=episode,
                steps=row + 1,
                x_m=3 * np.cos(angle),
                y_m=3 * np.sin(angle),
                yaw_rad=0.1,
                steering_rad=np.radians(15),
                speed_mps=0.5 if row else 0.0,
                action=row % 15,
                reward=0.5 if row else 0.0,
                is_done=is_last,
                all_wheels_on_track=True,
                progress_percent=100.0 if is_lap and is_last else progress,
                closest_waypoint=row % 120,
                track_length_m=LENGTH_M,
                time_s=start_s + row / 15,
                status=status,
                wall_clock_s=1.76e9 + start_s + row / 15,
            )
        )
    return steps


def an_iteration(iteration: int, count: int) -> list[Step]:
    """Episode k has 10 + k rows; every third one is a lap; all overlap in simulated time."""
    return [
        step
        for k in range(count)
        for step in an_episode(rows=10 + k, is_lap=k % 3 == 2, start_s=iteration * 5.0 + k * 0.1)
    ]


def trials(count: int) -> list[Trial]:
    return [
        Trial(k + 1, time_ms=9000 + k, completion_percent=100.0, status=EpisodeStatus.LAP_COMPLETE)
        for k in range(count)
    ]


def write_training(folder: Path, counts: list[int]) -> None:
    write_metadata(folder, ModelSpec())
    write_hyperparameters(folder, PPOHyperparameters())
    metrics = TrainingMetrics(folder, slots=SLOTS)
    for iteration, count in enumerate(counts):
        trace = TraceTable.from_steps(an_iteration(iteration, count))
        write_iteration_trace(folder, iteration, trace, slots=SLOTS)
        metrics.add_iteration(iteration, trace, trials(5), trial_rewards=[3.0] * 5)


@pytest.fixture(autouse=True)
def no_logged_warnings(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """deepracer-utils logs what is missing from a folder."""
    yield
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
