"""The small documents of a model: what it is, how it learns, which checkpoints count."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from racecraft.domain.action_space import ContinuousActionSpace, DiscreteActionSpace
from racecraft.domain.hyperparameters import (
    AlgorithmName,
    PPOHyperparameters,
    SACHyperparameters,
)
from racecraft.domain.sensors import LidarConfig, Sensor
from racecraft.domain.spec import ModelSpec
from racecraft.training.artifacts.files import write_json

METADATA_VERSION = "6"
"""The newest version of the original's vehicle description; our car has the geometry of 5 and 6."""
ALGORITHM_WORDS: dict[AlgorithmName, str] = {"PPO": "clipped_ppo", "SAC": "sac"}
"""What the original calls them in a vehicle description."""
_NEVER = 100_000
"""The original's default for its two stop conditions that stop nothing."""


@dataclass(frozen=True)
class CheckpointEntry:
    """One line of the checkpoint index."""

    iteration: int
    env_steps: int
    mean_progress: float
    """Mean completion of the evaluation after this iteration, 0 to 100."""
    time_s: float
    """Wall clock, seconds since 1970."""

    @property
    def name(self) -> str:
        """The name that the original gives to such a checkpoint."""
        return f"{self.iteration}_Step-{self.env_steps}.ckpt"


def write_metadata(folder: Path, model: ModelSpec, algorithm: AlgorithmName = "PPO") -> None:
    """Write `model/model_metadata.json`: what the physical car and log tools ask first.

    Raises:
        StorageFailed: the file could not be written.
    """
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
    write_json(folder / "model" / "model_metadata.json", document)


def _action_space(space: DiscreteActionSpace | ContinuousActionSpace) -> Any:
    if isinstance(space, ContinuousActionSpace):
        return space.model_dump()
    return [
        {"steering_angle": action.steering_angle, "speed": action.speed, "index": index}
        for index, action in enumerate(space.actions)
    ]


def write_hyperparameters(
    folder: Path, hyperparameters: PPOHyperparameters | SACHyperparameters
) -> None:
    """Write `ip/hyperparameters.json` in the console's spellings.

    Only what the console knows is in it; `training.json` of the model folder holds the rest.

    Raises:
        StorageFailed: the file could not be written.
    """
    document: dict[str, Any] = {
        "batch_size": hyperparameters.batch_size,
        "discount_factor": hyperparameters.gamma,
        "loss_type": hyperparameters.loss_type.value,
        "lr": hyperparameters.learning_rate,
        "num_episodes_between_training": hyperparameters.num_episodes_between_training,
        "stack_size": 1,
        "term_cond_avg_score": _NEVER,
        "term_cond_max_episodes": _NEVER,
    }
    if isinstance(hyperparameters, PPOHyperparameters):
        document |= {
            "beta_entropy": hyperparameters.ent_coef,
            "e_greedy_value": hyperparameters.e_greedy_value,
            "epsilon_steps": hyperparameters.epsilon_steps,
            "exploration_type": hyperparameters.exploration_type.value,
            "num_epochs": hyperparameters.num_epochs,
        }
    else:
        document["sac_alpha"] = hyperparameters.sac_alpha
    write_json(folder / "ip" / "hyperparameters.json", dict(sorted(document.items())))


def write_checkpoint_index(folder: Path, best: CheckpointEntry, last: CheckpointEntry) -> None:
    """Write `model/deepracer_checkpoints.json`: the best and the newest checkpoint.

    Raises:
        StorageFailed: the file could not be written.
    """
    document = {"best_checkpoint": _entry(best), "last_checkpoint": _entry(last)}
    write_json(folder / "model" / "deepracer_checkpoints.json", document)


def _entry(checkpoint: CheckpointEntry) -> dict[str, Any]:
    return {
        "name": checkpoint.name,
        "avg_eval_metric": checkpoint.mean_progress,
        "time_stamp": checkpoint.time_s,
    }
