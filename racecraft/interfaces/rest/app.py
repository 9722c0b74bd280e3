"""The API put together: routes, errors, limits, its own description."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from racecraft.interfaces.rest import (
    account,
    analyses,
    archives,
    choices,
    comparisons,
    course,
    docs,
    events,
    garage,
    geometry,
    installation,
    jobs,
    live,
    log_uploads,
    logs,
    models,
    nodes,
    people,
    race_results,
    races,
    real_car,
    results,
    rewards,
    screens,
    seasons,
    shows,
    tracks,
    worker_files,
    workers,
)
from racecraft.interfaces.rest.errors import RESPONSES, answer_errors, error_answer
from racecraft.interfaces.rest.guards import BrowserRules, TimelyBody
from racecraft.interfaces.rest.request_log import RequestLog
from racecraft.interfaces.rest.who import Installation
from racecraft.service import job_files
from racecraft.service.archives.exchange import MOST_UPLOAD_BYTES
from racecraft.tracks.exchange import MAX_FILE_BYTES

MOST_BYTES = 2_000_000
"""Of the body of a request, except where files are sent."""
_MORE = (
    ("/models/import", MOST_UPLOAD_BYTES),
    ("/logs", log_uploads.MOST_BYTES),
    ("/tracks/", MAX_FILE_BYTES),
    ("/worker/files/", job_files.MOST_BYTES),
)
"""Where files are sent, and how large they may be."""
ROUTERS = (
    account,
    people,
    installation,
    garage,
    choices,
    archives,
    models,
    results,
    real_car,
    logs,
    log_uploads,
    analyses,
    comparisons,
    jobs,
    live,
    races,
    race_results,
    events,
    seasons,
    course,
    screens,
    shows,
    rewards,
    tracks,
    geometry,
    nodes,
    workers,
    worker_files,
)


def create_api(here: Installation) -> FastAPI:
    """The API of an installation, to be mounted where its users look for it."""
    api = FastAPI(
        title="racecraft",
        version=version("racecraft"),
        description="Train, evaluate and race autonomous cars. Sign in for a cookie, or send an "
        "API token as `Authorization: Bearer …`.",
        docs_url=None,  # it would load code from another host; `docs` has one of our own
        redoc_url=None,
        responses=RESPONSES,
    )
    api.state.installation = here
    answer_errors(api)
    for noun in ROUTERS:
        api.include_router(noun.router)
    api.include_router(docs.router)
    api.add_middleware(_LimitedBody)
    api.add_middleware(TimelyBody)
    api.add_middleware(BrowserRules)
    api.add_middleware(RequestLog)
    return api


class _LimitedBody:
    """Refuses requests whose body is larger than any of ours."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = _most_bytes(scope)
        too_large = f"The request is larger than {most} bytes; send less."
        told = next((v for k, v in scope["headers"] if k == b"content-length"), b"0")
        if not told.isdigit() or int(told) > most:
            await error_answer(413, "HTTPError", too_large)(scope, receive, send)
            return
        seen = 0

        async def limited() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise HTTPException(413, too_large.removesuffix("."))
            return message

        await self._app(scope, limited, send)


def _most_bytes(scope: Scope) -> int:
    """How large the body of a request may be."""
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    return next((most for start, most in _MORE if path.startswith(start)), MOST_BYTES)
