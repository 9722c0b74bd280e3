"""What the value function is told: right on a circle, a mirror image in a mirror, never stale."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from racecraft.domain.obstacles import ObstacleSpec
from racecraft.domain.track import Track
from racecraft.sim.features import (
    HARMONICS,
    LOOK_AHEAD_M,
    NUM_FEATURES,
    NUM_OBJECT_FEATURES,
    OBJECTS_AHEAD,
    SEEN_M,
    feature_count,
    object_features,
    track_features,
)
from racecraft.sim.rules import observe
from racecraft.sim.simulator import Simulator
from racecraft.tracks.library import load_track, shipped_names
from tests.sim.roads import circle, commands_of, mirrored

SIDE, SIN_TURN, COS_TURN, FORWARD, LEFT, YAW_RATE, STEERING, WIDTH = range(8)
AHEAD = slice(8, 8 + 2 * len(LOOK_AHEAD_M))
ODD = [SIDE, SIN_TURN, LEFT, YAW_RATE, STEERING, *range(9, 8 + 2 * len(LOOK_AHEAD_M), 2)]


def features(simulator: Simulator) -> NDArray[np.float32]:
    out = np.full((simulator.num_cars, NUM_FEATURES), np.nan, np.float32)
    track_features(simulator.cars, simulator.pack, simulator.size[0], out, (0, simulator.num_cars))
    return out


def observed_afresh(simulator: Simulator) -> NDArray[np.float32]:
    for car in range(simulator.num_cars):
        observe(simulator.cars, simulator.pack, simulator.size, car, 0.0, 0.0)
    return features(simulator)


@pytest.mark.parametrize("name", shipped_names())
def test_features_are_small_numbers_everywhere(name: str) -> None:
    simulator = Simulator([load_track(name), load_track(name, is_reversed=True)], 20)
    commands = np.stack([commands_of(car, 20) for car in range(20)])
    for step in range(20):
        simulator.restart(0, 20, jitter=0.9)
        simulator.step(commands[:, step].copy(), 0, 20)
        found = features(simulator)
        assert np.isfinite(found).all()
        assert np.abs(found).max() < 10.0


def test_only_the_asked_rows_are_filled() -> None:
    simulator = Simulator([circle()], 4)
    simulator.restart(0, 4, jitter=0.0)
    out = np.full((4, NUM_FEATURES), -7.0, np.float32)
    track_features(simulator.cars, simulator.pack, simulator.size[0], out, (1, 3))
    assert np.all(out[[0, 3]] == -7.0)
    assert not np.any(out[1:3] == -7.0)


@pytest.mark.parametrize("offset_m", [-0.2, 0.0, 0.3])
@pytest.mark.parametrize("turn_rad", [-0.3, 0.0, 0.2])
def test_on_a_circle_the_features_are_known(offset_m: float, turn_rad: float) -> None:
    radius_m = 3.0
    simulator = Simulator([circle(radius_m)], 1)
    nose_angle = 1.0
    rho = radius_m - offset_m
    yaw = nose_angle + math.pi / 2 + turn_rad
    nose = rho * np.array([math.cos(nose_angle), math.sin(nose_angle)])
    simulator.cars.state[0] = [
        nose[0] - 0.14 * math.cos(yaw),
        nose[1] - 0.14 * math.sin(yaw),
        yaw,
        2.0,
        -0.3,
        1.2,
        0.1,
    ]
    found = observed_afresh(simulator)[0]
    assert found[SIDE] == pytest.approx(offset_m / 0.51, abs=0.01)
    assert math.atan2(found[SIN_TURN], found[COS_TURN]) == pytest.approx(turn_rad, abs=0.01)
    assert found[[FORWARD, LEFT]] == pytest.approx([2.0, -0.3])
    assert found[[YAW_RATE, STEERING]] == pytest.approx([0.36, 0.2])
    assert found[WIDTH] == pytest.approx(1.0, abs=1e-3)
    for index, ahead_m in enumerate(LOOK_AHEAD_M):
        angle = nose_angle + ahead_m / radius_m
        way = radius_m * np.array([math.cos(angle), math.sin(angle)]) - nose
        forward = (way[0] * math.cos(yaw) + way[1] * math.sin(yaw)) / ahead_m
        left = (-way[0] * math.sin(yaw) + way[1] * math.cos(yaw)) / ahead_m
        assert found[AHEAD][2 * index : 2 * index + 2] == pytest.approx([forward, left], abs=0.01)
    for harmonic in range(1, HARMONICS + 1):
        pair = found[AHEAD.stop + 2 * harmonic - 2 :][:2]
        expected = [math.sin(harmonic * nose_angle), math.cos(harmonic * nose_angle)]
        assert pair == pytest.approx(expected, abs=0.01)


def test_in_a_mirror_sideways_features_change_their_sign_and_nothing_else_does() -> None:
    track = load_track("harbour-loop")
    here, there = Simulator([track], 8, seed=2), Simulator([mirrored(track)], 8, seed=2)
    here.restart(0, 8, jitter=0.5)
    here.cars.state[:, 3:] = np.random.default_rng(0).normal(0.0, 1.0, (8, 4))
    there.cars.state[:] = here.cars.state * [1, -1, -1, 1, -1, -1, -1]
    sign = np.ones(NUM_FEATURES)
    sign[ODD] = -1.0
    assert np.allclose(observed_afresh(there), observed_afresh(here) * sign, atol=1e-4)


def sliding_on(track: Track, turn_rad: float) -> Simulator:
    """A car that has just moved 0.25 m along a track, at an angle to it."""
    simulator = Simulator([track], 1)
    simulator.place_at(0, 6.0, turn_rad=turn_rad)
    along = float(track.heading_at(6.0)[0])
    simulator.cars.state[0, :2] += 0.25 * np.array([math.cos(along), math.sin(along)])
    return simulator


@pytest.mark.parametrize("turn_rad", [0.0, 0.7, -1.4, 3.0])
def test_features_follow_the_car_since_it_was_observed_even_in_a_slide(turn_rad: float) -> None:
    """Regression: the way was measured along the car's nose, not along the road."""
    simulator = sliding_on(circle(6.0), turn_rad)
    stale = features(simulator)
    assert np.allclose(stale, observed_afresh(simulator), atol=0.03)


