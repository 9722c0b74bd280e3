"""The columns of a frame of steps, with the names of deepracer-utils where it has them.

| column | meaning |
| --- | --- |
| `iteration`, `worker`, `stream` | which file of a training, of which simulator; which evaluation |
| `episode`, `steps` | number in the log; number of the step, 1 is the `prepare` row |
| `x`, `y`, `yaw` | the nose (m), heading (degrees) |
| `steering_angle`, `speed`, `action` | commands: degrees (left is positive), m/s, number or -1 |
| `reward`, `done`, `on_track`, `progress` | as logged; progress in percent |
| `closest_waypoint`, `track_len` | index, m |
| `tstamp`, `wall_clock`, `pause_duration` | simulated seconds, seconds since 1970, seconds |
| `episode_status` | one of `STATUSES` |
| `unique_episode` | number of the episode among all of the frame, in the order of driving |
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from racecraft.domain.episode import EpisodeStatus

STATUSES = tuple(status.trace_word for status in EpisodeStatus)
STATUS_KIND = pd.CategoricalDtype(list(STATUSES))
UNKNOWN = "in_progress"
TYPES = {
    "episode": "int32",
    "steps": "int32",
    "x": "float64",
    "y": "float64",
    "yaw": "float32",
    "steering_angle": "float32",
    "speed": "float64",
    "action": "int16",
    "reward": "float64",
    "done": "bool",
    "on_track": "bool",
    "progress": "float64",
    "closest_waypoint": "int32",
    "track_len": "float32",
    "tstamp": "float64",
    "episode_status": STATUS_KIND,
    "pause_duration": "float32",
    "wall_clock": "float64",
}
"""Small where that loses nothing that is printed: half a gigabyte holds five million steps."""


def empty_steps() -> pd.DataFrame:
    """A frame without a step."""
    columns = {name: pd.Series(dtype=kind) for name, kind in TYPES.items()}
    frame = pd.DataFrame(columns)
    frame["iteration"] = np.zeros(0, np.int32)
    frame["worker"] = np.zeros(0, np.int16)
    frame["stream"] = pd.Series(dtype="object")
    frame["unique_episode"] = np.zeros(0, np.int32)
    return frame


def numbered(frame: pd.DataFrame) -> pd.DataFrame:
    """The steps in the order of driving, with `unique_episode`.

    An episode is what has one number in one iteration of one worker, or in one evaluation.
    """
    keys = [name for name in ("stream", "iteration", "worker", "episode") if name in frame]
    if "stream" in frame:
        keys = ["stream", "episode"]
    order = [*keys, "steps"]
    if not _is_sorted(frame, order):
        frame = frame.sort_values(order, kind="stable", ignore_index=True)
    is_new = np.zeros(len(frame), np.bool_)
    is_new[:1] = True
    for key in keys:
        values = frame[key].to_numpy()
        is_new[1:] |= values[1:] != values[:-1]
    frame["unique_episode"] = (np.cumsum(is_new) - 1).astype(np.int32)
    return frame


def _is_sorted(frame: pd.DataFrame, order: list[str]) -> bool:
    later = np.zeros(max(len(frame) - 1, 0), np.bool_)
    equal = ~later
    for key in order:
        values = frame[key].to_numpy()
        before, after = values[:-1], values[1:]
        if bool((equal & (after < before)).any()):
            return False
        equal &= after == before
    return True
