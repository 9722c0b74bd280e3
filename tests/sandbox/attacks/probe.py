"""Probes: what tries one thing that must not be possible, and goes on living.

The text of a probe is the body of a function that returns what it got hold of (anything but None),
so many probes can be asked one after the other in one locked process.

Words between @ signs are replaced by the places of the secrets (`stage.py`). Nothing here harms a
machine if it gets through: signals to everybody are number 0, bombs are small.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent, indent

LOOT = 666.0
"""What a probe that got through returns as its reward."""

USUAL = 1.0
"""What any other probe returns."""


@dataclass(frozen=True)
class Probe:
    """One thing that must not be possible."""

    name: str
    body: str
    """Of a function; returns what it got hold of, else None, or raises."""
    opens: bool = True
    """Whether it gets through when nothing is locked, so that it is known to be a real try."""


PRELUDE = '''
import json

_inside = json.loads.__globals__["__builtins__"]  # the real ones, without a guard
_inside = _inside if isinstance(_inside, dict) else vars(_inside)
real_import = _inside["__import__"]
sys = real_import("sys")
os = sys.modules["posix"] if "posix" in sys.modules else real_import("posix")
ctypes = sys.modules.get("ctypes") or real_import("ctypes")
machine = ctypes.CDLL(None, use_errno=True)
machine.syscall.restype = ctypes.c_long
PARENT = @PARENT@


def module(name):
    real_import(name)
    return sys.modules[name]


def freely(call, *arguments):
    """A call of what is written in C and imports by the rules of who calls it."""
    return eval("call(*arguments)", {"__builtins__": _inside, "call": call, "arguments": arguments})


def kernel(number, *arguments):
    """A call of the kernel without Python in between; anything but "not permitted" is loot."""
    ctypes.set_errno(0)
    values = [a if isinstance(a, bytes) else ctypes.c_long(a) for a in arguments]
    answer = machine.syscall(ctypes.c_long(number), *values)
    problem = ctypes.get_errno()
    return None if (answer, problem) == (-1, 1) else f"call {number}: {answer}, error {problem}"
'''


def probing(probes: list[Probe]) -> str:
    """One reward function with all these probes; `steps` says which one a call tries."""
    parts = ["import numpy\n" + PRELUDE]
    for number, probe in enumerate(probes):
        body = indent(dedent(probe.body).strip(), "    ")
        parts.append(f"def probe_{number}():\n{body}\n")
    parts.append(
        dedent(
            f"""
            def reward_function(params):
                try:
                    loot = globals()["probe_%d" % params["steps"]]()
                except BaseException as error:
                    print("stopped by", type(error).__name__, error)
                    return {USUAL}
                if loot is None:
                    print("nothing")
                    return {USUAL}
                print("got", repr(loot)[:300])
                return {LOOT}
            """
        )
    )
    return "\n\n".join(parts)
