"""The page of a big screen: for a projector, a television or streaming software.

It is a plain page without the console around it. What it shows comes from `/api/screens/{code}`
and is drawn by the scripts in `static/screen`, so that hundreds of open screens cost the service
nothing but the bytes that it sends. `?transparent` leaves the background out and shows the first
places alone, `?theme=light` or `?theme=dark` overrules the system, `?rows=8` shows so many places.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from fastapi import Response
from nicegui import __version__ as nicegui_version
from nicegui.dependencies import esm_modules

import racecraft.interfaces.web.world  # noqa: F401  (registers the modules of the 3D world)
from racecraft.interfaces.web.files import POLICY, static_address

if TYPE_CHECKING:
    from nicegui import App

PATH = "/screen/{code}"
_WORLD = ("nicegui-scene", "racecraft-world")
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Big screen · racecraft</title>
<link rel="icon" href="{static}/favicon.svg">
<link rel="preload" href="{static}/fonts/inter.woff2" as="font" type="font/woff2" crossorigin>
<link rel="stylesheet" href="{static}/tokens.css">
<link rel="stylesheet" href="{static}/screen/screen.css">
<script type="importmap">{{"imports": {imports}}}</script>
<script type="module" src="{static}/screen/screen.js"></script>
</head>
<body>
<header id="head">
  <img id="logo" alt="Logo of the organiser" hidden>
  <div class="title"><h1 id="race">Big screen</h1><p id="headline" hidden></p></div>
  <div class="state"><p id="state"></p><p id="left"></p></div>
</header>
<main id="main">
  <p id="notice" role="status">Connecting…</p>
  <div id="stage"></div>
</main>
<p id="told" class="unseen" role="status" aria-live="polite"></p>
<p id="lost" role="status" hidden>The connection was lost; trying again…</p>
</body>
</html>
"""


def serve_screens(console: App) -> None:
    """Add the page."""
    console.get(PATH, include_in_schema=False)(_page)


async def _page(code: str) -> Response:
    del code  # the script reads it from the address
    page = _PAGE.format(static=static_address(), imports=json.dumps(_imports()))
    headers = {
        "Content-Security-Policy": POLICY,
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }
    return Response(page, media_type="text/html; charset=utf-8", headers=headers)


def _imports() -> dict[str, str]:
    """Where the modules of the 3D world are, by the names under which they import each other."""
    found: dict[str, str] = {}
    for key, module in esm_modules.items():
        if module.name in _WORLD:
            place = f"/_nicegui/{nicegui_version}/esm/{key}/"
            found |= {module.name: f"{place}index.js", f"{module.name}/": place}
    return found
