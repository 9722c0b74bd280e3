"""Which lap to show, and where the car is at each frame of the film.

A trace has one row a control period and gives the car's nose; a film needs evenly spaced frames
and the car's origin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.car import CarSpec
from racecraft.domain.episode import CONTROL_HZ, EpisodeStatus, Step, Trial

JUMP_M = 0.6
"""A car that moves further in one step was put back on the track: no film glides over that."""
HOLD_S = 1.2
"""How long the last picture stays."""
FOLLOW_S = 0.16
"""Lag with which the camera turns after the car, so that one sees the car turn."""


@dataclass(frozen=True)
class Frames:
    """What every frame of a film shows; each array has one entry a frame."""

    car: NDArray[np.float64]
    """(T, 3) x, y (m) and yaw (rad) of the car's origin."""
    objects: NDArray[np.float64]
    """(T, O, 4) the same of what is on the road besides, and its kind."""
    view_yaw_rad: NDArray[np.float64]
    """(T,) direction in which the camera behind the car looks."""
    steering_rad: NDArray[np.float64]
    """(T,) left is positive."""
    speed_mps: NDArray[np.float64]
    progress_percent: NDArray[np.float64]
    time_ms: NDArray[np.int64]
    """(T,) since the start of the lap."""
    ending: str
    """How the lap ended, for a person; empty while it was still going on."""
    ending_from: int
    """First frame that shows the ending."""


def best_lap(trials: Sequence[Trial], steps: Sequence[Step]) -> list[Step]:
    """The steps of the fastest completed trial, or of the one that came furthest.

    Trials and the episodes of `steps` are matched in order; a trial without steps is passed over.
    """
    episodes: dict[int, list[Step]] = {}
    for step in steps:
        episodes.setdefault(step.episode, []).append(step)
    pairs = list(
        zip(sorted(trials, key=lambda trial: trial.trial), episodes.values(), strict=False)
    )
    if not pairs:
        return list(next(iter(episodes.values()), []))
    done = [pair for pair in pairs if pair[0].status is EpisodeStatus.LAP_COMPLETE]
    if done:
        return min(done, key=lambda pair: pair[0].time_ms)[1]
    return max(pairs, key=lambda pair: pair[0].completion_percent)[1]


def frames_of(
    steps: Sequence[Step], frame_hz: int, objects: NDArray[np.float64] | None = None
) -> Frames:
    """Spread a lap of at least one step over the frames of a film.

    Args:
        steps: K rows of one trial, in order.
        frame_hz: frames a second.
        objects: (K, O, 4) x, y (m), yaw (rad) and kind of what is on the road, at each step.
    """
    clock = _clock(steps)
    moving = int(np.floor(clock[-1] * frame_hz + 1e-6)) + 1
    held = round(HOLD_S * frame_hz)
    wanted = np.minimum(np.arange(moving + held) / frame_hz, clock[-1])
    nose_m = CarSpec().nose_m
    yaw = np.unwrap([step.yaw_rad for step in steps])
    x = np.array([step.x_m for step in steps]) - nose_m * np.cos(yaw)
    y = np.array([step.y_m for step in steps]) - nose_m * np.sin(yaw)
    row, share = _places(clock, wanted, np.hypot(np.diff(x), np.diff(y)))

    def spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
        after = values[np.minimum(row + 1, len(values) - 1)]
        return values[row] * (1.0 - share) + after * share

    started = next((k for k, step in enumerate(steps) if step.status != EpisodeStatus.PREPARE), 0)
    since = np.maximum(wanted - clock[started], 0.0)
    car = np.stack([spread(x), spread(y), spread(yaw)], axis=1)
    last = steps[-1].status
    is_over = last not in (EpisodeStatus.PREPARE, EpisodeStatus.IN_PROGRESS)
    return Frames(
        car=car,
        objects=_spread_poses(objects, row, share, len(steps)),
        view_yaw_rad=_follow(car, frame_hz),
        steering_rad=spread(np.array([step.steering_rad for step in steps])),
        speed_mps=spread(np.array([step.speed_mps for step in steps])),
        progress_percent=np.array([step.progress_percent for step in steps])[row],
        time_ms=np.round(since * 1000).astype(np.int64),
        ending=last.label if is_over else "",
        ending_from=moving - 1,
    )


def _spread_poses(
    objects: NDArray[np.float64] | None,
    row: NDArray[np.int64],
    share: NDArray[np.float64],
    count: int,
) -> NDArray[np.float64]:
    """(T, O, 4) poses at the frames, between those of the step before and the one after."""
    poses = np.zeros((count, 0, 4)) if objects is None else objects
    before, after = poses[row], poses[np.minimum(row + 1, count - 1)]
    change = after - before
    change[..., 2] = np.mod(change[..., 2] + np.pi, 2.0 * np.pi) - np.pi
    return np.asarray(before + share[:, None, None] * change)


def _clock(steps: Sequence[Step]) -> NDArray[np.float64]:
    """(K,) seconds since the first step; evenly spaced where the trace holds no clock."""
    clock = np.array([step.time_s for step in steps], dtype=np.float64)
    clock -= clock[0]
    if len(steps) > 1 and not (np.diff(clock) > 0.0).all():
        clock = np.arange(len(steps)) / CONTROL_HZ
    return clock


def _places(
    clock: NDArray[np.float64], wanted: NDArray[np.float64], moved: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The step before each frame and how far the frame lies towards the next, 0 to 1."""
    row = np.clip(np.searchsorted(clock, wanted + 1e-9, side="right") - 1, 0, len(clock) - 1)
    after = np.minimum(row + 1, len(clock) - 1)
    length = np.maximum(clock[after] - clock[row], 1e-9)
    share = np.where(after > row, (wanted - clock[row]) / length, 0.0)
    is_jump = np.append(moved > JUMP_M, False)[row]
    return row, np.where(is_jump, 0.0, np.clip(share, 0.0, 1.0))


def _follow(car: NDArray[np.float64], frame_hz: int) -> NDArray[np.float64]:
    """(T,) the car's yaw, low-passed; it starts afresh where the car was put back."""
    share = 1.0 - np.exp(-1.0 / (FOLLOW_S * frame_hz))
    view = car[:, 2].copy()
    is_jump = np.append(False, np.hypot(*np.diff(car[:, :2], axis=0).T) > 0.5 * JUMP_M)
    for k in range(1, len(view)):
        if not is_jump[k]:
            view[k] = view[k - 1] + share * (car[k, 2] - view[k - 1])
    return view
