"""The LIDAR: beams that turn in one plane, and what the car's computer makes of them.

A beam meets the nearest upright side of an object of the simulation. Nothing else stands in its
plane: the road is flat, and the borders are painted. It measures ten times a second of simulated
time while the car decides fifteen times, so every third decision reads the scan before again.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.sensors import (
    CLIP_M,
    FURTHEST_M,
    NEAREST_M,
    NOISE_M,
    NUM_BEAMS,
    SCAN_AHEAD_M,
    SCAN_FIELD_RAD,
    SCAN_HZ,
    SECTOR_NEAR_M,
    LidarSpec,
    Sensor,
    beam_angle_rad,
)
from racecraft.sim.kernel import njit
from racecraft.sim.scene import HALF
from racecraft.sim.streams import next_normals

_FIRST_RAD, _STEP_RAD = beam_angle_rad(0), SCAN_FIELD_RAD / (NUM_BEAMS - 1)
_TURN = 2.0 * math.pi / _STEP_RAD
"""Beams in a full turn, if there were no blind sector."""
_ROUNDING_S = 1e-6
"""A clock that is so little behind the next scan is there; steps of 1/15 s add up inexactly."""
NEVER = -1
"""The number of the scan of a car that has not scanned yet."""


class Scans(NamedTuple):
    """The newest scan of N cars."""

    ranges_m: NDArray[np.float32]
    """(N, 64) with noise, within what can be measured."""
    number: NDArray[np.int64]
    """(N,) which scan it is, counted by the car's clock; `NEVER` before the first."""


class Readout(NamedTuple):
    """How values are made of ranges."""

    is_plain: bool
    """The ranges themselves, up to `clip_m`."""
    sectors: int
    steps: int
    clip_m: float
    """Nothing further away counts."""


def make_scans(count: int) -> Scans:
    """LIDARs that have not scanned yet."""
    return Scans(
        np.full((count, NUM_BEAMS), FURTHEST_M, np.float32), np.full(count, NEVER, np.int64)
    )


def make_readout(lidar: LidarSpec) -> Readout:
    """How a LIDAR's values are made."""
    if lidar.kind is Sensor.LIDAR:
        return Readout(True, NUM_BEAMS, 1, CLIP_M)
    if lidar.kind is Sensor.SECTOR_LIDAR:
        # One step of distance: 1 for something nearer than the limit, else 0.
        return Readout(False, lidar.num_values, 1, SECTOR_NEAR_M)
    config = lidar.config
    return Readout(False, config.num_sectors, config.num_values_per_sector, config.clipping_dist_m)


@njit(cache=True, nogil=True)
def scan_cars(cars: Any, objects: Any, scans: Any, readout: Any, rows: Any, out: Any) -> None:
    """Read the LIDARs of some cars, each with a new scan when one is due.

    Args:
        cars: the Cars.
        objects: the Objects.
        scans: the Scans.
        readout: the Readout.
        rows: (B,) which cars.
        out: (B, L) float32 values, filled in place.
    """
    for i in range(len(rows)):
        car = rows[i]
        number = math.floor((cars.clock_s[car] + _ROUNDING_S) * SCAN_HZ)
        if number != scans.number[car]:
            scans.number[car] = number
            measure(cars.state[car], objects.pose[car], objects.kind, scans.ranges_m[car])
            _add_noise(cars.streams, car, scans.ranges_m[car])
        _read_out(scans.ranges_m[car], readout, out[i])


