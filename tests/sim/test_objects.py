"""Boxes: where they stand, what counts as a crash, and what a reward function is told of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from racecraft.domain.car import CameraSpec, CarSpec
from racecraft.domain.episode import EpisodeStatus
from racecraft.domain.errors import InvalidSpec
from racecraft.domain.obstacles import INNER, OUTER, ObstaclePlace, ObstacleSpec
from racecraft.domain.reward import COLUMN
from racecraft.domain.reward_rows import object_rows
from racecraft.domain.sensors import Sensor, camera_of
from racecraft.domain.track import Track
from racecraft.sim.simulator import Simulator
from racecraft.tracks.library import load_track
from tests.sim.circuits import stadium
from tests.sim.roads import circle, mirrored

CAR = CarSpec()
STILL = np.zeros((1, 2))


def with_box(share: float = 0.2, lane: Any = INNER, track: Track | None = None) -> Simulator:
    """One car and one box on the straight of a stadium."""
    place = ObstaclePlace(lap_share=share, lane=lane)
    simulator = Simulator([track or stadium()], 1, obstacles=ObstacleSpec(places=(place,)))
    simulator.place_objects(0)
    return simulator


def put(simulator: Simulator, x: float, y: float, yaw: float) -> None:
    simulator.cars.state[0] = 0.0
    simulator.cars.state[0, :3] = x, y, yaw


def status_at(simulator: Simulator, x: float, y: float, yaw: float) -> EpisodeStatus:
    simulator.place_at(0, 0.0)
    put(simulator, x, y, yaw)
    simulator.step(STILL, 0, 1)
    return EpisodeStatus(int(simulator.cars.status[0]))


def places_of(simulator: Simulator, episodes: int) -> NDArray[np.float64]:
    """(E, N, O) arc lengths of random boxes in some episodes."""
    seen = []
    for _ in range(episodes):
        for car in range(simulator.num_cars):
            simulator.place_objects(car)
        seen.append(simulator.objects.rows[:, :, 4].copy())
    return np.stack(seen)


def test_evenly_spaced_boxes_go_from_the_least_distance_to_a_metre_before_the_line() -> None:
    track = stadium()
    simulator = Simulator([track], 1, obstacles=ObstacleSpec(count=5, places="even"))
    simulator.place_objects(0)
    expected = np.linspace(2.0, track.length_m - 1.0, 5)
    assert simulator.objects.rows[0, :, 4] == pytest.approx(expected, abs=0.02)
    assert simulator.objects.lane[0].tolist() == [INNER, OUTER, INNER, OUTER, INNER]


@pytest.mark.parametrize("lane", [INNER, OUTER])
@pytest.mark.parametrize("is_clockwise", [False, True])
def test_a_box_stands_in_the_middle_of_its_lane(lane: int, is_clockwise: bool) -> None:
    track = stadium().reversed() if is_clockwise else stadium()
    row = with_box(0.1, lane, track).objects.rows[0, 0]
    assert row[5] == pytest.approx(0.2)
    assert row[6] == ((lane == INNER) != is_clockwise)
    assert row[4] == pytest.approx(0.1 * track.length_m)


def test_random_boxes_keep_their_distance_and_use_all_of_the_road() -> None:
    track = load_track("harbour-loop")
    simulator = Simulator([track], 8, obstacles=ObstacleSpec(count=6), seed=3)
    along = places_of(simulator, 200)
    assert np.diff(along, axis=2).min() > 1.9  # lanes bend the stated 2 m a little
    assert along.min() < 2.3
    assert along.max() > track.length_m - 1.3
    assert (np.diff(along[:, :, 0], axis=0) != 0).mean() > 0.9  # corners draw lanes together
    share = np.histogram(along, bins=5, range=(2.0, track.length_m - 1.0))[0] / along.size
    assert share == pytest.approx(np.full(5, 0.2), abs=0.06)


def test_every_car_meets_its_own_boxes_whatever_the_number_of_cars() -> None:
    spec = ObstacleSpec()
    many = Simulator([load_track("harbour-loop")], 5, obstacles=spec, seed=3)
    few = Simulator([load_track("harbour-loop")], 2, obstacles=spec, seed=3)
    a, b = places_of(many, 3), places_of(few, 3)
    assert np.array_equal(a[:, :2], b)
    assert len(np.unique(a[0, :, 0])) == 5


def test_boxes_that_do_not_fit_on_the_track_are_refused() -> None:
    with pytest.raises(InvalidSpec, match=r"ask for at most 4"):
        Simulator([circle(1.5)], 1, obstacles=ObstacleSpec(count=8))
    places = "0.2:inner,0.22:outer"
    with pytest.raises(InvalidSpec, match=r"0\.38 m apart on circle"):
        Simulator([circle(3.0)], 1, obstacles=ObstacleSpec(places=places))


def corner_depth(yaw: float, box_x: float, box_y: float) -> tuple[float, float]:
    """Where a car must be so that its front left corner is 1 cm inside a box's near right edge."""
    c, s = math.cos(yaw), math.sin(yaw)
    half, wide = 0.5 * CAR.body_length_m, 0.5 * CAR.body_width_m
    x = box_x - 0.25 + 0.01 - (half * c - wide * s)
    y = box_y - 0.20 + 0.01 - (half * s + wide * c)
    return x, y


