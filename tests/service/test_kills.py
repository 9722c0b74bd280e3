"""Server and workers killed at any moment: every record consistent, nothing lost or doubled.

What one kill does is in `test_executors`, for every place where jobs run.
"""

from __future__ import annotations

import json
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from racecraft.service.jobs.leases import LEASE_S
from racecraft.service.locks import locked
from tests.service.server import Server

TRAINING = {
    "model": {"network": "LIGHT"},
    "training": {
        "threads": 1,
        "hyperparameters": {"num_cars": 8, "max_steps_per_iteration": 64, "num_epochs": 3},
        "stop": {"env_steps": 64 * 12},
        "evaluation_trials": 1,
    },
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path / "home")
    made.start()
    yield made
    made.end()


def make(server: Server, name: str) -> dict[str, Any]:
    wish = {**TRAINING, "model": {**TRAINING["model"], "name": name}}
    answer: dict[str, Any] = server.ask("POST", "models", **wish)
    return answer


def iterations(server: Server, model_id: str) -> list[int]:
    return [line["iteration"] for line in server.ask("GET", f"models/{model_id}/progress")]


def until_it_learns(server: Server, model_id: str) -> None:
    deadline = time.monotonic() + 60
    while not iterations(server, model_id):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_training_is_asked_for_done_and_can_be_used(server: Server) -> None:
    made = make(server, "mine")
    job = server.wait(made["job"]["id"], "COMPLETED", "FAILED")
    assert job["status"] == "COMPLETED", job
    assert job["message"] == "It ended with 768 environment steps."
    model_id = made["model"]["id"]
    assert iterations(server, model_id) == list(range(12))
    assert server.ask("GET", f"models/{model_id}")["status"] == "READY"
    assert "iteration 11" in server.ask("GET", f"models/{model_id}/log")["text"]
    with locked(server.home / "models" / "mine", "TRAINING"):  # somebody has not let go yet
        asked = server.ask("POST", f"models/{model_id}/evaluate", trials=1, checkpoint="last")
        server.wait(asked["id"], "IN_PROGRESS", "FAILED")
    job = server.wait(asked["id"], "COMPLETED", "FAILED")
    assert job["message"].endswith("of 1 laps were clean.")


def test_a_training_that_is_stopped_keeps_what_it_learnt_and_goes_on(server: Server) -> None:
    made = make(server, "mine")
    model_id = made["model"]["id"]
    until_it_learns(server, model_id)
    server.ask("POST", f"jobs/{made['job']['id']}/stop")
    job = server.wait(made["job"]["id"], "COMPLETED", "CANCELED")
    assert iterations(server, model_id)
    if job["status"] == "COMPLETED" and len(iterations(server, model_id)) < 12:
        again = server.ask("POST", f"models/{model_id}/train", stop={"env_steps": 64 * 14})
        assert server.wait(again["id"], "COMPLETED", "FAILED")["status"] == "COMPLETED"
        assert iterations(server, model_id) == list(range(14))


@pytest.mark.slow
def test_a_worker_keeps_its_job_when_the_server_was_stopped_for_longer_than_a_lease(
    server: Server,
) -> None:
    made = make(server, "mine")
    until_it_learns(server, made["model"]["id"])
    assert server.process is not None
    server.process.send_signal(signal.SIGSTOP)
    time.sleep(LEASE_S + 5.0)
    server.process.send_signal(signal.SIGCONT)
    job = server.wait(made["job"]["id"], "COMPLETED", "FAILED")
    assert (job["status"], job["attempts"]) == ("COMPLETED", 1)


def test_rounds_of_random_kills_leave_everything_consistent(server: Server) -> None:
    random_kills(server, rounds=3)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(10))
def test_two_hundred_rounds_of_random_kills(server: Server, seed: int) -> None:
    random_kills(server, rounds=20, seed=seed)


def random_kills(server: Server, rounds: int, seed: int = 7) -> None:
    """Ask for things, kill server, worker or both somewhere in between, look at what is left."""
    dice = random.Random(seed)
    for number in range(rounds):
        asked = [_tries(server, number, dice) for _ in range(2)]
        time.sleep(dice.uniform(0.0, 4.0))
        victim = dice.choice(["server", "worker", "both"])
        if victim in ("server", "both"):
            server.kill()
        if victim in ("worker", "both"):
            for worker in server.workers():
                worker.kill()
        if victim != "worker":
            server.start()
        _look(server, [each for each in asked if each])


def _tries(server: Server, number: int, dice: random.Random) -> str | None:
    """One thing that a person may do; gives the id of the model that it is about."""
    models = [view["model"] for view in server.ask("GET", "models")["items"]]
    names = {model["name"]: model["id"] for model in models if not model["is_sample"]}
    choice = dice.choice(["make", "make", "delete", "evaluate"])
    try:
        if choice == "make" or not names:
            made = make(server, f"round-{number}-{dice.randrange(10**6)}")
            return str(made["model"]["id"])
        model_id = names[dice.choice(sorted(names))]
        if choice == "delete":
            server.ask("DELETE", f"models/{model_id}")
            return None
        server.ask("POST", f"models/{model_id}/evaluate", trials=1)
        return str(model_id)
    except OSError:
        return None  # busy, or nothing learnt yet


def _look(server: Server, asked: list[str]) -> None:
    """Wait for the queue to run dry, then compare records with folders and with each other."""
    deadline = time.monotonic() + 180
    while active := server.ask("GET", "jobs?active=true")["items"]:
        assert time.monotonic() < deadline, active
        time.sleep(0.2)
    found = server.ask("GET", "models?limit=500")["items"]
    samples = {view["model"]["name"] for view in found if view["model"]["is_sample"]}
    views = {view["model"]["id"]: view for view in found if not view["model"]["is_sample"]}
    assert set(asked) <= set(views)
    folders = {f.name for f in (server.home / "models").iterdir() if not f.name.startswith(".")}
    assert folders - samples == {view["model"]["name"] for view in views.values()}
    for model_id, view in views.items():
        lines = server.ask("GET", f"models/{model_id}/progress")
        assert [line["iteration"] for line in lines] == list(range(len(lines))), view
        kept = server.home / "models" / view["model"]["name"] / "checkpoints"
        for line in lines:
            assert (kept / str(line["iteration"]) / "checkpoint.json").is_file(), line
        jobs = server.ask("GET", f"jobs?model={model_id}")["items"]
        assert all(job["status"] in ("COMPLETED", "CANCELED", "FAILED") for job in jobs), jobs
        assert json.dumps(jobs).count('"FAILED"') == 0, jobs
    while workers := server.workers():  # they have said their last word, and are about to end
        assert time.monotonic() < deadline, workers
        time.sleep(0.1)
