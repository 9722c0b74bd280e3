"""Layers of a foreign graph as the weights of one of our networks, kept as a checkpoint."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from racecraft.domain.errors import InvalidInput
from racecraft.domain.hyperparameters import AlgorithmName
from racecraft.domain.layouts import LIDAR_EMBEDDING, feature_size, layout_of
from racecraft.domain.spec import ModelSpec
from racecraft.service.files import write_bytes, write_whole
from racecraft.service.foreign.graphs import GraphLayer, GraphPolicy
from racecraft.service.real_car.weights import Weights

ITERATION = 0
"""Under which the weights are kept."""
_DEVIATION = float(np.log(0.5))
"""Log deviation of continuous actions; graphs for the car do not hold it."""


def weights_of(model: ModelSpec, algorithm: AlgorithmName, policy: GraphPolicy) -> Weights:
    """The arrays of a policy by their names in checkpoints.

    Raises:
        InvalidInput: the layers are not those of the model's network.
    """
    layers, wanted = _in_order(model, policy), _shapes(model, algorithm)
    if len(layers) != len(wanted):
        raise InvalidInput(
            f"The graph has {len(layers)} layers, and the network {model.network.value} has "
            f"{len(wanted)} for these sensors."
        )
    weights: Weights = {}
    for (name, shape), layer in zip(wanted, layers, strict=True):
        axes = (3, 2, 0, 1) if layer.is_convolution else (1, 0)
        if layer.weight.ndim != len(axes):
            raise InvalidInput(f"The layer {name} of the graph has {layer.weight.ndim} axes.")
        weight = np.ascontiguousarray(layer.weight.transpose(axes))
        is_head = name == "head"
        if is_head and algorithm == "SAC":
            # Graphs for the car have the means alone; deviations begin as those of a new model.
            weight = np.concatenate([weight, np.zeros_like(weight)])
            bias = np.concatenate([layer.bias, np.full_like(layer.bias, _DEVIATION)])
        else:
            bias = layer.bias
        fits = weight.shape == shape and bias.shape == shape[:1]
        if not fits or not np.isfinite(weight).all() or not np.isfinite(bias).all():
            raise InvalidInput(
                f"The layer {name} of the graph has the shape {weight.shape}, and {shape} is "
                "needed, all of it finite numbers."
            )
        weights[f"{name}.weight"], weights[f"{name}.bias"] = weight, np.ascontiguousarray(bias)
    if model.action_space.kind == "continuous" and algorithm == "PPO":
        weights["log_std"] = np.full(model.action_space.num_outputs, _DEVIATION, np.float32)
    return weights


def _in_order(model: ModelSpec, policy: GraphPolicy) -> list[GraphLayer]:
    """The layers of the camera, of the LIDAR, and of both together.

    Raises:
        InvalidInput: the graph reads other sensors than the model has.
    """
    branches, has_both = policy.branches, model.camera is not None and model.lidar is not None
    if len(branches) != (2 if has_both else 1):
        raise InvalidInput(
            f"The graph reads {len(branches)} sensors, and the vehicle description has "
            f"{', '.join(each.value for each in model.sensors)}."
        )
    if not has_both:
        return [*branches[0], *policy.shared]
    first, second = branches
    if first[0].is_convolution:
        return [*first, *second, *policy.shared]
    # Ours has the camera's values first; so the rows that read them change places.
    joint, count = policy.shared[0], first[-1].weight.shape[-1]
    turned = GraphLayer(np.concatenate([joint.weight[count:], joint.weight[:count]]), joint.bias)
    return [*second, *first, turned, *policy.shared[1:]]


def keep_checkpoint(folder: Path, weights: Weights, algorithm: AlgorithmName) -> None:
    """Write a checkpoint of weights into a model's folder.

    Raises:
        StorageFailed: the folder cannot be written.
    """
    place = folder / "checkpoints" / str(ITERATION)
    place.mkdir(parents=True, exist_ok=True)
    write_bytes(place / "policy.safetensors", save(weights))
    facts = {"algorithm": algorithm, "uses_bf16": False, "iteration": ITERATION, "env_steps": 0}
    write_whole(place / "checkpoint.json", json.dumps(facts, indent=1))


def _shapes(model: ModelSpec, algorithm: AlgorithmName) -> list[tuple[str, tuple[int, ...]]]:
    """Names and shapes of the layers: of the camera, of the LIDAR, of both together."""
    camera, lidar = model.camera, model.lidar
    layout = layout_of(model.network, camera)
    found: list[tuple[str, tuple[int, ...]]] = []
    place = size = 0
    if camera is not None:
        channels = camera.channels
        for filters, kernel, _ in layout.convolutions:
            found.append((f"trunk.{place}", (filters, channels, kernel, kernel)))
            place, channels = place + 2, filters
        place, size = place + 1, feature_size(layout, camera)
        dense, size = _dense("trunk", place, size, layout.embedding)
        found, place = found + dense, place + 2 * len(dense)
    if lidar is not None:
        dense, width = _dense("trunk.lidar", 0, lidar.num_values, LIDAR_EMBEDDING)
        found, size = found + dense, size + width
    dense, size = _dense("trunk", place, size, layout.middleware)
    outputs = model.action_space.num_outputs
    return [*found, *dense, ("head", ((2 if algorithm == "SAC" else 1) * outputs, size))]


def _dense(
    scope: str, place: int, size: int, widths: Sequence[int]
) -> tuple[list[tuple[str, tuple[int, ...]]], int]:
    """Names and shapes of dense layers with ReLUs, and how many values come out."""
    found: list[tuple[str, tuple[int, ...]]] = []
    for index, width in enumerate(widths):
        found.append((f"{scope}.{place + 2 * index}", (width, size)))
        size = width
    return found, size
