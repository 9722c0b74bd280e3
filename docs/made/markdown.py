"""What all pages that are made from the code have in common: tables, and fields of documents."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from pydantic import AliasChoices, BaseModel
from pydantic.fields import FieldInfo

NOTE = "<!-- Made by docs/generate.py from the code; `make fix` writes it anew. -->\n"
BOUNDS = {"ge": "from {}", "gt": "above {}", "le": "to {}", "lt": "below {}"}


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [header, tuple("---" for _ in header), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def number(value: Any) -> str:
    """A number as people write it: 0.0003, 1e-08, 10000."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def is_within(annotation: Any, kind: type) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, kind)


def is_nested(field: FieldInfo) -> bool:
    """A document within the document, or a list of them: told in a section of its own."""
    members = [get_args(member)[:1] or (member,) for member in get_args(field.annotation)]
    return (
        is_within(field.annotation, BaseModel)
        or get_origin(field.annotation) is tuple
        or any(is_within(document, BaseModel) for (document,) in members)
    )


def allowed(field: FieldInfo) -> str:
    """The values that a field takes, in words."""
    annotation = field.annotation
    if get_origin(annotation) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(annotation))
    if annotation is bool:
        return "`true`, `false`"
    if is_within(annotation, Enum):
        return ", ".join(f"`{member.value}`" for member in annotation)  # type: ignore[union-attr]
    if str in (annotation, *get_args(annotation)):
        return "text"
    kind = "whole number" if int in (annotation, *get_args(annotation)) else "number"
    bounds = [
        words.format(number(limit))
        for name, words in BOUNDS.items()
        for limit in [getattr(item, name, None) for item in field.metadata]
        if limit is not None
    ]
    return " ".join([kind, *bounds])


def default(field: FieldInfo) -> str:
    """The default as a document would spell it, or a dash."""
    value = field.get_default(call_default_factory=True)
    if value is None:
        return "–"
    if isinstance(value, Enum):
        value = value.value
    return f"`{str(value).lower() if isinstance(value, bool) else number(value)}`"


def spellings(field: FieldInfo, name: str) -> str:
    """Other names under which a document may give the field."""
    alias = field.validation_alias
    choices = alias.choices if isinstance(alias, AliasChoices) else []
    return ", ".join(f"`{choice}`" for choice in choices if choice != name) or "–"


def fields_of(document: type[BaseModel]) -> str:
    """One row a field: name, values, default, meaning, other names."""
    return table(
        ("field", "values", "default", "meaning", "also called"),
        (
            (f"`{name}`", allowed(f), default(f), f.description or "", spellings(f, name))
            for name, f in document.model_fields.items()
            if not is_nested(f)
        ),
    )
