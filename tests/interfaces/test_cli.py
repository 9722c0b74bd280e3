"""The command line without a training: help, errors, exit codes, clean output."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from racecraft.domain.hyperparameters import PPOHyperparameters, SACHyperparameters
from racecraft.domain.spec import ModelSpec, TrainingSpec
from racecraft.interfaces.cli import main
from racecraft.interfaces.cli.app import app
from racecraft.service import models
from racecraft.service.settings import Settings

COMMANDS = [
    ["quickstart"],
    ["train"],
    ["evaluate"],
    ["race"],
    ["doctor"],
    *(["reward", name] for name in ("check", "try", "examples")),
    *(["models", name] for name in ("list", "show", "checkpoints", "clone", "rename", "delete")),
    *(["tracks", name] for name in ("list", "show", "import", "export", "download")),
]

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RACECRAFT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("RACECRAFT_TRACKS_URL", raising=False)
    return tmp_path / "home"


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process: exit code, standard output, standard error."""

    def call(*words: str) -> tuple[int, str, str]:
        code = main(words)
        output = capsys.readouterr()
        return code, output.out, output.err

    return call


def make(home: Path, name: str) -> Path:
    return models.create_model(
        Settings(home=home),
        ModelSpec(name=name),
        TrainingSpec(),
        reward_source="def reward_function(params):\n    return 1.0\n",
    )


def last_json(output: str) -> Any:
    return json.loads(output.strip().splitlines()[-1])


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_has_help_that_says_what_it_does(words: list[str]) -> None:
    result = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "100"})

    assert result.exit_code == 0
    assert "--json" in result.output
    assert len(result.output.splitlines()) > 8


