"""One line of the doctor's report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How good a finding is."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """What was looked at, what was found, and what to do about it."""

    name: str
    level: Level
    sentence: str
    advice: str = ""
    """What to do; there is some unless all is well."""


def fine(name: str, sentence: str, advice: str = "") -> Finding:
    """All is well."""
    return Finding(name, Level.OK, sentence, advice)


def warn(name: str, sentence: str, advice: str) -> Finding:
    """Something is slower or less than it could be."""
    return Finding(name, Level.WARN, sentence, advice)


def bad(name: str, sentence: str, advice: str) -> Finding:
    """Something has to be put right first."""
    return Finding(name, Level.BAD, sentence, advice)
