"""How many steps a second the environments make, for each kind of race and set of sensors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.environments import (
    CARS,
    DRAWN_STEPS,
    TRACK,
    gymnasium_rate,
    rate_in_threads,
)
from benchmarks.measuring import Effort, cores
from benchmarks.table import Row
from racecraft.domain.car import CameraSpec
from racecraft.domain.obstacles import ObstacleSpec
from racecraft.domain.sensors import LidarSpec, Sensor, camera_of
from racecraft.sim.observations import make_observations
from racecraft.sim.simulator import Simulator
from racecraft.sim.time_trial import make_time_trial
from racecraft.tracks.library import load_track

RACES = {
    "time trial": "TimeTrial-v0",
    "6 boxes": "ObjectAvoidance-v0",
    "bots": "HeadToHead-v0",
}
FRONT, STEREO, LIDAR = Sensor.FRONT_FACING_CAMERA, Sensor.STEREO_CAMERAS, Sensor.LIDAR
SENSORS = ((FRONT,), (STEREO,), (FRONT, LIDAR), (STEREO, LIDAR), (LIDAR,))
"""The left camera costs what the front camera does, the LIDARs with sectors what the plain one."""
TARGETS = {("time trial", (STEREO,)): 20_000.0}
IN_VIEW_TARGET = 15_000.0
IN_VIEW_M = [(0.8, -0.3), (1.0, 0.3), (1.5, -0.2), (1.8, 0.5), (2.4, -0.6), (2.8, 0.2)]
"""Ahead of a car and to its left, where the six boxes stand that its camera always sees."""


def sensor_rows(effort: Effort) -> list[Row]:
    """Every combination through Gymnasium, then one with all boxes in the picture."""
    rows = []
    for race, name in RACES.items():
        for sensors in SENSORS:
            sample = gymnasium_rate(effort, name, _count(effort), cores(), sensors=sensors)
            rows.append(
                Row(
                    name=f"environment, {race}, {_words(sensors)}, 160x120, all cores",
                    value=sample.median,
                    unit="steps/s",
                    target=TARGETS.get((race, sensors)),
                    note=f"{sample}; {_count(effort)} cars, random actions",
                )
            )
    return [*rows, _in_view_row(effort)]


def _count(effort: Effort) -> int:
    return CARS[0] if effort.is_quick else CARS[1]


def _words(sensors: tuple[Sensor, ...]) -> str:
    return " + ".join(sensor.value for sensor in sensors)


def _in_view_row(effort: Effort) -> Row:
    """Front camera and LIDAR of cars that always have six boxes before them."""
    count = _count(effort)
    camera, lidar = camera_of((FRONT,), CameraSpec()), LidarSpec(LIDAR)
    simulator = Simulator(
        [load_track(TRACK)], count, camera=camera, lidar=lidar, obstacles=ObstacleSpec(), seed=0
    )
    design = make_time_trial(track=TRACK)
    drawn = np.random.default_rng(0).integers(design.actions.num_outputs, size=(DRAWN_STEPS, count))
    commands = np.ascontiguousarray(design.actions.command_function()(drawn))
    seen = make_observations((count,), camera, lidar)

    def drive(lo: int, hi: int) -> None:
        for step in range(DRAWN_STEPS):
            simulator.restart(lo, hi, jitter=design.start_jitter)
            simulator.step(commands[step], lo, hi)
            simulator.objects.pose[lo:hi] = _ahead_of(simulator.cars.state[lo:hi])
            simulator.observe(seen, lo, hi)
            # Nobody hits what was put before it.
            simulator.objects.pose[lo:hi, :, :2] += 1000.0

    sample = rate_in_threads(effort, drive, count, cores())
    return Row(
        name="simulator, 6 boxes in view, FRONT_FACING_CAMERA + LIDAR, 160x120, all cores",
        value=sample.median,
        unit="steps/s",
        target=IN_VIEW_TARGET,
        note=f"{sample}; {count} cars, random actions",
    )


def _ahead_of(state: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, 6, 3) poses of boxes before the cars of (N, …) states."""
    ahead, left = np.array(IN_VIEW_M).T
    yaw = state[:, 2:3]
    x = state[:, 0:1] + ahead * np.cos(yaw) - left * np.sin(yaw)
    y = state[:, 1:2] + ahead * np.sin(yaw) + left * np.cos(yaw)
    return np.stack([x, y, np.broadcast_to(yaw, x.shape)], axis=2)
