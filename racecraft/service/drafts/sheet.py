"""What stands in the form of a new model: plain values, also those that do not fit yet."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from racecraft.domain.action_space import ContinuousActionSpace, DiscreteActionSpace
from racecraft.domain.bots import BotSpec
from racecraft.domain.hyperparameters import HYPERPARAMETERS, AlgorithmName
from racecraft.domain.obstacles import ObstacleSpec
from racecraft.domain.race import RaceType
from racecraft.domain.spec import TrackChoice
from racecraft.service.action_spaces import ActionChoice
from racecraft.service.documents import checked
from racecraft.service.garage import BUILT_IN
from racecraft.service.presets import QUICKSTART_TRACK

Values = dict[str, Any]
RANGE_FIELDS = ("angle_low", "angle_high", "speed_low", "speed_high")


class Part(IntEnum):
    """The steps of the form, in order."""

    TRACK = 0
    RACE = 1
    ACTIONS = 2
    VEHICLE = 3
    REWARD = 4


class Ending(StrEnum):
    """What ends the training; a time is always set as well."""

    LAPS = "laps"
    TIME = "time"
    STEPS = "steps"


class Sheet(BaseModel):
    """One form. What a person has not touched has the defaults of the documents."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    preset: str = ""
    """What it was filled in from; empty when from scratch."""
    part: Part = Part.TRACK
    """The step that is open."""
    reached: Part = Part.TRACK
    """The furthest one that was open."""

    name: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    checkpoint: str = "best"
    """Of the model that is cloned."""
    tracks: tuple[TrackChoice, ...] = (TrackChoice(name=QUICKSTART_TRACK),)

    race_type: RaceType = RaceType.TIME_TRIAL
    boxes: Values = ObstacleSpec().model_dump()
    bots: Values = BotSpec().model_dump()
    algorithm: AlgorithmName = "PPO"
    hyperparameters: dict[str, Values] = {
        name: document().model_dump(mode="json", exclude={"algorithm"})
        for name, document in HYPERPARAMETERS.items()
    }
    """By algorithm, so that a change there and back loses nothing."""

    action_kind: Literal["discrete", "continuous"] = "discrete"
    grid: Values = ActionChoice().model_dump(exclude={"continuous", "min_speed_mps"})
    is_advanced: bool = False
    """Whether the list of actions is edited by hand."""
    actions: tuple[Values, ...] = ()
    """The list that is edited by hand."""
    ranges: Values = {"angle_low": -30.0, "angle_high": 30.0, "speed_low": 0.5, "speed_high": 1.0}

    vehicle_id: str = BUILT_IN
    network: str = ""
    """Another network than the vehicle's; empty for the vehicle's."""

    reward_source: str = ""
    ending: Ending = Ending.TIME
    minutes: float | None = 60.0
    clean_laps: float | None = 5
    robust_laps: float | None = 0
    min_mean_speed_mps: float | None = 0.0
    env_steps: float | None = 100_000
    more: Values = {}
    """Fields of the training that the form does not show."""

    @property
    def values(self) -> Values:
        """Hyperparameters of the chosen algorithm."""
        return self.hyperparameters[self.algorithm]

    def changed(self, **fields: Any) -> Sheet:
        """The same sheet with other values in some fields."""
        return Sheet.model_validate({**dict(self), **fields})

    def action_space(self) -> DiscreteActionSpace | ContinuousActionSpace:
        """The action space that the form describes.

        Raises:
            InvalidSpec: it does not fit.
        """
        if self.action_kind == "continuous":
            ends = self.ranges
            fields = {
                "steering_angle": {"low": ends["angle_low"], "high": ends["angle_high"]},
                "speed": {"low": ends["speed_low"], "high": ends["speed_high"]},
            }
            return checked(ContinuousActionSpace, fields)
        if self.is_advanced:
            return checked(DiscreteActionSpace, {"actions": self.actions})
        return checked(ActionChoice, self.grid).actions()

    def race(self) -> Values:
        """Fields of RaceSpec."""
        fields: Values = {"type": self.race_type.value}
        if self.race_type is RaceType.OBJECT_AVOIDANCE:
            fields["obstacles"] = self.boxes
        elif self.race_type is RaceType.HEAD_TO_HEAD:
            fields["bots"] = self.bots
        return fields

    def stop(self) -> Values:
        """Fields of StopCondition."""
        fields: Values = {"minutes": self.minutes}
        if self.ending is Ending.LAPS:
            fields |= {
                "clean_laps": self.clean_laps,
                "robust_laps": self.robust_laps,
                "min_mean_speed_mps": self.min_mean_speed_mps,
            }
        elif self.ending is Ending.STEPS:
            fields["env_steps"] = self.env_steps
        return fields
