"""Findings: one thing that somebody should know, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """How much a finding matters."""

    GOOD = "good"
    NOTE = "note"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One thing."""

    weight: Weight
    topic: str
    """Learning, actions, reward, driving."""
    text: str
    """What was found, with its numbers."""
    advice: str = ""
    """What to do about it."""
