"""`racecraft analyze`, on one's own models and on others' logs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from racecraft.interfaces.cli.app import run
from tests.analysis.logs_made import a_folder, packed


def analysed(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, object], str]:
    code = run(["analyze", *words, "--json"])
    caught = capsys.readouterr()
    return code, json.loads(caught.out), caught.err


def test_an_archive_of_the_console_is_analysed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RACECRAFT_HOME", str(tmp_path / "home"))
    folder = a_folder(tmp_path / "old", "console", columns=15, radians=True)
    archive = packed(folder, tmp_path / "old.tar.gz")
    code, facts, _ = analysed(capsys, str(archive), "-o", str(tmp_path / "report"))
    assert code == 0
    (found,) = facts["models"]  # type: ignore[misc]
    assert (found["kind"], found["episodes"], found["laps"]) == ("console", 20, 4)
    assert found["best"]["Fastest lap"] == 3
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert report["model"] == "some-model"
    assert (tmp_path / "report" / "iterations.png").is_file()


def test_several_logs_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RACECRAFT_HOME", str(tmp_path / "home"))
    a_folder(tmp_path / "one", "drfc")
    a_folder(tmp_path / "two", "droa")
    words = (f"{tmp_path}/one", f"{tmp_path}/two", "-o", str(tmp_path / "both"))
    assert run(["analyze", *words]) == 0
    text = capsys.readouterr().out
    assert "Best iteration by" in text
    assert "hardly" not in text
    rows = (tmp_path / "both" / "comparison.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows] == ["model", "one", "two"]
    assert (tmp_path / "both" / "2-two" / "report.md").is_file()


def test_what_cannot_be_analysed_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RACECRAFT_HOME", str(tmp_path / "home"))
    assert analysed(capsys, "nobody")[0] == 3
    assert analysed(capsys, str(tmp_path / "nothing.zip"))[0] == 3
    (tmp_path / "empty").mkdir()
    code, _, errors = analysed(capsys, f"{tmp_path}/empty")
    assert code == 2
    assert "holds no drives" in errors
    assert analysed(capsys, *["x"] * 9)[0] == 2


@pytest.mark.parametrize("name", ["old.tgz", "old_training"])
def test_logs_beside_one_are_found_whatever_they_are_called(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RACECRAFT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    folder = a_folder(tmp_path / "old_training", "drfc")
    packed(folder, tmp_path / "old.tgz")
    code, facts, errors = analysed(capsys, name, "-o", "report")
    assert code == 0, errors
    assert facts["models"][0]["episodes"] == 20  # type: ignore[index]
    assert analysed(capsys, "no_such_name")[0] == 2


def test_the_command_line_loads_pandas_only_to_analyse() -> None:
    code = "import racecraft.interfaces.cli.app, sys; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
