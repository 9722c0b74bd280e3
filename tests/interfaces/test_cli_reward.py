"""`racecraft reward`: examples, and trying a reward function on laps."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from racecraft.domain.action_space import Action, DiscreteActionSpace
from racecraft.domain.episode import EpisodeStatus
from racecraft.domain.hyperparameters import PPOHyperparameters
from racecraft.domain.reward import COLUMN
from racecraft.domain.spec import ModelSpec, TrackChoice, TrainingSpec
from racecraft.domain.trace_table import TraceTable
from racecraft.domain.track import Track
from racecraft.interfaces.cli import main
from racecraft.interfaces.cli.app import app
from racecraft.sandbox.builtin import BUILTIN_REWARDS, builtin_reward
from racecraft.service import models
from racecraft.service.settings import Settings
from racecraft.sim.simulator import Simulator
from racecraft.tracks.library import load_track

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process, in an empty folder: exit code, output, standard error."""
    monkeypatch.setenv("RACECRAFT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> tuple[int, str, str]:
        code = main(words)
        output = capsys.readouterr()
        return code, output.out, output.err

    return call


def make_model(home: Path, name: str, *, track: TrackChoice, speeds: tuple[float, ...]) -> Path:
    actions = tuple(Action(steering_angle=0, speed=speed) for speed in speeds)
    return models.create_model(
        Settings(home=home),
        ModelSpec(name=name, action_space=DiscreteActionSpace(actions=actions)),
        TrainingSpec(tracks=(track,), hyperparameters=PPOHyperparameters(gamma=0.9)),
        reward_source="def reward_function(params):\n    return 1.0\n",
    )


def keep_trace(path: Path, track: Track, *, episodes: int) -> None:
    """Write a trace file of cars that drive straight on until they are off the track."""
    simulator = Simulator([track], episodes)
    for car in range(episodes):
        simulator.place_at(car, 0.1 * car * track.length_m)
    tables, statuses = [], []
    for _ in range(60):
        simulator.step(np.tile([0.0, 1.0], (episodes, 1)), 0, episodes)
        tables.append(simulator.cars.table.copy())
        statuses.append(simulator.cars.status.copy())
    table, status = np.stack(tables, axis=1), np.stack(statuses, axis=1)  # (N, T, …)
    names = {
        "steps": "steps",
        "x_m": "x_m",
        "y_m": "y_m",
        "yaw_rad": "heading_rad",
        "steering_rad": "steering_rad",
        "speed_mps": "speed_mps",
        "progress_percent": "progress_percent",
        "closest_waypoint": "closest_waypoint",
        "time_s": "sim_time_s",
        "all_wheels_on_track": "all_wheels_on_track",
    }
    values: dict[str, Any] = {name: table[:, :, COLUMN[of]].ravel() for name, of in names.items()}
    count = status.size
    values |= {
        "episode": np.repeat(np.arange(episodes), 60),
        "action": np.zeros(count),
        "reward": np.zeros(count),
        "is_done": np.zeros(count, dtype=bool),
        "track_length_m": np.full(count, track.length_m),
        "status": status.ravel(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    ended = np.cumsum(status != EpisodeStatus.IN_PROGRESS, axis=1)  # 1 in the row that ends it
    trace = TraceTable.from_columns(values).take(ended.ravel() <= 1)
    path.write_text(trace.csv_text(), encoding="utf-8")


@pytest.mark.parametrize("command", ["try", "examples"])
def test_both_commands_have_help_that_says_what_they_do(command: str) -> None:
    result = CliRunner().invoke(app, ["reward", command, "--help"], env={"COLUMNS": "100"})

    assert result.exit_code == 0
    assert "--json" in result.output


def test_the_examples_are_listed_with_what_they_reward(run: Run) -> None:
    code, out, _ = run("reward", "examples")

    assert code == 0
    for name in BUILTIN_REWARDS:
        assert name in out
    assert "Get round the track" in out

    code, out, _ = run("reward", "examples", "--json")
    rows = json.loads(out)["examples"]
    assert [row["name"] for row in rows] == list(BUILTIN_REWARDS)
    assert all(row["summary"] for row in rows)


def test_an_example_is_printed_as_it_is(run: Run) -> None:
    assert run("reward", "examples", "progress") == (0, builtin_reward("progress"), "")

    code, out, _ = run("reward", "examples", "progress", "--json")
    assert code == 0
    assert json.loads(out)["source"] == builtin_reward("progress")


def test_trying_a_file_shows_laps_verdict_and_picture(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "def reward_function(params):\n"
        "    if params['steps'] == 2:\n"
        "        print('a new lap')\n"
        "    return params['speed'] - params['distance_from_center']\n",
        encoding="utf-8",
    )

    code, out, err = run("reward", "try", "mine.py", "--track", "pebble-oval")

    assert (code, err) == (0, "")
    assert "mine.py on pebble-oval" in out
    for words in ("Slow, centre line (0.5 m/s)", "Fast, racing line", "Per step", "Return"):
        assert words in out
    assert "Driving well pays better than driving badly." in out
    assert "Fast driving pays" in out
    assert "a new lap" in out
    picture = tmp_path / "mine-on-pebble-oval.png"
    assert picture.name in out
    with Image.open(picture) as image:
        assert image.format == "PNG"


def test_json_holds_the_laps_and_the_verdict_for_programs(run: Run, tmp_path: Path) -> None:
    out_file = tmp_path / "folder" / "map.png"
    words = ("--track", "bow-knot", "--reverse", "--slow", "0.4", "--fast", "1.5")

    code, out, _ = run("reward", "try", "centre-line", *words, "--out", str(out_file), "--json")

    facts = json.loads(out)
    assert code == 0
    assert facts["file"] == str(out_file)
    assert out_file.is_file()
    assert (facts["track"], facts["is_reversed"]) == ("bow-knot", True)
    assert (facts["slow_mps"], facts["fast_mps"]) == (0.4, 1.5)
    assert facts["driving_well_pays"] is False
    assert [lap["name"] for lap in facts["laps"]] == [
        "slow",
        "fast",
        "racing-line",
        "zigzag",
        "crash",
    ]


def test_a_model_brings_its_track_speeds_discount_and_newest_laps(run: Run, tmp_path: Path) -> None:
    choice = TrackChoice(name="milk-run", is_reversed=True)
    folder = make_model(tmp_path / "home", "blue-car", track=choice, speeds=(0.6, 1.2))
    track = load_track("milk-run", is_reversed=True)
    keep_trace(folder / "training-simtrace" / "9-iteration.csv", track, episodes=2)
    keep_trace(folder / "training-simtrace" / "10-iteration.csv", track, episodes=3)

    code, out, _ = run("reward", "try", "progress", "--model", "blue-car", "--json")
    facts = json.loads(out)

    assert code == 0
    assert (facts["track"], facts["is_reversed"], facts["gamma"]) == ("milk-run", True, 0.9)
    assert (facts["slow_mps"], facts["fast_mps"]) == (0.6, 1.2)
    recorded = [lap for lap in facts["laps"] if lap["is_recorded"]]
    assert len(recorded) == 5
    assert not any(lap["is_complete"] for lap in recorded)

    evaluation = folder / "evaluation-20260101000000" / "evaluation-simtrace"
    keep_trace(evaluation / "0-iteration.csv", track, episodes=1)
    _, out, _ = run("reward", "try", "progress", "--model", "blue-car")
    assert "Recorded lap 1, off track" in out
    assert "Recorded lap 2" not in out


def test_a_model_without_laps_on_the_track_says_so(run: Run, tmp_path: Path) -> None:
    make_model(tmp_path / "home", "blue-car", track=TrackChoice(), speeds=(1.0, 1.0))

    code, out, _ = run("reward", "try", "progress", "--model", "blue-car")

    assert code == 0
    assert "The model blue-car has no recorded laps on pebble-oval." in out
    assert "Slow, centre line (0.5 m/s)" in out


@pytest.mark.parametrize(
    ("words", "code", "kind", "sentence"),
    [
        (["try", "progres"], 3, "NotFound", "Did you mean progress"),
        (["try", "nowhere.py"], 3, "NotFound", "There is no file nowhere.py"),
        (["try", "progress", "--track", "harbor-loop"], 3, "TrackNotFound", "harbour-loop"),
        (["try", "progress", "--obstacles", "11"], 2, "InvalidSpec", "11"),
        (["try", "progress", "--model", "nobody"], 3, "ModelNotFound", "'nobody'"),
        (["try", "progress", "--reverse"], 2, "InvalidInput", "needs a track"),
        (["try", "progress", "--slow", "2"], 2, "InvalidInput", "at 2 m/s and 1 m/s; choose"),
        (["try", "progress", "--fast", "9"], 2, "InvalidInput", "from 0.1 to 4 m/s"),
        (["try", "progress", "--out", "map.jpg"], 2, "InvalidInput", "map.jpg; give it a name"),
        (["try", "broken.py"], 2, "InvalidReward", "ine 1"),
        (["try", "failing.py"], 5, "RewardFailed", "KeyError"),
        (["examples", "progres"], 3, "NotFound", "Did you mean 'progress'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_cannot_be_done_is_one_sentence_and_a_code(
    run: Run, tmp_path: Path, words: list[str], code: int, kind: str, sentence: str
) -> None:
    (tmp_path / "broken.py").write_text("def reward_function(params)\n", encoding="utf-8")
    (tmp_path / "failing.py").write_text(
        "def reward_function(params):\n    return params['sped']\n", encoding="utf-8"
    )

    found, out, err = run("reward", *words, "--json")

    facts = json.loads(out.strip().splitlines()[-1])
    assert (found, facts["kind"]) == (code, kind)
    assert sentence in facts["error"]
    assert err.startswith("error: ")
    assert list(tmp_path.glob("*.png")) == []


def test_trying_a_reward_loads_nothing_that_a_training_needs(tmp_path: Path) -> None:
    program = (
        "import sys; from racecraft.interfaces.cli import main; "
        "code = main(['reward', 'try', 'progress']); "
        "heavy = {'torch', 'numba', 'pandas', 'gymnasium'} & set(sys.modules); "
        "sys.exit(f'imported {heavy}' if heavy else code)"
    )

    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"RACECRAFT_HOME": str(tmp_path), "PATH": "", "MPLCONFIGDIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )

    assert result.returncode == 0, result.stderr