def test_every_hyperparameter_is_a_flag_with_its_range_and_default() -> None:
    result = CliRunner().invoke(app, ["train", "--help"], env={"COLUMNS": "200"})

    text = " ".join(result.output.replace("│", " ").split())
    for name in (*PPOHyperparameters.model_fields, *SACHyperparameters.model_fields):
        assert f"--{name.replace('_', '-')}" in text
    assert "from 1e-08 to 0.001; default 0.0003" in text
    assert "one of 32, 64, 128, 256, 512; default 64" in text
    assert "default 0.999; for SAC default 0.99" in text


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; from racecraft.interfaces.cli import main; main(['--help']); "
        "heavy = {'torch', 'numba', 'pandas', 'matplotlib', 'scipy', 'av'} & set(sys.modules); "
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )

    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("words", "code", "kind", "sentence"),
    [
        (["models", "show", "nobody"], 3, "ModelNotFound", "There is no model 'nobody'"),
        (["models", "show", "../nobody"], 2, "InvalidSpec", "use 1 to 64 letters"),
        (["evaluate", "nobody"], 3, "ModelNotFound", "There is no model 'nobody'"),
        (["models", "rename", "blue-car", "red-car"], 4, "Conflict", "'red-car' already"),
        (["models", "clone", "blue-car", "new"], 2, "InvalidInput", "no checkpoint yet"),
        (["evaluate", "blue-car"], 2, "InvalidInput", "no checkpoint yet"),
        (["quickstart", "--name", "blue-car"], 4, "Conflict", "'blue-car' already"),
        (["quickstart", "--preset", "slow"], 3, "NotFound", "choose default, first-laps, fast"),
        (["quickstart", "--reward", "progres"], 3, "NotFound", "Did you mean progress"),
        (["reward", "check", "mine.py"], 3, "NotFound", "examples progress > my_reward.py` writes"),
        (["quickstart", "--seed", "-1"], 2, "InvalidSpec", "seed is -1; choose from 0"),
        (["quickstart", "--track", "harbor-loop"], 3, "TrackNotFound", "harbour-loop"),
        (
            ["train", "--learning-rate", "0.1"],
            2,
            "InvalidSpec",
            "is 0.1; choose from 1e-08 to 0.00",
        ),
        (
            ["train", "--continuous", "--speed-granularity", "2"],
            2,
            "InvalidSpec",
            "speed granularity is 2, but a continuous action space has no steps",
        ),
        (
            ["train", "--continuous", "--exploration-type", "e-greedy"],
            2,
            "InvalidSpec",
            "exploration_type is e-greedy, which picks from a list of actions",
        ),
        (["train", "--batch-size", "100"], 2, "InvalidSpec", "is 100; choose one of 32, 64, 128"),
        (["train", "--loss-type", "cubic"], 2, "InvalidSpec", "'cubic'; choose one of huber"),
        (["train", "--num-epochs", "many"], 2, "InvalidInput", "Invalid value for '--num-epochs'"),
        (["train", "--minutes", "0"], 2, "InvalidSpec", "minutes is 0.0; choose above 0 and"),
        (["train", "--name", "two words"], 2, "InvalidSpec", "'two words'"),
        (["train", "--max-steering", "90"], 2, "InvalidSpec", "is 90.0; choose from 1 to 30"),
        (["train", "--reverse"], 2, "InvalidInput", "needs a track"),
        (["train", "--spec", "nowhere.toml"], 3, "NotFound", "no spec file nowhere.toml"),
        (["train", "--resume", "nobody"], 3, "ModelNotFound", "'nobody'"),
        (["train", "--resume", "blue-car", "--gamma", "0.9"], 2, "InvalidInput", "gamma"),
        (["train", "--clone-of", "blue-car"], 2, "InvalidInput", "no checkpoint yet"),
        (["tracks", "show", "harbor-loop"], 3, "TrackNotFound", "Did you mean harbour-loop"),
        (["results", "verify", "nowhere.json"], 3, "NotFound", "no file nowhere.json"),
        (["tracks", "download", "oval"], 2, "InvalidInput", "RACECRAFT_TRACKS_URL"),
        (["fly"], 2, "InvalidInput", "No such command 'fly'"),
        (["models", "list", "--colour"], 2, "InvalidInput", "No such option"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_cannot_be_done_is_one_sentence_and_a_code(
    run: Run, home: Path, words: list[str], code: int, kind: str, sentence: str
) -> None:
    make(home, "blue-car")
    make(home, "red-car")
    before = sorted(path for path in home.rglob("*") if path.name != ".lock")

    found_code, output, errors = run(*words, "--json")

    assert found_code == code
    assert errors.startswith("error: ")
    assert errors.count("\n") == 1
    assert sentence in errors
    failure = last_json(output)
    assert failure["kind"] == kind
    assert failure["error"] == errors.removeprefix("error: ").rstrip("\n")
    assert output.count("\n") == 1
    assert sorted(path for path in home.rglob("*") if path.name != ".lock") == before


def test_without_json_an_error_leaves_standard_output_empty(run: Run) -> None:
    code, output, errors = run("models", "show", "nobody")

    assert (code, output) == (3, "")
    assert errors.startswith("error: There is no model")


def test_a_reward_that_is_not_python_is_told_with_its_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("def reward_function(params):\n    return 1 +\n")

    code, _, errors = run("quickstart", "--reward", str(tmp_path / "bad.py"))

    assert code == 2
    assert "The reward function cannot be trained with. Line 2: " in errors
    assert not (tmp_path / "home").exists()


def test_a_spec_file_with_a_wrong_field_is_told_by_name(run: Run, tmp_path: Path) -> None:
    (tmp_path / "spec.toml").write_text("[training.hyperparameters]\nlearning_rat = 0.1\n")

    code, _, errors = run("train", "--spec", str(tmp_path / "spec.toml"))

    assert code == 2
    assert "no field hyperparameters.learning_rat" in errors


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--algorithm SAC", "SAC, which needs a continuous action space, but the action space is"),
        (
            "--algorithm sac --continuous",
            "algorithm is 'sac'; choose one of PPO, SAC. Did you mean",
        ),
        ("--algorithm SAC --continuous --num-epochs 4", "no field hyperparameters.num_epochs"),
        ("--algorithm SAC --continuous --critic shared", "critic is 'shared'; choose one of track"),
        ("--sac-alpha 0.1", "no field hyperparameters.sac_alpha"),
    ],
)
def test_what_does_not_fit_an_algorithm_is_told(run: Run, words: str, sentence: str) -> None:
    code, _, errors = run("train", *words.split())

    assert code == 2
    assert sentence in errors


def test_a_spec_file_that_cannot_be_parsed_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "spec.json").write_text("{")

    code, _, errors = run("train", "--spec", str(tmp_path / "spec.json"))

    assert code == 2
    assert "is not JSON" in errors


