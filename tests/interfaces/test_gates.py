"""What stands before the routes of a real server: foreign names, slow clients, and the log."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import structlog
import uvicorn
from fastapi import FastAPI, WebSocket
from fastapi.testclient import TestClient
from websockets.sync.client import connect

from racecraft.interfaces.logs import begin_log
from racecraft.interfaces.patience import MOST_HEAD_BYTES, PatientProtocol
from racecraft.interfaces.rest.app import create_api
from racecraft.interfaces.rest.guards import TimelyBody
from racecraft.interfaces.rest.jobs import MOST_STREAMS
from racecraft.interfaces.who import Installation
from racecraft.service.settings import Settings
from racecraft.service.store import open_store
from tests.service.server import Server, free_port

PASSWORD = "correct horse battery"
WHOLE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Impatient(PatientProtocol):
    head_s = 0.3


@contextmanager
def serving(app: Any) -> Iterator[int]:
    """A server of this process; gives its port."""
    port = free_port()
    config = uvicorn.Config(app, port=port, http=Impatient, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield port
    server.should_exit = True
    thread.join()


def small_app(gap_s: float = 0.4) -> Any:
    app = FastAPI()

    @app.get("/")
    def look() -> str:
        return "here"

    @app.post("/")
    def take(wish: dict[str, int]) -> dict[str, int]:
        return wish

    app.add_middleware(TimelyBody, gap_s=gap_s, body_s=1.0)
    return app


def read_all(connection: socket.socket) -> bytes:
    """Everything until the other side closes."""
    connection.settimeout(10.0)
    data = b""
    try:
        while part := connection.recv(65536):
            data += part
    except ConnectionResetError:
        pass
    return data


def test_a_request_that_does_not_come_is_not_waited_for() -> None:
    with serving(small_app()) as port:
        for beginning in (b"", b"GET / HTTP/1.1\r\nHost: loc", WHOLE + b"GET / HT"):
            with socket.create_connection(("127.0.0.1", port)) as slow:
                slow.sendall(beginning)
                began_s = time.monotonic()
                answered = read_all(slow)
                assert time.monotonic() - began_s < 8.0
                assert answered.count(b"200 OK") == beginning.count(b"\r\n\r\n")


def test_a_websocket_may_be_silent_for_as_long_as_it_likes() -> None:
    app = FastAPI()

    @app.websocket("/")
    async def answer(connection: WebSocket) -> None:
        await connection.accept()
        await connection.send_text(await connection.receive_text())

    with serving(app) as port, connect(f"ws://127.0.0.1:{port}/") as silent:
        time.sleep(3 * Impatient.head_s)
        silent.send("still here")
        assert silent.recv(timeout=5.0) == "still here"


def is_cut_off(connection: socket.socket, part: bytes, times: int, pause_s: float) -> bool:
    """Whether the other side closes while the same bytes are sent again and again."""
    try:
        for _ in range(times):
            connection.sendall(part)
            time.sleep(pause_s)
    except OSError:
        return True
    return False


def test_a_head_without_end_is_cut_off() -> None:
    with (
        serving(small_app()) as port,
        socket.create_connection(("127.0.0.1", port)) as endless,
    ):
        endless.sendall(b"GET / HTTP/1.1\r\n")
        line = b"X-A: " + b"a" * 4000 + b"\r\n"
        assert is_cut_off(endless, line, 100 * MOST_HEAD_BYTES // len(line), 0.001)


def test_a_body_that_does_not_come_is_answered_with_408() -> None:
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with (
        serving(small_app()) as port,
        socket.create_connection(("127.0.0.1", port)) as slow,
        socket.create_connection(("127.0.0.1", port)) as dripping,
        socket.create_connection(("127.0.0.1", port)) as late,
    ):
        late.sendall(head + b'Content-Length: 7\r\nConnection: close\r\n\r\n{"a"')
        slow.sendall(head + b'Content-Length: 9\r\n\r\n{"a":')
        time.sleep(0.1)
        late.sendall(b":1}")
        assert b'{"a":1}' in read_all(late)
        assert b" 408 " in read_all(slow)
        dripping.sendall(head + b"Content-Length: 1000\r\n\r\n")
        assert is_cut_off(dripping, b" ", 100, 0.1)


def test_a_large_body_may_take_longer_than_a_small_one() -> None:
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    part, count = b" " * 20_000, 8
    app = small_app(gap_s=10.0)  # what is tested is how long the whole may take
    with serving(app) as port, socket.create_connection(("127.0.0.1", port)) as slow:
        size = count * len(part) + 7
        slow.sendall(head + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % size)
        for _ in range(count):
            slow.sendall(part)
            time.sleep(0.15)
        slow.sendall(b'{"a":1}')
        assert b'{"a":1}' in read_all(slow)


@pytest.fixture(scope="module")
def solo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    up = Server(tmp_path_factory.mktemp("solo"))
    up.start()
    yield up
    up.end()


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    flags = ("--hosted", "--host", "127.0.0.1", "--log-json", "--verbose")
    up = Server(tmp_path_factory.mktemp("hosted"), flags=flags)
    up.start()
    yield up
    up.end()


def raw(port: int, *lines: str) -> str:
    """The first line of the answer to a request as it is written."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        return connection.recv(4096).decode(errors="replace").split("\r\n")[0]


