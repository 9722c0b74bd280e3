"""Films of laps: decoded back, and what happens when the lap or the folder is no good."""

from __future__ import annotations

import dataclasses
import itertools
import math
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from racecraft.analysis.replay import best_lap, write_replay
from racecraft.analysis.replay.body import car_faces
from racecraft.analysis.replay.drawing import fill_polygons, to_yuv
from racecraft.analysis.replay.film import GIF_HZ, MP4_HZ
from racecraft.analysis.replay.lap import HOLD_S, frames_of
from racecraft.analysis.replay.overlay import TITLE_WIDTH, Overlay
from racecraft.domain.car import CarSpec
from racecraft.domain.episode import EpisodeStatus, Step, Trial
from racecraft.domain.errors import InvalidInput, StorageFailed
from racecraft.domain.track import Track
from tests.sim.circuits import stadium

SPEED_MPS = 2.0


def lap(
    count: int = 16,
    *,
    ending: EpisodeStatus = EpisodeStatus.LAP_COMPLETE,
    episode: int = 0,
    track: Track | None = None,
) -> list[Step]:
    """A car that keeps to the centre line for `count` steps, first one a prepare row."""
    track = track or stadium()
    steps = []
    for k in range(count):
        distance = SPEED_MPS * max(k - 1, 0) / 15
        (x, y), yaw = track.point_at(distance)[0], float(track.heading_at(distance)[0])
        status = EpisodeStatus.PREPARE if k == 0 else EpisodeStatus.IN_PROGRESS
        steps.append(
            Step(
                episode=episode,
                steps=k,
                x_m=float(x) + 0.14 * math.cos(yaw),
                y_m=float(y) + 0.14 * math.sin(yaw),
                yaw_rad=yaw,
                steering_rad=0.2,
                speed_mps=SPEED_MPS,
                action=0,
                reward=1.0,
                is_done=k == count - 1,
                all_wheels_on_track=True,
                progress_percent=100.0 * distance / track.length_m,
                closest_waypoint=0,
                track_length_m=track.length_m,
                time_s=7.0 + k / 15,
                status=ending if k == count - 1 else status,
            )
        )
    return steps


def trial(number: int, seconds: float, percent: float, status: EpisodeStatus) -> Trial:
    return Trial(number, round(seconds * 1000), percent, status)


def decoded(path: Path) -> list[NDArray[np.uint8]]:
    with av.open(str(path)) as file:
        return [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]


def test_a_film_holds_every_frame_of_the_lap_and_its_ending(tmp_path: Path) -> None:
    path = write_replay(stadium(), lap(16), tmp_path / "replay.mp4", title="first-model")
    frames = decoded(path)
    assert path == tmp_path / "replay.mp4"
    assert len(frames) == 15 * 2 + 1 + round(HOLD_S * MP4_HZ)
    assert all(frame.shape == (480, 640, 3) for frame in frames)
    with av.open(str(path)) as file:
        assert file.streams.video[0].average_rate == MP4_HZ
        assert file.streams.video[0].codec_context.pix_fmt == "yuv420p"


def test_a_film_can_be_watched_while_it_loads(tmp_path: Path) -> None:
    data = write_replay(stadium(), lap(4), tmp_path / "replay.mp4", title="").read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


def test_a_frame_shows_road_grass_sky_car_and_words(tmp_path: Path) -> None:
    path = write_replay(stadium(), lap(16), tmp_path / "replay.mp4", title="first-model")
    frame = decoded(path)[20].astype(int)
    red, green, blue = np.moveaxis(frame, 2, 0)
    is_car = (red > 150) & (green < 110) & (blue < 110)
    rows, columns = np.nonzero(is_car[:, 150:450])
    assert 5_000 < len(rows) < 60_000
    assert columns.mean() + 150 == pytest.approx(320, abs=25)
    assert rows.mean() > 240
    assert ((green > red + 25) & (green > blue + 25))[100:].mean() > 0.15
    assert (frame[:40].min(axis=2) > 200).sum() > 300  # words in the bar
    grey = np.abs(frame - frame.mean(axis=2, keepdims=True)).max(axis=2) < 14
    assert (grey & (frame.mean(axis=2) < 90))[100:].mean() > 0.15


