"""The layers of a policy in the order of computing, with weights and with names for the car.

The names are a contract: the car asks for the inputs by name, and tools that show what a network
looks at ask for its convolutions.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.errors import CorruptCheckpoint, InvalidSpec
from racecraft.domain.hyperparameters import AlgorithmName
from racecraft.domain.layouts import LIDAR_EMBEDDING, layout_of
from racecraft.domain.sensors import Sensor
from racecraft.domain.spec import ModelSpec
from racecraft.service.real_car.weights import Weights, read_weights

Array = NDArray[np.float32]
CAR_WIDTH, CAR_HEIGHT = 160, 120
"""Pixels of the picture that the car's software gives to a network."""


@dataclass(frozen=True)
class Convolution:
    """A convolution with a ReLU behind it; VALID padding."""

    name: str
    kernel: Array
    """(filters, channels, k, k)"""
    bias: Array
    stride: int


@dataclass(frozen=True)
class Dense:
    """A dense layer."""

    name: str
    weight: Array
    """(outputs, inputs)"""
    bias: Array


@dataclass(frozen=True)
class Eye:
    """From a camera's picture, 0 to 255, to features."""

    input_name: str
    height: int
    width: int
    channels: int
    shrink: int
    """Side of the squares of pixels whose mean the network reads."""
    convolutions: tuple[Convolution, ...]
    embedding: tuple[Dense, ...]


@dataclass(frozen=True)
class Scan:
    """From a LIDAR's numbers to features."""

    input_name: str
    values: int
    embedding: tuple[Dense, ...]


@dataclass(frozen=True)
class Plan:
    """A whole policy."""

    eye: Eye | None
    scan: Scan | None
    scope: str
    """Name before those of the layers that all sensors share."""
    middleware: tuple[Dense, ...]
    head: Dense
    ending: str
    """Softmax, Tanh or Identity."""
    output_name: str


def plan_policy(model: ModelSpec, algorithm: AlgorithmName, checkpoint: Path) -> Plan:
    """The plan of a checkpoint's policy.

    Args:
        model: the model of the checkpoint.
        algorithm: with which it was trained.
        checkpoint: its folder.

    Raises:
        InvalidSpec: the car has no such sensor.
        CorruptCheckpoint: the checkpoint is damaged, or of another network.
    """
    refuse_unknown_sensors(model)
    weights = read_weights(checkpoint / "policy.safetensors")
    agent = "main" if algorithm == "PPO" else "policy"
    read_at = f"main_level/agent/{agent}/online/network_0"
    # The original's critic is network 0 of PPO and its policy network 1; the pictures enter at 0.
    scope = f"main_level/agent/{agent}/online/network_{1 if algorithm == 'PPO' else 0}"
    try:
        layers = _Layers(weights)
        plan = _plan(model, algorithm, layers, (read_at, scope))
        layers.refuse_rest()
    except (KeyError, ValueError, IndexError) as error:
        raise CorruptCheckpoint(
            f"The checkpoint {checkpoint} holds the weights of another network ({error}); choose "
            "another checkpoint."
        ) from error
    return plan


def refuse_unknown_sensors(model: ModelSpec) -> None:
    """See that the car has the sensors of a model.

    Raises:
        InvalidSpec: it does not.
    """
    if Sensor.DISCRETIZED_SECTOR_LIDAR in model.sensors:
        raise InvalidSpec(
            f"The model {model.name!r} has the sensor DISCRETIZED_SECTOR_LIDAR, which the physical "
            "car does not have; train one with LIDAR or SECTOR_LIDAR, or with a camera alone."
        )


class _Layers:
    """The weights of a checkpoint, taken one layer after the other."""

    def __init__(self, weights: Weights) -> None:
        self._left = dict(weights)

    def dense(self, key: str, name: str) -> Dense:
        return Dense(name, self._left.pop(f"{key}.weight"), self._left.pop(f"{key}.bias"))

    def convolution(self, key: str, name: str, stride: int) -> Convolution:
        kernel = self._left.pop(f"{key}.weight")
        if kernel.ndim != 4:
            raise ValueError(f"{key} is no convolution")
        return Convolution(name, kernel, self._left.pop(f"{key}.bias"), stride)

    def refuse_rest(self) -> None:
        self._left.pop("log_std", None)
        if self._left:
            raise ValueError(f"there is {min(self._left)}, too")


def _plan(
    model: ModelSpec, algorithm: AlgorithmName, layers: _Layers, scopes: tuple[str, str]
) -> Plan:
    read_at, scope = scopes
    layout = layout_of(model.network, model.camera)
    place = 0  # of the trunk's next layer; each ReLU has a place of its own
    eye = None
    if model.camera is not None:
        sensor = next(each.value for each in model.sensors if each.is_camera)
        convolutions = []
        for _, _, stride in layout.convolutions:
            name = f"{scope}/{sensor}/Conv2d_{place}"
            convolutions.append(layers.convolution(f"trunk.{place}", name, stride))
            place += 2
        place += 1  # flattening
        embedding = []
        for _ in layout.embedding:
            name = f"{scope}/{sensor}/Dense_{place - 1}"
            embedding.append(layers.dense(f"trunk.{place}", name))
            place += 2
        eye = Eye(
            input_name=f"{read_at}/{sensor}/{sensor}",
            height=CAR_HEIGHT,
            width=CAR_WIDTH,
            channels=model.camera.channels,
            shrink=CAR_WIDTH // model.camera.width,
            convolutions=tuple(convolutions),
            embedding=tuple(embedding),
        )
    scan = _scan(model, layers, scopes)
    middleware = []
    for index, _ in enumerate(layout.middleware):
        name = f"{scope}/middleware_fc_embedder/Dense_{2 * index}"
        middleware.append(layers.dense(f"trunk.{place}", name))
        place += 2
    head, ending, output = _head(model, algorithm, layers, scope)
    return Plan(eye, scan, scope, tuple(middleware), head, ending, output)


def _scan(model: ModelSpec, layers: _Layers, scopes: tuple[str, str]) -> Scan | None:
    if model.lidar is None:
        return None
    read_at, scope = scopes
    sensor = model.lidar.kind.value
    embedding = tuple(
        layers.dense(f"trunk.lidar.{2 * index}", f"{scope}/{sensor}/Dense_{2 * index}")
        for index, _ in enumerate(LIDAR_EMBEDDING)
    )
    return Scan(f"{read_at}/{sensor}/{sensor}", model.lidar.num_values, embedding)


def _head(
    model: ModelSpec, algorithm: AlgorithmName, layers: _Layers, scope: str
) -> tuple[Dense, str, str]:
    """The last layer, what follows it, and the name of the output."""
    if algorithm == "SAC":
        name = f"{scope}/sac_policy_head_0"
        both = layers.dense("head", f"{name}/policy_fc")
        count = model.action_space.num_outputs  # means come first, then deviations
        return Dense(both.name, both.weight[:count], both.bias[:count]), "Tanh", f"{name}/policy"
    name = f"{scope}/ppo_head_0"
    ending = "Softmax" if model.action_space.kind == "discrete" else "Identity"
    return layers.dense("head", f"{name}/policy_fc"), ending, f"{name}/policy"
