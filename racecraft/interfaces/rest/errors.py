"""Errors as REST answers: a status for every class, and one shape for all."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from racecraft.domain.errors import (
    Conflict,
    CorruptCheckpoint,
    DownloadFailed,
    Forbidden,
    InvalidInput,
    InvalidReward,
    InvalidSpec,
    InvalidTrack,
    ModelNotFound,
    NotFound,
    NotGenuine,
    NotIsolated,
    QuotaExceeded,
    RacecraftError,
    RewardFailed,
    ServiceUnreachable,
    SignInNeeded,
    StorageFailed,
    TooManyRequests,
    TrackNotFound,
    TrainingFailed,
)

STATUSES: dict[type[RacecraftError], int] = {
    RacecraftError: 500,
    InvalidInput: 422,
    InvalidTrack: 422,
    InvalidSpec: 422,
    InvalidReward: 422,
    NotGenuine: 422,
    NotFound: 404,
    TrackNotFound: 404,
    ModelNotFound: 404,
    Conflict: 409,
    SignInNeeded: 401,
    Forbidden: 403,
    QuotaExceeded: 403,
    TooManyRequests: 429,
    RewardFailed: 422,
    NotIsolated: 503,
    StorageFailed: 503,
    CorruptCheckpoint: 503,
    DownloadFailed: 503,
    ServiceUnreachable: 503,
    TrainingFailed: 500,
}
"""Every error class by itself, so that a new one cannot slip through under its parent's status."""


class Fault(BaseModel):
    """What went wrong."""

    kind: str
    """Name of the class of error, for programs."""
    message: str
    """A sentence for people."""


class ErrorAnswer(BaseModel):
    """The one shape of every answer that is not what was asked for."""

    error: Fault


_MEANINGS = {
    400: "The request cannot be read.",
    401: "Nobody is signed in.",
    403: "This person may not do that, or it would exceed a quota.",
    404: "There is no such thing, or this person may not see it.",
    405: "The thing has no such method.",
    408: "The request came too slowly.",
    409: "The thing exists already, is busy, or was changed by somebody else.",
    412: "The thing is not of the version that was asked for.",
    413: "The request is too large.",
    422: "What was sent does not fit.",
    429: "Asked too often; the header Retry-After says how many seconds to wait.",
    503: "The storage cannot be used at the moment.",
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorAnswer, "description": meaning} for status, meaning in _MEANINGS.items()
}


def answer_errors(api: FastAPI) -> None:
    """Give all errors of an API their shape."""
    api.add_exception_handler(RacecraftError, _told)
    api.add_exception_handler(RequestValidationError, _unfit)
    api.add_exception_handler(HTTPException, _plain)


def error_answer(
    status: int, kind: str, message: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    """An answer in the shape of errors."""
    body = ErrorAnswer(error=Fault(kind=kind, message=message)).model_dump()
    return JSONResponse(body, status, headers)


def _told(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RacecraftError)
    headers = {}
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(max(round(error.wait_s), 1))
    # People elsewhere need not know where things lie on this machine.
    home = str(request.app.state.installation.settings.home)
    message = str(error).replace(home, "RACECRAFT_HOME")
    return error_answer(STATUSES[type(error)], type(error).__name__, message, headers)


def _unfit(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    parts = []
    for fault in error.errors()[:10]:
        place = ".".join(str(part) for part in fault["loc"] if part not in ("body", "query"))
        parts.append(f"{place or 'The request'}: {fault['msg']}.")
    return error_answer(422, "InvalidInput", " ".join(parts))


def _plain(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    return error_answer(error.status_code, "HTTPError", str(error.detail) + ".", headers)


def unforeseen_answer() -> JSONResponse:
    """A mistake of ours; what exactly is in the log of the service, not in the answer."""
    return error_answer(
        500,
        "RacecraftError",
        "Something went wrong inside racecraft; whoever runs it finds the cause in its log.",
    )
