"""Rows made from poses are those that the simulator makes, on the road and off it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from racecraft.domain.car import CarSpec
from racecraft.domain.episode import CONTROL_HZ, EpisodeStatus
from racecraft.domain.reward import COLUMN, OBJECT_COLUMN, RewardInputs
from racecraft.domain.reward_rows import Drive, object_rows, progress_percent, reward_rows
from racecraft.domain.track import Track
from racecraft.sim.simulator import Simulator
from racecraft.tracks.library import load_track
from tests.sim.roads import circle, mirrored, square

TRACKS = ["harbour-loop", "bow-knot", "lantern-alley", "needle-eye", "aurora-ring"]
WHOLE = ("waypoint_behind", "waypoint_ahead", "closest_waypoint")


def assert_same_rows(found: NDArray[np.float64], wanted: NDArray[np.float64]) -> None:
    for name, column in COLUMN.items():
        tolerance = 0.0 if name in WHOLE else 1e-9
        np.testing.assert_allclose(
            found[:, column], wanted[:, column], rtol=0, atol=tolerance, err_msg=name
        )


def wandering(track: Track, steps: int, seed: int) -> Drive:
    """Poses that jump along the track, on the road and off it, looking anywhere."""
    random = np.random.default_rng(seed)
    along = np.cumsum(random.uniform(-0.5, 1.5, steps))
    offset = random.normal(0.0, 0.5 * track.width_m, steps)
    heading = track.heading_at(along)
    left = np.stack([-np.sin(heading), np.cos(heading)], axis=1)
    xy = track.point_at(along) + offset[:, None] * left
    yaw = np.mod(heading + random.normal(0.0, 1.0, steps) + np.pi, 2 * np.pi) - np.pi
    commands = np.stack([random.uniform(-0.5, 0.5, steps), random.uniform(0, 4, steps)], axis=1)
    return Drive(np.column_stack([xy, yaw]), commands, start_share=0.3)


def observed(track: Track, drive: Drive, car: CarSpec | None = None) -> NDArray[np.float64]:
    """What the simulator tells a car that is carried from pose to pose."""
    simulator = Simulator([track], 1, car=car)
    simulator.place_at(0, drive.start_share * track.length_m)
    simulator.cars.progress[0] = 0.0
    rows = []
    for pose, command in zip(drive.poses, drive.commands, strict=True):
        simulator.cars.state[0, :3] = pose
        simulator.step(command[None], 0, 1)
        rows.append(simulator.cars.table[0].copy())
    return np.array(rows)


@pytest.mark.parametrize("is_reversed", [False, True], ids=["forward", "reversed"])
@pytest.mark.parametrize("name", TRACKS)
def test_rows_are_those_of_the_simulator_wherever_the_car_is(name: str, is_reversed: bool) -> None:
    track = load_track(name, is_reversed=is_reversed)
    drive = wandering(track, 400, seed=len(name))

    wanted = observed(track, drive)

    clock = wanted[:, COLUMN["sim_time_s"]]
    found = reward_rows(track, Drive(drive.poses, drive.commands, 0.3, time_s=clock))
    assert_same_rows(found, wanted)
    assert 0.1 < wanted[:, COLUMN["all_wheels_on_track"]].mean() < 0.9
    assert 0.02 < wanted[:, COLUMN["is_offtrack"]].mean() < 0.9


@pytest.mark.parametrize("track", [circle(), mirrored(circle()), square()], ids=lambda t: t.name)
def test_rows_are_those_of_the_simulator_on_simple_roads(track: Track) -> None:
    drive = wandering(track, 300, seed=3)

    wanted = observed(track, drive)

    clock = wanted[:, COLUMN["sim_time_s"]]
    found = reward_rows(track, Drive(drive.poses, drive.commands, 0.3, time_s=clock))
    assert_same_rows(found, wanted)


def test_rows_of_a_whole_drive_need_only_poses_and_commands() -> None:
    track = load_track("pebble-oval", is_reversed=True)
    simulator = Simulator([track], 1)
    simulator.place_at(0, 0.4 * track.length_m)
    commands = np.array([[0.12, 1.0]])
    poses, wanted = [], []
    for _ in range(15):
        poses.append(simulator.cars.state[0, :3].copy())
        simulator.step(commands, 0, 1)
        wanted.append(simulator.cars.table[0].copy())

    found = reward_rows(track, Drive(np.array(poses), np.repeat(commands, 15, axis=0), 0.4))

    assert_same_rows(found, np.array(wanted))
    assert simulator.cars.status[0] == EpisodeStatus.IN_PROGRESS


def test_another_car_is_located_by_its_own_nose_and_wheels() -> None:
    track = load_track("harbour-loop")
    car = CarSpec(nose_m=0.3, wheel_x_m=(-0.2, 0.2), wheel_y_m=(0.1, 0.12))
    drive = wandering(track, 200, seed=1)

    wanted = observed(track, drive, car)

    clock = wanted[:, COLUMN["sim_time_s"]]
    found = reward_rows(track, Drive(drive.poses, drive.commands, 0.3, time_s=clock), car)
    assert_same_rows(found, wanted)


def test_steps_and_clock_count_as_in_the_simulator() -> None:
    track = circle()
    drive = Drive(np.tile([3.0, 0.0, np.pi / 2], (3, 1)), np.zeros((3, 2)))

    rows = reward_rows(track, drive)

    assert rows[:, COLUMN["steps"]].tolist() == [2, 3, 4]
    np.testing.assert_allclose(rows[:, COLUMN["sim_time_s"]] * CONTROL_HZ, [2, 3, 4])


def test_progress_keeps_the_lap_over_the_line_and_falls_behind_the_start() -> None:
    forward = progress_percent(np.array([0.9, 0.99, 0.01, 0.5, 0.89, 0.91]), 0.85)
    back = progress_percent(np.array([0.01, 0.99, 0.95]), 0.0)

    np.testing.assert_allclose(forward, [5, 14, 16, 65, 100, 6], atol=1e-9)
    np.testing.assert_allclose(back, [1, -1, -5], atol=1e-9)


def test_boxes_stand_where_they_were_put_and_a_reward_function_sees_them() -> None:
    track = circle(radius_m=3.0, width_m=1.0)
    quarter = track.length_m / 4

    boxes = object_rows(track, np.array([quarter, 2 * quarter]), np.array([0.25, -0.25]))

    np.testing.assert_allclose(boxes[0, :2], [0.0, 2.75], atol=1e-2)
    np.testing.assert_allclose(boxes[1, :2], [-3.25, 0.0], atol=1e-2)
    np.testing.assert_allclose(
        boxes[:, OBJECT_COLUMN["distance_m"]], [quarter, 2 * quarter], atol=0.02
    )
    np.testing.assert_allclose(boxes[:, OBJECT_COLUMN["distance_from_center_m"]], 0.25, atol=1e-3)
    assert boxes[:, OBJECT_COLUMN["is_left_of_center"]].tolist() == [1.0, 0.0]

    drive = Drive(np.array([[3.0, 0.0, np.pi / 2]]), np.zeros((1, 2)))
    inputs = RewardInputs(
        reward_rows(track, drive), [track], np.zeros(1, dtype=np.int64), boxes[None]
    )
    params = inputs.params(0)
    assert params["closest_objects"] == [1, 0]
    assert params["objects_left_of_center"] == [True, False]
