"""Laps that nobody drove: lines on the road, followed at a commanded speed.

They are drawn, not simulated: the car moves along the line at the speed that it is told, looks
along it, and steers as the line bends. A reward function is told what it would be told about a
car that drives just so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from racecraft.analysis.closed_line import ClosedLine
from racecraft.analysis.dry_run.laps import Lap
from racecraft.analysis.racing_line import racing_line
from racecraft.domain.car import CarSpec
from racecraft.domain.episode import CONTROL_HZ
from racecraft.domain.reward import COLUMN
from racecraft.domain.reward_rows import Drive, reward_rows
from racecraft.domain.track import Track

Values = NDArray[np.float64]

STEERING_GAIN = 0.5
"""The front wheels turn half as far as they are told: see `docs/physics.md`."""
SPEED_CHANGE_MPS2 = 3.0
"""How hard a fast lap brakes before a bend and speeds up after it."""
ZIGZAG_SHARE = 0.7
"""How much of the room beside the centre line the zigzag takes."""
LARGEST_ZIGZAG_M = 0.4
ZIGZAG_STEERING_SHARE = 0.85
"""How much of its steering the car needs for the zigzag on a straight."""
FIRST_BEND_M = 1.0
"""A bend nearer to the start than this is not the one to fail in."""


@dataclass(frozen=True)
class Speeds:
    """How fast the drawn laps are (m/s)."""

    slow_mps: float = 0.5
    fast_mps: float = 1.0


def drawn_laps(track: Track, speeds: Speeds, car: CarSpec | None = None) -> list[Lap]:
    """The five laps that every reward function is tried on, all from the start line.

    Returns:
        `slow` and `fast` along the centre line, `racing-line` and `zigzag` as fast as that, and
        `crash`: as fast, but straight on where the road bends.
    """
    car = car or CarSpec()
    slow, fast = speeds.slow_mps, speeds.fast_mps
    centre = ClosedLine.through(track.centre)
    racing = ClosedLine.through(racing_line(track, car=car))
    zigzag = centre.moved_left(_zigzag_m(track, centre, car))
    return [
        _lap("slow", f"Slow, centre line ({slow:.3g} m/s)", _followed(track, centre, slow, car)),
        _lap("fast", f"Fast, centre line ({fast:.3g} m/s)", _followed(track, centre, fast, car)),
        _lap("racing-line", "Fast, racing line", _followed(track, racing, fast, car)),
        _lap("zigzag", "Fast, zigzag", _followed(track, zigzag, fast, car)),
        _lap("crash", "Fast, off the track in a bend", _crashed(track, centre, fast, car)),
    ]


def _lap(name: str, title: str, rows: Values) -> Lap:
    """A lap of which the last row is the step that ends it."""
    is_over = (rows[:, COLUMN["progress_percent"]] >= 100.0) | (rows[:, COLUMN["is_offtrack"]] > 0)
    rows = rows[: int(np.argmax(is_over)) + 1] if is_over.any() else rows
    return Lap(
        name=name,
        title=title,
        rows=rows,
        is_complete=bool(rows[-1, COLUMN["progress_percent"]] >= 100.0),
        time_s=float(rows[-1, COLUMN["steps"]] - 1) / CONTROL_HZ,
    )


def _followed(track: Track, line: ClosedLine, top_mps: float, car: CarSpec) -> Values:
    """Rows of a car that follows a line at a speed, slower where a bend asks for it."""
    speed = _speeds(line, top_mps, car)
    step_m = np.diff(line.along_m)
    clock = np.append(0.0, np.cumsum(2 * step_m / (speed[1:] + speed[:-1])))
    moments = np.arange(int(clock[-1] * CONTROL_HZ) + 2) / CONTROL_HZ
    distance = np.interp(moments, clock, line.along_m)
    commands = np.stack(
        [_steering(line, distance, car), np.interp(distance, line.along_m, speed)], axis=1
    )
    return reward_rows(track, Drive(line.poses_at(distance), commands), car)


def _speeds(line: ClosedLine, top_mps: float, car: CarSpec) -> Values:
    """(M,) the speed at each point: at most `top_mps`, and what grip and brakes allow."""
    bend = np.maximum(np.abs(line.curvature_per_m[:-1]), 1e-6)
    square = limit = np.minimum(top_mps**2, car.grip.lateral_mps2 / bend)
    gain = 2 * SPEED_CHANGE_MPS2 * line.length_m / len(limit)  # of the square from point to point
    for away in range(1, int((limit.max() - limit.min()) / gain) + 1):
        nearby = np.minimum(np.roll(limit, away), np.roll(limit, -away))
        square = np.minimum(square, nearby + away * gain)
    return np.asarray(np.sqrt(np.append(square, square[0])))


def _steering(line: ClosedLine, distance_m: Values, car: CarSpec) -> Values:
    """(N,) the angle that makes the car turn as the line does (rad)."""
    angle = np.arctan(line.curvature_at(distance_m) * car.wheelbase_m / STEERING_GAIN)
    return np.clip(angle, -car.max_steering_rad, car.max_steering_rad)


def _zigzag_m(track: Track, centre: ClosedLine, car: CarSpec) -> Values:
    """(M,) offsets of the shortest waves that the car can steer, all wheels on the road."""
    room_m = track.width_m / 2 - max(car.wheel_y_m)
    size_m = float(np.clip(ZIGZAG_SHARE * room_m, 0.01, LARGEST_ZIGZAG_M))
    tightest_per_m = STEERING_GAIN * np.tan(car.max_steering_rad) / car.wheelbase_m
    wave_per_m = np.sqrt(ZIGZAG_STEERING_SHARE * tightest_per_m / size_m)  # radians per metre
    waves = max(3, int(wave_per_m * centre.length_m / (2 * np.pi)))
    return np.asarray(size_m * np.sin(2 * np.pi * waves * centre.along_m / centre.length_m))


def _crashed(track: Track, centre: ClosedLine, speed_mps: float, car: CarSpec) -> Values:
    """Rows of a car that does not brake or steer in the first bend that asks for it."""
    bend = np.abs(centre.curvature_per_m)
    is_bend = (bend > 0.5 * bend.max()) & (centre.along_m > FIRST_BEND_M)
    bend_m = float(centre.along_m[np.argmax(is_bend)])
    across_m = float(np.linalg.norm(np.ptp(track.outer, axis=0)))  # from there it is surely off
    distance = np.arange(0.0, bend_m + across_m, speed_mps / CONTROL_HZ)
    poses = centre.poses_at(np.minimum(distance, bend_m))
    beyond_m = np.maximum(distance - bend_m, 0.0)
    yaw = poses[:, 2]
    poses[:, :2] += beyond_m[:, None] * np.stack([np.cos(yaw), np.sin(yaw)], axis=1)
    steering = np.where(beyond_m > 0.0, 0.0, _steering(centre, distance, car))
    commands = np.stack([steering, np.full(len(distance), speed_mps)], axis=1)
    return reward_rows(track, Drive(poses, commands), car)
