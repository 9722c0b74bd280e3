"""Episodes: one row each, out of a frame of steps.

The sums are those of deepracer-utils' `simulation_agg`: time and way of an episode add up what lies
between its steps, and nothing arrives at a `prepare` row; `complete` means exactly 100 %.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FAILURES = ("off_track", "crashed", "reversed", "immobilized", "time_up")
"""Ways to end that are no lap."""


def step_times(frame: pd.DataFrame) -> NDArray[np.float64]:
    """(N,) seconds since the step before; 0 at the start of an episode."""
    times = frame["tstamp"].to_numpy(np.float64)
    return _between(frame, np.diff(times, prepend=times[:1]))


def step_ways(frame: pd.DataFrame) -> NDArray[np.float64]:
    """(N,) metres since the step before; 0 at the start of an episode."""
    x, y = frame["x"].to_numpy(), frame["y"].to_numpy()
    return _between(frame, np.hypot(np.diff(x, prepend=x[:1]), np.diff(y, prepend=y[:1])))


def _between(frame: pd.DataFrame, gaps: NDArray[np.float64]) -> NDArray[np.float64]:
    gaps[(frame["episode_status"] == "prepare").to_numpy()] = 0.0
    gaps[first_rows(frame)] = 0.0  # traces of 2019 have no `prepare` rows
    return gaps


def first_rows(frame: pd.DataFrame) -> NDArray[np.int64]:
    """(E,) row at which each episode begins."""
    numbers = frame["unique_episode"].to_numpy()
    return np.flatnonzero(np.diff(numbers, prepend=numbers[:1] - 1))


def episodes_of(frame: pd.DataFrame) -> pd.DataFrame:
    """One row an episode.

    Columns: `unique_episode`, `episode`, `iteration`, `worker` (and `stream` of evaluations),
    `steps`, `start_at` (waypoint), `progress` (most, percent), `time` (s), `dist` (m), `speed`
    (mean command, m/s), `reward` (sum), `time_if_complete`, `reward_if_complete`, `complete` (0
    or 1), `status` (how it ended), `track_len` (m), `resets` (times that it left the track or
    crashed).
    """
    starts = first_rows(frame)
    if not len(starts):
        kinds = {name: "object" if name == "status" else "float64" for name in _COLUMNS}
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})
    ends = np.append(starts[1:], len(frame)) - 1
    counts = ends - starts + 1
    steps = frame["steps"].to_numpy()
    highest = np.maximum.reduceat(steps, starts) - np.minimum.reduceat(steps, starts) + 1
    progress = np.maximum.reduceat(frame["progress"].to_numpy(), starts)
    times = np.add.reduceat(step_times(frame), starts)
    rewards = np.add.reduceat(frame["reward"].to_numpy(), starts)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = 100.0 / progress
    failed = frame["episode_status"].isin(("off_track", "crashed")).to_numpy()
    columns = {
        "unique_episode": frame["unique_episode"].to_numpy()[starts],
        "episode": frame["episode"].to_numpy()[starts],
        "iteration": frame["iteration"].to_numpy()[starts],
        "worker": frame["worker"].to_numpy()[starts],
        "steps": highest,
        "start_at": frame["closest_waypoint"].to_numpy()[starts],
        "progress": progress,
        "time": times,
        "dist": np.add.reduceat(step_ways(frame), starts),
        "speed": np.add.reduceat(frame["speed"].to_numpy(), starts) / counts,
        "reward": rewards,
        "time_if_complete": times * share,
        "reward_if_complete": rewards * share,
        "complete": (progress == 100.0).astype(np.int8),
        "status": frame["episode_status"].to_numpy()[ends],
        "track_len": frame["track_len"].to_numpy()[starts].astype(np.float64),
        "resets": np.add.reduceat(failed.astype(np.int32), starts),
    }
    table = pd.DataFrame(columns)
    if "stream" in frame:
        table.insert(1, "stream", frame["stream"].to_numpy()[starts])
    return table


_COLUMNS = [
    "unique_episode",
    "episode",
    "iteration",
    "worker",
    "steps",
    "start_at",
    "progress",
    "time",
    "dist",
    "speed",
    "reward",
    "time_if_complete",
    "reward_if_complete",
    "complete",
    "status",
    "track_len",
    "resets",
]
