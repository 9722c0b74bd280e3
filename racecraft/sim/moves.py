"""Kernels that put cars on their tracks and move them, each alone with what it meets."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from racecraft.domain.episode import CONTROL_HZ, EpisodeStatus
from racecraft.sim.bots import drive_bots
from racecraft.sim.contacts import observe_objects
from racecraft.sim.geometry import nearest, point_at
from racecraft.sim.kernel import njit
from racecraft.sim.objects import free_lane, lane_offset_m, place_objects
from racecraft.sim.rules import judge, observe, place
from racecraft.sim.streams import next_uniform
from racecraft.sim.variation import drive, vary

_PREPARE = int(EpisodeStatus.PREPARE)
_IN_PROGRESS = int(EpisodeStatus.IN_PROGRESS)
_LAP_COMPLETE = int(EpisodeStatus.LAP_COMPLETE)


@njit(cache=True, nogil=True)
def place_on_line(cars: Any, pack: Any, size: Any, car: int, where: Any) -> None:
    distance_m, offset_m, turn_rad = where
    x, y, heading = point_at(pack, cars.track[car], distance_m)
    pose = (x - offset_m * np.sin(heading), y + offset_m * np.cos(heading), heading + turn_rad)
    cars.clock_s[car] += 1.0 / CONTROL_HZ
    place(cars, pack, size, car, pose)
    # The prepare row lasts one control period, in which the car stands.
    cars.clock_s[car] += 1.0 / CONTROL_HZ


@njit(cache=True, nogil=True)
def place_clear(cars: Any, pack: Any, world: Any, car: int, where: Any) -> None:
    """Put a car on the line, or in the free lane where something is near."""
    size, objects, layout, _ = world
    distance_m, offset_m, turn_rad = where
    lane = free_lane(cars, pack, objects, car, distance_m)
    if lane != 0:
        lane_m = lane_offset_m(pack, cars.track[car], distance_m, lane)
        offset_m = lane_m + math.copysign(0.5 * offset_m, lane_m)
        turn_rad *= 0.5
    place_on_line(cars, pack, size, car, (distance_m, offset_m, turn_rad))
    observe_objects(cars, pack, objects, layout.bots, car, size)


@njit(cache=True, nogil=True)
def _half_width(pack: Any, track: int, distance_m: float) -> float:
    """From the centre line to the nearer border, at an arc length."""
    lo, hi = pack.first[track], pack.first[track + 1]
    x, y, _ = point_at(pack, track, distance_m)
    _, _, inner = nearest(pack.lines[2], pack.lines[3], lo, hi, x, y)
    _, _, outer = nearest(pack.lines[4], pack.lines[5], lo, hi, x, y)
    return math.sqrt(min(inner, outer))


@njit(cache=True, nogil=True)
def restart_cars(cars: Any, pack: Any, world: Any, how: Any, lo: int, hi: int) -> None:
    _, objects, layout, variation = world
    jitter, step = how
    for car in range(lo, hi):
        is_waiting = cars.status[car] == _PREPARE and cars.steps[car] == 1
        if cars.status[car] == _IN_PROGRESS or is_waiting:
            continue
        cars.start_share[car] = (cars.start_share[car] + step) % 1.0
        vary(variation, car)
        place_objects(cars, pack, objects, layout, car)
        track = cars.track[car]
        distance_m = cars.start_share[car] * pack.length_m[track]
        offset_m = turn_rad = 0.0
        if jitter > 0.0:
            half_m = _half_width(pack, track, distance_m)
            offset_m = (2.0 * next_uniform(cars.streams, car) - 1.0) * half_m * jitter
            turn_rad = (next_uniform(cars.streams, car) - 0.5) * jitter
        place_clear(cars, pack, world, car, (distance_m, offset_m, turn_rad))


@njit(cache=True, nogil=True)
def step_span(cars: Any, pack: Any, design: Any, commands: Any, lo: int, hi: int) -> None:
    size, physics, rules, objects, bots, variation = design
    for car in range(lo, hi):
        command = (commands[car, 0], commands[car, 1])
        _step_car(cars, pack, size, physics, rules, objects, bots, variation, car, command)


@njit(cache=True, nogil=True)
def step_chosen(cars: Any, pack: Any, design: Any, commands: Any, rows: Any) -> None:
    size, physics, rules, objects, bots, variation = design
    for car in rows:
        command = (commands[car, 0], commands[car, 1])
        _step_car(cars, pack, size, physics, rules, objects, bots, variation, car, command)


@njit(cache=True, nogil=True)
def _step_car(
    cars: Any,
    pack: Any,
    size: Any,
    physics: Any,
    rules: Any,
    objects: Any,
    bots: Any,
    variation: Any,
    car: int,
    command: Any,
) -> None:
    interval, interval_jitter, is_continuous = rules
    if interval_jitter > 0.0:
        interval *= 1.0 + interval_jitter * (2.0 * next_uniform(cars.streams, car) - 1.0)
    cars.steps[car] += 1
    wheels = observe(cars, pack, size, car, command[0], command[1])
    if len(objects.kind) > 0:
        observe_objects(cars, pack, objects, bots, car, size)
    judge(cars, car, wheels)
    status = cars.status[car]
    if status == _IN_PROGRESS or (is_continuous > 0.0 and status == _LAP_COMPLETE):
        drive(cars.state, car, command, interval, physics, variation)
        if len(objects.kind) > bots.first:
            drive_bots(cars, pack, objects, bots, car, (interval, size[5], size[6]))
        cars.clock_s[car] += interval
