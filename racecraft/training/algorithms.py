"""Which algorithm learns from which hyperparameters: the one table, and the way in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from racecraft.domain.hyperparameters import PPOHyperparameters, SACHyperparameters
from racecraft.domain.spec import ModelSpec, TrainingSpec
from racecraft.training import ppo, sac
from racecraft.training.report import IterationReport

TRAINERS = {PPOHyperparameters: ppo.train, SACHyperparameters: sac.train}


def train(
    model: ModelSpec,
    training: TrainingSpec,
    *,
    reward_source: str,
    folder: Path,
    initial: Path | None = None,
    resume: bool = False,
) -> Iterator[IterationReport]:
    """Train a model until a stop condition is met.

    Args:
        model: what to train.
        training: how; the same spec and seed give the same checkpoints to the byte.
        reward_source: text of the user's reward function.
        folder: the model folder; checkpoints and records are written there.
        initial: checkpoint folder whose policy to start from.
        resume: go on exactly from the newest saved state in `folder`.

    Yields:
        A report after each iteration; `stop_reason` is set on the last.

    Raises:
        InvalidSpec: the model cannot be trained so, or the boxes do not fit on a track.
        TrackNotFound, InvalidTrack: a track cannot be used.
        InvalidReward, RewardFailed: the reward function cannot be used.
        CorruptCheckpoint: there is nothing sound to start from.
        StorageFailed: a file could not be written.
        TrainingFailed: learning cannot go on.
    """
    trainer = TRAINERS[type(training.hyperparameters)]
    return trainer(
        model,
        training,
        reward_source=reward_source,
        folder=folder,
        initial=initial,
        resume=resume,
    )
