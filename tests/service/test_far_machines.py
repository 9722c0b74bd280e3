"""Machines that run jobs elsewhere, when something goes wrong: a service of a few lines answers."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from racecraft.domain.errors import (
    Conflict,
    InvalidInput,
    NotIsolated,
    RacecraftError,
    ServiceUnreachable,
    SignInNeeded,
    StorageFailed,
)
from racecraft.sandbox.lockdown import Lock
from racecraft.service import job_worker, remote_node
from racecraft.service.archives.manifest import FileEntry
from racecraft.service.crew import Crew
from racecraft.service.jobs.nodes import Held
from racecraft.service.processes import LocalPlaces
from racecraft.service.remote import Line, ServiceConnection
from racecraft.service.remote_node import run_node
from racecraft.service.settings import Settings
from tests.service.server import PATIENCE_S, free_port

FULL = Path("/dev/full")
NOWHERE = Path("/dev/null/home")
"""Nothing can be written there."""
WANTED = {"viewers": 0, "cars": [], "explained": []}
Answers = dict[str, Any]


class Stub:
    """Answers each path with a value, a status or bytes, and notes what was asked."""

    def __init__(self, answers: Answers) -> None:
        self.answers, self.asked = answers, list[tuple[str, Any]]()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                stub.asked.append((self.path, json.loads(body or b"null")))
                self.answer(stub.answers.get(self.path, 404))

            def do_GET(self) -> None:
                stub.asked.append((self.path, None))
                self.answer(stub.answers.get(self.path.partition("?")[0], 404))

            def answer(self, value: Any) -> None:
                data = value if isinstance(value, bytes) else json.dumps(value).encode()
                self.send_response(value if isinstance(value, int) else 200)
                # A file breaks off if it says so.
                size = len(data) + (100 if data.endswith(b"breaks off") else 0)
                self.send_header("Content-Length", str(size))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True)
        self.thread.start()

    def asked_for(self, path: str) -> list[Any]:
        return [fields for asked, fields in self.asked if asked == path]

    def end(self) -> None:
        self.server.shutdown()
        self.server.server_close()


Stubs = Callable[..., Stub]


@pytest.fixture
def service() -> Iterator[Stubs]:
    made: list[Stub] = []

    def new(answers: Answers) -> Stub:
        made.append(Stub(answers))
        return made[-1]

    yield new
    for each in made:
        each.end()


def greeting(*, requires_isolation: bool) -> Answers:
    return {
        "/worker/node": {"held": [], "requires_isolation": requires_isolation},
        "/worker/claim": {"job": None},
        "/worker/leave": {},
    }


def a_job(**more: Any) -> Answers:
    taken = {
        "kind": "TRAINING",
        "person": None,
        "model_name": "car",
        "model_id": "m",
        "request": {},
        "is_resuming": False,
        "wanted": WANTED,
    }
    return {"/worker/jobs/j/take": taken, "/worker/jobs/j/beat": {"goes_on": True}} | more


def order(stub: Stub, home: Path) -> dict[str, Any]:
    return {
        "url": stub.url,
        "job": "j",
        "token": "t",
        "home": str(home),
        "requires_isolation": False,
        "is_elsewhere": True,
        "has_store": False,
    }


def run(home: Path, url: str, ends: threading.Event, say: Callable[[str], None]) -> None:
    run_node(Settings(home=home), Line(url, "t"), 1, ends, say=say)


@pytest.mark.skipif(not FULL.exists(), reason="this system has no disk that is always full")
def test_a_full_disk_is_not_told_as_a_service_that_does_not_answer(service: Stubs) -> None:
    stub = service({"/file": b"x" * 100_000})
    with pytest.raises(StorageFailed, match="the disk is full"):
        Line(stub.url, "t").fetch("file", FULL)


def test_a_file_that_breaks_off_is_to_be_fetched_again(service: Stubs, tmp_path: Path) -> None:
    stub = service({"/file": b"this breaks off"})
    with pytest.raises(ServiceUnreachable):
        Line(stub.url, "t").fetch("file", tmp_path / "file")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, SignInNeeded),
        (403, SignInNeeded),
        (409, Conflict),
        (413, InvalidInput),
        (422, InvalidInput),
        (408, ServiceUnreachable),
        (429, ServiceUnreachable),
        (500, ServiceUnreachable),
        (503, ServiceUnreachable),
    ],
)
def test_what_is_refused_for_good_is_told_from_what_may_be_asked_again(
    status: int, error: type[RacecraftError], service: Stubs
) -> None:
    with pytest.raises(error) as caught:
        Line(service({"/word": status}).url, "t").ask("word", {})
    assert type(caught.value) is error


def test_files_that_do_not_come_are_not_waited_for_when_the_job_is_to_stop(
    settings: Settings,
) -> None:
    nobody = ServiceConnection(f"http://127.0.0.1:{free_port()}", "j", "t")
    heart: Any = SimpleNamespace(is_lost=False, is_asked_to_stop=True)
    job = {"kind": "TRAINING", "model_name": "car", "model_id": "m", "request": {}}
    order = {"is_elsewhere": True, "has_store": False}
    with pytest.raises(ServiceUnreachable):
        job_worker._keeper(nobody, settings, job, order, heart)


def test_files_that_do_not_come_are_not_waited_for_without_end(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_worker, "GRACE_S", 0.0)
    nobody = ServiceConnection(f"http://127.0.0.1:{free_port()}", "j", "t")
    heart: Any = SimpleNamespace(is_lost=False, is_asked_to_stop=False)
    job = {"kind": "TRAINING", "model_name": "car", "model_id": "m", "request": {}}
    order = {"is_elsewhere": True, "has_store": False}
    with pytest.raises(ServiceUnreachable):
        job_worker._keeper(nobody, settings, job, order, heart)


def test_a_machine_that_cannot_write_gives_its_job_back_and_rests(service: Stubs) -> None:
    entry = FileEntry(path="model.json", size=2, sha256="0" * 64)
    stub = service(a_job(**{"/worker/files/j/list": {"files": [entry.model_dump()]}}))

    class Source:
        claims = 0
        lost: list[str] = []  # noqa: RUF012

        def greet(self) -> Sequence[Held]:
            return []

        def claim(self, worker: str) -> dict[str, Any]:
            self.claims += 1
            return order(stub, NOWHERE)

        def lose(self, worker: str, message: str) -> None:
            self.lost.append(message)

        def is_gone(self, worker: str) -> None:
            pass

    source = Source()
    crew = Crew(source, "far", LocalPlaces(1))
    deadline = time.monotonic() + PATIENCE_S
    while not source.lost:
        crew.look()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    crew.look()
    assert source.claims == 1  # another machine may have it now
    assert "ended with code 76" in source.lost[0]
    assert "could not be used" in source.lost[0]
    assert not stub.asked_for("/worker/jobs/j/fail")


@pytest.mark.parametrize("is_elsewhere", [True, False])
def test_a_job_fails_only_if_no_other_machine_could_do_it(
    is_elsewhere: bool, service: Stubs, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise NotIsolated("This system cannot lock a reward function in.")

    stub = service(a_job(**{"/worker/jobs/j/fail": {}, "/worker/files/j/list": {"files": []}}))
    monkeypatch.setattr(job_worker, "_keeper", refuse)
    told = {**order(stub, settings.home), "is_elsewhere": is_elsewhere}
    code, _ = job_worker._do_order(told)
    assert code == (job_worker.UNFIT if is_elsewhere else 1)
    assert len(stub.asked_for("/worker/jobs/j/fail")) == (0 if is_elsewhere else 1)


def test_a_machine_that_cannot_lock_code_in_takes_no_job_of_a_service_that_asks_for_it(
    service: Stubs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_node, "isolation", lambda: Lock([], ["Landlock"]))
    stub = service(greeting(requires_isolation=True))
    with pytest.raises(NotIsolated, match=r"lacks Landlock\. Use Linux"):
        run(tmp_path, stub.url, threading.Event(), str)
    assert not stub.asked_for("/worker/claim")
    assert stub.asked_for("/worker/leave")
    open_one, ends = service(greeting(requires_isolation=False)), threading.Event()
    run(tmp_path, open_one.url, ends, lambda _: ends.set())
    assert open_one.asked_for("/worker/node")


def test_two_programs_do_not_take_jobs_in_one_home_folder(tmp_path: Path) -> None:
    nobody, ends = f"http://127.0.0.1:{free_port()}", threading.Event()
    waits = threading.Event()
    others = tmp_path / "node" / "1-of-an-earlier-life" / "models"
    others.mkdir(parents=True)
    first = threading.Thread(target=run, args=[tmp_path, nobody, ends, lambda _: waits.set()])
    first.start()
    try:
        assert waits.wait(PATIENCE_S)
        with pytest.raises(Conflict, match=r"takes jobs in .* already"):
            run(tmp_path, nobody, threading.Event(), str)
    finally:
        ends.set()
        first.join()
    assert others.is_dir()


def test_machines_of_the_same_name_with_the_same_folder_are_told_apart(
    service: Stubs, tmp_path: Path
) -> None:
    stub = service(greeting(requires_isolation=False))

    def start() -> str:
        stub.asked.clear()
        ends = threading.Event()
        run(tmp_path, stub.url, ends, lambda _: ends.set())
        facts = stub.asked_for("/worker/node")[0]
        assert facts["racecraft"] == version("racecraft")
        assert stub.asked_for("/worker/leave") == [{"node": facts["id"]}]
        return str(facts["id"])

    one = start()
    assert start() == one
    (tmp_path / ".home-mark").unlink()  # as on another machine
    assert start() != one
