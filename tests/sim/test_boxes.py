"""Boxes in the picture, against a slow ray caster that shares no code with the kernels.

`python -m tests.sim.test_boxes` paints the golden frames anew; look at them before committing.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from racecraft.domain.car import CameraSpec
from racecraft.sim.boxes import BODY, DARKEST, LID, LID_FROM_M, LIGHT, SPREAD
from racecraft.sim.camera import Camera
from racecraft.sim.scene import BOX, Things
from tests.sim.circuits import stadium
from tests.sim.test_camera import GOLDEN, SPECS

SIZE = (0.4, 0.3, 0.25)
POSE = np.array([0.0, 0.0, 0.2])
SCENES = {
    "near": [[0.7, 0.1, 0.3]],
    "far": [[6.0, 1.0, 1.0]],
    "beside": [[0.35, 0.3, 0.2]],
    "cut-by-the-near-plane": [[0.358, 0.06, 0.2]],
    "one-behind-another": [[1.6, 0.35, 0.1], [0.9, 0.1, 0.9], [3.0, 1.0, 0.3]],
    "behind-the-car": [[-0.6, 0.0, 0.0]],
}
SAMPLES = 6

Frames = NDArray[np.uint8]


def things_of(boxes: NDArray[np.float64]) -> Things:
    return Things(boxes, np.full(boxes.shape[1], BOX))


def render(spec: CameraSpec, poses: NDArray[np.float64], boxes: NDArray[np.float64]) -> Frames:
    camera = Camera(spec, [stadium()])
    out = np.zeros((len(poses), *camera.frame_shape), np.uint8)
    camera.render(poses, np.zeros(len(poses), np.int64), out, 0, len(poses), things_of(boxes))
    return out


def rays(spec: CameraSpec) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Eye (3,) and directions (H · S, W · S, 3) in the world, for the car at POSE."""
    fine = (np.arange(spec.width * SAMPLES) + 0.5) / SAMPLES - 0.5 * spec.width
    tall = (np.arange(spec.height * SAMPLES) + 0.5) / SAMPLES - 0.5 * spec.height
    focal = 0.5 * spec.width / math.tan(0.5 * spec.horizontal_fov_rad)
    across, down = np.meshgrid(fine / focal, tall / focal)
    pitch, yaw = spec.pitch_down_rad, POSE[2]
    ahead = np.array([math.cos(pitch), 0.0, -math.sin(pitch)])
    below = np.array([-math.sin(pitch), 0.0, -math.cos(pitch)])
    local = ahead + across[..., None] * np.array([0.0, -1.0, 0.0]) + down[..., None] * below
    turn = np.array([[math.cos(yaw), -math.sin(yaw), 0], [math.sin(yaw), math.cos(yaw), 0]])
    world = np.concatenate([local @ turn.T, local[..., 2:]], axis=-1)
    eye = np.array(
        [
            POSE[0] + spec.ahead_m * math.cos(yaw),
            POSE[1] + spec.ahead_m * math.sin(yaw),
            spec.height_m,
        ]
    )
    return eye, world