def test_a_home_that_cannot_be_written_is_a_storage_error(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RACECRAFT_HOME", str(tmp_path / "file" / "home"))

    code, output, _ = run("quickstart", "--json")

    assert code == 6
    assert last_json(output)["kind"] == "StorageFailed"


def test_a_setting_that_does_not_fit_is_told_by_its_variable(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RACECRAFT_THREADS", "none")

    code, _, errors = run("models", "list")

    assert code == 2
    assert "RACECRAFT_THREADS is 'none'" in errors


def test_models_are_listed_shown_renamed_and_deleted(run: Run, home: Path) -> None:
    make(home, "blue-car")

    code, output, errors = run("models", "list", "--json")
    assert (code, errors) == (0, "")
    assert [row["name"] for row in json.loads(output)["models"]] == ["blue-car"]
    assert "blue-car" in run("models", "list")[1]
    told = run("models", "show", "blue-car")[1]
    assert "learning_rate" in told
    assert " MB" in told
    assert json.loads(run("models", "show", "blue-car", "--json")[1])["status"] == "CREATED"
    assert run("models", "rename", "blue-car", "red-car")[0] == 0
    assert run("models", "delete", "red-car", "--yes")[0] == 0
    assert json.loads(run("models", "list", "--json")[1]) == {"models": []}
    assert "racecraft quickstart" in run("models", "list")[1]


def test_nothing_is_deleted_without_a_yes(run: Run, home: Path) -> None:
    make(home, "blue-car")

    assert run("models", "delete", "blue-car", "--json")[0] == 2
    answer = CliRunner().invoke(app, ["models", "delete", "blue-car"], input="n\n")

    assert answer.exit_code != 0
    assert (home / "models" / "blue-car" / "model.json").is_file()


def test_no_command_shows_the_help(run: Run) -> None:
    code, output, _ = run()

    assert code == 2
    assert "quickstart" in output


def test_tracks_are_listed_shown_exported_and_imported(run: Run, tmp_path: Path) -> None:
    names = [card["name"] for card in json.loads(run("tracks", "list", "--json")[1])["tracks"]]
    assert "harbour-loop" in names
    assert "harbour-loop" in run("tracks", "list")[1]
    told = run("tracks", "show", "harbour-loop")[1]
    assert "17.7 m along" in told
    assert "5.07 s a lap" in told
    assert "17.69" not in told

    file = tmp_path / "copy.npy"
    assert run("tracks", "export", "harbour-loop", str(file))[0] == 0
    assert run("tracks", "import", str(file), "--name", "my-loop")[0] == 0
    assert json.loads(run("tracks", "show", "my-loop", "--json")[1])["source"] == "imported"


def test_a_lap_is_compared_with_what_is_possible(run: Run) -> None:
    code, out, _ = run("tracks", "limit", "pebble-oval", "--lap", "00:08.000")
    assert code == 0
    assert "pebble-oval: 5." in out
    assert "A lap of 00:08.000 takes 1.5" in out
    assert "the best 10 % of the public boards" in out
    code, out, _ = run("tracks", "limit", "pebble-oval", "--lap", "4")
    assert "report this as a defect" in out


def test_for_programs_it_is_json(run: Run) -> None:
    words = ("--reverse", "--top-speed", "1", "--grip", "grippy", "--lap", "25", "--json")
    code, out, _ = run("tracks", "limit", "pebble-oval", *words)
    facts = json.loads(out)
    assert code == 0
    assert facts["is_reversed"] is True
    assert facts["line_m"] == pytest.approx(1.03 * facts["limit_s"], rel=0.01)
    assert facts["times_limit"] == pytest.approx(25 / facts["limit_s"], abs=0.001)


@pytest.mark.parametrize("lap", ["soon", "-3", "1:2:3", "nan", "0"])
def test_a_lap_time_that_is_none_is_a_sentence(run: Run, lap: str) -> None:
    code, _, err = run("tracks", "limit", "pebble-oval", f"--lap={lap}")
    assert code == 2
    assert f"The lap time is '{lap}'" in err


def test_a_track_that_is_not_there(run: Run) -> None:
    code, _, err = run("tracks", "limit", "pebble-ovals")
    assert code == 3
    assert "pebble-oval" in err


def test_the_doctor_says_what_to_do_and_fails_when_the_home_cannot_be_written(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RACECRAFT_HOME", "/proc/racecraft")

    code, output, _ = run("doctor", "--json")

    told = json.loads(output)
    findings = {row["name"]: row for row in told["findings"]}
    assert code == 1
    assert told["healthy"] is False
    assert findings["home"]["level"] == "bad"
    assert {"python", "cores", "memory", "disk", "processor", "torch", "port"} <= set(findings)
    assert all(row["sentence"].endswith(".") for row in findings.values())
    assert all(row["advice"] for row in findings.values() if row["level"] != "ok")


def test_a_process_ends_with_the_code_of_its_error(home: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "racecraft.interfaces.cli", "models", "show", "nobody"],
        capture_output=True,
        text=True,
    )

    assert result.returncode == 3
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_the_version_is_that_of_the_package(run: Run) -> None:
    from racecraft import __version__

    assert run("--version") == (0, f"racecraft {__version__}\n", "")
