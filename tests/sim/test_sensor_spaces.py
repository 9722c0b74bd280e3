"""Environments with every combination of sensors, single and in one call."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.utils.env_checker import check_env
from stable_baselines3.common.env_checker import check_env as check_env_for_sb3

import racecraft.sim  # noqa: F401
from racecraft.domain.car import CameraSpec
from racecraft.domain.errors import InvalidSpec
from racecraft.domain.sensors import LidarConfig, Sensor
from racecraft.sim.env import ObjectAvoidanceEnv, TimeTrialEnv
from racecraft.sim.vector_env import ObjectAvoidanceVectorEnv, TimeTrialVectorEnv
from tests.sim.circuits import stadium

SMALL = CameraSpec(width=40, height=36)
CAMERAS = [sensor.value for sensor in Sensor if sensor.is_camera]
LIDARS = [sensor.value for sensor in Sensor if not sensor.is_camera]
COMBINATIONS = [
    *[(camera,) for camera in CAMERAS],
    *[(lidar,) for lidar in LIDARS],
    *[(camera, lidar) for camera in CAMERAS for lidar in LIDARS],
]
DESIGN: dict[str, Any] = {"camera": SMALL, "track": stadium()}


@pytest.fixture(params=COMBINATIONS, ids="+".join)
def sensors(request: pytest.FixtureRequest) -> tuple[str, ...]:
    given: tuple[str, ...] = request.param
    return given


def assert_same(ours: Any, theirs: Any) -> None:
    if isinstance(theirs, dict):
        assert ours.keys() == theirs.keys()
        for name, value in theirs.items():
            assert np.array_equal(ours[name], value)
    else:
        assert np.array_equal(ours, theirs)


def test_gymnasium_finds_nothing_to_complain_about(sensors: tuple[str, ...]) -> None:
    environment = gymnasium.make(
        "racecraft/ObjectAvoidance-v0", sensors=sensors, render_mode="rgb_array", **DESIGN
    )
    check_env(environment.unwrapped)
    environment.close()


def test_stable_baselines_finds_nothing_to_complain_about(sensors: tuple[str, ...]) -> None:
    check_env_for_sb3(ObjectAvoidanceEnv(sensors=sensors, **DESIGN), warn=True)


def test_one_sensor_is_a_box_and_two_are_a_dictionary(sensors: tuple[str, ...]) -> None:
    space = TimeTrialEnv(sensors=sensors, **DESIGN).observation_space
    if len(sensors) == 1:
        assert isinstance(space, spaces.Box)
    else:
        assert isinstance(space, spaces.Dict)
        assert set(space.keys()) == set(sensors)


@pytest.mark.parametrize(
    ("sensor", "box"),
    [
        ("FRONT_FACING_CAMERA", spaces.Box(0, 255, (36, 40, 1), np.uint8)),
        ("LEFT_CAMERA", spaces.Box(0, 255, (36, 40, 1), np.uint8)),
        ("STEREO_CAMERAS", spaces.Box(0, 255, (36, 40, 2), np.uint8)),
        ("LIDAR", spaces.Box(np.float32(0.15), np.float32(1), (64,), np.float32)),
        ("SECTOR_LIDAR", spaces.Box(np.float32(0), np.float32(1), (8,), np.float32)),
        ("DISCRETIZED_SECTOR_LIDAR", spaces.Box(np.float32(0), np.float32(1), (64,), np.float32)),
    ],
)
def test_each_sensor_has_its_box(sensor: str, box: spaces.Box) -> None:
    assert TimeTrialEnv(sensors=(sensor,), **DESIGN).observation_space == box
    assert TimeTrialEnv(sensors=sensor, **DESIGN).observation_space == box


def test_every_car_of_many_observes_as_it_would_alone(sensors: tuple[str, ...]) -> None:
    many = ObjectAvoidanceVectorEnv(3, threads=2, sensors=sensors, **DESIGN)
    one = ObjectAvoidanceEnv(sensors=sensors, **DESIGN)
    actions = np.random.default_rng(1).integers(0, 21, (40, 3))
    ours, theirs = many.reset(seed=4)[0], one.reset(seed=4)[0]
    assert many.observation_space.contains(ours)
    for step in range(40):
        first = {k: v[0] for k, v in ours.items()} if isinstance(ours, dict) else ours[0]
        assert_same(first, theirs)
        assert one.observation_space.contains(theirs)
        ours, *_ = many.step(actions[step])
        theirs, _, terminated, truncated, _ = one.step(actions[step, 0])
        if terminated or truncated:
            break
    assert step > 5
    many.close()


def test_the_front_camera_of_a_pair_sees_what_it_sees_alone() -> None:
    both = TimeTrialEnv(sensors=("SECTOR_LIDAR", "FRONT_FACING_CAMERA"), **DESIGN)
    alone = TimeTrialEnv(**DESIGN)
    assert_same(both.reset(seed=2)[0]["FRONT_FACING_CAMERA"], alone.reset(seed=2)[0])
    for _ in range(10):
        assert_same(both.step(10)[0]["FRONT_FACING_CAMERA"], alone.step(10)[0])


def test_without_boxes_the_lidar_sees_nothing() -> None:
    environment = TimeTrialVectorEnv(2, threads=1, sensors=("LIDAR",), **DESIGN)
    observations, _ = environment.reset(seed=0)
    environment.close()
    assert (observations == 1.0).all()


@pytest.mark.parametrize(
    ("given", "shape"),
    [
        (("STEREO_CAMERAS", "LIDAR"), (36, 80, 3)),
        (("LEFT_CAMERA",), (36, 40, 3)),
        (("LIDAR",), (36, 40, 3)),
    ],
)
def test_rendering_shows_two_eyes_side_by_side_and_a_picture_even_without_a_camera(
    given: tuple[str, ...], shape: tuple[int, ...]
) -> None:
    one = TimeTrialEnv("rgb_array", sensors=given, **DESIGN)
    many = TimeTrialVectorEnv(2, "rgb_array", threads=2, sensors=given, **DESIGN)
    one.reset(seed=0)
    many.reset(seed=0)
    pictures = many.render()
    many.close()
    assert one.render().shape == shape
    assert [picture.shape for picture in pictures] == [shape, shape]
    assert np.array_equal(pictures[0], one.render())


def test_a_lidar_config_sets_the_size_of_the_values() -> None:
    config = LidarConfig(num_sectors=4, num_values_per_sector=2)
    space = TimeTrialEnv(
        sensors=("DISCRETIZED_SECTOR_LIDAR",), lidar_config=config, **DESIGN
    ).observation_space
    assert space.shape == (8,)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"sensors": ("LIDAR", "SECTOR_LIDAR")}, "hold 2 LIDARs"),
        ({"sensors": ("SONAR",)}, "no sensor 'SONAR'"),
        ({"sensors": ("LIDAR",), "lidar_config": LidarConfig()}, "There is a lidar_config, but"),
    ],
)
def test_sensors_that_do_not_go_together_are_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidSpec, match=words):
        TimeTrialEnv(**wrong, **DESIGN)
