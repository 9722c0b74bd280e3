"""A line of the log for each request, under an id that the answer carries too."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from racecraft.interfaces.rest.errors import unforeseen_answer

if TYPE_CHECKING:
    from racecraft.interfaces.who import Installation

_log = structlog.stdlib.get_logger("racecraft.requests")
_READS = ("GET", "HEAD", "OPTIONS")
_BEATS = "/worker/"
"""Workers give a sign of life every two seconds."""


class RequestLog:
    """Gives each request its id, writes it down, and answers for mistakes of ours.

    Paths are written without what is behind the question mark, and neither headers nor bodies
    are written at all.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, began_s, status = secrets.token_hex(6), time.monotonic(), 0
        answered_s: float | None = None

        async def noting(message: Message) -> None:
            nonlocal status, answered_s
            if message["type"] == "http.response.start":
                answered_s = time.monotonic()
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, noting)
            except (ClientDisconnect, TimeoutError):
                _log.info("client gone", path=_path(scope))
            except Exception:
                _log.exception("mistake of ours", method=scope["method"], path=_path(scope))
                if not status:
                    await unforeseen_answer()(scope, receive, noting)
            finally:
                _write(scope, status, time.monotonic() - began_s)
                # A stream goes on for long; what people wait for is its beginning.
                _count(scope, status, (answered_s or time.monotonic()) - began_s)


def _write(scope: Scope, status: int, took_s: float) -> None:
    facts: dict[str, Any] = {"method": scope["method"], "path": _path(scope), "status": status}
    person = scope.get("state", {}).get("person_id")
    if person is not None:
        facts["person"] = person
    job = scope.get("path_params", {}).get("job_id")
    if job is not None:
        facts["job"] = job
    is_usual = scope["method"] in _READS and status < 500
    is_usual |= _path(scope).startswith(_BEATS) and status < 400
    say = _log.debug if is_usual else _log.info
    say("request", **facts, took_ms=round(took_s * 1000, 1))


def _count(scope: Scope, status: int, took_s: float) -> None:
    """Count the request under its route; addresses that nothing has are all counted together."""
    route = getattr(scope.get("route"), "path", "")
    here: Installation = scope["app"].state.installation
    here.meter.count_request(scope["method"], f"/api{route}" if route else "", status, took_s)


def _path(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))[:200]