@pytest.mark.parametrize("yaw", [0.0, 0.4, 0.8])
def test_a_corner_inside_the_margin_of_a_box_is_a_crash(yaw: float) -> None:
    simulator = with_box(0.05)
    box_x, box_y, _ = simulator.objects.pose[0, 0]
    x, y = corner_depth(yaw, box_x, box_y)
    assert status_at(simulator, x, y, yaw) is EpisodeStatus.CRASHED
    assert simulator.inputs.params(0)["is_crashed"] is True
    assert status_at(simulator, x - 0.02, y, yaw) is EpisodeStatus.IN_PROGRESS
    assert status_at(simulator, x, y - 0.02, yaw) is EpisodeStatus.IN_PROGRESS
    assert simulator.inputs.params(0)["crashed"] is False


def test_a_corner_of_the_box_inside_the_car_is_none() -> None:
    simulator = with_box(0.05)
    box_x, box_y, _ = simulator.objects.pose[0, 0]
    # Turned by 45°, the side of the car reaches over the corner of the box, its corners do not.
    gap = 0.5 * CAR.body_width_m - 0.02
    x, y = box_x - 0.25 - gap * math.sqrt(0.5), box_y - 0.20 - gap * math.sqrt(0.5)
    assert status_at(simulator, x, y, -math.pi / 4) is EpisodeStatus.IN_PROGRESS


def test_a_crash_stops_the_car_and_ends_the_episode() -> None:
    simulator = with_box(0.05)
    box_x, box_y, _ = simulator.objects.pose[0, 0]
    simulator.place_at(0, 0.0)
    put(simulator, box_x - 0.3, box_y, 0.0)
    simulator.step(np.array([[0.0, 1.0]]), 0, 1)
    assert simulator.cars.status[0] == EpisodeStatus.CRASHED
    assert simulator.cars.state[0, 0] == box_x - 0.3


def test_a_lap_completed_in_a_box_counts() -> None:
    simulator = with_box(0.004)
    simulator.place_at(0, 0.0)
    simulator.cars.progress[0] = 99.9
    box_x, box_y, _ = simulator.objects.pose[0, 0]
    put(simulator, box_x - 0.16, box_y, 0.0)
    simulator.step(STILL, 0, 1)
    assert simulator.cars.table[0, COLUMN["is_crashed"]] == 1.0
    assert simulator.cars.status[0] == EpisodeStatus.LAP_COMPLETE


@pytest.mark.parametrize("track", [stadium(), mirrored(stadium())], ids=["left", "right"])
@pytest.mark.parametrize("lane", [INNER, OUTER])
def test_a_car_that_starts_near_a_box_starts_in_the_other_lane(track: Track, lane: int) -> None:
    simulator = with_box(0.1, lane, track)
    at = 0.1 * track.length_m
    for gap in (-0.9, 0.0, 0.9):
        simulator.place_at(0, at + gap)
        found = track.locate(simulator.cars.state[0, :2])
        assert abs(found.offset_m[0]) == pytest.approx(0.2, abs=1e-3)
        assert (found.offset_m[0] > 0) != simulator.objects.rows[0, 0, 6]
        simulator.step(STILL, 0, 1)
        assert simulator.cars.status[0] == EpisodeStatus.IN_PROGRESS
    simulator.place_at(0, at + 1.1)
    assert track.locate(simulator.cars.state[0, :2]).offset_m[0] == pytest.approx(0.0, abs=1e-9)


