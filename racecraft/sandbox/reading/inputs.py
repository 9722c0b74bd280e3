"""Which input of the reward function an expression is, and in which unit an angle is."""

from __future__ import annotations

import ast
from typing import Literal

from racecraft.sandbox.reading.holders import holders_of
from racecraft.sandbox.reading.program import Program

Unit = Literal["degrees", "radians"]

_DEGREES = {"heading", "steering_angle"}
CONVERTERS: dict[str, Unit] = {
    "math.degrees": "degrees",
    "math.radians": "radians",
    "numpy.deg2rad": "radians",
    "numpy.degrees": "degrees",
    "numpy.rad2deg": "degrees",
    "numpy.radians": "radians",
}
"""Functions that convert angles, with the unit of their results."""

_ANGLES_OF = {
    "math.acos",
    "math.asin",
    "math.atan",
    "math.atan2",
    "numpy.arccos",
    "numpy.arcsin",
    "numpy.arctan",
    "numpy.arctan2",
}
_KEEPING = {"builtins.abs", "builtins.float", "builtins.round", "math.fabs", "numpy.abs"}
"""Functions whose result has the unit of what they get."""


class Inputs:
    """Looks through simple variables: after `h = params['heading']`, `h` is the heading."""

    def __init__(self, program: Program) -> None:
        self._scopes = program.scopes
        self._holders = holders_of(program)

    def parameter(self, node: ast.expr | None) -> str:
        """The input that an expression is, or nothing."""
        for _ in range(4):
            match node:
                case ast.Subscript(value=value, slice=ast.Constant(value=str(key))):
                    return key if self._holders.hold(value) else ""
                case ast.Name():
                    node = self._value(node)
                case _:
                    break
        return ""

    def unit(self, node: ast.expr | None, depth: int = 4) -> Unit | None:
        """The unit of an angle, if it is certain."""
        if depth == 0:
            return None
        match node:
            case ast.Name():
                return self.unit(self._value(node), depth - 1)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return self.unit(operand, depth - 1)
            case ast.Call(args=[first, *_]):
                return self._unit_of_call(self._scopes.dotted(node.func), first, depth)
            case ast.Subscript():
                inner = self.parameter(node.value)
                return "radians" if inner == "objects_heading" else self._unit_of_input(node)
        return None

    def _unit_of_call(self, function: str, first: ast.expr, depth: int) -> Unit | None:
        if function in _ANGLES_OF:
            return "radians"
        if function in CONVERTERS:
            return CONVERTERS[function]
        return self.unit(first, depth - 1) if function in _KEEPING else None

    def _unit_of_input(self, node: ast.Subscript) -> Unit | None:
        return "degrees" if self.parameter(node) in _DEGREES else None

    def _value(self, name: ast.Name) -> ast.expr | None:
        """What a name is, if it gets a value in one place only."""
        bindings = self._scopes.bindings(name)
        return bindings[0].value if len(bindings) == 1 else None
