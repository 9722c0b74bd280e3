"""From a syntax tree to its scopes, in one pass.

A stack instead of recursion: hostile text nests as deep as Python's parser lets it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable

from racecraft.sandbox.reading.scopes import (
    Binding,
    ComprehensionNode,
    FunctionNode,
    Place,
    Scope,
    Scopes,
)

_CATCH_ALL = {"Exception", "BaseException"}


def scopes_of(tree: ast.Module) -> Scopes:
    """The scopes of a program."""
    return _Walk(tree).scopes


class _Walk:
    """One pass over a tree."""

    def __init__(self, tree: ast.Module) -> None:
        module = Scope(tree, None)
        self.scopes = Scopes(module, {tree: module})
        self._values: dict[ast.AST, ast.expr] = {}
        """The right sides of assignments, by the name that gets them."""
        self._reads_annotations = sys.version_info < (3, 14) and not any(
            isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body
        )
        self._stack: list[tuple[ast.AST, Place]] = []
        self._push([tree], Place(module))
        while self._stack:
            node, place = self._stack.pop()
            self.scopes.place[node] = place
            _VISITS.get(type(node), _Walk._children)(self, node, place)

    def _push(self, nodes: Iterable[ast.AST], place: Place) -> None:
        self._stack += [(node, place) for node in reversed(list(nodes))]

    def _open(self, node: ast.AST, place: Place) -> Scope:
        scope = Scope(node, place.scope)
        self.scopes.opened[node] = scope
        return scope

    def _children(self, node: ast.AST, place: Place) -> None:
        self._push(ast.iter_child_nodes(node), place)

    def _name(self, node: ast.Name, place: Place) -> None:
        if isinstance(node.ctx, ast.Load):
            place.scope.loads.append(node)
            return
        value = self._values.get(node)
        place.scope.bind(node.id, Binding(node, "assignment" if value else "other", value))

    def _assign(self, node: ast.Assign, place: Place) -> None:
        for target in node.targets:
            self._remember(target, node.value)
        self._push([node.value, *node.targets], place)

    def _annotated(self, node: ast.AnnAssign, place: Place) -> None:
        parts: list[ast.expr] = [node.target]
        if self._reads_annotations and not place.scope.is_function:
            parts.append(node.annotation)
        if node.value is not None:
            self._remember(node.target, node.value)
            parts.append(node.value)
        self._push(parts, place)

    def _remember(self, target: ast.expr, value: ast.expr) -> None:
        """Which name gets which value; pairwise for `a, b = 1, 2`."""
        if isinstance(target, ast.Name):
            self._values[target] = value
        elif isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
            is_starred = any(isinstance(e, ast.Starred) for e in (*target.elts, *value.elts))
            if len(target.elts) == len(value.elts) and not is_starred:
                for name, its in zip(target.elts, value.elts, strict=True):
                    if isinstance(name, ast.Name):
                        self._values[name] = its

    def _change(self, node: ast.AugAssign, place: Place) -> None:
        if isinstance(node.target, ast.Name):
            self.scopes.place[node.target] = place
            place.scope.bind(node.target.id, Binding(node.target, "change"))
            self._push([node.value], place)
        else:
            self._children(node, place)

    def _walrus(self, node: ast.NamedExpr, place: Place) -> None:
        scopes = place.scope.and_parents()
        outer = next(s for s in scopes if not isinstance(s.node, ComprehensionNode))
        self.scopes.place[node.target] = Place(outer, place.guards)
        outer.bind(node.target.id, Binding(node.target, "assignment", node.value))
        self._push([node.value], place)

    def _import(self, node: ast.Import, place: Place) -> None:
        for alias in node.names:
            top = alias.name.partition(".")[0]
            binding = Binding(node, "import", imported=alias.name if alias.asname else top)
            place.scope.bind(alias.asname or top, binding)

    def _import_from(self, node: ast.ImportFrom, place: Place) -> None:
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name == "*":
                place.scope.stars.append(module)
                continue
            binding = Binding(node, "import", imported=f"{module}.{alias.name}")
            place.scope.bind(alias.asname or alias.name, binding)

    def _function(self, node: FunctionNode, place: Place) -> None:
        inner = self._open(node, place)
        given = node.args
        arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs]
        arguments += [argument for argument in (given.vararg, given.kwarg) if argument]
        for argument in arguments:
            inner.bind(argument.arg, Binding(argument, "argument"))
        outside: list[ast.expr] = [*given.defaults, *(d for d in given.kw_defaults if d)]
        if isinstance(node, ast.Lambda):
            # Written where it is used, as a rule, so what is caught there is caught for it.
            self._push([node.body], Place(inner, place.guards))
        else:
            place.scope.bind(node.name, Binding(node, "definition"))
            self._type_parameters(node, inner)
            outside += node.decorator_list
            if self._reads_annotations:
                outside += [argument.annotation for argument in arguments if argument.annotation]
                outside += [node.returns] if node.returns else []
            self._push(node.body, Place(inner))
        self._push(outside, place)

    def _class(self, node: ast.ClassDef, place: Place) -> None:
        place.scope.bind(node.name, Binding(node, "definition"))
        inner = self._open(node, place)
        self._type_parameters(node, inner)
        self._push(node.body, Place(inner, place.guards))
        self._push([*node.bases, *node.keywords, *node.decorator_list], place)

    def _type_parameters(self, node: ast.AST, inner: Scope) -> None:
        """`def f[T](x: T)`, since Python 3.12; known in the annotations outside as well."""
        for parameter in getattr(node, "type_params", ()):
            for scope in inner.and_parents():
                scope.bind(parameter.name, Binding(parameter, "other"))

    def _comprehension(self, node: ComprehensionNode, place: Place) -> None:
        inner = Place(self._open(node, place), place.guards)
        first = node.generators[0]
        parts = [child for child in ast.iter_child_nodes(node) if child is not first]
        # Only the very first sequence is found outside.
        self._push([*parts, first.target, *first.ifs], inner)
        self._push([first.iter], place)

    def _try(self, node: ast.Try, place: Place) -> None:
        caught = {name for handler in node.handlers for name in _caught(handler.type)}
        self._push([*node.handlers, *node.orelse, *node.finalbody], place)
        self._push(node.body, Place(place.scope, place.guards | caught))

    def _with(self, node: ast.With, place: Place) -> None:
        caught: set[str] = set()
        for item in node.items:
            call = item.context_expr
            if isinstance(call, ast.Call) and _last_name(call.func) == "suppress":
                caught.update(*(_caught(argument) for argument in call.args))
        self._push(node.body, Place(place.scope, place.guards | caught))
        self._push(node.items, place)

    def _named(self, node: ast.AST, place: Place) -> None:
        """`except … as name`, and the names that a `case` makes."""
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        if name:
            place.scope.bind(name, Binding(node, "other"))
        self._children(node, place)

    def _global(self, node: ast.Global, place: Place) -> None:
        place.scope.globals_.update(node.names)

    def _nonlocal(self, node: ast.Nonlocal, place: Place) -> None:
        place.scope.nonlocals.update(node.names)


def _caught(kind: ast.expr | None) -> set[str]:
    """The exceptions that `except kind` catches, by name."""
    if kind is None:
        return {"*"}
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    names = {_last_name(one) for one in kinds}
    return names | {"*"} if names & _CATCH_ALL else names


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


_Visit = Callable[..., None]
_VISITS: dict[type[ast.AST], _Visit] = {
    ast.AnnAssign: _Walk._annotated,
    ast.Assign: _Walk._assign,
    ast.AsyncFunctionDef: _Walk._function,
    ast.AsyncWith: _Walk._with,
    ast.AugAssign: _Walk._change,
    ast.ClassDef: _Walk._class,
    ast.DictComp: _Walk._comprehension,
    ast.ExceptHandler: _Walk._named,
    ast.FunctionDef: _Walk._function,
    ast.GeneratorExp: _Walk._comprehension,
    ast.Global: _Walk._global,
    ast.Import: _Walk._import,
    ast.ImportFrom: _Walk._import_from,
    ast.Lambda: _Walk._function,
    ast.ListComp: _Walk._comprehension,
    ast.MatchAs: _Walk._named,
    ast.MatchMapping: _Walk._named,
    ast.MatchStar: _Walk._named,
    ast.Name: _Walk._name,
    ast.NamedExpr: _Walk._walrus,
    ast.Nonlocal: _Walk._nonlocal,
    ast.SetComp: _Walk._comprehension,
    ast.Try: _Walk._try,
    ast.TryStar: _Walk._try,
    ast.With: _Walk._with,
}
