"""What a study works out: against deepracer-utils, and against drives whose answers are known."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest

matplotlib.use("Agg")  # deepracer.logs imports pyplot

from deepracer.logs import AnalysisUtils, DeepRacerLog

from racecraft.analysis.logs import Logs, load_logs
from racecraft.analysis.study import Study, study
from racecraft.analysis.study.actions import action_findings, action_usage
from racecraft.analysis.study.comparison import compare_iterations, compare_models
from racecraft.analysis.study.episodes import episodes_of
from racecraft.analysis.study.iterations import best_iterations
from racecraft.analysis.study.learning import learning_findings
from racecraft.analysis.study.parts import corners_of, exits_of, time_lost
from racecraft.analysis.study.report import write_comparison, write_report
from racecraft.analysis.study.rewards import reward_against_time, reward_findings
from racecraft.analysis.study.road import Road, along, on_main_track, road_of
from tests.analysis.logs_made import LENGTH_M, a_folder, many_steps


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("logs")
    many_steps(place, 20_000, files=10)
    return a_folder(place / "small", "drfc").parent


@pytest.fixture(scope="module")
def logs(folder: Path) -> Logs:
    return load_logs(folder / "small")


def texts(found: Study) -> str:
    return " ".join(finding.text for finding in found.findings)


def printed(frame: pd.DataFrame) -> str:
    return frame.to_string(float_format=lambda value: f"{value:.6f}")


@pytest.mark.parametrize("place", [".", "small"])
def test_episodes_agree_with_deepracer_utils_to_the_printed_digit(
    folder: Path, place: str, tmp_path: Path
) -> None:
    source = tmp_path / "model"
    source.mkdir()
    for path in (folder / place).iterdir():
        if path.name != "small":
            shutil.copytree(path, source / path.name)
    log = DeepRacerLog(str(source))
    log.load_training_trace()
    theirs = AnalysisUtils.simulation_agg(log.dataframe(), secondgroup="unique_episode")
    ours = episodes_of(load_logs(source).training)
    columns = ["iteration", "steps", "start_at", "progress", "time", "dist", "speed", "reward",
               "time_if_complete", "reward_if_complete", "complete"]  # fmt: skip
    assert printed(ours[columns].astype(float)) == printed(theirs[columns].astype(float))


def test_evaluations_agree_with_deepracer_utils(folder: Path) -> None:
    log = DeepRacerLog(str(folder / "small"))
    log.load_evaluation_trace()
    frame = log.dataframe()
    theirs = AnalysisUtils.simulation_agg(frame, "stream", is_eval=True)
    ours = episodes_of(load_logs(folder / "small").evaluation)
    columns = ["stream", "episode", "steps", "start_at", "progress", "time", "dist", "speed",
               "time_if_complete", "complete"]  # fmt: skip
    assert ours.stream.tolist() == theirs.stream.tolist()
    assert printed(ours[columns[1:]].astype(float)) == printed(theirs[columns[1:]].astype(float))


def test_evaluations_alone_are_studied_too(logs: Logs, tmp_path: Path) -> None:
    alone = replace(logs, training=logs.training.head(0), metrics=pd.DataFrame())
    found = study(alone)
    assert len(found.evaluation_laps) == 2
    assert found.iterations.empty
    names = [path.name for path in write_report(found, tmp_path)]
    assert "lines-speed.png" in names
    assert "iterations.csv" not in names


def test_iterations_count_what_ended_in_them(logs: Logs) -> None:
    table = study(logs).iterations
    assert table.iteration.tolist() == [0, 1, 2, 3, 4]
    assert table.episodes.tolist() == [4] * 5
    assert table.laps.tolist() == [0, 0, 0, 2, 2]
    assert table.completion.tolist() == [0, 0, 0, 50, 50]
    assert table.best_lap.tolist()[3:] == pytest.approx([62 / 15, 63 / 15])
    best = best_iterations(table).set_index("measure").iteration
    assert best["Fastest lap"] == 3
    assert best["Completed laps"] == 3


def test_a_reward_that_pays_for_slow_laps_is_found_out() -> None:
    random = np.random.default_rng(3)
    time = random.uniform(8, 14, 60)
    laps = pd.DataFrame({"time": time, "reward": 10 * time + random.normal(0, 2, 60)})
    laps["complete"] = 1
    assert reward_against_time(laps) == pytest.approx(1.0, abs=0.05)
    assert "pays for slow laps" in reward_findings(laps, laps)[0].text
    laps["reward"] = 1000 / laps["time"]
    assert reward_against_time(laps) == pytest.approx(-1.0)
    assert "pays for fast laps" in reward_findings(laps, laps)[0].text
    assert reward_against_time(laps.head(5)) is None


def test_unused_actions_are_named() -> None:
    count = 1000
    frame = pd.DataFrame(
        {
            "action": np.repeat([0, 1, 3], [600, 399, 1]),
            "steering_angle": np.repeat([-30.0, 0.0, 30.0], [600, 399, 1]),
            "speed": np.repeat([1.0, 1.0, 2.0], [600, 399, 1]),
            "reward": np.ones(count),
            "episode_status": ["in_progress"] * count,
        }
    )
    listed = [{"steering_angle": a, "speed": 1.0} for a in (-30, 0, 15)]
    listed.append({"steering_angle": 30, "speed": 2.0})
    usage = action_usage(frame, listed)
    assert usage["count"].tolist() == [600, 399, 0, 1]
    found = action_findings(usage, frame, listed)
    assert found[0].text == (
        "2 of 4 actions are hardly ever taken: 2 (15° at 1 m/s), 3 (30° at 2 m/s)."
    )
    assert any("steers right" in finding.text for finding in found)


def test_ranges_that_are_too_narrow_are_named() -> None:
    frame = pd.DataFrame(
        {
            "action": [-1] * 100,
            "steering_angle": np.linspace(-20, 20, 100),
            "speed": [2.0] * 90 + [1.0] * 10,
            "reward": [0.0] * 100,
            "episode_status": ["in_progress"] * 100,
        }
    )
    space = {"steering_angle": {"low": -20, "high": 20}, "speed": {"low": 0.5, "high": 2}}
    assert action_usage(frame, space).empty
    (finding,) = action_findings(action_usage(frame, space), frame, space)
    assert finding.text.startswith("90 % of the steps are at the end of the range of the speed")


def table_of(**columns: object) -> pd.DataFrame:
    count = 20
    usual = {"laps": [1] * count, "evaluation_laps": [0] * count, "mean_progress": [50.0] * count,
             "evaluation_progress": [np.nan] * count}  # fmt: skip
    return pd.DataFrame({"iteration": range(count), **usual, **columns})


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"entropy": [2.0] * 12 + [0.1] * 8}, "Exploration collapsed at iteration 12"),
        (
            {"entropy": [2.0] * 12 + [0.1] * 8, "mean_progress": [95.0] * 20},
            "sure of itself since iteration 12",
        ),
        ({"entropy": [math.log(21) * 0.99] * 20}, "still tries everything"),
        ({"approx_kl": [0.2] * 20}, "Updates are too large"),
        ({"clip_fraction": [0.6] * 20}, "limit on change"),
        ({"explained_variance": [0.05] * 20}, "foresees little"),
        ({"value_loss": [0.1] * 10 + [50.0] * 10}, "grew from 0.1 to 50"),
        ({"policy_loss": [0.1] * 10 + [np.inf] * 10}, "no number since iteration 10"),
        (
            {"evaluation_progress": [*np.linspace(0, 90, 10), *np.linspace(85, 20, 10)]},
            "got worse after iteration",
        ),
        ({"evaluation_progress": np.linspace(0, 70, 20)}, "still getting better"),
        ({"evaluation_progress": [40.0] * 20}, "Nothing changed"),
        ({"laps": [0] * 20}, "No training episode was a complete lap"),
    ],
)
def test_figures_of_learning_are_told_in_plain_words(
    columns: dict[str, object], words: str
) -> None:
    found = learning_findings(table_of(**columns), 21)
    assert any(words in finding.text for finding in found), [f.text for f in found]


def test_a_good_training_has_no_warnings() -> None:
    table = table_of(
        entropy=np.linspace(3, 1.5, 20),
        approx_kl=[0.015] * 20,
        explained_variance=[0.9] * 20,
        evaluation_progress=[*np.linspace(20, 100, 10), *[100.0] * 10],
        mean_progress=np.linspace(10, 95, 20),
    )
    assert [f.weight.value for f in learning_findings(table, 21)] == ["good"]


def an_oval() -> Road:
    """Two straights of 6 m and two half circles of 2 m radius, counter-clockwise."""
    length = 12 + 4 * math.pi
    points = []
    for way in np.linspace(0, length, 200, endpoint=False):
        if way < 6:
            points.append((way, 0.0))
        elif way < 6 + 2 * math.pi:
            angle = (way - 6) / 2 - math.pi / 2
            points.append((6 + 2 * math.cos(angle), 2 + 2 * math.sin(angle)))
        elif way < 12 + 2 * math.pi:
            points.append((12 + 2 * math.pi - way, 4.0))
        else:
            angle = (way - 12 - 2 * math.pi) / 2 + math.pi / 2
            points.append((2 * math.cos(angle), 2 + 2 * math.sin(angle)))
    return Road(np.array(points), length, 100)


def test_an_oval_has_two_left_corners() -> None:
    corners = corners_of(an_oval())
    assert len(corners) == 2
    assert corners.turn.tolist() == pytest.approx([180, 180], abs=15)
    assert corners.from_share[0] == pytest.approx(6 / (12 + 4 * math.pi), abs=0.03)


def test_both_directions_of_one_track_are_told_apart(logs: Logs) -> None:
    there = logs.training
    back = there.assign(y=-there["y"], unique_episode=there["unique_episode"] + 1000)
    one_way = on_main_track(
        pd.concat([there, there.assign(unique_episode=there["unique_episode"] + 500), back])
    )
    assert set(one_way.unique_episode) == set(there.unique_episode) | {
        number + 500 for number in there.unique_episode
    }
    road = road_of(there)
    assert road is not None
    assert len(along(there, road)) == len(there)
    shifted = there.assign(x=there["x"] + 5)
    assert along(shifted, road).empty


def test_exits_are_where_cars_left_the_road(logs: Logs) -> None:
    road = road_of(logs.training)
    assert road is not None
    assert road.length_m == pytest.approx(LENGTH_M)
    exits = exits_of(logs.training, road)
    assert len(exits) == 16
    assert exits.at_m.tolist() == pytest.approx([0.6 * LENGTH_M] * 16, abs=0.3)
    parts = study(logs).parts
    assert parts.loc[parts.part == "sector 4", "exits"].tolist() == [16]
    assert "Most cars fail in" in texts(study(logs))


def test_time_is_lost_where_a_lap_is_slower() -> None:
    def lap(number: int, slow: bool) -> pd.DataFrame:
        progress = np.linspace(1, 100, 100)
        pace = np.where((progress > 40) & (progress < 60) & slow, 0.2, 0.1)
        return pd.DataFrame(
            {
                "unique_episode": number,
                "progress": progress,
                "tstamp": np.cumsum(pace),
                "x": progress,
                "y": 0.0,
            }
        )

    lost = time_lost(pd.concat([lap(0, True), lap(1, False)]), 0, 1, an_oval())
    assert lost.behind.iloc[-1] == pytest.approx(1.9, abs=0.15)
    assert lost.losing[lost.progress < 38].abs().max() < 1e-6
    assert lost.losing[(lost.progress > 45) & (lost.progress < 55)].min() > 0.05


def test_a_report_has_a_table_for_every_figure(logs: Logs, tmp_path: Path) -> None:
    found = study(replace(logs, name="car"))
    files = write_report(found, tmp_path)
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["training_episodes"] == 20
    names = {chapter["name"] for chapter in report["chapters"]}
    assert {"iterations", "laps", "actions", "exits", "parts", "lines-speed", "time-lost"} <= names
    for chapter in report["chapters"]:
        table = pd.read_csv(tmp_path / chapter["table"])
        assert len(table) > 0
        assert len(chapter["text"]) > 30
        if chapter["picture"]:
            assert (tmp_path / chapter["picture"]).read_bytes().startswith(b"\x89PNG")
    assert files[0].read_text().startswith("# car\n")


def test_models_and_iterations_are_compared(logs: Logs, tmp_path: Path) -> None:
    one, other = study(replace(logs, name="one")), study(replace(logs, name="two"))
    table = compare_models([one, other])
    assert table.model.tolist() == ["one", "two"]
    assert table.training_laps.tolist() == [4, 4]
    assert table.first_lap_iteration.tolist() == [3, 3]
    assert compare_iterations(one, (1, 3)).columns.tolist() == ["figure", 1, 3]
    assert (tmp_path / "c" / "comparison.png") in write_comparison([one, other], tmp_path / "c")