@pytest.mark.parametrize("path", ["/", "/api/hello", "/api/docs", "/api/me", "/models"])
def test_a_name_that_somebody_points_at_this_machine_opens_nothing(solo: Server, path: str) -> None:
    line = f"GET {path} HTTP/1.1"
    assert " 403 " in raw(solo.port, line, "Host: evil.example", "Connection: close")
    own = raw(solo.port, line, f"Host: localhost:{solo.port}", "Connection: close")
    assert " 403 " not in own


def test_a_page_of_another_site_opens_no_socket(solo: Server) -> None:
    lines = (
        "GET /_nicegui_ws/socket.io/?EIO=4&transport=websocket HTTP/1.1",
        f"Host: localhost:{solo.port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
    )
    assert " 403 " in raw(solo.port, *lines, "Origin: https://evil.example")
    assert " 101 " in raw(solo.port, *lines, f"Origin: http://localhost:{solo.port}")


def post(server: Server, path: str, body: dict[str, Any], **headers: str) -> tuple[int, Any, Any]:
    request = urllib.request.Request(
        f"{server.url}/api/{path}",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", **headers},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, error.headers, json.loads(error.read())


def test_the_log_tells_what_happened_under_ids_and_keeps_secrets(hosted: Server) -> None:
    told = (hosted.home / "server.log").read_text()
    code = re.search(r"(\w{4}-\w{4}-\w{4}) ", told)
    assert code is not None
    wish = {"name": "Root", "password": PASSWORD, "invitation": code[1]}
    status, headers, welcome = post(hosted, "register", wish)
    assert status == 201
    cookie = headers["set-cookie"].split(";")[0]
    wish = {"name": "script", "scopes": ["read", "write", "admin"]}
    secret = post(hosted, "tokens", wish, Cookie=cookie)[2]["secret"]
    token = {"Authorization": f"Bearer {secret}"}
    post(hosted, "sign-in", {"name": PASSWORD, "password": PASSWORD})
    small = {"network": "LIGHT", "name": "logged-car"}
    made = post(hosted, f"models?token={secret}", {"model": small}, **token)
    job = made[2]["job"]["id"]
    deadline = time.monotonic() + 60
    while f'"job": "{job}"' not in (hosted.home / "server.log").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    post(hosted, f"jobs/{job}/stop", {}, **token)

    told = (hosted.home / "server.log").read_text()
    lines = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    asked = next(line for line in lines if line.get("request_id") == made[1]["x-request-id"])
    assert (asked["method"], asked["path"], asked["status"]) == ("POST", "/models", 201)
    assert asked["person"] == welcome["person"]["id"]
    assert any(line["event"] == "sign-in refused" for line in lines)
    assert any(line["event"] == "job begun" and line["job"] == job for line in lines)
    assert told.count(code[1]) == 2  # as it was told at the start, to be typed and as a link
    for word in (PASSWORD, secret, cookie.partition("=")[2], welcome["recovery_code"]):
        assert word not in told


def test_another_address_in_a_header_gives_no_more_guesses(hosted: Server) -> None:
    codes = []
    for k in range(45):
        wish = {"name": f"Ghost{k}", "password": "guess"}
        headers = {"X-Forwarded-For": f"10.0.0.{k}", "Forwarded": f"for=10.0.0.{k}"}
        codes.append(post(hosted, "sign-in", wish, **headers)[0])
    assert codes[0] == 401
    assert codes[-1] == 429


def test_what_looks_like_a_secret_is_masked_wherever_it_stands() -> None:
    out = StringIO()
    before = structlog.get_config()
    begin_log(is_json=True, to=out)
    try:
        secret = "session_" + "s" * 30
        log = structlog.stdlib.get_logger("racecraft.test")
        log.info("a", password="open sesame", nested={"token": "t", "list": [f"x {secret} y"]})
        try:
            raise ValueError(f"no such key: {secret}")
        except ValueError:
            log.exception("b", url="postgresql://user:hidden@db/racecraft", code="ABCD-2345-WXYZ")
    finally:
        structlog.configure(**before)
    text = out.getvalue()
    assert text.count("\n") == 2
    for word in ("open sesame", secret, "hidden", "ABCD-2345-WXYZ"):
        assert word not in text
    assert "no such key" in text


def test_one_person_opens_only_so_many_streams(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    here = Installation(open_store(settings), settings, is_hosted=False, slots=1)
    with TestClient(create_api(here)) as client:
        job = client.post("/models", json={}).json()["job"]["id"]
        client.post(f"/jobs/{job}/stop")  # so that its streams end at once
        for _ in range(MOST_STREAMS + 1):
            assert client.get(f"/jobs/{job}/events").status_code == 200
        assert here.streams["local"] == 0
        here.streams["local"] = MOST_STREAMS
        assert client.get(f"/jobs/{job}/events").status_code == 429
    here.store.close()
