"""Documents that people write: read from JSON, TOML or Python files and checked.

What a document may hold is told by its class in `racecraft.domain`; this module turns what
is wrong with one into sentences that name the field, the value met and what is allowed.
"""

from __future__ import annotations

import difflib
import enum
import json
import tomllib
import types
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import annotated_types
from pydantic import BaseModel, Tag, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from racecraft.domain.errors import InvalidReward, InvalidSpec, NotFound
from racecraft.service.files import read_text

Document = TypeVar("Document", bound=BaseModel)
MOST_CHARACTERS = 1_000_000
"""Of a document that is read from a file."""


def checked(document: type[Document], values: Mapping[str, Any]) -> Document:
    """A document made from plain values.

    Raises:
        InvalidSpec: a value does not fit; one sentence a fault.
    """
    if not isinstance(values, Mapping):
        raise InvalidSpec(f"{values!r} stands where a table of fields belongs; write a table.")
    try:
        return document.model_validate(dict(values))
    except ValidationError as error:
        raise InvalidSpec(sentences(document, error)) from error


def read_values(path: Path) -> dict[str, Any]:
    """The table in a JSON or TOML file.

    Raises:
        NotFound: there is no such file.
        InvalidSpec: it is neither JSON nor TOML, or not a table.
    """
    values = read_parsed(path, "spec file")
    if not isinstance(values, dict):
        raise InvalidSpec(f"{path} holds a {type(values).__name__}; write a table of fields.")
    return values


def read_reward(name_or_path: str, *, folder: Path = Path()) -> str:
    """Source of a reward function: a shipped one by name, else a Python file.

    Args:
        name_or_path: for instance `progress` or `my_reward.py`.
        folder: where relative paths start.

    Raises:
        NotFound: neither a shipped reward nor a file has this name.
        InvalidReward: the file is too long.
    """
    from racecraft.sandbox.builtin import BUILTIN_REWARDS, builtin_reward
    from racecraft.sandbox.limits import MAX_CHARACTERS

    if name_or_path in BUILTIN_REWARDS:
        return builtin_reward(name_or_path)
    path = folder / Path(name_or_path).expanduser()
    if not path.is_file():
        if path.suffix == ".py":
            raise NotFound(
                f"There is no file {path}. `racecraft reward examples progress > my_reward.py` "
                "writes one to start from."
            )
        raise NotFound(
            f"There is no reward {name_or_path!r}: it is neither a file nor one of "
            f"{', '.join(BUILTIN_REWARDS)}.{near(name_or_path, BUILTIN_REWARDS)}"
        )
    source = read_text(path)
    if len(source) > MAX_CHARACTERS:
        raise InvalidReward(
            f"{path} has {len(source)} characters; a reward function may have at most "
            f"{MAX_CHARACTERS}."
        )
    return source


def near(name: str, names: Sequence[str]) -> str:
    """` Did you mean …?`, or nothing."""
    found = difflib.get_close_matches(name, names, n=2, cutoff=0.5)
    return f" Did you mean {' or '.join(found)}?" if found else ""


def sentences(document: type[BaseModel], error: ValidationError) -> str:
    """Every fault of a document in a sentence that a person can act on."""
    return " ".join(_sentence(document, fault) for fault in error.errors())


def allowed(field: FieldInfo) -> str:
    """What a field may hold, for instance `from 0 to 1`; empty when anything of its type."""
    choices = _choices(field.annotation)
    if choices:
        return f"one of {', '.join(str(choice) for choice in choices)}"
    low, high = "", ""
    for rule in field.metadata:
        if isinstance(rule, annotated_types.Ge):
            low = f"from {_number(rule.ge)}"
        elif isinstance(rule, annotated_types.Gt):
            low = f"above {_number(rule.gt)}"
        elif isinstance(rule, annotated_types.Le):
            high = f"up to {_number(rule.le)}"
        elif isinstance(rule, annotated_types.Lt):
            high = f"below {_number(rule.lt)}"
    if low and high:
        return f"{low} {high.removeprefix('up ') if low.startswith('from') else 'and ' + high}"
    return low.replace("from", "at least") or high.replace("up to", "at most")


