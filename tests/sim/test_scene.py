"""Cars in the picture, against a slow ray caster that shares no code with the kernels.

`python -m tests.sim.test_scene` paints the golden frames anew; look at them before committing.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from racecraft.domain.car import CameraSpec, CarSpec
from racecraft.sim import bodies
from racecraft.sim.boxes import BODY, DARKEST, LID, LID_FROM_M, LIGHT, SPREAD
from racecraft.sim.camera import Camera
from racecraft.sim.scene import BOX, CAR, Things
from tests.sim.circuits import stadium
from tests.sim.test_boxes import POSE, SAMPLES, rays
from tests.sim.test_camera import GOLDEN, SPECS

SCENES = {
    "from-behind": [[0.7, 0.1, 0.3, CAR]],
    "from-the-side": [[0.7, 0.15, 1.6, CAR]],
    "from-the-front": [[0.7, 0.1, 3.3, CAR]],
    "beside": [[0.35, 0.25, 0.2, CAR]],
    "touching": [[0.36, 0.07, 0.2, CAR]],
    "far": [[5.0, 1.0, 0.2, CAR], [7.0, 1.3, 0.2, CAR]],
    "among-boxes": [[0.8, 0.0, 0.1, CAR], [0.95, 0.32, 0.2, BOX], [1.6, 0.2, 0.2, CAR]],
    "nose-to-tail": [[0.9, 0.2, 0.4, CAR], [1.2, 0.36, 0.5, CAR], [0.8, 0.45, 0.4, CAR]],
    # The nearer middle belongs to the box that is behind.
    "beside-a-long-side": [[0.90, 0.0, 0.2, BOX], [0.75, 0.29, 0.2, CAR], [0.86, -0.36, 1.77, CAR]],
}

Frames = NDArray[np.uint8]
Sides = Iterator[tuple[NDArray[np.float64], tuple[int, int, int], tuple[float, float, float]]]


def render(spec: CameraSpec, things: list[list[float]]) -> Frames:
    camera = Camera(spec, [stadium()])
    out = np.zeros((1, *camera.frame_shape), np.uint8)
    rows = np.array(things, np.float64).reshape(-1, 4)
    met = Things(np.ascontiguousarray(rows[None, :, :3]), rows[:, 3].astype(np.int64))
    camera.render(POSE[None], np.zeros(1, np.int64), out, 0, 1, met)
    return out[0]


def polygon(corners: NDArray[np.float64], uv: NDArray[np.float64]) -> NDArray[np.float64]:
    """(P, 3) points of a side with four corners at shares of its width and height."""
    u, v = uv[:, :1], uv[:, 1:]
    low = corners[0] + u * (corners[1] - corners[0])
    high = corners[3] + u * (corners[2] - corners[3])
    return low + v * (high - low)


def sides_of(blocks: NDArray[np.float64]) -> Iterator[tuple[int, int, NDArray[np.float64]]]:
    """Block, side (4 is the top) and the four corners of all sides of a car."""
    for block, ((r0, f0, w0, z0), (r1, f1, w1, z1)) in enumerate(blocks):
        lower = np.array([[f0, -w0, z0], [f0, w0, z0], [r0, w0, z0], [r0, -w0, z0]])
        upper = np.array([[f1, -w1, z1], [f1, w1, z1], [r1, w1, z1], [r1, -w1, z1]])
        for side in range(4):
            end = (side + 1) % 4
            yield block, side, np.stack([lower[side], lower[end], upper[end], upper[side]])
        yield block, 4, upper


def car_polygons() -> Sides:
    """Every polygon of a car in its own frame, its colour and the outward normal of its side.

    Paint comes a hair in front of the side that it is on.
    """
    for block, side, corners in sides_of(bodies.BLOCKS):
        way = np.cross(corners[1] - corners[0], corners[3] - corners[0])
        out = way / np.linalg.norm(way)
        normal = ((1, 0, 0), (0, 1, 0), (-1, 0, 0), (0, -1, 0), (0, 0, 1))[side]
        yield corners, bodies.COLOURS[0], normal
        for (on, at, colour, count), uv in zip(bodies.PAINT, bodies.PAINT_CORNERS, strict=True):
            if (on, at) == (block, side):
                shape = polygon(corners, uv[:count]) + 1e-5 * out
                yield shape, bodies.COLOURS[colour - bodies.SHELL], normal


def box_polygons() -> Sides:
    x, y, top = 0.2, 0.15, 0.25
    ground = np.array([[x, -y], [x, y], [-x, y], [-x, -y]])
    for side, normal in enumerate(((1, 0, 0), (0, 1, 0), (-1, 0, 0), (0, -1, 0))):
        a, b = ground[side], ground[(side + 1) % 4]
        for low, high, colour in ((0.0, LID_FROM_M, BODY), (LID_FROM_M, top, LID)):
            yield np.array([[*a, low], [*b, low], [*b, high], [*a, high]]), colour, normal


def cast(spec: CameraSpec, things: list[list[float]]) -> NDArray[np.float64]:
    """(H, W, C) the frame by the nearest polygon that every fine ray meets."""
    colour = render(spec, []).astype(float).reshape(spec.height, spec.width, -1)
    colour = np.repeat(np.repeat(colour, SAMPLES, 0), SAMPLES, 1)
    eye, ways = rays(spec)
    nearest = np.full(ways.shape[:2], np.inf)
    for x, y, yaw, kind in things:
        c, s = np.cos(yaw), np.sin(yaw)
        turn = np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])  # world to thing
        start, way = turn @ (eye - [x, y, 0.0]), ways @ turn.T
        for corners, paint, normal in box_polygons() if kind == BOX else car_polygons():
            out = np.cross(corners[1] - corners[0], corners[3] - corners[0])
            if (start - corners[0]) @ out <= 0.0:
                continue  # seen from inside
            t = ((corners[0] - start) @ out) / (way @ out)
            hit = start + t[..., None] * way
            is_hit = (t > 0.02) & (t < nearest)
            for a, b in zip(corners, np.roll(corners, -1, 0), strict=True):
                is_hit &= (hit - a) @ np.cross(out, b - a) >= 0.0
            light = max(float((turn.T @ np.array(normal, float))[:2] @ np.array(LIGHT)), 0.0)
            shade = DARKEST + SPREAD * light if normal[2] == 0 else 1.0
            seen = np.array(paint) if spec.is_colour else np.array(paint) @ [0.2989, 0.5870, 0.1140]
            colour[is_hit] = seen * shade
            nearest[is_hit] = t[is_hit]
    return colour.reshape(spec.height, SAMPLES, spec.width, SAMPLES, -1).mean((1, 3))


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("spec", SPECS, ids=lambda s: f"{s.width}x{s.height}x{s.channels}")
def test_frames_are_those_of_a_ray_caster(scene: str, spec: CameraSpec) -> None:
    expected = cast(spec, SCENES[scene])
    frame = render(spec, SCENES[scene]).astype(float).reshape(expected.shape)
    gap = np.abs(frame - expected)
    # The caster has 36 samples a pixel; and where body, cabin and ground share one, their
    # coverages are mixed as if they were independent.
    assert gap.mean() < 0.4
    assert gap.max() < 32.0
    assert np.abs(expected - cast(spec, [])).max() > 20.0


@pytest.mark.parametrize("height_m", [0.05, 0.1, 0.6])
def test_cars_look_right_from_other_heights(height_m: float) -> None:
    spec = CameraSpec(height_m=height_m, pitch_down_rad=0.3 if height_m > 0.5 else 0.0)
    things: list[list[float]] = [[1.0, 0.2, 0.6, CAR]]
    gap = np.abs(render(spec, things) - cast(spec, things)[..., 0])
    assert gap.mean() < 0.25
    assert np.quantile(gap, 0.999) < 26.0


def test_a_car_is_as_large_as_the_crash_rule_says() -> None:
    points = np.concatenate([corners for corners, _, _ in car_polygons()])
    size = points.max(0) - points.min(0)
    assert size[:2] == pytest.approx([CarSpec().body_length_m, CarSpec().body_width_m], abs=1e-4)
    assert points[:, 2].min() == pytest.approx(0.0, abs=1e-4)


def test_the_order_of_the_list_does_not_matter() -> None:
    for things in SCENES.values():
        assert np.array_equal(render(CameraSpec(), things), render(CameraSpec(), things[::-1]))


def golden_sheet(spec: CameraSpec) -> Frames:
    """All scenes one under the other."""
    return np.concatenate([render(spec, things) for things in SCENES.values()])


@pytest.mark.parametrize("is_colour", [False, True], ids=["grey", "colour"])
def test_frames_look_as_they_did(is_colour: bool) -> None:
    with Image.open(GOLDEN / f"cars-{'colour' if is_colour else 'grey'}.png") as image:
        golden = np.asarray(image).astype(int)
    gap = np.abs(golden_sheet(CameraSpec(is_colour=is_colour)).astype(int) - golden)
    assert gap.mean() < 0.1
    assert gap.max() <= 12


if __name__ == "__main__":
    for is_colour in (False, True):
        sheet = golden_sheet(CameraSpec(is_colour=is_colour))
        Image.fromarray(sheet).save(GOLDEN / f"cars-{'colour' if is_colour else 'grey'}.png")
