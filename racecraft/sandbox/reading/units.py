"""Degrees where radians are wanted, and comparisons of inputs with what they can never be."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from racecraft.sandbox.findings import Finding, Severity
from racecraft.sandbox.reading.inputs import CONVERTERS, Inputs
from racecraft.sandbox.reading.program import Program, shown

_YES_NO = {
    "all_wheels_on_track",
    "crashed",
    "is_crashed",
    "is_left_of_center",
    "is_offtrack",
    "is_reversed",
    "object_in_camera",
    "offtrack",
}
_LISTS = {
    "closest_objects": "two numbers, `[behind, ahead]`",
    "closest_waypoints": "two numbers, `[behind, ahead]`",
    "objects_distance": "one number for each object",
    "objects_distance_from_center": "one number for each object",
    "objects_heading": "one number for each object",
    "objects_left_of_center": "one answer for each object",
    "objects_location": "one pair for each object",
    "objects_speed": "one number for each object",
    "waypoints": "pairs `(x, y)`",
}


def confused_units(program: Program) -> Iterator[Finding]:
    """Angles in a unit that is not the one wanted."""
    inputs = Inputs(program)
    for node in program.nodes:
        match node:
            case ast.Call(args=[angle]):
                message = _wrong_angle(program, inputs, node, angle)
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
                message = _mixed(program, inputs, left, right)
            case ast.Compare(left=left, comparators=[right]):
                message = _mixed(program, inputs, left, right)
            case _:
                continue
        if message:
            yield program.finding(Severity.WARNING, message, node)


def vain_comparisons(program: Program) -> Iterator[Finding]:
    """Comparisons of an input that always give the same."""
    inputs = Inputs(program)
    for node in program.nodes:
        match node:
            case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq()], comparators=[right]):
                pairs = ((left, right), (right, left))
                messages = (_never_equal(inputs.parameter(a), b) for a, b in pairs)
            case ast.Compare(
                left=left, ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()], comparators=[right]
            ):
                pairs = ((left, right), (right, left))
                messages = (_never_ordered(inputs.parameter(a), b) for a, b in pairs)
            case _:
                continue
        is_order = not isinstance(node.ops[0], ast.Eq | ast.NotEq)
        for message in messages:
            if message:
                severity = Severity.ERROR if is_order else Severity.WARNING
                yield program.finding(severity, message, node)


def _wrong_angle(program: Program, inputs: Inputs, call: ast.Call, angle: ast.expr) -> str:
    function = program.scopes.dotted(call.func)
    if not function.startswith(("math.", "numpy.")):
        return ""
    unit, what = inputs.unit(angle), shown(program.text(angle), 40)
    if function.endswith((".sin", ".cos", ".tan")) and unit == "degrees":
        return (
            f"`{function}` wants radians, but {what} is in degrees. Write `math.radians(…)` "
            "around it."
        )
    if unit is not None and CONVERTERS.get(function) == unit:
        return f"{what} is in {unit} already, and `{function}` spoils it. Use it as it is."
    return ""


def _mixed(program: Program, inputs: Inputs, left: ast.expr, right: ast.expr) -> str:
    units = inputs.unit(left), inputs.unit(right)
    if None in units or units[0] == units[1]:
        return ""
    a, b = shown(program.text(left), 40), shown(program.text(right), 40)
    return (
        f"{a} is in {units[0]} and {b} in {units[1]}. Bring both to the same unit with "
        "`math.degrees(…)` or `math.radians(…)`."
    )


def _never_equal(parameter: str, other: ast.expr) -> str:
    """What to say of `parameter == other`."""
    value = other.value if isinstance(other, ast.Constant) else None
    if isinstance(value, str) and parameter in _YES_NO:
        return (
            f"`{parameter}` is True or False, never a text such as {shown(repr(value))}. "
            f"Write `if params['{parameter}']:` or `if not params['{parameter}']:`."
        )
    if isinstance(value, str) and parameter:
        return f"`{parameter}` is never a text such as {shown(repr(value))}. Compare with a number."
    if isinstance(value, int | float) and parameter in _LISTS:
        return f"`{parameter}` is a list ({_LISTS[parameter]}), never a number. Choose one of it."
    return ""


def _never_ordered(parameter: str, other: ast.expr) -> str:
    """What to say of `parameter < other`."""
    is_number = isinstance(other, ast.Constant) and isinstance(other.value, int | float)
    if parameter in _LISTS and is_number:
        return (
            f"`{parameter}` is a list ({_LISTS[parameter]}) and cannot be compared with a number. "
            f"Choose one of it: `params['{parameter}'][0]`."
        )
    return ""
