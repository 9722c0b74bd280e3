"""Cars that race each other: the grid, who is at fault, and what each is told of the others."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from racecraft.domain.car import CameraSpec, CarSpec
from racecraft.domain.episode import EpisodeStatus
from racecraft.domain.errors import InvalidSpec
from racecraft.domain.obstacles import INNER, OUTER
from racecraft.domain.reward import COLUMN
from racecraft.domain.sensors import LidarSpec, Sensor
from racecraft.sim.rivals import RivalSimulator
from racecraft.tracks.library import load_track
from tests.sim.circuits import stadium
from tests.sim.roads import circle

CAR = CarSpec()
SMALL = CameraSpec(width=80, height=60)


def lined_up(cars: int = 3, **more: object) -> RivalSimulator:
    simulator = RivalSimulator([stadium()], cars, **more)  # type: ignore[arg-type]
    simulator.line_up(0)
    return simulator


def put(simulator: RivalSimulator, car: int, x: float, y: float, yaw: float = 0.0) -> None:
    simulator.cars.state[car] = 0.0
    simulator.cars.state[car, :3] = x, y, yaw
    simulator.face_each_other(car // simulator.group)


def statuses(simulator: RivalSimulator) -> list[EpisodeStatus]:
    count = simulator.num_cars
    simulator.step(np.zeros((count, 2)), 0, count)
    return [EpisodeStatus(int(status)) for status in simulator.cars.status]


def test_cars_start_in_alternating_lanes_each_further_back() -> None:
    track = stadium()
    simulator = lined_up(4)
    found = track.locate(simulator.cars.state[:, :2])
    assert found.distance_m == pytest.approx(
        [0.0, track.length_m - 0.75, track.length_m - 1.5, track.length_m - 2.25], abs=1e-6
    )
    assert found.offset_m == pytest.approx([-0.2, 0.2, -0.2, 0.2])
    assert simulator.objects.lane[0].tolist() == [INNER, OUTER, INNER]
    progress = simulator.cars.table[:, COLUMN["progress_percent"]]
    ahead = 0.14 - 0.75 * np.arange(4)
    assert progress == pytest.approx(100.0 * ahead / track.length_m, abs=1e-6)


def test_a_line_elsewhere_moves_the_whole_grid() -> None:
    simulator = RivalSimulator([circle()], 2)
    simulator.line_up(0, lap_share=0.25)
    angle = np.arctan2(simulator.cars.state[:, 1], simulator.cars.state[:, 0])
    assert angle == pytest.approx([math.pi / 2, math.pi / 2 - 0.25], abs=1e-3)
    progress = simulator.cars.table[:, COLUMN["progress_percent"]]
    assert progress[0] > 0 > progress[1]


def test_the_car_behind_is_at_fault_and_the_other_goes_on() -> None:
    length = CAR.body_length_m
    simulator = lined_up(3)
    put(simulator, 0, 1.0, 0.05)
    put(simulator, 1, 1.0 - length + 0.01, 0.0)
    put(simulator, 2, 2.0, 0.0)
    assert statuses(simulator) == [
        EpisodeStatus.IN_PROGRESS,
        EpisodeStatus.CRASHED,
        EpisodeStatus.IN_PROGRESS,
    ]
    assert [simulator.inputs.params(k)["is_crashed"] for k in range(3)] == [False, True, False]


def test_fault_is_judged_across_the_line() -> None:
    simulator = lined_up(2)
    put(simulator, 0, 0.1, 0.05)
    put(simulator, 1, 0.1 - CAR.body_length_m + 0.01, 0.0)
    assert statuses(simulator) == [EpisodeStatus.IN_PROGRESS, EpisodeStatus.CRASHED]


def test_a_car_that_waits_can_be_driven_through_until_it_is_clear() -> None:
    simulator = lined_up(2)
    put(simulator, 0, 1.0, 0.05)
    put(simulator, 1, 0.7, 0.0)
    assert not simulator.is_clear(1)
    simulator.is_solid[1] = False
    assert statuses(simulator) == [EpisodeStatus.IN_PROGRESS] * 2
    assert not simulator.is_clear(1)
    put(simulator, 0, 1.5, 0.0)
    assert simulator.is_clear(1)


def test_a_parked_car_is_beside_the_road_and_in_nobodys_way() -> None:
    simulator = lined_up(2)
    simulator.park(0)
    track = simulator.tracks[0]
    place = simulator.cars.state[0, :2]
    assert (place < np.concatenate([track.inner, track.outer]).min(0)).any()
    assert simulator.cars.status[0] == EpisodeStatus.PARK
    put(simulator, 1, *place)
    assert statuses(simulator)[1] is EpisodeStatus.OFF_TRACK


def test_each_is_told_of_the_others() -> None:
    simulator = lined_up(3)
    commands = np.tile([0.0, 1.0], (3, 1))
    for _ in range(10):
        simulator.step(commands, 0, 3)
    before = simulator.cars.state.copy()
    simulator.step(commands, 0, 3)
    for car, others in enumerate(([1, 2], [0, 2], [0, 1])):
        params = simulator.inputs.params(car)
        assert params["objects_location"] == before[others, :2].tolist()
        assert params["objects_heading"] == before[others, 2].tolist()
        assert params["objects_speed"] == before[others, 3].tolist()
        assert params["objects_left_of_center"] == [other % 2 == 1 for other in others]
        # pictures are of the moment after
        assert np.array_equal(simulator.objects.pose[car], simulator.cars.state[others, :3])
    assert simulator.inputs.params(1)["closest_objects"] == [1, 0]


def test_cars_see_each_other_with_camera_and_lidar() -> None:
    lidar = LidarSpec(kind=Sensor.LIDAR)
    simulator = RivalSimulator([stadium()], 2, camera=SMALL, lidar=lidar)
    frames, scans = np.zeros((2, 60, 80), np.uint8), np.zeros((2, 64), np.float32)
    seen = []
    for gap_m in (0.7, 50.0):
        simulator.line_up(0)
        put(simulator, 0, 1.0, 0.0)
        put(simulator, 1, 1.0 - gap_m, 0.0)
        simulator.render(frames, 0, 2)
        simulator.reseed(0, 1)
        simulator.scan(scans, 0, 2)
        seen.append((frames.copy(), scans.copy()))
    near, far = seen
    assert (np.abs(near[0][1].astype(int) - far[0][1]) > 20).sum() > 100
    assert near[1][0].min() < 0.7  # the beams look back
    assert far[1][0].min() == 1.0


def test_groups_do_not_know_of_each_other_and_threads_do_not_matter() -> None:
    def drive(groups: int, spans: list[tuple[int, int]]) -> NDArray[np.float64]:
        simulator = RivalSimulator([load_track("harbour-loop")], 3, num_groups=groups)
        for number in range(groups):
            simulator.line_up(number)
        random = np.random.default_rng(3)
        drawn = random.uniform([-0.2, 0.5], [0.2, 1.5], (100, 9, 2))
        rows = []
        with ThreadPoolExecutor(len(spans)) as pool:
            for step in range(100):
                commands = np.ascontiguousarray(drawn[step, : 3 * groups])

                def work(span: tuple[int, int], commands: NDArray = commands) -> None:
                    simulator.step(commands, *span, is_continuous=True)

                list(pool.map(work, spans))
                rows.append(np.concatenate([simulator.cars.table, simulator.cars.state], axis=1))
        return np.stack(rows)

    alone = drive(1, [(0, 3)])
    together = drive(3, [(0, 3), (3, 9)])
    assert np.array_equal(alone, together[:, :3])
    assert not np.array_equal(together[:, :3], together[:, 3:6])


def test_a_saved_state_brings_the_race_back() -> None:
    first = RivalSimulator([stadium()], 3, seed=1)
    first.line_up(0)
    commands = np.tile([0.02, 1.0], (3, 1))
    for _ in range(20):
        first.step(commands, 0, 3)
    first.is_solid[2] = False
    second = RivalSimulator([stadium()], 3, seed=2)
    second.load_state_arrays(first.state_arrays())
    for simulator in (first, second):
        for _ in range(20):
            simulator.step(commands, 0, 3)
    for name, array in first.state_arrays().items():
        assert np.array_equal(array, second.state_arrays()[name]), name


def test_what_makes_no_race_is_refused() -> None:
    with pytest.raises(InvalidSpec, match="There are 9 cars in a race; 2 to 8"):
        RivalSimulator([stadium()], 9)
    with pytest.raises(InvalidSpec, match=r"8 cars 0\.75 m apart do not fit on circle"):
        RivalSimulator([circle(1.0, 0.8)], 8)
    with pytest.raises(ValueError, match="step whole groups of 3 cars"):
        lined_up(3).step(np.zeros((3, 2)), 0, 2)
