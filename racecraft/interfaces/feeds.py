"""What many people follow at once, read once for all of them.

Everybody who has a big screen open follows the same feed. One task for each screen that anybody
follows looks whether something has changed; only then is the screen read, and its text is sent to
all. A viewer more costs a place in a list and the bytes that are sent to them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog
from fastapi.concurrency import run_in_threadpool

from racecraft.domain.errors import NotFound, TooManyRequests
from racecraft.service.races.screens.showing import read_screen, screen_stamp

if TYPE_CHECKING:
    from racecraft.service.store import Store

_log = structlog.stdlib.get_logger("racecraft.screens")
LOOK_S = 0.4
"""How often it is looked whether a screen has changed."""
READ_S = 20.0
"""After so long it is read even if nothing seems to have changed: somebody may have a new name."""
MOST_VIEWERS = 600
"""Of all screens together."""
BREATH_S = 10.0
"""How often a feed without news says that it is there."""


@dataclass(eq=False)
class _Feed:
    code: str
    viewers: int = 0
    number: int = 0
    """Counts the texts."""
    text: str = ""
    stamp: tuple[object, ...] = ()
    read_s: float = float("-inf")
    is_over: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    def publish(self, text: str, *, is_over: bool = False) -> None:
        """Give everybody something new."""
        self.text, self.is_over = text, is_over
        self.number += 1
        self.changed.set()
        self.changed = asyncio.Event()


class ScreenFeeds:
    """The feeds of all screens that somebody looks at; used by one event loop."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._feeds: dict[str, _Feed] = {}
        self.reads = 0
        """How often a screen was read whole."""

    @property
    def viewers(self) -> int:
        """How many look at any screen."""
        return sum(feed.viewers for feed in self._feeds.values())

    def refuse_crowd(self) -> None:
        """Stop here if as many look already as this service can serve.

        Raises:
            TooManyRequests: they do.
        """
        if self.viewers >= MOST_VIEWERS:
            raise TooManyRequests(
                f"{MOST_VIEWERS} screens are open already; try again in a minute.", wait_s=60.0
            )

    async def follow(self, code: str) -> AsyncIterator[str | None]:
        """Texts of a screen, the newest one first of all; None when there is nothing new.

        It ends when the link leads nowhere any more.
        """
        feed = self._join(code)
        seen = 0
        try:
            while True:
                if feed.number > seen:
                    seen = feed.number
                    if feed.is_over:
                        return
                    yield feed.text
                    continue
                changed = feed.changed
                with suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), BREATH_S)
                    continue
                yield None
        finally:
            feed.viewers -= 1
            if not feed.viewers and self._feeds.get(code) is feed:
                del self._feeds[code]

    def _join(self, code: str) -> _Feed:
        feed = self._feeds.get(code)
        if feed is None or feed.is_over:
            feed = self._feeds[code] = _Feed(code)
            feed.task = asyncio.get_running_loop().create_task(self._watch(feed))
        feed.viewers += 1
        return feed

    async def _watch(self, feed: _Feed) -> None:
        await asyncio.sleep(0)  # until whoever made it has joined
        while feed.viewers:
            try:
                text = await run_in_threadpool(self._news, feed)
            except NotFound:
                feed.publish("", is_over=True)
                return
            except Exception as error:
                # Whatever it is (the database gone for a moment), screens go on when it is over.
                _log.error("screen cannot be read", error=str(error))
                text = None
            if text is not None and text != feed.text:
                feed.publish(text)
            await asyncio.sleep(LOOK_S)

    def _news(self, feed: _Feed) -> str | None:
        """The screen as text, if it may have changed."""
        stamp, now_s = screen_stamp(self._store, feed.code), time.monotonic()
        if stamp == feed.stamp and now_s - feed.read_s < READ_S:
            return None
        text = read_screen(self._store, feed.code).model_dump_json()
        self.reads += 1
        feed.stamp, feed.read_s = stamp, now_s
        return text
