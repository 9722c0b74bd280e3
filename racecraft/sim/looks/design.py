"""What a randomisation makes of the frames of one camera, step by step."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.randomisation import RandomisationSpec
from racecraft.sim.looks.ground import (
    lay_patches,
    level_shift,
    make_patches,
    recolour,
    render_posed,
)
from racecraft.sim.looks.lens import add_noise, blur, light, make_noise
from racecraft.sim.raster import Rows
from racecraft.sim.surface import Atlas
from racecraft.sim.variation import COLUMN, MATERIALS

_OBJECT = MATERIALS.index("object")
_CAMERA, _TURN = COLUMN["camera"], COLUMN["turn_rad"]


class Bank(NamedTuple):
    """The camera poses that there are."""

    rows: Rows
    """With an axis more in front: one entry a pose."""
    eyes: list[tuple[float, float, float, float, float]]
    """Of each pose what drawing objects needs."""


class Looks:
    """What a randomisation makes of the frames of one camera; safe to share between threads."""

    def __init__(self, spec: RandomisationSpec, atlas: Atlas, bank: Bank) -> None:
        self.spec, self.atlas, self.bank = spec, atlas, bank
        self._patches, self._noise = make_patches(), make_noise()

    def draw_ground(
        self,
        poses: NDArray[np.float64],
        track_of_car: NDArray[np.int64],
        frames: NDArray[np.uint8],
        span: tuple[int, int],
        values: NDArray[np.float64],
    ) -> None:
        """Draw ground and sky into frames (N, H, W, C), from poses as `turned` gives them."""
        rows, ahead_m = self.bank.rows, self.bank.eyes[0][0]
        world = (ahead_m, rows, self.atlas)
        render_posed(poses, track_of_car, frames, span, world, values)
        if self.spec.colours:
            recolour(frames, span, rows, values)
        if self.spec.texture:
            lay_patches(poses, frames, span, (ahead_m, rows, self._patches), values)

    def eye_and_shift(
        self, values: NDArray[np.float64], channels: int
    ) -> tuple[tuple[float, float, float, float, float], NDArray[np.float32]]:
        """How one car's camera sits, and (C,) by how many levels objects are brighter."""
        shifts = [level_shift(values, _OBJECT, channel, channels) for channel in range(channels)]
        eye = self.bank.eyes[int(values[_CAMERA] * len(self.bank.eyes))]
        return eye, np.array(shifts, np.float32)

    def finish(
        self,
        poses: NDArray[np.float64],
        frames: NDArray[np.uint8],
        span: tuple[int, int],
        values: NDArray[np.float64],
    ) -> None:
        """What lens and light make of frames in which everything is drawn."""
        if self.spec.blur:
            blur(frames, span, values)
        if self.spec.light:
            light(frames, span, values)
        if self.spec.texture:
            add_noise(poses, frames, span, self._noise, values)


def turned(
    poses: NDArray[np.float64], values: NDArray[np.float64], ahead_m: float
) -> NDArray[np.float64]:
    """(N, 3) poses from which a camera that is not turned sees what one that is turned sees.

    The optical centre, ahead of the origin, stays where it is.
    """
    yaw = poses[:, 2]
    other = yaw + values[:, _TURN]
    x = poses[:, 0] + ahead_m * (np.cos(yaw) - np.cos(other))
    y = poses[:, 1] + ahead_m * (np.sin(yaw) - np.sin(other))
    return np.stack([x, y, other], axis=1)
