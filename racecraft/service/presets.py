"""Presets: the models that `racecraft quickstart` trains.

The numbers are tuned on a machine with two cores; `make learn` measures them again.
"""

from __future__ import annotations

from dataclasses import dataclass

from racecraft.domain.action_space import action_grid
from racecraft.domain.bots import BotSpec
from racecraft.domain.errors import NotFound
from racecraft.domain.hyperparameters import PPOHyperparameters, SACHyperparameters
from racecraft.domain.race import RaceSpec, RaceType
from racecraft.domain.randomisation import RandomisationSpec
from racecraft.domain.spec import ModelSpec, Network, StopCondition, TrackChoice, TrainingSpec
from racecraft.service.pace import ACTIONS, CHAMPION_STEPS, REWARD, paced_training
from racecraft.tracks.library import shipped_names

QUICKSTART_TRACK = "harbour-loop"
WIDE_TRACK = "fox-hollow"
"""24.5 m long and 1.07 m wide: there is room beside things on the road."""
SPEED_REWARDS = frozenset(
    {
        "stay-in-lane",
        "progress",
        "heading",
        "aim-ahead",
        "progress-per-step",
        "lap-time",
        "finish-bonus",
        "smooth-steering",
        "avoid-objects",
        "racing-line",
        "fastest-lap",
        "milestones",
    }
)
"""Shipped rewards that pay for speed; only these trainings wait for a fast policy."""


@dataclass(frozen=True)
class Preset:
    """A model and a training that are known to work together."""

    title: str
    model: ModelSpec
    training: TrainingSpec
    typical_env_steps: int
    """Environment steps that this training usually takes; for the estimate of the time left."""
    reward: str = "progress"
    """Shipped reward that it is tuned with."""


_STOP = StopCondition(minutes=30, clean_laps=5, robust_laps=20, min_mean_speed_mps=0.85)

_STOP_AMONG_OBJECTS = _STOP.model_copy(update={"robust_laps": 40})
"""No two laps are alike, so more of them are asked for before a model counts as learnt."""

_TUNED = PPOHyperparameters(
    batch_size=64,
    num_epochs=4,
    learning_rate=1e-3,
    ent_coef=0.0,
    gamma=0.95,
    gae_lambda=0.9,
    max_steps_per_iteration=256,
)
"""Small iterations and a short horizon: what counts at walking pace lies within two seconds."""

_AMONG_OBJECTS = PPOHyperparameters(
    batch_size=64,
    num_epochs=5,
    learning_rate=3e-4,
    ent_coef=0.0,
    gamma=0.97,
    gae_lambda=0.9,
    max_steps_per_iteration=1024,
    num_cars=64,
    policy_average=0.9,
)
"""Every lap is another one: an update looks at more cars, and the mean of many updates drives."""
CONTINUOUS = {
    # Deviations of 1 send most actions to the ends of their ranges, where nothing is learnt.
    "PPO": _TUNED.model_copy(update={"num_epochs": 10, "initial_deviation": 0.5}),
    "SAC": SACHyperparameters(
        batch_size=128,
        learning_rate=1e-3,
        gamma=0.95,
        learns_alpha=True,
        max_steps_per_iteration=256,
    ),
}
"""Hyperparameters that learn continuous actions quickly; `make learn` measures them."""

