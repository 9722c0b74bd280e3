"""Pictures of every page of the console and of the big screens, in both themes and widths.

`make screenshots` starts a service in a home folder of its own, fills it with people, models,
races, an event, a season and a live show, and writes the pictures to `build/screenshots`. With
`ARGS=--figures` it plays the figures of the course instead, and writes their pictures to
`docs/pictures`, for the book.
"""

from __future__ import annotations

import argparse
import io
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from racecraft.interfaces.web.app import PAGES  # noqa: E402
from racecraft.interfaces.web.course.figures import FIGURES  # noqa: E402
from tests.interfaces.web.conftest import FLAGS, PASSWORD, Console  # noqa: E402
from tests.interfaces.web.demo import Demo  # noqa: E402
from tests.service.server import Server  # noqa: E402

WIDTHS = {1440: 900, 390: 844}


@dataclass
class Camera:
    """Takes pictures of pages."""

    browser: Browser
    console: Console
    folder: Path
    wanted: list[str]
    """Names of the pictures; all without."""

    def take(self, name: str, path: str, *, is_public: bool = False) -> None:
        """Four pictures of a page: two widths, two themes."""
        if self.wanted and name not in self.wanted:
            return
        for theme in ("light", "dark"):
            for width, height in WIDTHS.items():
                context = self.browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=theme
                )  # type: ignore[arg-type]
                if not is_public:
                    context.add_cookies(self.console.cookies)
                page = context.new_page()
                page.goto(f"{self.console.address}{path}")
                page.wait_for_selector("h1")
                is_3d = page.locator("canvas").count() or name == "screen-live"
                page.wait_for_timeout(6000 if is_3d else 800)
                place = self.folder / f"{name}-{theme}-{width}.png"
                page.screenshot(path=place, full_page=width > height)
                context.close()


def main() -> None:
    """Make the pictures; flags choose them and their folder."""
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("names", nargs="*", help="such as races-race-id; all without")
    flags.add_argument("--folder", type=Path, default=ROOT / "build" / "screenshots")
    flags.add_argument("--figures", action="store_true", help="pictures of the course's figures")
    wish = flags.parse_args()
    wish.folder.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="racecraft-demo-"))
    server = Server(home, slots=1, flags=("--hosted", "--host", "127.0.0.1"))
    server.start()
    try:
        with sync_playwright() as playwright:
            program = shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
            camera = Camera(browser, Console(server), wish.folder, wish.names)
            demo = _sign_in(camera)
            if wish.figures:
                _figures(camera)
            else:
                _all(camera, demo)
            browser.close()
    finally:
        server.end()
        shutil.rmtree(home, ignore_errors=True)


def _sign_in(camera: Camera) -> Demo:
    """Somebody new, in whose name everything is made."""
    console = camera.console
    found = re.search(r"register#(\S+)\)", (console.server.home / "server.log").read_text())
    assert found is not None
    context = camera.browser.new_context()
    wish = {"name": "Ada", "password": PASSWORD, "invitation": found[1]}
    context.request.post(f"{console.address}/api/register", data=wish)
    console.cookies = list(context.cookies())
    return Demo(console, context.request)


def _all(camera: Camera, demo: Demo) -> None:
    """Every page, every screen, and what is live."""
    console = camera.console
    demo.fill()
    console.examples = demo.examples
    for place in PAGES:
        name = re.sub(r"[^a-z0-9]+", "-", place.path).strip("-") or "get-started"
        camera.take(name, console.path(place.path), is_public=place.is_public)
    for title in ("bracket", "podium"):
        camera.take(f"races-live-{title}", f"/races/{demo.examples[f'{title}_race_id']}/live")
    for name, path in demo.screens.items():
        camera.take(f"screen-{name}", path, is_public=True)
    race = demo.launch()  # last, because it is over soon
    camera.take("screen-live", demo.screens["live"], is_public=True)
    camera.take("races-live-now", f"/races/{race}/live")


def _figures(camera: Camera) -> None:
    """Play a little with each figure of the course, and take its picture."""
    context = camera.browser.new_context(
        viewport={"width": 1440, "height": 900}, color_scheme="light", locale="en-GB"
    )
    context.add_cookies(camera.console.cookies)
    page = context.new_page()
    page.goto(f"{camera.console.address}/learn/lesson")
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
