"""The moving picture of the README: a recorded lap in the replay's own page, frame by frame.

`make film` lets a sample model drive some laps, opens the page of the replay in Chromium, and goes
through the laps step by step, so the speed of the machine does not matter. It writes
`docs/pictures/lap.webp`.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from racecraft.service.samples import sample_folders  # noqa: E402
from tests.interfaces.web.conftest import FLAGS  # noqa: E402
from tests.service.server import Server  # noqa: E402

MODEL = "stay-in-lane"
VIEW = "document.querySelector('.world')?.racecraftWorld"
SCREEN = ".world-screen"
WIDTH, FRAMES_A_SECOND, SHOWN_TIMES = 560, 12, 1.5
"""Size of the picture, its frames, and how many times faster than the car it runs."""


def main() -> None:
    """Drive, take the pictures, and write the film."""
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--start", type=float, default=1.0, help="second of the lap to begin at")
    flags.add_argument("--seconds", type=float, default=6.0, help="of the lap")
    flags.add_argument("--file", type=Path, default=ROOT / "docs" / "pictures" / "lap.webp")
    wish = flags.parse_args()
    home = Path(tempfile.mkdtemp(prefix="racecraft-film-"))
    server = Server(home, slots=1)
    try:
        _drive(home)
        server.start()
        with sync_playwright() as playwright:
            program = shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
            page = browser.new_page(
                viewport={"width": 900, "height": 900}, color_scheme="dark", reduced_motion="reduce"
            )
            frames = _frames(page, server, wish.start, wish.seconds)
            browser.close()
    finally:
        server.end()
        shutil.rmtree(home, ignore_errors=True)
    _write(frames, wish.file)


def _drive(home: Path) -> None:
    """Laps that differ a little: the control interval varies as on a busy car."""
    model = home / "models" / MODEL
    shutil.copytree(sample_folders()[-1], model)
    words = ["evaluate", MODEL, "--trials", "4", "--jitter", "0.1", "--no-replay"]
    subprocess.run(
        [sys.executable, "-m", "racecraft.interfaces.cli", *words],
        env={**os.environ, "RACECRAFT_HOME": str(home), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        check=True,
    )


def _frames(page: Page, server: Server, start_s: float, seconds: float) -> list[Image.Image]:
    found = server.ask("GET", "models")["items"]
    model_id = next(row["model"]["id"] for row in found if row["model"]["name"] == MODEL)
    rows = server.ask("GET", f"models/{model_id}/evaluations")["items"]
    stamp = max(row["stamp"] for row in rows)
    laps = "&".join(f"lap={stamp}-{number}" for number in (1, 2, 3, 4))
    page.goto(f"{server.url}/replay/{model_id}?{laps}")
    page.wait_for_function(f"{VIEW}?.frames > 5", timeout=120_000)
    frames = []
    for number in range(round(seconds / SHOWN_TIMES * FRAMES_A_SECOND)):
        time_s = start_s + number * SHOWN_TIMES / FRAMES_A_SECOND
        before = page.evaluate(f"({VIEW}.seek({time_s}), {VIEW}.frames)")
        page.wait_for_function(f"{VIEW}.frames > {before} + 2", timeout=60_000)
        picture = Image.open(io.BytesIO(page.locator(SCREEN).screenshot())).convert("RGB")
        height = round(picture.height * WIDTH / picture.width)
        frames.append(picture.resize((WIDTH, height), Image.Resampling.LANCZOS))
    return frames


def _write(frames: list[Image.Image], file: Path) -> None:
    first, *others = frames
    how = {"duration": round(1000 / FRAMES_A_SECOND), "loop": 0, "quality": 45, "method": 6}
    first.save(file, save_all=True, append_images=others, **how)
    print(f"wrote {file}: {len(frames)} frames, {file.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
