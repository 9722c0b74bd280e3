"""Programs that nobody would write: examples with something broken, and chains of odd pieces."""

from __future__ import annotations

import random
import re

from racecraft.sandbox.builtin import BUILTIN_REWARDS, builtin_reward

SEEDS = [builtin_reward(name) for name in BUILTIN_REWARDS]
TOKENS = re.compile(r"\w+|[^\w\s]|\s+")
PIECES = [
    "params", "params['speed']", "params['waypoints']", "params.clear()", "None", "True", "0",
    "-1", "1e308", "10 ** 400", "'x' * 10 ** 9", "[0] * 10 ** 9", "float('nan')", "float('inf')",
    "...", "lambda: reward_function", "reward_function(params)", "print('x' * 99999)", "1 / 0",
    "raise", "raise SystemExit", "raise KeyboardInterrupt", "raise BaseException('x')", "return",
    "yield", "await x", "return [params]", "return params", "return 'a'", "return 1j",
    "return lambda: 1", "import os", "import sys", "import numpy as np", "from math import *",
    "import nothing_here", "open('/etc/passwd')", "exec('1')", "eval('params')",
    "__import__('os')", "globals()", "del math", "class float: pass", "class A(type): pass",
    "global x", "nonlocal x", "while 0: pass", "assert 0", "try:", "except:", "finally:", "else:",
    "if True:", "for i in range(9):", "with x:", "def f():", "def reward_function(params):",
    "def reward_function():", "async def reward_function(params):", "reward_function = 1",
    "reward_function = None", "params = 3", "(", ")", "[", "]", "{", "}", "'", '"""', "\\", "\n",
    "\t", "    ", ":", "=", "==", ":=", "@", "->", "*", "**", "//", ";", "#", "\r", "\0", "\x0c",
    "\ufeff", "é", "“", "’", "变量", "𝕩", "\u202e", "0x", "1_000", "0777", "1e", "f'{params}'",
    "f'{'", "b'\\xff'", "r'\\'", "if x := 1:", "match params:", "case _:", "print 'hello'", "x++",
    "&&", "(" * 120, "[" * 250 + "]" * 250, "-" * 3000 + "1", "not " * 900 + "1", "x." * 500 + "x",
    "a" * 9999, "import itertools\nlist(itertools.product(range(9), repeat=9))",
    "sum(range(10 ** 7))", "__builtins__.clear()", "type.__call__ = None",
    "params['waypoints'][10**9]", "object.__new__(int)", "().__class__.__base__.__subclasses__()",
    "setattr(params, 'x', 1)", "sorted(params.values())",
]  # fmt: skip


def program(seed: int) -> str:
    """The program of a number; the same number gives the same program."""
    dice = random.Random(seed)
    if dice.random() < 0.15:
        return "".join(
            dice.choice([*PIECES, "\n", "\n    ", " "]) for _ in range(dice.randint(1, 30))
        )
    text = dice.choice(SEEDS)
    for _ in range(dice.choice([1, 1, 1, 2, 3, 6])):
        text = dice.choice(MUTATIONS)(text, dice)
    return text[:50_000]


def _other_token(text: str, dice: random.Random) -> str:
    tokens = TOKENS.findall(text) or [""]
    at = dice.randrange(len(tokens))
    tokens[at] = dice.choice([*PIECES, *tokens])
    return "".join(tokens)


def _lost_token(text: str, dice: random.Random) -> str:
    tokens = TOKENS.findall(text) or [""]
    del tokens[dice.randrange(len(tokens))]
    return "".join(tokens)


def _other_lines(text: str, dice: random.Random) -> str:
    lines = text.split("\n")
    first, second = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    return "\n".join(lines)


def _new_line(text: str, dice: random.Random) -> str:
    lines = text.split("\n")
    at = dice.randrange(len(lines))
    indent = " " * dice.choice([0, 4, 4, 4, 8, 3])
    lines.insert(at, indent + dice.choice(PIECES))
    return "\n".join(lines)


def _other_character(text: str, dice: random.Random) -> str:
    at = dice.randrange(len(text) + 1)
    return text[:at] + chr(dice.randrange(0x110000 - 0x800)) + text[at + 1 :]


def _cut(text: str, dice: random.Random) -> str:
    return text[: dice.randrange(len(text) + 1)]


def _two(text: str, dice: random.Random) -> str:
    return text + "\n" + dice.choice(SEEDS)


MUTATIONS = [
    _other_token, _other_token, _lost_token, _other_lines, _new_line, _new_line,
    _other_character, _cut, _two,
]  # fmt: skip
