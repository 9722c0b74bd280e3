"""What sensors, networks and statuses are called on the pages."""

from __future__ import annotations

from racecraft.domain.sensors import Sensor
from racecraft.domain.spec import Network

SENSORS = {
    Sensor.FRONT_FACING_CAMERA: "Camera",
    Sensor.LEFT_CAMERA: "Left camera",
    Sensor.STEREO_CAMERAS: "Stereo camera",
    Sensor.LIDAR: "LIDAR",
    Sensor.SECTOR_LIDAR: "Sector LIDAR",
    Sensor.DISCRETIZED_SECTOR_LIDAR: "Discretised LIDAR",
}
NETWORKS = {
    Network.LIGHT: "Light, 80×60 pixels",
    Network.SHALLOW: "3-layer CNN",
    Network.DEEP: "5-layer CNN",
    Network.DEEP_DEEP: "Deep CNN",
}


def sensor_names(sensors: tuple[str, ...]) -> str:
    """Sensors in words: "Camera, LIDAR"."""
    return ", ".join(SENSORS[Sensor(each)] for each in sensors)


def spelt(value: str) -> str:
    """A word in capitals as people read it: `IN_PROGRESS` is "In progress"."""
    return value.replace("_", " ").capitalize()
