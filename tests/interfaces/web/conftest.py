"""A real server and a real browser for the pages."""

from __future__ import annotations

import json
import re
import shutil
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect, sync_playwright

from tests.analysis.logs_made import episode, text_of
from tests.service.server import Server

PASSWORD = "correct horse"
PATIENCE_MS = 120_000
"""Several servers, browsers and trainings may share the cores that the tests run on."""
FLAGS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
]

expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Console:
    """A server, and what a browser needs to use it."""

    server: Server
    cookies: list[Any] = field(default_factory=list)
    """Of somebody who is signed in, on a hosted one."""
    examples: dict[str, str] = field(default_factory=dict)
    """What stands for the names in braces of paths: `model_id` and the like."""

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://localhost:{self.server.port}"

    def path(self, pattern: str) -> str:
        """A path with examples for the names in braces."""
        return re.sub(r"{(\w+)}", lambda name: self.examples[name[1]], pattern)


@dataclass
class Visitor:
    """A browser's page, and all that it complained about."""

    page: Page
    console: Console
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a page and wait until it is there."""
        self.page.goto(self.console.address + path)
        self.page.wait_for_selector("h1")
        self.page.wait_for_function("window.socket && window.socket.connected")
        return self.page


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("Chromium is not installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


def race_of_today() -> dict[str, Any]:
    """A race that is open."""
    now_s = time.time()
    return {"name": "Open day", "starts_at_s": now_s - 60.0, "ends_at_s": now_s + 86_400.0}


def a_trace() -> bytes:
    """Logs of another program."""
    rows = [row for number in range(3) for row in episode(number, 90, is_lap=True)]
    return text_of(rows).encode()


def uploaded(server: Server) -> str:
    """Id of logs that somebody uploaded."""
    request = urllib.request.Request(
        f"{server.url}/api/logs?file=old.csv",
        method="POST",
        data=a_trace(),
        headers={"Content-Type": "application/octet-stream"},
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        return str(json.loads(answer.read())["id"])


@pytest.fixture(scope="module")
def solo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """For one person, who has a model."""
    server = Server(tmp_path_factory.mktemp("solo"))
    server.start()
    server.ask("POST", "models", model={"name": "first-try"}, starts=False)
    built = server.ask("POST", "vehicles", name="Plum")
    samples = [row for row in server.ask("GET", "models")["items"] if row["model"]["is_sample"]]
    examples = {"model_id": samples[0]["model"]["id"], "vehicle_id": built["id"]}
    race = server.ask("POST", "races", **race_of_today())
    examples |= {"race_id": race["id"], "link": race["link"], "logs_id": uploaded(server)}
    yield Console(server, examples=examples)
    server.end()


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Console]:
    """For several people; an admin is signed in."""
    server = Server(tmp_path_factory.mktemp("hosted"), flags=("--hosted", "--host", "127.0.0.1"))
    server.start()
    found = re.search(r"register#(\S+)\)", (server.home / "server.log").read_text())
    assert found is not None
    context = chromium.new_context()
    context.request.post(
        f"http://localhost:{server.port}/api/register",
        data={"name": "Ada", "password": PASSWORD, "invitation": found[1]},
    )
    context.request.post(
        f"http://localhost:{server.port}/api/models",
        data={"model": {"name": "first-try"}, "starts": False},
    )
    made = context.request.get(f"http://localhost:{server.port}/api/models").json()["items"]
    samples = [row for row in made if row["model"]["is_sample"]]
    built = context.request.post(
        f"http://localhost:{server.port}/api/vehicles", data={"name": "Plum"}
    )
    examples = {"model_id": samples[0]["model"]["id"], "vehicle_id": built.json()["id"]}
    race = context.request.post(
        f"http://localhost:{server.port}/api/races", data=race_of_today()
    ).json()
    examples |= {"race_id": race["id"], "link": race["link"]}
    sent = context.request.post(
        f"http://localhost:{server.port}/api/logs?file=old.csv",
        data=a_trace(),
        headers={"Content-Type": "application/octet-stream"},
        timeout=120_000,
    )
    examples["logs_id"] = sent.json()["id"]
    console = Console(server, list(context.cookies()), examples)
    context.close()
    yield console
    server.end()


def visit(browser: Browser, console: Console, *, is_signed_in: bool, **more: Any) -> Visitor:
    """A new browser window that notes errors, and requests to anywhere else."""
    context = browser.new_context(
        viewport=more.pop("viewport", {"width": 1280, "height": 800}), **more
    )
    if is_signed_in and console.cookies:
        context.add_cookies(console.cookies)
    context.set_default_timeout(PATIENCE_MS)
    visitor = Visitor(context.new_page(), console)
    context.route("**/*", lambda route: _at_home_only(route, visitor))
    visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    visitor.page.on(
        "console",
        lambda said: visitor.complaints.append(said.text) if said.type == "error" else None,
    )
    visitor.page.on("requestfailed", lambda request: _note_failure(request, visitor))
    return visitor


def _at_home_only(route: Route, visitor: Visitor) -> None:
    if route.request.url.startswith((visitor.console.address, "data:", "blob:")):
        route.continue_()
    else:
        visitor.complaints.append(f"asked another host: {route.request.url}")
        route.abort()


def _note_failure(request: Request, visitor: Visitor) -> None:
    # What a page that is being left was still loading fails by rights.
    if request.failure != "net::ERR_ABORTED":
        visitor.complaints.append(f"{request.url}: {request.failure}")
