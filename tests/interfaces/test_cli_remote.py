"""The command line against a real server: every use case, and every way in which it can fail."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from racecraft.interfaces.cli.place import hoisted
from racecraft.interfaces.client.connection import Connection
from racecraft.interfaces.client.logins import keep_token
from tests.interfaces.command_lines import Line, said
from tests.service.server import Server, free_port

PASSWORD = "correct horse"
SMALL = (
    "train", "--track", "pebble-oval", "--network", "LIGHT", "--num-epochs", "3",
    "--max-steps-per-iteration", "128", "--num-cars", "8", "--evaluation-trials", "1",
)  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service for several people, with an admin and a racer."""
    up = Server(tmp_path_factory.mktemp("server"), flags=("--hosted", "--host", "127.0.0.1"))
    up.start()
    code = re.search(r"(\w{4}-\w{4}-\w{4}) ", (up.home / "server.log").read_text())
    assert code is not None
    up.ask("POST", "register", name="Root", password=PASSWORD, invitation=code[1])
    yield up
    up.end()


@pytest.fixture(scope="module")
def admin(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Line:
    line = Line(tmp_path_factory.mktemp("admin"), server.url)
    shown = line.typed("login", server.url, answers={"Racer name": "Root", "Password": PASSWORD})
    assert "You are Root (admin)" in shown
    return line


@pytest.fixture(scope="module")
def ann(server: Server, admin: Line, tmp_path_factory: pytest.TempPathFactory) -> Line:
    code = admin("invitations", "make", "--note", "course")["code"]
    server.ask("POST", "register", name="Ann", password=PASSWORD, invitation=code)
    line = Line(tmp_path_factory.mktemp("ann"), server.url)
    line.typed("login", server.url, "--name", "Ann", answers={"Password": PASSWORD})
    return line


def test_signing_in_keeps_a_token_that_only_its_owner_can_read(ann: Line) -> None:
    file = ann.home / "logins.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in file.read_text()
    assert ann("profile", "show")["name"] == "Ann"
    file.chmod(0o644)
    code, facts = ann.tried("profile", "show")
    file.chmod(0o600)
    assert code == 4
    assert "chmod 600" in facts["error"]


def test_signing_out_revokes_the_token_and_forgets_it(
    server: Server, ann: Line, tmp_path: Path
) -> None:
    line = Line(tmp_path / "laptop", server.url)
    line.typed("login", server.url, "--name", "Ann", answers={"Password": PASSWORD})
    token = json.loads((line.home / "logins.json").read_text())[server.url]
    told = line("logout", server.url)
    assert (told["is_revoked"], told["problem"]) == (True, "")
    assert json.loads((line.home / "logins.json").read_text()) == {}
    assert line.tried("logout", server.url)[0] == 3
    code, facts = line.tried("profile", "show", "--token", token)
    assert (code, "not known here" in facts["error"]) == (10, True)
    assert ann("profile", "show")["name"] == "Ann"  # another token of the same person


def test_a_token_is_forgotten_even_if_nobody_is_there_to_revoke_it(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    keep_token(tmp_path, url, "secret")
    told = Line(tmp_path, url)("logout", url)
    assert (told["forgotten"], told["is_revoked"]) == (url, False)
    assert "answer" in told["problem"]
    keep_token(tmp_path, url, "secret")
    assert Line(tmp_path, url)("logout", url, "--only-here")["problem"] == ""
    assert json.loads((tmp_path / "logins.json").read_text()) == {}


def test_a_wrong_password_is_a_sentence(server: Server, tmp_path: Path) -> None:
    line = Line(tmp_path, server.url)
    shown = line.typed("login", server.url, "--name", "Ann", answers={"Password": "wrong horse"})
    assert "do not fit" in shown
    assert not (tmp_path / "logins.json").exists()


@pytest.mark.timeout(600)
def test_a_model_is_trained_driven_and_cloned_on_the_server(ann: Line) -> None:
    process = ann.started(*SMALL, "--steps", "256", "--name", "blue-car", "--json")
    output, errors = process.communicate(timeout=240)
    facts = json.loads(output)
    assert process.returncode == 0, errors
    assert (facts["model"], facts["env_steps"], facts["server"]) == ("blue-car", 256, ann.url)
    assert "iteration 0: " in errors
    assert "iteration 1: " in errors
    assert not (ann.home / "models").exists()

    assert "blue-car" in names(ann)
    shown = ann("models", "show", "blue-car")
    assert (shown["status"], shown["iterations"]) == ("READY", 2)
    assert shown["last_iteration"]["env_steps"] == 256

    driven = ann("evaluate", "blue-car", "--trials", "2")
    assert (driven["track"], len(driven["laps"])) == ("pebble-oval", 2)
    checkpoints = ann("models", "checkpoints", "blue-car")["checkpoints"]
    assert checkpoints[-1]["is_last"]

    assert ann("train", "--resume", "blue-car", "--steps", "384")["iterations"] == 3
    ann("models", "clone", "blue-car", "red-car")
    assert ann("models", "show", "red-car")["status"] == "CREATED"
    kinds = [j["kind"] for j in ann("jobs", "list")["jobs"] if j["model"] == "blue-car"]
    assert kinds == ["TRAINING", "EVALUATION", "TRAINING"]


def test_a_model_of_the_server_is_renamed_deleted_and_put_back(ann: Line) -> None:
    make_model(ann, "grey-car")
    ann("models", "rename", "grey-car", "green-car")
    assert ann("models", "show", "green-car")["status"] == "CREATED"
    code, facts = ann.tried("models", "show", "gren-car")
    assert (code, facts["kind"]) == (3, "ModelNotFound")
    assert "Did you mean green-car" in facts["error"]
    code, facts = ann.tried("models", "delete", "green-car")
    assert "say so with --yes" in facts["error"]
    ann("models", "delete", "green-car", "--yes")
    assert not {"green-car", "grey-car"} & names(ann)
    assert ann("models", "undelete", "green-car") == {"model": "green-car"}
    assert "green-car" in names(ann)


def test_a_reward_file_of_this_machine_is_trained_with(ann: Line, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("def reward_function(params):\n    return open('/etc/passwd')\n")
    code, facts = ann.tried(*SMALL, "--reward", str(file))
    assert code == 2
    assert "open" in facts["error"]


@pytest.mark.timeout(600)
def test_ctrl_c_without_a_terminal_leaves_the_job_alone(ann: Line) -> None:
    process = ann.started(*SMALL, "--minutes", "30", "--name", "long-car", "--json")
    _wait_for_job(ann, "long-car", "IN_PROGRESS")
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    facts = json.loads(output)
    assert process.returncode == 130
    assert "goes on without you" in facts["error"]
    assert facts["stopped"] is False
    assert _job(ann, "long-car")["status"] == "IN_PROGRESS"

    assert ann("jobs", "stop", facts["job"])["status"] == "STOPPING"
    _wait_for_job(ann, "long-car", "COMPLETED")
    assert ann("jobs", "resume", "long-car", "--minutes", "20")["status"] == "QUEUED"
    ann("jobs", "stop", _job(ann, "long-car")["job"])
    _wait_for_job(ann, "long-car", "COMPLETED", "CANCELED")


@pytest.mark.timeout(600)
def test_ctrl_c_at_a_terminal_asks_whether_the_job_should_stop(ann: Line) -> None:
    def is_under_way(_: str) -> bool:
        return any(job["model"] == "asked-car" for job in ann("jobs", "list", "--active")["jobs"])

    shown = ann.typed(
        *SMALL, "--minutes", "30", "--name", "asked-car",
        answers={"Stop the job?": "y"}, then=is_under_way,
    )  # fmt: skip
    assert "Asked it to stop; what was learnt is kept." in " ".join(shown.split())
    _wait_for_job(ann, "asked-car", "COMPLETED", "CANCELED")


def test_the_garage_the_profile_and_the_tracks_are_those_of_the_server(ann: Line) -> None:
    ann("garage", "build", "Zed", "--sensor", "STEREO_CAMERAS", "--colour", "red")
    assert ann("garage", "mod", "zed", "--colour", "blue")["colour"] == "blue"
    assert [v["name"] for v in ann("garage", "list")["vehicles"]] == ["Zed", "The-Original"]
    ann("garage", "scrap", "Zed")
    assert len(ann("garage", "list")["vehicles"]) == 1
    ann("profile", "set", "--country", "DE")
    assert ann("profile", "show")["country"] == "DE"
    assert len(ann("tracks", "list")["tracks"]) >= 20
    file = ann.home / "oval.npy"
    ann("tracks", "export", "pebble-oval", str(file))
    assert file.read_bytes()[:6] == b"\x93NUMPY"


def test_who_may_not_is_told_so(ann: Line) -> None:
    for words in (("people", "list"), ("invitations", "make"), ("people", "role", "Root", "RACER")):
        code, facts = ann.tried(*words)
        assert (code, facts["kind"]) == (11, "Forbidden"), words


def test_an_admin_looks_after_people(admin: Line, ann: Line) -> None:
    assert {row["name"] for row in admin("people", "list")["people"]} >= {"Ann", "Root"}
    assert admin("people", "role", "ann", "ORGANISER")["role"] == "ORGANISER"
    admin("people", "role", "ann", "RACER")
    admin("people", "lock", "Ann")
    code, facts = ann.tried("models", "list")
    admin("people", "unlock", "Ann")
    assert code == 10
    assert f"racecraft login {ann.url}" in facts["error"]
    assert ann.tried("models", "list")[0] == 0
    made = admin("invitations", "make", "--heads", "3")
    admin("invitations", "revoke", made["code"])
    assert made["code"] not in {row["code"] for row in admin("invitations", "list")["invitations"]}


def test_a_wrong_token_and_no_token_are_told_apart(
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ("--server", server.url, "models", "list")
    code, error = said(tmp_path, monkeypatch, capsys, *words)
    assert code == 10
    assert "wants to know who you are" in error
    code, error = said(tmp_path, monkeypatch, capsys, *words, "--token", "racecraft_wrong")
    assert code == 10
    assert "not known here" in error


def test_the_token_of_the_environment_goes_to_its_server_only(
    server: Server,
    ann: Line,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    token = json.loads((ann.home / "logins.json").read_text())[server.url]
    monkeypatch.setenv("RACECRAFT_TOKEN", token)
    words = ("models", "list", "--server", server.url)
    assert said(tmp_path, monkeypatch, capsys, *words)[0] == 0
    monkeypatch.setenv("RACECRAFT_SERVER", "https://other.example")
    assert said(tmp_path, monkeypatch, capsys, *words)[0] == 10


def test_the_flags_about_the_server_may_stand_anywhere() -> None:
    assert hoisted(["models", "list", "--server", "u", "--json"]) == [
        "--server", "u", "models", "list", "--json",
    ]  # fmt: skip
    assert hoisted(["a", "--token=t", "--", "--server", "x"]) == [
        "--token=t", "a", "--", "--server", "x",
    ]  # fmt: skip
    assert hoisted(["a", "--server"]) == ["--server", "a"]


def test_the_shell_suggests_names_that_exist(ann: Line) -> None:
    def suggested(line: str) -> list[str]:
        asked = {"_RACECRAFT_COMPLETE": "complete_bash", "COMP_WORDS": line}
        asked["COMP_CWORD"] = str(len(line.split(" ")) - 1)
        done = subprocess.run(
            [sys.executable, "-m", "racecraft.interfaces.cli"],
            env={**ann.environment, **asked},
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.stdout.split()

    ann("garage", "build", "Quick")
    make_model(ann, "tab-car")
    assert suggested("racecraft garage scrap Q") == ["Quick"]
    assert "pebble-oval" in suggested("racecraft train --track pebble")
    assert suggested("racecraft models show tab") == ["tab-car"]
    assert suggested(f"racecraft --server http://127.0.0.1:{free_port()} models show b") == []


def make_model(line: Line, name: str) -> None:
    """A model that nobody trains."""
    token = json.loads((line.home / "logins.json").read_text())[line.url]
    with closing(Connection(line.url, token)) as connection:
        connection.ask("POST", "models", {"model": {"name": name}, "starts": False})


def names(line: Line) -> set[str]:
    return {card["name"] for card in line("models", "list")["models"]}


def _job(line: Line, model: str) -> Any:
    return next(job for job in line("jobs", "list")["jobs"] if job["model"] == model)


def _wait_for_job(line: Line, model: str, *statuses: str) -> None:
    deadline = time.monotonic() + 120
    while True:
        found = [job for job in line("jobs", "list")["jobs"] if job["model"] == model]
        if found and found[0]["status"] in statuses:
            return
        assert time.monotonic() < deadline, found
        time.sleep(0.3)
