"""The API put together: routes, errors, limits, its own description."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from racecraft.interfaces.rest import (
    account,
    docs,
    garage,
    geometry,
    installation,
    jobs,
    models,
    people,
    rewards,
    workers,
)
from racecraft.interfaces.rest.errors import RESPONSES, answer_errors, error_answer
from racecraft.interfaces.rest.guards import BrowserRules, TimelyBody
from racecraft.interfaces.rest.who import Installation

MOST_BYTES = 2_000_000
"""Of the body of a request; imports of archives have a route and a limit of their own."""
_TOO_LARGE = f"The request is larger than {MOST_BYTES} bytes; send less."
ROUTERS = (account, people, installation, garage, models, jobs, rewards, geometry, workers)


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
    return api


class _LimitedBody:
    """Refuses requests whose body is larger than any of ours."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = next((v for k, v in scope["headers"] if k == b"content-length"), b"0")
        if not told.isdigit() or int(told) > MOST_BYTES:
            await error_answer(413, "HTTPError", _TOO_LARGE)(scope, receive, send)
            return
        seen = 0

        async def limited() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > MOST_BYTES:
                raise HTTPException(413, _TOO_LARGE.removesuffix("."))
            return message

        await self._app(scope, limited, send)
