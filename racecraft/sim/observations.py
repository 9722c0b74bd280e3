"""What cars see at one moment or at many: pictures, LIDAR values, or both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.car import CameraSpec
from racecraft.domain.sensors import LidarSpec


@dataclass(frozen=True)
class Observations:
    """Arrays over the same leading axes, for instance cars, or steps and cars.

    Indexing with one index or slice for the leading axes gives the observations there; slices
    share memory, as in numpy.
    """

    frames: NDArray[np.uint8] | None
    """(…, H, W) grey pictures, or (…, H, W, C) of a camera with several channels; None without
    a camera."""
    scans: NDArray[np.float32] | None
    """(…, L) LIDAR values; None without a LIDAR."""

    def __getitem__(self, index: Any) -> Observations:
        return Observations(
            None if self.frames is None else self.frames[index],
            None if self.scans is None else self.scans[index],
        )

    def flat(self, axes: int) -> Observations:
        """The same with the first `axes` axes made one."""
        return Observations(
            None if self.frames is None else self.frames.reshape(-1, *self.frames.shape[axes:]),
            None if self.scans is None else self.scans.reshape(-1, *self.scans.shape[axes:]),
        )


def make_observations(
    shape: tuple[int, ...], camera: CameraSpec | None, lidar: LidarSpec | None
) -> Observations:
    """Memory, not cleared, for what cars with these sensors see; `shape` are the leading axes."""
    return Observations(
        None if camera is None else np.empty((*shape, *frame_shape(camera)), np.uint8),
        None if lidar is None else np.empty((*shape, lidar.num_values), np.float32),
    )


def frame_shape(camera: CameraSpec) -> tuple[int, ...]:
    """(H, W) of a grey picture, (H, W, C) of one with several channels."""
    size = (camera.height, camera.width)
    return size if camera.channels == 1 else (*size, camera.channels)
