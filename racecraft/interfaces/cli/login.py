"""`racecraft login`: a token for a server, kept on this machine."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

import typer

from racecraft.domain.errors import NotFound
from racecraft.interfaces.cli.output import JSON_FLAG, say_json, settings_now
from racecraft.interfaces.cli.place import token_of_line

_URL = typer.Argument(help="Address of the server, for instance https://racecraft.example.org.")


def login(
    url: str = _URL,
    name: str | None = typer.Option(None, help="Racer name; asked for if not given."),
    is_json: bool = JSON_FLAG,
) -> None:
    """Sign in to a server, and keep a token for it in a file that only you can read.

    Asks for your password, or takes a token (--token) that you have made. Afterwards name the
    server with --server or RACECRAFT_SERVER.
    """
    from racecraft.interfaces.client.connection import checked_url
    from racecraft.interfaces.client.sign_in import sign_in_by_password, sign_in_by_token

    home, url = settings_now().home, checked_url(url)
    if _is_open_to_listeners(url):
        typer.echo(f"warning: {url} is not encrypted; others on the way can read along.", err=True)
    token = token_of_line()
    if token is not None:
        done = sign_in_by_token(home, url, token)
    else:
        racer = name or typer.prompt("Racer name", err=True)
        password = typer.prompt("Password", hide_input=True, err=True)
        done = sign_in_by_password(home, url, racer, password)
    if is_json:
        say_json({"server": done.url, "name": done.name, "role": done.role, "file": done.file})
        return
    typer.echo(
        f"You are {done.name} ({done.role.lower()}) on {done.url}. The token is in {done.file}.\n"
        f"Next: racecraft --server {done.url} models list"
    )


def logout(
    url: str = _URL,
    only_here: bool = typer.Option(
        False, "--only-here", help="Leave the token valid, for other programs that have it."
    ),
    is_json: bool = JSON_FLAG,
) -> None:
    """Revoke the token of a server, and forget it."""
    from racecraft.interfaces.client.connection import checked_url
    from racecraft.interfaces.client.logins import forget_token, token_of
    from racecraft.interfaces.client.sign_in import revoke

    home, url = settings_now().home, checked_url(url)
    token = token_of(home, url)
    if token is None:
        raise NotFound(f"There is no token for {url} to forget.")
    problem = "" if only_here else revoke(url, token)
    forget_token(home, url)
    is_revoked = not (only_here or problem)
    if is_json:
        say_json({"forgotten": url, "is_revoked": is_revoked, "problem": problem})
        return
    end = "It works nowhere any more." if is_revoked else "It still works elsewhere."
    typer.echo(f"Forgot the token for {url}. {end}")
    if problem:
        typer.echo(
            f"warning: it could not be revoked: {problem} Revoke it on the page Account of the "
            "server.",
            err=True,
        )


def _is_open_to_listeners(url: str) -> bool:
    """Whether what is sent leaves this machine unencrypted."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        is_here = ip_address(host).is_loopback
    except ValueError:
        is_here = host == "localhost"
    return parts.scheme == "http" and not is_here
