"""What can be said about a reward function by reading it, without running it.

`read` takes text that may be hostile: it ends soon, whatever the text is, and never raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from racecraft.sandbox.findings import Finding, Severity
from racecraft.sandbox.reading.entry import entry_problems
from racecraft.sandbox.reading.habits import divisions_by_zero, noteworthy, slips
from racecraft.sandbox.reading.names import names_read_too_early, undefined_names
from racecraft.sandbox.reading.parameters import unknown_parameters
from racecraft.sandbox.reading.program import Program, parsed
from racecraft.sandbox.reading.reach import (
    forbidden_calls,
    forbidden_imports,
    log_files,
    unknown_members,
)
from racecraft.sandbox.reading.returns import (
    lost_rewards,
    missing_returns,
    rewards_without_value,
    unusable_returns,
)
from racecraft.sandbox.reading.syntax import explained
from racecraft.sandbox.reading.units import confused_units, vain_comparisons
from racecraft.sandbox.reading.unreached import unreachable_code, weighed

MAX_CHARACTERS = 100_000
"""Longer text is not read at all."""
MAX_FINDINGS = 50

_CHECKS: tuple[Callable[[Program], Iterator[Finding]], ...] = (
    entry_problems,
    forbidden_imports,
    forbidden_calls,
    log_files,
    unknown_members,
    undefined_names,
    names_read_too_early,
    unknown_parameters,
    missing_returns,
    unusable_returns,
    rewards_without_value,
    lost_rewards,
    confused_units,
    vain_comparisons,
    slips,
    divisions_by_zero,
    noteworthy,
)
_GRAVITY = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.HINT: 2}


def read(source: str) -> list[Finding]:
    """Everything to say about the text of a reward function, in the order of its lines.

    Returns:
        At most `MAX_FINDINGS`; if there are more, the graver ones. That none of them is an error
        does not mean that the function works: only a trial run shows that.
    """
    source = source.removeprefix("\ufeff")
    if len(source) > MAX_CHARACTERS:
        return [_too_long(len(source))]
    if not source.strip():
        return [Finding(Severity.ERROR, "The text is empty. Write `def reward_function(params):`.")]
    try:
        program = parsed(source)
    except Exception as error:  # the parser raises many kinds, and this text is anybody's
        return [explained(source, error)]
    found: list[Finding] = []
    for check in _CHECKS:
        found += islice(check(program), MAX_FINDINGS + 1)
    found = weighed(program, found)
    found += islice(unreachable_code(program), MAX_FINDINGS)
    return _chosen(found)


def _chosen(findings: list[Finding]) -> list[Finding]:
    """Each once, in the order of lines, and not too many."""
    gravest = sorted(dict.fromkeys(findings), key=lambda f: (_GRAVITY[f.severity], *_place(f)))
    if len(gravest) <= MAX_FINDINGS:
        return sorted(gravest, key=_place)
    more = "There is more to say about this text; correct what is said here first."
    return [*sorted(gravest[: MAX_FINDINGS - 1], key=_place), Finding(Severity.HINT, more)]


def _place(finding: Finding) -> tuple[int, int]:
    return finding.line or 0, finding.column or 0


def _too_long(length: int) -> Finding:
    return Finding(
        Severity.ERROR,
        f"The text has {length:,} characters, and at most {MAX_CHARACTERS:,} are read. Leave "
        "out what the reward does not need, such as digits behind the fifth of each number.",
    )
