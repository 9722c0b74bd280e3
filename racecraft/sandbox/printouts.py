"""Printed text on its way to the training log: cleaned, with its place, and never endless."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

ROOM = 32 * 1024
"""Characters kept between two calls of `taken`: as many for the first car as for all others."""
_MAX_LINE = 500
_MAX_TEXT = 2_000

_MAX_PIECES = 4_000

Place = tuple[int, int, int]
"""Car, which of its episodes (from 1), step."""
_OURS: Place = (-2, 0, 0)
_LOADING: Place = (-1, 0, 0)


class Printouts:
    """Lines that a user's code printed."""

    def __init__(self) -> None:
        self._lines: list[tuple[Place, str]] = []
        self._used = [0, 0]
        self._left_out = 0

    def say(self, line: str) -> None:
        """Add a line of our own."""
        self._lines.append((_OURS, line))

    def keep(self, parts: Any, left_out: Any, places: Sequence[Place]) -> None:
        """Add pieces of text that came from the locked process, as far as they make sense.

        Args:
            parts: pairs of a row's index and a piece of text, in the order of printing.
            left_out: how many pieces were not sent.
            places: of the rows.
        """
        if type(left_out) is int and 0 < left_out < 1 << 40:
            self._left_out += left_out
        whole: dict[int, str] = {}
        room = 2 * ROOM
        for part in parts[:_MAX_PIECES] if isinstance(parts, list) else ():
            if isinstance(part, list) and len(part) == 2:
                index, text = part
                if type(index) is int and isinstance(text, str):
                    whole[index] = whole.get(index, "") + text[:room]
                    self._left_out += text.count("\n", room)
                    room -= min(len(text), room)
        for index, text in whole.items():
            place = places[index] if 0 <= index < len(places) else _LOADING
            for line in text.splitlines():
                self._add(place, line)

    def taken(self) -> str:
        """The lines since the last call, car by car and in the order of time."""
        lines = sorted(self._lines, key=lambda line: line[0])
        told = [text for _, text in lines]
        if self._left_out:
            told.append(f"{self._left_out:,} more printed lines were left out")
        self._lines, self._used, self._left_out = [], [0, 0], 0
        return "\n".join(told)

    def _add(self, place: Place, line: str) -> None:
        side = 0 if place[0] <= 0 else 1
        line = f"{_named(place)}: {plain(line, _MAX_LINE)}"
        if self._used[side] + len(line) > ROOM:
            self._left_out += 1
            return
        self._used[side] += len(line) + 1
        self._lines.append((place, line))


def plain(text: object, limit: int = _MAX_TEXT) -> str:
    """Text that can do no harm in a terminal or a log: one line, printable, not too long."""
    words = text if isinstance(text, str) else "something that is no text"
    words = "".join(c if c.isprintable() else "\ufffd" for c in words[: limit + 1])
    return words if len(words) <= limit else words[: limit - 1] + "…"


def _named(place: Place) -> str:
    car, episode, step = place
    if place == _LOADING:
        return "while loading"
    return f"car {car}, episode {episode}, step {step}"
