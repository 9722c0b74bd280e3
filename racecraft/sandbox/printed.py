"""What the user's code prints, kept with the place in the batch where it was printed."""

from __future__ import annotations

import io

LOADING = -1
"""The place of what is printed while a module is loaded."""


class Printed(io.TextIOBase):
    """Stands for standard output and standard error while the user's code runs.

    The lines of the first car have room of their own, so that one car can be followed from
    step to step however many others print too.
    """

    def __init__(self, characters: int) -> None:
        """Keep up to `characters` a batch: half for the first car, half for the others."""
        self.index = LOADING
        self.is_first_car = True
        self._room = characters // 2
        self._parts: list[tuple[int, str]] = []
        self._used = [0, 0]
        self._left_out = 0

    def write(self, text: str, /) -> int:
        """Keep a piece of text if there is room."""
        text = str.__str__(text)
        side = 0 if self.is_first_car else 1
        if self._used[side] + len(text) > self._room:
            self._used[side] = self._room  # so that no later, shorter piece stands alone
            self._left_out += text.count("\n")
        elif text:
            self._used[side] += len(text)
            if self._parts and self._parts[-1][0] == self.index:
                text = self._parts.pop()[1] + text
            self._parts.append((self.index, text))
        return len(text)

    def writable(self) -> bool:
        """It is."""
        return True

    def taken(self) -> tuple[list[tuple[int, str]], int]:
        """Pieces since the last call, and how many were left out."""
        parts, left_out = self._parts, self._left_out
        self._parts, self._left_out, self._used = [], 0, [0, 0]
        return parts, left_out
