"""The columns of tables."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

R = TypeVar("R")


@dataclass(frozen=True)
class Column(Generic[R]):
    """One column."""

    key: str
    title: str
    text: Callable[[R], str]
    """What stands in the cell, and what the search looks into."""
    order: Callable[[R], Any] | None = None
    """What to sort by; None for the text."""
    draw: Callable[[R], Any] | None = None
    """Makes the elements of the cell, where a text is not enough."""
    depends: Callable[[R], Hashable] | None = None
    """What besides the text changes what `draw` makes; the whole row if None."""
    is_number: bool = False
    is_shown: bool = True
    """Whether it is there before somebody chooses."""
