"""The stereo camera: each eye is a camera of its own, and near things stand apart in the two.

`python -m tests.sim.test_stereo` paints the golden frames anew; look at them before committing.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from racecraft.domain.car import CameraSpec
from racecraft.domain.sensors import Sensor, camera_of
from racecraft.sim.camera import Camera, focal_px
from tests.sim.circuits import stadium
from tests.sim.test_boxes import things_of
from tests.sim.test_camera import GOLDEN, GOLDEN_POSES, scattered_poses

FULL = camera_of([Sensor.STEREO_CAMERAS], CameraSpec())
SMALL = camera_of([Sensor.STEREO_CAMERAS], CameraSpec(width=80, height=60))

NOTHING = np.zeros((1, 0, 3))

Frames = NDArray[np.uint8]


def render(
    spec: CameraSpec, poses: NDArray[np.float64], boxes: NDArray[np.float64] = NOTHING
) -> Frames:
    camera = Camera(spec, [stadium()])
    out = np.zeros((len(poses), *camera.frame_shape), np.uint8)
    camera.render(poses, np.zeros(len(poses), np.int64), out, 0, len(poses), things_of(boxes))
    return out


def golden_path(spec: CameraSpec) -> Path:
    return GOLDEN / f"stereo-{spec.width}x{spec.height}.png"


def golden_sheet(spec: CameraSpec) -> Frames:
    """Left and right eye side by side; the poses one under the other, then the first with boxes."""
    boxes = GOLDEN_POSES[:1, None, :] + [[[0.7, -0.1, 0.4], [1.8, 0.5, 0.1]]]
    rows = [*render(spec, GOLDEN_POSES), *render(spec, GOLDEN_POSES[:1], boxes)]
    return np.concatenate([np.concatenate([f[..., 0], f[..., 1]], axis=1) for f in rows])


@pytest.mark.parametrize("spec", [FULL, SMALL], ids=lambda spec: golden_path(spec).stem)
def test_frames_look_as_they_did(spec: CameraSpec) -> None:
    with Image.open(golden_path(spec)) as image:
        golden = np.asarray(image).astype(int)
    gap = np.abs(golden_sheet(spec).astype(int) - golden)
    assert gap.mean() < 0.1
    assert gap.max() <= 12


def test_each_channel_is_the_picture_of_a_camera_moved_aside() -> None:
    poses = scattered_poses(21)
    boxes = poses[:, None, :] + [[[0.6, 0.3, 0.4]]]
    both = render(SMALL, poses, boxes)
    assert both.shape == (21, 60, 80, 2)
    for channel, left_m in enumerate((0.03, -0.03)):
        moved = poses.copy()
        moved[:, 0] -= left_m * np.sin(poses[:, 2])
        moved[:, 1] += left_m * np.cos(poses[:, 2])
        alone = render(CameraSpec(width=80, height=60), moved, boxes)
        assert np.array_equal(both[..., channel], alone)


def test_the_left_camera_is_the_left_eye_alone() -> None:
    left = camera_of([Sensor.LEFT_CAMERA], CameraSpec(width=80, height=60))
    poses = scattered_poses(3)
    assert np.array_equal(render(left, poses), render(SMALL, poses)[..., 0])


def test_a_box_stands_further_right_in_the_left_eye_by_baseline_over_depth() -> None:
    far_out = np.array([[0.0, 100.0, 0.0]])  # nothing but field
    ahead_m = 1.2
    box = np.array([[[FULL.ahead_m + ahead_m + 0.2, 100.0, 0.0]]])
    difference = np.abs(render(FULL, far_out, box).astype(int) - render(FULL, far_out).astype(int))
    # The front side's lower edge at half height of the camera, to the left border of the box.
    pitch = FULL.pitch_down_rad
    up_m = -FULL.height_m + 0.08
    depth = ahead_m * math.cos(pitch) - up_m * math.sin(pitch)
    row = 60 + focal_px(FULL) * (-up_m * math.cos(pitch) - ahead_m * math.sin(pitch)) / depth
    edges = [int(np.flatnonzero(difference[0, int(row), :, eye])[0]) for eye in (0, 1)]
    assert edges[0] - edges[1] == pytest.approx(focal_px(FULL) * 0.06 / depth, abs=1.0)


def test_pictures_do_not_depend_on_how_many_or_in_how_many_threads_they_are_drawn() -> None:
    poses = scattered_poses(40)
    boxes = poses[:, None, :] + [[[0.6, 0.3, 0.4]]]
    together = render(SMALL, poses, boxes)
    alone = np.concatenate([render(SMALL, poses[k : k + 1], boxes[k : k + 1]) for k in range(40)])
    camera = Camera(SMALL, [stadium()])
    shared = np.zeros_like(together)
    tracks, things = np.zeros(40, np.int64), things_of(boxes)
    with ThreadPoolExecutor(3) as pool:
        spans = [(0, 13), (13, 30), (30, 40)]
        list(pool.map(lambda s: camera.render(poses, tracks, shared, *s, things), spans))
    assert np.array_equal(together, alone)
    assert np.array_equal(together, shared)


def test_rows_outside_the_span_are_left_alone() -> None:
    camera, poses = Camera(SMALL, [stadium()]), scattered_poses(20)
    out = np.full((20, *camera.frame_shape), 7, np.uint8)
    camera.render(poses, np.zeros(20, np.int64), out, 18, 19)
    camera.render(poses, np.zeros(20, np.int64), out, 5, 5)
    assert (out[[*range(18), 19]] == 7).all()
    assert (out[18] != 7).any()


if __name__ == "__main__":
    for each in (FULL, SMALL):
        Image.fromarray(golden_sheet(each)).save(golden_path(each))
