"""States to try a reward function in: drives that meet everything it may be told.

Drawn with geometry alone, nothing is simulated, so that a check takes a moment. Every scene is
an episode of its own, or several, and the same for every function.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.episode import REVERSED_STEPS
from racecraft.domain.reward import COLUMN, OBJECT_COLUMN
from racecraft.domain.reward_rows import FIRST_CALL, Drive, object_rows, reward_rows
from racecraft.domain.track import Track

Values = NDArray[np.float64]
STEPS = 60
"""Rows of a scene: enough to see every bend, few enough to be done at once."""
FIRST_STEP = "in the first step of an episode"
"""Name of the scene in which every row begins an episode."""
_SPEEDS_MPS = (0.4, 0.7, 1.0)
_STEERING_DEG = (-30.0, -20.0, -10.0, 0.0, 10.0, 20.0, 30.0)


@dataclass(frozen=True, eq=False)
class Scene:
    """One drive."""

    name: str
    """Ends the sentence "The function failed …"."""
    rows: Values
    """(M, len(COLUMNS)) reward inputs in the order of time."""
    is_reversed: bool = False
    """Driven on the track's other direction."""
    objects: Values | None = None
    """(M, O, len(OBJECT_COLUMNS))."""


def scenes(track: Track) -> list[Scene]:
    """All scenes on a track, the most ordinary first."""
    lap = np.linspace(0.0, track.length_m, STEPS, endpoint=False)
    weave = 0.45 * track.width_m * np.sin(np.arange(STEPS) * 0.7)
    turn = np.radians(30.0) * np.cos(np.arange(STEPS) * 1.3)
    far = (np.linspace(0.0, 0.8, STEPS) * track.width_m + 0.2) * np.where(lap % 2.0 < 1.0, 1, -1)
    back = 0.5 * track.length_m - 0.04 * np.arange(1.0, REVERSED_STEPS + 1.0)
    around = np.full(REVERSED_STEPS, np.pi)
    centred = reward_rows(track, _drive(track, lap))
    last = reward_rows(track, _drive(track, np.append(lap, track.length_m - 0.01)))
    last[-1, COLUMN["progress_percent"]] = 100.0
    crashed = centred.copy()
    crashed[-1, COLUMN["is_crashed"]] = 1.0
    other = track.reversed()
    return [
        Scene("on a lap along the centre line", centred),
        Scene("on a zigzag lap", reward_rows(track, _drive(track, lap, weave, turn))),
        Scene(FIRST_STEP, _first_steps(track)),
        Scene("in the last step of a lap", last),
        Scene("off the track", reward_rows(track, _drive(track, lap, far, turn))),
        Scene("while driving backwards", reward_rows(track, _drive(track, back, None, around))),
        Scene("after a crash", crashed),
        Scene(
            "on the track driven the other way",
            reward_rows(other, _drive(other, lap)),
            is_reversed=True,
        ),
        *_scenes_with_objects(track, lap, weave),
    ]


def _drive(
    track: Track, along_m: Values, offset_m: Values | None = None, turn_rad: Values | None = None
) -> Drive:
    """Poses beside the centre line, with every action taken in turn."""
    count = len(along_m)
    offset = np.zeros(count) if offset_m is None else offset_m
    heading = track.heading_at(along_m)
    left = np.stack([-np.sin(heading), np.cos(heading)], axis=1)
    places = track.point_at(along_m) + offset[:, None] * left
    yaw = heading + (0.0 if turn_rad is None else turn_rad)
    yaw = np.mod(yaw + np.pi, 2 * np.pi) - np.pi
    index = np.arange(count)
    commands = np.stack(
        [
            np.radians(_STEERING_DEG)[index % len(_STEERING_DEG)],
            np.asarray(_SPEEDS_MPS)[index % len(_SPEEDS_MPS)],
        ],
        axis=1,
    )
    start = float(along_m[0] / track.length_m) % 1.0
    return Drive(np.column_stack([places, yaw]), commands, start)


def _first_steps(track: Track) -> Values:
    """Episodes of one step each, begun all round the track."""
    starts = np.linspace(0.0, track.length_m, 20, endpoint=False)
    rows = np.concatenate([reward_rows(track, _drive(track, starts[k : k + 1])) for k in range(20)])
    rows[:, COLUMN["steps"]] = FIRST_CALL
    return rows


def _scenes_with_objects(track: Track, lap: Values, weave: Values) -> list[Scene]:
    """Six boxes in alternating lanes, and a single one; the car passes them all."""
    shares = np.array([0.1, 0.25, 0.4, 0.6, 0.75, 0.9]) * track.length_m
    lanes = 0.25 * track.width_m * np.array([1, -1, 1, -1, 1, -1])
    rows = reward_rows(track, _drive(track, lap, weave))
    rows[:, COLUMN["object_in_camera"]] = np.arange(len(rows)) % 3 == 0
    boxes = object_rows(track, shares, lanes)
    moving = boxes[:1].copy()
    moving[:, OBJECT_COLUMN["speed_mps"]] = 0.2
    return [
        Scene("with boxes on the track", rows, objects=np.repeat(boxes[None], len(rows), axis=0)),
        Scene("behind another car", rows, objects=np.repeat(moving[None], len(rows), axis=0)),
    ]
