"""The same answers without a process of their own, for systems that have no such pipes (Windows).

Nothing is locked: only one's own code may be run like this, and `lock.missing` says so.
"""

from __future__ import annotations

from collections import deque
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

from racecraft.sandbox import imports
from racecraft.sandbox.evaluator import Evaluator
from racecraft.sandbox.frames import HEADER, packed, unpacked
from racecraft.sandbox.limits import Limits
from racecraft.sandbox.lockdown import Lock
from racecraft.sandbox.printed import Printed


class InlineChannel:
    """Answers messages as a `Channel` does, in this process."""

    lock = Lock([], ["a process of its own"])

    def __init__(self, source: str, limits: Limits, *, reads: bool = False) -> None:
        """Get ready; the arguments are those of `Channel`."""
        imports.load(imports.modules_to_load(source))
        self._printed = Printed(limits.printed_characters)
        self._evaluator = Evaluator(self._printed)
        self._replies: deque[dict[str, Any]] = deque()

    def ask(self, message: dict[str, Any], patience_s: float) -> dict[str, Any]:
        """Send a message and take the reply."""
        self.send(packed(message), patience_s)
        return self.receive(patience_s)

    def send(self, frame: bytes, patience_s: float) -> None:
        """Answer a message at once."""
        with redirect_stdout(self._printed), redirect_stderr(self._printed):
            reply = self._evaluator.answer(unpacked(frame[HEADER.size :]))
        # Through the same form as from a process, so that both give the same.
        self._replies.append(unpacked(packed(reply)[HEADER.size :]))

    def receive(self, patience_s: float) -> dict[str, Any]:
        """The reply to the oldest unanswered message."""
        return self._replies.popleft()

    def close(self) -> None:
        """Nothing needs to be ended."""