PRESETS = {
    "default": Preset(
        title="160x120 grey camera, shallow network, 21 actions up to 1 m/s",
        model=ModelSpec(description="Quickstart: time trial with the front camera."),
        training=TrainingSpec(
            tracks=(TrackChoice(name=QUICKSTART_TRACK),),
            hyperparameters=_TUNED,
            stop=_STOP,
            evaluation_share=1.5,
        ),
        typical_env_steps=6_000,
    ),
    "first-laps": Preset(
        title="80x60 grey camera, light network, 21 actions up to 1 m/s",
        model=ModelSpec(
            network=Network.LIGHT, description="Quickstart: time trial with the light network."
        ),
        training=TrainingSpec(
            tracks=(TrackChoice(name=QUICKSTART_TRACK),),
            # A small network takes more passes over the same steps, and they cost little.
            hyperparameters=_TUNED.model_copy(update={"num_epochs": 10}),
            stop=_STOP,
        ),
        typical_env_steps=4_000,
    ),
    "fast": Preset(
        title="as first-laps, but up to 4 m/s on a wide track: a few minutes",
        model=ModelSpec(
            network=Network.LIGHT,
            description="Quickstart: up to 4 m/s.",
            action_space=ACTIONS,
        ),
        training=paced_training(300_000, minutes=5),
        typical_env_steps=300_000,
        reward=REWARD,
    ),
    "champion": Preset(
        title="as fast, and trained until it hardly gets faster: some minutes",
        model=ModelSpec(
            network=Network.LIGHT,
            description="Quickstart: lap times near the physical limit.",
            action_space=ACTIONS,
        ),
        training=paced_training(CHAMPION_STEPS, minutes=30),
        typical_env_steps=CHAMPION_STEPS,
        reward=REWARD,
    ),
    "everywhere": Preset(
        title="as first-laps, but one model for all shipped tracks in both directions and others",
        model=ModelSpec(
            network=Network.LIGHT, description="Quickstart: drives on tracks that it never saw."
        ),
        training=TrainingSpec(
            tracks=tuple(
                TrackChoice(name=name, is_reversed=is_reversed)
                for is_reversed in (False, True)
                for name in shipped_names()
            ),
            # Two cars a track; larger iterations, smaller steps and the mean of many updates, for
            # so many kinds of road.
            hyperparameters=_TUNED.model_copy(
                update={
                    "num_cars": 2 * 2 * len(shipped_names()),
                    "max_steps_per_iteration": 2048,
                    "learning_rate": 3e-4,
                    "policy_average": 0.9,
                }
            ),
            stop=StopCondition(minutes=30, clean_laps=3, robust_laps=5, min_mean_speed_mps=0.85),
            evaluation_trials=1,
            evaluation_share=0.3,
        ),
        typical_env_steps=100_000,
    ),
    "real-car": Preset(
        title="160x120 grey camera, shallow network, 10 gentle actions, all randomisation: for the "
        "physical car",
        model=ModelSpec(
            description="Quickstart: for the physical car.",
            action_space=action_grid(
                max_steering_deg=25.0,
                steering_granularity=5,
                max_speed_mps=0.8,
                speed_granularity=2,
            ),
        ),
        training=TrainingSpec(
            # Both ways round, so that it steers as well to the right as to the left.
            tracks=(
                TrackChoice(name=QUICKSTART_TRACK),
                TrackChoice(name=QUICKSTART_TRACK, is_reversed=True),
            ),
            randomisation=RandomisationSpec.model_validate("all"),
            hyperparameters=_TUNED.model_copy(
                update={
                    "num_cars": 32,
                    "max_steps_per_iteration": 1024,
                    "learning_rate": 3e-4,
                    "policy_average": 0.9,
                }
            ),
            # Laps are clean long before the policy can do without a particular light and car:
            # with everything randomised it drove 9 of 20 laps after 9,000 steps, 20 after 61,000.
            stop=StopCondition(minutes=30, env_steps=60_000),
        ),
        typical_env_steps=60_000,
    ),
    "boxes": Preset(
        title="as first-laps, on a wide track round six boxes at random places",
        model=ModelSpec(
            network=Network.LIGHT, description="Quickstart: object avoidance, light network."
        ),
        training=TrainingSpec(
            tracks=(TrackChoice(name=WIDE_TRACK),),
            race=RaceSpec(type=RaceType.OBJECT_AVOIDANCE),
            hyperparameters=_AMONG_OBJECTS,
            stop=_STOP_AMONG_OBJECTS,
            evaluation_trials=10,
        ),
        typical_env_steps=300_000,
        reward="avoid-objects",
    ),
    "bots": Preset(
        title="as first-laps, on a wide track past four bot cars",
        model=ModelSpec(network=Network.LIGHT, description="Quickstart: head-to-head with bots."),
        training=TrainingSpec(
            tracks=(TrackChoice(name=WIDE_TRACK),),
            race=RaceSpec(type=RaceType.HEAD_TO_HEAD, bots=BotSpec(count=4, speed_mps=0.5)),
            hyperparameters=_AMONG_OBJECTS,
            stop=_STOP_AMONG_OBJECTS,
            evaluation_trials=10,
        ),
        typical_env_steps=300_000,
        reward="avoid-objects",
    ),
}


def preset(name: str) -> Preset:
    """The preset with this name.

    Raises:
        NotFound: there is none.
    """
    if name not in PRESETS:
        raise NotFound(f"There is no preset {name!r}; choose {', '.join(PRESETS)}.")
    return PRESETS[name]


def without_speed_goal(stop: StopCondition) -> StopCondition:
    """The same goal for a reward that does not pay for speed."""
    return stop.model_copy(update={"min_mean_speed_mps": 0.0})
