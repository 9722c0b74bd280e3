"""Which name means what: the scopes of a program, what gives each name a value, who reads it."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Kind = Literal["argument", "assignment", "change", "definition", "import", "other"]
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
ComprehensionNode = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

_MANY = 20
"""A name that is bound more often is not followed, or the time would grow with the square."""

BUILTINS = frozenset(vars(builtins)) | {
    "__annotations__",
    "__builtins__",
    "__class__",
    "__file__",
    "__module__",
    "__path__",
    "__qualname__",
    "WindowsError",
}
"""Names that are there in every module, class or method; some only now and then."""


@dataclass(eq=False, slots=True)
class Binding:
    """One place that gives a name a value."""

    node: ast.AST
    kind: Kind
    value: ast.expr | None = None
    """The right side of `name = value`, if it is as simple as that."""
    imported: str = ""
    """Full name of what an import brings: `numpy.linalg.norm`."""


@dataclass(eq=False, slots=True)
class Scope:
    """The names of one module, class, function or comprehension."""

    node: ast.AST
    parent: Scope | None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    loads: list[ast.Name] = field(default_factory=list)
    stars: list[str] = field(default_factory=list)
    """Modules of which everything was imported."""
    globals_: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)

    @property
    def is_class(self) -> bool:
        return isinstance(self.node, ast.ClassDef)

    @property
    def is_function(self) -> bool:
        return isinstance(self.node, FunctionNode)

    def and_parents(self) -> Iterator[Scope]:
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def function(self) -> Scope | None:
        """The innermost function that this scope is, or is in."""
        return next((scope for scope in self.and_parents() if scope.is_function), None)

    def bind(self, name: str, binding: Binding) -> None:
        """Give a name a value here, or where `global` and `nonlocal` say."""
        scope = self
        if name in self.globals_:
            *_, scope = self.and_parents()
        elif name in self.nonlocals:
            outer = [s for s in self.and_parents() if s.is_function and s is not self]
            scope = next((s for s in outer if name in s.bindings), outer[0] if outer else self)
        scope.bindings.setdefault(name, []).append(binding)


class Place(NamedTuple):
    """Where a node stands."""

    scope: Scope
    guards: frozenset[str] = frozenset()
    """Names of the exceptions that `try` catches around it; `*` for all."""


@dataclass(eq=False, slots=True)
class Scopes:
    """The scopes of a program, and where each node stands."""

    module: Scope
    opened: dict[ast.AST, Scope] = field(default_factory=dict)
    """By the module, function, class or comprehension that opens it, in the order of the text."""
    place: dict[ast.AST, Place] = field(default_factory=dict)

    def lookup(self, name: str, scope: Scope) -> Scope | None:
        """The scope that a name read in `scope` belongs to; None for builtins and unknown ones."""
        for candidate in scope.and_parents():
            if name in candidate.globals_:
                break
            if name in candidate.bindings and (candidate is scope or not candidate.is_class):
                return candidate
        return self.module if name in self.module.bindings else None

    def bindings(self, node: ast.Name) -> list[Binding]:
        """What gives a value to the name that is read here; nothing for builtins."""
        scope = self.lookup(node.id, self.place[node].scope)
        return scope.bindings[node.id] if scope else []

    def dotted(self, node: ast.AST) -> str:
        """`numpy.linalg.norm` for `np.linalg.norm`, `builtins.open` for `open`, or nothing."""
        attributes: list[str] = []
        while isinstance(node, ast.Attribute) and len(attributes) < 8:
            attributes.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        bindings = self.bindings(node)
        root = f"builtins.{node.id}" if node.id in BUILTINS else ""
        if len(bindings) > _MANY:
            return ""
        if bindings:
            # `np = None` is what people write where an import may fail.
            roots = {binding.imported for binding in bindings if not _is_none(binding.value)}
            root = roots.pop() if len(roots) == 1 else ""
        return ".".join([root, *reversed(attributes)]) if root else ""


def _is_none(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is None
