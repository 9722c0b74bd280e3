"""What somebody meets in their first week at the command line."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from racecraft.domain.episode import EpisodeStatus, Trial
from racecraft.interfaces.cli import main
from racecraft.interfaces.cli.output import are_copies
from racecraft.service.samples import sample_folders

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


def test_what_an_organiser_types_first_says_what_comes_next(run: Run) -> None:
    told = run("invitations", "make", "--heads", "3")[1]
    assert f"/register#{told.split()[0]}" in told
    code, _, errors = run("results", "export", "Cup", "cup.json")
    assert code == 3
    assert "The page Races of the console" in errors
    assert "0 without a limit" in run("profile", "show")[1]


def test_a_model_that_is_imported_is_told_in_the_right_number(run: Run, tmp_path: Path) -> None:
    sample = sample_folders()[0]
    shutil.copytree(sample, tmp_path / "home" / "models" / sample.name)
    run("models", "export", sample.name, str(tmp_path / "one.zip"))
    assert "1 checkpoint, 1 evaluation." in run("models", "import", str(tmp_path / "one.zip"))[1]


def test_laps_that_are_copies_of_each_other_are_told_from_those_that_differ() -> None:
    def lap(number: int, time_ms: int) -> Trial:
        return Trial(number, time_ms, 100.0, EpisodeStatus.LAP_COMPLETE)

    assert are_copies([lap(1, 35_800), lap(2, 35_800)])
    assert not are_copies([lap(1, 35_800), lap(2, 35_867)])
    assert not are_copies([lap(1, 35_800)])
