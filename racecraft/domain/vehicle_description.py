"""A model in the words of the original, `model_metadata.json`: what the car and log tools ask."""

from __future__ import annotations

from typing import Any

from racecraft.domain.action_space import ContinuousActionSpace, DiscreteActionSpace
from racecraft.domain.hyperparameters import AlgorithmName
from racecraft.domain.sensors import LidarConfig, Sensor
from racecraft.domain.spec import ModelSpec

METADATA_VERSION = "6"
"""The newest version of the original's vehicle description; our car has the geometry of 5 and 6."""
ALGORITHM_WORDS: dict[AlgorithmName, str] = {"PPO": "clipped_ppo", "SAC": "sac"}
"""What the original calls them in a vehicle description."""


def vehicle_description(model: ModelSpec, algorithm: AlgorithmName) -> dict[str, Any]:
    """What `model_metadata.json` says of a model that is trained with an algorithm."""
    document: dict[str, Any] = {
        "action_space": _action_space(model.action_space),
        "sensor": [sensor.value for sensor in model.sensors],
        "neural_network": model.network.value,
        "training_algorithm": ALGORITHM_WORDS[algorithm],
        "action_space_type": model.action_space.kind,
        "version": METADATA_VERSION,
    }
    if Sensor.DISCRETIZED_SECTOR_LIDAR in model.sensors:
        config = model.lidar_config or LidarConfig()
        document["lidar_config"] = config.model_dump(by_alias=True)
    return document


def _action_space(space: DiscreteActionSpace | ContinuousActionSpace) -> Any:
    if isinstance(space, ContinuousActionSpace):
        return space.model_dump()
    return [
        {"steering_angle": action.steering_angle, "speed": action.speed, "index": index}
        for index, action in enumerate(space.actions)
    ]
