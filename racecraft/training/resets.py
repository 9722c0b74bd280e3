"""Where a car goes on after a failure that an evaluation forgives."""

from __future__ import annotations

import numpy as np

from racecraft.domain.episode import CONTROL_HZ
from racecraft.domain.obstacles import CLEAR_OF_BOX_M
from racecraft.domain.reward import COLUMN, OBJECT_COLUMN
from racecraft.sim.scene import BOX
from racecraft.sim.simulator import Simulator

_DISTANCE = OBJECT_COLUMN["distance_m"]
_PROGRESS = COLUMN["progress_percent"]
_BEHIND_BOX_M = CLEAR_OF_BOX_M - 1e-6
"""Just near enough that the simulator still takes the lane opposite to the box."""


def put_back(simulator: Simulator, car: int, progress_percent: float) -> float:
    """Put a car back on the road, at rest, in the lane that is nearer to where it was.

    Within 1 m of a box it goes back to 1 m before the box, in the other lane. Only the pose and
    the progress change; the episode and its clock go on.

    Args:
        simulator: the world; the episodes of its cars began at the start line.
        car: the row.
        progress_percent: where the car was.

    Returns:
        Progress at the place where it stands now; below 0 before the start line.
    """
    cars, track = simulator.cars, simulator.tracks[simulator.cars.track[car]]
    length_m = float(simulator.pack.length_m[cars.track[car]])
    distance_m = progress_percent / 100.0 * length_m
    offset_m = 0.25 * track.width_m * float(np.sign(track.locate(cars.state[car, :2]).offset_m[0]))
    way_m = _way_to_box(simulator, car, distance_m, length_m)
    if way_m is not None:
        distance_m += way_m - _BEHIND_BOX_M
        offset_m, progress_percent = 0.0, 100.0 * distance_m / length_m
    steps, clock = int(cars.steps[car]), float(cars.clock_s[car])
    simulator.place_at(car, distance_m, offset_m=offset_m)
    # While it is put back the car is told to stand; nothing said before may arrive late.
    simulator.variation.commands[car : car + 1] = 0.0
    cars.start_share[car] = 0.0
    cars.steps[car], cars.clock_s[car] = steps, clock + 1.0 / CONTROL_HZ
    cars.progress[car] = progress_percent
    cars.table[car, _PROGRESS] = progress_percent
    return progress_percent


def stop_in_place(simulator: Simulator, car: int) -> None:
    """Let a car that ran into another one stand where it is; the other one drives on."""
    cars = simulator.cars
    cars.state[car, 3:] = 0.0
    cars.falling[car] = cars.standing[car] = 0
    cars.clock_s[car] += 1.0 / CONTROL_HZ


def _way_to_box(simulator: Simulator, car: int, distance_m: float, length_m: float) -> float | None:
    """Way to the nearest box that is too near to a place, negative behind it; None without one."""
    objects = simulator.objects
    along_m = objects.rows[car, objects.is_solid[car] & (objects.kind == BOX), _DISTANCE]
    ways_m = (along_m - distance_m + 0.5 * length_m) % length_m - 0.5 * length_m
    if not len(ways_m) or np.abs(ways_m).min() >= CLEAR_OF_BOX_M:
        return None
    return float(ways_m[np.argmin(np.abs(ways_m))])
