"""The LIDAR: closed forms, a slow ray caster that shares no code with it, its clock and noise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from racecraft.domain.car import CameraSpec
from racecraft.domain.obstacles import ObstacleSpec
from racecraft.domain.sensors import LidarConfig, LidarSpec, Sensor, beam_angle_rad
from racecraft.sim.lidar import measure
from racecraft.sim.scene import BOX, CAR
from racecraft.sim.simulator import Simulator
from racecraft.sim.vector_env import ObjectAvoidanceVectorEnv
from tests.sim.circuits import stadium

MOUNT_M = 0.02913
HALF_STEP_RAD = 0.5 * 2 * 2.61799 / 63
"""From straight back to the beams 31 and 32 beside it."""
HALF_LENGTH_M, HALF_WIDTH_M = 0.2, 0.15
KINDS = [Sensor.LIDAR, Sensor.SECTOR_LIDAR, Sensor.DISCRETIZED_SECTOR_LIDAR]


def ranges(
    boxes: list[list[float]],
    car: tuple[float, float, float] = (0.0, 0.0, 0.0),
    kind: int = BOX,
) -> NDArray:
    out = np.zeros(64)
    poses = np.array(boxes, float).reshape(-1, 3)
    measure(np.array([*car, 0.0]), poses, np.full(len(poses), kind), out)
    return out


def slow_range(
    beam: int, boxes: list[list[float]], car: tuple[float, float, float] = (0.0, 0.0, 0.0)
) -> float:
    """The nearest crossing of a beam with any of the four sides of any box."""
    eye = np.array([car[0] + MOUNT_M * math.cos(car[2]), car[1] + MOUNT_M * math.sin(car[2])])
    angle = car[2] + beam_angle_rad(beam)
    ray = np.array([math.cos(angle), math.sin(angle)])
    best = 12.0
    for x, y, yaw in boxes:
        ahead = np.array([math.cos(yaw), math.sin(yaw)])
        left = np.array([-math.sin(yaw), math.cos(yaw)])
        middle = np.array([x, y])
        if abs((eye - middle) @ ahead) <= 0.2 and abs((eye - middle) @ left) <= 0.15:
            return 0.0
        corners = [
            middle + a * 0.2 * ahead + b * 0.15 * left
            for a, b in ((1, 1), (-1, 1), (-1, -1), (1, -1))
        ]
        for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
            matrix = np.array([ray, start - end]).T
            if abs(np.linalg.det(matrix)) < 1e-12:
                continue
            distance, share = np.linalg.solve(matrix, start - eye)
            if distance >= 0 and 0 <= share <= 1:
                best = min(best, distance)
    return best


def test_a_car_is_smaller_than_a_box() -> None:
    behind = [[-1.0, 0.0, 0.0]]
    for kind, half_m in ((BOX, 0.2), (CAR, 0.16176)):
        nearest = ranges(behind, kind=kind).min()
        assert nearest == pytest.approx((1.0 + MOUNT_M - half_m) / math.cos(HALF_STEP_RAD))
    assert (ranges(behind, kind=CAR) < 12.0).sum() < (ranges(behind) < 12.0).sum()


def test_a_box_straight_behind_is_as_far_as_its_near_side() -> None:
    found = ranges([[-1.0, 0.0, 0.0]])
    expected = (1.0 - HALF_LENGTH_M + MOUNT_M) / math.cos(HALF_STEP_RAD)
    assert found[[31, 32]].tolist() == pytest.approx([expected, expected])


def test_a_box_turned_by_a_right_angle_shows_its_other_side() -> None:
    found = ranges([[-1.0, 0.0, math.pi / 2]])
    assert found[31] == pytest.approx((1.0 - HALF_WIDTH_M + MOUNT_M) / math.cos(HALF_STEP_RAD))


def test_a_box_at_an_angle_is_met_by_the_beam_that_points_at_it() -> None:
    beam = 20
    angle = beam_angle_rad(beam)
    middle = [MOUNT_M + 2.0 * math.cos(angle), 2.0 * math.sin(angle)]
    found = ranges([[*middle, angle]])
    assert found[beam] == pytest.approx(2.0 - HALF_LENGTH_M)
    assert (found[: beam - 3] == 12.0).all()
    assert (found[beam + 4 :] == 12.0).all()


def test_the_first_beam_points_thirty_degrees_to_the_left_of_ahead() -> None:
    angle = math.radians(30.0)
    left = ranges([[MOUNT_M + math.cos(angle), math.sin(angle), angle]])
    right = ranges([[MOUNT_M + math.cos(angle), -math.sin(angle), -angle]])
    assert left[0] == pytest.approx(1.0 - HALF_LENGTH_M, abs=1e-4)
    assert right[63] == pytest.approx(1.0 - HALF_LENGTH_M, abs=1e-4)
    assert left[63] == right[0] == 12.0


def test_a_box_straight_ahead_is_in_the_blind_sector() -> None:
    assert (ranges([[1.5, 0.0, 0.0]]) == 12.0).all()


def test_a_nearer_box_hides_a_farther_one_whatever_their_order() -> None:
    near, far = [-1.0, 0.0, 0.0], [-2.0, 0.1, 0.3]
    assert ranges([near, far])[31] == ranges([far, near])[31] == ranges([near])[31]
    assert ranges([far])[31] > ranges([near])[31] + 0.5


def test_a_box_out_of_range_is_not_seen() -> None:
    angle = beam_angle_rad(31)
    seen, unseen = (
        ranges([[MOUNT_M + far * math.cos(angle), far * math.sin(angle), angle]])
        for far in (12.1, 12.3)
    )
    assert seen[31] == pytest.approx(11.9)
    assert (unseen == 12.0).all()


def test_a_lidar_inside_a_box_measures_nothing_but_zero() -> None:
    assert (ranges([[0.0, 0.0, 0.4]]) == 0.0).all()


@settings(max_examples=150, deadline=None)
@given(
    car=st.tuples(st.floats(-3, 3), st.floats(-3, 3), st.floats(-4, 4)),
    boxes=st.lists(
        st.tuples(st.floats(-6, 6), st.floats(-6, 6), st.floats(-4, 4)).map(list), max_size=5
    ),
)
def test_ranges_are_those_of_a_slow_obvious_ray_caster(
    car: tuple[float, float, float], boxes: list[list[float]]
) -> None:
    found = ranges(boxes, car)
    for beam in range(64):
        # A beam that just touches a corner may be a hit here and a miss there.
        near = [slow_range(beam, boxes, (car[0], car[1], car[2] + e)) for e in (-1e-7, 0, 1e-7)]
        assert min(near) - 1e-4 <= found[beam] <= max(near) + 1e-4


def world(
    kind: Sensor = Sensor.LIDAR,
    cars: int = 3,
    config: LidarConfig | None = None,
    boxes: int = 6,
    seed: int = 0,
) -> Simulator:
    simulator = Simulator(
        [stadium()],
        cars,
        lidar=LidarSpec(kind, config or LidarConfig()),
        obstacles=ObstacleSpec(count=boxes),
        seed=seed,
    )
    simulator.restart(0, cars, jitter=0.3)
    return simulator


def values(simulator: Simulator) -> NDArray[np.float32]:
    assert simulator.lidar_spec is not None
    out = np.zeros((simulator.num_cars, simulator.lidar_spec.num_values), np.float32)
    simulator.scan(out, 0, simulator.num_cars)
    return out


def put_box(simulator: Simulator, behind_m: float) -> None:
    """The near side of the first box of car 0 straight behind its LIDAR; the others far away."""
    x, y, yaw = simulator.cars.state[0, :3]
    simulator.objects.pose[0, :, :2] = 1000.0
    away = MOUNT_M - behind_m - HALF_LENGTH_M
    simulator.objects.pose[0, 0] = x + away * math.cos(yaw), y + away * math.sin(yaw), yaw
    simulator.scans.number[:] = -1


def test_the_plain_lidar_gives_metres_up_to_one() -> None:
    simulator = world()
    put_box(simulator, 0.7)
    found = values(simulator)[0]
    assert found[31] == pytest.approx(0.7, abs=0.06)
    assert found[0] == 1.0
    put_box(simulator, 0.02)
    assert values(simulator)[0, 31] == np.float32(0.15)


def test_a_sector_is_one_when_something_in_it_is_nearer_than_half_a_metre() -> None:
    simulator = world(Sensor.SECTOR_LIDAR)
    put_box(simulator, 0.4)
    assert values(simulator)[0].tolist() == [0, 0, 0, 1, 1, 0, 0, 0]
    put_box(simulator, 0.6)
    assert not values(simulator)[0].any()


def test_a_discretized_sector_marks_the_step_of_its_nearest_distance() -> None:
    simulator = world(Sensor.DISCRETIZED_SECTOR_LIDAR)
    put_box(simulator, 1.1)  # in the fifth step of 0.25 m
    found = values(simulator)[0].reshape(8, 8)
    assert np.argwhere(found).tolist() == [[3, 4], [4, 4]]
    put_box(simulator, 2.1)
    assert not values(simulator)[0].any()


def test_sectors_steps_and_clipping_distance_can_be_chosen() -> None:
    config = LidarConfig(num_sectors=2, num_values_per_sector=3, clipping_dist_m=3.0)
    simulator = world(Sensor.DISCRETIZED_SECTOR_LIDAR, config=config)
    put_box(simulator, 2.5)
    assert values(simulator)[0].tolist() == [0, 0, 1, 0, 0, 1]


def test_the_noise_has_its_deviation_and_leaves_what_is_not_hit_alone() -> None:
    simulator = world(cars=1)
    drawn = []
    for _ in range(1000):
        put_box(simulator, 0.7)
        drawn.append(values(simulator)[0, 31])
        assert simulator.scans.ranges_m[0, 0] == 12.0
    exact = 0.7 / math.cos(HALF_STEP_RAD)
    assert np.mean(drawn) == pytest.approx(exact, abs=4 * 0.01 / math.sqrt(1000))
    assert np.std(drawn) == pytest.approx(0.01, rel=0.1)


def test_two_of_three_decisions_see_a_new_scan() -> None:
    simulator = world(cars=1)
    commands = np.array([[0.0, 0.5]])
    numbers = []
    for _ in range(31):
        values(simulator)
        numbers.append(int(simulator.scans.number[0]))
        simulator.step(commands, 0, 1)
        simulator.cars.status[:] = 1
    assert np.diff(numbers).tolist() == [1, 1, 0] * 10 or numbers[-1] - numbers[0] == 20
    assert set(np.diff(numbers)) == {0, 1}


def test_reading_twice_gives_the_same_and_draws_nothing() -> None:
    simulator = world()
    first, streams = values(simulator), simulator.cars.streams.copy()
    assert np.array_equal(values(simulator), first)
    assert np.array_equal(simulator.cars.streams, streams)


def drive(simulator: Simulator, steps: int) -> list[NDArray[np.float32]]:
    commands = np.tile([0.1, 1.0], (simulator.num_cars, 1))
    seen = []
    for _ in range(steps):
        simulator.restart(0, simulator.num_cars, jitter=0.3)
        seen.append(values(simulator))
        simulator.step(commands, 0, simulator.num_cars)
    return seen


@pytest.mark.parametrize("kind", KINDS)
def test_a_car_scans_the_same_however_many_others_there_are(kind: Sensor) -> None:
    few, many = drive(world(kind, cars=2), 40), drive(world(kind, cars=5), 40)
    for ours, theirs in zip(few, many, strict=True):
        assert np.array_equal(ours, theirs[:2])


def test_a_resumed_simulator_scans_on_exactly() -> None:
    whole, broken = world(), world(seed=5)
    drive(whole, 20)
    broken.load_state_arrays(whole.state_arrays())
    for ours, theirs in zip(drive(whole, 20), drive(broken, 20), strict=True):
        assert np.array_equal(ours, theirs)


def test_a_simulator_without_lidar_refuses_to_scan_and_keeps_no_scans() -> None:
    simulator = Simulator([stadium()], 2, camera=CameraSpec(width=40, height=36))
    assert not any(name.startswith("scans") for name in simulator.state_arrays())
    with pytest.raises(ValueError, match="made without a LIDAR"):
        simulator.scan(np.zeros((2, 64), np.float32), 0, 2)


def test_chosen_rows_are_scanned_into_the_first_places() -> None:
    simulator = world(cars=4)
    expected = values(simulator)
    out = np.zeros((2, 64), np.float32)
    simulator.scan_rows(np.array([3, 1]), out)
    assert np.array_equal(out, expected[[3, 1]])


def test_the_same_seed_scans_the_same_again_on_a_used_environment() -> None:
    environment = ObjectAvoidanceVectorEnv(
        20, threads=1, track=stadium(), sensors=("LIDAR",), camera=CameraSpec(width=40, height=36)
    )
    first, _ = environment.reset(seed=3)
    again, _ = environment.reset(seed=3)
    environment.close()
    assert np.array_equal(first, again)
    assert (first < 1.0).any()
