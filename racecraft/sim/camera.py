"""The car's camera: a pinhole without distortion, level in roll, over a painted ground.

Because the camera never rolls, every image row sees a straight line on the ground that is
parallel to the image plane. Distance and pixel spacing of those lines are fixed by the camera
alone and computed once; a frame only turns and shifts them.

A pixel far away covers a patch of ground that is narrow but very deep (distance / height times
deeper than wide). Rows near the horizon therefore average several lines within the row
(`samples`), each read from the pyramid level whose texels are about as large as what one sample
has to stand for. This keeps distant lines continuous and steady.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.car import CameraSpec
from racecraft.domain.randomisation import RandomisationSpec
from racecraft.domain.track import Track
from racecraft.sim.kernel import njit
from racecraft.sim.looks import Bank, Looks, turned
from racecraft.sim.observations import frame_shape
from racecraft.sim.raster import Rows, render_frames
from racecraft.sim.scene import Things, draw_objects, draw_objects_each, object_colours
from racecraft.sim.surface import FIELD, TEXEL_M, Atlas, shared_atlas, to_grey

MAX_SAMPLES = 4
DEPTH_PER_WIDTH = 2.0
"""How much deeper than wide the patch of one sample may be."""
BLUR = 3.0
"""How much longer that patch may be than a texel; this and the above by least error against
8 × 8 finer frames at a given cost."""
SKY_HIGH = (96, 150, 214)
SKY_LOW = (206, 222, 234)
SKY_SPAN_RAD = 0.6
"""Angle above the horizon at which the sky has its full colour."""
CAMERA_POSES = 64
"""Heights and pitches that a randomised camera has; its sideways turn is any within its range."""
LOWEST_M = 0.02
"""No camera is lower than this, whatever is drawn."""
_CARS_AT_ONCE = 16
"""Cars whose left and right pictures are drawn before they are put together: those of more
would not stay in the processor's cache."""


class Camera:
    """One camera design over the grounds of some tracks; safe to share between threads."""

    def __init__(
        self,
        spec: CameraSpec,
        tracks: Sequence[Track],
        randomisation: RandomisationSpec | None = None,
    ) -> None:
        self.spec = spec
        self._shared = shared_atlas(tracks, is_colour=spec.is_colour)
        self.atlas = self._shared.atlas
        self.rows = _rows(spec, self.atlas)
        self._eye = _eye(spec)
        self._looks: Looks | None = None
        if randomisation is not None and randomisation.changes_pictures:
            self._looks = Looks(randomisation, self.atlas, _bank(spec, self.atlas, randomisation))
        self._values: NDArray[np.float64] | None = None
        self._object_colours = object_colours(is_colour=spec.is_colour)

    @property
    def frame_shape(self) -> tuple[int, ...]:
        """(H, W) in grey, (H, W, 2) in grey with two eyes, (H, W, 3) in colour."""
        return frame_shape(self.spec)

    def varied(self, values: NDArray[np.float64]) -> Camera:
        """The same camera, whose next frames look as was drawn for their cars.

        Args:
            values: (N, len(variation.COLUMNS)) for the N cars of the calls of `render` to come.
        """
        if self._looks is None:
            return self
        camera = copy.copy(self)
        camera._values = values
        return camera

    def render(
        self,
        poses: NDArray[np.float64],
        track_of_car: NDArray[np.int64],
        out: NDArray[np.uint8],
        lo: int,
        hi: int,
        things: Things | None = None,
    ) -> None:
        """Write the frames of cars `lo` to `hi - 1`.

        Args:
            poses: (N, 3) x, y (m) and yaw (rad) of each car's origin.
            track_of_car: (N,) index into the tracks that the camera was made with.
            out: (N, *frame_shape), C-contiguous; frames outside `lo` to `hi` are left alone.
            lo: first car.
            hi: one past the last car.
            things: what each car meets on the road.
        """
        if len(self.spec.eyes_left_m) == 1:
            frames = out if self.spec.is_colour else out[..., None]
            seen_from = _moved_left(poses, self.spec.eyes_left_m[0])
            self._draw(seen_from, track_of_car, frames, (lo, hi), things)
            return
        shape = (self.spec.height, self.spec.width, 1)
        eyes = np.empty((2, min(_CARS_AT_ONCE, max(hi - lo, 0)), *shape), np.uint8)
        for first in range(lo, hi, _CARS_AT_ONCE):
            rows = slice(first, min(first + _CARS_AT_ONCE, hi))
            count, tracks = rows.stop - first, track_of_car[rows]
            near = None if things is None else Things(things.pose[rows], things.kind)
            camera = self if self._values is None else self.varied(self._values[rows])
            for eye, left_m in zip(eyes, self.spec.eyes_left_m, strict=True):
                camera._draw(_moved_left(poses[rows], left_m), tracks, eye, (0, count), near)
            _interleave(eyes, out[rows])

    def _draw(
        self,
        poses: NDArray[np.float64],
        track_of_car: NDArray[np.int64],
        frames: NDArray[np.uint8],
        span: tuple[int, int],
        things: Things | None,
    ) -> None:
        """Draw the pictures (N, H, W, C) of one eye in the middle of each car."""
        ahead_m, looks, values = self.spec.ahead_m, self._looks, self._values
        if looks is None or values is None:
            render_frames(poses, track_of_car, frames, *span, ahead_m, self.rows, self.atlas)
            if things is not None and len(things.kind):
                draw_objects(poses, things, frames, span, self._eye, self._object_colours)
            return
        poses = turned(poses, values, ahead_m)
        looks.draw_ground(poses, track_of_car, frames, span, values)
        if things is not None and len(things.kind):
            eyes, colours = looks.eyes_and_colours(span, values, self._object_colours)
            draw_objects_each(poses, things, frames, span, eyes, colours)
        looks.finish(poses, frames, span, values)


