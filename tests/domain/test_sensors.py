"""Which sensors go together, and what each of them gives."""

from __future__ import annotations

import math

import pytest
from pydantic import ValidationError

from racecraft.domain.car import CameraSpec
from racecraft.domain.errors import InvalidSpec
from racecraft.domain.sensors import (
    NUM_BEAMS,
    LidarConfig,
    LidarSpec,
    Sensor,
    beam_angle_rad,
    camera_of,
    lidar_of,
    ordered_sensors,
    refuse_unused_config,
)

CAMERAS = [sensor for sensor in Sensor if sensor.is_camera]
LIDARS = [sensor for sensor in Sensor if not sensor.is_camera]


def test_three_sensors_are_cameras_and_three_are_lidars() -> None:
    assert len(CAMERAS) == len(LIDARS) == 3


@pytest.mark.parametrize("camera", CAMERAS)
@pytest.mark.parametrize("lidar", LIDARS)
def test_the_camera_stands_first_in_whatever_order_sensors_are_given(
    camera: Sensor, lidar: Sensor
) -> None:
    assert ordered_sensors([lidar.value, camera]) == (camera, lidar)
    assert ordered_sensors([lidar]) == (lidar,)


def test_the_old_name_observation_stands_for_the_front_camera() -> None:
    assert ordered_sensors(["observation"]) == (Sensor.FRONT_FACING_CAMERA,)


@pytest.mark.parametrize(
    ("sensors", "sentence"),
    [
        (
            ["LEFT_CAMERA", "LIDAR", "observation"],
            "The sensors hold 2 cameras (LEFT_CAMERA, FRONT_FACING_CAMERA); a car has at most one "
            "camera and one LIDAR. Leave out all but one of them.",
        ),
        (
            ["LIDAR", "SECTOR_LIDAR"],
            "The sensors hold 2 LIDARs (LIDAR, SECTOR_LIDAR); a car has at most one camera and "
            "one LIDAR. Leave out all but one of them.",
        ),
        ([], "The list of sensors is empty; name a camera, a LIDAR, or one of each."),
        (
            ["SONAR"],
            "There is no sensor 'SONAR'; choose from FRONT_FACING_CAMERA, LEFT_CAMERA, "
            "STEREO_CAMERAS, LIDAR, SECTOR_LIDAR, DISCRETIZED_SECTOR_LIDAR.",
        ),
    ],
)
def test_sensors_that_do_not_go_together_are_refused(sensors: list[str], sentence: str) -> None:
    with pytest.raises(InvalidSpec) as refused:
        ordered_sensors(sensors)
    assert str(refused.value) == sentence


def test_each_camera_has_its_eyes_and_as_many_channels() -> None:
    eyes = {sensor: camera_of([sensor], CameraSpec()).eyes_left_m for sensor in CAMERAS}
    assert eyes == {
        Sensor.FRONT_FACING_CAMERA: (0.0,),
        Sensor.LEFT_CAMERA: (0.03,),
        Sensor.STEREO_CAMERAS: (0.03, -0.03),
    }
    stereo = camera_of([Sensor.STEREO_CAMERAS], CameraSpec(width=80, height=60))
    assert (stereo.width, stereo.channels) == (80, 2)
    assert camera_of(LIDARS, CameraSpec()) is None


def test_the_front_camera_keeps_the_optics_that_it_is_given() -> None:
    optics = CameraSpec(width=64, height=48, is_colour=True)
    assert camera_of([Sensor.FRONT_FACING_CAMERA], optics) is optics


def test_a_stereo_camera_in_colour_is_refused() -> None:
    with pytest.raises(InvalidSpec, match="stereo camera is asked for in colour"):
        camera_of([Sensor.STEREO_CAMERAS], CameraSpec(is_colour=True))


def test_each_lidar_gives_as_many_numbers_as_the_original_one() -> None:
    sizes = {sensor: lidar_of([sensor], None).num_values for sensor in LIDARS}
    assert sizes == {
        Sensor.LIDAR: 64,
        Sensor.SECTOR_LIDAR: 8,
        Sensor.DISCRETIZED_SECTOR_LIDAR: 64,
    }
    fewer = LidarConfig(num_sectors=4, num_values_per_sector=5)
    assert LidarSpec(Sensor.DISCRETIZED_SECTOR_LIDAR, fewer).num_values == 20
    assert LidarSpec(Sensor.SECTOR_LIDAR, fewer).num_values == 8
    assert lidar_of(CAMERAS, None) is None


def test_the_beams_leave_sixty_degrees_ahead_blind() -> None:
    degrees = [math.degrees(beam_angle_rad(beam)) for beam in range(NUM_BEAMS)]
    assert degrees[0] == pytest.approx(30, abs=1e-3)
    assert degrees[-1] == pytest.approx(330, abs=1e-3)
    assert (degrees[31] + degrees[32]) / 2 == pytest.approx(180)


@pytest.mark.parametrize("sectors", [3, 12, 63])
def test_sectors_must_divide_the_beams(sectors: int) -> None:
    with pytest.raises(ValidationError, match=f"number of LIDAR sectors is {sectors}; choose 1, 2"):
        LidarConfig(num_sectors=sectors)


def test_the_clipping_distance_answers_to_the_original_spelling() -> None:
    assert LidarConfig.model_validate({"clipping_dist": 1.5}).clipping_dist_m == 1.5


def test_a_config_without_its_lidar_is_refused() -> None:
    refuse_unused_config([Sensor.DISCRETIZED_SECTOR_LIDAR], LidarConfig())
    refuse_unused_config([Sensor.LIDAR], None)
    with pytest.raises(InvalidSpec, match="the sensors are LIDAR; leave it out, or add DISCRET"):
        refuse_unused_config([Sensor.LIDAR], LidarConfig())
