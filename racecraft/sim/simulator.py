"""N cars at once, each alone with its boxes and bots: place them, step them, see what they see.

Rows are independent: a car's results depend on its own stream and actions only, never on how
many others there are or how the rows are split over threads. All kernels release the
interpreter lock, so that threads can each drive a range of rows (`lo`, `hi`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.bots import BotSpec
from racecraft.domain.car import CameraSpec, CarSpec
from racecraft.domain.episode import CONTROL_HZ
from racecraft.domain.obstacles import ObstacleSpec
from racecraft.domain.randomisation import RandomisationSpec
from racecraft.domain.reward import RewardInputs
from racecraft.domain.sensors import LidarSpec
from racecraft.domain.track import Track
from racecraft.sim.bots import drive_bots
from racecraft.sim.camera import Camera
from racecraft.sim.dynamics import physics_parameters
from racecraft.sim.geometry import pack_tracks
from racecraft.sim.lidar import NEVER, make_readout, make_scans, scan_cars
from racecraft.sim.moves import place_clear, restart_cars, step_chosen, step_span
from racecraft.sim.objects import (
    Objects,
    make_layout,
    make_objects,
    place_objects,
)
from racecraft.sim.observations import Observations
from racecraft.sim.rules import Cars, make_cars
from racecraft.sim.scene import Things
from racecraft.sim.streams import make_streams
from racecraft.sim.variation import (
    CHANGING,
    Variation,
    make_variation,
    variation_streams,
    vary,
)

START_ADVANCE = 0.05
"""Share of the lap by which the start moves on after each training episode."""


class World(TypedDict, total=False):
    """What the cars of a simulation meet; what is left out is not there."""

    obstacles: ObstacleSpec | None
    """The boxes on the road. Every car meets its own."""
    bots: BotSpec | None
    """The bot cars on the road. Every car meets its own."""
    randomisation: RandomisationSpec | None
    """What is drawn anew for each episode."""


class Simulator:
    """A batch of cars."""

    def __init__(
        self,
        tracks: Sequence[Track],
        num_cars: int,
        *,
        car: CarSpec | None = None,
        camera: CameraSpec | None = None,
        lidar: LidarSpec | None = None,
        seed: int = 0,
        **world: Unpack[World],
    ) -> None:
        """Make cars; car i drives on track i modulo the number of tracks.

        Args:
            tracks: distinct tracks (a direction counts as its own track).
            num_cars: N.
            car: the car design.
            camera: what `render` draws; None for none.
            lidar: what `scan` gives; None for none.
            seed: start of all random streams.
            **world: what the cars meet, as in `World`.

        Raises:
            InvalidSpec: the boxes or the bots do not fit on a track.
        """
        self.tracks = tuple(tracks)
        self.num_cars = num_cars
        self.car = car or CarSpec()
        self.camera_spec = camera
        randomisation = world.get("randomisation")
        self.camera = Camera(camera, self.tracks, randomisation) if camera else None
        self.lidar_spec = lidar
        self.scans = make_scans(num_cars if lidar else 0)
        self._readout = make_readout(lidar or LidarSpec())
        self.pack = pack_tracks(self.tracks)
        self.physics = physics_parameters(self.car)
        rear, front = self.car.wheel_x_m
        body = (0.5 * self.car.body_length_m, 0.5 * self.car.body_width_m)
        self.size = (self.car.nose_m, rear, front, *self.car.wheel_y_m, *body)
        obstacles, bots = world.get("obstacles"), world.get("bots")
        self.layout = make_layout(self.tracks, obstacles, bots)
        self.objects: Objects = make_objects(num_cars, obstacles, bots, camera)
        self.cars: Cars = make_cars(num_cars)
        self.cars.streams[:] = make_streams(seed, num_cars)
        self.cars.track[:] = np.arange(num_cars) % len(self.tracks)
        self.variation: Variation = make_variation(num_cars, randomisation, seed)
        # Each car has a round robin of its own; those of a track begin spread over its lap.
        turn = self.cars.track + np.arange(num_cars) // len(self.tracks)
        self.cars.start_share[:] = (turn * START_ADVANCE) % 1.0

    @property
    def inputs(self) -> RewardInputs:
        """Reward inputs of the newest step of every car."""
        return RewardInputs(self.cars.table, self.tracks, self.cars.track, self.objects.rows)

    @property
    def has_objects(self) -> bool:
        """Whether anything is on the road besides the cars."""
        return bool(self.objects.lane.shape[1])

    def reseed(self, car: int, seed: int) -> None:
        """Give a car fresh random streams and a fresh clock, as if it had never driven."""
        self.cars.streams[car] = make_streams(seed, 1)[0]
        self.cars.clock_s[car] = 0.0
        self.scans.number[car : car + 1] = NEVER
        self.variation.streams[car : car + 1] = variation_streams(seed, 1)

    def vary(self, car: int) -> None:
        """Draw anew what is randomised, as at the start of a training episode."""
        vary(self.variation, car)

    def place_objects(self, car: int) -> None:
        """Put the boxes and bots of one car where they are at the start of its next episode."""
        place_objects(self.cars, self.pack, self.objects, self.layout, car)

    def place_at(
        self,
        car: int,
        distance_m: float,
        *,
        offset_m: float = 0.0,
        turn_rad: float = 0.0,
    ) -> None:
        """Put a car at rest on the track; progress counts from `distance_m`.

        Within 1 m of a box or bot it is put into the other lane, displaced away from that and half
        as far, and turned half as much.

        Args:
            car: the row.
            distance_m: arc length of the centre-line point at the car's origin.
            offset_m: sideways displacement, left is positive.
            turn_rad: heading against the centre line.
        """
        track = self.cars.track[car]
        self.cars.start_share[car] = (distance_m / self.pack.length_m[track]) % 1.0
        where = (distance_m, offset_m, turn_rad)
        place_clear(self.cars, self.pack, self._world, car, where)

    def pass_time(self, car: int) -> None:
        """Let the bots of a car that waits drive on for one control period."""
        half_length, half_width = self.size[5:]
        how = (1.0 / CONTROL_HZ, half_length, half_width)
        drive_bots(self.cars, self.pack, self.objects, self.layout.bots, car, how)

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
        restart_cars(self.cars, self.pack, self._world, (jitter, step), lo, hi)

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
        design = (self.size, self.physics, rules, self.objects, self.layout.bots, self.variation)
        step_span(self.cars, self.pack, design, commands, lo, hi)

    def step_rows(self, commands: NDArray[np.float64], rows: NDArray[np.int64]) -> None:
        """`step` for chosen rows, without jitter."""
        rules = (1.0 / CONTROL_HZ, 0.0, 0.0)
        design = (self.size, self.physics, rules, self.objects, self.layout.bots, self.variation)
        step_chosen(self.cars, self.pack, design, commands, rows)

    def observe(self, out: Observations, lo: int, hi: int) -> None:
        """Fill what rows lo..hi-1 see: pictures where `out` has room for them, and so on."""
        if out.frames is not None:
            self.render(out.frames, lo, hi)
        if out.scans is not None:
            self.scan(out.scans, lo, hi)

    def observe_rows(self, rows: NDArray[np.int64], out: Observations) -> None:
        """Fill the first places of `out` with what chosen rows see."""
        if out.frames is not None:
            self.render_rows(rows, out.frames)
        if out.scans is not None:
            self.scan_rows(rows, out.scans)

    def render(self, out: NDArray[np.uint8], lo: int, hi: int) -> None:
        """Draw the camera pictures of rows lo..hi-1 into `out` (N, H, W[, C])."""
        if self.camera is None:
            raise ValueError("This simulator was made without a camera.")
        camera = self.camera.varied(self.variation.values)
        things = Things(self.objects.pose, self.objects.kind)
        camera.render(self.cars.state, self.cars.track, out, lo, hi, things)

    def render_rows(self, rows: NDArray[np.int64], out: NDArray[np.uint8]) -> None:
        """Draw the pictures of chosen rows into the first places of `out`."""
        if self.camera is None:
            raise ValueError("This simulator was made without a camera.")
        state, track = self.cars.state[rows], self.cars.track[rows]
        camera = self.camera
        if len(self.variation.values):
            camera = camera.varied(self.variation.values[rows])
        things = Things(self.objects.pose[rows], self.objects.kind)
        camera.render(state, track, out, 0, len(rows), things)

    def scan(self, out: NDArray[np.float32], lo: int, hi: int) -> None:
        """Read the LIDARs of rows lo..hi-1 into `out` (N, L)."""
        self.scan_rows(np.arange(lo, hi), out[lo:hi])

    def scan_rows(self, rows: NDArray[np.int64], out: NDArray[np.float32]) -> None:
        """Read the LIDARs of chosen rows into the first places of `out`.

        Reading again before the next scan is due gives the same again, and draws no random
        numbers.
        """
        if self.lidar_spec is None:
            raise ValueError("This simulator was made without a LIDAR.")
        scan_cars(self.cars, self.objects, self.scans, self._readout, rows, out)

    def state_arrays(self) -> dict[str, NDArray[Any]]:
        """Copies of all that changes, for a checkpoint."""
        return {name: array.copy() for name, array in self._changing().items()}

    def load_state_arrays(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take over what `state_arrays` gave.

        Raises:
            ValueError: the arrays are of another number of cars, boxes or bots.
        """
        for name, own in self._changing().items():
            given = arrays[name]
            if own.shape != given.shape:
                raise ValueError(f"{name} has the shape {given.shape} instead of {own.shape}")
            own[...] = given

    def _changing(self) -> dict[str, NDArray[Any]]:
        changing = dict(self.cars._asdict())
        objects, names = self.objects._asdict(), ["pose", "lane", "rows"]
        if len(objects["kind"]) > self.layout.bots.first:
            names.append("motion")
        if self.has_objects:
            changing |= {f"objects_{name}": objects[name] for name in names}
        if self.lidar_spec is not None:
            changing |= {f"scans_{k}": v for k, v in self.scans._asdict().items()}
        if len(self.variation.values):
            changing |= {f"variation_{k}": getattr(self.variation, k) for k in CHANGING}
        return changing

    @property
    def _world(self) -> Any:
        return self.size, self.objects, self.layout, self.variation
