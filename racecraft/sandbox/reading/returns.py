"""What becomes of the reward: ways without a `return`, values that are lost or may be missing."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Sequence

from racecraft.sandbox.findings import Finding, Severity
from racecraft.sandbox.reading.entry import entry_of, is_nothing
from racecraft.sandbox.reading.flow import Flow, Reach, statements
from racecraft.sandbox.reading.program import Program, shown

_LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_PRINT = "builtins.print"
_KINDS: dict[type[ast.expr] | type[None], str] = {
    ast.Dict: "a dictionary",
    ast.JoinedStr: "a text",
    ast.Lambda: "a function",
    ast.List: "a list",
    ast.ListComp: "a list",
    ast.Set: "a set",
    ast.Tuple: "several values",
}
"""What expressions give that never give a number."""

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def missing_returns(program: Program) -> Iterator[Finding]:
    """Ways through the function that give no reward."""
    flow = Flow(program)
    for function in _reward_functions(program):
        returns = [node for node in statements(function.body) if isinstance(node, ast.Return)]
        with_value = {node for node in returns if not is_nothing(node.value)}
        if not with_value:
            continue  # it never gives one: that is said elsewhere
        for node in returns:
            if node not in with_value:
                yield program.finding(
                    Severity.WARNING,
                    "This `return` gives no reward, and a step without a reward ends the "
                    "training. Write a number behind it, such as `return 1e-3`.",
                    node,
                )
        reach = flow.after_all(function.body)
        if reach is not Reach.NO:
            yield program.finding(
                Severity.WARNING if reach is Reach.YES else Severity.HINT,
                _ends_without(function, reach),
                function.body[-1],
            )


def unusable_returns(program: Program) -> Iterator[Finding]:
    """`return` with what cannot be a number."""
    for function in _reward_functions(program):
        for node in statements(function.body):
            value = node.value if isinstance(node, ast.Return) else None
            kind = _KINDS.get(type(value), "")
            if isinstance(value, ast.Constant) and isinstance(value.value, str | bytes):
                kind = "a text"
            if isinstance(value, ast.Call) and program.scopes.dotted(value.func) == _PRINT:
                kind = "what `print` gives, which is nothing"
            if kind:
                yield program.finding(
                    Severity.ERROR,
                    f"This returns {kind}, but a reward is one number. Write `return float(…)` "
                    "with a number in the brackets.",
                    node,
                )


def lost_rewards(program: Program) -> Iterator[Finding]:
    """Rewards that are worked out and never used."""
    for function in _reward_functions(program):
        yield from _overwritten(program, function.body)
        yield from _unused(program, function)


def rewards_without_value(program: Program) -> Iterator[Finding]:
    """What is returned, where no line on the way needs to have given it a value."""
    for function in _reward_functions(program):
        scope = program.scopes.opened[function]
        returned = {
            _name_returned(statement.value)
            for statement in statements(function.body)
            if isinstance(statement, ast.Return)
        }
        for name in sorted(returned & set(scope.bindings))[:10]:
            bindings = scope.bindings[name]
            if all(binding.kind in ("assignment", "change") for binding in bindings):
                yield from _without_value(program, function, name)


def _reward_functions(program: Program) -> Iterator[ast.FunctionDef]:
    """The function itself, and those of the program whose result it returns as it is."""
    entry = entry_of(program)
    if not isinstance(entry, ast.FunctionDef) or entry.decorator_list:
        return
    yield entry
    by_name: dict[str, list[ast.FunctionDef]] = {}
    for node in program.scopes.opened:
        if isinstance(node, ast.FunctionDef) and node is not entry and not node.decorator_list:
            by_name.setdefault(node.name, []).append(node)
    named = {_called(s.value) for s in statements(entry.body) if isinstance(s, ast.Return)}
    for name in sorted(named & set(by_name)):
        if len(by_name[name]) == 1:
            yield by_name[name][0]


def _called(value: ast.expr | None) -> str:
    """`f` for `f(params)`, `self.f(params)` and `float(f(params))`."""
    while isinstance(value, ast.Call):
        name = getattr(value.func, "id", "") or getattr(value.func, "attr", "")
        if isinstance(value.func, ast.Attribute) and hasattr(dict, name):
            return ""  # most likely not one of the program's own
        if name != "float" or len(value.args) != 1:
            return str(name)
        value = value.args[0]
    return ""


def _name_returned(value: ast.expr | None) -> str:
    """`reward` for `return reward` and `return float(round(reward))`."""
    while isinstance(value, ast.Call) and len(value.args) == 1:
        value = value.args[0]
    return value.id if isinstance(value, ast.Name) else ""


def _ends_without(function: ast.FunctionDef, reach: Reach) -> str:
    owner = shown(f"{function.name}()")
    way = "can end here" if reach is Reach.YES else "may end here"
    return (
        f"{owner} {way} without `return`, and a step without a reward ends the training. "
        "Add a `return` with a number as the last line of the function."
    )


def _overwritten(program: Program, block: Sequence[ast.stmt]) -> Iterator[Finding]:
    """`if …: reward = 1` … `else: reward = 0`, and then `reward = 2`."""
    for before, after in itertools.pairwise(block):
        name = _name_set(after)
        if not name or isinstance(before, _FUNCTION) or _reads(after, name):
            continue
        worked_out = _only_sets(before, name)
        if worked_out and not (isinstance(before, ast.Assign) and _is_first_value(before)):
            yield program.finding(
                Severity.WARNING,
                f"This overwrites what line {before.lineno} has worked out for {shown(name)}. To "
                f"change it instead, write `{name} += …` or `{name} *= …`.",
                after,
            )


def _name_set(statement: ast.stmt) -> str:
    """The name that a statement sets, whatever happens."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]) if "reward" in name.lower():
            return name
    return ""