def _eye(spec: CameraSpec) -> tuple[float, float, float, float, float]:
    """What drawing objects needs to know: ahead, height, focal length, cosine and sine of pitch."""
    pitch = spec.pitch_down_rad
    return spec.ahead_m, spec.height_m, focal_px(spec), math.cos(pitch), math.sin(pitch)


def _bank(spec: CameraSpec, atlas: Atlas, randomisation: RandomisationSpec) -> Bank:
    """Camera poses to pick from, spread evenly over the ranges; the design alone without them.

    A low-discrepancy sequence (R2, Roberts 2018), so that no two are nearly the same.
    """
    ranges = randomisation.camera
    if ranges is None:
        specs = [spec]
    else:
        k = np.arange(1, CAMERA_POSES + 1)
        low, high = ranges.height_m
        heights = spec.height_m + low + (high - low) * ((k * 0.7548776662466927) % 1.0)
        low, high = np.radians(ranges.pitch_deg)
        pitches = spec.pitch_down_rad + low + (high - low) * ((k * 0.5698402909980532) % 1.0)
        specs = [
            spec.model_copy(update={"height_m": max(height, LOWEST_M), "pitch_down_rad": pitch})
            for height, pitch in zip(heights.tolist(), pitches.tolist(), strict=True)
        ]
    each = [_rows(one, atlas) for one in specs]
    return Bank(
        Rows(*(np.stack(arrays) for arrays in zip(*each, strict=True))),
        [_eye(one) for one in specs],
    )


def _moved_left(poses: NDArray[np.float64], left_m: float) -> NDArray[np.float64]:
    """(N, 3) poses moved to their left."""
    if left_m == 0.0:
        return poses
    moved = poses[:, :3].copy()
    moved[:, 0] -= left_m * np.sin(poses[:, 2])
    moved[:, 1] += left_m * np.cos(poses[:, 2])
    return moved


