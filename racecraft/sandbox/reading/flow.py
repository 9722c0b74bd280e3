"""Which way a program can take: whether a block reaches its end, and which lines never run."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum

from racecraft.sandbox.reading.program import Program

_OPPOSITES = {
    ast.GtE: ast.Lt,
    ast.LtE: ast.Gt,
    ast.NotEq: ast.Eq,
    ast.NotIn: ast.In,
    ast.IsNot: ast.Is,
}
"""Comparisons that hold exactly when another one does not."""


class Reach(IntEnum):
    """Whether what comes after a statement is ever reached."""

    NO = 0
    MAYBE = 1
    """Nobody can tell by reading: after a loop, or after tests that may cover everything."""
    YES = 2


class Flow:
    """The ways through the blocks of a program.

    Recursion goes as deep as blocks are nested, to which Python sets a limit of a hundred.
    """

    def __init__(
        self, program: Program, is_end: Callable[[ast.stmt], bool] = lambda statement: False
    ) -> None:
        """Args: `is_end` names statements beyond which a way is not followed."""
        self._program = program
        self._is_end = is_end
        self._known: dict[object, Reach] = {}

    def after_all(self, block: Sequence[ast.stmt]) -> Reach:
        """Whether the end of a block is reached."""
        if not block:
            return Reach.YES
        key = (block[0], block[-1])
        if key not in self._known:
            self._known[key] = self._after_all(block)
        return self._known[key]

    def after(self, statement: ast.stmt) -> Reach:
        """Whether what follows a statement is reached."""
        if statement not in self._known:
            self._known[statement] = self._after(statement)
        return self._known[statement]

    def _after_all(self, block: Sequence[ast.stmt]) -> Reach:
        reach = Reach.YES
        failed: list[ast.expr] = []  # tests that have led away, had they held
        for statement in block:
            if isinstance(statement, ast.If) and failed and not self._is_end(statement):
                reach = min(reach, self._after_if(statement, failed[-20:]))
            else:
                reach = min(reach, self.after(statement))
            if reach is Reach.NO:
                break
            if isinstance(statement, ast.If) and self._leads_away(statement):
                failed.append(statement.test)
        return reach

    def _leads_away(self, statement: ast.If) -> bool:
        """Whether the program goes another way exactly if the test holds."""
        return not statement.orelse and self.after_all(statement.body) is Reach.NO

    def _after(self, statement: ast.stmt) -> Reach:
        if self._is_end(statement):
            return Reach.NO
        match statement:
            case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
                return Reach.NO
            case ast.If():
                return self._after_if(statement, [])
            case ast.While() | ast.For() | ast.AsyncFor():
                return self._after_loop(statement)
            case ast.Try() | ast.TryStar():
                return self._after_try(statement)
            case ast.With() | ast.AsyncWith():
                is_caught = any("suppress" in self._program.text(i) for i in statement.items)
                return max(self.after_all(statement.body), Reach.MAYBE if is_caught else Reach.NO)
            case ast.Match():
                return self._after_match(statement)
            case ast.Assert(test=ast.Constant(value=False | 0)):
                return Reach.NO
        return Reach.YES

    def _after_if(self, statement: ast.If, failed: list[ast.expr]) -> Reach:
        tests: list[ast.expr] = []
        rest: list[ast.stmt] = [statement]
        reach = Reach.NO
        while len(rest) == 1 and isinstance(arm := rest[0], ast.If):  # a chain may be long
            tests.append(arm.test)
            if truth(arm.test) is not False:
                reach = max(reach, self.after_all(arm.body))
            if truth(arm.test) is True:
                return reach
            rest = arm.orelse
        return max(reach, self.after_all(rest) if rest else self._after_tests(failed, tests))

    def _after_tests(self, failed: list[ast.expr], tests: list[ast.expr]) -> Reach:
        """Whether all tests of a chain can fail, where others have failed before."""
        known: set[tuple[str, bool]] = set()
        for key, sign in map(self._signed, [*failed, *tests]):
            if (key, not sign) in known:
                return Reach.NO
            known.add((key, sign))
        return Reach.MAYBE if _covers(tests) or _covers([*failed, *tests]) else Reach.YES

    def _signed(self, test: ast.expr) -> tuple[str, bool]:
        """A test, and whether it is denied: `not a`, `a == False` and `a` are one test."""
        sign = True
        while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            test, sign = test.operand, not sign
        if not (isinstance(test, ast.Compare) and len(test.ops) == 1):
            return self._program.text(test), sign
        operator, other = type(test.ops[0]), test.comparators[0]
        if operator in _OPPOSITES:
            operator, sign = _OPPOSITES[operator], not sign
        value = other.value if isinstance(other, ast.Constant) else None
        if isinstance(value, bool) and operator in (ast.Eq, ast.Is):
            return self._program.text(test.left), sign is value
        sides = [self._program.text(test.left), self._program.text(other)]
        if operator is ast.Gt:
            sides.reverse()
        return f"{sides[0]} {'<' if operator in (ast.Lt, ast.Gt) else operator} {sides[1]}", sign

    def _after_loop(self, loop: ast.While | ast.For | ast.AsyncFor) -> Reach:
        own = list(statements(loop.body, into_loops=False))
        has_break = any(isinstance(statement, ast.Break) for statement in own)
        is_endless = isinstance(loop, ast.While) and truth(loop.test) is True
        if is_endless and not has_break:
            return Reach.NO
        if not has_break and loop.orelse:
            return self.after_all(loop.orelse)
        ends = () if is_endless else (ast.Return, ast.Raise)
        leads_away = any(
            isinstance(statement, ends) or self._is_end(statement)
            for statement in statements(loop.body)
        )
        return Reach.MAYBE if leads_away else Reach.YES

    def _after_try(self, statement: ast.Try | ast.TryStar) -> Reach:
        if self.after_all(statement.finalbody) is Reach.NO:
            return Reach.NO
        reach = min(self.after_all(statement.body), self.after_all(statement.orelse))
        return max([reach, *(self.after_all(handler.body) for handler in statement.handlers)])

    def _after_match(self, statement: ast.Match) -> Reach:
        reach = max(self.after_all(case.body) for case in statement.cases)
        last = statement.cases[-1]
        takes_all = isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None
        return reach if takes_all and last.guard is None else max(reach, Reach.MAYBE)


def truth(test: ast.expr) -> bool | None:
    """What a test always gives; None if that depends."""
    match test:
        case ast.Constant():
            return bool(test.value)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Constant(value=value)):
            return not value
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return False
        case ast.Compare(
            left=ast.Name(id="__name__"),
            ops=[ast.Eq()],
            comparators=[ast.Constant(value="__main__")],
        ):
            return False
    return None


def blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The lists of statements right below a node."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list) and block:
            yield block


def statements(block: Sequence[ast.stmt], *, into_loops: bool = True) -> Iterator[ast.stmt]:
    """Statements of a block and of those in it, but not of functions and classes in it."""
    stack: list[ast.AST] = list(block)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.stmt):
            yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if isinstance(node, ast.For | ast.AsyncFor | ast.While) and not into_loops:
            stack += node.orelse
            continue
        stack += [*getattr(node, "handlers", []), *getattr(node, "cases", [])]
        stack += [statement for inner in blocks(node) for statement in inner]


def _covers(tests: Sequence[ast.expr]) -> bool:
    """Whether tests look as if one of them always held: for small and for large, or by value."""
    if len(tests) < 2:
        return False
    kinds: set[type[ast.cmpop]] = set()
    for test in tests:
        for part in test.values if isinstance(test, ast.BoolOp) else [test]:
            if not isinstance(part, ast.Compare):
                return False
            kinds.update(type(operator) for operator in part.ops)
    is_by_value = kinds <= {ast.Eq, ast.In, ast.Is}
    is_by_size = bool(kinds & {ast.Lt, ast.LtE}) and bool(kinds & {ast.Gt, ast.GtE})
    return is_by_value or is_by_size
