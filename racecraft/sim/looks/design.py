"""What a randomisation makes of the frames of one camera, step by step."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.randomisation import RandomisationSpec
from racecraft.sim.looks.ground import (
    lay_patches,
    make_patches,
    recolour,
    render_posed,
    shift_colours,
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

    def eyes_and_colours(
        self, span: tuple[int, int], values: NDArray[np.float64], colours: NDArray[np.float32]
    ) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """(N, 5) how each car's camera sits, and (N, K, C) what becomes of the colours of objects.

        Only those of the cars of the span are filled in.
        """
        eyes = np.array(self.bank.eyes)[(values[:, _CAMERA] * len(self.bank.eyes)).astype(np.int64)]
        shifted = np.empty((len(values), *colours.shape), np.float32)
        shift_colours(span, values, _OBJECT, colours, shifted)
        return eyes, shifted

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
