"""The camera: geometry in closed form, steady far lines, and the same bytes however it is called.

`python -m tests.sim.test_camera` paints the golden frames anew; look at them before committing.
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
from racecraft.domain.track import Track
from racecraft.sim.camera import Camera, focal_px, ground_lines, horizon_row
from racecraft.sim.surface import FIELD, paint_surface, to_grey
from tests.sim.circuits import stadium

GOLDEN = Path(__file__).parent.parent / "golden"
SPECS = [
    CameraSpec(width=width, height=height, is_colour=is_colour)
    for width, height in ((160, 120), (80, 60))
    for is_colour in (False, True)
]
GOLDEN_POSES = np.array([[-2.5, 0.0, 0.0], [2.2, -0.1, 0.15], [4.5, 1.0, 1.3], [0.0, 3.4, 2.6]])
FIELD_GREY = int(to_grey(np.array([[FIELD]], dtype=np.uint8))[0, 0])

Frames = NDArray[np.uint8]


def render(spec: CameraSpec, poses: NDArray[np.float64], track: Track | None = None) -> Frames:
    camera = Camera(spec, [track or stadium()])
    out = np.zeros((len(poses), *camera.frame_shape), dtype=np.uint8)
    camera.render(poses, np.zeros(len(poses), dtype=np.int64), out, 0, len(poses))
    return out


def scattered_poses(count: int, seed: int = 0) -> NDArray[np.float64]:
    random, track = np.random.default_rng(seed), stadium()
    distance = random.uniform(0.0, track.length_m, count)
    yaw = track.heading_at(distance) + random.uniform(-0.5, 0.5, count)
    return np.column_stack([track.point_at(distance) + random.uniform(-0.3, 0.3, (count, 2)), yaw])


def golden_path(spec: CameraSpec) -> Path:
    return (
        GOLDEN / f"camera-{spec.width}x{spec.height}-{'colour' if spec.is_colour else 'grey'}.png"
    )


def golden_sheet(spec: CameraSpec) -> Frames:
    """The golden poses one under the other."""
    return np.concatenate(list(render(spec, GOLDEN_POSES)))


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: golden_path(spec).stem)
def test_frames_look_as_they_did(spec: CameraSpec) -> None:
    with Image.open(golden_path(spec)) as image:
        golden = np.asarray(image).astype(int)
    gap = np.abs(golden_sheet(spec).astype(int) - golden)
    assert gap.mean() < 0.1
    assert gap.max() <= 12


def test_the_horizon_lies_where_a_level_ray_leaves_the_image() -> None:
    spec = CameraSpec()
    focal = 80 / math.tan(0.5 * 1.13)
    assert horizon_row(spec) == pytest.approx(60 - focal * math.tan(0.2618))
    frame = render(spec, np.array([[0.0, 100.0, 0.0]]))[0]
    first_ground = math.ceil(horizon_row(spec))
    assert (frame[first_ground:] == FIELD_GREY).all()
    assert (frame[: first_ground - 1] > FIELD_GREY + 40).all()


def test_a_ray_through_the_middle_of_the_image_meets_the_ground_at_the_pitch() -> None:
    spec = CameraSpec()
    forward, spacing = ground_lines(spec, np.array([60.0]))
    assert forward[0] == pytest.approx(0.1303 / math.tan(0.2618))
    assert spacing[0] == pytest.approx(0.1303 / math.sin(0.2618) / focal_px(spec))


@pytest.mark.parametrize("offset_m", [0.0, 0.13, -0.2])
def test_border_lines_project_to_the_expected_pixel_columns(offset_m: float) -> None:
    spec = CameraSpec()
    frame = render(spec, np.array([[-2.0, offset_m, 0.0]]))[0].astype(float)
    forward, spacing = ground_lines(spec, np.arange(120) + 0.5)
    checked = 0
    for row in range(math.ceil(horizon_row(spec)) + 6, 120):
        for line_m in (0.385, -0.385):
            expected = 80 - (line_m - offset_m) / spacing[row]
            if forward[row] > 4.0 or not 6 < expected < 154:
                continue
            near = np.arange(int(expected) - 6, int(expected) + 7).clip(0, 159)
            weight = (frame[row, near] - 130).clip(0)
            assert weight.sum() > 0
            assert (weight * (near + 0.5)).sum() / weight.sum() == pytest.approx(expected, abs=0.7)
            checked += 1
    assert checked > 30


def test_the_end_of_the_straight_projects_to_the_expected_row() -> None:
    spec = CameraSpec()
    frame = render(spec, np.array([[2.5, 1.6, 0.0]]))[0].astype(int)
    inner_border = 3.0 + 1.6 - 0.4 - 2.5 - spec.ahead_m
    forward, _ = ground_lines(spec, np.arange(120) + 0.5)
    below, above = int(np.argmin(np.abs(forward - inner_border + 0.1))), 79
    line = int(np.argmin(np.abs(forward - inner_border - 0.015)))
    assert abs(int(np.argmax(frame[28:, above])) + 28 - line) <= 1
    assert frame[below, above] == pytest.approx(FIELD_GREY, abs=20)


def test_a_mirrored_world_gives_a_mirrored_frame() -> None:
    track, flip = stadium(), np.array([1.0, -1.0])
    mirrored = Track("mirrored", track.centre * flip, track.inner * flip, track.outer * flip)
    poses = scattered_poses(16)
    frames = render(CameraSpec(), poses, track).astype(int)
    others = render(CameraSpec(), poses * [1.0, -1.0, -1.0], mirrored).astype(int)
    gap = np.abs(frames - others[:, :, ::-1])
    assert gap.mean() < 2.0  # the grain of road and field is not mirrored
    assert np.abs(frames - others).mean() > 5.0


def test_a_turned_world_gives_the_same_frame() -> None:
    track = stadium()
    turn = np.array([[0.0, 1.0], [-1.0, 0.0]])
    turned = Track("turned", track.centre @ turn, track.inner @ turn, track.outer @ turn)
    poses = scattered_poses(16)
    moved = np.column_stack([poses[:, :2] @ turn, poses[:, 2] + 0.5 * np.pi])
    gap = render(CameraSpec(), poses, track).astype(int) - render(CameraSpec(), moved, turned)
    assert np.abs(gap).mean() < 2.0


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: golden_path(spec).stem)
def test_a_batch_gives_the_same_bytes_as_one_car_at_a_time(spec: CameraSpec) -> None:
    poses = scattered_poses(9)
    together = render(spec, poses)
    for car, pose in enumerate(poses):
        assert (render(spec, pose[None])[0] == together[car]).all()


@pytest.mark.parametrize("cuts", [(0, 1, 12), (0, 5, 6, 12), (0, 12)])
def test_any_split_of_the_cars_gives_the_same_bytes(cuts: tuple[int, ...]) -> None:
    poses, cars = scattered_poses(12), np.zeros(12, dtype=np.int64)
    camera = Camera(CameraSpec(), [stadium()])
    whole, parts = np.zeros((2, 12, 120, 160), dtype=np.uint8)
    camera.render(poses, cars, whole, 0, 12)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda lo, hi: camera.render(poses, cars, parts, lo, hi), cuts, cuts[1:]))
    assert (parts == whole).all()


def test_frames_of_other_cars_are_left_alone() -> None:
    camera = Camera(CameraSpec(), [stadium()])
    out = np.full((5, 120, 160), 7, dtype=np.uint8)
    camera.render(scattered_poses(5), np.zeros(5, dtype=np.int64), out, 1, 3)
    assert (out[[0, 3, 4]] == 7).all()
    assert (out[1:3] != 7).any(axis=(1, 2)).all()


def test_cars_on_several_tracks_see_each_their_own() -> None:
    tracks = [stadium(), stadium(straight_m=2.0, width_m=1.0), stadium(straight_m=60.0)]
    poses, track_of_car = scattered_poses(9), np.arange(9) % 3
    camera = Camera(CameraSpec(width=80, height=60), tracks)
    out = np.zeros((9, 60, 80), dtype=np.uint8)
    camera.render(poses, track_of_car, out, 0, 9)
    for car in range(9):
        alone = render(camera.spec, poses[car : car + 1], tracks[track_of_car[car]])
        assert (alone[0] == out[car]).all()


def test_grey_is_the_colour_frame_without_its_colours() -> None:
    poses = scattered_poses(6)
    colour = render(CameraSpec(is_colour=True), poses)
    grey = np.stack([to_grey(frame) for frame in colour]).astype(int)
    assert np.abs(render(CameraSpec(), poses) - grey).max() <= 2


def test_frames_are_close_to_those_of_a_camera_with_sixty_four_times_the_pixels() -> None:
    poses = scattered_poses(8)
    fine = render(CameraSpec(width=1280, height=960), poses)
    reference = fine.reshape(8, 120, 8, 160, 8).mean(axis=(2, 4))
    error = render(CameraSpec(), poses) - reference
    assert math.sqrt((error**2).mean()) < 1.6
    assert abs(error.mean()) < 0.3


@pytest.mark.parametrize("pose", [(1e4, -1e6, 0.3), (-1e300, 0.0, 2.0), (math.nan, 0.0, 0.0)])
def test_a_car_outside_of_the_world_sees_only_field(pose: tuple[float, float, float]) -> None:
    frame = render(CameraSpec(), np.array([pose]))[0]
    assert (frame[math.ceil(horizon_row(CameraSpec())) :] == FIELD_GREY).all()


def test_a_camera_that_looks_up_sees_only_sky() -> None:
    frame = render(CameraSpec(pitch_down_rad=-0.6), np.array([[0.0, 0.0, 0.0]]))[0]
    assert (np.diff(frame.astype(int), axis=1) == 0).all()
    assert frame.min() > 120


def test_a_level_camera_has_its_horizon_in_the_middle() -> None:
    frame = render(CameraSpec(pitch_down_rad=0.0), np.array([[0.0, 100.0, 0.0]]))[0]
    assert (frame[60:] == FIELD_GREY).all()
    assert (frame[:60] > FIELD_GREY + 40).all()


def nearest_frames(spec: CameraSpec, poses: NDArray[np.float64], track: Track) -> Frames:
    """The obvious camera: one texel of the finest level a pixel, no averaging."""
    surface = paint_surface(track)
    ground = to_grey(surface.levels[0])
    forward, spacing = ground_lines(spec, np.arange(spec.height) + 0.5)
    side = 0.5 * spec.width - np.arange(spec.width) - 0.5
    frames = np.full((len(poses), spec.height, spec.width), FIELD_GREY, dtype=np.uint8)
    for frame, (x, y, yaw) in zip(frames, poses, strict=True):
        ahead, left = forward[:, None] + spec.ahead_m, spacing[:, None] * side
        column = (x + ahead * math.cos(yaw) - left * math.sin(yaw) - surface.origin_m[0]) // 0.01
        row = (y + ahead * math.sin(yaw) + left * math.cos(yaw) - surface.origin_m[1]) // 0.01
        is_inside = (spacing[:, None] > 0) & (row >= 0) & (row < ground.shape[0])
        is_inside &= (column >= 0) & (column < ground.shape[1])
        frame[is_inside] = ground[row[is_inside].astype(int), column[is_inside].astype(int)]
    return frames


def test_far_lines_do_not_flicker_when_the_car_creeps() -> None:
    spec, track = CameraSpec(), stadium()
    creep = np.arange(40) * 0.003
    poses = np.column_stack([-2.5 + creep, 0.1 + 0.1 * creep, np.full(40, 0.02)])
    far = slice(math.ceil(horizon_row(spec)), math.ceil(horizon_row(spec)) + 20)

    def changes(frames: Frames) -> NDArray[np.float64]:
        return np.abs(np.diff(frames[:, far].astype(float), axis=0)).mean(axis=(1, 2))

    ours, baseline = (
        changes(render(spec, poses, track)),
        changes(nearest_frames(spec, poses, track)),
    )
    assert ours.max() < 1.2
    assert ours.max() < 2.0 * ours.mean()
    assert ours.mean() < 0.35 * baseline.mean()


def test_border_lines_are_unbroken_to_the_end_of_the_straight() -> None:
    spec = CameraSpec()
    frame = render(spec, np.array([[-2.9, 0.0, 0.0]]))[0].astype(int)
    forward, spacing = ground_lines(spec, np.arange(120) + 0.5)
    for row in range(math.ceil(horizon_row(spec)), 120):
        for line_m in (0.385, -0.385):
            column = round(80 - line_m / spacing[row] - 0.5)
            if forward[row] < 3.5 and 1 <= column <= 158:
                assert frame[row, column - 1 : column + 2].max() > FIELD_GREY + 8, row


if __name__ == "__main__":
    for each in SPECS:
        Image.fromarray(golden_sheet(each)).save(golden_path(each), optimize=True)
