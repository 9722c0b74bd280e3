"""Names that have no value when they are read."""

from __future__ import annotations

import ast
import difflib
import math
import sys
from collections.abc import Iterator

from racecraft.domain.reward import PARAMETERS
from racecraft.sandbox.findings import Finding, Severity
from racecraft.sandbox.imports import ALLOWED
from racecraft.sandbox.reading.flow import statements
from racecraft.sandbox.reading.program import Program, shown
from racecraft.sandbox.reading.scopes import BUILTINS, Binding, Place, Scope

_MEANT = {
    "basestring": "`str`",
    "false": "`False`",
    "FALSE": "`False`",
    "infinity": "`float('inf')`",
    "Infinity": "`float('inf')`",
    "long": "`int`",
    "nan": "`float('nan')`",
    "NaN": "`float('nan')`",
    "nil": "`None`",
    "none": "`None`",
    "null": "`None`",
    "Null": "`None`",
    "NULL": "`None`",
    "raw_input": "`params`, which holds all there is",
    "this": "`self`",
    "true": "`True`",
    "TRUE": "`True`",
    "undefined": "`None`",
    "unicode": "`str`",
    "xrange": "`range`",
}
"""What names of other languages are in Python."""

_UNAVAILABLE = {"cv2", "os", "pd", "plt", "sys", "tf"}
_ALIASES = {
    "np": "import numpy as np",
    "sp": "import scipy as sp",
    "Point": "from shapely.geometry import Point",
    "LineString": "from shapely.geometry import LineString",
    "Polygon": "from shapely.geometry import Polygon",
    "dataclass": "from dataclasses import dataclass",
    "deque": "from collections import deque",
    "defaultdict": "from collections import defaultdict",
    "namedtuple": "from collections import namedtuple",
    "Enum": "from enum import Enum",
    "reduce": "from functools import reduce",
    "Any": "from typing import Any",
    "Dict": "from typing import Dict",
    "List": "from typing import List",
    "Optional": "from typing import Optional",
    "Tuple": "from typing import Tuple",
    "Union": "from typing import Union",
}
"""Names that everybody gives to the same import."""

_MATH = frozenset(name for name in vars(math) if not name.startswith("_"))
_INVENTING = {"exec", "globals", "locals", "vars"}
"""Builtins that can make names out of texts."""


def undefined_names(program: Program) -> Iterator[Finding]:
    """Names that nothing gives a value."""
    imported = _names_by_star(program)
    loads = [node for scope in program.scopes.opened.values() for node in scope.loads]
    if imported is None or any(node.id in _INVENTING for node in loads):
        return
    said: set[tuple[str, Scope]] = set()
    for node in loads:
        name, place = node.id, program.scopes.place[node]
        if name in BUILTINS or name in imported or program.scopes.lookup(name, place.scope):
            continue
        is_asked = bool(place.guards & {"NameError", "UnboundLocalError"})
        if not is_asked and (name, place.scope) not in said:
            said.add((name, place.scope))
            severity = Severity.WARNING if "*" in place.guards else Severity.ERROR
            message = f"The name {shown(name)} has no value here. {_advice(program, name, place)}"
            yield program.finding(severity, message, node)


def _names_by_star(program: Program) -> set[str] | None:
    """What `from module import *` brings; None if that cannot be known."""
    names: set[str] = set()
    for star in {star for scope in program.scopes.opened.values() for star in scope.stars}:
        module = sys.modules.get(star)
        if module is None:
            return None
        names.update(getattr(module, "__all__", None) or vars(module))
    return names


def _advice(program: Program, name: str, place: Place) -> str:
    if name in _MEANT:
        return f"Python writes {_MEANT[name]}."
    if name in _UNAVAILABLE:
        return "What is usually imported under this name is not there for reward functions."
    if name in _ALIASES or name in ALLOWED:
        return f"Write `{_ALIASES.get(name, f'import {name}')}` at the top of the file."
    if advice := _elsewhere(program, name):
        return advice
    scopes = place.scope.and_parents()
    visible = {key for s in scopes if not s.is_class or s is place.scope for key in s.bindings}
    near = _near(name, visible | set(PARAMETERS))
    if near in visible:
        return f"Did you mean {shown(near)}?"
    if near:
        return f"Read the parameter first: `{near} = params['{near}']`."
    if name in _MATH:
        return f"Write `math.{name}`, and `import math` at the top of the file."
    near = _near(name, {key for key in BUILTINS if key.isalpha()})
    return f"Did you mean `{near}`?" if near else "Give it one first, or correct its spelling."


