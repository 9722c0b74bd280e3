"""Pictures: real PNG files, whatever the data; looking at them is for people."""

import json
import math
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from racecraft.analysis.figures import ASPHALT, PAPER, Look, driven_lines, reward_graph
from racecraft.analysis.figures.lines import _driven, _full_laps
from racecraft.analysis.figures.rewards import _four_parts, _smoothed
from racecraft.domain.episode import EpisodeStatus, Step
from racecraft.domain.errors import StorageFailed
from racecraft.domain.trace_table import TraceTable
from racecraft.domain.track import Track


def a_track(*, width_m: float = 3.0, height_m: float = 2.0) -> Track:
    angle = np.linspace(0, 2 * np.pi, 81)
    circle = np.stack([width_m * np.cos(angle), height_m * np.sin(angle)], axis=1)
    circle[-1] = circle[0]
    return Track("ring", circle, 0.85 * circle, 1.15 * circle)


def reports(count: int, **changes: Any) -> list[dict[str, Any]]:
    return [
        {
            "iteration": iteration,
            "mean_reward": 3.0 * iteration - 4,
            "mean_progress": 100 * iteration / max(count, 1),
            "mean_evaluation_progress": 90.0 * iteration / max(count, 1),
            "best_iteration": count - 1,
            **changes,
        }
        for iteration in range(count)
    ]


def a_lap(track: Track, *, speed_mps: float = 1.5, rows: int = 60) -> list[Step]:
    """A drive along the centre line at 15 Hz, after a row of standing."""
    steps = []
    for row in range(rows):
        distance = max(row - 1, 0) * speed_mps / 15
        x, y = track.point_at(distance)[0]
        steps.append(
            Step(
                episode=0,
                steps=row + 1,
                x_m=x,
                y_m=y,
                yaw_rad=0.0,
                steering_rad=0.0,
                speed_mps=speed_mps,
                action=0,
                reward=1.0,
                is_done=False,
                all_wheels_on_track=True,
                progress_percent=0.0,
                closest_waypoint=0,
                track_length_m=track.length_m,
                time_s=row / 15,
                status=EpisodeStatus.IN_PROGRESS if row else EpisodeStatus.PREPARE,
            )
        )
    return steps


def assert_picture(path: Path, look: Look = ASPHALT) -> None:
    """A whole PNG of a useful size, with something drawn on the background."""
    with Image.open(path) as picture:
        picture.load()
        assert picture.format == "PNG"
        assert picture.width >= 1000
        assert picture.height >= 400
        pixels = np.asarray(picture.convert("RGB"))
    background = [int(look.background[k : k + 2], 16) for k in (1, 3, 5)]
    assert pixels[2, 2].tolist() == background
    assert 0.005 < (pixels != background).any(axis=2).mean() < 0.99


@pytest.mark.parametrize(
    "lines",
    [
        [],
        reports(1),
        reports(2),
        reports(30),
        reports(900),
        reports(5, mean_reward=math.nan),
        reports(5, mean_reward=None, mean_evaluation_progress=None),
        reports(5, mean_reward=math.inf),
        reports(5, mean_reward=0.0),
        reports(5, mean_reward=-1e5),
        reports(5, mean_reward=1e-9),
        reports(5, best_iteration=-1),
        reports(5, best_iteration=None),
        [{"iteration": 3}],
        [{}],
    ],
    ids=lambda lines: f"{len(lines)}-{lines[-1].get('mean_reward') if lines else ''}",
)
def test_a_reward_graph_is_drawn_whatever_is_known(
    tmp_path: Path, lines: list[dict[str, Any]]
) -> None:
    reward_graph(lines, tmp_path / "graph.png")

    assert_picture(tmp_path / "graph.png")


def test_reports_read_from_a_progress_file_are_drawn(tmp_path: Path) -> None:
    text = "\n".join(json.dumps(line) for line in reports(4, mean_reward=math.nan))

    reward_graph([json.loads(line) for line in text.splitlines()], tmp_path / "graph.png")

    assert_picture(tmp_path / "graph.png")


def test_both_looks_are_drawn(tmp_path: Path) -> None:
    reward_graph(reports(9), tmp_path / "graph.png", look=PAPER)
    driven_lines(a_track(), [a_lap(a_track())], tmp_path / "lines.png", look=PAPER)

    assert_picture(tmp_path / "graph.png", PAPER)
    assert_picture(tmp_path / "lines.png", PAPER)


