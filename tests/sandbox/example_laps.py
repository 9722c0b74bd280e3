"""Laps that the reward functions of racecraft are asked about, and what they pay for them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from racecraft.domain.reward import COLUMN, facts_of, params
from racecraft.domain.reward_rows import Drive, reward_rows
from racecraft.domain.track import Track
from racecraft.sandbox.builtin import builtin_reward
from racecraft.tracks.library import load_track

CLOSE_TO_NOTHING = 1e-3

Reward = Callable[[dict[str, Any]], float]


def fresh(name: str, **changed: object) -> Reward:
    """A copy of an example as one car gets it, with other values of its capitals if wanted."""
    names: dict[str, Any] = {}
    exec(compile(builtin_reward(name), f"{name}.py", "exec"), names)
    assert set(changed) <= set(names)
    names.update(changed)
    function: Reward = names["reward_function"]
    return function


@cache
def road(name: str = "harbour-loop", is_reversed: bool = False) -> Track:
    return load_track(name, is_reversed=is_reversed)


def turning(track: Track, here_m: float, there_m: float) -> float:
    """By how much the road turns on the way (rad), to the left is positive."""
    here, there = track.heading_at(np.array([here_m, there_m])).tolist()
    return math.remainder(there - here, math.tau)


def most_turning(track: Track) -> tuple[float, float]:
    """Distances along the track (m) in front of its straightest metre and of its most bent one."""
    along = np.linspace(0.0, track.length_m, 400, endpoint=False)
    bent = np.array([abs(turning(track, here, here + 1.0)) for here in along])
    return float(along[bent.argmin()]), float(along[bent.argmax()])


@dataclass(frozen=True)
class Lap:
    """A drive along a track, step after step; single values hold for all of it."""

    along_m: Any
    offset_m: Any = 0.0
    turn_deg: Any = 0.0
    steering_deg: Any = 0.0
    speed_mps: Any = 1.0

    def params(self, track: Track, objects: list[list[float]] | None = None) -> list[Any]:
        along = np.atleast_1d(np.asarray(self.along_m, float))
        offset, turn, steering, speed = (
            np.broadcast_to(np.asarray(value, float), along.shape)
            for value in (self.offset_m, self.turn_deg, self.steering_deg, self.speed_mps)
        )
        heading = track.heading_at(along)
        left = np.stack([-np.sin(heading), np.cos(heading)], axis=1)
        yaw = heading + np.radians(turn)
        nose = track.point_at(along) + offset[:, None] * left
        # The car is located by its nose, and a pose is that of the middle of its axles.
        places = nose - 0.14 * np.stack([np.cos(yaw), np.sin(yaw)], axis=1)
        yaw = np.mod(yaw + np.pi, 2 * np.pi) - np.pi
        commands = np.stack([np.radians(steering), speed], axis=1)
        drive = Drive(np.column_stack([places, yaw]), commands, float(along[0] / track.length_m))
        rows = reward_rows(track, drive)
        # Where the first step is, rounding decides whether a whole lap was driven.
        if rows[0, COLUMN["progress_percent"]] > 50:
            rows[0, COLUMN["progress_percent"]] = 0.0
        return [params(row, facts_of(track), objects or ()) for row in rows.tolist()]


def pay(function: Reward, lap: Lap, track: Track | None = None) -> float:
    """What a drive earns in all."""
    return sum(function(each) for each in lap.params(track or road()))
