"""Lines that run, but most likely do something else than was meant; and what is good to know."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator

from racecraft.sandbox.findings import Finding, Severity
from racecraft.sandbox.reading.inputs import Inputs
from racecraft.sandbox.reading.program import Program, shown

_CAN_BE_ZERO = {
    "distance_from_center": "can be 0, on the centre line",
    "heading": "can be 0, along the x axis",
    "progress": "can be 0, at the start",
    "projection_distance": "can be 0, at waypoint 0",
    "steering_angle": "can be 0, straight ahead",
    "steps - 2": "is 0 at the first call of an episode",
}
_CLOCKS = {
    "time.time",
    "time.time_ns",
    "time.perf_counter",
    "time.perf_counter_ns",
    "time.monotonic",
    "time.process_time",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
}


def slips(program: Program) -> Iterator[Finding]:
    """Small mistakes of writing."""
    for doubt in program.doubts:
        if "missed a comma" in str(doubt.message):
            message = (
                "A comma seems to be missing here, between two items of a list: without it, "
                "Python takes the second as an index or an argument. Add it."
            )
            yield Finding(Severity.ERROR, message, doubt.lineno)
    for node in program.nodes:
        message = _slip(program, node)
        if message:
            yield program.finding(Severity.WARNING, message, node)


def noteworthy(program: Program) -> Iterator[Finding]:
    """What a person may not expect; each is said once."""
    said: set[str] = set()
    inputs = Inputs(program)
    for node in program.nodes:
        topic, message = _note(program, inputs, node)
        if message and topic not in said:
            said.add(topic)
            yield program.finding(Severity.HINT, message, node)


def divisions_by_zero(program: Program) -> Iterator[Finding]:
    """Divisions by an input that is zero now and then, where no test is in sight."""
    inputs = Inputs(program)
    tested = set(_tested(program, inputs))
    for node in program.nodes:
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Div | ast.FloorDiv):
            continue
        divisor = node.right
        while isinstance(divisor, ast.Call) and _is_call_of(program, divisor, "builtins.abs"):
            divisor = divisor.args[0]
        name = inputs.parameter(divisor)
        if isinstance(divisor, ast.BinOp) and _is_zero_at_start(divisor, inputs):
            name = "steps - 2"
        is_caught = program.scopes.place[node].guards & {"*", "ZeroDivisionError"}
        if name in _CAN_BE_ZERO and name not in tested and not is_caught:
            yield program.finding(
                Severity.HINT,
                f"`{name}` {_CAN_BE_ZERO[name]}, and a division by 0 ends the training. Test it "
                "before, or divide by `max(0.01, abs(…))`.",
                node,
            )


def _is_zero_at_start(divisor: ast.BinOp, inputs: Inputs) -> bool:
    is_two = isinstance(divisor.right, ast.Constant) and divisor.right.value == 2
    return is_two and isinstance(divisor.op, ast.Sub) and inputs.parameter(divisor.left) == "steps"


def _tested(program: Program, inputs: Inputs) -> Iterator[str]:
    """Inputs that some test asks about."""
    for node in program.nodes:
        if isinstance(node, ast.If | ast.IfExp | ast.While | ast.Assert):
            for part in ast.walk(node.test):
                if isinstance(part, ast.Name | ast.Subscript):
                    yield inputs.parameter(part)


def _is_call_of(program: Program, call: ast.Call, function: str) -> bool:
    return bool(call.args) and program.scopes.dotted(call.func) == function


def _slip(program: Program, node: ast.AST) -> str:
    match node:
        case ast.Compare(ops=[ast.Is() | ast.IsNot() as operator], comparators=[other]):
            return _identity(program, operator, node.left, other)
        case ast.Expr(value=ast.Compare(left=ast.Name(id=name), ops=[ast.Eq()])):
            return (
                f"This compares {shown(name)} and forgets the answer. To give it a value, write "
                "one `=`."
            )
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.UnaryOp() as value):
            return _turned_operator(program, name, value)
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            return _always_true(program, test)
        case ast.Call() if _is_call_of(program, node, "time.sleep"):
            return "This makes every step of the training wait. Delete it."
    return ""


def _identity(program: Program, operator: ast.cmpop, left: ast.expr, right: ast.expr) -> str:
    for side in (left, right):
        is_plain = isinstance(side, ast.Constant) and isinstance(side.value, int | float | str)
        is_yes_no = isinstance(side, ast.Constant) and isinstance(side.value, bool)
        if (is_plain and not is_yes_no) or isinstance(side, ast.List | ast.Tuple | ast.Dict):
            word, right_word = ("is", "==") if isinstance(operator, ast.Is) else ("is not", "!=")
            return (
                f"`{word}` asks whether two things are the same object, which says nothing about "
                f"their values. To compare with {shown(program.text(side), 30)}, write "
                f"`{right_word}`."
            )
    return ""


def _turned_operator(program: Program, name: str, value: ast.UnaryOp) -> str:
    """`reward =+ 1`, where `reward += 1` was meant."""
    line = program.lines[value.lineno - 1].encode()
    before, behind = line[: value.col_offset], line[value.col_offset + 1 :]
    is_plus = isinstance(value.op, ast.UAdd) and before.endswith(b"=")
    is_minus = isinstance(value.op, ast.USub) and before.endswith(b" =") and behind[:1] == b" "
    if not is_plus and not is_minus:
        return ""
    sign = "+" if is_plus else "-"
    return f"`={sign}` sets {shown(name)} to the value behind it. To change it, write `{sign}=`."


def _always_true(program: Program, test: ast.expr) -> str:
    """`if side == 'left' or 'right'`."""
    if not (isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or)):
        return ""
    for before, alone in itertools.pairwise(test.values):
        value = alone.value if isinstance(alone, ast.Constant) else None
        is_plain = isinstance(value, int | float | str) and bool(value)
        if is_plain and isinstance(before, ast.Compare):
            left = program.text(before.left)[:30]
            return (
                f"This test always holds, because {shown(program.text(alone), 30)} alone counts "
                f"as true. Write `{left} == …` on both sides of `or`, or `{left} in (…, …)`."
            )
    return ""


def _note(program: Program, inputs: Inputs, node: ast.AST) -> tuple[str, str]:
    """A topic, and what to say about it."""
    scope = program.scopes.place[node].scope
    if isinstance(node, ast.Compare) and _is_before_start(node, inputs):
        return "start", (
            "The first call of an episode sees 2 steps, because the car is put on the track in "
            "step 1. Write `params['steps'] <= 2` to notice the start."
        )
    if isinstance(node, ast.Global) and not any("steps" in line for line in program.lines):
        return "global", (
            f"`global {', '.join(node.names)[:60]}` keeps values from step to step and from "
            "episode to episode. That is right for what never changes; anything else should be "
            "set back in the first call of an episode, when `params['steps']` is 2."
        )
    if not isinstance(node, ast.Call) or scope.function() is None:
        return "", ""
    name = program.scopes.dotted(node.func)
    if name.startswith(("random.", "numpy.random.")) and not name.endswith("seed"):
        return "random", (
            "Chance makes rewards noisy: the same drive pays more one time and less another, "
            "which is harder to learn from."
        )
    if name in _CLOCKS:
        return "clock", (
            "This is the clock of the computer, which says nothing about how fast the car is. "
            "The time of the simulation is `params['sim_time']`."
        )
    return "", ""


def _is_before_start(node: ast.Compare, inputs: Inputs) -> bool:
    """`steps == 1`, `steps <= 1` and `steps < 2`, which never hold."""
    match node:
        case ast.Compare(ops=[operator], comparators=[ast.Constant(value=int(limit))]):
            below = isinstance(operator, ast.Eq | ast.LtE) and limit in (0, 1)
            below = below or (isinstance(operator, ast.Lt) and limit in (1, 2))
            return below and inputs.parameter(node.left) == "steps"
    return False
