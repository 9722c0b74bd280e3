"""The description of the API as a page: Swagger UI from an installed package, nothing from afar."""

from __future__ import annotations

from importlib import resources

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from racecraft.domain.errors import NotFound

router = APIRouter(include_in_schema=False)
_PACKAGE = "fastapi_offline"
_KINDS = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}
_RULES = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>racecraft API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/files/swagger-ui.css">
<script defer src="docs/files/swagger-ui-bundle.js"></script>
<script defer src="docs/files/start.js"></script>
</head>
<body style="margin: 0"><div id="api"></div></body>
</html>
"""
_START = """const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();
SwaggerUIBundle({url: "openapi.json", dom_id: "#api", deepLinking: true, docExpansion: "none",
  validatorUrl: null, tryItOutEnabled: true});
"""


@router.get("/docs")
def page() -> HTMLResponse:
    """The page; it follows the light or dark setting of the browser."""
    return HTMLResponse(_PAGE, headers=_RULES)


@router.get("/docs/files/{name}")
def file(name: str) -> Response:
    """What the page is made of."""
    if name == "start.js":
        return Response(_START, media_type="text/javascript", headers=_RULES)
    if name not in _KINDS:
        raise NotFound(f"The page has no file {name!r}.")
    data = (resources.files(_PACKAGE) / "static" / name).read_bytes()
    return Response(data, media_type=_KINDS[name], headers={"Cache-Control": "max-age=86400"})
