"""Episodes: how one ends, what a step and a lap record, and the words for it.

The rules are those of the original simulator, evaluated at every step on the pose before the
step's action moves the car.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

CONTROL_HZ = 15
"""Decisions a second of simulated time."""
REVERSED_STEPS = 15
"""Steps in a row with falling progress that end an episode as reversed."""
IMMOBILIZED_STEPS = 15
"""Steps in a row almost without movement that end an episode as immobilized."""
IMMOBILIZED_MOVE_M = 0.0003
"""A step that moves the car no further than this counts as standing."""
MAX_EPISODE_STEPS = 100_000
"""Steps after which an episode ends whatever happens."""

NO_ACTION_NUMBER = -1
"""In the records of a continuous action space, whose actions are told by angle and speed."""


class EpisodeStatus(IntEnum):
    """What a step found; the integer is what the simulator's arrays hold."""

    PREPARE = 0
    IN_PROGRESS = 1
    LAP_COMPLETE = 2
    OFF_TRACK = 3
    CRASHED = 4
    REVERSED = 5
    IMMOBILIZED = 6
    PAUSE = 7
    TIME_UP = 8
    PARK = 9

    @property
    def trace_word(self) -> str:
        """The word in simtrace files, for instance `off_track`."""
        return self.name.lower()

    @property
    def label(self) -> str:
        """The label in metrics files and tables, for instance `Off track`."""
        return (
            "Time Up" if self is EpisodeStatus.TIME_UP else self.name.replace("_", " ").capitalize()
        )


@dataclass(frozen=True)
class Step:
    """One row of a trace: the pose and inputs before the action moved the car."""

    episode: int
    steps: int
    x_m: float
    y_m: float
    yaw_rad: float
    steering_rad: float
    speed_mps: float
    action: int
    """Position in the list of actions; `NO_ACTION_NUMBER` in a continuous action space."""
    reward: float
    is_done: bool
    all_wheels_on_track: bool
    progress_percent: float
    closest_waypoint: int
    track_length_m: float
    time_s: float
    """Simulated clock."""
    status: EpisodeStatus
    pause_s: float = 0.0
    """Seconds of penalty left."""
    crash_count: int = 0
    wall_clock_s: float = 0.0


@dataclass(frozen=True)
class Trial:
    """One evaluation attempt at a lap, as the lap table shows it."""

    trial: int
    """1-based."""
    time_ms: int
    """Simulated time from the start, penalties included."""
    completion_percent: float
    status: EpisodeStatus
    start_time_ms: int = 0
    off_track_count: int = 0
    crash_count: int = 0
    reversed_count: int = 0
    immobilized_count: int = 0
    overtakes: int = 0
    """Bot cars that it passed, less those that passed it."""

    @property
    def is_clean(self) -> bool:
        """A full lap without a single reset."""
        return self.status is EpisodeStatus.LAP_COMPLETE and self.reset_count == 0

    @property
    def reset_count(self) -> int:
        """Resets of every kind."""
        return (
            self.off_track_count + self.crash_count + self.reversed_count + self.immobilized_count
        )

    @property
    def metrics_item(self) -> dict[str, Any]:
        """Its place in the metrics of an evaluation, as the original simulator writes them."""
        return {
            "completion_percentage": math.floor(self.completion_percent),
            "metric_time": self.start_time_ms + self.time_ms,
            "start_time": self.start_time_ms,
            "elapsed_time_in_milliseconds": self.time_ms,
            "episode_status": self.status.label,
            "crash_count": self.crash_count,
            "immobilized_count": self.immobilized_count,
            "off_track_count": self.off_track_count,
            "reversed_count": self.reversed_count,
            "reset_count": self.reset_count,
            "trial": self.trial,
        }


def format_lap_time(time_ms: int) -> str:
    """`MM:SS.mmm`, as lap tables show it."""
    minutes, rest = divmod(int(time_ms), 60_000)
    return f"{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"
