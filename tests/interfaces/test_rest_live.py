"""A job is watched: a real service, a real worker, and viewers over WebSockets."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from racecraft.tracks.library import load_track
from tests.domain.test_live import documented_decoder
from tests.service.server import Server

PATIENCE_S = 60.0
decode = documented_decoder()


def wish(name: str, env_steps: int) -> dict[str, Any]:
    return {
        "model": {"network": "LIGHT", "name": name},
        "training": {
            "threads": 1,
            "tracks": [{"name": "thimble"}],
            "hyperparameters": {"num_cars": 8, "max_steps_per_iteration": 128, "num_epochs": 3},
            "stop": {"env_steps": env_steps},
            "evaluation_trials": 1,
        },
    }


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("live") / "home")
    made.start()
    yield made
    made.end()


def make(server: Server, name: str, env_steps: int = 10**7) -> tuple[str, str]:
    """Ids of a new model and of its training."""
    made = server.ask("POST", "models", **wish(name, env_steps))
    return made["model"]["id"], made["job"]["id"]


def end(server: Server, job: str) -> None:
    server.ask("POST", f"jobs/{job}/stop")
    server.wait(job, "COMPLETED", "CANCELED")


class Watcher:
    """A viewer."""

    def __init__(self, server: Server, job: str, car: int | None = None, **how: Any) -> None:
        url = f"ws://127.0.0.1:{server.port}/api/jobs/{job}/live"
        self._connect = partial(connect, url, max_size=None, **how)
        self._car = car
        self.words: list[dict[str, Any]] = []
        self.segments: list[dict[str, Any]] = []

    def __enter__(self) -> Watcher:
        self.socket: ClientConnection = self._connect().__enter__()
        if self._car is not None:
            self.socket.send(json.dumps({"car": self._car}))
        return self

    def __exit__(self, *error: Any) -> None:
        self.socket.__exit__(*error)

    def hear(self) -> None:
        message = self.socket.recv(timeout=PATIENCE_S)
        if isinstance(message, str):
            self.words.append(json.loads(message))
        else:
            self.segments.append(decode(message))

    def wait(self, count: int, kind: int = 1) -> list[dict[str, Any]]:
        while len(self.of(kind)) < count:
            self.hear()
        return self.of(kind)

    def wait_for_the_end(self) -> int:
        """The code with which the service closes."""
        while True:
            try:
                self.hear()
            except ConnectionClosed as gone:
                return gone.rcvd.code if gone.rcvd else 0

    def of(self, kind: int) -> list[dict[str, Any]]:
        return [segment for segment in self.segments if segment["kind"] == kind]


@pytest.fixture(scope="module")
def training(server: Server) -> Iterator[tuple[str, str]]:
    """Model and job of a training that goes on while it is looked at; the last tests use it."""
    model, job = make(server, "looked-at")
    server.wait(job, "IN_PROGRESS")
    yield model, job
    end(server, job)


@pytest.fixture(scope="module")
def learned(server: Server) -> tuple[str, Watcher]:
    """A model that was trained unseen, and who watched the same training of another one."""
    _, job = make(server, "seen", env_steps=128 * 12)
    with Watcher(server, job, car=1) as viewer:
        assert viewer.wait_for_the_end() == 1000
    model, job = make(server, "unseen", env_steps=128 * 12)
    server.wait(job, "COMPLETED")
    return model, viewer


def test_watching_changes_no_byte_of_what_is_learnt(
    server: Server, learned: tuple[str, Watcher]
) -> None:
    _, viewer = learned
    assert viewer.of(1)
    assert viewer.of(2)
    assert viewer.words[-1]["status"] == "COMPLETED"

    seen, unseen = (
        {
            path.relative_to(server.home / "models" / name): path.read_bytes()
            for path in (server.home / "models" / name / "checkpoints").rglob("*.safetensors")
            if path.parent.name != "state"
        }
        for name in ("seen", "unseen")
    )
    assert len(seen) > 1
    assert seen == unseen


def test_an_evaluation_is_kept_for_those_who_come_later(
    server: Server, learned: tuple[str, Watcher]
) -> None:
    model, _ = learned
    evaluation = server.ask("POST", f"models/{model}/evaluate", trials=2)["id"]
    with Watcher(server, evaluation, car=0) as early:
        early.wait_for_the_end()
    with Watcher(server, evaluation) as late:
        assert late.wait_for_the_end() == 1000

    cars = early.of(1)
    assert all(segment["is_recorded"] for segment in cars)
    assert [segment["sequence"] for segment in cars] == list(range(len(cars)))
    assert {segment["part"] for segment in cars} == {0, 1}
    assert {segment["x_m"].shape[1] for segment in cars} == {1}
    assert any(picture for view in early.of(2) for picture in view["pictures"])
    assert [s["x_m"].tobytes() for s in late.of(1)] == [s["x_m"].tobytes() for s in cars]
    # Its own trace tells the same, row by row.
    folder = next((server.home / "models" / "unseen").glob("evaluation-*"))
    rows = (folder / "evaluation-simtrace" / "0-iteration.csv").read_text().splitlines()[1:]
    assert sum(segment["x_m"].shape[0] for segment in cars) == len(rows)
    times = np.concatenate([s["start_s"] + s["time_s"] for s in cars])
    traced = np.array([float(row.split(",")[14]) for row in rows])
    np.testing.assert_allclose(times - times[0], traced - traced[0], atol=1e-3)


def test_the_graph_is_there_after_a_restart(server: Server, learned: tuple[str, Watcher]) -> None:
    model, _ = learned
    before = server.ask("GET", f"models/{model}/graph")
    server.end()
    server.start()

    assert len(before["iterations"]["iteration"]) >= 6
    assert before["best_iteration"] is not None
    assert server.ask("GET", f"models/{model}/graph") == before


@pytest.mark.parametrize("job", ["nothing", "../../me"])
def test_there_is_nothing_to_watch_of_a_job_that_is_not_there(server: Server, job: str) -> None:
    with (
        pytest.raises(Exception, match=r"4404|404|403"),
        Watcher(server, job) as viewer,
    ):
        viewer.hear()


def test_a_training_is_watched_by_many_and_told_to_all_alike(
    server: Server, training: tuple[str, str]
) -> None:
    _, job = training
    with Watcher(server, job, car=2) as one, Watcher(server, job) as other:
        cars, seen = one.wait(4), one.wait(2, kind=2)
        theirs = other.wait(4)
        snapshot = server.ask("GET", f"jobs/{job}/live/snapshot")

    hello = one.words[0]
    assert (hello["type"], hello["kind"], hello["num_cars"]) == ("hello", "TRAINING", 8)
    assert hello["tracks"] == [{"name": "thimble", "is_reversed": False}]
    assert len(hello["actions"]) > 1
    assert {word["status"] for word in one.words if word["type"] == "status"} <= {
        *("INITIALIZING", "IN_PROGRESS")
    }
    track = load_track("thimble")
    for segment in cars:
        assert segment["x_m"].shape[1] == 8
        places = np.stack([segment["x_m"].ravel(), segment["y_m"].ravel()], axis=1)
        assert np.abs(track.locate(places).offset_m).max() < 1.5, "near the road"
        assert np.isfinite(segment["reward"]).all()
        moved_m = np.hypot(np.diff(segment["x_m"], axis=0), np.diff(segment["y_m"], axis=0))
        assert (moved_m[segment["jump"][1:] == 0] < 0.3).all(), "cars move as cars do"
    # Everybody gets the same.
    known = {segment["sequence"]: segment["x_m"].tobytes() for segment in cars}
    same = [known[s["sequence"]] == s["x_m"].tobytes() for s in theirs if s["sequence"] in known]
    assert same
    assert all(same)
    # Only who chose a car gets its view.
    assert other.of(2) == []
    assert {view["car"] for view in seen} == {2}
    picture = Image.open(BytesIO(seen[0]["pictures"][0]))
    assert picture.size == (hello["camera"]["width"], hello["camera"]["height"])
    np.testing.assert_allclose(seen[0]["probability"].sum(axis=1), 1.0, atol=1e-3)
    assert len(snapshot["cars"]) == 8
    assert snapshot["viewers"] == 2
    assert snapshot["cars"][0]["status"] in ("in_progress", "off_track", "lap_complete", "time_up")


def test_a_viewer_that_reads_nothing_holds_nobody_up(
    server: Server, training: tuple[str, str]
) -> None:
    _, job = training
    with Watcher(server, job, car=0, max_queue=1) as stuck, Watcher(server, job) as quick:
        begin = server.ask("GET", f"jobs/{job}")["job"]["report"].get("iteration", -1)
        quick.wait(6)
        assert server.ask("GET", f"jobs/{job}")["job"]["report"]["iteration"] > begin
        numbers = [segment["sequence"] for segment in quick.of(1)]
        assert np.diff(numbers).tolist() == [1] * (len(numbers) - 1)
        assert stuck.segments == []


def test_figures_and_log_stream_while_the_training_runs(
    server: Server, training: tuple[str, str]
) -> None:
    model, job = training
    url = f"http://127.0.0.1:{server.port}/api/jobs/{job}/events?iteration=-1&log=0"
    iterations, log, statuses = [], "", set()
    with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
        event = ""
        for line in map(bytes.decode, answer):
            if line.startswith("event: "):
                event = line.removeprefix("event: ").strip()
            if line.startswith("data: "):
                data = json.loads(line.removeprefix("data: "))
                if event == "iteration":
                    iterations.append(data)
                elif event == "log":
                    log += data["text"]
                elif event == "job":
                    statuses.add(data["job"]["status"])
            if len(iterations) >= 5 and statuses and "iteration 3" in log:
                break
    assert "IN_PROGRESS" in statuses

    assert [line["iteration"] for line in iterations[:5]] == [0, 1, 2, 3, 4]
    kept = server.ask("GET", f"models/{model}/log?offset=0")["text"]
    assert kept.startswith(log[: len(kept)][:65_000])
    graph = server.ask("GET", f"models/{model}/graph")
    columns = graph["iterations"]
    assert columns["iteration"][:5] == [0, 1, 2, 3, 4]
    for name in ("mean_reward", "mean_progress", "mean_evaluation_progress", "env_steps"):
        assert columns[name][:5] == [line[name] for line in iterations[:5]]
    for place, line in enumerate(iterations[:5]):
        chosen = [k for k, each in enumerate(graph["episodes"]["iteration"]) if each == place]
        assert [graph["episodes"]["reward"][k] for k in chosen] == line["episode_rewards"]
        assert len(line["episode_progress"]) == len(chosen)


def test_the_page_of_another_site_watches_nothing(
    server: Server, training: tuple[str, str]
) -> None:
    _, job = training
    foreign = Watcher(server, job, origin="https://evil.example")
    with pytest.raises(InvalidStatus, match="403"), foreign:
        pass
    own = f"http://127.0.0.1:{server.port}"
    with Watcher(server, job, origin=own) as viewer:
        viewer.hear()
        assert viewer.words[0]["type"] == "hello"


def test_only_the_worker_of_a_job_publishes(server: Server, training: tuple[str, str]) -> None:
    _, job = training
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}/api/worker/jobs/{job}/segments",
        data=b"x",
        headers={"Authorization": "Bearer guessed", "Content-Type": "application/octet-stream"},
    )
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(request, timeout=10)


def test_what_a_viewer_says_cannot_hurt(server: Server, training: tuple[str, str]) -> None:
    _, job = training
    with Watcher(server, job) as viewer:
        for rude in ("", "{", '{"car": -1}', '{"car": "x"}', "[" * 50_000, b"\0" * 100, '{"a": 1}'):
            viewer.socket.send(rude)
        viewer.socket.send('{"car": 3}')
        assert {view["car"] for view in viewer.wait(1, kind=2)} == {3}
    deadline = time.monotonic() + PATIENCE_S
    while server.ask("GET", f"jobs/{job}/live/snapshot")["viewers"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
