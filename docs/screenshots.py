"""Pictures of every page of the console, in both themes and at two widths.

`make screenshots` starts a service in a home folder of its own, gives it a few small trainings and
some people, and writes the pictures to `build/screenshots`. With `ARGS=--figures` it plays the
figures of the course instead, and writes their pictures to `docs/pictures`, for the book.
"""

from __future__ import annotations

import argparse
import io
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from racecraft.interfaces.web.app import PAGES  # noqa: E402
from racecraft.interfaces.web.course.figures import FIGURES  # noqa: E402
from tests.interfaces.web.conftest import FLAGS, race_of_today  # noqa: E402
from tests.service.server import Server  # noqa: E402

WIDTHS = {1440: 900, 390: 844}
WIDE: Any = {"width": 1440, "height": 900}
PASSWORD = "correct horse"
SMALL = {"num_epochs": 3, "max_steps_per_iteration": 256, "num_cars": 8}
MODELS = (
    ("MyFirstModel", "harbour-loop", "Pays for progress, more when fast.", 1500),
    ("night-shift", "clover-court", "", 0),
)
VEHICLES: tuple[dict[str, Any], ...] = (
    {"name": "Orange-Peel", "shell": "formula", "colour": "orange"},
    {"name": "Blue-Note", "shell": "wedge", "colour": "blue", "sensors": ["STEREO_CAMERAS"]},
    {
        "name": "Plum",
        "shell": "buggy",
        "colour": "purple",
        "sensors": ["FRONT_FACING_CAMERA", "LIDAR"],
    },
)


def main() -> None:
    """Make the pictures; flags choose pages and folder."""
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("pages", nargs="*", help="paths of the pages; all without")
    flags.add_argument("--folder", type=Path, default=ROOT / "build" / "screenshots")
    flags.add_argument("--figures", action="store_true", help="pictures of the course's figures")
    flags.add_argument("--home", type=Path, help="home folder to use again; a new one without")
    wish = flags.parse_args()
    wish.folder.mkdir(parents=True, exist_ok=True)
    home = wish.home or Path(tempfile.mkdtemp(prefix="racecraft-demo-"))
    server = Server(home, slots=1, flags=("--hosted", "--host", "127.0.0.1"))
    program = shutil.which("chromium")
    server.start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
            cookies, examples = _seed(browser, server)
            for place in () if wish.figures else PAGES:
                if not wish.pages or place.path in wish.pages:
                    path = re.sub(r"{(\w+)}", lambda name: examples[name[1]], place.path)
                    shown = [] if place.is_public else cookies
                    _picture(browser, server, (path, place.path), shown, wish.folder)
            if wish.figures:
                _figures(browser, server, cookies)
            browser.close()
    finally:
        server.end()


def _seed(browser: Browser, server: Server) -> tuple[list[Any], dict[str, str]]:
    """Somebody with models and vehicles, and other people; what is there already stays."""
    context = browser.new_context()
    address = f"http://localhost:{server.port}/api"
    code = re.search(r"register#(\S+)\)", (server.home / "server.log").read_text())
    asked = context.request.post(f"{address}/sign-in", data={"name": "Ada", "password": PASSWORD})
    if not asked.ok and code is not None:
        wish = {"name": "Ada", "password": PASSWORD, "invitation": code[1]}
        context.request.post(f"{address}/register", data=wish)
        _fill(context, server, address)
    cookies = list(context.cookies())
    found = context.request.get(f"{address}/models").json()["items"]
    ready = [row for row in found if row["model"]["state"] == "READY"]
    built = context.request.get(f"{address}/vehicles").json()["items"]
    races = context.request.get(f"{address}/races").json()["items"]
    race = races[0]["race"] if "race" in races[0] else races[0]
    context.close()
    return cookies, {
        "model_id": ready[0]["model"]["id"],
        "vehicle_id": built[0]["id"],
        "race_id": race["id"],
        "link": race["link"],
    }


def _fill(context: BrowserContext, server: Server, address: str) -> None:
    for fields in VEHICLES:
        context.request.post(f"{address}/vehicles", data=fields)
    me = context.request.get(f"{address}/me").json()
    context.request.patch(f"{address}/people/{me['id']}", data={"country": "CH"})
    for heads, note in ((30, "Workshop on Tuesday"), (1, "For Grace")):
        context.request.post(f"{address}/invitations", data={"heads": heads, "note": note})
    context.request.post(f"{address}/races", data=race_of_today())
    for name, track, description, steps in MODELS:
        wish = {
            "model": {"name": name, "description": description, "network": "LIGHT"},
            "training": {
                "tracks": [{"name": track}],
                "stop": {"env_steps": steps or 512, "minutes": 2},
                "hyperparameters": SMALL,
            },
            "starts": steps > 0,
        }
        made = context.request.post(f"{address}/models", data=wish)
        assert made.ok, made.text()
        if steps:
            _wait(context, f"{address}/jobs/{made.json()['job']['id']}")


def _wait(context: BrowserContext, address: str) -> None:
    import time

    for _ in range(240):
        if context.request.get(address).json()["job"]["status"] in ("COMPLETED", "FAILED"):
            return
        time.sleep(1)


def _picture(
    browser: Browser, server: Server, names: tuple[str, str], cookies: list[Any], folder: Path
) -> None:
    path, pattern = names
    name = re.sub(r"[^a-z0-9]+", "-", pattern).strip("-") or "get-started"
    for theme in ("light", "dark"):
        for width, height in WIDTHS.items():
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=theme
            )  # type: ignore[arg-type]
            context.add_cookies(cookies)
            page = context.new_page()
            page.goto(f"http://localhost:{server.port}{path}")
            page.wait_for_selector("h1")
            page.wait_for_timeout(800)
            page.screenshot(path=folder / f"{name}-{theme}-{width}.png", full_page=width > height)
            context.close()


def _figures(browser: Browser, server: Server, cookies: list[Any]) -> None:
    """Play a little with each figure of the course, and take its picture."""
    context = browser.new_context(viewport=WIDE, color_scheme="light", locale="en-GB")
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(f"http://localhost:{server.port}/learn/lesson")
    page.wait_for_selector("course-toy svg")
    page.get_by_role("button", name="25 times as fast").click()
    for k in (1, 0, 1):
        page.locator("course-loop .actions button").nth(k).click()
    for share in (0, 10, 40, 90, 20):
        page.locator("course-exploration input").fill(str(share))
        page.locator("course-exploration .actions button").first.click()
    page.locator("course-discount input").fill("50")
    page.locator("course-clip input").first.fill("1.5")
    page.wait_for_function("document.querySelectorAll('.course-try').length >= 120")
    for element in FIGURES.values():
        shot = Image.open(io.BytesIO(page.locator(element).screenshot()))
        shot.save(ROOT / "docs" / "pictures" / f"{element}.webp", quality=85)
    context.close()


if __name__ == "__main__":
    main()
