"""What all records have in common."""

from __future__ import annotations

import secrets
import time
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.errors import Conflict

_TIME_DIGITS = 11
"""Hexadecimal digits of milliseconds since 1970: enough until the year 2527."""


def new_id() -> str:
    """An identifier that nobody can guess the next of, and that sorts by the time it was made."""
    return f"{int(time.time() * 1000):0{_TIME_DIGITS}x}{secrets.token_hex(8)}"


class Record(BaseModel):
    """One row: frozen, so that it changes only by `Work.put`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    TABLE: ClassVar[str]
    """Where rows of this class are kept."""

    id: str = Field(default_factory=new_id)
    version: int = 0
    """How often the row was written; tells two people who change it at once apart."""
    created_at_s: float = Field(default_factory=time.time)
    """Seconds since 1970."""

    def refuse_unseen(self, seen: int | None) -> None:
        """Stop here if somebody saw another version than this one; None stands for any.

        Called with what is then put back in the same transaction, nothing comes in between.

        Raises:
            Conflict: it was changed since.
        """
        if seen is not None and seen != self.version:
            raise Conflict(
                "This was changed by somebody else since you looked at it; look again and repeat "
                "what you wanted to do."
            )
