"""Action spaces: which steering angles and speeds a policy can choose from.

Angles are degrees and speeds m/s here, because a person writes and reads them so; the
simulator's commands are radians. Positive steering turns left.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.errors import InvalidSpec


class Action(BaseModel):
    """One choice of a discrete action space."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steering_angle: float = Field(ge=-30, le=30, description="degrees, left is positive")
    speed: float = Field(ge=0.1, le=4.0, description="m/s")


class DiscreteActionSpace(BaseModel):
    """A numbered list of actions; the position in the list is the action number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    actions: tuple[Action, ...] = Field(min_length=2, max_length=30)

    def __len__(self) -> int:
        return len(self.actions)

    @property
    def steering_deg(self) -> NDArray[np.float64]:
        """(A,) commanded steering angle of every action."""
        return np.array([action.steering_angle for action in self.actions])

    @property
    def speed_mps(self) -> NDArray[np.float64]:
        """(A,) commanded speed of every action."""
        return np.array([action.speed for action in self.actions])


def action_grid(
    *,
    max_steering_deg: float = 30.0,
    steering_granularity: int = 7,
    max_speed_mps: float = 1.0,
    speed_granularity: int = 3,
) -> DiscreteActionSpace:
    """Evenly spaced steering angles times evenly spaced speeds.

    Order as in the original console: from right to left, and for each angle from slow to fast.

    Raises:
        InvalidSpec: a granularity or a maximum is outside its range.
    """
    if steering_granularity not in (3, 5, 7):
        raise InvalidSpec(
            f"The steering granularity is {steering_granularity}; choose 3, 5 or 7 angles."
        )
    if speed_granularity not in (1, 2, 3):
        raise InvalidSpec(f"The speed granularity is {speed_granularity}; choose 1, 2 or 3 speeds.")
    if not 1.0 <= max_steering_deg <= 30.0:
        raise InvalidSpec(f"The maximum steering angle is {max_steering_deg:g}°; choose 1° to 30°.")
    slowest_mps = round(max_speed_mps / speed_granularity, 4)
    if not (slowest_mps >= 0.1 and max_speed_mps <= 4.0):
        raise InvalidSpec(
            f"The maximum speed is {max_speed_mps:g} m/s in {speed_granularity} steps; "
            "the slowest must be at least 0.1 m/s and the fastest at most 4 m/s."
        )
    angles = np.linspace(-max_steering_deg, max_steering_deg, steering_granularity)
    speeds = max_speed_mps * np.arange(1, speed_granularity + 1) / speed_granularity
    return DiscreteActionSpace(
        actions=tuple(
            Action(steering_angle=round(float(angle), 4), speed=round(float(speed), 4))
            for angle in angles
            for speed in speeds
        )
    )
