"""Cars on one track together: each sees the others, and can run into them.

The cars of a group are each other's objects. All of them are observed and judged before any of
them moves, so no car has an advantage from its number, and groups do not know of each other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.car import CameraSpec, CarSpec
from racecraft.domain.episode import CONTROL_HZ, EpisodeStatus
from racecraft.domain.errors import InvalidSpec
from racecraft.domain.obstacles import INNER, OUTER
from racecraft.domain.reward import OBJECT_COLUMNS
from racecraft.domain.sensors import LidarSpec
from racecraft.domain.track import Track
from racecraft.sim.bots import MOTION
from racecraft.sim.camera import Camera
from racecraft.sim.contacts import has_corner_inside, observe_objects
from racecraft.sim.dynamics import advance, physics_parameters
from racecraft.sim.geometry import nearest_around
from racecraft.sim.kernel import njit
from racecraft.sim.lidar import make_readout, make_scans
from racecraft.sim.moves import place_on_line
from racecraft.sim.objects import Objects, eyes_of, lane_offset_m
from racecraft.sim.rules import judge, observe
from racecraft.sim.scene import CAR
from racecraft.sim.simulator import Simulator

FEWEST, MOST = 2, 8
"""Cars of a group."""
GRID_GAP_M = 0.75
"""Each car starts so much further back than the one before it."""
PARKED_M = 1.0
"""How far outside the road the cars stand that are out of the race."""
_IN_PROGRESS = int(EpisodeStatus.IN_PROGRESS)
_LAP_COMPLETE = int(EpisodeStatus.LAP_COMPLETE)


class RivalSimulator(Simulator):
    """Groups of cars that race each other."""

    def __init__(
        self,
        tracks: Sequence[Track],
        group: int,
        *,
        num_groups: int = 1,
        **design: Any,
    ) -> None:
        """Make the cars; rows g · group to (g + 1) · group - 1 are one group.

        Args:
            tracks: distinct tracks; group g drives on track g modulo their number.
            group: cars of a group, two to eight.
            num_groups: how many groups.
            **design: `car`, `camera`, `lidar` and `seed` as in `Simulator`.

        Raises:
            InvalidSpec: the cars do not fit on a track.
        """
        if not FEWEST <= group <= MOST:
            raise InvalidSpec(
                f"There are {group} cars in a race; {FEWEST} to {MOST} can race each other."
            )
        for track in tracks:
            if track.length_m < (group + 1) * GRID_GAP_M:
                raise InvalidSpec(
                    f"{group} cars {GRID_GAP_M:g} m apart do not fit on {track.name} "
                    f"({track.length_m:.1f} m); let fewer cars race, or choose a longer track."
                )
        count = num_groups * group
        super().__init__(tracks, count, **design)
        self.group = group
        self.cars.track[:] = np.arange(count) // group % len(self.tracks)
        self.cars.start_share[:] = 0.0
        self.objects = _make_rivals(count, group - 1, self.camera_spec)
        self.layout = self.layout._replace(bots=self.layout.bots._replace(first=group - 1))
        self.is_solid: NDArray[np.bool_] = np.ones(count, np.bool_)
        """(N,) whether others can run into the car, and it into them."""
        self._physics_of = np.tile(np.array(self.physics), (count, 1))

    def set_tyres(self, row: int, car: CarSpec) -> None:
        """Let one car drive with grip and response of another design of the same shape.

        Raises:
            InvalidSpec: it differs in more than these.
        """
        same = {"grip": self.car.grip, "response": self.car.response}
        if car.model_copy(update=same) != self.car:
            raise InvalidSpec(
                "The cars of a race differ in more than grip and response; let models of the same "
                "shape of car race each other."
            )
        self._physics_of[row] = physics_parameters(car)

    def seen_with(self, camera: CameraSpec | None, lidar: LidarSpec | None) -> RivalSimulator:
        """The same cars in the same world, seen with other sensors.

        Cars and objects are shared; only one of the two may read the LIDAR of a car.
        """
        view = copy(self)
        view.camera_spec, view.lidar_spec = camera, lidar
        view.camera = Camera(camera, self.tracks) if camera else None
        view.scans = make_scans(self.num_cars if lidar else 0)
        view._readout = make_readout(lidar or LidarSpec())
        return view

    def line_up(self, number: int, *, lap_share: float = 0.0) -> None:
        """Put one group on its grid: alternating lanes, each car 0.75 m further back.

        The first car stands at the line in the outer lane. Progress counts from the line for all
        of them, so for those behind it begins a little below 0.

        Args:
            number: which group.
            lap_share: where the line is, as a share of the lap.
        """
        rows = self._rows_of(number)
        self.is_solid[rows] = True
        for place, car in enumerate(rows):
            track = self.cars.track[car]
            length_m = self.pack.length_m[track]
            self.cars.start_share[car] = lap_share % 1.0
            along_m = (lap_share * length_m - place * GRID_GAP_M) % length_m
            lane = INNER if place % 2 else OUTER
            offset_m = lane_offset_m(self.pack, track, along_m, lane)
            place_on_line(self.cars, self.pack, self.size, car, (along_m, offset_m, 0.0))
        self.face_each_other(number)
        for car in rows:
            bots = self.layout.bots
            observe_objects(self.cars, self.pack, self.objects, bots, car, self.size)

    def face_each_other(self, number: int) -> None:
        """Tell the cars of a group anew where the others are, after one was placed by hand."""
        first = number * self.group
        _face(self.cars, self.pack, self.objects, self.is_solid, (first, self.group), True)

    def park(self, car: int) -> None:
        """Put a car that is out of the race beside the road, where it is in nobody's way."""
        track = self.tracks[self.cars.track[car]]
        corner = np.concatenate([track.inner, track.outer]).min(0)
        place = car % self.group
        self.cars.state[car] = 0.0
        self.cars.state[car, :2] = corner - PARKED_M + (0.5 * place, 0.0)
        self.cars.status[car] = EpisodeStatus.PARK
        self.is_solid[car] = False
        self.face_each_other(car // self.group)

    def is_clear(self, car: int) -> bool:
        """Whether a car touches no other one that can be run into."""
        return bool(_is_clear(self.cars, self.is_solid, self.size, self.group, car))

    def step(
        self,
        commands: NDArray[np.float64],
        lo: int,
        hi: int,
        *,
        interval_jitter: float = 0.0,
        is_continuous: bool = False,
    ) -> None:
        """As in `Simulator`, for whole groups and without jitter.

        Raises:
            ValueError: the rows cut through a group, or jitter was asked for.
        """
        if lo % self.group or hi % self.group or interval_jitter:
            raise ValueError(
                f"Rows {lo} to {hi} with a jitter of {interval_jitter:g} were asked for; step "
                f"whole groups of {self.group} cars, without jitter."
            )
        self.step_rows(commands, np.arange(lo, hi), is_continuous=is_continuous)

    def step_rows(
        self,
        commands: NDArray[np.float64],
        rows: NDArray[np.int64],
        *,
        is_continuous: bool = False,
    ) -> None:
        """One decision of chosen cars; those of their groups that are left out stand still.

        Args:
            commands: (N, 2) steering (rad) and speed (m/s).
            rows: which cars, in rising order.
            is_continuous: a completed lap does not end the episode.
        """
        if not len(rows):
            return
        groups = range(int(rows[0]) // self.group, int(rows[-1]) // self.group + 1)
        spans = [(number * self.group, self.group) for number in groups]
        for span in spans:
            _face(self.cars, self.pack, self.objects, self.is_solid, span, True)
        design = (self.size, self._physics_of, is_continuous, self.objects, self.layout.bots)
        _step_together(self.cars, self.pack, design, commands, rows)
        for span in spans:
            _face(self.cars, self.pack, self.objects, self.is_solid, span, False)

    def _rows_of(self, number: int) -> range:
        return range(number * self.group, (number + 1) * self.group)

    def _changing(self) -> dict[str, NDArray[Any]]:
        return {**super()._changing(), "is_solid": self.is_solid}


def _make_rivals(count: int, others: int, camera: CameraSpec | None) -> Objects:
    """The others of N cars, not placed yet."""
    return Objects(
        pose=np.zeros((count, others, 3)),
        lane=np.zeros((count, others), np.int64),
        rows=np.zeros((count, others, len(OBJECT_COLUMNS))),
        motion=np.zeros((count, others, MOTION)),
        is_solid=np.ones((count, others), np.bool_),
        kind=np.full(others, CAR),
        eyes_left_m=eyes_of(camera),
    )


@njit(cache=True, nogil=True)
def _face(cars: Any, pack: Any, objects: Any, is_solid: Any, span: Any, tells: bool) -> None:
    """Set where the cars of one group are for each other.

    Args:
        cars: the Cars.
        pack: the TrackPack.
        objects: the Objects of all cars, the others of its group in rising order.
        is_solid: (N,) which cars can be run into.
        span: (first row, number of cars).
        tells: fill what reward functions are told, too.
    """
    first, group = span
    for other in range(first, first + group):
        state, track = cars.state[other], cars.track[other]
        along, square, side = 0.0, 0.0, 0.0
        if tells:
            i, share, square, side = nearest_around(
                pack, track, cars.table[other, 4], state[0], state[1]
            )
            along = pack.cumulative_m[i] + share * (pack.cumulative_m[i + 1] - pack.cumulative_m[i])
        for car in range(first, first + group):
            if car == other:
                continue
            k = other - first if other < car else other - first - 1
            for axis in range(3):
                objects.pose[car, k, axis] = state[axis]
            objects.is_solid[car, k] = is_solid[car] and is_solid[other]
            if tells:
                row = objects.rows[car, k]
                row[0], row[1], row[2], row[3] = state[0], state[1], state[2], state[3]
                row[4], row[5], row[6] = along, math.sqrt(square), side > 0.0
                is_inner = (side > 0.0) == pack.is_counter_clockwise[track]
                objects.lane[car, k] = INNER if is_inner else OUTER


@njit(cache=True, nogil=True)
def _step_together(cars: Any, pack: Any, design: Any, commands: Any, rows: Any) -> None:
    """Observe and judge all cars, and only then move those whose episode goes on."""
    size, physics, is_continuous, objects, bots = design
    interval = 1.0 / CONTROL_HZ
    for car in rows:
        cars.steps[car] += 1
        wheels = observe(cars, pack, size, car, commands[car, 0], commands[car, 1])
        observe_objects(cars, pack, objects, bots, car, size)
        judge(cars, car, wheels)
    for car in rows:
        status = cars.status[car]
        if status == _IN_PROGRESS or (is_continuous and status == _LAP_COMPLETE):
            command, p = (commands[car, 0], commands[car, 1]), physics[car]
            own = (p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8], p[9], p[10])
            advance(cars.state, car, command, interval, own)
            cars.clock_s[car] += interval


@njit(cache=True, nogil=True)
def _is_clear(cars: Any, is_solid: Any, size: Any, group: int, car: int) -> bool:
    first, half = car // group * group, (size[5], size[6])
    for other in range(first, first + group):
        if other == car or not is_solid[other]:
            continue
        a, b = cars.state[car], cars.state[other]
        if has_corner_inside(a, half, b, half) or has_corner_inside(b, half, a, half):
            return False
    return True
