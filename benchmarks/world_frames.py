"""Frames a second of the 3D world: 20 cars at 1280x720, on the WebGL that the browser has.

`python -m benchmarks.world_frames` starts Chromium with software WebGL (SwiftShader). Run it on
one core (`taskset -c 0`) for the figure of the smallest machine. It prints the quality that the
world has settled at, and the processor's time for a frame, which other work on the machine
disturbs less than the frames a second.
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import socket
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from playwright.sync_api import sync_playwright

from racecraft.interfaces.web.world import elements
from racecraft.tracks.library import load_track

FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
PAGE = """<!doctype html><script type="importmap">{"imports": {"nicegui-scene": "/three/index.js",
"racecraft-world": "/modules/index.js"}}</script><style>body { margin: 0 }
.world-screen { width: 1280px !important; height: 720px !important; max-height: none !important }
</style><div id="host"></div><script type="module">
import * as world from "racecraft-world";
const geometry = await (await fetch("/geometry")).json();
const course = new world.Course(geometry);
const shells = ["classic", "wedge", "buggy", "formula"];
const laps = Array.from({length: CARS}, (_, lap) => {
  const steps = {time_s: [], x_m: [], y_m: [], heading_rad: [], speed_mps: [], steering_rad: []};
  for (let k = 0; k < 15 * 600; k++) {
    const section = course.sectionAt(1.2 * k / 15 + 0.5 * lap);
    const side = 0.12 * ((lap % 3) - 1);
    steps.time_s.push(k / 15);
    steps.x_m.push(course.x_m[section] - side * Math.sin(course.heading_rad[section]));
    steps.y_m.push(course.y_m[section] + side * Math.cos(course.heading_rad[section]));
    steps.heading_rad.push(course.heading_rad[section]);
    steps.speed_mps.push(1.2);
    steps.steering_rad.push(0.1);
  }
  return {id: String(lap), label: `car ${lap}`, shell: shells[lap % 4], steps};
});
window.view = world.openReplay(document.getElementById("host"), {geometry, laps});
view.source.looks = view.source.looks.map((look) => ({...look, opacity: 1}));
view.refresh();
</script>"""


def create_page(track: str, cars: int) -> FastAPI:
    """The page with its modules."""
    app = FastAPI()
    nicegui = importlib.util.find_spec("nicegui")
    assert nicegui is not None
    assert nicegui.origin is not None
    three = Path(nicegui.origin).parent / "elements" / "scene" / "dist"
    app.mount("/three", StaticFiles(directory=three))
    app.mount("/modules", StaticFiles(directory=Path(elements.__file__).parent / "modules"))
    road = load_track(track)
    geometry = {
        "name": track,
        "title": track,
        "is_counter_clockwise": road.is_counter_clockwise,
        "width_m": road.width_m,
        **{name: getattr(road, name).tolist() for name in ("centre", "inner", "outer")},
    }
    app.get("/")(lambda: HTMLResponse(PAGE.replace("CARS", str(cars))))
    app.get("/geometry")(lambda: JSONResponse(geometry))
    return app


def processor_s() -> float:
    """Time that the browser's processes have taken."""
    spent = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            if "chrom" in process.name():
                spent += sum(process.cpu_times()[:2])
        except psutil.Error:
            continue
    return spent


def measure(address: str, settle_s: float, seconds: float) -> dict[str, Any]:
    """Frames a second, processor's time a frame and level of quality, for each camera."""
    found = {}
    with sync_playwright() as playwright:
        program = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(address)
        page.wait_for_function("window.view && view.frames > 5", timeout=120_000)
        for camera in ("chase", "orbit", "onboard", "above", "tv"):
            page.evaluate("camera => view.useCamera(camera)", camera)
            page.wait_for_timeout(settle_s * 1000)
            frames, spent_s, begun_s = page.evaluate("view.frames"), processor_s(), time.monotonic()
            page.wait_for_timeout(seconds * 1000)
            count = page.evaluate("view.frames") - frames
            found[camera] = {
                "frames/s": count / (time.monotonic() - begun_s),
                "processor ms/frame": 1000 * (processor_s() - spent_s) / max(count, 1),
                "level": page.evaluate("view.stage.quality.level"),
                "points": page.evaluate("view.canvas.width + 'x' + view.canvas.height"),
            }
        browser.close()
    return found


def main() -> None:
    """Serve the page, measure, print a table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--track", default="harbour-loop")
    asked.add_argument("--cars", type=int, default=20)
    asked.add_argument("--settle", type=float, default=6.0, help="seconds before each figure")
    asked.add_argument("--seconds", type=float, default=4.0, help="seconds of each figure")
    given = asked.parse_args()
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(create_page(given.track, given.cars), log_level="warning", ws="none")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    found = measure(f"http://127.0.0.1:{listener.getsockname()[1]}/", given.settle, given.seconds)
    print("| camera | frames/s | processor ms/frame | level | points |")
    print("| --- | --- | --- | --- | --- |")
    for camera, row in found.items():
        print(
            f"| {camera} | {row['frames/s']:.1f} | {row['processor ms/frame']:.1f} "
            f"| {row['level']} | {row['points']} |"
        )
    server.should_exit = True
    thread.join(5)


if __name__ == "__main__":
    main()
