"""How long the console keeps people waiting while a car learns, in a real browser.

`python -m benchmarks.console_pages` measures until each page is ready (its heading is there, and it
hears the server), until what somebody pressed is seen, and from Create to the first car on screen.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.interfaces.web.conftest import FLAGS
from tests.service.server import Server

PAGES = ("/", "/models", "/models/create", "/garage", "/races", "/profile", "model")
READY_S, ANSWER_S, FIRST_CAR_S = 1.0, 0.1, 5.0
"""What is wanted."""
WATCH = """(() => {
  const look = setInterval(() => {
    if (!document.querySelector("h1") || !window.socket?.connected) return;
    window.readyMs = performance.now();
    clearInterval(look);
  }, 5);
})()"""
PRESS = """([press, seen]) => new Promise((resolve) => {
  const isSeen = new Function(`return ${seen}`);
  const began = performance.now();
  new Function(press)();
  const look = () => (isSeen() ? resolve(performance.now() - began) : requestAnimationFrame(look));
  look();
})"""
SORT = "document.querySelector('[data-sort=name]').click()"
SORTED = "document.querySelector('[data-sort=name]')?.closest('th').ariaSort === '{0}'"
FIND = """const box = document.querySelector("[type=search]");
box.value = "{0}"; box.dispatchEvent(new Event("input"))"""
FOUND = "document.querySelectorAll('tbody tr').length === {0}"
PRESSED = (
    ("sort a table", "/models", SORT, SORTED.format("ascending")),
    ("sort it the other way", "/models", SORT, SORTED.format("descending")),
    ("search in it", "/models", FIND.format("no-sag"), FOUND.format(0)),
    ("take the search back", "/models", FIND.format(""), FOUND.format(4)),
    (
        "open the help",
        "/models",
        "document.querySelector('[data-info]').click()",
        "!document.getElementById('info-drawer').hidden && "
        "document.getElementById('info-body').textContent",
    ),
    (
        "go to the next step",
        "/models/create",
        "[...document.querySelectorAll('button')].find((b) => b.textContent === 'Next').click()",
        "document.querySelector('.step.here').textContent.includes('Race and algorithm')",
    ),
)


def main() -> None:
    """Measure and print."""
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--repeats", type=int, default=8)
    repeats = flags.parse_args().repeats
    server = Server(Path(tempfile.mkdtemp(prefix="racecraft-pages-")), slots=1)
    server.start()
    try:
        with sync_playwright() as playwright:
            program = shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
            first_s, model_id = _first_car(browser, server)
            ready = {path: _ready(browser, server, path, model_id, repeats) for path in PAGES}
            pressed = {
                name: [_press(browser, server, path, *scripts) for _ in range(repeats)]
                for name, path, *scripts in PRESSED
            }
            browser.close()
    finally:
        for job in server.ask("GET", "jobs?active=true")["items"]:
            server.ask("POST", f"jobs/{job['id']}/stop")
        server.end()
    _tell(ready, pressed, first_s)


def _first_car(browser: Browser, server: Server) -> tuple[float, str]:
    """Seconds from Create to the first car, and the model, which goes on learning."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{server.url}/models/create")
    page.wait_for_function("window.socket?.connected")
    page.get_by_label("Model name").fill("measured")
    page.locator(".tile", has_text="The lab model").locator("input").check(force=True)
    page.get_by_text("Everything is filled in").wait_for()
    page.get_by_role("button", name="Reward and stop").click()
    create = page.get_by_role("button", name="Create model")
    create.wait_for()
    page.get_by_text("drawn and not driven").wait_for(timeout=60_000)
    began_s = time.perf_counter()
    create.click()
    page.wait_for_selector(".live-name:not(:empty)", timeout=120_000)
    first_s = time.perf_counter() - began_s
    model_id = page.url.rsplit("/", 1)[-1]
    page.close()
    return first_s, model_id


def _ready(browser: Browser, server: Server, path: str, model_id: str, repeats: int) -> list[float]:
    """Seconds until a page is ready."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(WATCH)
    address = f"/models/{model_id}" if path == "model" else path
    found = []
    for _ in range(repeats):
        page = context.new_page()
        page.goto(server.url + address)
        page.wait_for_function("window.readyMs")
        found.append(page.evaluate("window.readyMs") / 1000)
        page.close()
    context.close()
    return found


def _press(browser: Browser, server: Server, path: str, press: str, seen: str) -> float:
    """Seconds until what was pressed is seen."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(server.url + path)
    page.wait_for_function("window.socket?.connected")
    _prepare(page, press, seen)
    answer_s: float = page.evaluate(PRESS, [press, seen]) / 1000
    page.close()
    return answer_s


def _prepare(page: Page, press: str, seen: str) -> None:
    """Bring the page to where the press makes a difference."""
    if "'Next'" in press:
        page.locator(".step").first.click()  # the draft remembers how far it was
        page.get_by_label("Model name").fill("other")
        page.wait_for_timeout(500)
    elif "search" in press and '= ""' in press:
        page.evaluate(PRESS, [FIND.format("no-sag"), FOUND.format(0)])
    elif "descending" in seen:
        page.evaluate(PRESS, [SORT, SORTED.format("ascending")])


def _tell(ready: dict[str, Any], pressed: dict[str, Any], first_s: float) -> None:
    print("| what | median | 95 % | wanted |\n| --- | --- | --- | --- |")
    for what, rows, wanted_s in (("ready", ready, READY_S), ("answer", pressed, ANSWER_S)):
        everything = [value for found in rows.values() for value in found]
        for name, found in (*rows.items(), ("all", everything)):
            print(
                f"| {what}: {name} | {statistics.median(found) * 1000:.0f} ms "
                f"| {_percentile(found) * 1000:.0f} ms | {wanted_s * 1000:.0f} ms |"
            )
    print(f"| first car after Create | {first_s:.1f} s | | {FIRST_CAR_S:.0f} s |")


def _percentile(found: list[float]) -> float:
    return sorted(found)[max(round(0.95 * len(found)) - 1, 0)]


if __name__ == "__main__":
    main()
