"""Jobs that run on other machines: each has a home of its own, and only HTTP between them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from racecraft.service.jobs.leases import LEASE_S
from tests.service.server import PATIENCE_S, Server
from tests.service.test_archives import contents
from tests.service.test_kills import iterations, make, until_it_learns

SMALL = {"network": "LIGHT"}


class Machine:
    """`racecraft worker` with a home folder of its own."""

    def __init__(self, server: Server, home: Path, token: str, **more: str) -> None:
        self.home, self.url, self.token, self.more = home, server.url, token, more
        self.process: subprocess.Popen[bytes] | None = None
        self.log = home.with_suffix(".log")

    def start(self, *flags: str) -> Machine:
        environment = {
            **os.environ,
            "RACECRAFT_HOME": str(self.home),
            "RACECRAFT_THREADS": "1",
            "RACECRAFT_SERVER": self.url,
            "RACECRAFT_TOKEN": self.token,
            **self.more,
        }
        words = ["worker", "--slots", "1", "--log-json", *flags]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "racecraft.interfaces.cli", *words],
                env=environment,
                stdout=log,
                stderr=log,
            )
        return self

    def end(self) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)

    def workers(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            try:
                is_worker = "racecraft.service.job_worker" in process.cmdline()
                if is_worker and process.environ().get("RACECRAFT_HOME") == str(self.home):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def vanish(self) -> None:
        """As when somebody pulls the plug: nothing says a last word."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        for worker in self.workers():
            worker.kill()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("far") / "service", slots=0)
    made.start()
    yield made
    made.end()


Machines = Callable[..., Machine]


@pytest.fixture
def machine(server: Server, tmp_path: Path) -> Iterator[Machines]:
    """`machine(name)` has a token and is not started yet."""
    made: list[Machine] = []

    def new(name: str, **more: str) -> Machine:
        token = server.ask("POST", "worker-tokens", name=name)["secret"]
        made.append(Machine(server, tmp_path / name, token, **more))
        return made[-1]

    yield new
    for each in made:
        if each.process is not None and each.process.poll() is None:
            each.end()
        for worker in each.workers():
            worker.kill()


