"""Command lines in the documentation: taken apart, and checked by the program's own parser."""

from __future__ import annotations

import ast
import importlib.util
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import typer
from typer.main import get_command

from racecraft.interfaces.cli.app import app
from racecraft.interfaces.cli.place import hoisted
from racecraft.service.settings import Settings
from tests.docs.pages import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
OTHERS = {"pip", "pipx", "source", "cd", "createdb", "ray"}
"""Programs of others: their flags are theirs."""
_VARIABLE = re.compile(r"([A-Z][A-Z_]*)=(.*)")


@dataclass(frozen=True)
class Command:
    """One command of a line."""

    words: tuple[str, ...]
    variables: tuple[tuple[str, str], ...] = ()
    file: str = ""
    """Where its output goes; empty for the terminal."""


def commands_of(text: str) -> Iterator[Command]:
    """The commands of a block, without comments."""
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        words = shlex.split(line, comments=True)
        variables = []
        while words and (found := _VARIABLE.fullmatch(words[0])):
            variables.append((found[1], found[2]))
            words = words[1:]
        file = ""
        if ">" in words:
            at = words.index(">")
            words, file = words[:at], words[at + 1]
        if words:
            yield Command(tuple(words), tuple(variables), file)


def racecraft_words(command: Command) -> list[str] | None:
    """What the command line of racecraft is given, also by way of make; None for other programs."""
    program, *rest = command.words
    if program.removeprefix(".venv/bin/") == "racecraft":
        return rest
    if program == "make":
        recipe = _recipe(rest[0])
        found = re.search(r"\$\(BIN\)/racecraft (.*) \$\(ARGS\)", recipe)
        return [*found[1].split(), *_arguments(rest)] if found else None
    return None


def fault_of(command: Command) -> str:
    """What is wrong with a command; empty if nothing is."""
    for name, _ in command.variables:
        known = {f"RACECRAFT_{field.upper()}" for field in Settings.model_fields}
        if name.startswith("RACECRAFT_") and name not in known:
            return f"no setting is called {name}"
    words = racecraft_words(command)
    if words is not None:
        return _parse(words)
    program, *rest = command.words
    if program == "make":
        return _make_fault(rest)
    if program in ("python", ".venv/bin/python"):
        return _module_fault(rest)
    return "" if program in OTHERS else f"nobody knows the program {program}"


@cache
def _silent_app() -> Any:
    """The command line with commands that do nothing once their flags are read."""

    def quieten(command: Any) -> Any:
        command.callback = lambda *_, **__: None
        for inner in getattr(command, "commands", {}).values():
            quieten(inner)
        return command

    return quieten(get_command(app))


def _parse(words: list[str]) -> str:
    try:
        _silent_app().main(args=hoisted(words), prog_name="racecraft", standalone_mode=False)
    except typer.TyperException as error:
        return str(error.format_message())
    return ""


def mention_fault(text: str) -> str:
    """What is wrong with a command that is named in a sentence, perhaps without its arguments."""
    program, *rest = text.split()
    if program == "make":
        return _make_fault(shlex.split(text)[1:])
    command, known = _silent_app(), {"--help", "-h"}
    for word in rest:
        inner = getattr(command, "commands", {})
        if word in inner:
            command = inner[word]
        elif inner and word[0] != "-" and word.islower():
            return f"{text} has no command {word}"
    for one in (*_silent_app().params, *command.params):
        known |= {*one.opts, *one.secondary_opts}
    lost = [word for word in rest if word.startswith("-") and word.partition("=")[0] not in known]
    return f"{text} has no {lost[0]}" if lost else ""


def _recipe(target: str) -> str:
    found = re.search(rf"^{re.escape(target)}:.*\n((?:\t.*\n)+)", MAKEFILE, flags=re.M)
    return found[1] if found else ""


def _arguments(words: list[str]) -> list[str]:
    told = [word.removeprefix("ARGS=") for word in words if word.startswith("ARGS=")]
    return shlex.split(told[0]) if told else []


def _make_fault(words: list[str]) -> str:
    recipe, given = _recipe(words[0]), _arguments(words)
    if not re.search(rf"^{re.escape(words[0])}:", MAKEFILE, flags=re.M):
        return f"make knows no {words[0]}"
    if given and "$(ARGS)" not in recipe:
        return f"make {words[0]} takes no ARGS"
    if module := re.search(r"python -m (\S+) \$\(ARGS\)", recipe):
        return _module_fault(["-m", module[1], *given])
    if "pytest" in recipe:
        lost = [word for word in given if word[0] != "-" and not (ROOT / word).exists()]
        return f"there is no {lost[0]}" if lost else ""
    return ""


def _module_fault(words: list[str]) -> str:
    """Whether a module exists and knows the flags: it, or one beside it, names each of them."""
    if words[:1] != ["-m"]:
        return "only modules are run with python here"
    found = importlib.util.find_spec(words[1])
    if found is None or found.origin is None:
        return f"there is no module {words[1]}"
    texts = _texts(Path(found.origin).parent)
    unknown = [word for word in words[2:] if word.strip("-").islower() and word not in texts]
    return f"{words[1]} has no {unknown[0]}" if unknown else ""


@cache
def _texts(folder: Path) -> frozenset[str]:
    """All texts in the modules of a folder, among them the names of flags and choices."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in folder.glob("*.py")]
    constants = [one for tree in trees for one in ast.walk(tree) if isinstance(one, ast.Constant)]
    return frozenset(one.value for one in constants if isinstance(one.value, str))
