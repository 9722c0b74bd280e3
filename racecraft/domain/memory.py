"""How much memory a training's remembered steps take, against what a machine has."""

from __future__ import annotations

from racecraft.domain.errors import InvalidSpec
from racecraft.domain.hyperparameters import SACHyperparameters
from racecraft.domain.spec import ModelSpec, TrainingSpec

SHARE = 0.6
"""Of a machine's memory that remembered steps may take; the rest is for networks and others."""
OTHERWISE_BYTES = 256
"""Of a step besides what sensors see: track features, action, reward and status."""


def replay_bytes_per_step(model: ModelSpec) -> int:
    """Bytes that one remembered step takes."""
    camera, lidar = model.camera, model.lidar
    picture = camera.width * camera.height * camera.channels if camera else 0
    return picture + (4 * lidar.num_values if lidar else 0) + OTHERWISE_BYTES


def refuse_beyond_memory(model: ModelSpec, training: TrainingSpec, memory_mb: float) -> None:
    """Stop here if the steps that SAC remembers do not fit into a machine.

    Args:
        model: what will be trained.
        training: how; only SAC remembers steps.
        memory_mb: that the machine has, in 1,000,000 bytes.

    Raises:
        InvalidSpec: they do not; told before the job starts, and not after hours when it is full.
    """
    hyper = training.hyperparameters
    if not isinstance(hyper, SACHyperparameters):
        return
    each = replay_bytes_per_step(model)
    needed_mb, most_mb = hyper.replay_steps * each / 1e6, SHARE * memory_mb
    if needed_mb <= most_mb:
        return
    fits = int(most_mb * 1e6 / each) // 1_000 * 1_000
    least = SACHyperparameters.model_fields["replay_steps"].metadata[0].ge
    todo = (
        f"Set replay_steps to {fits} or less"
        if fits >= least
        else "Choose the light network, or PPO, which remembers nothing"
    )
    raise InvalidSpec(
        f"The replay_steps are {hyper.replay_steps}, which take {needed_mb:,.0f} MB with these "
        f"sensors, but of the {memory_mb:,.0f} MB of this machine at most {most_mb:,.0f} MB are "
        f"for them. {todo}."
    )
