"""How long a connection may take to say what it wants, and how much it may say for that.

uvicorn waits for the head of a request as long as it takes. Somebody who opens many connections
and sends a letter a minute would have them all.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_S = 15.0
MOST_HEAD_BYTES = 65_536


class PatientProtocol(HttpToolsProtocol):
    """HTTP connections that end when the head of a request does not come."""

    head_s = HEAD_S

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._gives_up: asyncio.TimerHandle | None = None
        self._head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection is there."""
        super().connection_made(transport)
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Some bytes are there."""
        was_busy = self._is_busy
        super().data_received(data)
        if was_busy or self._is_busy or self._is_upgraded:
            self._head_bytes = 0
            self._stop_waiting()
            return
        self._head_bytes += len(data)
        if self._head_bytes > MOST_HEAD_BYTES:
            self.transport.close()
        elif self._gives_up is None:
            self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._stop_waiting()
        super().connection_lost(exc)

    @property
    def _is_busy(self) -> bool:
        """Whether a request is being answered, or its body is on the way."""
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def _is_upgraded(self) -> bool:
        """Whether it has become a WebSocket, which may be silent for as long as it likes."""
        return self.transport.get_protocol() is not self

    def _wait_for_head(self) -> None:
        self._gives_up = self.loop.call_later(self.head_s, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._gives_up is not None:
            self._gives_up.cancel()
            self._gives_up = None
