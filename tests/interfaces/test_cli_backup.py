"""Backups, moving of records and worker tokens, as people type them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from racecraft.interfaces.cli import main
from racecraft.service.locks import in_service
from racecraft.service.settings import Settings
from tests.service.test_archives import a_model, contents

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: str, home: str = "home") -> tuple[int, str, str]:
        monkeypatch.setenv("RACECRAFT_HOME", str(tmp_path / home))
        code = main(words)
        output = capsys.readouterr()
        return code, output.out, output.err

    return call


def facts(answer: tuple[int, str, str]) -> Any:
    code, out, errors = answer
    assert code == 0, errors
    return json.loads(out)


def test_an_installation_is_saved_checked_and_made_anew_elsewhere(run: Run, tmp_path: Path) -> None:
    folder = a_model(Settings(home=tmp_path / "home"))
    run("garage", "build", "Fast-One")
    file = str(tmp_path / "b")
    saved = facts(run("backup", file, "--json"))
    assert saved["tables"]["vehicles"] == 1
    code, out, _ = run("restore", "--check", file, home="other")
    assert code == 0
    assert "is whole" in out
    assert not (tmp_path / "other").exists()
    restored = facts(run("restore", file, "--json", home="other"))
    assert (restored["records"], restored["files"]) == (saved["records"], saved["files"])
    assert contents(tmp_path / "other" / "models" / "car") == contents(folder)
    code, out, _ = run("garage", "list", home="other")
    assert "Fast-One" in out
    code, _, errors = run("restore", file, home="other")
    assert code == 4
    assert "is not empty" in errors
    code, out, _ = run("restore", file, "--replace", home="other")
    assert code == 0
    assert "remove it when you need it no more" in out
    code, _, errors = run("backup", file)
    assert code == 4
    assert "choose another name" in errors


def test_where_no_service_ever_was_there_is_nothing_to_save(run: Run, tmp_path: Path) -> None:
    for words in (("backup", str(tmp_path / "b")), ("move-records", "--to", "sqlite:///x.db")):
        code, _, errors = run(*words, home="nowhere")
        assert code == 3
        assert f"no records in {tmp_path / 'nowhere'}" in errors
        assert "RACECRAFT_HOME" in errors
    assert list(tmp_path.iterdir()) == []


def test_in_a_folder_a_backup_has_the_time_as_its_name(run: Run, tmp_path: Path) -> None:
    run("garage", "build", "Fast-One")
    backups = tmp_path / "backups"
    backups.mkdir()
    saved = facts(run("backup", str(backups), "--json"))
    (file,) = backups.iterdir()
    assert str(file) == saved["file"]
    assert re.fullmatch(r"racecraft-\d{4}-\d\d-\d\d-\d{6}\.backup", file.name)
    assert run("restore", "--check", str(file))[0] == 0


def test_records_move_from_one_file_to_another_and_back(run: Run, tmp_path: Path) -> None:
    run("garage", "build", "Fast-One")
    url = f"sqlite:///{tmp_path / 'new.db'}"
    code, out, _ = run("move-records", "--to", url)
    assert code == 0
    assert "are the same as here" in out
    code, _, errors = run("move-records", "--to", url)
    assert code == 4
    assert "add --replace" in errors
    moved = facts(run("move-records", "--to", url, "--replace", "--json"))
    assert moved["tables"]["vehicles"] == 1
    code, _, errors = run("move-records", "--to", "mysql://x/y")
    assert code == 2
    with in_service(tmp_path / "home"):
        code, _, errors = run("move-records", "--to", url, "--replace")
    assert code == 4
    assert "end it first" in errors


def test_worker_tokens_are_made_listed_and_revoked(run: Run) -> None:
    made = facts(run("workers", "token", "lab-1", "--json"))
    assert made["secret"].startswith("worker_")
    assert [each["name"] for each in facts(run("workers", "tokens", "--json"))["tokens"]] == [
        "lab-1"
    ]
    assert run("workers", "list")[1].startswith("No machine")
    assert facts(run("workers", "revoke", made["id"][:10], "--json"))["revoked"] == made["id"]
    code, _, errors = run("workers", "revoke", made["id"])
    assert code == 3
    assert "racecraft workers tokens" in errors


def test_a_worker_says_what_it_needs(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RACECRAFT_SERVER", raising=False)
    code, _, errors = run("worker")
    assert code == 2
    assert "--server and --token" in errors


@pytest.mark.parametrize(
    "command", [["backup", "f"], ["restore", "f"], ["move-records", "--to", "x"]]
)
def test_these_work_on_this_machine_only(run: Run, command: list[str]) -> None:
    code, _, errors = run(*command, "--server", "http://localhost:1")
    assert code == 4
    assert "works on this machine only" in errors
