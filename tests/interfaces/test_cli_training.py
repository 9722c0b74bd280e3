"""Real trainings from the command line, in processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from racecraft.domain.car import CarSpec, Grip, Response
from racecraft.service.models import load_model

SMALL = (
    "train", "--track", "pebble-oval", "--network", "LIGHT", "--num-epochs", "3",
    "--max-steps-per-iteration", "128", "--num-cars", "8", "--evaluation-trials", "1",
)  # fmt: skip


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "RACECRAFT_HOME": str(tmp_path / "home")}


def start(environment: dict[str, str], *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "racecraft.interfaces.cli", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def run(environment: dict[str, str], *words: str) -> tuple[int, Any, str]:
    """Exit code, the one JSON object on standard output, standard error."""
    process = start(environment, *words, "--json")
    output, errors = process.communicate()
    assert output.count("\n") == 1, output + errors
    return process.returncode, json.loads(output), errors


def test_a_training_writes_one_json_object_and_its_progress_elsewhere(
    environment: dict[str, str],
) -> None:
    code, facts, errors = run(environment, *SMALL, "--steps", "256", "--name", "blue-car")

    assert code == 0
    assert facts["model"] == "blue-car"
    assert facts["env_steps"] == 256
    assert facts["training_s"] > 0
    assert all(Path(file).stat().st_size for file in facts["files"])
    assert "iteration 1: " in errors


def test_a_model_is_trained_evaluated_and_cloned(environment: dict[str, str]) -> None:
    car = ("--response", "v4", "--grip", "slippery")
    run(environment, *SMALL, "--steps", "256", "--name", "blue-car", *car)

    code, facts, _ = run(environment, "evaluate", "blue-car", "--trials", "2")
    assert code == 0
    assert [lap["trial"] for lap in facts["laps"]] == [1, 2]
    assert set(facts["laps"][0]) >= {"time_ms", "completion_pct", "status"}
    limit = facts["limit"]
    assert limit["own_top_mps"] == 1.0
    assert 2 * limit["limit_s"] < limit["own_limit_s"]
    for lap in facts["laps"]:
        is_lap = lap["status"] == "Lap complete"
        times = round(lap["time_ms"] / 1000 / limit["limit_s"], 3) if is_lap else None
        assert (lap["times_limit"], lap["impossible"]) == (times, False)

    words = ("train", "--clone-of", "blue-car", "--name", "red-car", "--steps", "128")
    code, facts, _ = run(environment, *words, "--track", "harbour-loop", "--grip", "grippy")
    assert (code, facts["model"]) == (0, "red-car")
    clone = load_model(Path(facts["folder"])).car
    assert clone == CarSpec(response=Response.V4, grip=Grip.GRIPPY)

    code, facts, _ = run(environment, *words, "--name", "x", "--response", "v7")
    assert code == 2
    assert "v7" in facts["error"]

    deep = ("train", "--clone-of", "blue-car", "--network", "DEEP_CONVOLUTIONAL_NETWORK")
    code, facts, _ = run(environment, *deep)
    assert code == 2
    assert "network is LIGHT" in facts["error"]
    assert "is DEEP_CONVOLUTIONAL_NETWORK" in facts["error"]
    assert [row["name"] for row in run(environment, "models", "list")[1]["models"]] == [
        "red-car",
        "blue-car",
    ]


def test_a_model_with_continuous_actions_is_trained_evaluated_and_cloned(
    environment: dict[str, str], tmp_path: Path
) -> None:
    words = (*SMALL, "--steps", "256", "--name", "blue-car", "--continuous")
    code, facts, _ = run(environment, *words, "--max-speed", "2", "--max-steering", "25")
    assert code == 0
    written = Path(facts["folder"]) / "model" / "model_metadata.json"
    code, facts, _ = run(environment, "evaluate", "blue-car", "--trials", "1")
    assert code == 0
    assert len(facts["laps"]) == 1
    shown = run(environment, "models", "show", "blue-car")[1]
    assert shown["actions"] == "-25° to 25°, 0.5 to 2 m/s"

    # What one model wrote describes the actions of the next, and its clone may drive faster.
    words = ("train", "--clone-of", "blue-car", "--name", "red-car", "--steps", "128")
    assert run(environment, *words, "--action-space", str(written))[0] == 0
    code, facts, _ = run(environment, *words, "--name", "green-car", "--max-speed", "2")
    assert code == 2
    assert "kind of action space is continuous, and the new model's is discrete" in facts["error"]


@pytest.mark.parametrize("count", [2, 30])
def test_a_list_of_any_allowed_length_is_trained_and_evaluated(
    environment: dict[str, str], tmp_path: Path, count: int
) -> None:
    actions = [{"steering_angle": 29.0 - 2 * k, "speed": 0.5 + 0.1 * k} for k in range(count)]
    path = tmp_path / "actions.json"
    path.write_text(json.dumps(actions))
    words = (*SMALL, "--steps", "128", "--name", "blue-car", "--action-space", str(path))
    assert run(environment, *words)[0] == 0
    code, facts, _ = run(environment, "evaluate", "blue-car", "--trials", "1")
    assert code == 0
    assert len(facts["laps"]) == 1
    path.write_text(json.dumps([*actions, actions[0]] if count == 2 else [*actions, *actions]))
    code, facts, _ = run(environment, *words[:-4], "--name", "x", "--action-space", str(path))
    assert code == 2
    assert "both 29° at 0.5 m/s" in facts["error"] or "lists 60 actions" in facts["error"]


def test_sac_is_trained_resumed_evaluated_and_cloned(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "sac.toml").write_text(
        '[model]\nnetwork = "LIGHT"\n[training]\nevaluation_trials = 1\n'
        '[training.hyperparameters]\nalgorithm = "SAC"\nlr = 0.001\nnum_cars = 8\n'
        "max_steps_per_iteration = 64\nwarm_up_steps = 64\n"
    )
    words = ("train", "--spec", str(tmp_path / "sac.toml"), "--continuous", "--max-speed", "2")
    code, facts, _ = run(
        environment, *words, "--sac-alpha", "0.1", "--name", "sac", "--steps", "128"
    )
    assert code == 0
    training = json.loads((Path(facts["folder"]) / "training.json").read_text())
    assert training["hyperparameters"]["algorithm"] == "SAC"
    assert training["hyperparameters"]["sac_alpha"] == 0.1
    assert training["hyperparameters"]["learning_rate"] == 0.001
    code, facts, _ = run(environment, "train", "--resume", "sac", "--steps", "256")
    assert (code, facts["env_steps"]) == (0, 256)
    assert run(environment, "evaluate", "sac", "--trials", "1")[0] == 0
    code, facts, _ = run(
        environment, "train", "--clone-of", "sac", "--steps", "64", "--gamma", "0.9"
    )
    assert code == 0
    training = json.loads((Path(facts["folder"]) / "training.json").read_text())
    assert training["hyperparameters"]["sac_alpha"] == 0.1
    code, facts, _ = run(environment, "train", "--clone-of", "sac", "--algorithm", "PPO")
    assert code == 2
    assert "algorithm is SAC, and the new model's is PPO" in facts["error"]


def test_a_spec_file_gives_what_flags_do_not(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def reward_function(params):\n    return 2.0\n")
    (tmp_path / "spec.toml").write_text(
        'reward = "mine.py"\n'
        '[model]\nname = "blue-car"\nnetwork = "LIGHT"\n'
        "[training]\nevaluation_trials = 1\n"
        '[[training.tracks]]\nname = "pebble-oval"\n'
        "[training.hyperparameters]\nnum_epochs = 3\nmax_steps_per_iteration = 128\n"
        "num_cars = 8\nlr = 0.001\n"
        "[training.stop]\nenv_steps = 100000\n"
    )

    words = ("train", "--spec", str(tmp_path / "spec.toml"), "--steps", "128")
    code, facts, _ = run(environment, *words, "--learning-rate", "0.0005")

    folder = Path(facts["folder"])
    training = json.loads((folder / "training.json").read_text())
    assert (code, facts["env_steps"]) == (0, 128)
    assert training["hyperparameters"]["learning_rate"] == 0.0005
    assert "return 2.0" in (folder / "reward_function.py").read_text()


def test_ctrl_c_keeps_what_was_learnt_and_says_how_to_go_on(environment: dict[str, str]) -> None:
    process = start(environment, *SMALL, "--minutes", "5", "--name", "blue-car", "--json")
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("iteration 1:"):
            break

    process.send_signal(signal.SIGINT)
    try:
        output, errors = process.communicate(timeout=120)
    finally:
        process.kill()

    assert process.returncode == 130
    assert errors.splitlines()[-1].startswith("error: Interrupted; ")
    assert "racecraft train --resume blue-car" in errors
    assert "Traceback" not in errors
    facts = json.loads(output)
    assert facts["model"] == "blue-car"
    assert facts["iterations"] >= 2

    code, facts, _ = run(environment, "train", "--resume", "blue-car", "--steps", "1024")
    assert code == 0
    assert facts["iterations"] == 8


def test_a_reward_that_raises_ends_with_its_own_code_and_line(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "bad.py").write_text(
        "def reward_function(params):\n"
        # A state that a check beforehand does not meet.
        "    if params['steps'] > 8 and 0 < params['progress'] < 6:\n"
        "        return 1 / (params['speed'] - params['speed'])\n"
        "    return params['speed']\n"
    )

    words = (*SMALL, "--steps", "256", "--reward", str(tmp_path / "bad.py"), "--name", "blue-car")
    code, facts, errors = run(environment, *words)

    assert code == 5
    assert facts["kind"] == "RewardFailed"
    assert "line 3" in facts["error"]
    assert "Traceback" not in errors
    rows = run(environment, "models", "list")[1]["models"]
    assert [(row["name"], row["status"]) for row in rows] == [("blue-car", "ERROR")]


def test_quickstart_drives_clean_laps_and_shows_them(environment: dict[str, str]) -> None:
    words = ("quickstart", "--preset", "first-laps", "--reward", "centre-line")
    code, facts, _ = run(environment, *words)

    assert code == 0
    assert facts["model"] == "quickstart"
    assert facts["clean"] is True
    assert [lap["trial"] for lap in facts["laps"]] == [1, 2, 3, 4, 5]
    assert {lap["status"] for lap in facts["laps"]} == {"Lap complete"}
    names = {Path(file).name for file in facts["files"]}
    assert names >= {"reward-graph.png", "driven-lines.png", "replay.mp4"}
    assert all(Path(file).stat().st_size for file in facts["files"])


def test_several_tracks_are_trained_shown_and_evaluated_in_one_go(
    environment: dict[str, str],
) -> None:
    words = (*SMALL, "--track", "thimble:reversed", "--steps", "256", "--name", "blue-car")
    code, facts, errors = run(environment, *words)
    assert code == 0
    assert [row["track"] for row in facts["tracks"]] == ["pebble-oval", "thimble (reversed)"]
    assert all(row["laps"] == 1 for row in facts["tracks"])
    assert "weakest track " in errors

    drive = ("evaluate", "blue-car", "--trials", "2", "--track", "thimble", "--both-directions")
    code, facts, _ = run(environment, *drive)
    assert code == 0
    assert [(row["track"], row["reversed"]) for row in facts["tracks"]] == [
        ("thimble", False),
        ("thimble", True),
    ]
    assert facts["clean"] is all(row["clean"] for row in facts["tracks"])
    # Of each the same laps as alone.
    code, alone, _ = run(environment, "evaluate", "blue-car", "--trials", "2", "--track", "thimble")
    assert alone["laps"] == facts["tracks"][0]["laps"]
    files = [Path(file) for row in facts["tracks"] for file in row["files"]]
    assert len(set(files)) == 4
    assert all(file.stat().st_size for file in files)

    process = start(environment, *drive)
    assert process.stdout is not None
    first = [process.stdout.readline() for _ in range(3)]
    assert first[2].split()[0] == "thimble"
    assert process.poll() is None, "the first line is there while the second track is driven"
    table = "".join(first) + process.communicate()[0]
    assert "blue-car on 2 tracks:" in table
    assert "thimble (reversed)" in table
    assert "of 2 tracks." in table
    assert "× limit" in table

    code, facts, _ = run(environment, "evaluate", "blue-car", "--track", "thimble:sideways")
    assert code == 2
    assert "ends in 'sideways'" in facts["error"]


def test_a_race_is_trained_for_and_kept_by_evaluations_and_clones(
    environment: dict[str, str],
) -> None:
    words = (*SMALL, "--steps", "128", "--name", "dodger", "--reward", "avoid-objects")
    code, facts, _ = run(environment, *words, "--obstacles", "3")
    assert (code, facts["model"]) == (0, "dodger")
    shown = run(environment, "models", "show", "dodger")[1]
    assert shown["race"] == "object avoidance, 3 boxes at random places"

    code, facts, _ = run(environment, "evaluate", "dodger", "--trials", "2", "--resets", "2")
    assert code == 0
    assert facts["race"]["obstacles"]["count"] == 3
    assert {"crashes", "resets"} <= set(facts["laps"][0])
    more = ("--obstacle-places", "even", "--collision-penalty", "1", "--no-replay")
    facts = run(environment, "evaluate", "dodger", "--trials", "1", *more)[1]
    assert facts["race"]["obstacles"] == {"count": 3, "places": "even", "min_distance_m": 2.0}
    plain = ("evaluate", "dodger", "--trials", "1", "--race-type", "time-trial", "--no-replay")
    assert run(environment, *plain)[1]["race"] == {"type": "TIME_TRIAL"}

    clone = ("train", "--clone-of", "dodger", "--steps", "64", "--min-obstacle-distance", "3")
    assert run(environment, *clone)[0] == 0
    race = run(environment, "models", "show", "dodger-clone")[1]["training"]["race"]
    assert race["obstacles"] == {"count": 3, "places": "random", "min_distance_m": 3.0}


def test_a_race_that_cannot_be_is_refused_before_anything_is_made(
    environment: dict[str, str],
) -> None:
    crowded = ("--obstacles", "10", "--min-obstacle-distance", "5")
    code, facts, _ = run(environment, *SMALL, *crowded)
    assert code == 2
    assert "do not fit on pebble-oval" in facts["error"]
    code, facts, _ = run(environment, *SMALL, "--race-type", "TIME_TRIAL", "--obstacles", "2")
    assert code == 2
    assert "in which there are no obstacles" in facts["error"]
    assert run(environment, "models", "list")[1]["models"] == []

    run(environment, *SMALL, "--steps", "64", "--name", "plain")
    code, facts, _ = run(environment, "train", "--resume", "plain", "--obstacles", "2")
    assert code == 2
    assert "keeps its race" in facts["error"]


def test_a_model_with_stereo_and_lidar_is_trained_evaluated_and_cloned(
    environment: dict[str, str],
) -> None:
    sensors = ("--sensor", "LIDAR", "--sensor", "STEREO_CAMERAS")
    boxes = ("--race-type", "OBJECT_AVOIDANCE", "--obstacles", "3")
    code, _, errors = run(environment, *SMALL, *sensors, *boxes, "--steps", "128", "--name", "eyes")
    assert code == 0, errors
    _, shown, _ = run(environment, "models", "show", "eyes")
    assert shown["sensors"] == ["STEREO_CAMERAS", "LIDAR"]

    code, laps, errors = run(environment, "evaluate", "eyes", "--trials", "2", "--no-replay")
    assert code == 0, errors
    assert len(laps["laps"]) == 2

    code, _, errors = run(environment, "train", "--clone-of", "eyes", "--steps", "256")
    assert code == 0, errors
    code, failure, _ = run(environment, "train", "--clone-of", "eyes", "--sensor", "LIDAR")
    assert code == 2
    assert "its sensors is STEREO_CAMERAS, LIDAR, and the new model's is LIDAR" in str(failure)


def test_a_model_is_trained_as_a_vehicle_description_says(
    environment: dict[str, str], tmp_path: Path
) -> None:
    described = {
        "action_space": [{"steering_angle": a, "speed": 1.0} for a in (-20, 0, 20)],
        "sensor": ["FRONT_FACING_CAMERA", "DISCRETIZED_SECTOR_LIDAR"],
        "neural_network": "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW",
        "lidar_config": {"num_sectors": 4, "num_values_per_sector": 2, "clipping_dist": 1.5},
        "version": "4",
    }
    file = tmp_path / "model_metadata.json"
    file.write_text(json.dumps(described))
    words = (*SMALL, "--metadata", str(file), "--steps", "128", "--name", "as-told")

    code, facts, errors = run(environment, *words)

    assert code == 0, errors
    written = json.loads((Path(facts["folder"]) / "model" / "model_metadata.json").read_text())
    assert written["sensor"] == described["sensor"]
    assert written["lidar_config"] == described["lidar_config"]
    assert [a["steering_angle"] for a in written["action_space"]] == [-20, 0, 20]
    # The flag --network wins over the file.
    assert written["neural_network"] == "LIGHT"


def test_a_randomised_training_is_written_down_and_an_evaluation_takes_its_ranges(
    environment: dict[str, str], tmp_path: Path
) -> None:
    spec = tmp_path / "spec.json"
    ranges = {"light": {"brightness": [10, 20]}, "friction": {}}
    spec.write_text(json.dumps({"training": {"randomisation": ranges}}))
    words = (*SMALL, "--steps", "128", "--name", "blue-car", "--spec", str(spec))
    assert run(environment, *words)[0] == 0
    drive = ("evaluate", "blue-car", "--trials", "1")
    assert "randomisation" not in run(environment, *drive)[1]
    code, facts, _ = run(environment, *drive, "--randomise", "light", "--randomise", "blur")
    assert code == 0
    assert facts["randomisation"]["light"]["brightness"] == [10, 20]
    assert set(facts["randomisation"]) == {"light", "blur"}

    words = (*SMALL, "--steps", "128", "--name", "red-car", "--randomise", "all")
    code, facts, _ = run(environment, *words)
    assert code == 0
    written = json.loads((Path(facts["folder"]) / "training.json").read_text())
    assert all(written["randomisation"].values())
    code, facts, _ = run(environment, *words, "--randomise", "fog")
    assert code == 2
    assert "There is no randomisation 'fog'; choose from light" in facts["error"]
