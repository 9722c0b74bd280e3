"""Hyperparameters: what a person can turn, with range, default and help on every field.

One class an algorithm. The first block of each is the console's table and also answers to its
spellings (`lr`, `discount_factor`, …). The second block is what the console kept to itself.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator


class LossType(StrEnum):
    """How the value function's error is measured."""

    HUBER = "huber"
    MEAN_SQUARED_ERROR = "mean squared error"


class Exploration(StrEnum):
    """How training picks actions from the policy."""

    CATEGORICAL = "categorical"
    E_GREEDY = "e-greedy"


class Critic(StrEnum):
    """What the value function sees and shares; the policy network is the same in all three."""

    TRACK = "track"
    SEPARATE = "separate"
    SHARED = "shared"


LEAST_RATE = 0.05
"""Share of the learning rate that is left when it has fallen for `decay_steps`."""


class PPOHyperparameters(BaseModel):
    """Proximal policy optimisation."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    algorithm: Literal["PPO"] = Field("PPO", description="proximal policy optimisation")

    batch_size: Literal[32, 64, 128, 256, 512] = Field(64, description="steps in one gradient step")
    num_epochs: int = Field(10, ge=3, le=10, description="passes over the gathered steps an update")
    learning_rate: float = Field(
        3e-4,
        ge=1e-8,
        le=1e-3,
        validation_alias=AliasChoices("learning_rate", "lr"),
        description="size of a gradient step",
    )
    ent_coef: float = Field(
        0.01,
        ge=0,
        le=1,
        validation_alias=AliasChoices("ent_coef", "beta_entropy", "entropy"),
        description="bonus for keeping the choice of actions open",
    )
    gamma: float = Field(
        0.999,
        ge=0,
        le=1,
        validation_alias=AliasChoices("gamma", "discount_factor"),
        description="how much a reward one step later is worth",
    )
    loss_type: LossType = Field(LossType.HUBER, description="error measure of the value function")
    num_episodes_between_training: int = Field(
        20, ge=1, le=100, description="episodes gathered between two updates"
    )
    exploration_type: Exploration = Field(
        Exploration.CATEGORICAL, description="sample the policy, or be greedy with random slips"
    )
    e_greedy_value: float = Field(0.05, ge=0, le=1, description="final share of random actions")
    epsilon_steps: int = Field(10_000, ge=1, description="steps until that share is reached")

    gae_lambda: float = Field(0.95, ge=0, le=1, description="bias against variance of advantages")
    clip_range: float = Field(0.2, gt=0, le=1, description="how far one update may move the policy")
    initial_deviation: float = Field(
        1.0,
        ge=0.05,
        le=2,
        description="how widely continuous actions vary at first; 1 reaches from middle to end",
    )
    final_deviation: float = Field(
        0.0,
        ge=0,
        le=2,
        description="how widely continuous actions may still vary after `decay_steps`; 0 leaves "
        "it to what is learnt",
    )
    max_steps_per_iteration: int = Field(
        512, ge=64, le=100_000, description="update at this many steps even with fewer episodes"
    )
    decay_steps: int = Field(
        0,
        ge=0,
        description="environment steps over which the learning rate falls to a twentieth, and "
        "the spread of actions to `final_deviation`; 0 keeps the rate as it is",
    )
    update_share: float = Field(
        0.5, ge=0.1, le=1, description="learn from this share of the steps, the most telling ones"
    )
    num_cars: int = Field(32, ge=1, le=1024, description="cars that gather experience side by side")
    critic: Critic = Field(
        Critic.TRACK, description="value function: track state, own camera network, or shared"
    )
    policy_average: float = Field(
        0.0,
        ge=0,
        le=0.999,
        description="how much of the model stays when it follows an update; 0 takes each as it is",
    )
    practice_share: float = Field(
        0.5, ge=0, le=1, description="share of the cars that practise starts instead of laps"
    )
    practice_steps: int = Field(
        60, ge=10, le=10_000, description="steps after which a practising car is put on a new start"
    )
    start_jitter: float = Field(
        0.5,
        ge=0,
        le=0.9,
        description="training starts displaced by up to this share of the half width",
    )

    @model_validator(mode="after")
    def _deviation_can_fall(self) -> PPOHyperparameters:
        if self.final_deviation > self.initial_deviation:
            raise ValueError(
                f"The final_deviation is {self.final_deviation:g}, and the initial_deviation "
                f"{self.initial_deviation:g}; actions begin wide and become finer, so choose a "
                "smaller final one."
            )
        if self.final_deviation and not self.decay_steps:
            raise ValueError(
                f"The final_deviation is {self.final_deviation:g}, but decay_steps is 0; say with "
                "decay_steps over how many environment steps the spread is to fall."
            )
        return self

    @property
    def num_lap_cars(self) -> int:
        """Cars that drive whole episodes; the others practise starts and keep no records."""
        return _lap_cars(self.num_cars, self.practice_share)

    def learning_rate_at(self, env_steps: int) -> float:
        """Size of a gradient step after so many environment steps."""
        if self.decay_steps == 0:
            return self.learning_rate
        return self.learning_rate * max(1.0 - env_steps / self.decay_steps, LEAST_RATE)

    def most_deviation_at(self, env_steps: int) -> float | None:
        """Standard deviation that continuous actions may have at most; None if it is free.

        It falls by the same factor with every environment step.
        """
        if self.final_deviation == 0.0:
            return None
        done = min(env_steps / self.decay_steps, 1.0)
        ratio = self.final_deviation / self.initial_deviation
        return float(self.initial_deviation * ratio**done)

    def random_share(self, env_steps: int) -> float | None:
        """Share of random actions after so many steps; None to sample the policy."""
        if self.exploration_type is Exploration.CATEGORICAL:
            return None
        share = min(env_steps / self.epsilon_steps, 1.0)
        return 1.0 + share * (self.e_greedy_value - 1.0)


class SACHyperparameters(BaseModel):
    """Soft actor-critic; for continuous action spaces."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    algorithm: Literal["SAC"] = Field("SAC", description="soft actor-critic")

    batch_size: Literal[32, 64, 128, 256, 512] = Field(64, description="steps in one gradient step")
    learning_rate: float = Field(
        3e-4,
        ge=1e-8,
        le=1e-3,
        validation_alias=AliasChoices("learning_rate", "lr"),
        description="size of a gradient step",
    )
    sac_alpha: float = Field(
        0.2, ge=0, le=1, description="worth of random driving, in units of the usual reward"
    )
    gamma: float = Field(
        0.99,
        ge=0,
        le=1,
        validation_alias=AliasChoices("gamma", "discount_factor"),
        description="how much a reward one step later is worth",
    )
    loss_type: LossType = Field(
        LossType.MEAN_SQUARED_ERROR, description="error measure of the value function"
    )
    num_episodes_between_training: int = Field(
        1, ge=1, le=100, description="episodes gathered between two updates"
    )

    learns_alpha: bool = Field(
        False, description="learn sac_alpha, from its value on, so that actions stay varied"
    )
    scales_rewards: bool = Field(
        True, description="divide rewards by their usual size, so that their unit does not matter"
    )
    gradient_steps_per_step: float = Field(
        0.25, gt=0, le=16, description="gradient steps for each step gathered"
    )
    warm_up_steps: int = Field(
        1_000, ge=0, le=1_000_000, description="steps of random driving before the first update"
    )
    replay_steps: int = Field(
        20_000, ge=1_000, le=1_000_000, description="newest steps that are kept to learn from"
    )
    target_smoothing: float = Field(
        0.005, gt=0, le=1, description="share by which the target value function follows each step"
    )
    max_steps_per_iteration: int = Field(
        512, ge=64, le=100_000, description="update at this many steps even with fewer episodes"
    )
    num_cars: int = Field(32, ge=1, le=1024, description="cars that gather experience side by side")
    critic: Literal[Critic.TRACK, Critic.SEPARATE] = Field(
        Critic.TRACK, description="value function: track state, or own camera network"
    )
    practice_share: float = Field(
        0.5, ge=0, le=1, description="share of the cars that practise starts instead of laps"
    )
    practice_steps: int = Field(
        60, ge=10, le=10_000, description="steps after which a practising car is put on a new start"
    )
    start_jitter: float = Field(
        0.5,
        ge=0,
        le=0.9,
        description="training starts displaced by up to this share of the half width",
    )

    @property
    def num_lap_cars(self) -> int:
        """Cars that drive whole episodes; the others practise starts and keep no records."""
        return _lap_cars(self.num_cars, self.practice_share)

    def random_share(self, env_steps: int) -> float | None:
        """Share of random actions after so many steps; None to sample the policy."""
        return 1.0 if env_steps < self.warm_up_steps else None


def _lap_cars(num_cars: int, practice_share: float) -> int:
    return max(num_cars - int(num_cars * practice_share), 1)


AlgorithmName = Literal["PPO", "SAC"]
HYPERPARAMETERS: dict[str, type[PPOHyperparameters] | type[SACHyperparameters]] = {
    "PPO": PPOHyperparameters,
    "SAC": SACHyperparameters,
}


def algorithm_of(value: Any) -> str:
    """Tag of hyperparameters in a document: those that name no algorithm are PPO's."""
    named = value.get("algorithm") if isinstance(value, dict) else getattr(value, "algorithm", None)
    return "PPO" if named is None else str(named)


Hyperparameters = Annotated[
    Annotated[PPOHyperparameters, Tag("PPO")] | Annotated[SACHyperparameters, Tag("SAC")],
    Discriminator(algorithm_of),
]
"""Those of any algorithm; the field `algorithm` tells which."""