def _number(limit: Any) -> str:
    return str(limit) if isinstance(limit, int) else f"{limit:g}"


def _choices(annotation: Any) -> tuple[Any, ...]:
    """Members of an enumeration or literal, also behind `| None`."""
    for part in typing.get_args(annotation) if _is_union(annotation) else (annotation,):
        if typing.get_origin(part) is Literal:
            return typing.get_args(part)
        if isinstance(part, type) and issubclass(part, enum.StrEnum):
            return tuple(member.value for member in part)
    return ()


def _is_union(annotation: Any) -> bool:
    return typing.get_origin(annotation) in (typing.Union, types.UnionType)


def _sentence(document: type[BaseModel], fault: ErrorDetails) -> str:
    """One fault; faults found by our own validators are sentences already."""
    if fault["type"] == "value_error":
        return str(fault["ctx"]["error"])
    path = ".".join(_told(document, fault["loc"]))
    if fault["type"] == "extra_forbidden":
        names = list(document.model_fields)
        return f"There is no field {path}; remove it.{near(str(fault['loc'][-1]), names)}"
    if fault["type"] == "union_tag_invalid":
        return _wrong_tag(path, fault)
    if fault["type"] == "missing":
        return f"The field {path} is missing; add it."
    field = _field_at(document, fault["loc"])
    wanted = allowed(field) if field else ""
    advice = f"choose {wanted}" if wanted else fault["msg"][0].lower() + fault["msg"][1:]
    return f"{path} is {fault['input']!r}; {advice}."


def _wrong_tag(path: str, fault: ErrorDetails) -> str:
    """Of hyperparameters, the one kind of document that names its tag itself."""
    tags = [tag.strip(" '") for tag in str(fault["ctx"]["expected_tags"]).split(",")]
    return (
        f"{path}.algorithm is {fault['ctx']['tag']!r}; choose one of {', '.join(tags)}."
        f"{near(str(fault['ctx']['tag']).upper(), tags)}"
    )


def _told(document: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """The path as people write it: without the tags by which pydantic tells documents apart."""
    return [
        str(part)
        for place, part in enumerate(path)
        if not _tagged(getattr(_field_at(document, path[:place]), "annotation", None), part)
    ]


def _tagged(annotation: Any, tag: int | str) -> Any:
    """The member of a union of tagged documents that has the tag; None without one."""
    for member in typing.get_args(annotation) if _is_union(annotation) else ():
        document, *notes = typing.get_args(member) or (member,)
        if any(isinstance(note, Tag) and note.tag == tag for note in notes):
            return document
    return None


def _field_at(document: type[BaseModel], path: tuple[int | str, ...]) -> FieldInfo | None:
    """The field that a path of names and list positions leads to."""
    here: Any = document
    field = None
    for part in path:
        tagged = _tagged(here, part)
        if tagged is not None:
            here = tagged
        elif isinstance(part, int):
            here = next(iter(typing.get_args(here)), None)
        elif isinstance(here, type) and issubclass(here, BaseModel) and part in here.model_fields:
            field = here.model_fields[part]
            here = field.annotation
        else:
            return None
    return field


def read_parsed(path: Path, kind: str) -> Any:
    """Content of a TOML file, or of a JSON file when the name does not end so.

    Args:
        path: the file.
        kind: what the file should be, for the sentence about a missing one.

    Raises:
        NotFound: there is no such file.
        InvalidSpec: it is neither JSON nor TOML.
    """
    text = _text_of(path, kind)
    is_toml = path.suffix == ".toml"
    try:
        return tomllib.loads(text) if is_toml else json.loads(text)
    except (ValueError, RecursionError) as error:  # of both parsers
        kind = "TOML" if is_toml else "JSON"
        raise InvalidSpec(f"{path} is not {kind}: {error}. Correct the file.") from error


def _text_of(path: Path, kind: str) -> str:
    if not path.is_file():
        raise NotFound(f"There is no {kind} {path}; check the path.")
    text = read_text(path)
    if len(text) > MOST_CHARACTERS:
        raise InvalidSpec(
            f"{path} has {len(text)} characters, and a {kind} has at most {MOST_CHARACTERS}; check "
            "that it is the right file."
        )
    return text
