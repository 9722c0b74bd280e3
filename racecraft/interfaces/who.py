"""Who asks: the bearer of an API token, a signed-in browser, or the one person of this machine.

A browser sends its cookie whatever page made it ask, so requests that change something are
refused when another site's page made them: browsers tell by `Sec-Fetch-Site` and `Origin`, and a
plain form of another site cannot send JSON. On a machine without sign-in, requests for another
host name are refused too: a name that somebody points at this machine gives them nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import Request
from starlette.requests import HTTPConnection

from racecraft.domain.errors import Forbidden, SignInNeeded
from racecraft.interfaces.feeds import ScreenFeeds
from racecraft.service.access import Actor
from racecraft.service.graphs import Graphs
from racecraft.service.jobs.looks import JobLooks
from racecraft.service.live.hub import Hub
from racecraft.service.meter import Meter
from racecraft.service.people.api_tokens import actor_of_token
from racecraft.service.people.person import local_actor
from racecraft.service.people.sessions import actor_of_session

if TYPE_CHECKING:
    from racecraft.service.executor import Executor
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

COOKIE = "racecraft_session"
_SAFE = ("GET", "HEAD", "OPTIONS")
_OWN_HOSTS = {"localhost", "127.0.0.1", "::1", "testserver"}


@dataclass
class Installation:
    """What the routes and pages work on."""

    store: Store
    settings: Settings
    is_hosted: bool
    """With accounts; otherwise one person is everybody."""
    slots: int
    host: str = "127.0.0.1"
    """Where it listens."""
    executor: Executor | None = None
    streams: Counter[str] = field(default_factory=Counter)
    """How many event streams each person has open."""
    hub: Hub = field(default_factory=Hub)
    """What jobs show to those who watch."""
    meter: Meter = field(default_factory=Meter)
    """What is counted for monitoring."""
    graphs: Graphs = field(default_factory=Graphs)
    looks: JobLooks = field(init=False)
    feeds: ScreenFeeds = field(init=False)
    """Of the big screens."""

    def __post_init__(self) -> None:
        self.looks = JobLooks(self.store, self.slots)
        self.feeds = ScreenFeeds(self.store)

    def wake(self) -> None:
        """Something was put into the queue."""
        if self.executor is not None:
            self.executor.wake()


def installation_of(request: HTTPConnection) -> Installation:
    """The installation that a request is for."""
    found: Installation = request.app.state.installation
    return found


def actor_of(request: HTTPConnection) -> Actor:
    """Who asks, or opens a WebSocket.

    Raises:
        SignInNeeded: nobody.
        Forbidden: the page of another site made the browser ask.
    """
    actor = _actor_of(request)
    request.state.person_id = actor.person_id  # for the log
    return actor


def _actor_of(request: HTTPConnection) -> Actor:
    here, secret = installation_of(request), token_sent(request)
    if secret is not None and here.is_hosted:
        return actor_of_token(here.store, secret)
    refuse_other_sites(request)
    if not here.is_hosted:
        return local_actor(here.store)
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        raise SignInNeeded("Nobody is signed in; sign in, or send an API token.")
    return actor_of_session(here.store, cookie)


def token_sent(request: HTTPConnection) -> str | None:
    """The secret of the API token that somebody shows; None without one."""
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if kind.lower() == "bearer" else None


def refuse_other_sites(request: HTTPConnection) -> None:
    """Stop here if another site's page made a browser send this.

    A browser opens a WebSocket to any site with that site's cookies, so it counts as a request that
    changes something.

    Raises:
        Forbidden: it did.
    """
    host = request.headers.get("host", "")
    if not installation_of(request).is_hosted and not is_own_host(host):
        raise Forbidden(
            f"This request is for the host {host!r}; open racecraft as http://localhost instead."
        )
    if isinstance(request, Request) and request.method in _SAFE:
        return
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    is_foreign = site not in ("same-origin", "none")
    if origin is not None:
        is_foreign |= origin.partition("://")[2] != request.headers.get("host")
    content = request.headers.get("content-type", "application/json")
    if is_foreign or not content.startswith(("application/json", "application/octet-stream")):
        raise Forbidden("This request comes from a page of another site; open racecraft itself.")


def is_own_host(host: str) -> bool:
    """Whether a `Host` header is a name that this machine has for itself alone."""
    try:
        return urlsplit(f"//{host}").hostname in _OWN_HOSTS
    except ValueError:  # such as a bracket that is not closed
        return False
