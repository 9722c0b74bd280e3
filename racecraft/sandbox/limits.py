"""What a user's reward function may spend."""

from __future__ import annotations

from dataclasses import dataclass

MAX_CHARACTERS = 100_000
"""Longest text of a reward function."""
MAX_FAULTS = 10
"""Failures that are told of one scene of a check; the others are the same again."""
OUT_OF_MEMORY = 71
"""Exit code of a locked process that could not even say so."""


@dataclass(frozen=True)
class Limits:
    """Bounds of one locked process."""

    call_s: float = 1.0
    """Processor time of one call; it is ended between one and two times this."""
    reply_s: float = 30.0
    """Longest silence, by the clock on the wall, before the process is killed."""
    load_s: float = 60.0
    """The same while the process starts and loads libraries and the user's text."""
    memory_mb: int = 256
    """Memory beyond what the libraries take."""
    printed_characters: int = 16_384
    """Printed text that is kept of one batch: half for the first car, half for all others."""
