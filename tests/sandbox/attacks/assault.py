"""Assaults: whole reward functions that need not go on living.

They break, drown or deceive their process, or the training behind it. `message` is what the person
must read when one ends in an error; where it is None, usable rewards are as good an end.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent
from typing import Any

from tests.sandbox.attacks.probe import PRELUDE


@dataclass(frozen=True)
class Assault:
    """One reward function that must not do harm."""

    name: str
    source: str
    message: str | None = None
    """Regular expression; None where rewards are as good an end."""
    batches: int = 2
    rows: int = 4
    """In a batch: enough to fill a pipe where that is what matters."""
    is_ahead: bool = False
    """Whether all batches are handed over before the first reward is asked for."""
    is_silent: bool = False
    """Whether only the clock on the wall can end it."""


TOO_LONG = r"took too long"
OUT_OF_MEMORY = r"MemoryError.*memory is limited|ended its process|memory was used up"
DIED = r"ended its process"
NONSENSE = r"sent back what is no reward"
NO_NUMBER = r"returned .*Return a number from"


def silent(name: str, source: str, message: str | None = TOO_LONG, **more: Any) -> Assault:
    """One that burns no processor time or cannot be interrupted, so that only a clock ends it."""
    return Assault(name, source, message, is_silent=True, **more)


def calls(body: str, before: str = "") -> str:
    """A reward function with this body."""
    lines = dedent(body).strip().splitlines()
    return f"{dedent(before)}\ndef reward_function(params):\n" + "".join(
        f"    {x}\n" for x in lines
    )


def inside(body: str, before: str = "") -> str:
    """The same, with the way around the guard of imports."""
    return calls(body, PRELUDE + dedent(before))


FORGE = """
import time
msgpack = sys.modules["msgpack"]
struct = module("struct")
def send(data):
    while data:
        data = data[os.write(1, data):]
def frame(message):
    body = message if isinstance(message, bytes) else msgpack.packb(message)
    return struct.pack("<I", len(body)) + body
def reply(**parts):
    return frame({"rewards": struct.pack("<4d", 1, 1, 1, 1), "printed": [], "left_out": 0, **parts})
"""


def forging(body: str) -> str:
    return inside(body, FORGE)