@pytest.mark.parametrize("kind", ["steps", "table", "array", "none", "empty", "one row", "mixed"])
def test_driven_lines_are_drawn_from_every_kind_of_lap(tmp_path: Path, kind: str) -> None:
    track = a_track()
    steps = a_lap(track)
    array = np.column_stack([track.centre, np.linspace(0.5, 3, len(track.centre))])
    gap = array.copy()
    gap[10:20, 2] = np.nan
    laps: dict[str, list[Any]] = {
        "steps": [steps, steps],
        "table": [TraceTable.from_steps(steps)],
        "array": [array, gap],
        "none": [],
        "empty": [[], np.zeros((0, 3))],
        "one row": [steps[:1], array[:1]],
        "mixed": [steps, array],
    }

    driven_lines(track, laps[kind], tmp_path / "lines.png", title="Evaluation 3")

    assert_picture(tmp_path / "lines.png")


@pytest.mark.parametrize("shape", [(12.0, 1.0), (1.0, 12.0), (40.0, 40.0), (0.7, 0.7)])
def test_tracks_of_every_shape_fit_the_picture(tmp_path: Path, shape: tuple[float, float]) -> None:
    driven_lines(a_track(width_m=shape[0], height_m=shape[1]), [], tmp_path / "lines.png")

    assert_picture(tmp_path / "lines.png")


def test_the_colour_shows_the_speed_driven_and_not_the_speed_commanded() -> None:
    steps = [Step(**{**step.__dict__, "speed_mps": 4.0}) for step in a_lap(a_track())]

    segments, speeds, failures = _driven([steps])

    assert speeds.max() == pytest.approx(1.5, rel=0.02)
    assert len(segments) == len(speeds) == len(steps) - 2  # not from the standing row
    assert len(failures) == 0


def test_a_line_is_broken_where_the_car_was_put_back() -> None:
    before, after = a_lap(a_track())[:20], a_lap(a_track())[40:60]
    failed = Step(**{**before[-1].__dict__, "status": EpisodeStatus.OFF_TRACK})
    pause = Step(**{**after[0].__dict__, "status": EpisodeStatus.PAUSE})

    segments, _, failures = _driven([[*before[:-1], failed, pause, *after[1:]]])

    assert len(segments) == 18 + 18
    assert failures.tolist() == [[failed.x_m, failed.y_m]]


def test_full_laps_are_counted_also_when_they_were_driven_in_one_go() -> None:
    steps = a_lap(a_track())
    for row in (20, 40):
        steps[row] = Step(**{**steps[row].__dict__, "progress_percent": 100.0})

    assert [_full_laps(lap) for lap in (steps, steps[:30], [], np.zeros((9, 3)))] == [2, 1, 0, 1]


def test_two_laps_in_one_trace_are_not_joined() -> None:
    one = a_lap(a_track())
    other = [Step(**{**step.__dict__, "episode": 1, "time_s": 9 + step.time_s}) for step in one]

    assert len(_driven([one + other])[0]) == 2 * len(_driven([one])[0])


@pytest.mark.parametrize(
    ("low", "high"),
    [(0, 1), (0, 163), (-6.3, 160), (-4, 0), (0, 0), (0, 1e-9), (-1e5, 1e5), (-1, 99)],
)
def test_the_reward_axis_has_four_round_parts_around_the_data(low: float, high: float) -> None:
    parts = _four_parts(low, high)

    assert len(parts) == 5
    assert parts[0] <= low + 1e-12
    assert parts[-1] >= high - 1e-12
    assert np.abs(parts).min() == pytest.approx(0, abs=1e-12)
    assert parts[-1] - parts[0] <= 3.1 * max(high - low, 1e-9)


def test_a_moving_average_keeps_length_and_level() -> None:
    assert _smoothed(np.full(100, 3.0), 9) == pytest.approx(np.full(100, 3.0))
    assert _smoothed(np.arange(100.0), 9)[50] == pytest.approx(50)
    assert len(_smoothed(np.arange(3.0), 40)) == 3


def test_threads_can_draw_at_the_same_time(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda k: reward_graph(reports(20), tmp_path / f"{k}.png"), range(4)))

    assert len({(tmp_path / f"{k}.png").read_bytes() for k in range(4)}) == 1


def test_a_picture_replaces_the_old_one_and_leaves_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "graph.png").write_text("old")

    reward_graph(reports(3), tmp_path / "graph.png")

    assert_picture(tmp_path / "graph.png")
    assert os.listdir(tmp_path) == ["graph.png"]


def test_a_picture_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "folder").touch()

    with pytest.raises(StorageFailed, match=r"graph\.png could not be written"):
        reward_graph(reports(3), tmp_path / "folder" / "graph.png")


def test_matplotlib_is_loaded_only_when_a_picture_is_drawn() -> None:
    code = "import sys, racecraft.analysis.figures; sys.exit('matplotlib' in sys.modules)"

    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=root).returncode == 0
