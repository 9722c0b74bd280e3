"""From a name and a password, or a token, to a token that is kept."""

from __future__ import annotations

import platform
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from racecraft.domain.errors import Conflict, RacecraftError, SignInNeeded
from racecraft.interfaces.client.connection import Connection
from racecraft.interfaces.client.logins import keep_token

if TYPE_CHECKING:
    from pathlib import Path

DAYS = 180
"""How long a token that is made by signing in lives."""
_SCOPES = {"RACER": ["read", "write"]}


@dataclass(frozen=True)
class SignedIn:
    """Somebody whose token is kept."""

    url: str
    name: str
    role: str
    file: Path


def sign_in_by_password(home: Path, url: str, name: str, password: str) -> SignedIn:
    """Make a token for this machine, and keep it.

    Raises:
        SignInNeeded: name and password do not fit.
        Conflict: the service has no accounts.
    """
    with closing(Connection(url)) as connection:
        refuse_without_accounts(connection)
        person = connection.ask("POST", "sign-in", {"name": name, "password": password})["person"]
        # The cookie of the answer is in the connection now.
        scopes = _SCOPES.get(person["role"], ["read", "write", "admin"])
        wish = {"name": f"command line on {platform.node()[:40]}", "scopes": scopes, "days": DAYS}
        secret = connection.ask("POST", "tokens", wish)["secret"]
        connection.ask("POST", "sign-out")
    return _keep(home, connection.url, secret, person)


def sign_in_by_token(home: Path, url: str, token: str) -> SignedIn:
    """Keep a token that somebody has made, if it opens the door.

    Raises:
        SignInNeeded: it does not.
        Conflict: the service has no accounts.
    """
    with closing(Connection(url, token)) as connection:
        refuse_without_accounts(connection)
        person = connection.ask("GET", "me")
    return _keep(home, connection.url, token, person)


def revoke(url: str, token: str) -> str:
    """Make a token useless; gives why that could not be done, or nothing."""
    try:
        with closing(Connection(url, token)) as connection:
            connection.ask("DELETE", "tokens/current")
    except SignInNeeded:  # revoked or expired before
        return ""
    except RacecraftError as error:
        return str(error)
    return ""


def refuse_without_accounts(connection: Connection) -> None:
    """Stop here if nobody needs to sign in.

    Raises:
        Conflict: the service is for one person.
    """
    if not connection.greet()["is_hosted"]:
        raise Conflict(
            f"The racecraft at {connection.url} is for one person and asks nobody to sign in; use "
            f"it with --server {connection.url}."
        )


def _keep(home: Path, url: str, token: str, person: dict[str, str]) -> SignedIn:
    return SignedIn(url, person["name"], person["role"], keep_token(home, url, token))
