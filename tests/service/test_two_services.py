"""Two services on the same records and the same home folder, as behind a proxy."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from racecraft.service.settings import Settings
from racecraft.service.store import open_store
from tests.service.server import PATIENCE_S, Server
from tests.service.test_kills import TRAINING

PASSWORD = "correct horse"


class Browser:
    """Asks both, with one cookie, as a browser behind a proxy would."""

    def __init__(self) -> None:
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def ask(self, server: Server, method: str, path: str, **fields: Any) -> Any:
        request = urllib.request.Request(
            f"{server.url}/api/{path}",
            method=method,
            data=json.dumps(fields).encode() if method != "GET" else None,
            headers={"Content-Type": "application/json"},
        )
        with self._opener.open(request, timeout=PATIENCE_S) as answer:
            return json.loads(answer.read())

    def events(self, server: Server, job_id: str) -> Iterator[tuple[str, Any]]:
        url = f"{server.url}/api/jobs/{job_id}/events?iteration=-1"
        with self._opener.open(url, timeout=PATIENCE_S) as answer:
            event = ""
            for line in answer:
                word, _, rest = line.decode().rstrip("\n").partition(": ")
                if word == "event":
                    event = rest
                elif word == "data":
                    yield event, json.loads(rest)


@pytest.fixture(scope="module")
def database_url(postgres: str) -> Iterator[str]:
    import psycopg

    name = f"test_{uuid4().hex}"
    with psycopg.connect(f"{postgres}postgres", autocommit=True) as connection:
        connection.execute(f"create database {name}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RACECRAFT_DATABASE_URL", f"{postgres}{name}")
        yield f"{postgres}{name}"


@pytest.fixture(scope="module")
def services(
    tmp_path_factory: pytest.TempPathFactory, database_url: str
) -> Iterator[tuple[Server, Server]]:
    flags, home = ["--hosted", "--host", "127.0.0.1"], tmp_path_factory.mktemp("two") / "home"
    found = Server(home, flags=flags), Server(home, flags=flags)
    for each in found:
        each.start()
    yield found
    for each in found:
        each.end()


def signed_in(server: Server, database_url: str, name: str) -> Browser:
    from racecraft.service.access import Role
    from racecraft.service.people.invitations import invite
    from racecraft.service.people.person import local_actor

    store = open_store(Settings(home=server.home, database_url=database_url))
    code = invite(store, local_actor(store), role=Role.ADMIN).code
    store.close()
    browser = Browser()
    wish = {"name": name, "password": PASSWORD, "invitation": code}
    browser.ask(server, "POST", "register", **wish)
    return browser


def test_a_sign_in_counts_at_both_and_so_does_a_sign_out(
    services: tuple[Server, Server], database_url: str
) -> None:
    one, other = services
    browser = signed_in(one, database_url, "Ada")
    assert browser.ask(other, "GET", "me")["name"] == "Ada"
    browser.ask(other, "POST", "sign-out")
    with pytest.raises(OSError, match="401"):
        browser.ask(one, "GET", "me")


def test_jobs_are_shared_done_once_and_followed_at_either(
    services: tuple[Server, Server], database_url: str
) -> None:
    one, other = services
    browser = signed_in(one, database_url, "Bob")
    jobs = []
    for k, server in enumerate((one, other)):
        wish = {**TRAINING, "model": {**TRAINING["model"], "name": f"m{k}"}}
        jobs.append(browser.ask(server, "POST", "models", **wish)["job"]["id"])
    heard: dict[str, list[tuple[str, Any]]] = {}

    def follow(server: Server) -> None:
        heard[server.url] = list(browser.events(server, jobs[0]))

    followers = [threading.Thread(target=follow, args=[server]) for server in services]
    for follower in followers:
        follower.start()
    deadline = time.monotonic() + PATIENCE_S * 2
    while browser.ask(other, "GET", "jobs?active=true")["items"]:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    for follower in followers:
        follower.join(PATIENCE_S)
    done = [browser.ask(other, "GET", f"jobs/{job_id}")["job"] for job_id in jobs]
    assert [(job["status"], job["attempts"]) for job in done] == [("COMPLETED", 1)] * 2
    for server in services:
        told = heard[server.url]
        iterations = [data["iteration"] for event, data in told if event == "iteration"]
        assert sorted(set(iterations)) == list(range(12))
        last = [data for event, data in told if event == "job"][-1]
        assert last["job"]["status"] == "COMPLETED"
    # Both are on one machine, and share its slots.
    nodes = browser.ask(one, "GET", "nodes")["items"]
    assert [row["node"]["facts"]["slots"] for row in nodes] == [1]


def test_a_service_with_another_home_folder_is_refused(
    services: tuple[Server, Server], tmp_path: Path
) -> None:
    stranger = Server(tmp_path / "elsewhere", flags=["--hosted", "--host", "127.0.0.1"])
    with pytest.raises(AssertionError, match="with another home folder"):
        stranger.start()
    assert stranger.process is not None
    assert stranger.process.returncode == 4
