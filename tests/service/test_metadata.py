"""Vehicle descriptions of every version, with all that they may leave out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from racecraft.domain.action_space import ContinuousActionSpace
from racecraft.domain.errors import InvalidSpec, NotFound
from racecraft.domain.sensors import LidarConfig, Sensor
from racecraft.domain.spec import ModelSpec, Network
from racecraft.service.documents import checked
from racecraft.service.metadata import VehicleDescription, read_metadata
from racecraft.training.artifacts import write_metadata

ACTIONS = [
    {"steering_angle": -30, "speed": 0.8, "index": 0},
    {"steering_angle": 0, "speed": 1.5, "index": 1},
    {"steering_angle": 30.0, "speed": 0.8, "index": 2},
]
RANGES = {"steering_angle": {"low": -20, "high": 25.0}, "speed": {"low": 0.5, "high": 2}}
FRONT, STEREO, LEFT = Sensor.FRONT_FACING_CAMERA, Sensor.STEREO_CAMERAS, Sensor.LEFT_CAMERA
SECTORS, ONE_HOT = Sensor.SECTOR_LIDAR, Sensor.DISCRETIZED_SECTOR_LIDAR


def read(tmp_path: Path, **values: Any) -> VehicleDescription:
    path = tmp_path / "model_metadata.json"
    path.write_text(json.dumps({"action_space": ACTIONS, **values}))
    return read_metadata(path)


VERSIONS = [
    # 1: neither a version nor sensors; the first cars.
    ({}, 1, (FRONT,), Network.SHALLOW, "PPO"),
    ({"version": "1", "sensor": ["STEREO_CAMERAS"]}, 1, (FRONT,), Network.SHALLOW, "PPO"),
    # 2: sensors, perhaps without a version.
    (
        {"sensor": ["STEREO_CAMERAS", "SECTOR_LIDAR"], "neural_network": Network.SHALLOW.value},
        2,
        (STEREO, SECTORS),
        Network.SHALLOW,
        "PPO",
    ),
    ({"sensor": ["observation"], "version": 2}, 2, (FRONT,), Network.SHALLOW, "PPO"),
    # 3: the deep network; the LIDAR may stand first.
    (
        {
            "sensor": ["SECTOR_LIDAR", "FRONT_FACING_CAMERA"],
            "neural_network": "DEEP_CONVOLUTIONAL_NETWORK",
            "version": "3",
        },
        3,
        (FRONT, SECTORS),
        Network.DEEP,
        "PPO",
    ),
    # 4: algorithm and kind of action space are told.
    (
        {
            "sensor": ["LEFT_CAMERA"],
            "neural_network": "DEEP_CONVOLUTIONAL_NETWORK_DEEP",
            "training_algorithm": "clipped_ppo",
            "action_space_type": "discrete",
            "version": "4",
        },
        4,
        (LEFT,),
        Network.DEEP_DEEP,
        "PPO",
    ),
    # 5 and 6: continuous, with SAC; a LIDAR with its config.
    (
        {
            "action_space": RANGES,
            "sensor": ["FRONT_FACING_CAMERA"],
            "training_algorithm": "sac",
            "action_space_type": "continuous",
            "version": 5.0,
        },
        5,
        (FRONT,),
        Network.SHALLOW,
        "SAC",
    ),
    (
        {
            "sensor": ["FRONT_FACING_CAMERA", "DISCRETIZED_SECTOR_LIDAR"],
            "training_algorithm": " Clipped_PPO",
            "lidar_config": {"num_sectors": "16", "clipping_dist": 1.5},
            "version": "6",
        },
        6,
        (FRONT, ONE_HOT),
        Network.SHALLOW,
        "PPO",
    ),
]


@pytest.mark.parametrize(("values", "version", "sensors", "network", "algorithm"), VERSIONS)
def test_every_version_is_read_with_what_it_leaves_out(
    tmp_path: Path,
    values: dict[str, Any],
    version: int,
    sensors: tuple[Sensor, ...],
    network: Network,
    algorithm: str,
) -> None:
    found = read(tmp_path, **values)
    assert (found.version, found.algorithm) == (version, algorithm)
    model = checked(ModelSpec, found.model)
    assert (model.sensors, model.network) == (sensors, network)
    assert model.action_space.kind == ("continuous" if version == 5 else "discrete")


def test_the_list_covers_every_version() -> None:
    assert {version for _, version, *_ in VERSIONS} == {1, 2, 3, 4, 5, 6}


def test_what_a_lidar_config_leaves_out_is_as_usual(tmp_path: Path) -> None:
    values = {"sensor": ["FRONT_FACING_CAMERA", ONE_HOT.value], "version": 6}
    told = {"num_sectors": "16", "clipping_dist": 1.5}
    found = read(tmp_path, **values, lidar_config=told).model["lidar_config"]
    assert found == LidarConfig(num_sectors=16, num_values_per_sector=8, clipping_dist_m=1.5)
    assert "lidar_config" not in read(tmp_path, **values).model


def test_a_lidar_config_of_another_lidar_means_nothing(tmp_path: Path) -> None:
    told = {"num_sectors": 8, "num_values_per_sector": 8, "clipping_dist": 2.0}
    found = read(tmp_path, sensor=["FRONT_FACING_CAMERA"], version=5, lidar_config=told)
    assert "lidar_config" not in found.model


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"version": "7"}, "says that its version is '7'; the versions are 1 to 6"),
        ({"version": 2.5}, "says that its version is 2.5; the versions are 1 to 6"),
        ({"version": "new"}, "says that its version is 'new'"),
        ({"version": None}, "says that its version is None"),
        ({"sensor": "LIDAR"}, "gives 'LIDAR' as sensor; write a list of names"),
        ({"sensor": ["SONAR"]}, "cannot be used. There is no sensor 'SONAR'; choose from"),
        ({"sensor": ["LIDAR", "SECTOR_LIDAR"]}, "cannot be used. The sensors hold 2 LIDARs"),
        ({"sensor": []}, "cannot be used. The list of sensors is empty"),
        (
            {"neural_network": "DEEP_CONVOLUTIONAL_NETWORK_SHALOW"},
            "gives 'DEEP_CONVOLUTIONAL_NETWORK_SHALOW' as neural_network; choose one of",
        ),
        ({"neural_network": ["LIGHT"]}, "as neural_network; choose one of"),
        ({"training_algorithm": "dqn"}, "gives 'dqn' as training_algorithm; choose one of clipped"),
        ({"action_space": []}, "lists 0 actions"),
        ({"action_space_type": "continuous"}, "says that its action_space_type is 'continuous'"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(
    tmp_path: Path, values: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidSpec) as refused:
        read(tmp_path, **values)
    assert words in str(refused.value)
    assert str(refused.value).startswith(str(tmp_path))


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"num_sectors": 9}, "The number of LIDAR sectors is 9; choose 1, 2, 4"),
        ({"num_values_per_sector": 0}, "num_values_per_sector is 0; choose from 1 to 64"),
        ({"clipping_dist": 20}, "clipping_dist_m is 20; choose from 0.15 to 12"),
        ([8, 8], "gives [8, 8] as lidar_config; write a table"),
    ],
)
def test_a_lidar_config_that_cannot_be_is_refused(tmp_path: Path, config: Any, words: str) -> None:
    with pytest.raises(InvalidSpec) as refused:
        read(tmp_path, sensor=["observation", ONE_HOT.value], lidar_config=config)
    assert words in str(refused.value)


@pytest.mark.parametrize("content", ["[]", '{"sensor": ["LIDAR"]}', "{"])
def test_a_file_that_is_no_description_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(content)
    with pytest.raises(InvalidSpec):
        read_metadata(path)
    with pytest.raises(NotFound, match="There is no vehicle description"):
        read_metadata(tmp_path / "missing.json")


@pytest.mark.parametrize("lidar", [None, "LIDAR", "SECTOR_LIDAR", "DISCRETIZED_SECTOR_LIDAR"])
@pytest.mark.parametrize("camera", ["FRONT_FACING_CAMERA", "LEFT_CAMERA", "STEREO_CAMERAS", None])
@pytest.mark.parametrize("network", list(Network))
def test_what_we_write_is_read_as_the_same_model(
    tmp_path: Path, camera: str | None, lidar: str | None, network: Network
) -> None:
    sensors = tuple(sensor for sensor in (camera, lidar) if sensor is not None)
    if not sensors:
        return
    model = ModelSpec(sensors=sensors, network=network, action_space=ContinuousActionSpace())
    write_metadata(tmp_path, model, "SAC")
    found = read_metadata(tmp_path / "model" / "model_metadata.json")
    assert (found.version, found.algorithm) == (6, "SAC")
    again = checked(ModelSpec, found.model)
    assert again.model_copy(update={"lidar_config": None}) == model
    assert again.lidar == model.lidar


def test_the_config_of_a_discretized_lidar_is_written_in_the_original_spelling(
    tmp_path: Path,
) -> None:
    config = LidarConfig(num_sectors=16, num_values_per_sector=4, clipping_dist_m=1.5)
    model = ModelSpec(sensors=("STEREO_CAMERAS", ONE_HOT), lidar_config=config)
    write_metadata(tmp_path, model)
    path = tmp_path / "model" / "model_metadata.json"
    written = json.loads(path.read_text())
    assert written["version"] == "6"
    assert written["sensor"] == ["STEREO_CAMERAS", "DISCRETIZED_SECTOR_LIDAR"]
    assert written["lidar_config"] == {
        "num_sectors": 16,
        "num_values_per_sector": 4,
        "clipping_dist": 1.5,
    }
    assert read_metadata(path).model["lidar_config"] == config
