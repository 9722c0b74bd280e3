"""The documents that people write: a model, its training, an evaluation.

Each field has a default, a range and a help text; command-line help, forms and reference
pages are made from them.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from racecraft.domain.action_space import ActionSpace, action_grid
from racecraft.domain.car import CameraSpec, CarSpec
from racecraft.domain.errors import InvalidSpec
from racecraft.domain.hyperparameters import (
    Exploration,
    Hyperparameters,
    PPOHyperparameters,
    SACHyperparameters,
)
from racecraft.domain.race import RaceSpec
from racecraft.domain.randomisation import RandomisationSpec
from racecraft.domain.sensors import (
    LidarConfig,
    LidarSpec,
    Sensor,
    camera_of,
    lidar_of,
    ordered_sensors,
    refuse_unused_config,
)

MODEL_NAME = re.compile(r"^[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?\Z")


class Network(StrEnum):
    """Policy networks; the first three are what the physical car runs."""

    SHALLOW = "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW"
    DEEP = "DEEP_CONVOLUTIONAL_NETWORK"
    DEEP_DEEP = "DEEP_CONVOLUTIONAL_NETWORK_DEEP"
    LIGHT = "LIGHT"


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TrackChoice(_Document):
    """A track and the direction in which it is driven."""

    name: str = Field("pebble-oval", description="name of a shipped or imported track, or a file")
    is_reversed: bool = Field(False, description="drive against the order of the waypoints")

    def __str__(self) -> str:
        return f"{self.name} (reversed)" if self.is_reversed else self.name


class ModelSpec(_Document):
    """What a model is and stays: name, car, sensors, network and actions."""

    name: str = Field("my-first-model", description="1 to 64 letters, digits and hyphens")
    description: str = Field("", max_length=255, description="what the model is, in your own words")
    sensors: tuple[Sensor, ...] = (Sensor.FRONT_FACING_CAMERA,)
    lidar_config: LidarConfig | None = None
    """Of DISCRETIZED_SECTOR_LIDAR; None for the usual one."""
    network: Network = Field(Network.SHALLOW, description="policy network")
    action_space: ActionSpace = Field(default_factory=action_grid)
    car: CarSpec = CarSpec()

    @field_validator("name")
    @classmethod
    def _name_fits(cls, name: str) -> str:
        if not MODEL_NAME.match(name):
            raise ValueError(
                f"The model name is {name!r}; use 1 to 64 letters, digits and hyphens, "
                "with a letter or digit at both ends."
            )
        return name

    @field_validator("sensors", mode="before")
    @classmethod
    def _sensors_go_together(cls, sensors: Any) -> Any:
        if not isinstance(sensors, list | tuple):
            return sensors
        try:
            return ordered_sensors(sensors)
        except InvalidSpec as error:
            raise ValueError(str(error)) from error

    @model_validator(mode="after")
    def _config_has_its_lidar(self) -> ModelSpec:
        try:
            refuse_unused_config(self.sensors, self.lidar_config)
        except InvalidSpec as error:
            raise ValueError(str(error)) from error
        return self

    @property
    def camera(self) -> CameraSpec | None:
        """The picture that the network reads: 160×120 grey, or 80×60 for the light network.

        None for a model that has only a LIDAR.
        """
        is_light = self.network is Network.LIGHT
        return camera_of(
            self.sensors, CameraSpec(width=80, height=60) if is_light else CameraSpec()
        )

    @property
    def lidar(self) -> LidarSpec | None:
        """The LIDAR that the network reads; None without one."""
        return lidar_of(self.sensors, self.lidar_config)


class StopCondition(_Document):
    """When a training ends; the first condition met ends it."""

    minutes: float | None = Field(None, gt=0, le=1440, description="training time on the clock")
    env_steps: int | None = Field(None, gt=0, description="environment steps")
    clean_laps: int | None = Field(
        None,
        ge=1,
        le=50,
        description="greedy evaluation laps in a row without leaving the track or crashing, on "
        "every track",
    )
    robust_laps: int = Field(
        0, ge=0, le=50, description="and as many from displaced starts, in the same check"
    )
    min_mean_speed_mps: float = Field(
        0.0, ge=0, le=4, description="and at least this centre-line speed over those clean laps"
    )

    @model_validator(mode="after")
    def _ends_some_time(self) -> StopCondition:
        if self.minutes is None and self.env_steps is None and self.clean_laps is None:
            raise ValueError(
                "The training has no end: give a time, a number of steps or of clean laps."
            )
        return self


class TrainingSpec(_Document):
    """One training of a model."""

    tracks: tuple[TrackChoice, ...] = Field(
        (TrackChoice(),),
        min_length=1,
        max_length=64,
        description="car i drives on track i modulo their number; a direction counts as a track",
    )
    race: RaceSpec = RaceSpec()
    randomisation: RandomisationSpec = RandomisationSpec()
    hyperparameters: Hyperparameters = PPOHyperparameters()
    stop: StopCondition = StopCondition(minutes=10)
    seed: int = Field(0, ge=0, lt=2**31, description="same seed, same training")
    evaluation_trials: int = Field(
        5,
        ge=1,
        le=50,
        description="greedy laps tried after each iteration to find the best one; several tracks "
        "share them, with at least one on each",
    )
    evaluation_share: float = Field(
        3.0, ge=0, le=100, description="greedy steps driven for each step learnt from, at most"
    )
    threads: int = Field(2, ge=1, le=64, description="processor cores to use; part of the seed")
    uses_bf16: bool | None = Field(
        None, description="16-bit arithmetic in the network; by default where it is faster"
    )


def check_training_fits(model: ModelSpec, training: TrainingSpec) -> None:
    """See that a model can be trained so.

    Raises:
        InvalidSpec: it cannot; the two values that do not go together are told.
    """
    cars, tracks = training.hyperparameters.num_cars, len(training.tracks)
    if cars < tracks:
        raise InvalidSpec(
            f"The training has {tracks} tracks, each direction counted, but only {cars} cars, so "
            f"some would never be driven; set num_cars to {tracks} or more."
        )
    if model.camera is None and not training.race.has_objects:
        raise InvalidSpec(
            f"The only sensor is {model.sensors[0].value}, which sees boxes and cars but no road, "
            f"and in this race ({training.race.type.value}) it would see nothing at all; add a "
            "camera, or train among boxes or bot cars."
        )
    if isinstance(training.hyperparameters, SACHyperparameters):
        if model.action_space.kind != "continuous":
            raise InvalidSpec(
                "The algorithm is SAC, which needs a continuous action space, but the action space "
                f"is a list of {model.action_space.summary}; choose two ranges (--continuous), or "
                "PPO."
            )
        return
    exploration = training.hyperparameters.exploration_type
    if model.action_space.kind == "continuous" and exploration is Exploration.E_GREEDY:
        raise InvalidSpec(
            f"The exploration_type is {exploration.value}, which picks from a list of actions, but "
            f"the action space is continuous ({model.action_space.summary}); choose "
            f"{Exploration.CATEGORICAL.value}, which samples the policy, or a list of actions."
        )


class EvaluationSpec(_Document):
    """One evaluation of a checkpoint."""

    track: TrackChoice = TrackChoice()
    race: RaceSpec = RaceSpec()
    randomisation: RandomisationSpec = RandomisationSpec()
    trials: int = Field(5, ge=1, le=50, description="laps to try")
    is_continuous: bool = Field(False, description="drive the laps in one go instead of one by one")
    max_resets: int = Field(
        0, ge=0, le=10_000, description="times the car is put back on the track before a trial ends"
    )
    off_track_penalty_s: float = Field(
        2.0, ge=0, le=60, description="pause after leaving the track"
    )
    collision_penalty_s: float = Field(5.0, ge=0, le=60, description="pause after a crash")
    interval_jitter: float = Field(
        0.0, ge=0, le=0.1, description="random share by which the control interval varies"
    )
    seed: int = Field(0, ge=0, lt=2**31, description="same seed, same lap times")
    checkpoint: str = Field("best", description="`best`, `last` or an iteration number")
