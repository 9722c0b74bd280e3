"""What stands around all routes: headers for browsers, and bodies that must come in time."""

from __future__ import annotations

import asyncio
import time

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

GAP_S = 10.0
"""How long a body may bring nothing at all."""
BODY_S = 300.0
"""How long a whole body may take, however small it is."""
SLOWEST_BYTES_S = 50_000
"""How many bytes a second lengthen that: large files may come over slow lines."""
SEND_S = 60.0
"""How long a client may take nothing of its answer."""
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""Answers are one person's: nothing keeps them, shows them in a frame or guesses their kind."""


class BrowserRules:
    """Tells browsers what they may do with answers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_rules(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            async with asyncio.timeout(SEND_S):
                await send(message)

        await self._app(scope, receive, with_rules if scope["type"] == "http" else send)


class TimelyBody:
    """Gives up on requests whose body comes so slowly that it only keeps others waiting."""

    def __init__(self, app: ASGIApp, gap_s: float = GAP_S, body_s: float = BODY_S) -> None:
        self._app, self._gap_s, self._body_s = app, gap_s, body_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        end_s, is_whole = time.monotonic() + self._body_s, False

        async def timely() -> Message:
            nonlocal end_s, is_whole
            if is_whole:  # what comes now is only that the client is gone
                return await receive()
            left_s = min(self._gap_s, end_s - time.monotonic())
            try:
                async with asyncio.timeout(max(left_s, 0.0)):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(
                    408, "The request came too slowly; send it again", {"Connection": "close"}
                ) from None
            end_s += len(message.get("body", b"")) / SLOWEST_BYTES_S
            is_whole = not message.get("more_body", False)
            return message

        await self._app(scope, timely, send)
