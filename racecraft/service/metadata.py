"""Vehicle descriptions of the original, `model_metadata.json`: read, whatever their version.

Versions 1 to 6 differ in what they tell. What a file leaves out is as in the original: the front
camera, the shallow network, PPO. The car that is driven is always ours, whose geometry is that of
versions 5 and 6.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from racecraft.domain.errors import InvalidSpec
from racecraft.domain.hyperparameters import AlgorithmName
from racecraft.domain.sensors import LidarConfig, Sensor, ordered_sensors
from racecraft.domain.spec import Network
from racecraft.service.action_spaces import read_action_space
from racecraft.service.documents import checked, near, read_parsed

VERSIONS = range(1, 7)
_ALGORITHMS: dict[str, AlgorithmName] = {"clipped_ppo": "PPO", "sac": "SAC"}
_WITH_SENSORS = 2
"""The first version in which a car's sensors could be chosen."""


@dataclasses.dataclass(frozen=True)
class VehicleDescription:
    """What a description says about a model."""

    version: int
    algorithm: AlgorithmName
    model: dict[str, Any]
    """Fields of ModelSpec: action space, sensors, network and perhaps `lidar_config`."""


def read_metadata(path: Path) -> VehicleDescription:
    """The vehicle description in a file.

    Raises:
        NotFound: there is no such file.
        InvalidSpec: it is no vehicle description, or asks for what is not possible.
    """
    values = read_parsed(path, "vehicle description")
    if not isinstance(values, dict) or "action_space" not in values:
        raise InvalidSpec(
            f"{path} has no action_space; give the model_metadata.json of a model, or a list of "
            "actions with --action-space."
        )
    version = _version(path, values)
    sensors = _sensors(path, values, version)
    model: dict[str, Any] = {
        "action_space": read_action_space(path),
        "sensors": sensors,
        "network": _network(path, values),
    }
    config = values.get("lidar_config")
    if config is not None and Sensor.DISCRETIZED_SECTOR_LIDAR in sensors:
        model["lidar_config"] = _config(path, config)
    return VehicleDescription(version, _algorithm(path, values), model)


def _version(path: Path, values: Mapping[str, Any]) -> int:
    """The version that the file tells, or that it must have."""
    if "version" not in values:
        return _WITH_SENSORS if "sensor" in values else VERSIONS[0]
    told = values["version"]
    try:
        is_number = isinstance(told, str | int | float) and not isinstance(told, bool)
        version = float(told) if is_number else 0.0
    except (ValueError, OverflowError):
        version = 0.0
    if version not in VERSIONS:
        raise InvalidSpec(
            f"{path} says that its version is {told!r}; the versions are "
            f"{VERSIONS[0]} to {VERSIONS[-1]}. Correct the file."
        )
    return int(version)


def _sensors(path: Path, values: Mapping[str, Any], version: int) -> tuple[Sensor, ...]:
    """Before they could be chosen every car had the one camera, whatever the file says."""
    told = values.get("sensor", ["observation"]) if version >= _WITH_SENSORS else ["observation"]
    if not isinstance(told, list) or not all(isinstance(each, str) for each in told):
        raise InvalidSpec(
            f"{path} gives {told!r} as sensor; write a list of names such as "
            '["FRONT_FACING_CAMERA", "SECTOR_LIDAR"].'
        )
    try:
        return ordered_sensors(told)
    except InvalidSpec as error:
        raise InvalidSpec(f"{path} cannot be used. {error}") from error


def _network(path: Path, values: Mapping[str, Any]) -> Network:
    told = values.get("neural_network", Network.SHALLOW.value)
    names = [network.value for network in Network]
    if told not in names:
        raise InvalidSpec(
            f"{path} gives {told!r} as neural_network; choose one of {', '.join(names)}."
            f"{near(str(told), names)}"
        )
    return Network(told)


def _algorithm(path: Path, values: Mapping[str, Any]) -> AlgorithmName:
    told = str(values.get("training_algorithm", "clipped_ppo"))
    word = told.strip().lower()
    if word not in _ALGORITHMS:
        raise InvalidSpec(
            f"{path} gives {told!r} as training_algorithm; choose one of {', '.join(_ALGORITHMS)}."
        )
    return _ALGORITHMS[word]


def _config(path: Path, told: Any) -> LidarConfig:
    if not isinstance(told, dict):
        raise InvalidSpec(
            f"{path} gives {told!r} as lidar_config; write a table of num_sectors, "
            "num_values_per_sector and clipping_dist."
        )
    return checked(LidarConfig, told)
