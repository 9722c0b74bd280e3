"""Whether there is a `reward_function` that takes one argument and gives a number at once."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator

from racecraft.sandbox.findings import Finding, Severity
from racecraft.sandbox.reading.flow import statements
from racecraft.sandbox.reading.program import Program, shown
from racecraft.sandbox.reading.scopes import FunctionNode

ENTRY = "reward_function"
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_WRITE = "Write `def reward_function(params):`."


def entry_of(program: Program) -> FunctionNode | None:
    """The function that is called for each step, if it is written as one at the top level."""
    bindings = program.scopes.module.bindings.get(ENTRY, [])
    for binding in reversed(bindings):
        if isinstance(binding.node, _FUNCTION):
            return binding.node
        if isinstance(binding.value, ast.Lambda):
            return binding.value
        break
    return None


def entry_problems(program: Program) -> Iterator[Finding]:
    """What is wrong with `reward_function` itself."""
    entry = entry_of(program)
    if ENTRY not in program.scopes.module.bindings:
        yield _missing(program)
    elif entry is not None:
        yield from _second_definitions(program, entry)
        yield from _wrong_arguments(program, entry)
        yield from _wrong_kind(program, entry)


def _missing(program: Program) -> Finding:
    defined = [node for node in program.nodes if isinstance(node, _FUNCTION)]
    for node in defined:
        if node.name == ENTRY:
            return program.finding(
                Severity.ERROR,
                "This `reward_function` belongs to another function or to a class, because it is "
                "indented. Move it to the left edge, or add a `reward_function(params)` there "
                "that calls it.",
                node,
            )
    top = [node for node in program.tree.body if isinstance(node, _FUNCTION)]
    near = difflib.get_close_matches(ENTRY, [n.name[:60] for n in top[:200]], n=1, cutoff=0.6)
    alike = [n for n in top if n.name in near] or [n for n in top if "reward" in n.name.lower()]
    if alike or len(top) == 1:
        node = alike[-1] if alike else top[0]
        return program.finding(
            Severity.ERROR,
            f"No function is named `reward_function`. Did you mean this one, {shown(node.name)}? "
            f"Then rename it: `def reward_function(params):`.",
            node,
        )
    if program.lines[0].lstrip().startswith(("{", "[")) and not defined:
        return Finding(
            Severity.ERROR,
            "This looks like JSON, not like a reward function. Give the Python file.",
            1,
        )
    return Finding(Severity.ERROR, f"There is no function named `reward_function`. {_WRITE}")


def _second_definitions(program: Program, entry: FunctionNode) -> Iterator[Finding]:
    others = [
        node
        for node in program.tree.body
        if isinstance(node, ast.FunctionDef) and node.name == ENTRY and node is not entry
    ]
    if others and entry in program.tree.body:
        yield program.finding(
            Severity.HINT,
            f"`reward_function` is defined again in line {entry.lineno}, and only that one is "
            "used. Delete or rename this one.",
            others[0],
        )


def _wrong_arguments(program: Program, entry: FunctionNode) -> Iterator[Finding]:
    given = entry.args
    names = [argument.arg for argument in (*given.posonlyargs, *given.args)]
    needed = names[: len(names) - len(given.defaults)]
    needed_by_name = [d for d in given.kw_defaults if d is None]
    if getattr(entry, "decorator_list", []):
        return  # who knows what it takes once it is decorated
    if not names and not given.vararg:
        advice = "takes no argument, but is given the inputs of each step"
    elif len(needed) > 1 or needed_by_name:
        count = len(needed) + len(needed_by_name)
        advice = f"wants {count} arguments ({_listed(needed)}), but is given one"
        if needed[:1] == ["self"]:
            advice += "; `self` has a meaning only in a class"
        elif len(needed) > 2:
            advice += ", a dictionary that holds all of them: `params['speed']` and so on"
    else:
        return
    yield program.finding(Severity.ERROR, f"`reward_function` {advice}. {_WRITE}", entry)


def _wrong_kind(program: Program, entry: FunctionNode) -> Iterator[Finding]:
    if isinstance(entry, ast.AsyncFunctionDef):
        yield program.finding(
            Severity.ERROR,
            f"`reward_function` is `async`, but a reward is wanted at once. {_WRITE}",
            entry,
        )
    scope = program.scopes.opened[entry]
    for node in program.nodes:
        is_yield = isinstance(node, ast.Yield | ast.YieldFrom)
        if is_yield and program.scopes.place[node].scope is scope:
            yield program.finding(
                Severity.ERROR,
                "`reward_function` uses `yield`, but one reward is wanted. Write `return`.",
                node,
            )
            return
    yield from _no_value(program, entry)


def _no_value(program: Program, entry: FunctionNode) -> Iterator[Finding]:
    if isinstance(entry, ast.Lambda) or entry.decorator_list:
        return
    own = list(statements(entry.body))
    returns = [node for node in own if isinstance(node, ast.Return)]
    if not all(is_nothing(node.value) for node in returns):
        return
    if any(isinstance(node, ast.Raise) for node in own):
        return
    yield program.finding(
        Severity.ERROR,
        "`reward_function` never returns a reward. End it with a line such as "
        "`return float(reward)`.",
        returns[0] if returns else entry,
    )


def is_nothing(value: ast.expr | None) -> bool:
    """Whether a `return` gives no value."""
    return value is None or (isinstance(value, ast.Constant) and value.value is None)


def _listed(names: list[str]) -> str:
    text = ", ".join(names[:4])
    return shown(f"{text}, …" if len(names) > 4 else text)
