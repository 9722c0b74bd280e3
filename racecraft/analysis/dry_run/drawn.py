"""Laps that nobody drove: lines on the road, followed at a commanded speed.

They are drawn, not simulated: the car moves along the line at the speed that it is told, looks
along it, and steers as the line bends. A reward function is told what it would be told about a
car that drives just so.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from racecraft.analysis.closed_line import ClosedLine
from racecraft.analysis.dry_run.among import laps_among, things_of
from racecraft.analysis.dry_run.laps import Lap
from racecraft.analysis.dry_run.lines import (
    FIRST_BEND_M,
    Speeds,
    is_bend,
    lap_of,
    speeds_on,
    steering_for,
)
from racecraft.analysis.racing_line import racing_line
from racecraft.domain.car import STEERING_GAIN, CarSpec
from racecraft.domain.episode import CONTROL_HZ
from racecraft.domain.race import RaceSpec
from racecraft.domain.reward_rows import Drive, reward_rows
from racecraft.domain.track import Track

Values = NDArray[np.float64]

ZIGZAG_SHARE = 0.7
"""How much of the room beside the centre line the zigzag takes."""
ZIGZAG_STEERING_SHARE = 0.85
"""How much of its steering the car needs for the zigzag on a straight."""
LARGEST_ZIGZAG_M = 0.4


def drawn_laps(
    track: Track, speeds: Speeds, car: CarSpec | None = None, race: RaceSpec | None = None
) -> list[Lap]:
    """The laps that every reward function is tried on, all from the start line.

    Returns:
        `slow` and `fast` along the centre line, `racing-line` and `zigzag` as fast as that, and
        `crash`: as fast, but straight on where the road bends. With boxes or bot cars, the laps
        of `among.laps_among`.

    Raises:
        InvalidSpec: the boxes or bot cars do not fit on the track.
    """
    car = car or CarSpec()
    things = things_of(track, race, car)
    if things is not None:
        return laps_among(track, speeds, things, car)
    slow, fast = speeds.slow_mps, speeds.fast_mps
    centre = ClosedLine.through(track.centre)
    racing = ClosedLine.through(racing_line(track, car=car))
    zigzag = centre.moved_left(_zigzag_m(track, centre, car))
    return [
        lap_of("slow", f"Slow, centre line ({slow:.3g} m/s)", _followed(track, centre, slow, car)),
        lap_of("fast", f"Fast, centre line ({fast:.3g} m/s)", _followed(track, centre, fast, car)),
        lap_of("racing-line", "Fast, racing line", _followed(track, racing, fast, car)),
        lap_of("zigzag", "Fast, zigzag", _followed(track, zigzag, fast, car)),
        lap_of("crash", "Fast, off the track in a bend", _crashed(track, centre, fast, car)),
    ]


def _followed(track: Track, line: ClosedLine, top_mps: float, car: CarSpec) -> Values:
    """Rows of a car that follows a line at a speed, slower where a bend asks for it."""
    speed = speeds_on(line, top_mps, car)
    step_m = np.diff(line.along_m)
    clock = np.append(0.0, np.cumsum(2 * step_m / (speed[1:] + speed[:-1])))
    moments = np.arange(int(clock[-1] * CONTROL_HZ) + 2) / CONTROL_HZ
    distance = np.interp(moments, clock, line.along_m)
    steering = steering_for(line.curvature_at(distance), car)
    commands = np.stack([steering, np.interp(distance, line.along_m, speed)], axis=1)
    return reward_rows(track, Drive(line.poses_at(distance), commands), car)


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
    bend_m = float(centre.along_m[np.argmax(is_bend(centre, FIRST_BEND_M))])
    across_m = float(np.linalg.norm(np.ptp(track.outer, axis=0)))  # from there it is surely off
    distance = np.arange(0.0, bend_m + across_m, speed_mps / CONTROL_HZ)
    poses = centre.poses_at(np.minimum(distance, bend_m))
    beyond_m = np.maximum(distance - bend_m, 0.0)
    yaw = poses[:, 2]
    poses[:, :2] += beyond_m[:, None] * np.stack([np.cos(yaw), np.sin(yaw)], axis=1)
    steering = np.where(beyond_m > 0.0, 0.0, steering_for(centre.curvature_at(distance), car))
    commands = np.stack([steering, np.full(len(distance), speed_mps)], axis=1)
    return reward_rows(track, Drive(poses, commands), car)
