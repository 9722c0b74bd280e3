"""Charts without helm: the part of its template language that ours uses, and nothing else.

`{{ .Values.a.b }}` with `quote`, `default`, `toYaml` and `nindent`, and `if` … `end`. Whatever else
stands in a template is an error, so that the tests cannot pass by not understanding it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

_TAG = re.compile(r"\{\{-?\s*(.*?)\s*(-?)\}\}")


def rendered(chart: Path, values: dict[str, Any], release: str = "race") -> list[dict[str, Any]]:
    """Every object that a chart makes."""
    facts = yaml.safe_load((chart / "Chart.yaml").read_text())
    kept = yaml.safe_load((chart / "values.yaml").read_text())
    scope = {
        "Values": merged(kept, values),
        "Release": {"Name": release},
        "Chart": {"AppVersion": facts["appVersion"]},
    }
    made = []
    for template in sorted((chart / "templates").glob("*.yaml")):
        text = _filled(template.read_text(), scope)
        made += [each for each in yaml.safe_load_all(text) if each]
    return made


def merged(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Values over values, as helm puts them."""
    both = dict(first)
    for name, value in second.items():
        is_deep = isinstance(value, dict) and isinstance(both.get(name), dict)
        both[name] = merged(both[name], value) if is_deep else value
    return both


def _filled(text: str, scope: dict[str, Any]) -> str:
    lines: list[str] = []
    shown = [True]
    for line in text.splitlines():
        control = re.fullmatch(r"\s*\{\{-\s*(if\s+(.+?)|end)\s*\}\}", line)
        if control is None:
            if shown[-1]:
                lines.append(_TAG.sub(lambda found: str(_value(found[1], scope)), line))
        elif control[1] == "end":
            shown.pop()
        else:
            shown.append(shown[-1] and bool(_value(control[2], scope)))
    assert shown == [True]
    return "\n".join(lines) + "\n"


def _value(expression: str, scope: dict[str, Any]) -> Any:
    first, *filters = [part.strip() for part in expression.split("|")]
    words = first.split()
    value = _looked_up(words[-1], scope)
    if words[:-1] == ["toYaml"]:
        value = yaml.safe_dump(value).rstrip("\n")
    elif words[:-1]:
        raise ValueError(f"unknown: {expression}")
    for word, *given in (each.split() for each in filters):
        if word == "quote":
            value = json.dumps(str(value))
        elif word == "default":
            value = value or _looked_up(given[0], scope)
        elif word == "nindent":
            value = "\n" + "\n".join(" " * int(given[0]) + row for row in value.splitlines())
        else:
            raise ValueError(f"unknown: {expression}")
    return value


def _looked_up(path: str, scope: Any) -> Any:
    assert path.startswith("."), path
    for name in path[1:].split("."):
        scope = scope[name]  # what a chart does not declare is an error
    return scope
