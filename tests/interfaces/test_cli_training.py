"""Real trainings from the command line, in processes of their own."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from racecraft.domain.car import CarSpec, Grip, Response
from racecraft.service.models import load_model
from tests.interfaces.cli_processes import SMALL, environment, run, start

__all__ = ["environment"]  # fixtures


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