@njit(cache=True, nogil=True)
def measure(state: Any, poses: Any, kinds: Any, ranges: Any) -> None:
    """Fill (64,) ranges with the exact distance to the first object on each beam.

    Args:
        state: x, y (m) and yaw (rad) of the car's origin, and more.
        poses: (O, 3) x, y (m) and yaw (rad) of the middle of each object.
        kinds: (O,) what they are, as in `scene`.
        ranges: what nothing stands in reads as the furthest.
    """
    ranges[:] = FURTHEST_M
    x = state[0] + SCAN_AHEAD_M * math.cos(state[2])
    y = state[1] + SCAN_AHEAD_M * math.sin(state[2])
    for k in range(poses.shape[0]):
        dx, dy = poses[k, 0] - x, poses[k, 1] - y
        half = HALF[kinds[k]]
        distance, reach = math.hypot(dx, dy), math.hypot(half[0], half[1])
        if distance - reach > FURTHEST_M:
            continue
        view = (x, y, state[2])
        if distance <= reach:
            _meet(view, poses[k], half, (0, NUM_BEAMS), ranges)
            continue
        # Only the beams between the two that just miss the circle round the object.
        middle = ((math.atan2(dy, dx) - state[2] - _FIRST_RAD) / _STEP_RAD) % _TURN
        wide = math.asin(reach / distance) / _STEP_RAD
        for turn in range(2):
            first = math.ceil(middle - wide - turn * _TURN)
            last = math.floor(middle + wide - turn * _TURN)
            span = (max(first, 0), min(last + 1, NUM_BEAMS))
            _meet(view, poses[k], half, span, ranges)


@njit(cache=True, nogil=True)
def _meet(view: Any, pose: Any, half: Any, span: Any, ranges: Any) -> None:
    """Shorten some beams to where they meet a rectangle (the slab method in its own frame)."""
    x, y, yaw = view
    c, s = math.cos(pose[2]), math.sin(pose[2])
    along = (x - pose[0]) * c + (y - pose[1]) * s
    across = (y - pose[1]) * c - (x - pose[0]) * s
    for beam in range(span[0], span[1]):
        angle = yaw + _FIRST_RAD + beam * _STEP_RAD - pose[2]
        enter_a, leave_a = _slab(along, math.cos(angle), half[0])
        enter_b, leave_b = _slab(across, math.sin(angle), half[1])
        enter = max(enter_a, enter_b, 0.0)
        if enter <= min(leave_a, leave_b) and enter < ranges[beam]:
            ranges[beam] = enter


@njit(cache=True, nogil=True)
def _slab(place: float, direction: float, half: float) -> tuple[float, float]:
    """Where a ray enters and leaves the space between two parallel sides."""
    if abs(direction) < 1e-12:
        return (-math.inf, math.inf) if abs(place) <= half else (math.inf, -math.inf)
    a, b = (-half - place) / direction, (half - place) / direction
    return min(a, b), max(a, b)


@njit(cache=True, nogil=True)
def _add_noise(streams: Any, car: int, ranges: Any) -> None:
    """Blur the beams that meet something; drawn in pairs, from the car's own stream."""
    for beam in range(0, NUM_BEAMS, 2):
        if ranges[beam] >= FURTHEST_M and ranges[beam + 1] >= FURTHEST_M:
            continue
        normals = next_normals(streams, car)
        for k in range(2):
            if ranges[beam + k] < FURTHEST_M:
                blurred = ranges[beam + k] + NOISE_M * normals[k]
                ranges[beam + k] = min(max(blurred, NEAREST_M), FURTHEST_M)


@njit(cache=True, nogil=True)
def _read_out(ranges: Any, readout: Any, values: Any) -> None:
    """Values of one scan."""
    if readout.is_plain:
        for beam in range(NUM_BEAMS):
            values[beam] = min(max(ranges[beam], np.float32(NEAREST_M)), np.float32(CLIP_M))
        return
    values[:] = 0.0
    each = NUM_BEAMS // readout.sectors
    for sector in range(readout.sectors):
        nearest = ranges[sector * each]
        for beam in range(sector * each, (sector + 1) * each):
            nearest = min(nearest, ranges[beam])
        step = math.floor(nearest / (readout.clip_m / readout.steps))
        if step < readout.steps:
            values[sector * readout.steps + step] = 1.0