def test_a_long_title_leaves_room_for_the_lap_time() -> None:
    overlay = Overlay(stadium(), "a-model-name-that-goes-on-and-on · A Track", (640, 480))
    short = Overlay(stadium(), "", (640, 480))
    assert 200 < overlay.title.shape[1] <= TITLE_WIDTH + 2
    assert short.title.shape[1] < 5


def test_the_same_lap_gives_the_same_bytes(tmp_path: Path) -> None:
    first = write_replay(stadium(), lap(6), tmp_path / "a.mp4", title="same").read_bytes()
    second = write_replay(stadium(), lap(6), tmp_path / "b.mp4", title="same").read_bytes()
    assert first == second


def test_boxes_are_in_the_picture_and_on_the_map(tmp_path: Path) -> None:
    steps = lap(8)
    box = np.array([[steps[0].x_m + 1.5, steps[0].y_m, 0.0, 0.0]])
    films = [
        decoded(write_replay(stadium(), steps, tmp_path / name, title="", objects=objects))
        for name, objects in (
            ("plain.mp4", None),
            ("boxes.mp4", np.repeat(box[None], len(steps), axis=0)),
        )
    ]
    changed = (np.abs(films[1][4].astype(int) - films[0][4]) > 40).any(axis=2)
    assert len(films[0]) == len(films[1])
    assert changed[50:300, :480].sum() > 2000
    assert 8 < changed[50:180, 480:].sum() < 200


def test_what_moves_on_the_road_glides_from_row_to_row() -> None:
    steps = lap(3)
    objects = np.zeros((3, 1, 4))
    objects[:, 0, 0] = 1.0, 2.0, 4.0
    objects[:, 0, 2] = 3.0, -3.0, -3.0
    frames = frames_of(steps, 30, objects)
    assert frames.objects[:5, 0, 0] == pytest.approx([1.0, 1.5, 2.0, 3.0, 4.0])
    half = frames.objects[1, 0, 2]
    assert math.cos(half) == pytest.approx(-1.0)
    assert frames_of(steps, 30).objects.shape[1:] == (0, 4)


def test_a_gif_is_written_when_asked_for(tmp_path: Path) -> None:
    path = write_replay(stadium(), lap(16), tmp_path / "replay.gif", title="first-model")
    with Image.open(path) as image:
        assert image.size == (320, 240)
        assert image.n_frames >= 10  # like frames of the ending may have been joined
        total_ms = 0
        for number in range(image.n_frames):
            image.seek(number)
            total_ms += image.info["duration"]
    assert total_ms == pytest.approx(1000 * (1.0 + HOLD_S + 1 / GIF_HZ), abs=60)


