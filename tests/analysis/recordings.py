"""Simulated drives as recorded traces, and reward functions to pay them with."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.episode import EpisodeStatus
from racecraft.domain.reward import COLUMN
from racecraft.domain.trace_table import TraceTable
from racecraft.domain.track import Track
from racecraft.sim.simulator import Simulator
from racecraft.tracks.library import load_track

HARBOUR = load_track("harbour-loop")


def source(body: str) -> str:
    """A reward function of one expression of its `params`, called p."""
    return f"def reward_function(p):\n    return {body}\n"


def drive(
    track: Track, *, start_share: float, commands: Callable[[int], list[float]], most: int = 400
) -> tuple[TraceTable, NDArray[np.float64]]:
    """A simulated episode as a trace, and the simulator's own rows but the first."""
    simulator = Simulator([track], 1)
    simulator.place_at(0, start_share * track.length_m)
    rows, statuses = [simulator.cars.table[0].copy()], [EpisodeStatus.PREPARE]
    while len(rows) < most and statuses[-1] in (EpisodeStatus.PREPARE, EpisodeStatus.IN_PROGRESS):
        simulator.step(np.array([commands(len(rows))]), 0, 1)
        rows.append(simulator.cars.table[0].copy())
        statuses.append(EpisodeStatus(int(simulator.cars.status[0])))
    table = np.array(rows)

    def value(name: str) -> NDArray[np.float64]:
        return table[:, COLUMN[name]]

    count = len(table)
    trace = TraceTable.from_columns(
        {
            "episode": np.zeros(count),
            "steps": value("steps"),
            "x_m": value("x_m"),
            "y_m": value("y_m"),
            "yaw_rad": value("heading_rad"),
            "steering_rad": value("steering_rad"),
            "speed_mps": value("speed_mps"),
            "action": np.zeros(count),
            "reward": np.zeros(count),
            "is_done": np.arange(count) == count - 1,
            "all_wheels_on_track": value("all_wheels_on_track") > 0,
            "progress_percent": value("progress_percent"),
            "closest_waypoint": value("closest_waypoint"),
            "track_length_m": np.full(count, track.length_m),
            "time_s": value("sim_time_s"),
            "status": [int(status) for status in statuses],
        }
    )
    return trace, table[1:]


def round_the_circle(step: int) -> list[float]:
    return [math.atan(0.16397 / 0.5 / 3.0), 1.0]


def straight_on(step: int) -> list[float]:
    return [0.0, 1.0]


def renumbered(trace: TraceTable, episode: int) -> TraceTable:
    return TraceTable.from_columns({**vars(trace), "episode": np.full(len(trace), episode)})
