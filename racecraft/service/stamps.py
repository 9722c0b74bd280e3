"""Fourteen digits of a time in UTC, by which evaluations and rankings are known."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

STAMP = re.compile(r"[0-9]{14}")
_FORM = "%Y%m%d%H%M%S"


def stamp_of(time_s: float) -> str:
    """The fourteen digits of a moment, in seconds since 1970."""
    return f"{datetime.fromtimestamp(time_s, UTC):{_FORM}}"


def stamp_s(stamp: str) -> float:
    """The moment of fourteen digits, in seconds since 1970; 0 for digits that are no time."""
    try:
        return datetime.strptime(stamp, _FORM).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0


def is_stamp(word: str) -> bool:
    """Whether a word is fourteen digits that are a time."""
    try:
        datetime.strptime(word, _FORM)
    except ValueError:
        return False
    return STAMP.fullmatch(word) is not None


def free_stamp(is_taken: Callable[[str], bool]) -> str:
    """Fourteen digits that nothing else of the model has: now, or the next free second."""
    moment = datetime.now(UTC)
    while is_taken(f"{moment:{_FORM}}"):
        moment += timedelta(seconds=1)
    return f"{moment:{_FORM}}"
