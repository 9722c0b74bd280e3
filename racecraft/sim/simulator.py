"""N cars at once, each alone on its track: place them, step them, look through their cameras.

Rows are independent: a car's results depend on its own stream and actions only, never on how
many others there are or how the rows are split over threads. All kernels release the
interpreter lock, so that threads can each drive a range of rows (`lo`, `hi`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.car import CameraSpec, CarSpec
from racecraft.domain.episode import CONTROL_HZ, EpisodeStatus
from racecraft.domain.reward import RewardInputs
from racecraft.domain.track import Track
from racecraft.sim.camera import Camera
from racecraft.sim.dynamics import advance, physics_parameters
from racecraft.sim.geometry import nearest, pack_tracks, point_at
from racecraft.sim.kernel import njit
from racecraft.sim.rules import Cars, judge, make_cars, observe, place
from racecraft.sim.streams import make_streams, next_uniform

START_ADVANCE = 0.05
"""Share of the lap by which the start moves on after each training episode."""
_PREPARE = int(EpisodeStatus.PREPARE)
_IN_PROGRESS = int(EpisodeStatus.IN_PROGRESS)
_LAP_COMPLETE = int(EpisodeStatus.LAP_COMPLETE)


class Simulator:
    """A batch of cars."""

    def __init__(
        self,
        tracks: Sequence[Track],
        num_cars: int,
        *,
        car: CarSpec | None = None,
        camera: CameraSpec | None = None,
        seed: int = 0,
    ) -> None:
        """Make cars; car i drives on track i modulo the number of tracks.

        Args:
            tracks: distinct tracks (a direction counts as its own track).
            num_cars: N.
            car: the car design.
            camera: what `render` draws; None for none.
            seed: start of all random streams.
        """
        self.tracks = tuple(tracks)
        self.num_cars = num_cars
        self.car = car or CarSpec()
        self.camera_spec = camera
        self.camera = Camera(camera, self.tracks) if camera else None
        self.pack = pack_tracks(self.tracks)
        self.physics = physics_parameters(self.car)
        rear, front = self.car.wheel_x_m
        self.size = (self.car.nose_m, rear, front, *self.car.wheel_y_m)
        self.cars: Cars = make_cars(num_cars)
        self.cars.streams[:] = make_streams(seed, num_cars)
        self.cars.track[:] = np.arange(num_cars) % len(self.tracks)
        # Each car has a round robin of its own; together they begin spread over the lap.
        self.cars.start_share[:] = (np.arange(num_cars) * START_ADVANCE) % 1.0

    @property
    def inputs(self) -> RewardInputs:
        """Reward inputs of the newest step of every car."""
        return RewardInputs(self.cars.table, self.tracks, self.cars.track)

    def place_at(
        self,
        car: int,
        distance_m: float,
        *,
        offset_m: float = 0.0,
        turn_rad: float = 0.0,
    ) -> None:
        """Put a car at rest on the track; progress counts from `distance_m`.

        Args:
            car: the row.
            distance_m: arc length of the centre-line point at the car's origin.
            offset_m: sideways displacement, left is positive.
            turn_rad: heading against the centre line.
        """
        track = self.cars.track[car]
        self.cars.start_share[car] = (distance_m / self.pack.length_m[track]) % 1.0
        _place_on_line(self.cars, self.pack, self.size, car, (distance_m, offset_m, turn_rad))

    def restart(self, lo: int, hi: int, *, jitter: float, advances: bool = True) -> None:
        """Begin a new training episode for the cars of rows lo..hi-1 that are not in one.

        Args:
            lo: first row.
            hi: one past the last row.
            jitter: starts are displaced by up to this share of the half width, and turned by
                up to half as many radians.
            advances: move the start on by `START_ADVANCE` of the lap first.
        """
        step = START_ADVANCE if advances else 0.0
        _restart(self.cars, self.pack, self.size, (jitter, step), lo, hi)

    def step(
        self,
        commands: NDArray[np.float64],
        lo: int,
        hi: int,
        *,
        interval_jitter: float = 0.0,
        is_continuous: bool = False,
    ) -> None:
        """One decision: observe, judge, and move the cars whose episode goes on.

        Args:
            commands: (N, 2) steering (rad) and speed (m/s).
            lo: first row.
            hi: one past the last row.
            interval_jitter: share by which each control period varies at random.
            is_continuous: a completed lap does not end the episode.
        """
        rules = (1.0 / CONTROL_HZ, interval_jitter, 1.0 if is_continuous else 0.0)
        _step(self.cars, self.pack, (self.size, self.physics, rules), commands, lo, hi)

    def step_rows(self, commands: NDArray[np.float64], rows: NDArray[np.int64]) -> None:
        """`step` for chosen rows, without jitter."""
        rules = (1.0 / CONTROL_HZ, 0.0, 0.0)
        _step_rows(self.cars, self.pack, (self.size, self.physics, rules), commands, rows)

    def render(self, out: NDArray[np.uint8], lo: int, hi: int) -> None:
        """Draw the camera pictures of rows lo..hi-1 into `out` (N, H, W[, 3])."""
        if self.camera is None:
            raise ValueError("This simulator was made without a camera.")
        self.camera.render(self.cars.state, self.cars.track, out, lo, hi)

    def state_arrays(self) -> dict[str, NDArray[Any]]:
        """Copies of all that changes, for a checkpoint."""
        return {name: getattr(self.cars, name).copy() for name in Cars._fields}

    def load_state_arrays(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take over what `state_arrays` gave.

        Raises:
            ValueError: the arrays are of another number of cars.
        """
        for name in Cars._fields:
            own, given = getattr(self.cars, name), arrays[name]
            if own.shape != given.shape:
                raise ValueError(f"{name} has the shape {given.shape} instead of {own.shape}")
            own[...] = given


