"""The small documents of a model: what it is, how it learns, which checkpoints count."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from racecraft.domain.hyperparameters import (
    AlgorithmName,
    PPOHyperparameters,
    SACHyperparameters,
)
from racecraft.domain.spec import ModelSpec
from racecraft.domain.vehicle_description import vehicle_description
from racecraft.training.artifacts.files import write_json

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
    write_json(folder / "model" / "model_metadata.json", vehicle_description(model, algorithm))


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
