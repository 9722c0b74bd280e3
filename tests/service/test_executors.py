"""What whoever asks for a job may rely on, wherever it runs: beside the service or on a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from racecraft.service.jobs.leases import LEASE_S
from tests.service.executors import Local, OnRay, lonely_network, until
from tests.service.server import PATIENCE_S, Server
from tests.service.test_kills import TRAINING, iterations, make, until_it_learns

Execution = Local | OnRay
ITERATIONS = 24
_WAIT_S = LEASE_S + PATIENCE_S


@pytest.fixture(scope="module", params=["local", "ray"])
def execution(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Execution]:
    home = tmp_path_factory.mktemp(request.param) / "home"
    if request.param == "local":
        made: Execution = Local(home)
        made.server.start()
        yield made
        made.close()
        return
    with lonely_network():
        made = OnRay(home)
        try:
            made.server.start()
            yield made
        finally:
            made.close()


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Weights of a training that ran on its own machine, undisturbed."""
    server = Server(tmp_path_factory.mktemp("twin"))
    server.start()
    try:
        made = make(server, "twin")
        assert server.wait(made["job"]["id"], "COMPLETED", "FAILED")["status"] == "COMPLETED"
        return weights(server, "twin")
    finally:
        server.end()


def weights(server: Server, name: str) -> bytes:
    return (server.home / "models" / name / "checkpoints/11/policy.safetensors").read_bytes()


def make_long(server: Server, name: str, number: int = ITERATIONS) -> tuple[str, str]:
    """A training of so many iterations; gives the ids of model and job."""
    training = {**TRAINING["training"], "stop": {"env_steps": 64 * number}}
    model = {**TRAINING["model"], "name": name}
    made: dict[str, Any] = server.ask("POST", "models", model=model, training=training)
    return made["model"]["id"], made["job"]["id"]


def said(execution: Execution) -> str:
    """What the service wrote, for a test that fails."""
    return (execution.server.home / "server.log").read_text(errors="replace")


def test_a_training_ends_with_the_same_weights_as_anywhere(
    execution: Execution, twin: bytes
) -> None:
    server = execution.server
    made = make(server, "mine")
    job = server.wait(made["job"]["id"], "COMPLETED", "FAILED")
    assert (job["status"], job["attempts"]) == ("COMPLETED", 1), said(execution)
    assert iterations(server, made["model"]["id"]) == list(range(12))
    assert "iteration 11" in server.ask("GET", f"models/{made['model']['id']}/log")["text"]
    assert weights(server, "mine") == twin
    until(lambda: execution.workers() == [])


def test_a_training_that_is_stopped_ends_soon_and_keeps_what_it_learnt(
    execution: Execution,
) -> None:
    server = execution.server
    model_id, job_id = make_long(server, "stopped", 2000)
    until_it_learns(server, model_id)
    server.ask("POST", f"jobs/{job_id}/stop")
    job = server.wait(job_id, "COMPLETED", "FAILED")
    assert job["status"] == "COMPLETED", said(execution)
    assert 1 <= len(iterations(server, model_id)) < 2000
    until(lambda: execution.workers() == [])


def test_jobs_that_wait_can_be_taken_out_and_are_demand_that_a_cluster_sees(
    execution: Execution,
) -> None:
    server = execution.server
    asked = [make_long(server, f"waits-{k}", 2000)[1] for k in range(4)]

    def those(status: str) -> list[str]:
        jobs = [server.ask("GET", f"jobs/{job_id}")["job"] for job_id in asked]
        return [job["id"] for job in jobs if job["status"] == status]

    until(lambda: len(those("IN_PROGRESS")) == execution.machines)
    waiting = those("QUEUED")
    assert len(waiting) == 4 - execution.machines
    if isinstance(execution, OnRay):
        until(lambda: execution.tell("look") == len(waiting))
    for job_id in waiting:
        server.ask("POST", f"jobs/{job_id}/stop")
    assert sorted(those("CANCELED")) == sorted(waiting)
    if isinstance(execution, OnRay):
        until(lambda: execution.tell("look") == 0)
    for job_id in those("IN_PROGRESS"):
        server.ask("POST", f"jobs/{job_id}/stop")
    until(lambda: len(those("COMPLETED")) == execution.machines)


def test_a_worker_that_is_killed_is_replaced_and_goes_on_from_what_was_saved(
    execution: Execution,
) -> None:
    server = execution.server
    model_id, job_id = make_long(server, "killed")
    until_it_learns(server, model_id)
    for worker in execution.workers():
        worker.kill()
    job = server.wait(job_id, "COMPLETED", "FAILED")
    assert (job["status"], job["attempts"]) == ("COMPLETED", 2), said(execution)
    assert iterations(server, model_id) == list(range(ITERATIONS))
    assert "goes on" in server.ask("GET", f"models/{model_id}/log")["text"]


def test_a_job_whose_machine_vanishes_goes_on_from_what_was_saved(execution: Execution) -> None:
    server = execution.server
    model_id, job_id = make_long(server, "vanished")
    until_it_learns(server, model_id)
    execution.lose_machine()
    job = server.wait(job_id, "COMPLETED", "FAILED", patience_s=_WAIT_S)
    assert (job["status"], job["attempts"]) == ("COMPLETED", 2), said(execution)
    assert iterations(server, model_id) == list(range(ITERATIONS))
    assert "goes on" in server.ask("GET", f"models/{model_id}/log")["text"]


def test_a_worker_goes_on_while_the_service_is_away(execution: Execution) -> None:
    server = execution.server
    model_id, job_id = make_long(server, "going-on")
    until_it_learns(server, model_id)
    server.kill()
    server.start()
    job = server.wait(job_id, "COMPLETED", "FAILED", patience_s=_WAIT_S)
    assert (job["status"], job["attempts"]) == ("COMPLETED", 1), said(execution)
    assert iterations(server, model_id) == list(range(ITERATIONS))


def test_a_service_that_ends_leaves_its_jobs_for_the_next_start(execution: Execution) -> None:
    server = execution.server
    model_id, job_id = make_long(server, "left")
    until_it_learns(server, model_id)
    server.end()
    assert execution.workers() == []
    server.start()
    job = server.wait(job_id, "COMPLETED", "FAILED", patience_s=_WAIT_S)
    assert (job["status"], job["attempts"]) == ("COMPLETED", 2), said(execution)
    assert iterations(server, model_id) == list(range(ITERATIONS))
