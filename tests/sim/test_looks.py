"""Randomised frames: each change is what it says, for its own car alone, and nothing when off.

`python -m tests.sim.test_looks` paints the golden frames anew; look at them before committing.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from racecraft.domain.car import CameraSpec
from racecraft.domain.obstacles import ObstacleSpec
from racecraft.domain.randomisation import SWITCHES, RandomisationSpec
from racecraft.domain.sensors import Sensor, camera_of
from racecraft.sim.simulator import Simulator
from tests.sim.circuits import stadium
from tests.sim.test_camera import GOLDEN

GREY = CameraSpec(width=80, height=60)
COLOUR = CameraSpec(width=80, height=60, is_colour=True)
STEREO = camera_of([Sensor.STEREO_CAMERAS], GREY)
CAMERAS = {"grey": GREY, "colour": COLOUR, "stereo": STEREO}
SEEN = ("light", "colours", "texture", "camera", "blur")
TRACK = stadium()
CARS = 12

Frames = NDArray[np.uint8]


def world(
    spec: object, camera: CameraSpec | None = GREY, *, cars: int = CARS, boxes: int = 4
) -> Simulator:
    """Cars spread over the track, at the start of an episode."""
    made = Simulator(
        [TRACK],
        cars,
        camera=camera,
        obstacles=ObstacleSpec(count=boxes) if boxes else None,
        randomisation=None if spec is None else RandomisationSpec.model_validate(spec),
        seed=4,
    )
    made.restart(0, cars, jitter=0.4)
    return made


def frames_of(made: Simulator) -> Frames:
    assert made.camera is not None
    out = np.zeros((made.num_cars, *made.camera.frame_shape), np.uint8)
    made.render(out, 0, made.num_cars)
    return out


def fixed(name: str, **values: float) -> dict[str, dict[str, tuple[float, float]]]:
    """A switch whose ranges hold one value each, and change nothing where none is given."""
    usual = {"contrast": 1.0, "patch_m": 0.3}
    chosen = {f: values.get(f, usual.get(f, 0.0)) for f in SWITCHES[name].model_fields}
    return {name: {field: (value, value) for field, value in chosen.items()}}


@pytest.mark.parametrize("camera", CAMERAS.values(), ids=CAMERAS)
def test_what_changes_no_picture_changes_none(camera: CameraSpec) -> None:
    plain = frames_of(world(None, camera))
    for spec in ([], ["friction", "actuators", "latency"]):
        assert np.array_equal(frames_of(world(spec, camera)), plain)


@pytest.mark.parametrize("camera", CAMERAS.values(), ids=CAMERAS)
@pytest.mark.parametrize("name", SEEN)
def test_ranges_that_hold_only_what_is_usual_change_nothing(name: str, camera: CameraSpec) -> None:
    assert np.array_equal(frames_of(world(fixed(name), camera)), frames_of(world(None, camera)))


@pytest.mark.parametrize("camera", CAMERAS.values(), ids=CAMERAS)
def test_a_frame_does_not_depend_on_what_is_drawn_beside_it(camera: CameraSpec) -> None:
    made = world("all", camera)
    together = frames_of(made)
    alone = np.zeros_like(together)
    for car in range(CARS):
        made.render(alone, car, car + 1)
    assert np.array_equal(alone, together)
    rows = np.array([7, 2, 11])
    chosen = np.zeros_like(together[:3])
    made.render_rows(rows, chosen)
    assert np.array_equal(chosen, together[rows])
    fewer = world("all", camera, cars=5)
    assert np.array_equal(frames_of(fewer)[:5], frames_of(world("all", camera, cars=9))[:5])


@pytest.mark.parametrize("name", SEEN)
def test_every_switch_makes_every_car_s_frame_another_one(name: str) -> None:
    changed = np.abs(frames_of(world([name])).astype(int) - frames_of(world(None)))
    assert (changed.mean(axis=(1, 2)) > 0.05).all()


@pytest.mark.parametrize("camera", [GREY, COLOUR], ids=["grey", "colour"])
def test_brightness_contrast_and_shade_are_plain_arithmetic(camera: CameraSpec) -> None:
    plain = frames_of(world(None, camera)).astype(float)

    def near(spec: object, wanted: NDArray[np.float64]) -> bool:
        found = frames_of(world(spec, camera))
        return bool(np.abs(found - np.clip(wanted, 0, 255)).max() <= 1.0)

    assert near(fixed("light", brightness=30.0), plain + 30)
    assert near(fixed("light", contrast=1.5), (plain - 128) * 1.5 + 128)
    ground = frames_of(world(None, camera, boxes=0)).astype(float)
    shaded = frames_of(world(fixed("colours", shade=-20.0), camera, boxes=0))
    assert np.abs(shaded - np.clip(ground - 20, 0, 255)).max() <= 1.0


def test_a_gradient_runs_from_edge_to_edge_and_keeps_the_middle() -> None:
    spec = fixed("light", gradient=60.0)
    made, plain = world(spec, boxes=0), frames_of(world(None, boxes=0)).astype(float)
    change = frames_of(made) - plain
    for frame, values in zip(change, made.variation.values, strict=True):
        direction = values[3]
        across = math.cos(direction) * 60.0 * ((np.arange(80) + 0.5) / 80 - 0.5)
        down = math.sin(direction) * 60.0 * ((np.arange(60) + 0.5) / 60 - 0.5)
        expected = down[:, None] + across[None]
        is_inside = np.abs(np.abs(plain[0] - 128) - 128) > 0
        assert np.abs(frame - expected)[is_inside].mean() < 0.6


def test_blur_is_the_mean_of_nine_pixels() -> None:
    plain = frames_of(world(None)).astype(float)
    rows = (plain[:, :, :-2] + plain[:, :, 1:-1] + plain[:, :, 2:]) / 3
    mean = (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / 3
    blurred = frames_of(world(fixed("blur", blur=1.0)))[:, 1:-1, 1:-1]
    assert np.abs(blurred - mean).max() <= 1.0


def test_a_camera_s_place_is_that_of_a_camera_designed_so() -> None:
    turn = math.radians(4.0)
    varied = world(fixed("camera", height_m=0.015, pitch_deg=2.0, turn_deg=4.0))
    design = GREY.model_copy(
        update={"height_m": 0.1303 + 0.015, "pitch_down_rad": 0.2618 + math.radians(2.0)}
    )
    other = world(None, design)
    yaw = other.cars.state[:, 2]
    ahead = design.ahead_m
    # The same optical centre, another direction.
    other.cars.state[:, 0] += ahead * (np.cos(yaw) - np.cos(yaw + turn))
    other.cars.state[:, 1] += ahead * (np.sin(yaw) - np.sin(yaw + turn))
    other.cars.state[:, 2] += turn
    gap = np.abs(frames_of(varied).astype(int) - frames_of(other))
    assert gap.max() <= 2
    assert gap.mean() < 0.01


def test_noise_is_as_strong_as_it_says_and_other_in_every_pose() -> None:
    plain = world(None, boxes=0)
    noisy = world(fixed("texture", noise=6.0), boxes=0)
    first = frames_of(noisy)
    change = (first - frames_of(plain).astype(float))[:, 15:]
    assert change.std() == pytest.approx(6.0, rel=0.05)
    assert abs(change.mean()) < 0.3
    assert np.array_equal(frames_of(noisy), first)
    for made in (plain, noisy):
        made.cars.state[:, 0] += 1e-5
    other = (frames_of(noisy) - frames_of(plain).astype(float))[:, 15:]
    assert abs(np.corrcoef(change.ravel(), other.ravel())[0, 1]) < 0.02
    assert abs(np.corrcoef(change[0].ravel(), change[1].ravel())[0, 1]) < 0.05


def test_patches_lie_still_on_the_ground_and_are_as_strong_as_they_say() -> None:
    plain = world(None, boxes=0, cars=2)
    patched = world(fixed("texture", patches=30.0, patch_m=0.4), boxes=0, cars=2)
    patched.variation.values[1] = patched.variation.values[0]

    def seen(ahead_m: float) -> NDArray[np.float64]:
        for made in (plain, patched):
            made.cars.state[:, :3] = [[-2.0, 0.05, 0.0], [-2.0 + ahead_m, 0.05, 0.0]]
        change: NDArray[np.float64] = frames_of(patched) - frames_of(plain).astype(float)
        assert np.abs(change).max() <= 31
        return change

    here, there = seen(0.0)
    assert np.array_equal(here, there)
    assert here[40:].std() > 4
    # A row that sees the ground 1 m ahead sees, from 0.4 m further on, what another saw before.
    from racecraft.sim.camera import ground_lines

    forward, spacing = ground_lines(GREY, np.arange(60) + 0.5)
    here, there = seen(0.1)
    row = int(np.argmin(np.abs(forward - 0.5)))
    before = int(np.argmin(np.abs(forward - 0.6)))
    left = np.linspace(-0.15, 0.15, 21)
    at = [np.interp(left, (39.5 - np.arange(80))[::-1] * spacing[r], line[r][::-1])
          for r, line in ((before, here), (row, there))]  # fmt: skip
    assert np.corrcoef(at[0], at[1])[0, 1] > 0.8


def test_each_material_is_recoloured_for_itself() -> None:
    made = world({"colours": {"shade": [-40, 40], "tint": [0, 0]}}, COLOUR, boxes=0)
    plain, found = frames_of(world(None, COLOUR, boxes=0)).astype(float), frames_of(made)
    first = 4  # of the six columns of shades
    for car in range(CARS):
        shades = made.variation.values[car, first : first + 6]
        grey = plain[car] @ np.array([0.2989, 0.5870, 0.1140])
        change = found[car] - plain[car]
        ground = np.arange(60)[:, None] > 25
        for material, where in ((0, grey < 70), (1, (grey > 100) & (grey < 122)), (3, grey > 222)):
            chosen = where & ground
            if chosen.sum() > 20:
                wanted = np.clip(plain[car][chosen] + shades[material], 0, 255)
                assert np.abs(found[car][chosen] - wanted).max() <= 1.0
        assert np.abs(change[0, 0] - shades[4]).max() <= 1.0 or found[car, 0, 0].max() == 255


def test_boxes_are_recoloured_and_stand_where_the_camera_sees_them() -> None:
    spec = {"colours": {"shade": [-40, 40], "tint": [-30, 30]}, "camera": {}}
    with_boxes, without = frames_of(world(spec, COLOUR)), frames_of(world(spec, COLOUR, boxes=0))
    is_box = (with_boxes != without).any(axis=3)
    assert is_box.any(axis=(1, 2)).sum() >= 3
    hues = [with_boxes[k][is_box[k]].mean(axis=0) for k in range(CARS) if is_box[k].sum() > 50]
    assert np.ptp(np.array(hues), axis=0).max() > 15


def golden_sheet() -> Frames:
    """Twelve frames with everything switched on, in grey above and in colour below."""
    grey, colour = frames_of(world("all")), frames_of(world("all", COLOUR))
    both = np.concatenate([np.repeat(grey[..., None], 3, axis=3), colour])
    rows = [np.concatenate(list(both[k : k + 6]), axis=1) for k in range(0, 24, 6)]
    return np.concatenate(rows)


def test_frames_look_as_they_did() -> None:
    with Image.open(GOLDEN / "randomised-80x60.png") as image:
        golden = np.asarray(image).astype(int)
    gap: Any = np.abs(golden_sheet().astype(int) - golden)
    assert gap.mean() < 0.1
    assert gap.max() <= 12


if __name__ == "__main__":
    Image.fromarray(golden_sheet()).save(GOLDEN / "randomised-80x60.png", optimize=True)
