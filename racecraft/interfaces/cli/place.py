"""Where commands work: on this machine, or on a server. Decided here and nowhere else.

`--server URL` and `--token T` may stand anywhere in the line; without them the environment says
(RACECRAFT_SERVER, RACECRAFT_TOKEN), and the token may be one that `racecraft login` has kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from racecraft.domain.errors import Conflict, InvalidInput
from racecraft.interfaces.cli.output import settings_now

if TYPE_CHECKING:
    from racecraft.interfaces.cli.desk.desk import Desk
    from racecraft.interfaces.client.connection import Connection
    from racecraft.service.settings import Settings

_FLAGS = ("--server", "--token")
_OPEN: list[Connection] = []
"""Connections of this line."""


@dataclass(frozen=True)
class Named:
    """What the line says about the server."""

    server: str | None = None
    token: str | None = None


_NAMED: ContextVar[Named | None] = ContextVar("named", default=None)


def name_place(server: str | None, token: str | None) -> None:
    """Remember what the line says."""
    _NAMED.set(Named(server, token))


def _named() -> Named:
    return _NAMED.get() or Named()


def hoisted(words: Sequence[str]) -> list[str]:
    """The words of a line with the flags about the server at its beginning.

    So they may stand behind the command too, where people write them.
    """
    front: list[str] = []
    rest: list[str] = []
    waiting = iter(words)
    for word in waiting:
        if word == "--":
            rest += [word, *waiting]
        elif word in _FLAGS:
            front += [word, *([value] if (value := next(waiting, None)) is not None else [])]
        elif word.startswith(tuple(f"{flag}=" for flag in _FLAGS)):
            front.append(word)
        else:
            rest.append(word)
    return [*front, *rest]


def server_now(settings: Settings) -> str | None:
    """The address of the server that is meant; None for this machine."""
    return _named().server or settings.server


def token_of_line() -> str | None:
    """The token that the line gives, or else the environment."""
    settings = settings_now()
    kept = settings.token.get_secret_value() if settings.token else None
    return _named().token or kept


def desk_now() -> Desk:
    """Where the command is to be done.

    Raises:
        InvalidInput: a token is given without a server.
        ServiceUnreachable: nobody answers at the server.
        Conflict: the server is of another version.
    """
    settings = settings_now()
    url = server_now(settings)
    if url is not None:
        from racecraft.interfaces.cli.desk.remote import remote_desk

        return remote_desk(connection_now(settings, url))
    if _named().token is not None:
        raise InvalidInput("A token belongs to a server; name the server with --server.")
    from racecraft.interfaces.cli.desk.local import local_desk

    return local_desk(settings)


def connection_now(settings: Settings, url: str) -> Connection:
    """The service at an address, with the token that is meant for it."""
    from racecraft.interfaces.client.connection import Connection, checked_url
    from racecraft.interfaces.client.logins import token_of

    token, url = _named().token, checked_url(url)
    is_meant = settings.server is None or checked_url(settings.server) == url
    if token is None and settings.token is not None and is_meant:
        token = settings.token.get_secret_value()
    connection = Connection(url, token or token_of(settings.home, url))
    _OPEN.append(connection)
    connection.greet()
    return connection


def leave() -> None:
    """Let go of servers; the command is done."""
    while _OPEN:
        _OPEN.pop().close()


def stay_here(command: str, *, instead: str = "") -> None:
    """Stop here if a command that works on this machine only was asked of a server.

    A server that the environment names is for all lines, so this one only says where it works.

    Args:
        command: which.
        instead: what does the same on a server; with one, a server that the environment names
            counts too, because then the command was surely meant for it.

    Raises:
        Conflict: it was.
    """
    url = server_now(settings_now())
    if url is None:
        return
    if instead or _named().server:
        way_out = "leave out --server" if _named().server else "unset RACECRAFT_SERVER"
        raise Conflict(
            f"`racecraft {command}` works on this machine only, not on {url}; {way_out}"
            f"{f', or use `{instead}`' if instead else ''}."
        )
    typer.echo(f"`racecraft {command}` works on this machine, not on {url}.", err=True)