def test_without_pyav_the_film_becomes_a_gif(tmp_path: Path) -> None:
    program = (
        "import importlib.machinery as m, sys\n"
        "find = m.PathFinder.find_spec\n"
        "m.PathFinder.find_spec = classmethod(\n"
        "    lambda cls, name, *rest: None if name == 'av' else find(name, *rest))\n"
        "from pathlib import Path\n"
        "from racecraft.analysis.replay import write_replay\n"
        "from racecraft.domain.episode import EpisodeStatus, Step\n"
        "from tests.sim.circuits import stadium\n"
        "step = Step(0, 0, 0.0, 0.0, 0.0, 0.0, 1.0, 0, 0.0, False, True, 0.0, 0, 22.0, 0.0,\n"
        "            EpisodeStatus.IN_PROGRESS)\n"
        "path = Path(sys.argv[1]) / 'replay.mp4'\n"
        "print(write_replay(stadium(), [step], path, title=''))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert result.stdout.strip() == str(tmp_path / "replay.gif"), result.stderr
    assert (tmp_path / "replay.gif").read_bytes().startswith(b"GIF89a")


def test_films_need_no_torch_and_load_the_encoder_only_to_write() -> None:
    program = (
        "import sys, racecraft.analysis.replay as replay\n"
        "print([name for name in ('torch', 'av', 'matplotlib') if name in sys.modules])\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.stdout.strip() == "[]", result.stderr


@pytest.mark.parametrize(
    "ending", [EpisodeStatus.CRASHED, EpisodeStatus.OFF_TRACK, EpisodeStatus.TIME_UP]
)
def test_a_lap_that_failed_is_shown_to_its_end(tmp_path: Path, ending: EpisodeStatus) -> None:
    steps = lap(8, ending=ending)
    path = write_replay(stadium(), steps, tmp_path / "replay.mp4", title="crash")
    frames = decoded(path)
    middle = (slice(140, 220), slice(180, 460))
    change = np.abs(frames[-1][middle].astype(int) - frames[12][middle]).mean()
    assert frames_of(steps, MP4_HZ).ending == ending.label
    assert change > 15  # the panel with the ending


def test_a_lap_of_one_step_is_a_still(tmp_path: Path) -> None:
    path = write_replay(stadium(), lap(1), tmp_path / "replay.mp4", title="still")
    frames = decoded(path)
    assert len(frames) == 1 + round(HOLD_S * MP4_HZ)
    assert np.abs(frames[0].astype(int) - frames[-1]).mean() < 3


def test_a_lap_that_was_still_going_on_has_no_ending() -> None:
    steps = lap(40, ending=EpisodeStatus.IN_PROGRESS)
    frames = frames_of(steps, MP4_HZ)
    moved = np.hypot(*np.diff(frames.car[:, :2], axis=0).T)
    assert moved[4:70] == pytest.approx(SPEED_MPS / MP4_HZ, rel=0.05)
    assert frames.ending == ""


def test_an_empty_lap_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="has no steps; choose a trial"):
        write_replay(stadium(), [], tmp_path / "replay.mp4", title="")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_trace_is_refused_with_a_sentence(tmp_path: Path) -> None:
    steps = [dataclasses.replace(step, x_m=math.nan) for step in lap(3)]
    with pytest.raises(InvalidInput, match="positions that are not numbers"):
        write_replay(stadium(), steps, tmp_path / "replay.mp4", title="")


@pytest.mark.parametrize("name", ["replay.mp4", "replay.gif"])
def test_a_folder_that_cannot_be_written_to_is_told_in_a_sentence(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "file").write_text("not a folder")
    for folder in (tmp_path / "file", tmp_path / "missing"):
        with pytest.raises(StorageFailed, match=r"could not be written to .* Check that"):
            write_replay(stadium(), lap(2), folder / name, title="")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("name", ["replay.mp4", "replay.gif"])
def test_nothing_half_written_is_left_behind(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()  # so that the finished film cannot take its place
    with pytest.raises(StorageFailed, match="could not be written"):
        write_replay(stadium(), lap(2), tmp_path / name, title="")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_an_older_film_is_replaced_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "replay.mp4").write_bytes(b"old")
    path = write_replay(stadium(), lap(2), tmp_path / "replay.mp4", title="")
    assert len(decoded(path)) == 3 + round(HOLD_S * MP4_HZ)
    assert list(tmp_path.iterdir()) == [path]


def test_frames_lie_evenly_between_the_steps_and_follow_the_origin_of_the_car() -> None:
    frames = frames_of(lap(16), MP4_HZ)
    assert frames.car[2 * 5, :2] == pytest.approx((SPEED_MPS * 4 / 15, 0.0), abs=1e-9)
    assert frames.car[2 * 5 + 1, :2] == pytest.approx((SPEED_MPS * 4.5 / 15, 0.0), abs=1e-9)
    assert frames.time_ms[:5].tolist() == [0, 0, 0, 33, 67]
    assert frames.progress_percent[frames.ending_from] == lap(16)[-1].progress_percent


def test_a_car_that_is_put_back_jumps_instead_of_gliding() -> None:
    steps = lap(10)
    steps[5:] = [dataclasses.replace(step, y_m=step.y_m + 3.0) for step in steps[5:]]
    y = frames_of(steps, MP4_HZ).car[:, 1]
    assert set(np.round(y, 6)) == {0.0, 3.0}


def test_headings_across_the_half_turn_are_followed_the_short_way() -> None:
    yaws = [3.0, 3.1, -3.1, -3.0]
    steps = [dataclasses.replace(s, yaw_rad=yaw) for s, yaw in zip(lap(4), yaws, strict=True)]
    frames = frames_of(steps, MP4_HZ)
    assert np.abs(np.diff(frames.car[:, 2])).max() < 0.06
    assert np.abs(np.diff(frames.view_yaw_rad)).max() < 0.06


def test_a_trace_without_a_clock_is_played_at_the_control_rate() -> None:
    steps = [dataclasses.replace(step, time_s=0.0) for step in lap(16)]
    assert frames_of(steps, MP4_HZ).ending_from == 30


def test_the_best_lap_is_the_fastest_complete_one() -> None:
    steps = [*lap(3, episode=4), *lap(4, episode=5), *lap(5, episode=6)]
    trials = [
        trial(1, 5.0, 60.0, EpisodeStatus.OFF_TRACK),
        trial(2, 12.0, 100.0, EpisodeStatus.LAP_COMPLETE),
        trial(3, 11.0, 100.0, EpisodeStatus.LAP_COMPLETE),
    ]
    assert best_lap(trials, steps) == lap(5, episode=6)


def test_without_a_complete_lap_the_best_is_the_one_that_came_furthest() -> None:
    steps = [*lap(3, episode=0), *lap(4, episode=1)]
    ends = [(1, 20.0, 75.0), (2, 3.0, 40.0)]
    trials = [trial(*end, EpisodeStatus.OFF_TRACK) for end in ends]
    for shuffled in itertools.permutations(trials):
        assert best_lap(shuffled, steps) == lap(3, episode=0)


@pytest.mark.parametrize("trials", [[], [trial(1, 1.0, 10.0, EpisodeStatus.CRASHED)]])
def test_of_no_steps_there_is_no_best_lap(trials: Sequence[Trial]) -> None:
    assert best_lap(trials, []) == []


def test_polygons_cover_their_area_and_only_from_the_front() -> None:
    square = np.array([[[10.5, 10.5], [10.5, 40.5], [40.5, 40.5], [40.5, 10.5]]])
    for corners, expected in ((square, (30 + 2 * 0.3) ** 2), (square[:, ::-1].copy(), 0.0)):
        frame = np.zeros((50, 60, 3), dtype=np.uint8)
        colour = np.array([[200.0, 100.0, 0.0, 1.0]])
        fill_polygons(frame, corners, np.array([4]), colour)
        assert frame[..., 0].sum() / 200 == pytest.approx(expected, rel=0.02)
        assert frame[..., 1].sum() / 100 == pytest.approx(expected, rel=0.02)


def test_polygons_beyond_the_frame_are_cut_off() -> None:
    corners = np.array([[[-900.0, -900.0], [-900.0, 900.0], [900.0, 900.0], [900.0, -900.0]]])
    frame = np.zeros((20, 30, 3), dtype=np.uint8)
    fill_polygons(frame, corners, np.array([4]), np.array([[9.0, 8.0, 7.0, 1.0]]))
    assert (frame == (9, 8, 7)).all()


def test_the_car_has_the_size_of_its_spec_and_stands_on_the_road() -> None:
    faces, car = car_faces(CarSpec()), CarSpec()
    solid = faces.colours[:, 3] == 1.0
    points = np.concatenate(
        [
            face[:count]
            for face, count in zip(faces.corners[solid], faces.counts[solid], strict=True)
        ]
    )
    length, width, _ = points.max(axis=0) - points.min(axis=0)
    assert length == pytest.approx(car.body_length_m, abs=0.03)
    assert width == pytest.approx(car.body_width_m, abs=0.02)
    assert points[:, 2].min() == pytest.approx(0.0, abs=0.002)


def test_colours_become_video_as_libav_does_it() -> None:
    for colour in np.random.default_rng(0).integers(0, 256, (40, 3), dtype=np.uint8):
        frame = np.tile(colour, (8, 16, 1))
        planes = np.zeros((12, 16), dtype=np.uint8)
        to_yuv(frame, planes)
        expected = av.VideoFrame.from_ndarray(frame, format="rgb24").reformat(format="yuv420p")
        assert np.abs(planes.astype(int) - expected.to_ndarray()).max() <= 2
