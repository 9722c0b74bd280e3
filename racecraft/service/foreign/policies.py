"""Layers of a foreign graph as the weights of one of our networks, kept as a checkpoint."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from safetensors.numpy import save

from racecraft.domain.errors import InvalidInput
from racecraft.domain.hyperparameters import AlgorithmName
from racecraft.domain.layouts import feature_size, layout_of
from racecraft.domain.spec import ModelSpec
from racecraft.service.files import write_bytes, write_whole
from racecraft.service.foreign.graphs import Array, GraphLayer

if TYPE_CHECKING:
    from racecraft.domain.car import CameraSpec

ITERATION = 0
"""Under which the weights are kept."""
_DEVIATION = float(np.log(0.5))
"""Log deviation of continuous actions; graphs for the car do not hold it."""


def weights_of(
    model: ModelSpec, algorithm: AlgorithmName, layers: Sequence[GraphLayer]
) -> dict[str, Array]:
    """The arrays of a policy by their names in checkpoints.

    Raises:
        InvalidInput: the layers are not those of the model's network.
    """
    camera = model.camera
    if camera is None or model.lidar is not None:
        raise InvalidInput("Weights are taken over for cars with a camera alone.")
    wanted = _shapes(model, camera, algorithm)
    if len(layers) != len(wanted):
        raise InvalidInput(
            f"The graph has {len(layers)} layers, and the network {model.network.value} has "
            f"{len(wanted)}."
        )
    weights: dict[str, Array] = {}
    for (name, shape), layer in zip(wanted, layers, strict=True):
        axes = (3, 2, 0, 1) if layer.is_convolution else (1, 0)
        weight = np.ascontiguousarray(layer.weight.transpose(axes))
        is_head = name == "head"
        if is_head and algorithm == "SAC":
            # Graphs for the car have the means alone; deviations begin as those of a new model.
            weight = np.concatenate([weight, np.zeros_like(weight)])
            bias = np.concatenate([layer.bias, np.full_like(layer.bias, _DEVIATION)])
        else:
            bias = layer.bias
        if weight.shape != shape or not np.isfinite(weight).all() or not np.isfinite(bias).all():
            raise InvalidInput(
                f"The layer {name} of the graph has the shape {weight.shape}, and {shape} is "
                "needed, all of it finite numbers."
            )
        weights[f"{name}.weight"], weights[f"{name}.bias"] = weight, np.ascontiguousarray(bias)
    if model.action_space.kind == "continuous" and algorithm == "PPO":
        weights["log_std"] = np.full(model.action_space.num_outputs, _DEVIATION, np.float32)
    return weights


def keep_checkpoint(folder: Path, weights: dict[str, Array], algorithm: AlgorithmName) -> None:
    """Write a checkpoint of weights into a model's folder.

    Raises:
        StorageFailed: the folder cannot be written.
    """
    place = folder / "checkpoints" / str(ITERATION)
    place.mkdir(parents=True, exist_ok=True)
    write_bytes(place / "policy.safetensors", save(weights))
    facts = {"algorithm": algorithm, "uses_bf16": False, "iteration": ITERATION, "env_steps": 0}
    write_whole(place / "checkpoint.json", json.dumps(facts, indent=1))


def _shapes(
    model: ModelSpec, camera: CameraSpec, algorithm: AlgorithmName
) -> list[tuple[str, tuple[int, ...]]]:
    """Names and shapes of the layers in the order of computing."""
    layout = layout_of(model.network, camera)
    found: list[tuple[str, tuple[int, ...]]] = []
    place, channels = 0, camera.channels
    for filters, kernel, _ in layout.convolutions:
        found.append((f"trunk.{place}", (filters, channels, kernel, kernel)))
        place, channels = place + 2, filters
    place, size = place + 1, feature_size(layout, camera)
    for width in (*layout.embedding, *layout.middleware):
        found.append((f"trunk.{place}", (width, size)))
        place, size = place + 2, width
    outputs = model.action_space.num_outputs
    found.append(("head", ((2 if algorithm == "SAC" else 1) * outputs, size)))
    return found