def test_training_starts_are_free_of_boxes() -> None:
    track = load_track("harbour-loop")
    simulator = Simulator([track], 64, obstacles=ObstacleSpec(), seed=1)
    crashed = started = 0
    for _ in range(20):
        simulator.restart(0, 64, jitter=0.5)
        simulator.step(np.zeros((64, 2)), 0, 64)
        started += 64
        crashed += int((simulator.cars.status == EpisodeStatus.CRASHED).sum())
        simulator.cars.status[:] = EpisodeStatus.OFF_TRACK
    assert crashed <= 0.005 * started


def test_the_reward_function_is_told_where_the_boxes_are() -> None:
    track = stadium()
    places = "0.1:inner,0.5:outer,0.8:inner"
    simulator = Simulator([track], 1, obstacles=ObstacleSpec(places=places))
    simulator.place_objects(0)
    simulator.place_at(0, 0.3 * track.length_m)
    simulator.step(STILL, 0, 1)
    params = simulator.inputs.params(0)
    assert params["closest_objects"] == [0, 1]
    assert params["objects_left_of_center"] == [True, False, True]
    assert params["objects_speed"] == params["objects_heading"] == [0.0, 0.0, 0.0]
    shares = np.array(params["objects_distance"]) / track.length_m
    assert shares == pytest.approx([0.1, 0.5, 0.8], abs=0.002)
    assert params["objects_distance_from_center"] == pytest.approx([0.2, 0.2, 0.2], abs=1e-3)
    rows = object_rows(track, shares * track.length_m, np.array([0.2, -0.2, 0.2]))
    assert simulator.objects.rows[0] == pytest.approx(rows, abs=0.02)


def test_the_next_box_is_in_the_camera_when_it_is_in_front() -> None:
    simulator = with_box(0.1)
    along = simulator.objects.rows[0, 0, 4]
    seen = []
    for gap, turn in ((1.5, 0.0), (1.5, math.pi), (1.5, 1.2), (0.1, 0.0), (-1.5, 0.0)):
        simulator.place_at(0, along - gap, turn_rad=turn)
        seen.append(simulator.inputs.params(0)["object_in_camera"])
    assert seen == [True, False, False, False, False]


def test_a_box_that_only_one_eye_sees_is_in_the_stereo_camera() -> None:
    """Turned to the left, the car loses the box on its right; its right eye does so last."""
    seen = {}
    for sensor in (Sensor.FRONT_FACING_CAMERA, Sensor.LEFT_CAMERA, Sensor.STEREO_CAMERAS):
        camera = camera_of((sensor,), CameraSpec())
        simulator = Simulator([stadium()], 1, camera=camera, obstacles=ObstacleSpec(count=1))
        simulator.place_objects(0)
        along = simulator.objects.rows[0, 0, 4]
        told = []
        for turn in np.linspace(0.0, 1.2, 241):
            simulator.place_at(0, along - 1.2, turn_rad=turn)
            told.append(simulator.inputs.params(0)["object_in_camera"])
        seen[sensor] = sum(told)
    front, left, stereo = seen.values()
    assert 0 < left < front < stereo


def test_without_boxes_nothing_is_told() -> None:
    simulator = Simulator([stadium()], 1)
    simulator.place_at(0, 0.0)
    params = simulator.inputs.params(0)
    assert params["objects_location"] == []
    assert params["closest_objects"] == [0, 0]
    assert params["object_in_camera"] is False


def test_a_saved_state_brings_the_boxes_back() -> None:
    track = load_track("harbour-loop")
    first = Simulator([track], 3, obstacles=ObstacleSpec(), seed=1)
    first.restart(0, 3, jitter=0.2)
    second = Simulator([track], 3, obstacles=ObstacleSpec(), seed=9)
    second.load_state_arrays(first.state_arrays())
    for simulator in (first, second):
        for _ in range(30):
            simulator.restart(0, 3, jitter=0.2)
            simulator.step(np.tile([0.1, 1.0], (3, 1)), 0, 3)
    assert np.array_equal(first.cars.table, second.cars.table)
    assert np.array_equal(first.objects.pose, second.objects.pose)
    assert not any("objects" in name for name in Simulator([track], 3).state_arrays())