NEAR, GAP, ACROSS, FROM_CAR, CLOSING = range(5)
OBJECTS = slice(NUM_FEATURES, None)


def object_numbers(simulator: Simulator) -> NDArray[np.float32]:
    """(N, OBJECTS_AHEAD, 5) what is told of the next objects."""
    out = np.full((simulator.num_cars, feature_count(has_objects=True)), np.nan, np.float32)
    cars, pack, nose_m = simulator.cars, simulator.pack, simulator.size[0]
    span = (0, simulator.num_cars)
    track_features(cars, pack, nose_m, out, span)
    object_features(cars, pack, nose_m, simulator.objects, out, span)
    return out[:, OBJECTS].reshape(simulator.num_cars, OBJECTS_AHEAD, -1)


def with_boxes(places: str, distance_m: float, offset_m: float = 0.0) -> Simulator:
    """A car on a circle of radius 3 m with boxes on it."""
    boxes = ObstacleSpec.model_validate({"places": places, "min_distance_m": 0.6})
    simulator = Simulator([circle(3.0)], 1, obstacles=boxes)
    simulator.place_objects(0)
    simulator.place_at(0, distance_m, offset_m=offset_m)
    return simulator


def test_nothing_on_the_road_adds_nothing() -> None:
    assert feature_count(has_objects=False) == NUM_FEATURES
    assert feature_count(has_objects=True) == NUM_FEATURES + NUM_OBJECT_FEATURES


def test_the_next_two_objects_are_told_in_the_order_in_which_they_are_met() -> None:
    length_m = 6 * math.pi
    simulator = with_boxes("0.6:inner,0.5:outer,0.05:inner", 0.4 * length_m, 0.1)
    along_m = simulator.cars.table[0, 4]
    first, second = object_numbers(simulator)[0]
    for told, share, side in ((first, 0.5, -0.5), (second, 0.6, 0.5)):
        gap_m = share * length_m - along_m
        near = 1 - gap_m / SEEN_M
        assert told[NEAR] == pytest.approx(near, abs=1e-3)
        assert told[GAP] == pytest.approx(gap_m / SEEN_M, abs=1e-3)
        # The middle of a lane is half of the half width from the centre line.
        assert told[ACROSS] == pytest.approx(near * side, abs=0.02)
        assert told[FROM_CAR] == pytest.approx(near * (side - 0.2), abs=0.02)
        assert told[CLOSING] == 0.0


def test_an_object_counts_until_it_is_behind_the_car_and_from_beyond_the_line() -> None:
    length_m = 6 * math.pi
    beside = object_numbers(with_boxes("0.5:inner", 0.5 * length_m))[0, 0]
    assert beside[NEAR] == 1.0
    assert beside[GAP] == pytest.approx(-0.14 / SEEN_M, abs=4e-3)
    behind = object_numbers(with_boxes("0.5:inner", 0.5 * length_m + 0.6))
    assert not behind.any()
    over_the_line = object_numbers(with_boxes("0.05:inner", length_m - 1.0))[0, 0]
    assert over_the_line[GAP] * SEEN_M == pytest.approx(0.05 * length_m + 1.0 - 0.14, abs=0.02)


def test_nearing_a_box_is_told_as_fast_as_the_car_drives_though_the_row_is_a_step_old() -> None:
    simulator = with_boxes("0.5:inner", 0.4 * 6 * math.pi)
    gaps = []
    for _ in range(12):
        simulator.step(np.array([[math.radians(6.3), 1.0]]), 0, 1)
        told = object_numbers(simulator)[0, 0]
        assert told[CLOSING] == pytest.approx(told[NEAR] * simulator.cars.state[0, 3], rel=1e-5)
        gaps.append(float(told[GAP]) * SEEN_M)
    assert np.diff(gaps)[4:] == pytest.approx(-1.03 / 15, rel=0.05)