@njit(cache=True, nogil=True)
def _place_on_line(cars: Any, pack: Any, size: Any, car: int, where: Any) -> None:
    distance_m, offset_m, turn_rad = where
    x, y, heading = point_at(pack, cars.track[car], distance_m)
    pose = (x - offset_m * np.sin(heading), y + offset_m * np.cos(heading), heading + turn_rad)
    cars.clock_s[car] += 1.0 / CONTROL_HZ
    place(cars, pack, size, car, pose)
    # The prepare row lasts one control period, in which the car stands.
    cars.clock_s[car] += 1.0 / CONTROL_HZ


@njit(cache=True, nogil=True)
def _half_width(pack: Any, track: int, distance_m: float) -> float:
    """From the centre line to the nearer border, at an arc length."""
    lo, hi = pack.first[track], pack.first[track + 1]
    x, y, _ = point_at(pack, track, distance_m)
    _, _, inner = nearest(pack.lines[2], pack.lines[3], lo, hi, x, y)
    _, _, outer = nearest(pack.lines[4], pack.lines[5], lo, hi, x, y)
    return math.sqrt(min(inner, outer))


@njit(cache=True, nogil=True)
def _restart(cars: Any, pack: Any, size: Any, how: Any, lo: int, hi: int) -> None:
    jitter, step = how
    for car in range(lo, hi):
        is_waiting = cars.status[car] == _PREPARE and cars.steps[car] == 1
        if cars.status[car] == _IN_PROGRESS or is_waiting:
            continue
        cars.start_share[car] = (cars.start_share[car] + step) % 1.0
        track = cars.track[car]
        distance_m = cars.start_share[car] * pack.length_m[track]
        offset_m = turn_rad = 0.0
        if jitter > 0.0:
            half_m = _half_width(pack, track, distance_m)
            offset_m = (2.0 * next_uniform(cars.streams, car) - 1.0) * half_m * jitter
            turn_rad = (next_uniform(cars.streams, car) - 0.5) * jitter
        _place_on_line(cars, pack, size, car, (distance_m, offset_m, turn_rad))


@njit(cache=True, nogil=True)
def _step(cars: Any, pack: Any, design: Any, commands: Any, lo: int, hi: int) -> None:
    for car in range(lo, hi):
        _step_car(cars, pack, design, car, (commands[car, 0], commands[car, 1]))


@njit(cache=True, nogil=True)
def _step_rows(cars: Any, pack: Any, design: Any, commands: Any, rows: Any) -> None:
    for car in rows:
        _step_car(cars, pack, design, car, (commands[car, 0], commands[car, 1]))


@njit(cache=True, nogil=True)
def _step_car(cars: Any, pack: Any, design: Any, car: int, command: Any) -> None:
    size, physics, rules = design
    interval, interval_jitter, is_continuous = rules
    if interval_jitter > 0.0:
        interval *= 1.0 + interval_jitter * (2.0 * next_uniform(cars.streams, car) - 1.0)
    cars.steps[car] += 1
    wheels = observe(cars, pack, size, car, command[0], command[1])
    judge(cars, car, wheels)
    status = cars.status[car]
    if status == _IN_PROGRESS or (is_continuous > 0.0 and status == _LAP_COMPLETE):
        advance(cars.state, car, command, interval, physics)
        cars.clock_s[car] += interval
