"""Which names of a program hold the dictionary of inputs.

`params`, what it is copied to, and what functions call it that get it as an argument.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass, field

from racecraft.sandbox.reading.entry import entry_of
from racecraft.sandbox.reading.program import Program
from racecraft.sandbox.reading.scopes import Binding, FunctionNode, Scope

_ROUNDS = 8
"""How many functions deep the inputs are followed."""
_COPIES = {"builtins.dict", "copy.copy", "copy.deepcopy"}


@dataclass(eq=False)
class _Argument:
    """An argument of a function, with all that it is given in the program."""

    given: list[ast.expr] = field(default_factory=list)
    is_clear: bool = True


@functools.lru_cache(maxsize=1)
def holders_of(program: Program) -> Holders:
    """The holders of a program, found once for all who ask."""
    return Holders(program)


class Holders:
    """Where the inputs are. A name counts only if it never holds anything else."""

    def __init__(self, program: Program) -> None:
        self._scopes = program.scopes
        self._names: dict[Scope, set[str]] = {}
        self._attributes: set[str] = set()
        entry = entry_of(program)
        if entry is None or getattr(entry, "decorator_list", []):
            return  # a decorator may give it something else
        named = [*entry.args.posonlyargs, *entry.args.args]
        self._entry = named[0] if named else None
        self._calls = dict(_calls(program))
        assigned = list(_attributes_assigned(program))
        size = -1
        for _ in range(_ROUNDS):
            self._find_names()
            self._find_attributes(assigned)
            if size == (size := self._size()):
                break

    def hold(self, node: ast.expr) -> bool:
        """Whether an expression is the dictionary of inputs, or a copy of it."""
        match node:
            case ast.Name():
                scope = self._scopes.lookup(node.id, self._scopes.place[node].scope)
                return scope is not None and node.id in self._names.get(scope, ())
            case ast.Attribute():
                return node.attr in self._attributes
            case ast.Call(func=ast.Attribute(value=ast.Name() as value, attr="copy"), args=[]):
                return self.hold(value)
            case ast.Call(args=[ast.Name() as value], keywords=[]):
                return self._scopes.dotted(node.func) in _COPIES and self.hold(value)
        return False

    def _size(self) -> int:
        return len(self._attributes) + sum(map(len, self._names.values()))

    def _find_names(self) -> None:
        for scope in self._scopes.opened.values():
            for name, bindings in scope.bindings.items():
                if all(self._gives(binding) for binding in bindings):
                    self._names.setdefault(scope, set()).add(name)

    def _gives(self, binding: Binding) -> bool:
        """Whether a name gets the inputs here."""
        if binding.kind == "argument":
            if binding.node is self._entry:
                return True
            argument = self._calls.get(binding.node, _Argument())
            is_clear = argument.is_clear and bool(argument.given)
            return is_clear and all(self.hold(value) for value in argument.given)
        return binding.value is not None and self.hold(binding.value)

    def _find_attributes(self, assigned: list[tuple[str, ast.expr | None]]) -> None:
        """`self.params = params`; `None` may stand in for it before."""
        held: set[str] = set()
        others: set[str] = set()
        for name, value in assigned:
            if isinstance(value, ast.Constant) and value.value is None:
                continue
            (held if value is not None and self.hold(value) else others).add(name)
        self._attributes |= held - others


def _attributes_assigned(program: Program) -> Iterator[tuple[str, ast.expr | None]]:
    """Names of attributes with what is assigned to them; None for what is not simple."""
    simple: dict[ast.AST, ast.expr | None] = {}
    for node in program.nodes:
        if isinstance(node, ast.Assign):
            simple.update(dict.fromkeys(node.targets, node.value))
        elif isinstance(node, ast.AnnAssign):
            simple[node.target] = node.value or ast.Constant(None)
    for node in program.nodes:
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            yield node.attr, simple.get(node)
    for scope in program.scopes.opened.values():
        for name, bindings in scope.bindings.items() if scope.is_class else ():
            for binding in bindings:
                yield name, binding.value


def _calls(program: Program) -> Iterator[tuple[ast.AST, _Argument]]:
    """The arguments of the program's own functions, with what calls give them."""
    functions = dict(_functions_by_name(program))
    found: dict[ast.AST, _Argument] = {}
    for node in program.nodes:
        if not isinstance(node, ast.Call):
            continue
        function = functions.get(_called_name(program, node.func))
        if function is not None and not _is_inside(program, node, function):
            _give(found, function, node)
    yield from found.items()


def _functions_by_name(program: Program) -> Iterator[tuple[str, FunctionNode]]:
    """Functions that can be meant by a name: `f`, `.method`; a class is its `__init__`."""
    seen: dict[str, list[FunctionNode]] = {}
    for node, scope in program.scopes.opened.items():
        if isinstance(node, ast.FunctionDef) and scope.parent is not None:
            owner = scope.parent.node
            is_method = isinstance(owner, ast.ClassDef)
            name = f".{node.name}" if is_method else node.name
            if isinstance(owner, ast.ClassDef) and node.name == "__init__":
                name = owner.name
            seen.setdefault(name, []).append(node)
    return ((name, nodes[0]) for name, nodes in seen.items() if len(nodes) == 1)


def _called_name(program: Program, called: ast.expr) -> str:
    if isinstance(called, ast.Attribute):
        return f".{called.attr}"
    if isinstance(called, ast.Name):
        kinds = {binding.kind for binding in program.scopes.bindings(called)}
        return called.id if kinds == {"definition"} else ""
    return ""


def _is_inside(program: Program, node: ast.AST, function: FunctionNode) -> bool:
    scopes = program.scopes.place[node].scope.and_parents()
    return any(scope.node is function for scope in scopes)


def _give(found: dict[ast.AST, _Argument], function: FunctionNode, call: ast.Call) -> None:
    """Note which argument of the function gets what in a call."""
    named = [*function.args.posonlyargs, *function.args.args]
    is_method = bool(named) and named[0].arg in ("self", "cls")
    arguments = [found.setdefault(argument, _Argument()) for argument in named[is_method:]]
    is_clear = not any(isinstance(value, ast.Starred) for value in call.args)
    is_clear = is_clear and len(call.args) <= len(arguments)
    by_name = {argument.arg: argument for argument in named[is_method:]}
    for argument, value in zip(arguments, call.args, strict=False):
        argument.given.append(value)
    for keyword in call.keywords:
        if keyword.arg in by_name:
            found[by_name[keyword.arg]].given.append(keyword.value)
        is_clear = is_clear and keyword.arg is not None
    for argument in arguments:
        argument.is_clear = argument.is_clear and is_clear
