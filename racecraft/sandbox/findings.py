"""What a check has to say about a reward function: sentences with a place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    """The function cannot be trained with."""
    WARNING = "warning"
    """It runs, but most likely does not do what was meant."""
    HINT = "hint"
    """Worth knowing."""


@dataclass(frozen=True)
class Finding:
    """One thing that was found."""

    severity: Severity
    message: str
    """A whole sentence, or two: what is wrong, the value met, what to do."""
    line: int | None = None
    """1-based; None when no single line is to blame."""
    column: int | None = None
    """1-based."""
