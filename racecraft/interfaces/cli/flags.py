"""Flags made from documents: the field of a pydantic class is the one source of a flag.

Help, range and default are read from the field. The flag only carries what the person wrote;
the document itself checks it, so that the sentences are the same wherever a value comes from.
"""

from __future__ import annotations

import enum
import functools
import inspect
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from racecraft.service.documents import allowed


@dataclass(frozen=True)
class FlagGroup:
    """Flags for the fields of one document."""

    argument: str
    """Argument of the command that receives the fields that were given, as a dictionary."""
    document: type[BaseModel]
    panel: str
    """Heading in the help."""
    flags: Mapping[str, str] | None = None
    """Field to flag, for instance `{"env_steps": "--steps"}`; all fields when left out."""
    others: tuple[tuple[str, type[BaseModel]], ...] = ()
    """Name and document of those that share the flags; told where they allow something else."""

    def parameters(self) -> dict[str, tuple[str, inspect.Parameter]]:
        """Parameter name to field and signature parameter."""
        names = self.flags or flags_of(self.document.model_fields)
        return {
            f"{self.argument}_{field}": (field, self._parameter(field, flag))
            for field, flag in names.items()
        }

    def _parameter(self, name: str, flag: str) -> inspect.Parameter:
        field = self.document.model_fields[name]
        kind = _kind(field.annotation)
        declared = f"{flag}/--no-{flag[2:]}" if kind is bool else flag
        option = typer.Option(
            declared,
            help=_help(field, [(who, other.model_fields[name]) for who, other in self.others]),
            rich_help_panel=self.panel,
            show_default=False,
            metavar=None if kind is bool else _metavar(kind),
        )
        return inspect.Parameter(
            f"{self.argument}_{name}",
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=typing.Annotated[kind | None, option],
        )


def with_flags(*groups: FlagGroup) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the flags of some documents.

    The command takes, for each group, a dictionary of the fields that the person set; groups of
    the same argument fill the same dictionary.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        made: dict[str, dict[str, tuple[str, inspect.Parameter]]] = {}
        for group in groups:
            made.setdefault(group.argument, {}).update(group.parameters())

        @functools.wraps(command)
        def run(**values: Any) -> None:
            for argument, parameters in made.items():
                given = {
                    field: value
                    for name, (field, _) in parameters.items()
                    if (value := values.pop(name)) is not None
                }
                values[argument] = given
            command(**values)

        own = inspect.signature(command, eval_str=True)
        kept = [p for p in own.parameters.values() if p.name not in made]
        extra = [parameter for group in made.values() for _, parameter in group.values()]
        run.__signature__ = own.replace(  # type: ignore[attr-defined]
            parameters=[p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in (*kept, *extra)]
        )
        run.__annotations__ = {p.name: p.annotation for p in (*kept, *extra)}
        del run.__wrapped__  # typer would read its hints instead
        return run

    return decorate


def flags_of(fields: Iterable[str]) -> dict[str, str]:
    """The usual flags of some fields."""
    return {field: _flag(field) for field in fields}


def _flag(field: str) -> str:
    return "--" + field.replace("_", "-")


def _kind(annotation: Any) -> type:
    """The plain type of a flag; choices and ranges are checked by the document."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return _kind(next(a for a in typing.get_args(annotation) if a is not type(None)))
    if typing.get_origin(annotation) is Literal:
        return type(typing.get_args(annotation)[0])
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return str
    return annotation if annotation in (int, float, bool) else str


def _metavar(kind: type) -> str:
    return {int: "WHOLE NUMBER", float: "NUMBER"}.get(kind, "TEXT")


def _help(field: FieldInfo, others: Sequence[tuple[str, FieldInfo]] = ()) -> str:
    """Description, what is allowed, and the default; and for whom it is different."""
    text = (field.description or "").strip()
    text = text[:1].upper() + text[1:]
    notes = _notes(field)
    for who, other in others:
        different = [note for note in _notes(other) if note not in notes]
        if different:
            notes = [*notes, f"for {who} {', '.join(different)}"]
    return f"{text} ({'; '.join(notes)})." if notes else f"{text}."


def _notes(field: FieldInfo) -> list[str]:
    default = field.get_default(call_default_factory=True)
    default = default.value if isinstance(default, enum.Enum) else default
    notes = [allowed(field), "" if default in (None, "") else f"default {_default_text(default)}"]
    return [note for note in notes if note]


def _default_text(default: Any) -> str:
    if isinstance(default, bool):
        return "yes" if default else "no"
    return f"{default:g}" if isinstance(default, float) else str(default)
