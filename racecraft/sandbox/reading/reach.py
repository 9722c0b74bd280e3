"""What a program reaches for and may not have: modules, files, other code, the process."""

from __future__ import annotations

import ast
import builtins
import difflib
import sys
from collections.abc import Iterator

from racecraft.sandbox.findings import Finding, Severity
from racecraft.sandbox.imports import HARMLESS, complaint
from racecraft.sandbox.reading.program import Program, shown

_NO_FILES = "A reward function reaches no files; write the numbers into the program as a list."
_NO_CODE = "A reward function may not run text as code; write the code itself."
_NO_EXIT = "It would end the training; write `return` to leave the function."
_NOBODY = "Nobody is there to answer while a car is trained; delete it."
_FORBIDDEN = {
    "builtins.__import__": "Write `import` with the name of the module.",
    "builtins.breakpoint": _NOBODY,
    "builtins.compile": _NO_CODE,
    "builtins.eval": _NO_CODE,
    "builtins.exec": _NO_CODE,
    "builtins.exit": _NO_EXIT,
    "builtins.help": _NOBODY,
    "builtins.input": _NOBODY,
    "builtins.open": _NO_FILES,
    "builtins.quit": _NO_EXIT,
    "logging.FileHandler": "A reward function reaches no files; `print` goes to the training log.",
    "numpy.DataSource": _NO_FILES,
    "numpy.fromfile": _NO_FILES,
    "numpy.fromregex": _NO_FILES,
    "numpy.genfromtxt": _NO_FILES,
    "numpy.load": _NO_FILES,
    "numpy.loadtxt": _NO_FILES,
    "numpy.memmap": _NO_FILES,
    "numpy.save": _NO_FILES,
    "numpy.savetxt": _NO_FILES,
    "numpy.savez": _NO_FILES,
    "numpy.savez_compressed": _NO_FILES,
}
"""Functions that reach files, code or the process, and what to do instead."""

_METHODS = {"fromfile", "tofile"}
"""Methods of arrays that reach files."""

_GONE = {
    "Inf": "inf",
    "NAN": "nan",
    "NINF": "-numpy.inf",
    "NaN": "nan",
    "PINF": "inf",
    "alltrue": "all",
    "asfarray": "asarray",
    "bool8": "bool_",
    "complex": "complex128",
    "complex_": "complex128",
    "cumproduct": "cumprod",
    "float": "float64",
    "float_": "float64",
    "infty": "inf",
    "int": "int64",
    "int0": "intp",
    "mat": "asmatrix",
    "msort": "sort",
    "object": "object_",
    "product": "prod",
    "round_": "round",
    "sometrue": "any",
    "str": "str_",
    "unicode_": "str_",
}
"""Names that old versions of numpy had, and what they are now."""


def forbidden_imports(program: Program) -> Iterator[Finding]:
    """Modules that may not be imported, and names that a module does not have."""
    for node in program.nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _refused(program, node, alias.name)
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield program.finding(
                Severity.ERROR,
                "A leading dot imports another file beside this one, but a reward function is a "
                "single file. Copy what you need into it.",
                node,
            )
        elif isinstance(node, ast.ImportFrom):
            yield from _refused_from(program, node, node.module or "")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            first = node.args[0] if node.args else None
            name = first.value if isinstance(first, ast.Constant) else None
            if node.func.id == "__import__" and isinstance(name, str):
                yield from _refused(program, node, name)


def forbidden_calls(program: Program) -> Iterator[Finding]:
    """Uses of functions that reach files, code or the process."""
    for node in program.nodes:
        if not isinstance(node, ast.Name | ast.Attribute) or not isinstance(node.ctx, ast.Load):
            continue
        name = program.scopes.dotted(node)
        advice = _FORBIDDEN.get(name)
        if isinstance(node, ast.Attribute) and node.attr in _METHODS:
            advice = _NO_FILES
        if advice:
            label = name.removeprefix("builtins.") or f".{getattr(node, 'attr', '')}"
            severity = _severity(program, node, {"OSError", "IOError", "PermissionError"})
            yield program.finding(severity, f"{shown(label)} cannot be used. {advice}", node)


def log_files(program: Program) -> Iterator[Finding]:
    """`logging.basicConfig(filename=…)`."""
    for node in program.nodes:
        if not isinstance(node, ast.Call):
            continue
        is_file = any(keyword.arg == "filename" for keyword in node.keywords)
        if is_file and program.scopes.dotted(node.func) == "logging.basicConfig":
            advice = _FORBIDDEN["logging.FileHandler"]
            yield program.finding(Severity.ERROR, f"No log file can be made. {advice}", node)


def unknown_members(program: Program) -> Iterator[Finding]:
    """`math.squrt`: names that a module of Python's library, or today's numpy, does not have."""
    for node in program.nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            module, _, name = program.scopes.dotted(node).rpartition(".")
            message = _no_member(module, name)
            if message:
                yield program.finding(_severity(program, node, {"AttributeError"}), message, node)


def _refused(program: Program, node: ast.stmt | ast.expr, module: str) -> Iterator[Finding]:
    refusal = complaint(module)
    if refusal:
        severity = _severity(program, node, {"ImportError", "ModuleNotFoundError"})
        yield program.finding(severity, refusal, node)


def _refused_from(program: Program, node: ast.ImportFrom, module: str) -> Iterator[Finding]:
    if complaint(module):
        yield from _refused(program, node, module)
        return
    for alias in node.names:
        full = f"{module}.{alias.name}"
        yield from _refused(program, node, full)
        message = _no_member(module, alias.name)
        if message and alias.name != "*":
            yield program.finding(_severity(program, node, {"ImportError"}), message, node)
        if full in _FORBIDDEN:
            yield program.finding(
                Severity.ERROR, f"{shown(full)} cannot be used. {_FORBIDDEN[full]}", node
            )


def _no_member(module: str, name: str) -> str:
    """What to say of a name that a module does not have, if that is certain."""
    if module == "numpy" and name in _GONE:
        now = _GONE[name] if "." in _GONE[name] else f"numpy.{_GONE[name]}"
        return f"{shown(f'numpy.{name}')} is not there any more. Write `{now}`."
    found = sys.modules.get(module)
    # Other libraries make some of their names only when they are asked for.
    if found is None or module not in HARMLESS or hasattr(found, name):
        return ""
    near = difflib.get_close_matches(name[:60], dir(found), n=1, cutoff=0.6)
    guess = f"Did you mean `{module}.{near[0]}`?" if near else "Correct the name."
    if not near and hasattr(builtins, name):
        guess = f"Write `{name}` alone; it needs no module."
    return f"The module `{module}` has no {shown(name)}. {guess}"


def _severity(program: Program, node: ast.AST, caught: set[str]) -> Severity:
    """A hint where the program is ready for the refusal."""
    is_caught = bool(program.scopes.place[node].guards & (caught | {"*"}))
    return Severity.HINT if is_caught else Severity.ERROR
