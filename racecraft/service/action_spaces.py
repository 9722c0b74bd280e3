"""Action spaces that people ask for: by a few numbers, or in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.action_space import (
    ContinuousActionSpace,
    DiscreteActionSpace,
    action_grid,
    refuse_duplicates,
)
from racecraft.domain.errors import InvalidSpec
from racecraft.domain.spec import ModelSpec
from racecraft.service.documents import checked, read_parsed

_FIELDS = ("steering_angle", "speed")
_GRID = ("steering_granularity", "speed_granularity")


class ActionChoice(BaseModel):
    """Evenly spaced actions or everything between; what is left out is as usual."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steering_granularity: Literal[3, 5, 7] = Field(7, description="number of steering angles")
    max_steering_deg: float = Field(30.0, ge=1, le=30, description="largest angle in degrees")
    speed_granularity: Literal[1, 2, 3] = Field(3, description="number of speeds")
    max_speed_mps: float = Field(1.0, ge=0.1, le=4, description="fastest speed in m/s")
    continuous: bool = Field(
        False, description="any angle and speed up to the largest, instead of a list of actions"
    )
    min_speed_mps: float = Field(
        0.5, ge=0.1, le=4, description="slowest speed in m/s; with --continuous"
    )

    def actions(self) -> DiscreteActionSpace | ContinuousActionSpace:
        """The action space.

        Raises:
            InvalidSpec: the slowest of the speeds is too slow, or a field does not go with the
                kind of action space.
        """
        given = self.model_fields_set
        if not self.continuous:
            if "min_speed_mps" in given:
                raise InvalidSpec(
                    f"A slowest speed of {self.min_speed_mps:g} m/s is asked for, but the speeds "
                    "of a list follow from the fastest; leave it out or add --continuous."
                )
            return action_grid(
                max_steering_deg=self.max_steering_deg,
                steering_granularity=self.steering_granularity,
                max_speed_mps=self.max_speed_mps,
                speed_granularity=self.speed_granularity,
            )
        for name in _GRID:
            if name in given:
                raise InvalidSpec(
                    f"The {name.replace('_', ' ')} is {getattr(self, name)}, but a continuous "
                    "action space has no steps; leave it out, or leave out --continuous."
                )
        angle = self.max_steering_deg
        speeds = {"low": self.min_speed_mps, "high": self.max_speed_mps}
        return checked(
            ContinuousActionSpace,
            {"steering_angle": {"low": -angle, "high": angle}, "speed": speeds},
        )


def written_action_space(table: dict[str, Any]) -> DiscreteActionSpace | ContinuousActionSpace:
    """An action space as the document of a model has it.

    Raises:
        InvalidSpec: it does not fit, or has the same action twice.
    """
    space = checked(ModelSpec, {"action_space": table}).action_space
    if isinstance(space, DiscreteActionSpace):
        refuse_duplicates(space)
    return space


def read_action_space(path: Path) -> DiscreteActionSpace | ContinuousActionSpace:
    """An action space from a file.

    The file may hold a list of actions, a table of two ranges, or either of them as
    `action_space` (or `actions`) of a table, such as a `model_metadata.json` of any version.

    Raises:
        NotFound: there is no such file.
        InvalidSpec: it does not hold an action space.
    """
    values = read_parsed(path, "action space file")
    told_kind = values.get("action_space_type") if isinstance(values, dict) else None
    if isinstance(values, dict) and not set(_FIELDS) & set(values):
        values = values.get("actions", values.get("action_space"))
        # As in the file of a model of ours.
        values = values.get("actions", values) if isinstance(values, dict) else values
    space = _space(path, values)
    if told_kind not in (None, space.kind):
        raise InvalidSpec(
            f"{path} says that its action_space_type is {told_kind!r}, but the action space in "
            f"it is {space.kind}; correct one of the two."
        )
    return space


def _space(path: Path, values: Any) -> DiscreteActionSpace | ContinuousActionSpace:
    if isinstance(values, dict) and set(_FIELDS) & set(values):
        return checked(ContinuousActionSpace, _required(path, values))
    if not isinstance(values, list) or not all(isinstance(action, dict) for action in values):
        raise InvalidSpec(
            f"{path} holds no action space; write a list of "
            '{"steering_angle": degrees, "speed": m/s}, or for a continuous one '
            '{"steering_angle": {"low": degrees, "high": degrees}, "speed": {"low": m/s, '
            '"high": m/s}}.'
        )
    if not 2 <= len(values) <= 30:
        count = "1 action" if len(values) == 1 else f"{len(values)} actions"
        raise InvalidSpec(f"{path} lists {count}; an action space has from 2 to 30.")
    # Other fields are notes: the original writes each action's number as `index`.
    actions = [{key: action[key] for key in _FIELDS if key in action} for action in values]
    space = checked(DiscreteActionSpace, {"actions": actions})
    refuse_duplicates(space)
    return space


def _required(path: Path, values: dict[str, Any]) -> dict[str, Any]:
    """The two ranges of a file, which must tell both ends of both."""
    for name in _FIELDS:
        ends = values.get(name)
        if not isinstance(ends, dict) or not {"low", "high"} <= set(ends):
            raise InvalidSpec(
                f"{path} gives {ends!r} as {name}; a continuous action space needs its "
                '{"low": …, "high": …}.'
            )
    return {name: values[name] for name in _FIELDS}
