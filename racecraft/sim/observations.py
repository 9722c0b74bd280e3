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

    def room_for(self, length: int) -> Observations:
        """Memory, not cleared, for others of the same kind with a first axis of this length."""
        return Observations(*(_room(array, length) for array in (self.frames, self.scans)))

    def followed_by(self, others: Observations) -> Observations:
        """These and then others of the same sensors, one after the other (copied)."""
        frames, scans = self.frames, self.scans
        return Observations(
            None if frames is None else np.concatenate([frames, _there(others.frames)]),
            None if scans is None else np.concatenate([scans, _there(others.scans)]),
        )


def _room(array: Any, length: int) -> Any:
    return None if array is None else np.empty((length, *array.shape[1:]), array.dtype)


def _there(array: NDArray[Any] | None) -> NDArray[Any]:
    assert array is not None
    return array


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
