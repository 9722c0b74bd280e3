"""Constants of a reward function: names in capitals with a number, at the top of the file."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from racecraft.domain.errors import InvalidSpec

_MOST = 10**15
"""Larger numbers are no quantities; up to here every whole number is a float, too."""


def constants_of(source: str) -> dict[str, int | float]:
    """Numbers that stand under a name in capitals, for instance `TOP_SPEED = 1.0`.

    A whole number stays one, for it may count things. A name that is set twice is left out, and so
    is everything in a source that is not Python.
    """
    found = _places(source)
    return {name: value for name, (_, value) in found.items()}


def with_constants(source: str, values: Mapping[str, float]) -> str:
    """The same source with other numbers under some of the names.

    Raises:
        InvalidSpec: there is no such constant.
    """
    places = _places(source)
    for name in values:
        if name not in places:
            known = ", ".join(places) or "none"
            raise InvalidSpec(
                f"The reward function has no constant {name!r} (it has {known}); write "
                f"`{name} = 1.0` at the top of it, and use the name below."
            )
    lines = source.encode().splitlines(keepends=True)
    # From the end to the beginning, so that places before stay right.
    for name in sorted(values, key=lambda each: _start(places[each][0]), reverse=True):
        node = places[name][0]
        row, _ = _start(node)
        line = lines[row]
        value = values[name]
        new = (str(value) if isinstance(value, int) else f"{value:.6g}").encode()
        lines[row] = line[: node.col_offset] + new + line[node.end_col_offset :]
    return b"".join(lines).decode()


def _places(source: str) -> dict[str, tuple[ast.expr, int | float]]:
    """Where the numbers stand, and what they are."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    found: dict[str, tuple[ast.expr, int | float]] = {}
    seen: set[str] = set()
    for node in body:
        target, value = _assigned(node)
        if target is None or value is None:
            continue
        number = _number(value)
        if target in seen or number is None or value.lineno != value.end_lineno:
            found.pop(target, None)
        else:
            found[target] = (value, number)
        seen.add(target)
    return found


def _assigned(node: ast.stmt) -> tuple[str | None, ast.expr | None]:
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target: ast.expr = node.targets[0]
    elif isinstance(node, ast.AnnAssign):
        target = node.target
    else:
        return None, None
    is_constant = isinstance(target, ast.Name) and target.id.isupper()
    return (target.id if is_constant and isinstance(target, ast.Name) else None), node.value


def _number(node: ast.expr) -> int | float | None:
    sign = 1
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        sign, node = -1, node.operand
    if not isinstance(node, ast.Constant) or type(node.value) not in (int, float):
        return None
    value: int | float = node.value  # type: ignore[assignment]
    return sign * value if abs(value) <= _MOST else None


def _start(node: ast.expr) -> tuple[int, int]:
    return node.lineno - 1, node.col_offset
