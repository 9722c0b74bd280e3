"""The gate before everything that answers: requests under a foreign name, or of a foreign page.

Without accounts, a name that somebody else points at this machine (DNS rebinding) must open
nothing, be it page, route or socket. And browsers let any page open a WebSocket anywhere, with
the cookies of the place; so the page must be ours.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from racecraft.interfaces.who import is_own_host

_FORBIDDEN = 1008
"""Close code for a broken rule."""


class Gate:
    """Lets in what is meant for this installation."""

    def __init__(self, app: ASGIApp, *, is_hosted: bool) -> None:
        self._app, self._is_hosted = app, is_hosted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        is_foreign = not self._is_hosted and not is_own_host(host)
        if scope["type"] == "websocket":
            is_foreign |= origin is not None and origin.partition("://")[2] != host
        if not is_foreign:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose(_FORBIDDEN)(scope, receive, send)
        else:
            text = "This racecraft answers only as http://localhost; open it under that name.\n"
            await PlainTextResponse(text, 403)(scope, receive, send)