def cast(spec: CameraSpec, boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """(H, W, C) the frame with boxes, by the nearest hit of every fine ray (slabs)."""
    ground = render(spec, POSE[None], np.zeros((1, 0, 3)))[0].astype(float)
    ground = ground.reshape(spec.height, spec.width, -1)
    eye, ways = rays(spec)
    colour = np.repeat(np.repeat(ground, SAMPLES, 0), SAMPLES, 1)
    nearest = np.full(ways.shape[:2], np.inf)
    for x, y, yaw in boxes:
        turn = np.array([[math.cos(yaw), math.sin(yaw), 0], [-math.sin(yaw), math.cos(yaw), 0]])
        turn = np.concatenate([turn, [[0.0, 0.0, 1.0]]])
        start, way = turn @ (eye - [x, y, 0.0]), ways @ turn.T
        low, high = (
            np.array([-SIZE[0] / 2, -SIZE[1] / 2, 0.0]),
            np.array([SIZE[0] / 2, SIZE[1] / 2, SIZE[2]]),
        )
        with np.errstate(divide="ignore"):
            one, two = (low - start) / way, (high - start) / way
        enter, leave = np.minimum(one, two), np.maximum(one, two)
        axis, t = enter.argmax(-1), enter.max(-1)
        is_hit = (t < leave.min(-1)) & (t > 0.02) & (t < nearest)
        up = eye[2] + t * ways[..., 2]
        sign = -np.sign(np.take_along_axis(way, axis[..., None], -1)[..., 0])
        normal = turn[axis][..., :2] * sign[..., None]
        shade = DARKEST + SPREAD * np.maximum(normal @ np.array(LIGHT), 0.0)
        paint = np.where((up < LID_FROM_M)[..., None], BODY, LID)
        paint = paint if spec.is_colour else (paint @ [0.2989, 0.5870, 0.1140])[..., None]
        colour[is_hit] = (paint * shade[..., None])[is_hit]
        nearest[is_hit] = t[is_hit]
    blocks = colour.reshape(spec.height, SAMPLES, spec.width, SAMPLES, -1)
    return blocks.mean((1, 3))


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("spec", SPECS, ids=lambda s: f"{s.width}x{s.height}x{s.channels}")
def test_frames_are_those_of_a_ray_caster(scene: str, spec: CameraSpec) -> None:
    boxes = np.array(SCENES[scene])
    expected = cast(spec, boxes)
    frame = render(spec, POSE[None], boxes[None])[0].astype(float).reshape(expected.shape)
    gap = np.abs(frame - expected)
    assert gap.mean() < 0.25
    assert gap.max() < 26.0  # the caster has 36 samples a pixel; an edge may be off by 1 / 12
    plain = render(spec, POSE[None], np.zeros((1, 0, 3)))[0].astype(float).reshape(expected.shape)
    has_box = np.abs(expected - plain).max() > 0
    assert has_box == (scene != "behind-the-car")


def test_a_raised_camera_sees_the_top() -> None:
    spec = CameraSpec(height_m=0.6)
    boxes = np.array([[1.2, 0.2, 0.4]])
    assert np.abs(render(spec, POSE[None], boxes[None])[0] - cast(spec, boxes)[..., 0]).max() < 26.0


def test_a_box_far_beyond_the_picture_changes_nothing() -> None:
    spec = CameraSpec()
    plain = render(spec, POSE[None], np.zeros((1, 0, 3)))
    for place in ([1.0, 3.0, 0.0], [1.0, -2.0, 0.0], [-3.0, 0.0, 0.0], [0.1453, 0.9, 0.0]):
        assert np.array_equal(render(spec, POSE[None], np.array([[place]])), plain)


def test_a_box_that_creeps_nearer_never_flickers() -> None:
    """Over many small steps the mean brightness changes a little at a time."""
    spec = CameraSpec()
    distance = np.linspace(4.0, 2.0, 400)
    boxes = np.stack([distance, 0.2 + 0 * distance, 0.3 + 0 * distance], axis=1)[:, None]
    poses = np.tile(POSE, (400, 1))
    frames = render(spec, poses, boxes).astype(float)
    plain = render(spec, POSE[None], np.zeros((1, 0, 3)))[0].astype(float)
    weight = (frames - plain).sum((1, 2))
    bends = np.abs(np.diff(weight, 2))
    assert bends.max() < 0.02 * np.abs(weight).max()
    assert np.abs(np.diff(frames, axis=0)).max() < 60.0


def test_frames_do_not_depend_on_how_the_cars_are_split() -> None:
    spec = CameraSpec()
    random = np.random.default_rng(0)
    poses = np.column_stack([random.uniform(-2, 2, (12, 2)), random.uniform(-3, 3, 12)])
    boxes = np.concatenate(
        [random.uniform(-3, 3, (12, 6, 2)), random.uniform(-3, 3, (12, 6, 1))], axis=2
    )
    whole = render(spec, poses, boxes)
    camera = Camera(spec, [stadium()])
    parts = np.zeros_like(whole)
    track = np.zeros(12, np.int64)
    with ThreadPoolExecutor(3) as pool:
        list(
            pool.map(
                lambda lo, hi: camera.render(poses, track, parts, lo, hi, things_of(boxes)),
                (0, 1, 7),
                (1, 7, 12),
            )
        )
    assert np.array_equal(whole, parts)


def test_boxes_beside_one_picture_leave_no_trace_in_the_next() -> None:
    """Just left of the picture a box has changes that add up to nothing, but for rounding."""
    spec = CameraSpec(width=80, height=60)
    random, count = np.random.default_rng(0), 120
    forward = random.uniform(0.5, 2.5, count)
    edge = (forward - spec.ahead_m) * math.tan(0.5 * spec.horizontal_fov_rad)
    places = [forward, edge + random.uniform(0.15, 0.3, count), random.uniform(0, 3, count)]
    beside, ahead = np.stack(places, axis=1), np.tile([0.8, 0.1, 0.3], (count, 1))
    boxes, poses = np.stack([beside, ahead], axis=1), np.zeros((count, 3))
    alone = [render(spec, poses[:1], boxes[k : k + 1])[0] for k in range(count)]
    assert np.array_equal(render(spec, poses, boxes), alone)


def golden_sheet(spec: CameraSpec) -> Frames:
    """All scenes one under the other."""
    return np.concatenate(
        [render(spec, POSE[None], np.array(boxes)[None])[0] for boxes in SCENES.values()]
    )


@pytest.mark.parametrize("is_colour", [False, True], ids=["grey", "colour"])
def test_frames_look_as_they_did(is_colour: bool) -> None:
    with Image.open(GOLDEN / f"boxes-{'colour' if is_colour else 'grey'}.png") as image:
        golden = np.asarray(image).astype(int)
    gap = np.abs(golden_sheet(CameraSpec(is_colour=is_colour)).astype(int) - golden)
    assert gap.mean() < 0.1
    assert gap.max() <= 12


if __name__ == "__main__":
    for is_colour in (False, True):
        sheet = golden_sheet(CameraSpec(is_colour=is_colour))
        Image.fromarray(sheet).save(GOLDEN / f"boxes-{'colour' if is_colour else 'grey'}.png")
