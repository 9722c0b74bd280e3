"""Who may watch a job, and what a viewer hears; segments are published by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from racecraft.interfaces.rest import jobs, live
from racecraft.interfaces.rest.app import create_api
from racecraft.interfaces.who import Installation
from racecraft.service.access import Role
from racecraft.service.jobs.leases import claim_next
from racecraft.service.people.invitations import invite
from racecraft.service.people.person import local_actor
from racecraft.service.settings import Settings
from racecraft.service.store import open_store
from tests.domain.test_live import documented_decoder, some_cars

PASSWORD = "correct horse"


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[Installation]:
    settings = Settings(home=tmp_path)
    here = Installation(open_store(settings), settings, is_hosted=True, slots=1)
    yield here
    here.store.close()


def browser(here: Installation, name: str, role: Role = Role.RACER) -> TestClient:
    """A signed-in browser of somebody new."""
    code = invite(here.store, local_actor(here.store), role=role).code
    client = TestClient(create_api(here))
    wish = {"name": name, "password": PASSWORD, "invitation": code}
    assert client.post("/register", json=wish).status_code == 201
    return client


def new_job(client: TestClient) -> str:
    made = client.post("/models", json={"model": {"network": "LIGHT"}})
    assert made.status_code == 201, made.text
    return str(made.json()["job"]["id"])


def refusal(client: TestClient, job: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    """Close code and reason."""
    with (
        client.websocket_connect(f"/jobs/{job}/live", headers=headers or {}) as socket,
        pytest.raises(WebSocketDisconnect) as gone,
    ):
        socket.receive_text()
    return gone.value.code, gone.value.reason


def show(here: Installation, job: str, sequence: int = 0) -> None:
    cars = some_cars(15, 4, sequence)
    here.hub.publish(job, cars.bytes(sequence, 3, 1.0, is_cut=True, is_recorded=False))


def test_who_may_see_a_job_may_watch_it(hosted: Installation) -> None:
    ann = browser(hosted, "Ann")
    job = new_job(ann)
    for watcher in (ann, *(browser(hosted, role.value, role) for role in list(Role)[1:])):
        with watcher.websocket_connect(f"/jobs/{job}/live") as socket:
            assert json.loads(socket.receive_text())["job"] == job
        assert watcher.get(f"/jobs/{job}/live/snapshot").status_code == 200


def test_nobody_else_may(hosted: Installation) -> None:
    ann, bob = browser(hosted, "Ann"), browser(hosted, "Bob")
    job = new_job(ann)
    code, reason = refusal(bob, job)
    assert (code, reason) == (4404, f"There is no job {job!r}.")
    assert bob.get(f"/jobs/{job}/live/snapshot").status_code == 404
    assert bob.get(f"/jobs/{job}/events?iteration=-1&log=0").status_code == 404
    assert refusal(TestClient(create_api(hosted)), job)[0] == 4401
    foreign = {"origin": "https://evil.example"}
    assert refusal(ann, job, foreign)[0] == 4403


def test_a_token_watches_when_it_may_read(hosted: Installation) -> None:
    ann = browser(hosted, "Ann")
    job = new_job(ann)
    program = TestClient(create_api(hosted))
    for scope, expected in (("read", "hello"), ("write", 4404)):
        made = ann.post("/tokens", json={"name": scope, "scopes": [scope]}).json()
        headers = {"Authorization": f"Bearer {made['secret']}"}
        if expected == "hello":
            with program.websocket_connect(f"/jobs/{job}/live", headers=headers) as socket:
                assert json.loads(socket.receive_text())["type"] == "hello"
        else:
            assert refusal(program, job, headers)[0] == expected


def test_a_session_that_ends_ends_the_show(
    hosted: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_ASK_AGAIN_S", 0.1)
    monkeypatch.setattr(live, "_LOOK_S", 0.1)
    monkeypatch.setattr(jobs, "_ASK_AGAIN_S", 0.1)
    ann = browser(hosted, "Ann")
    job = new_job(ann)
    with ann.websocket_connect(f"/jobs/{job}/live") as socket:
        socket.receive_text()
        assert ann.post("/sign-out").status_code == 200
        with pytest.raises(WebSocketDisconnect) as gone:
            socket.receive_text()
    assert gone.value.code == 4401


def test_segments_and_the_end_reach_the_viewer(hosted: Installation) -> None:
    ann = browser(hosted, "Ann")
    job = new_job(ann)
    show(hosted, job)
    with ann.websocket_connect(f"/jobs/{job}/live") as socket:
        hello = json.loads(socket.receive_text())
        first = documented_decoder()(socket.receive_bytes())
        show(hosted, job, 1)
        second = documented_decoder()(socket.receive_bytes())
        assert ann.post(f"/jobs/{job}/stop").status_code == 200
        status = json.loads(socket.receive_text())
        with pytest.raises(WebSocketDisconnect) as gone:
            socket.receive_text()
    assert (hello["kind"], hello["status"]) == ("TRAINING", "QUEUED")
    assert [first["sequence"], second["sequence"]] == [0, 1]
    np.testing.assert_allclose(first["x_m"], some_cars(15, 4, 0).x_m, atol=1e-4)
    assert (status["type"], status["status"]) == ("status", "CANCELED")
    assert gone.value.code == 1000
    assert hosted.hub.wanted(job).viewers == 0


def test_a_snapshot_tells_where_the_cars_were_last(hosted: Installation) -> None:
    ann = browser(hosted, "Ann")
    job = new_job(ann)
    before = ann.get(f"/jobs/{job}/live/snapshot").json()
    assert (before["cars"], before["part"]) == ([], None)
    assert hosted.hub.wanted(job).viewers == 1, "its worker is asked to send"
    show(hosted, job)

    after = ann.get(f"/jobs/{job}/live/snapshot").json()

    cars = some_cars(15, 4, 0)
    assert [car["x_m"] for car in after["cars"]] == pytest.approx(cars.x_m[-1], abs=1e-3)
    assert after["part"] == 3
    assert after["stream_s"] == pytest.approx(1.0 + 14 / 15, abs=1e-3)


def test_a_worker_hears_who_watches_and_publishes_with_its_token(hosted: Installation) -> None:
    ann = browser(hosted, "Ann")
    job = new_job(ann)
    claim = claim_next(hosted.store, worker="here 1", slots=1)
    assert claim is not None
    worker = TestClient(create_api(hosted))
    headers = {"Authorization": f"Bearer {claim.token}"}

    def tell(word: str, **how: Any) -> Any:
        return worker.post(f"/worker/jobs/{job}/{word}", headers=headers, **how)

    def send(body: bytes) -> Any:
        octets = {**headers, "Content-Type": "application/octet-stream"}
        return worker.post(f"/worker/jobs/{job}/segments", content=body, headers=octets)

    assert tell("take", json={"pid": 1}).json()["wanted"] == {
        "viewers": 0,
        "cars": [],
        "explained": [],
    }
    with ann.websocket_connect(f"/jobs/{job}/live") as socket:
        socket.receive_text()
        socket.send_text('{"car": 2}')
        segment = some_cars(3, 4).bytes(0, 0, 0.0, is_cut=True, is_recorded=False)
        answer = send(segment)
        assert answer.json()["viewers"] == 1
        received = socket.receive()
        while received.get("bytes") is None:
            received = socket.receive()
        assert received["bytes"] == segment
        assert tell("beat", json={"compute_s": 1.0}).json()["wanted"] == {
            "viewers": 1,
            "cars": [2],
            "explained": [],
        }
        assert send(b"rubbish").status_code == 422
    headers["Authorization"] = "Bearer guessed"
    assert send(segment).status_code == 401
