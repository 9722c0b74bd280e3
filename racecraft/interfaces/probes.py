"""What programs ask that look after the service: is it alive, is it ready, how is it doing.

They stand outside the API, at the addresses where such programs look.
"""

from __future__ import annotations

import hmac
import tempfile
from collections.abc import Callable

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from racecraft.domain.errors import Forbidden, RacecraftError, SignInNeeded
from racecraft.interfaces.exposition import CONTENT_TYPE, exposition, metrics_of
from racecraft.interfaces.who import Installation, actor_of, installation_of
from racecraft.service.access import Operation
from racecraft.service.instance import read_instance
from racecraft.service.operations import read_overview

router = APIRouter(include_in_schema=False)
_KEPT_BY_NOBODY = {"Cache-Control": "no-store"}


@router.get("/health/live")
async def live() -> Response:
    """Whether the process answers at all; if not, it must be started anew."""
    return JSONResponse({"status": "live"}, headers=_KEPT_BY_NOBODY)


@router.get("/health/ready")
def ready(request: Request) -> Response:
    """Whether it can do what it is there for; if not, ask another one meanwhile."""
    here = installation_of(request)
    checks: dict[str, Callable[[], object]] = {
        "records": lambda: _read(here),
        "home": lambda: tempfile.TemporaryFile(dir=here.settings.home).close(),
        "queue": lambda: _see_queue(here),
    }
    found = {name: _passes(check) for name, check in checks.items()}
    is_ready = all(found.values())
    status = {"status": "ready" if is_ready else "not ready", "checks": found}
    return JSONResponse(status, 200 if is_ready else 503, headers=_KEPT_BY_NOBODY)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Figures for Prometheus, for admins and who shows the token of the settings."""
    here = installation_of(request)
    try:
        _refuse_stranger(request, here)
        text = exposition(metrics_of(read_overview(here.store, here.settings), here.meter))
    except SignInNeeded as error:
        return PlainTextResponse(f"{error}\n", 401, {"WWW-Authenticate": "Bearer"})
    except Forbidden as error:
        return PlainTextResponse(f"{error}\n", 403)
    except RacecraftError as error:
        return PlainTextResponse(f"{error}\n", 503)
    return Response(text, media_type=CONTENT_TYPE, headers=_KEPT_BY_NOBODY)


def _refuse_stranger(request: Request, here: Installation) -> None:
    wanted = here.settings.metrics_token
    shown = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    if wanted is not None:
        plain = wanted.get_secret_value()
        if plain and hmac.compare_digest(shown.encode(), plain.encode()):
            return
    actor_of(request).demand(Operation.VIEW_USAGE)


def _read(here: Installation) -> None:
    with here.store.look() as work:
        read_instance(work)


def _see_queue(here: Installation) -> None:
    if here.executor is not None and not here.executor.is_alive:
        raise RacecraftError("Nobody looks after the queue.")


def _passes(check: Callable[[], object]) -> bool:
    try:
        check()
    except (RacecraftError, OSError):
        return False
    return True
