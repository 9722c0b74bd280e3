"""Code that never runs: after a `return`, under a test that never holds, in functions not called.

What else is said about such code does not matter, or less.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from racecraft.sandbox.findings import Finding, Severity
from racecraft.sandbox.reading.entry import ENTRY
from racecraft.sandbox.reading.flow import Flow, Reach, blocks, truth
from racecraft.sandbox.reading.program import Program, shown


@dataclass(frozen=True)
class _Lines:
    """Lines from the first to the last, both included."""

    first: int
    last: int

    def has(self, line: int | None) -> bool:
        return line is not None and self.first <= line <= self.last


def unreachable_code(program: Program) -> Iterator[Finding]:
    """Statements after a `return` that cannot be reached, unless they do nothing."""
    for before, rest in _cut_off(program):
        if not all(_is_idle(statement) for statement in rest):
            yield program.finding(
                Severity.WARNING,
                f"This can never run: line {before.end_lineno or before.lineno} has left the "
                "block before. Delete it, or check how far the lines above are indented.",
                rest[0],
            )


def weighed(program: Program, findings: list[Finding]) -> list[Finding]:
    """Findings as they matter: none in code that never runs, hints in functions not called."""
    dead = list(_dead_lines(program))
    idle = dict(_uncalled(program))
    kept = []
    for finding in findings:
        if any(lines.has(finding.line) for lines in dead):
            continue
        name = next((name for name, lines in idle.items() if lines.has(finding.line)), None)
        if name is not None and finding.severity is not Severity.HINT:
            message = f"{finding.message} Nothing calls {shown(name)}, so it does no harm yet."
            finding = replace(finding, severity=Severity.HINT, message=message)
        kept.append(finding)
    return kept


def _cut_off(program: Program) -> Iterator[tuple[ast.stmt, list[ast.stmt]]]:
    """Each statement that never leads on, with the statements behind it."""
    flow = Flow(program)
    for node in program.nodes:
        for block in blocks(node):
            for index, statement in enumerate(block[:-1]):
                is_with = isinstance(statement, ast.With | ast.AsyncWith)
                if not is_with and flow.after(statement) is Reach.NO:
                    yield statement, block[index + 1 :]
                    break


def _is_idle(statement: ast.stmt) -> bool:
    """Whether a statement would only leave the function too, or is there as a remark."""
    if isinstance(statement, ast.Expr):
        call = statement.value
        is_print = isinstance(call, ast.Call) and getattr(call.func, "id", "") == "print"
        return is_print or isinstance(call, ast.Constant | ast.Yield)
    return isinstance(statement, ast.Return | ast.Pass | ast.Raise | ast.Break | ast.Continue)


def _dead_lines(program: Program) -> Iterator[_Lines]:
    for before, rest in _cut_off(program):
        if rest[0].lineno > (before.end_lineno or before.lineno):
            yield _lines(rest)
    for node in program.nodes:
        if isinstance(node, ast.If | ast.While):
            value = truth(node.test)
            never = {True: node.orelse, False: node.body, None: []}[value]
            if never and isinstance(node, ast.If) and never[0].lineno > node.lineno:
                yield _lines(never)


def _lines(block: list[ast.stmt]) -> _Lines:
    return _Lines(block[0].lineno, block[-1].end_lineno or block[-1].lineno)


def _uncalled(program: Program) -> Iterator[tuple[str, _Lines]]:
    """Functions that the program names nowhere but in themselves."""
    if ENTRY not in program.scopes.module.bindings:
        return  # then nothing is called at all
    named: dict[str, _Lines] = {}
    for name, line in _names_read(program.nodes):
        known = named.get(name, _Lines(line, line))
        named[name] = _Lines(min(known.first, line), max(known.last, line))
    for node in program.scopes.opened:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name == ENTRY:
            continue
        if node.decorator_list or node.name.startswith("__"):
            continue  # something may call it by another way
        own, uses = _Lines(node.lineno, node.end_lineno or node.lineno), named.get(node.name)
        if uses is None or (own.has(uses.first) and own.has(uses.last)):
            yield node.name, own


def _names_read(nodes: list[ast.AST]) -> Iterator[tuple[str, int]]:
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute):
            yield node.attr, node.lineno
