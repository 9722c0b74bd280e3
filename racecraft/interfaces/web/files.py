"""What the console serves beside pages: styles, scripts, typefaces, texts of the Info drawer."""

from __future__ import annotations

import hashlib
import urllib.parse
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import Response
from nicegui import ui

from racecraft.interfaces.web.help import help_of
from racecraft.interfaces.web.markdown import html_of

if TYPE_CHECKING:
    from fastapi import Request
    from nicegui import App

HERE = Path(str(files("racecraft.interfaces.web")))
STATIC = HERE / "static"
WORLD = HERE / "world" / "modules"
"""Of these some are also used beside the 3D world."""
FAVICON = STATIC / "favicon.svg"
STYLES = (
    "tokens",
    "page",
    "frame",
    "widgets",
    "pages",
    "create_model",
    "model",
    "live",
    "events",
    "course",
)
SCRIPTS = ("uploads", "forms", "console")
_YEAR_S = 31_536_000
# Scripts and styles in the page are NiceGUI's; nothing is ever loaded from another host.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'self'; "
    "form-action 'self'; object-src 'none'"
)


def serve(console: App) -> None:
    """Add the routes, and what every page has in its head."""
    address = static_address()
    console.add_static_files(f"{address}/world", WORLD, max_cache_age=_YEAR_S)
    console.add_static_files(address, STATIC, max_cache_age=_YEAR_S)
    console.get("/console/help/{page}/{key}")(_help)
    links = "".join(f'<link rel="stylesheet" href="{address}/{name}.css">' for name in STYLES)
    fonts = (
        f'<link rel="preload" href="{address}/fonts/inter.woff2" as="font" type="font/woff2" '
        "crossorigin>"
    )
    scripts = "".join(f'<script src="{address}/{name}.js"></script>' for name in SCRIPTS)
    policy = f'<meta http-equiv="Content-Security-Policy" content="{escape(_in_meta(POLICY))}">'
    ui.add_head_html(policy + fonts + links + scripts, shared=True)


def static_address() -> str:
    """Where the files of `static` are; it changes with them."""
    return f"/console/{_fingerprint()}"


def script(name: str) -> str:
    """The tag that loads a script of a single page; for `ui.add_head_html`."""
    return f'<script src="{static_address()}/{name}.js"></script>'


def next_query(request: Request) -> str:
    """The query that brings somebody back here after signing in."""
    return urllib.parse.urlencode({"next": request.url.path})


async def _help(page: str, key: str) -> Response:
    """A section of a help file, as HTML."""
    try:
        section = help_of(page, key)
    except KeyError:
        return Response("", status_code=404)
    return Response(_rendered(section.title, section.text), media_type="text/html; charset=utf-8")


@cache
def _rendered(title: str, text: str) -> str:
    return f"<h2>{escape(title)}</h2>{html_of(text)}"


@cache
def _fingerprint() -> str:
    """Changes with the files, so that browsers may keep them for good."""
    digest = hashlib.sha256()
    for path in (*sorted(STATIC.rglob("*")), *sorted(WORLD.rglob("*"))):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _in_meta(policy: str) -> str:
    """Without what browsers take from a header only."""
    return "; ".join(part for part in policy.split("; ") if not part.startswith("frame-ancestors"))
