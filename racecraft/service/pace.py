"""Trainings for lap times: what the presets `fast` and `champion` choose, and why.

`python -m benchmarks.pace` measures them against the physical limit.
"""

from __future__ import annotations

from racecraft.domain.action_space import Action, DiscreteActionSpace
from racecraft.domain.hyperparameters import PPOHyperparameters
from racecraft.domain.spec import StopCondition, TrackChoice, TrainingSpec

TRACK = "fox-hollow"
"""24.5 m long and 1.07 m wide: room for a racing line."""
REWARD = "lap-time"


def paced_actions(
    speeds_mps: dict[float, tuple[float, ...]],
) -> DiscreteActionSpace:
    """Actions to either side: for each steering angle (degrees, 0 or more) its speeds."""
    both = sorted({angle * side for angle in speeds_mps for side in (-1.0, 1.0)})
    return DiscreteActionSpace(
        actions=tuple(
            Action(steering_angle=angle, speed=speed)
            for angle in both
            for speed in speeds_mps[abs(angle)]
        )
    )
