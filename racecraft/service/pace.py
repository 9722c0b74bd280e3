"""Trainings for lap times: what the presets `fast` and `champion` choose, and why.

`make pace` measures them against the physical limit.
"""

from __future__ import annotations

from racecraft.domain.action_space import ContinuousActionSpace, SpeedRange, SteeringRange
from racecraft.domain.hyperparameters import PPOHyperparameters
from racecraft.domain.spec import StopCondition, TrackChoice, TrainingSpec

TRACK = "fox-hollow"
"""24.5 m long and 1.07 m wide: room for a racing line."""
REWARD = "lap-time"
ACTIONS = ContinuousActionSpace(
    steering_angle=SteeringRange(low=-25.0, high=25.0), speed=SpeedRange(low=1.0, high=4.0)
)
"""Means of continuous actions drive as well as the draws that they were learnt from. With lists of
up to 30 actions the likeliest one often left the road where draws had stayed on it for laps."""


CHAMPION_STEPS = 900_000
"""A longer training with a slower schedule gets no faster
(`docs/decisions/0019-the-spread-of-actions-falls-on-a-schedule.md`)."""


def paced_training(env_steps: int, minutes: float) -> TrainingSpec:
    """A training for lap times that is over after so many steps, or minutes.

    The learning rate and the spread of actions fall as if it went on for `CHAMPION_STEPS`: a short
    training has no time for fine corrections, and gets faster with large ones.
    """
    return TrainingSpec(
        tracks=(TrackChoice(name=TRACK),),
        hyperparameters=PPOHyperparameters(
            batch_size=256,
            num_epochs=3,
            learning_rate=1e-3,
            ent_coef=0.0,
            gamma=0.97,
            initial_deviation=0.4,
            final_deviation=0.06,
            num_episodes_between_training=100,
            max_steps_per_iteration=2048,
            num_cars=64,
            policy_average=0.9,
            decay_steps=CHAMPION_STEPS,
        ),
        stop=StopCondition(minutes=minutes, env_steps=env_steps),
        evaluation_share=0.3,
        strict_laps=10,
    )
