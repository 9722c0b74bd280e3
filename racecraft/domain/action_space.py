"""Action spaces: which steering angles and speeds a policy can choose from.

Angles are degrees and speeds m/s here, because a person writes and reads them so; the
simulator's commands are radians. Positive steering turns left.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from racecraft.domain.errors import InvalidInput, InvalidSpec

Commands = NDArray[np.float64]
CommandFunction = Callable[[NDArray[Any]], Commands]
"""Actions of some cars -> (B, 2) steering (rad) and speed (m/s)."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Action(_Part):
    """One choice of a discrete action space."""

    steering_angle: float = Field(ge=-30, le=30, description="degrees, left is positive")
    speed: float = Field(ge=0.1, le=4.0, description="m/s")

    def __str__(self) -> str:
        return f"{self.steering_angle:g}° at {self.speed:g} m/s"


class DiscreteActionSpace(_Part):
    """A numbered list of actions; the position in the list is the action number."""

    actions: tuple[Action, ...] = Field(min_length=2, max_length=30)

    def __len__(self) -> int:
        return len(self.actions)

    @property
    def kind(self) -> Literal["discrete", "continuous"]:
        """The word in `action_space_type` of a vehicle description."""
        return "discrete"

    @property
    def num_outputs(self) -> int:
        """Outputs of the policy network: one an action."""
        return len(self.actions)

    @property
    def summary(self) -> str:
        """A few words for tables."""
        return f"{len(self.actions)} actions"

    @property
    def steering_deg(self) -> NDArray[np.float64]:
        """(A,) commanded steering angle of every action."""
        return np.array([action.steering_angle for action in self.actions])

    @property
    def speed_mps(self) -> NDArray[np.float64]:
        """(A,) commanded speed of every action."""
        return np.array([action.speed for action in self.actions])

    @property
    def speed_range_mps(self) -> tuple[float, float]:
        """Slowest and fastest speed."""
        return float(self.speed_mps.min()), float(self.speed_mps.max())

    def command_function(self) -> CommandFunction:
        """What action numbers (B,) command."""
        table = np.stack([np.radians(self.steering_deg), self.speed_mps], axis=1)
        return table.__getitem__


class SteeringRange(_Part):
    """Steering angles from the rightmost to the leftmost."""

    low: float = Field(-30.0, ge=-30, le=30, description="degrees, left is positive")
    high: float = Field(30.0, ge=-30, le=30, description="degrees, left is positive")

    @model_validator(mode="after")
    def _has_width(self) -> SteeringRange:
        if self.low >= self.high:
            raise ValueError(
                f"The steering angles go from {self.low:g}° to {self.high:g}°; "
                "the low end must be below the high end (left is positive)."
            )
        return self


class SpeedRange(_Part):
    """Speeds from the slowest to the fastest."""

    low: float = Field(0.5, ge=0.1, le=4, description="m/s")
    high: float = Field(1.0, ge=0.1, le=4, description="m/s")

    @model_validator(mode="after")
    def _has_width(self) -> SpeedRange:
        if self.low >= self.high:
            raise ValueError(
                f"The speeds go from {self.low:g} m/s to {self.high:g} m/s; "
                "the low end must be below the high end."
            )
        return self


class ContinuousActionSpace(_Part):
    """Any steering angle and any speed between two limits.

    Actions are pairs of numbers from -1 to 1, steering first: -1 is the low end of its range,
    1 the high end, and what lies beyond counts as the end.
    """

    steering_angle: SteeringRange = SteeringRange()
    speed: SpeedRange = SpeedRange()

    @property
    def kind(self) -> Literal["discrete", "continuous"]:
        """The word in `action_space_type` of a vehicle description."""
        return "continuous"

    @property
    def num_outputs(self) -> int:
        """Outputs of the policy network: steering and speed."""
        return 2

    @property
    def summary(self) -> str:
        """A few words for tables."""
        angle, speed = self.steering_angle, self.speed
        return f"{angle.low:g}° to {angle.high:g}°, {speed.low:g} to {speed.high:g} m/s"

    @property
    def speed_range_mps(self) -> tuple[float, float]:
        """Slowest and fastest speed."""
        return self.speed.low, self.speed.high

    def command_function(self) -> CommandFunction:
        """What pairs (B, 2) command, each steering then speed from -1 to 1.

        The function raises InvalidInput for what is not a number.
        """
        low = np.array([np.radians(self.steering_angle.low), self.speed.low])
        high = np.array([np.radians(self.steering_angle.high), self.speed.high])
        middle, half = 0.5 * (low + high), 0.5 * (high - low)

        def commands(actions: NDArray[Any]) -> Commands:
            if np.isnan(actions).any():
                raise InvalidInput(
                    "A continuous action is not a number; look for what made it so, for instance "
                    "a policy whose weights have grown without limit."
                )
            # Clipped after the arithmetic: its rounding must not lead beyond the limits.
            inside: Commands = np.clip(middle + half * actions.astype(np.float64), low, high)
            return inside

        return commands


def _kind_of(value: Any) -> str:
    """Tag of an action space in a document: what it looks like, right or wrong."""
    if isinstance(value, dict):
        return "discrete" if "actions" in value else "continuous"
    return "continuous" if isinstance(value, ContinuousActionSpace) else "discrete"


ActionSpace = Annotated[
    Annotated[DiscreteActionSpace, Tag("discrete")]
    | Annotated[ContinuousActionSpace, Tag("continuous")],
    Discriminator(_kind_of),
]
"""Either kind; a document with `actions` is a list."""


def refuse_duplicates(space: DiscreteActionSpace) -> None:
    """See that no action of a new list is there twice; old lists may be as they are.

    Raises:
        InvalidSpec: one is.
    """
    first: dict[Action, int] = {}
    for index, action in enumerate(space.actions):
        if action in first:
            raise InvalidSpec(
                f"The actions {first[action]} and {index} (counted from 0) are both {action}; "
                "remove one of them or change it."
            )
        first[action] = index


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
