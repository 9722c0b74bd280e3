"""Clones: new models that start from what another one learnt.

A clone may change track, reward, hyperparameters and time; algorithm, sensors, network, the kind of
action space and the number of actions stay, because the weights fit only those.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from racecraft.domain.errors import CorruptCheckpoint, InvalidInput, InvalidSpec, NotFound
from racecraft.domain.sensors import Sensor
from racecraft.domain.spec import ModelSpec
from racecraft.service.files import read_text
from racecraft.service.models import (
    REWARD_FILE,
    create_model,
    load_model,
    load_training,
    model_folder,
)
from racecraft.service.summaries import checkpoint_iterations, read_progress

if TYPE_CHECKING:
    from racecraft.service.settings import Settings

CHECKPOINT_FILES = ("policy.safetensors", "checkpoint.json")


def clone_model(settings: Settings, name: str, new_name: str, *, checkpoint: str = "best") -> Path:
    """Make a model with the specs, reward and weights of another one, ready to be trained.

    Returns:
        The new folder.

    Raises:
        ModelNotFound: no model has this name.
        InvalidInput: it has not learnt anything yet.
        Conflict: the new name is taken.
    """
    folder = model_folder(settings, name)
    return create_model(
        settings,
        load_model(folder).model_copy(update={"name": new_name}),
        load_training(folder),
        reward_source=read_text(folder / REWARD_FILE),
        initial=checkpoint_folder(folder, checkpoint),
    )


def checkpoint_folder(folder: Path, checkpoint: str) -> Path:
    """Folder of one checkpoint of a model.

    Args:
        folder: the model's folder.
        checkpoint: `best`, `last` or an iteration number.

    Raises:
        InvalidInput: the model has no checkpoint, or the word is none of the three.
        NotFound: it has no checkpoint of this iteration.
        CorruptCheckpoint: a file of the checkpoint is missing.
    """
    found = folder / "checkpoints" / str(checkpoint_iteration(folder, checkpoint))
    for file in CHECKPOINT_FILES:
        if not (found / file).is_file():
            raise CorruptCheckpoint(
                f"{found / file} is missing; the checkpoint cannot be used. Choose another one."
            )
    return found


def checkpoint_iteration(folder: Path, checkpoint: str) -> int:
    """Iteration of a checkpoint that the model has; arguments and errors as checkpoint_folder."""
    iterations = checkpoint_iterations(folder)
    if not iterations:
        raise InvalidInput(
            f"The model {folder.name!r} has no checkpoint yet; train it for at least one iteration."
        )
    if checkpoint == "last":
        return iterations[-1]
    if checkpoint == "best":
        reports = read_progress(folder)
        best = int(reports[-1]["best_iteration"]) if reports else iterations[-1]
        return best if best in iterations else iterations[-1]
    if not checkpoint.isdecimal():
        raise InvalidInput(
            f"The checkpoint is {checkpoint!r}; choose best, last or the number of an iteration."
        )
    if int(checkpoint) not in iterations:
        raise NotFound(
            f"The model {folder.name!r} has no checkpoint {checkpoint}; "
            f"it has {', '.join(map(str, iterations))}. "
            "Of a long training only some are kept."
        )
    return int(checkpoint)


def check_weights_fit(
    source: ModelSpec, clone: ModelSpec, *, algorithms: tuple[str, str] = ("PPO", "PPO")
) -> None:
    """See that the weights of one model fit another, before anything is started.

    Args:
        source: the model that has the weights.
        clone: the one that is to begin with them.
        algorithms: with which the one was trained and the other is to be.

    Raises:
        InvalidSpec: algorithm, sensors, network, the kind of action space or the number of
            actions differ; both values are told.
    """
    pairs = (
        ("algorithm", *algorithms),
        ("sensors", _words(source), _words(clone)),
        ("LIDAR", _lidar_words(source), _lidar_words(clone)),
        ("network", source.network.value, clone.network.value),
        ("kind of action space", source.action_space.kind, clone.action_space.kind),
        ("number of actions", source.action_space.num_outputs, clone.action_space.num_outputs),
    )
    for what, old, new in pairs:
        if old != new:
            verb = "are" if what == "sensors" else "is"
            raise InvalidSpec(
                f"The weights of {source.name!r} do not fit {clone.name!r}: its {what} {verb} "
                f"{old}, and the new model's {verb} {new}. Keep {old}, or train without --clone-of."
            )


def _lidar_words(model: ModelSpec) -> str:
    """What its numbers mean; the same count may stand for something else."""
    if model.lidar is None:
        return "none"
    words = f"one of {model.lidar.num_values} values"
    if model.lidar.kind is Sensor.DISCRETIZED_SECTOR_LIDAR:
        config = model.lidar.config
        words += f" in {config.num_sectors} sectors up to {config.clipping_dist_m:g} m"
    return words


def _words(model: ModelSpec) -> str:
    return ", ".join(sensor.value for sensor in model.sensors)
