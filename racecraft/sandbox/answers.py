"""Answers of a locked process to a check, looked at before they are believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.reward import MAX_ABS_REWARD
from racecraft.sandbox.channel import sentence
from racecraft.sandbox.findings import Finding, Severity
from racecraft.sandbox.frames import BrokenFrame
from racecraft.sandbox.limits import MAX_FAULTS
from racecraft.sandbox.printouts import plain

MAX_FINDINGS = 50
_LARGEST = 1_000_000
_LONGEST_S = 100.0


@dataclass(frozen=True)
class Tried:
    """What calling a function in one scene gave."""

    rewards: NDArray[np.float64]
    """(M,) or fewer when it was ended early; NaN where a call failed."""
    seconds: NDArray[np.float64]
    """Time of each call."""
    faults: list[tuple[int | None, str]]
    """Line and sentence of calls that failed."""


def tried(reply: dict[str, Any], count: int) -> Tried:
    """What a scene of `count` rows gave.

    Raises:
        BrokenFrame: that is not what was asked for.
    """
    if "error" in reply:  # the call could only be ended together with the process
        empty = np.zeros(0)
        return Tried(empty, empty, [(place(reply.get("line")), sentence(reply))])
    rewards, seconds = _numbers(reply, "rewards"), _numbers(reply, "seconds")
    faults = _faults(reply)
    if len(rewards) != len(seconds) or len(rewards) > count:
        raise BrokenFrame("another number of rewards")
    if not ((seconds >= 0.0) & (seconds < _LONGEST_S)).all():
        raise BrokenFrame("times that are none")
    usable = np.abs(rewards) <= MAX_ABS_REWARD
    if not (usable | np.isnan(rewards)).all() or (np.isnan(rewards).any() and not faults):
        raise BrokenFrame("rewards that are no numbers")
    return Tried(rewards, seconds, faults)


def _numbers(reply: dict[str, Any], name: str) -> NDArray[np.float64]:
    data = reply.get(name)
    if not isinstance(data, bytes) or len(data) % 8:
        raise BrokenFrame(f"{name} that are no numbers")
    return np.frombuffer(data)


def _faults(reply: dict[str, Any]) -> list[tuple[int | None, str]]:
    told = reply.get("faults")
    if not isinstance(told, list) or len(told) > MAX_FAULTS + 1:
        raise BrokenFrame("no word about faults")
    found = []
    for fault in told:
        if not isinstance(fault, list) or len(fault) != 2:
            raise BrokenFrame("a fault without a place")
        found.append((place(fault[0]), sentence({"message": fault[1]})))
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
