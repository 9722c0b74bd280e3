"""One opened page: who asks, work that takes time, and messages to whoever looks at it."""

from __future__ import annotations

import asyncio
import contextvars
import json
import urllib.parse
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from nicegui import ui

from racecraft.interfaces.who import Installation, actor_of

if TYPE_CHECKING:
    from fastapi import Request
    from nicegui.element import Element

    from racecraft.interfaces.web.place import Place
    from racecraft.service.access import Actor
    from racecraft.service.people.person import Person
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

T = TypeVar("T")
_IN_TURN = ThreadPoolExecutor(80, thread_name_prefix="in-turn")
"""More than all lines of `service.turns` that pages stand in together."""


@dataclass(frozen=True)
class Asking:
    """What a service function takes: the records, the settings, and who asks at this moment."""

    store: Store
    settings: Settings
    actor: Actor
    wake: Callable[[], None]
    """To be called when something was put into the queue."""


@dataclass
class Visit:
    """One opened page, from its first byte until the browser goes elsewhere."""

    here: Installation
    request: Request
    place: Place
    person: Person | None
    """Who opened it; None on pages for people who are not signed in."""
    crumb: str = ""
    """What the breadcrumb and the browser call this page, when it is not the place's title."""
    toasts: Element | None = field(default=None, repr=False)

    @property
    def params(self) -> dict[str, str]:
        """What stands for the names in braces of the path."""
        return {name: str(value) for name, value in self.request.path_params.items()}

    @property
    def me(self) -> Person:
        """Who opened the page, on pages that need somebody."""
        assert self.person is not None
        return self.person

    async def run(self, work: Callable[[Asking], T]) -> T:
        """Do something in a thread, as whoever is signed in at this moment.

        The event loop stays free, and somebody who was signed out or locked out since the page
        was opened can do nothing more with it.

        Args:
            work: gets the records, the settings and the actor.

        Raises:
            SignInNeeded: nobody is signed in any more.
        """
        return await asyncio.to_thread(lambda: work(self._asking()))

    async def run_in_turn(self, work: Callable[[Asking], T]) -> T:
        """`run` for work that may wait for its turn (`service.turns`) for minutes.

        It has threads of its own, so that a crowd that waits keeps nobody from opening pages.
        """
        context = contextvars.copy_context()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            _IN_TURN, lambda: context.run(lambda: work(self._asking()))
        )

    async def look(self, read: Callable[[Store], T]) -> T:
        """Read what anybody may know, in a thread; for pages of people who are not signed in."""
        return await asyncio.to_thread(read, self.here.store)

    def kept(self, name: str) -> dict[str, Any]:
        """What this browser keeps under a name, such as the columns of a table."""
        try:
            plain = json.loads(urllib.parse.unquote(self.request.cookies.get(_cookie(name), "")))
        except ValueError:
            return {}
        return plain if isinstance(plain, dict) else {}

    def keep(self, name: str, value: dict[str, Any]) -> None:
        """Let the browser keep something small under a name, for a year."""
        plain = urllib.parse.quote(json.dumps(value, separators=(",", ":")))
        ui.run_javascript(f"racecraft.keep({json.dumps(_cookie(name))}, {json.dumps(plain)})")

    def _asking(self) -> Asking:
        here = self.here
        return Asking(here.store, here.settings, actor_of(self.request), here.wake)


def _cookie(name: str) -> str:
    return f"racecraft_{name}"
