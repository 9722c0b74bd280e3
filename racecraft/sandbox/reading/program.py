"""A user's program, parsed: its lines, its tree, its scopes, and where in it a finding belongs."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

from racecraft.sandbox.findings import Finding, Severity
from racecraft.sandbox.reading.scopes import Scopes
from racecraft.sandbox.reading.walk import scopes_of

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(eq=False)
class Program:
    """A program that Python can read."""

    lines: list[str]
    tree: ast.Module
    scopes: Scopes
    doubts: list[warnings.WarningMessage]
    """What Python's compiler found strange."""
    nodes: list[ast.AST] = field(init=False)
    """All of the tree, each before its children, in the order of the text as far as it goes."""

    def __post_init__(self) -> None:
        self.nodes = list(self.scopes.place)

    def finding(self, severity: Severity, message: str, node: ast.AST) -> Finding:
        """A finding about a part of the program."""
        line = getattr(node, "lineno", None)
        if line is None:
            return Finding(severity, message)
        return Finding(severity, message, line, self._characters(line, _offset(node)) + 1)

    def text(self, node: ast.AST) -> str:
        """The text of a part of the program, without white space and other invisible signs."""
        first, last = getattr(node, "lineno", 1), getattr(node, "end_lineno", None) or 1
        start = self._characters(first, _offset(node))
        end = self._characters(last, getattr(node, "end_col_offset", None) or 0)
        if first == last:
            text = self.lines[first - 1][start:end]
        else:
            inside = [self.lines[first - 1][start:], *self.lines[first : last - 1]]
            text = "".join([*inside, self.lines[last - 1][:end]])
        return "".join(sign for sign in text if sign.isprintable() and sign != " ")

    def of_type(self, *types: type[ast.AST]) -> Iterator[ast.AST]:
        """Nodes of some types."""
        return (node for node in self.nodes if isinstance(node, types))

    def _characters(self, line: int, offset: int) -> int:
        """Python counts columns in bytes; people count characters."""
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return offset if text.isascii() else len(text.encode()[:offset].decode(errors="ignore"))


def lines_of(source: str) -> list[str]:
    """Lines as Python counts them; `str.splitlines` knows ends of lines that Python does not."""
    return _LINE_END.split(source)


def parsed(source: str) -> Program:
    """Read a program, without a byte-order mark.

    Raises:
        SyntaxError: it is not Python; or another exception, for it comes from the parser's depths.
    """
    with warnings.catch_warnings(record=True) as doubts:
        warnings.simplefilter("always")
        tree = ast.parse(source)
        # Finds more than the parser: a `return` outside of a function, two equal arguments.
        compile(tree, "reward_function.py", "exec", dont_inherit=True)
    return Program(lines_of(source), tree, scopes_of(tree), doubts)


def shown(text: str, limit: int = 60) -> str:
    """Text of the user's in backquotes, on one line and shortened."""
    line = plain(text[: 4 * limit], limit)
    return f"`{line}`" if "`" not in line else f"“{line}”"


def plain(text: str, limit: int) -> str:
    """Text of somebody's on one line, shortened, with nothing in it that moves a cursor."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= limit else line[: limit - 3] + "..."


def _offset(node: ast.AST) -> int:
    return getattr(node, "col_offset", None) or 0