def _only_sets(statement: ast.stmt, name: str) -> bool:
    """Whether a statement does nothing but give a name a value, and reads the name nowhere."""
    own = list(statements([statement]))
    is_set = any(_name_set(inner) == name for inner in own)
    only = all(isinstance(inner, ast.If | ast.Pass) or _name_set(inner) == name for inner in own)
    return is_set and only and not _reads(statement, name)


def _is_first_value(statement: ast.Assign) -> bool:
    """`reward = 1e-3`: a habit, and no work is lost with it."""
    return not any(isinstance(node, ast.Subscript) for node in ast.walk(statement))


def _reads(statement: ast.stmt, name: str) -> bool:
    return any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
        for node in ast.walk(statement)
    )


def _unused(program: Program, function: ast.FunctionDef) -> Iterator[Finding]:
    """A `reward` that gets values, but that nothing reads."""
    scope = program.scopes.opened[function]
    read = {node.id for other in program.scopes.opened.values() for node in other.loads}
    if read & {"locals", "vars", "eval"}:
        return
    for name, bindings in scope.bindings.items():
        if "reward" not in name.lower() or name in read:
            continue
        if not all(binding.kind in ("assignment", "change") for binding in bindings):
            continue
        is_main = name.lower() in ("reward", "rewards", "total_reward") and len(bindings) > 1
        yield program.finding(
            Severity.WARNING if is_main else Severity.HINT,
            f"{shown(name)} is worked out, but nothing uses it. Return it, or add it to what is "
            "returned.",
            bindings[-1].node,
        )


def _without_value(program: Program, function: ast.FunctionDef, name: str) -> Iterator[Finding]:
    def leaves_or_sets(statement: ast.stmt) -> bool:
        is_set = any(_sets(node, name) for node in _headed(statement))
        return is_set or isinstance(statement, _LEAVES)

    flow = Flow(program, leaves_or_sets)
    for index, statement in enumerate(function.body):
        if leaves_or_sets(statement) and not isinstance(statement, ast.AugAssign | ast.Return):
            return
        if not any(_is_read(node, name) for node in _headed(statement)):
            continue
        above = function.body[:index]
        reach = flow.after_all(above)
        is_certain = reach is Reach.YES and "reward" in name.lower()
        is_set_before = any(_sets(node, name) for s in above for node in ast.walk(s))
        if is_set_before and reach is not Reach.NO:
            yield program.finding(
                Severity.WARNING if is_certain else Severity.HINT,
                f"{shown(name)} may have no value here, because not every way through the lines "
                f"above gives it one. Begin the function with a first value: `{name} = 1e-3`.",
                statement,
            )
        return


def _headed(statement: ast.stmt) -> Iterator[ast.AST]:
    """The expressions of a statement itself, without the blocks below it."""
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.expr):
            yield from ast.walk(child)


def _sets(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)


def _is_read(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
