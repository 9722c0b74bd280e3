"""Answers of a locked process to a check, looked at before they are believed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from racecraft.sandbox.findings import Finding, Severity
from racecraft.sandbox.frames import BrokenFrame
from racecraft.sandbox.printouts import plain

MAX_FINDINGS = 50
_LARGEST = 1_000_000


def numbers(reply: dict[str, Any], name: str) -> NDArray[np.float64]:
    """(M,) numbers.

    Raises:
        BrokenFrame: they are none.
    """
    data = reply.get(name)
    if not isinstance(data, bytes) or len(data) % 8:
        raise BrokenFrame(f"{name} that are no numbers")
    return np.frombuffer(data)


def faults(reply: dict[str, Any]) -> list[tuple[int | None, str]]:
    """Lines and sentences of calls that failed.

    Raises:
        BrokenFrame: they are no such thing.
    """
    told = reply.get("faults")
    if not isinstance(told, list):
        raise BrokenFrame("no word about faults")
    found = []
    for fault in told:
        if not isinstance(fault, list) or len(fault) != 3:
            raise BrokenFrame("a fault without a place")
        found.append((place(fault[1]), plain(fault[2])))
    return found


def findings(reply: dict[str, Any]) -> list[Finding]:
    """What reading found.

    Raises:
        BrokenFrame: it is no list of findings.
    """
    found = reply.get("findings")
    if not isinstance(found, list):
        raise BrokenFrame("no findings")
    kept = []
    for entry in found[:MAX_FINDINGS]:
        if not isinstance(entry, list) or len(entry) != 4 or entry[0] not in list(Severity):
            raise BrokenFrame("a finding without a sentence")
        severity, message, line, column = entry
        kept.append(Finding(Severity(severity), plain(message), place(line), place(column)))
    return kept


def place(number: object) -> int | None:
    """A line or column, or None for what cannot be one."""
    is_place = type(number) is int and 0 < number <= _LARGEST
    return number if is_place else None  # type: ignore[return-value]
