"""`racecraft reward check`: findings for people, for scripts, and as an exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from racecraft.interfaces.cli import main

Run = Callable[..., tuple[int, str, str]]
BAD = """import os

def reward_function(params):
    if params['steering'] > 15:
        return 0.5
    return 1 / params['progress']
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("RACECRAFT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> tuple[int, str, str]:
        code = main(words)
        output = capsys.readouterr()
        return code, output.out, output.err

    return call


def test_a_sound_function_is_told_so_with_its_time_and_its_range(run: Run) -> None:
    code, output, errors = run("reward", "check", "centre-line", "--track", "thimble", "--reverse")

    assert (code, errors) == (0, "")
    assert "centre-line can be trained with." in output
    assert "rewards from 0.001 to 1." in output


def test_findings_stand_with_their_place_and_the_users_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(BAD)

    code, output, _ = run("reward", "check", "mine.py")

    assert code == 2
    assert "error in line 1, column 1: `os` cannot be imported" in output
    assert "    if params['steering'] > 15:" in output
    assert "mine.py cannot be trained with." in output
    assert "Traceback" not in output


def test_lines_of_strangers_can_do_no_harm_in_a_terminal(run: Run, tmp_path: Path) -> None:
    source = "# \x0c\nimport os  # \x1b]0;hacked\x07 \u202e\n"
    (tmp_path / "mine.py").write_text(source, encoding="utf-8")

    _, output, _ = run("reward", "check", "mine.py")

    assert "    import os" in output
    assert all(line.isprintable() for line in output.splitlines())


def test_scripts_get_one_object_whatever_was_found(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(BAD)

    code, output, _ = run("reward", "check", "mine.py", "--json")
    facts = json.loads(output)
    assert (code, facts["usable"]) == (2, False)
    assert [finding["line"] for finding in facts["findings"]][:2] == [1, 4]

    code, output, _ = run("reward", "check", "progress", "--json")
    facts = json.loads(output)
    assert (code, facts["usable"], facts["findings"]) == (0, True, [])
    assert facts["calls"] > 300


def test_the_race_type_decides_what_objects_mean(run: Run, tmp_path: Path) -> None:
    source = (
        "def reward_function(params):\n"
        "    for distance in params['objects_distance']:\n"
        "        return distance / 0\n"
        "    return params['speed']\n"
    )
    (tmp_path / "mine.py").write_text(source)

    assert run("reward", "check", "mine.py")[0] == 0
    code, output, _ = run("reward", "check", "mine.py", "--race-type", "object_avoidance")
    assert code == 2
    assert "It failed with boxes on the track" in output


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["nothing.py"], 3, "There is no file nothing.py"),
        (["progress", "--track", "nowhere"], 3, "no track"),
    ],
)
def test_what_cannot_be_checked_is_one_sentence(
    run: Run, words: list[str], code: int, sentence: str
) -> None:
    found, _, errors = run("reward", "check", *words)
    assert found == code
    assert sentence in errors


@pytest.mark.parametrize("command", [["train", "--steps", "64"], ["quickstart"]])
def test_a_training_refuses_a_broken_function_before_it_makes_a_model(
    run: Run, tmp_path: Path, command: list[str]
) -> None:
    (tmp_path / "mine.py").write_text(BAD)

    code, _, errors = run(*command, "--reward", "mine.py")

    assert code == 2
    assert "cannot be trained with. Line 1: `os` cannot be imported" in errors
    assert not (tmp_path / "home" / "models").exists()


def test_where_isolation_is_required_a_system_with_all_locks_may_run(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from racecraft.service.isolation import isolation

    if isolation().missing:
        pytest.skip(f"this system lacks {isolation().missing}")
    monkeypatch.setenv("RACECRAFT_REQUIRES_ISOLATION", "1")
    assert run("reward", "check", "progress")[0] == 0
