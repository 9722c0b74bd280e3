"""Which browsers are here: the console is looked at in one, here or on another machine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from racecraft.service.doctor.finding import Finding, fine, warn

OLDEST = {"Chromium": 111, "Firefox": 121}
"""First versions with all that the console's styles and scripts use; Safari has it since 16.4."""
_PROGRAMS = {
    "chromium": "Chromium",
    "chromium-browser": "Chromium",
    "google-chrome": "Chromium",
    "google-chrome-stable": "Chromium",
    "microsoft-edge": "Chromium",
    "brave-browser": "Chromium",
    "firefox": "Firefox",
    "firefox-esr": "Firefox",
}
_MAC = {
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome": "Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge": "Chromium",
    "/Applications/Firefox.app/Contents/MacOS/firefox": "Firefox",
}
_PAGE = (
    "data:text/html,<p id=found></p><script>document.getElementById('found').textContent="
    "'webgl2='+Boolean(document.createElement('canvas').getContext('webgl2'))</script>"
)
_VERSION_S, _DRAW_S = 15.0, 60.0
Run = Callable[[list[str], float], str]


class Browser(NamedTuple):
    """A browser that was found."""

    program: str
    family: str
    version: int
    """0 where it does not tell."""


def run(words: list[str], patience_s: float) -> str:
    """What a program writes; empty if it fails or takes too long."""
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=patience_s, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout


def places() -> Mapping[str, str]:
    """Browsers on this machine: program to family."""
    if sys.platform == "darwin":
        return {path: family for path, family in _MAC.items() if Path(path).exists()}
    found = {shutil.which(name): family for name, family in _PROGRAMS.items()}
    return {path: family for path, family in found.items() if path}


@cache
def newest(look: Callable[[], Mapping[str, str]] = places, ask: Run = run) -> Browser | None:
    """The newest browser of this machine, Chromium's family first."""
    browsers = []
    for program, family in look().items():
        told = re.search(r"(\d+)\.\d+", ask([program, "--version"], _VERSION_S))
        browsers.append(Browser(program, family, int(told[1]) if told else 0))
    ranked = sorted(browsers, key=lambda one: (one.family == "Chromium", one.version))
    return ranked[-1] if ranked else None


def browser(find: Callable[[], Browser | None] = newest) -> Finding:
    """Whether there is a browser that is new enough."""
    found = find()
    if found is None and sys.platform in ("darwin", "win32"):
        return fine(
            "browser", "The system brings a browser; the console needs Safari 16.4 or Edge."
        )
    if found is None:
        return warn(
            "browser",
            "No browser was found here.",
            "The console can be looked at from another machine (`racecraft up --hosted`), or "
            "install Chromium or Firefox; the command line needs none.",
        )
    oldest = OLDEST[found.family]
    if 0 < found.version < oldest:
        return warn(
            "browser",
            f"{found.program} is version {found.version}; the console needs {oldest} or newer.",
            "Update it, or open the console in another one.",
        )
    return fine("browser", f"{found.program}, version {found.version or 'not known'}.")


def webgl(find: Callable[[], Browser | None] = newest, ask: Run = run) -> Finding:
    """Whether the browser can draw in 3D, tried where it can be without a window."""
    found = find()
    if found is None or found.family != "Chromium":
        return fine(
            "3D pictures",
            "Whether a browser here draws in 3D was not tried.",
            "If the console shows maps in the place of 3D, its pages say why.",
        )
    flags = ["--headless", "--no-sandbox", "--dump-dom"]  # it opens nothing but our own line
    page = ask([found.program, *flags, _PAGE], _DRAW_S)
    if "webgl2=true" in page:
        return fine("3D pictures", "The browser draws in 3D (WebGL 2).")
    why = "has WebGL 2 switched off" if "webgl2=false" in page else "could not be tried"
    return warn(
        "3D pictures",
        f"The browser {why}.",
        "Maps take the place of 3D views. Look at chrome://gpu; usually hardware acceleration is "
        "off in the settings, or the graphics driver is blocked.",
    )
