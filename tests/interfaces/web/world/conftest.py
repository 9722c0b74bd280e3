"""The world on a plain page: its modules, three.js, real tracks, and a stream of our own making."""

from __future__ import annotations

import asyncio
import importlib.util
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI, WebSocket
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from playwright.sync_api import Browser, Page
from starlette.websockets import WebSocketDisconnect

from racecraft.domain.live.segments import CarsSegment, ViewSegment
from racecraft.domain.track import Track
from racecraft.interfaces.web.world import elements
from racecraft.service.settings import Settings
from racecraft.service.track_geometry import TrackGeometry, view_geometry
from racecraft.tracks.library import load_track

TRACK = "harbour-loop"
PERIOD_S = 1 / 15
STEPS = 15
SPEED_MPS = 1.2
MODULES = Path(elements.__file__).parent / "modules"
SCREEN = Path(elements.__file__).parents[1] / "static" / "screen"
PAGE = """<!doctype html><html lang="en" data-theme="dark"><head><title>World</title>
<style>body {{ margin: 0; background: #101317; }}</style>
<script type="importmap">{{"imports": {{"nicegui-scene": "/three/index.js",
 "racecraft-world": "/modules/index.js"}}}}</script></head>
<body><main><h1 hidden>World</h1><div id="host" style="max-width: 1280px"></div>
<div id="sight" style="width: 320px"></div></main>
<script type="module">{script}</script></body></html>"""
EXPOSE = """
import * as world from "racecraft-world";
window.world = world;
window.host = document.getElementById("host");
window.geometry = await (await fetch("/api/tracks/harbour-loop/geometry")).json();
window.isReady = true;
"""


class Stream:
    """What the WebSocket of a job sends: cars that drive on the centre line at even speed."""

    def __init__(self, track: Track, cars: int = 4) -> None:
        self.track, self.cars = track, cars
        self.connects = 0
        self.drop_after = 2
        """Segments after which the first connection is cut off."""
        self.heard: list[Any] = []

    def poses(self, time_s: Any) -> tuple[Any, Any, Any]:
        """(S, N) x, y and heading of the cars."""
        along = np.add.outer(np.asarray(time_s) * SPEED_MPS, 0.8 * np.arange(self.cars))
        points = self.track.point_at(along.ravel()).reshape(*along.shape, 2)
        heading = self.track.heading_at(along.ravel()).reshape(along.shape)
        return points[..., 0], points[..., 1], heading

    def segment(self, number: int) -> bytes:
        """Second `number` of the stream."""
        time_s = np.arange(STEPS) * PERIOD_S
        x_m, y_m, heading = self.poses(number + time_s)
        whole = np.zeros(x_m.shape, dtype=np.int64)
        cars = CarsSegment(
            time_s=time_s,
            x_m=x_m,
            y_m=y_m,
            reward=whole * 1.0,
            heading_rad=heading,
            speed_mps=whole + SPEED_MPS,
            steering_rad=whole * 0.0,
            progress_percent=whole + 10.0,
            action=whole,
            status=whole + 1,
            jump=whole.astype(bool),
        )
        return cars.bytes(number, 0, float(number), is_cut=False, is_recorded=False)

    def view(self, number: int, car: int) -> bytes:
        """What that car meets: a box that stands still, and three actions."""
        objects = np.tile([1.5, 0.5, 0.25], (STEPS, 1, 1))
        shares = np.tile([0.7, 0.2, 0.1], (STEPS, 1))
        view = ViewSegment(car, objects, np.zeros(1, dtype=np.int64), shares)
        return view.bytes(number, 0, float(number), is_recorded=False)

    def hello(self) -> dict[str, Any]:
        """What comes first."""
        actions = [{"steering_rad": turn, "speed_mps": 1.0} for turn in (0.5, 0.0, -0.5)]
        return {
            "type": "hello",
            "format": 1,
            "job": "job",
            "kind": "TRAINING",
            "status": "IN_PROGRESS",
            "model": "first-try",
            "shell": "wedge",
            "colour": "blue",
            "num_cars": self.cars,
            "period_s": PERIOD_S,
            "tracks": [{"name": TRACK, "is_reversed": False}],
            "camera": {"width": 160, "height": 120, "channels": 1},
            "actions": actions,
        }

    async def send(self, socket_: WebSocket) -> None:
        """Half a second late now and then, as networks are."""
        await socket_.accept()
        self.connects += 1
        first = 0 if self.connects == 1 else self.drop_after
        last = self.drop_after if self.connects == 1 else first + 60
        listening = asyncio.create_task(self._listen(socket_))
        try:
            await socket_.send_json(self.hello())
            for number in range(first, last):
                await socket_.send_bytes(self.segment(number))
                await socket_.send_bytes(self.view(number, 0))
                await asyncio.sleep(0.4 if number == first else 1.0 + 0.3 * (-1) ** number)
            await socket_.close(1011)
        except (WebSocketDisconnect, RuntimeError):
            return
        finally:
            listening.cancel()

    async def _listen(self, socket_: WebSocket) -> None:
        while True:
            self.heard.append(await socket_.receive_json())


def create_page(stream: Stream, home: Path) -> FastAPI:
    """The page and what it asks for."""
    app = FastAPI()
    three = importlib.util.find_spec("nicegui")
    assert three is not None
    assert three.origin is not None
    app.mount("/modules", StaticFiles(directory=MODULES))
    app.mount("/screen", StaticFiles(directory=SCREEN))
    scene = Path(three.origin).parent / "elements" / "scene" / "dist"
    app.mount("/three", StaticFiles(directory=scene))

    @app.get("/")
    def page() -> HTMLResponse:
        return HTMLResponse(PAGE.format(script=EXPOSE))

    @app.get("/favicon.ico")
    def favicon() -> HTMLResponse:
        return HTMLResponse("")

    @app.get("/api/tracks/{name}/geometry")
    def geometry(name: str, reversed: bool = False) -> TrackGeometry:
        return view_geometry(Settings(home=home), name, is_reversed=reversed)

    app.add_api_websocket_route("/api/jobs/job/live", stream.send)
    return app


@pytest.fixture(scope="module")
def stream() -> Stream:
    return Stream(load_track(TRACK))


@pytest.fixture(scope="module")
def address(stream: Stream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    app = create_page(stream, tmp_path_factory.mktemp("home"))
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="warning", ws="websockets-sansio")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


class Looked:
    """An open page, and all that went wrong on it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda said: self.complaints.append(said.text) if said.type == "error" else None,
        )
        page.on("request", self._note)

    def _note(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.complaints.append(f"asked another host: {request.url}")

    def open(self) -> Page:
        """Load the page; the world is not shown yet."""
        self.page.goto(self.address + "/")
        self.page.wait_for_function("window.isReady", timeout=60_000)
        return self.page


def look(browser: Browser, address: str, **options: Any) -> Looked:
    """A new small window: software draws every pixel here."""
    context = browser.new_context(
        viewport=options.pop("viewport", {"width": 480, "height": 640}), **options
    )
    context.set_default_timeout(60_000)
    return Looked(context.new_page(), address)