@njit(cache=True, nogil=True)
def _interleave(eyes: Any, out: Any) -> None:
    """Put two grey pictures of each car (2, >= N, H, W, 1) together as channels (N, H, W, 2)."""
    for car in range(out.shape[0]):
        left, right = eyes[0, car].reshape(-1), eyes[1, car].reshape(-1)
        both = out[car].reshape(-1)
        for k in range(len(left)):
            both[2 * k] = left[k]
            both[2 * k + 1] = right[k]


def focal_px(spec: CameraSpec) -> float:
    """Focal length in pixels, the same along rows and columns."""
    return 0.5 * spec.width / math.tan(0.5 * spec.horizontal_fov_rad)


def horizon_row(spec: CameraSpec) -> float:
    """Height of the horizon in the image, in rows from the top edge."""
    return 0.5 * spec.height - focal_px(spec) * math.tan(spec.pitch_down_rad)


def ground_lines(
    spec: CameraSpec, row: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where heights in the image (rows from the top edge) meet the ground.

    Returns:
        Distance ahead of the optical centre and distance between neighbouring pixels (m); a
        negative spacing marks a ray that goes up.
    """
    focal, sine, cosine = (
        focal_px(spec),
        math.sin(spec.pitch_down_rad),
        math.cos(spec.pitch_down_rad),
    )
    down = row - 0.5 * spec.height
    with np.errstate(divide="ignore"):  # a level ray never lands
        spacing = spec.height_m / (focal * sine + down * cosine)
    return spacing * (focal * cosine - down * sine), spacing


def _rows(spec: CameraSpec, atlas: Atlas) -> Rows:
    row = np.arange(spec.height, dtype=np.float64)
    upper, upper_spacing = ground_lines(spec, row)
    lower, _ = ground_lines(spec, row + 1.0)
    _, spacing = ground_lines(spec, row + 0.5)
    is_sky = (upper_spacing <= 0.0) | (spacing <= 0.0) | ~np.isfinite(upper)
    deep = np.where(is_sky, 1.0, np.abs(upper - lower))  # (H,) length of ground in a row
    wide = np.where(is_sky, 1.0, spacing)
    wanted = deep / (DEPTH_PER_WIDTH * np.maximum(wide, TEXEL_M))
    samples = 2 ** np.clip(np.ceil(np.log2(wanted)), 0, math.log2(MAX_SAMPLES)).astype(np.int64)
    share = (np.arange(MAX_SAMPLES) + 0.5) / samples[:, None]
    forward, spacings = ground_lines(spec, row[:, None] + np.minimum(share, 1.0))
    need = np.maximum(wide, deep / samples / BLUR)  # (H,) size of what a sample stands for
    level = np.round(np.log2(need[None] / atlas.texel_m[:, None])).astype(np.int64)
    return Rows(
        samples=np.where(is_sky, 0, samples),
        forward_m=np.where(is_sky[:, None], 0.0, forward),
        spacing_m=np.where(is_sky[:, None], 0.0, spacings),
        level=np.clip(level, 0, atlas.offset.shape[1] - 1),
        sky=_sky(spec),
    )


def _sky(spec: CameraSpec) -> NDArray[np.uint8]:
    """(H, C) a gradient; the row that holds the horizon is mixed with the field."""
    above = np.arange(spec.height) + 0.5 - 0.5 * spec.height
    angle = -np.arctan2(above, focal_px(spec)) - spec.pitch_down_rad
    share = np.clip(angle / SKY_SPAN_RAD, 0.0, 1.0)[:, None]
    colour = np.array(SKY_LOW) * (1 - share) + np.array(SKY_HIGH) * share
    ground = np.clip(np.arange(spec.height) + 1.0 - horizon_row(spec), 0.0, 1.0)[:, None]
    colour = (colour * (1 - ground) + np.array(FIELD) * ground + 0.5).astype(np.uint8)
    return colour if spec.is_colour else to_grey(colour[:, None])
