"""Who asks, as arguments of the routes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from racecraft.interfaces.who import (
    COOKIE,
    Installation,
    actor_of,
    installation_of,
    refuse_other_sites,
    token_sent,
)
from racecraft.service.access import Actor

__all__ = [
    "COOKIE",
    "Asker",
    "Here",
    "Installation",
    "Token",
    "actor_of",
    "installation_of",
    "refuse_other_sites",
    "token_sent",
]

Asker = Annotated[Actor, Depends(actor_of)]
Here = Annotated[Installation, Depends(installation_of)]


def _token(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ").strip()


Token = Annotated[str, Depends(_token)]
"""What a worker shows."""
