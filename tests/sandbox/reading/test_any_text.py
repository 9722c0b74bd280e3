"""Whatever text it is given, the reader says something sensible in time, and touches nothing."""

import json
import random
import re
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from racecraft.sandbox.builtin import BUILTIN_REWARDS, builtin_reward
from racecraft.sandbox.reading import MAX_CHARACTERS, read
from tests.sandbox.reading.functions import DEF
from tests.sandbox.reading.test_slips import HABITS, RETURNS
from tests.sandbox.reading.test_unknown import NAMES, PARAMETER, REACH
from tests.sandbox.reading.test_unreadable import ENTRY, SYNTAX

EVERYTHING = [
    *(builtin_reward(name) for name in BUILTIN_REWARDS),
    *(source for source, *_ in SYNTAX.values()),
    *(source for source, *_ in ENTRY.values()),
    *(
        source
        for table in (REACH, NAMES, PARAMETER, RETURNS, HABITS)
        for source, *_ in table.values()
    ),
]


def test_reading_opens_no_file_and_imports_nothing() -> None:
    """It happens behind the lock, where neither would work."""
    source = """
import json, sys
from racecraft.sandbox.imports import load, modules_to_load
from racecraft.sandbox.reading import read

sources = json.load(sys.stdin)
load(modules_to_load("import math, logging, time, größe"))

def refuse(event, args):
    is_new = event == "import" and args[0] not in sys.modules
    if is_new or event == "open" or event.startswith(("os.", "socket.", "subprocess.")):
        sys.exit(f"{event} of {args[0]} behind the lock")

sys.addaudithook(refuse)
for source in sources:
    read(source)
"""
    done = subprocess.run(
        [sys.executable, "-c", source],
        input=json.dumps(EVERYTHING),
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr


def test_every_finding_is_whole_sentences() -> None:
    for source in EVERYTHING:
        for finding in read(source):
            assert re.fullmatch(r"[`“A-Z].*[.?]", finding.message), finding
            assert 20 < len(finding.message) < 500, finding


PIECES = sorted({word for source in EVERYTHING for word in re.findall(r"\w+|\s+|[^\w\s]", source)})


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """An example in which pieces were dropped, doubled, swapped or replaced."""
    source = draw(st.sampled_from(EVERYTHING))
    words = re.findall(r"\w+|\s+|[^\w\s]", source)
    chance = random.Random(draw(st.integers(0, 2**32)))
    for _ in range(draw(st.integers(1, 8))):
        place = chance.randrange(len(words) + 1)
        piece = chance.choice([*PIECES, *words, "\0", "\ud800", "0x" + "f" * 5000])
        words[place : place + chance.randrange(3)] = [piece] * chance.choice([0, 1, 1, 1, 2, 300])
    return "".join(words)


def check_reading(source: str) -> None:
    start = time.perf_counter()
    findings = read(source)
    assert time.perf_counter() - start < 5
    lines = source.count("\n") + source.count("\r") + 1
    assert all(finding.line is None or 1 <= finding.line <= lines for finding in findings)
    assert all(finding.column is None or finding.column >= 1 for finding in findings)
    assert all(finding.message.isprintable() for finding in findings)


@settings(max_examples=300, deadline=None)
@given(mutated())
def test_mutated_programs_are_read_without_an_exception(source: str) -> None:
    check_reading(source)


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(max_size=300), st.lists(st.sampled_from(PIECES)).map("".join)))
def test_any_text_is_read_without_an_exception(source: str) -> None:
    check_reading(source)


HOSTILE = [
    "x = " + "not " * 24_000 + "1",
    "x = " + "+".join(["1"] * 40_000),
    "x = " + "lambda: " * 12_000 + "1",
    "x = " + "1 if a else " * 8000 + "2",
    "{**" * 30_000,
    "f(a for " * 12_000,
    "@a\n" * 40_000,
    "".join(f"{' ' * i}if a:\n" for i in range(300)),
    DEF
    + "".join(f"{' ' * i}if a: return 1\n{' ' * i}if b:\n" for i in range(1, 95))
    + " " * 96
    + "pass",
    DEF + "".join(f" if a == {i}: return {i}\n" for i in range(4000)),
    "def f(): pass\n" * 3000 + "f();" * 10_000,
    "".join(f"def f{i}(p):\n return f{i + 1}(p)\n" for i in range(2500)),
    DEF + " return " + "+".join(f"params['speeed{i}']" for i in range(4000)),
    "\n".join(f"{'b' * 60}{i} = {'c' * 60}{i}" for i in range(700)),
    "x = 0x" + "f" * 90_000,
    DEF + " return params[0x" + "f" * 90_000 + "]",
    "x = 9 ** 9 ** 9 ** 9; y = 'a' * 99999999999",
    "é = 1\n" * 16_000,
    "'''" * 30_000,
    "\\\n" * 40_000,
]


@pytest.mark.parametrize("source", HOSTILE, ids=lambda source: repr(source[:16]))
def test_hostile_text_is_read_in_seconds(source: str) -> None:
    # Processor time: other tests run beside this one.
    start = time.process_time()
    read(source[:MAX_CHARACTERS])
    assert time.process_time() - start < 10
