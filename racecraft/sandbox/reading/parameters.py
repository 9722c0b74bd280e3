"""Inputs that a reward function is not given, with what was meant instead."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator

from racecraft.domain.reward import PARAMETERS
from racecraft.sandbox.findings import Finding, Severity
from racecraft.sandbox.reading.holders import Holders, holders_of
from racecraft.sandbox.reading.program import Program, shown

_MEANT = {
    "abs_steering": "steering_angle",
    "abs_steering_angle": "steering_angle",
    "angle": "steering_angle",
    "car_orientation": "heading",
    "center_distance": "distance_from_center",
    "closest_object": "closest_objects",
    "closest_waypoint": "closest_waypoints",
    "collided": "is_crashed",
    "completion": "progress",
    "direction": "heading",
    "distance": "distance_from_center",
    "distance_center": "distance_from_center",
    "distance_to_center": "distance_from_center",
    "is_left": "is_left_of_center",
    "is_on_track": "all_wheels_on_track",
    "left_of_center": "is_left_of_center",
    "nearest_waypoints": "closest_waypoints",
    "object_in_view": "object_in_camera",
    "objects_in_camera": "object_in_camera",
    "objects_position": "objects_location",
    "on_track": "all_wheels_on_track",
    "orientation": "heading",
    "pos_x": "x",
    "pos_y": "y",
    "position_x": "x",
    "position_y": "y",
    "reversed": "is_reversed",
    "steer": "steering_angle",
    "steering": "steering_angle",
    "throttle": "speed",
    "time": "sim_time",
    "timestamp": "sim_time",
    "tstamp": "sim_time",
    "velocity": "speed",
    "wheels_on_track": "all_wheels_on_track",
    "width": "track_width",
    "yaw": "heading",
}
"""What people write for an input whose name looks different."""

_BEFORE = ("prev", "last_", "old_")
_METHODS = frozenset(dir(dict))


def meant(name: str) -> str:
    """The input that was most likely meant by a name, or nothing."""
    plain = name.lower().replace("-", "_").replace(" ", "_").replace("centre", "center")
    if plain in PARAMETERS:
        return plain
    if plain in _MEANT:
        return _MEANT[plain]
    near = difflib.get_close_matches(plain[:60], PARAMETERS, n=1, cutoff=0.75)
    return near[0] if near else ""


def unknown_parameters(program: Program) -> Iterator[Finding]:
    """Inputs that are read but not given."""
    holders = holders_of(program)
    added = set(_keys_added(program)) | set(PARAMETERS)
    tested = set(_keys_tested(program))
    is_open = any(_is_filled_unseen(node, holders) for node in program.nodes)
    for node in program.nodes:
        match node:
            case ast.Subscript(slice=ast.Constant(value=key)) if isinstance(node.ctx, ast.Load):
                if not is_open and key not in added | tested and holders.hold(node.value):
                    yield _not_given(program, node, key)
            case ast.Call(func=ast.Attribute(value=value, attr="get" | "pop" as method)):
                key = _first_text(node)
                is_known = is_open or key is None or key in added | tested
                if not is_known and holders.hold(value):
                    yield _got(program, node, key or "", method)
            case ast.Attribute(value=value, attr=name) if name not in _METHODS:
                if holders.hold(value) and isinstance(node.ctx, ast.Load):
                    yield _as_attribute(program, node, name)
            case ast.Call(func=ast.Name() as called) if holders.hold(called):
                yield program.finding(
                    Severity.ERROR,
                    f"{shown(called.id)} is a dictionary, not a function. Read a parameter with "
                    "square brackets: `params['speed']`.",
                    node,
                )


def _not_given(program: Program, node: ast.Subscript, key: object) -> Finding:
    guards = program.scopes.place[node].guards
    is_caught = bool(guards & {"*", "KeyError", "LookupError"})
    severity = Severity.HINT if is_caught else Severity.ERROR
    if isinstance(key, str):
        return program.finding(severity, _message(key), node)
    message = (
        f"The parameters have names, not numbers such as {shown(program.text(node.slice))}. Write "
        "the name of one in quotes: `params['speed']`."
    )
    return program.finding(severity, message, node)


def _got(program: Program, node: ast.Call, key: str, method: str) -> Finding:
    if method == "pop" and len(node.args) == 1:
        return program.finding(Severity.ERROR, _message(key), node)
    default = program.text(node.args[1]) if len(node.args) > 1 else "None"
    # `params.get('velocity', params.get('speed'))` is written to suit several programs.
    severity = Severity.HINT if ".get(" in default or "[" in default else Severity.WARNING
    return program.finding(
        severity, f"{_message(key)} As it stands, this always gives {shown(default)}.", node
    )


def _as_attribute(program: Program, node: ast.Attribute, name: str) -> Finding:
    right = meant(name) or "speed"
    return program.finding(
        Severity.ERROR,
        f"`params` is a dictionary, which has no {shown(name)}. Write "
        f"`{program.text(node.value)[:30]}['{right}']`.",
        node,
    )


def _message(key: str) -> str:
    said = f"There is no parameter named {shown(repr(key))}."
    right = meant(key)
    if right:
        return f"{said} Did you mean `'{right}'`?"
    if key.startswith(_BEFORE):
        return (
            f"{said} A step is told nothing about those before it; keep the value in a variable "
            "outside of the function."
        )
    return f"{said} The page on reward parameters lists what is there."


def _first_text(call: ast.Call) -> str | None:
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    return None


def _keys_added(program: Program) -> Iterator[object]:
    """Keys that the program puts into any dictionary, for who knows which one it is."""
    for node in program.nodes:
        match node:
            case ast.Subscript(slice=ast.Constant(value=key)):
                if isinstance(node.ctx, ast.Store):
                    yield key
            case ast.Call(
                func=ast.Attribute(attr="setdefault"), args=[ast.Constant(value=key), *_]
            ):
                yield key
            case ast.Call(func=ast.Attribute(attr="update")):
                yield from (keyword.arg for keyword in node.keywords)
                for argument in node.args:
                    if isinstance(argument, ast.Dict):
                        yield from (k.value for k in argument.keys if isinstance(k, ast.Constant))


def _keys_tested(program: Program) -> Iterator[object]:
    """Keys of which the program asks whether they are there."""
    for node in program.nodes:
        match node:
            case ast.Compare(left=ast.Constant(value=key), ops=[ast.In() | ast.NotIn()]):
                yield key


def _is_filled_unseen(node: ast.AST, holders: Holders) -> bool:
    """Whether the inputs get keys that cannot be read from the text."""
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr="update"), args=[first, *_]):
            return not isinstance(first, ast.Dict) and holders.hold(value)
        case ast.Subscript(value=value, slice=key) if isinstance(node.ctx, ast.Store):
            return not isinstance(key, ast.Constant) and holders.hold(value)
        case ast.AugAssign(target=ast.Name() as target, op=ast.BitOr()):
            return holders.hold(target)
    return False
