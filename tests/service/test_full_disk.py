"""A disk that is full or read-only: a sentence, whole records, and on it goes afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.error
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.service.server import Server
from tests.service.test_kills import TRAINING, iterations, make, until_it_learns

DISK_MB = 60


def run(*words: str) -> bool:
    return subprocess.run(words, capture_output=True).returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own that is soon full."""
    place = tmp_path / "disk"
    place.mkdir()
    if not run("mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(place)):
        pytest.skip("nobody but root may mount a small file system")
    yield place
    deadline = time.monotonic() + 20
    while not run("umount", str(place)) and time.monotonic() < deadline:
        time.sleep(0.2)


@pytest.fixture
def server(disk: Path) -> Iterator[Server]:
    made = Server(disk / "home")
    made.start()
    yield made
    free(made)
    made.end()


def fill(server: Server) -> None:
    """Leave not a byte."""
    with (server.home.parent / "ballast").open("ab", buffering=0) as ballast:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    ballast.write(bytes(size))
            except OSError:
                continue


def free(server: Server) -> None:
    (server.home.parent / "ballast").unlink(missing_ok=True)


def refusal(server: Server, method: str, path: str, **fields: Any) -> str:
    """The sentence with which something is refused that cannot be done now."""
    with pytest.raises(urllib.error.HTTPError) as error:
        server.ask(method, path, **fields)
    assert error.value.code == 503
    sentence = str(json.loads(error.value.read())["error"]["message"])
    assert sentence.endswith(".")
    return sentence


def names(server: Server) -> tuple[set[str], set[str]]:
    """Models by their records and by their folders, without the samples that everybody has."""
    models = [view["model"] for view in server.ask("GET", "models")["items"]]
    folders = {f.name for f in (server.home / "models").iterdir() if not f.name.startswith(".")}
    samples = {model["name"] for model in models if model["is_sample"]}
    return {model["name"] for model in models} - samples, folders - samples


def goes_on(server: Server, model_id: str, count: int) -> None:
    """Train to the end from what was kept, without a gap."""
    stop = {"env_steps": 64 * count}
    again = server.ask("POST", f"models/{model_id}/train", stop=stop)
    job = server.wait(again["id"], "COMPLETED", "FAILED", patience_s=120)
    assert job["status"] == "COMPLETED", job
    assert iterations(server, model_id) == list(range(count))


def endless(server: Server, name: str) -> dict[str, Any]:
    training = {**TRAINING["training"], "stop": {"env_steps": 64 * 5000}}
    wish = {"training": training, "model": {**TRAINING["model"], "name": name}}
    made: dict[str, Any] = server.ask("POST", "models", **wish)
    return made


@pytest.mark.timeout(600)
def test_a_full_disk_ends_a_training_honestly_and_it_goes_on_when_there_is_room(
    server: Server,
) -> None:
    made = endless(server, "mine")
    model_id = made["model"]["id"]
    until_it_learns(server, model_id)
    fill(server)

    assert "full" in refusal(server, "POST", "models", model={"name": "other"}, starts=False)
    assert refusal_or_busy(server, "DELETE", f"models/{model_id}", {})
    assert names(server) == ({"mine"}, {"mine"})
    server.ask("GET", f"jobs/{made['job']['id']}")  # who only looks sees everything
    time.sleep(8)
    free(server)

    job = server.wait(made["job"]["id"], "FAILED", "COMPLETED", patience_s=120)
    assert job["status"] == "FAILED", job
    assert "full" in job["message"] or "space" in job["message"].lower(), job
    done = iterations(server, model_id)
    assert done == list(range(len(done)))
    assert len(done) > 0
    view = server.ask("GET", f"models/{model_id}")
    assert view["status"] == "READY"  # what was learnt can be used
    goes_on(server, model_id, len(done) + 2)
    asked = server.ask("POST", f"models/{model_id}/evaluate", trials=1)
    assert server.wait(asked["id"], "COMPLETED", "FAILED")["status"] == "COMPLETED"


@pytest.mark.timeout(600)
def test_an_evaluation_that_finds_no_room_leaves_nothing_behind(server: Server) -> None:
    made = make(server, "mine")
    model_id = made["model"]["id"]
    assert server.wait(made["job"]["id"], "COMPLETED", "FAILED")["status"] == "COMPLETED"
    folder = server.home / "models" / "mine"
    asked = server.ask("POST", f"models/{model_id}/evaluate", trials=1)
    server.wait(asked["id"], "IN_PROGRESS", "COMPLETED")
    fill(server)
    time.sleep(8)
    free(server)
    job = server.wait(asked["id"], "COMPLETED", "FAILED", patience_s=120)
    kept = server.ask("GET", f"models/{model_id}/evaluations")["items"]
    if job["status"] == "FAILED":
        assert "full" in job["message"] or "space" in job["message"].lower(), job
        assert not list(folder.glob("evaluation-*"))
    assert len(kept) == (job["status"] == "COMPLETED")
    asked = server.ask("POST", f"models/{model_id}/evaluate", trials=1)
    assert server.wait(asked["id"], "COMPLETED", "FAILED")["status"] == "COMPLETED"
    assert server.ask("GET", f"models/{model_id}")["status"] == "READY"


@pytest.mark.timeout(600)
def test_a_folder_that_becomes_read_only_is_a_sentence(server: Server) -> None:
    made = endless(server, "mine")
    model_id = made["model"]["id"]
    until_it_learns(server, model_id)
    place = str(server.home / "models")
    assert run("mount", "--bind", place, place)
    try:
        assert run("mount", "-o", "remount,bind,ro", place)
        for method, path, fields in (
            ("POST", "models", {"model": {"name": "other"}, "starts": False}),
            ("PATCH", f"models/{model_id}", {"name": "new"}),
        ):
            assert refusal_or_busy(server, method, path, fields)
        job = server.wait(made["job"]["id"], "FAILED", "COMPLETED", patience_s=120)
        assert job["status"] == "FAILED", job
        assert "read-only" in job["message"].lower(), job
        assert "read-only" in refusal(server, "DELETE", f"models/{model_id}")
        assert names(server) == ({"mine"}, {"mine"})
    finally:
        os.sync()
        assert run("umount", place) or run("umount", "-l", place)
    done = iterations(server, model_id)
    goes_on(server, model_id, len(done) + 2)
    server.ask("DELETE", f"models/{model_id}")
    assert names(server) == (set(), set())


def refusal_or_busy(server: Server, method: str, path: str, fields: dict[str, Any]) -> bool:
    with pytest.raises(urllib.error.HTTPError) as error:
        server.ask(method, path, **fields)
    told = json.loads(error.value.read())["error"]["message"]
    return error.value.code in (409, 503) and len(told) > 20