def _elsewhere(program: Program, name: str) -> str:
    """What to do about a name that another function or a class has."""
    for scope in program.scopes.opened.values():
        binding = next(iter(scope.bindings.get(name[:60], [])), None)
        if binding is None or binding.kind == "import":
            continue
        if isinstance(scope.node, ast.ClassDef):
            return f"It belongs to the class: write `self.{name}` or `{scope.node.name}.{name}`."
        if isinstance(scope.node, ast.FunctionDef):
            owner, line = shown(f"{scope.node.name}()"), getattr(binding.node, "lineno", "?")
            return f"It is known only in {owner} (line {line}): pass it on as an argument."
    return ""


def _near(name: str, known: set[str]) -> str:
    """The known name that is most like one, or nothing."""
    if name in known:
        return name
    alike = [key for key in sorted(known) if abs(len(key) - len(name)) <= 3 and len(name) > 2]
    candidates = {key.lower(): key for key in alike[:300]}
    near = difflib.get_close_matches(name[:60].lower(), candidates, n=1, cutoff=0.8)
    return candidates[near[0]] if near else ""


def names_read_too_early(program: Program) -> Iterator[Finding]:
    """Local names that are read before their function gives them a value."""
    for scope in program.scopes.opened.values():
        if not isinstance(scope.node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        looping = [s for s in statements(scope.node.body) if isinstance(s, _LOOPS)]
        reads: dict[str, list[ast.Name]] = {}
        for node in scope.loads:
            reads.setdefault(node.id, []).append(node)
        for name, bindings in scope.bindings.items():
            if bindings[0].kind == "argument":
                continue
            first = _first_read(program, scope, reads.get(name, []), bindings)
            if first is None or any(_is_within(first, loop) for loop in looping):
                continue
            if not program.scopes.place[first].guards & _CAUGHT:
                yield program.finding(
                    Severity.ERROR,
                    f"The name {shown(name)} has no value yet here. "
                    f"{_advice_too_early(program, name, bindings)}",
                    first,
                )


_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_CAUGHT = {"*", "NameError", "UnboundLocalError"}


def _first_read(
    program: Program, scope: Scope, reads: list[ast.Name], bindings: list[Binding]
) -> ast.Name | None:
    """The read of a name that comes before everything that gives it a value."""
    reads = list(reads)
    for binding in bindings:
        is_own = program.scopes.place.get(binding.node, _NOWHERE).scope is scope
        if binding.kind == "change" and is_own and isinstance(binding.node, ast.Name):
            reads.append(binding.node)
    first = min(reads, key=_start, default=None)
    given = [_given_at(binding) for binding in bindings if binding.kind != "change"]
    return first if first and all(_start(first) < position for position in given) else None


_NOWHERE = Place(Scope(ast.Module([], []), None))


def _given_at(binding: Binding) -> tuple[int, int]:
    """Where a name has its value: behind the value, for `x = x + 1` reads `x` before."""
    if binding.value is None:
        return _start(binding.node)
    value = binding.value
    return value.end_lineno or value.lineno, value.end_col_offset or value.col_offset


def _start(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _is_within(node: ast.Name, loop: ast.stmt) -> bool:
    return loop.lineno <= node.lineno <= (loop.end_lineno or loop.lineno)


def _advice_too_early(program: Program, name: str, bindings: list[Binding]) -> str:
    if any(binding.kind in ("import", "definition") for binding in bindings):
        return "Move what gives it its value above this line."
    if name in program.scopes.module.bindings:
        return (
            "The function gives it a value as well, so it is not the one outside; write "
            f"`global {name}` as the first line of the function."
        )
    return "Give it a first value above this line."