def until(is_so: Callable[[], Any], patience_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + patience_s
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def there(server: Server) -> set[str]:
    """Tokens with which machines came that are there; the service itself has none."""
    found = server.ask("GET", "nodes")["items"]
    return {row["node"]["token_name"] for row in found if row["is_there"]}


def test_a_training_and_its_evaluation_run_elsewhere_and_leave_all_that_they_would_here(
    server: Server, machine: Machines
) -> None:
    far = machine("far").start()
    made = make(server, "far-away")
    job = server.wait(made["job"]["id"], "COMPLETED", "FAILED")
    assert (job["status"], job["attempts"]) == ("COMPLETED", 1), far.log.read_text()
    assert job["node"].startswith(job["worker"].split(" ")[0])
    model_id = made["model"]["id"]
    assert iterations(server, model_id) == list(range(12))
    folder = server.home / "models" / "far-away"
    kept = contents(folder)
    wanted = {"checkpoints/11/policy.safetensors", "checkpoints/state/state.safetensors"}
    assert wanted | {"reward-graph.png", "metrics/TrainingMetrics.json"} <= set(kept)
    assert any(name.startswith("training-simtrace/") for name in kept)
    assert server.ask("GET", f"models/{model_id}")["model"]["size_bytes"] > 1000
    asked = server.ask("POST", f"models/{model_id}/evaluate", trials=1, checkpoint="last")
    job = server.wait(asked["id"], "COMPLETED", "FAILED")
    assert job["message"].endswith("of 1 laps were clean.")
    assert len(server.ask("GET", f"models/{model_id}/evaluations")["items"]) == 1
    assert far.end() == 0
    assert not any((far.home / "node").glob("*"))  # nothing of anybody stays there
    assert not list(server.home.glob(".incoming-*"))
    assert there(server) == {""}


def test_what_is_learnt_elsewhere_is_the_same_as_here(
    server: Server, machine: Machines, tmp_path: Path
) -> None:
    machine("far").start()
    far = make(server, "twin")
    near = Server(tmp_path / "near")
    near.start()
    try:
        here = make(near, "twin")
        assert near.wait(here["job"]["id"], "COMPLETED", "FAILED")["status"] == "COMPLETED"
    finally:
        near.end()
    assert server.wait(far["job"]["id"], "COMPLETED", "FAILED")["status"] == "COMPLETED"
    folders = [each.home / "models" / "twin" for each in (near, server)]
    weights = "checkpoints/11/policy.safetensors"
    assert (folders[0] / weights).read_bytes() == (folders[1] / weights).read_bytes()
    assert set(contents(folders[0])) == set(contents(folders[1]))


def test_a_job_of_a_machine_that_vanishes_goes_on_at_another_from_what_was_saved(
    server: Server, machine: Machines
) -> None:
    first = machine("first").start()
    made = make(server, "saved")
    model_id = made["model"]["id"]
    until_it_learns(server, model_id)
    until(lambda: (server.home / "models/saved/checkpoints/state").is_dir())
    first.vanish()
    saved = len(iterations(server, model_id))
    second = machine("second").start()
    job = server.wait(made["job"]["id"], "COMPLETED", "FAILED", patience_s=LEASE_S + PATIENCE_S)
    assert (job["status"], job["attempts"]) == ("COMPLETED", 2), second.log.read_text()
    assert saved >= 1
    assert iterations(server, model_id) == list(range(12))
    assert "goes on" in server.ask("GET", f"models/{model_id}/log")["text"]
    assert list((first.home / "node").iterdir())
    first.start()  # what its workers left is swept up
    until(lambda: not list((first.home / "node").iterdir()))


def test_two_machines_share_a_queue_and_one_that_is_ended_hands_its_job_back_at_once(
    server: Server, machine: Machines
) -> None:
    first, second = machine("east").start(), machine("west").start()
    until(lambda: {"east", "west"} <= there(server))
    jobs = [make(server, f"m{k}")["job"]["id"] for k in range(2)]

    def nodes() -> set[str]:
        return {server.ask("GET", f"jobs/{job_id}")["job"]["node"] for job_id in jobs} - {""}

    until(lambda: len(nodes()) == 2)
    began_s = time.monotonic()
    assert first.end() == 0
    done = [server.wait(job_id, "COMPLETED", "FAILED") for job_id in jobs]
    assert [job["status"] for job in done] == ["COMPLETED", "COMPLETED"]
    assert sorted(job["attempts"] for job in done)[0] == 1
    assert time.monotonic() - began_s < PATIENCE_S
    assert second.end() == 0


def test_files_may_go_through_an_artifact_store_that_both_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RACECRAFT_ARTIFACTS_URL", (tmp_path / "store").as_uri())
    server = Server(tmp_path / "service", slots=0)
    server.start()
    token = server.ask("POST", "worker-tokens", name="far")["secret"]
    far = Machine(server, tmp_path / "far", token).start()
    try:
        made = make(server, "mine")
        job = server.wait(made["job"]["id"], "COMPLETED", "FAILED")
        assert job["status"] == "COMPLETED", far.log.read_text()
        assert iterations(server, made["model"]["id"]) == list(range(12))
        copies = {path.name for path in (tmp_path / "store" / made["model"]["id"]).iterdir()}
        assert "index.json" in copies
        assert not list(server.home.glob(".incoming-*"))
    finally:
        far.end()
        server.end()


def test_an_imported_track_goes_along(server: Server, machine: Machines, tmp_path: Path) -> None:
    from racecraft.tracks.exchange import write_npy
    from racecraft.tracks.library import load_track

    (server.home / "tracks").mkdir(exist_ok=True)
    write_npy(load_track("pebble-oval"), server.home / "tracks" / "our_hall.npy")
    machine("far").start()
    training = {
        "threads": 1,
        "tracks": [{"name": "our_hall"}],
        "hyperparameters": {"num_cars": 8, "max_steps_per_iteration": 64, "num_epochs": 3},
        "stop": {"env_steps": 64},
        "evaluation_trials": 1,
    }
    made = server.ask("POST", "models", model={**SMALL, "name": "hall"}, training=training)
    job = server.wait(made["job"]["id"], "COMPLETED", "FAILED")
    assert job["status"] == "COMPLETED", job


def test_a_machine_without_a_token_or_with_a_revoked_one_is_told_in_a_sentence(
    server: Server, machine: Machines
) -> None:
    far = machine("far")
    far.token = "worker_wrong"
    far.start()
    assert far.process is not None
    assert far.process.wait(PATIENCE_S) == 10
    assert "worker token is not known here" in far.log.read_text()
    near = machine("near").start()
    until(lambda: "near" in there(server))
    tokens = {t["name"]: t["id"] for t in server.ask("GET", "worker-tokens")["items"]}
    server.ask("DELETE", f"worker-tokens/{tokens['near']}")
    assert near.process is not None
    assert near.process.wait(PATIENCE_S) == 10
