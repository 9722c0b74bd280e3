"""What a car sees with: one camera at most, one LIDAR at most.

Places and ranges are those of the original vehicle description, in the car frame (x forward,
y left, from the midpoint of the axles). The LIDAR looks backwards: its blind sector lies ahead.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, field_validator

from racecraft.domain.car import CameraSpec
from racecraft.domain.errors import InvalidSpec

NUM_BEAMS = 64
SCAN_AHEAD_M = 0.02913
"""Where the LIDAR turns, ahead of the car's origin."""
SCAN_HEIGHT_M = 0.023249 + 0.16145
"""Its plane above the road: below the top of a box, above nothing else that stands there."""
SCAN_FIELD_RAD = 2.0 * 2.61799
"""300°, spread evenly to both sides of straight back."""
SCAN_HZ = 10.0
NEAREST_M, FURTHEST_M = 0.15, 12.0
"""What the LIDAR can measure; nothing in reach reads as the furthest."""
NOISE_M = 0.01
"""Standard deviation of one reading."""
CLIP_M = 1.0
"""LIDAR reports no more than this, although it measures further."""
SECTORS = 8
SECTOR_NEAR_M = 0.5
"""A sector of SECTOR_LIDAR is 1 when something in it is nearer than this."""
EYE_LEFT_M = 0.03
"""How far the two eyes of the stereo camera sit from the middle."""


class Sensor(StrEnum):
    """What the car sees with; the names of the original."""

    FRONT_FACING_CAMERA = "FRONT_FACING_CAMERA"
    LEFT_CAMERA = "LEFT_CAMERA"
    STEREO_CAMERAS = "STEREO_CAMERAS"
    LIDAR = "LIDAR"
    SECTOR_LIDAR = "SECTOR_LIDAR"
    DISCRETIZED_SECTOR_LIDAR = "DISCRETIZED_SECTOR_LIDAR"

    @property
    def is_camera(self) -> bool:
        """Whether it gives pictures; the others give distances."""
        return self in _EYES


_EYES = {
    Sensor.FRONT_FACING_CAMERA: (0.0,),
    Sensor.LEFT_CAMERA: (EYE_LEFT_M,),
    Sensor.STEREO_CAMERAS: (EYE_LEFT_M, -EYE_LEFT_M),
}


class LidarConfig(BaseModel):
    """How DISCRETIZED_SECTOR_LIDAR cuts what it measures; `lidar_config` of the original."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, loc_by_alias=False
    )

    num_sectors: int = Field(SECTORS, ge=1, le=NUM_BEAMS, description="equal sectors of the beams")
    num_values_per_sector: int = Field(8, ge=1, le=64, description="steps of distance in each")
    clipping_dist_m: float = Field(
        2.0,
        ge=NEAREST_M,
        le=FURTHEST_M,
        alias="clipping_dist",
        description="what is further away counts as nothing",
    )

    @field_validator("num_sectors")
    @classmethod
    def _divides_the_beams(cls, num_sectors: int) -> int:
        if NUM_BEAMS % num_sectors:
            raise ValueError(
                f"The number of LIDAR sectors is {num_sectors}; choose 1, 2, 4, 8, 16, 32 or 64, "
                f"so that every sector has as many of the {NUM_BEAMS} beams."
            )
        return num_sectors


@dataclass(frozen=True)
class LidarSpec:
    """One LIDAR: what is made of its 64 readings."""

    kind: Sensor = Sensor.LIDAR
    config: LidarConfig = field(default_factory=LidarConfig)
    """Used by DISCRETIZED_SECTOR_LIDAR only."""

    @property
    def num_values(self) -> int:
        """L, the numbers that it gives."""
        if self.kind is Sensor.LIDAR:
            return NUM_BEAMS
        if self.kind is Sensor.SECTOR_LIDAR:
            return SECTORS
        return self.config.num_sectors * self.config.num_values_per_sector

    @property
    def limits(self) -> tuple[float, float]:
        """Least and greatest number that it gives."""
        return (NEAREST_M, CLIP_M) if self.kind is Sensor.LIDAR else (0.0, 1.0)


def beam_angle_rad(beam: int) -> float:
    """Direction of a beam against straight ahead, counter-clockwise: from 30° round to 330°."""
    return math.pi - 0.5 * SCAN_FIELD_RAD + beam * SCAN_FIELD_RAD / (NUM_BEAMS - 1)


def ordered_sensors(sensors: Iterable[Sensor | str]) -> tuple[Sensor, ...]:
    """The sensors of a car, the camera first.

    The old name `observation` stands for the front camera.

    Raises:
        InvalidSpec: there is none, one that is not known, or two of a kind.
    """
    known = tuple(_sensor(each) for each in sensors)
    for what, kind in (("cameras", True), ("LIDARs", False)):
        same = [each.value for each in known if each.is_camera is kind]
        if len(same) > 1:
            raise InvalidSpec(
                f"The sensors hold {len(same)} {what} ({', '.join(same)}); a car has at most one "
                "camera and one LIDAR. Leave out all but one of them."
            )
    if not known:
        raise InvalidSpec("The list of sensors is empty; name a camera, a LIDAR, or one of each.")
    return tuple(sorted(known, key=lambda each: not each.is_camera))


def refuse_unused_config(sensors: Iterable[Sensor], config: LidarConfig | None) -> None:
    """See that sectors are asked for only where there are some to choose.

    Raises:
        InvalidSpec: they are, without DISCRETIZED_SECTOR_LIDAR.
    """
    needed, given = Sensor.DISCRETIZED_SECTOR_LIDAR, tuple(sensors)
    if config is not None and needed not in given:
        raise InvalidSpec(
            f"There is a lidar_config, but the sensors are {', '.join(given)}; leave it out, or "
            f"add {needed.value}."
        )


def camera_of(sensors: Iterable[Sensor], optics: CameraSpec) -> CameraSpec | None:
    """The camera among some sensors with given optics; None without one."""
    for sensor in sensors:
        if sensor.is_camera:
            eyes = _EYES[sensor]
            return optics if optics.eyes_left_m == eyes else _with_eyes(optics, eyes)
    return None


def lidar_of(sensors: Iterable[Sensor], config: LidarConfig | None) -> LidarSpec | None:
    """The LIDAR among some sensors; None without one."""
    for sensor in sensors:
        if not sensor.is_camera:
            return LidarSpec(sensor, config or LidarConfig())
    return None


def _with_eyes(optics: CameraSpec, eyes: tuple[float, ...]) -> CameraSpec:
    if optics.is_colour and len(eyes) > 1:
        raise InvalidSpec(
            "The stereo camera is asked for in colour, but its two eyes give one grey picture "
            "each; leave out the colour, or use the front camera."
        )
    return optics.model_copy(update={"eyes_left_m": eyes})


def _sensor(name: Sensor | str) -> Sensor:
    if name == "observation":
        return Sensor.FRONT_FACING_CAMERA
    try:
        return Sensor(name)
    except ValueError as error:
        raise InvalidSpec(
            f"There is no sensor {str(name)!r}; choose from {', '.join(Sensor)}."
        ) from error
