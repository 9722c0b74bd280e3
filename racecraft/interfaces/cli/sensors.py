"""Flags for what a car sees with, and for descriptions of cars that the original wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from racecraft.domain.sensors import LidarConfig, Sensor
from racecraft.interfaces.cli.flags import FlagGroup
from racecraft.service.metadata import read_metadata

LIDAR = FlagGroup(
    "lidar",
    LidarConfig,
    f"LIDAR: with {Sensor.DISCRETIZED_SECTOR_LIDAR}",
    {
        "num_sectors": "--lidar-sectors",
        "num_values_per_sector": "--lidar-values",
        "clipping_dist_m": "--lidar-clip",
    },
)
SensorNames = Annotated[
    list[str] | None,
    typer.Option(
        help=f"{', '.join(Sensor)}; give it twice for a camera and a LIDAR "
        f"(default {Sensor.FRONT_FACING_CAMERA}).",
        rich_help_panel="Model",
        show_default=False,
        metavar="TEXT",
    ),
]
MetadataFile = Annotated[
    Path | None,
    typer.Option(
        help="Action space, sensors, network and algorithm as in this model_metadata.json of any "
        "version; flags win over it.",
        rich_help_panel="Model",
    ),
]


def sensor_changes(sensors: list[str] | None, lidar: dict[str, Any]) -> dict[str, Any]:
    """Fields of ModelSpec that the flags set."""
    return ({"sensors": sensors} if sensors else {}) | ({"lidar_config": lidar} if lidar else {})


def add_described(path: Path, model: dict[str, Any], hyperparameters: dict[str, Any]) -> None:
    """Add what a vehicle description says to what the flags set; flags win.

    Raises:
        NotFound: there is no such file.
        InvalidSpec: it is no vehicle description, or asks for what is not possible.
    """
    described, has_sensors = read_metadata(path), "sensors" in model
    for field, value in described.model.items():
        # A config belongs to the sensors that it was written for.
        if field != "lidar_config" or not has_sensors:
            model.setdefault(field, value)
    hyperparameters.setdefault("algorithm", described.algorithm)
