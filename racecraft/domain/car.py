"""The car: its size, its limits and where its sensors sit.

Lengths are metres in the car frame (x forward, y left), from the midpoint of the axles.
Sizes are those of the original 1/18-scale vehicle description; the physics that moves the
car, and where its numbers come from, is told in `docs/explanation/physics.md`.
"""

from __future__ import annotations

import math
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Grip(StrEnum):
    """How much sideways grip the tyres give: lateral acceleration in a steady circle."""

    SLIPPERY = "slippery"
    STANDARD = "standard"
    GRIPPY = "grippy"

    @property
    def lateral_mps2(self) -> float:
        """Sustained lateral acceleration at 2 to 3 m/s (m/s²)."""
        return {"slippery": 2.5, "standard": 3.3, "grippy": 4.9}[self.value]


class CarSpec(BaseModel):
    """One car design."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    wheelbase_m: float = Field(0.16397, gt=0, description="distance between the axles")
    nose_m: float = Field(0.14, description="point ahead of the origin that is located on track")
    wheel_x_m: tuple[float, float] = Field((-0.081663, 0.082311), description="rear, front axle")
    wheel_y_m: tuple[float, float] = Field(
        (0.08105, 0.079601), description="rear, front half gauge"
    )
    body_length_m: float = 0.32352
    body_width_m: float = 0.1961
    max_steering_rad: float = Field(math.radians(30.0), gt=0)
    min_speed_mps: float = 0.1
    max_speed_mps: float = 4.0
    grip: Grip = Grip.STANDARD


class CameraSpec(BaseModel):
    """A pinhole camera without distortion, level in roll."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int = Field(160, ge=16, le=1280, multiple_of=4)
    height: int = Field(120, ge=12, le=960, multiple_of=4)
    horizontal_fov_rad: float = Field(1.13, gt=0.1, lt=2.8)
    pitch_down_rad: float = 0.2618
    ahead_m: float = Field(0.1453, description="optical centre, ahead of the car's origin")
    height_m: float = Field(0.1303, gt=0, description="optical centre, above the road")
    eyes_left_m: tuple[float, ...] = Field(
        (0.0,), min_length=1, max_length=2, description="each optical centre, left of the middle"
    )
    is_colour: bool = False

    @property
    def channels(self) -> int:
        """1 for grey, 2 for grey with two eyes, 3 for colour."""
        return 3 if self.is_colour else len(self.eyes_left_m)
