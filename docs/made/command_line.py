"""The page of the command line: every command, argument and flag, as `--help` tells them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from made.markdown import NOTE, number, table
from racecraft.interfaces.cli.app import app

_COMPLETION = {"--install-completion", "--show-completion"}


def command_line_page() -> str:
    """Every command with its flags and their defaults."""
    root: Any = get_command(app)
    commands = list(_commands(root, "racecraft"))
    rows = [
        (f"[`{name}`](#{_anchor(name)})", _sentences(command.help)[0]) for name, command in commands
    ]
    sections = "".join(_section(name, command) for name, command in commands)
    common = [flag for flag in root.params if not set(flag.opts) & _COMPLETION]
    return f"""{NOTE}
# The command line

`racecraft COMMAND --help` tells the same in the terminal. Results go to standard output, all else
to standard error; with `--json` the last line of the output is one JSON object, whatever happens.
What the shell is told stands under [exit codes](exit-codes.md), and what the environment says
under [settings](settings.md). `racecraft --install-completion` lets the Tab key complete
commands, flags and names.

{table(("command", "what it does"), rows)}
## Flags that every command takes

They may stand anywhere in the line.

{_flags(common)}{sections}"""


def _commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """All commands that do something, in the order of the help."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield name, command
        return
    for word, one in inner.items():
        yield from _commands(one, f"{name} {word}")


def _section(name: str, command: Any) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option" and not one.hidden]
    words = [_argument(one) for one in arguments]
    usage = " ".join([name, *(["[OPTIONS]"] if options else []), *words])
    text = f"\n## {name}\n\n```text\n{usage}\n```\n\n{_plain(command.help)}\n"
    told = [(f"`{_argument(one)}`", _plain(one.help)) for one in arguments]
    if told:
        text += f"\n{table(('argument', 'meaning'), told)}"
    panels: dict[str, list[Any]] = {}
    for option in options:
        panels.setdefault(option.rich_help_panel or "", []).append(option)
    for panel, flags in panels.items():
        heading = f"\n**{panel}**\n" if panel else ""
        text += f"{heading}\n{_flags(flags)}"
    return text


def _flags(options: list[Any]) -> str:
    rows = [(_names(one), _default(one), _plain(one.help)) for one in options]
    return table(("flag", "default", "meaning"), rows)


def _names(option: Any) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    return names if option.is_flag else f"{names} {option.metavar or _kind(option)}"


def _kind(option: Any) -> str:
    """What is to be written behind a flag: a number, a path or a text."""
    kinds = {"int": "WHOLE NUMBER", "float": "NUMBER", "Path": "PATH"}
    told = str(option.type_descriptor.annotation)
    return next((word for kind, word in kinds.items() if re.search(rf"\b{kind}\b", told)), "TEXT")


def _default(option: Any) -> str:
    value = option.default
    if option.is_flag or value is None or callable(value) or not option.show_default:
        return "–"
    return f"`{getattr(value, 'value', number(value))}`"


def _argument(argument: Any) -> str:
    name = (argument.metavar or argument.name).upper().replace("_", " ")
    name += "…" if argument.nargs == -1 else ""
    return name if argument.required else f"[{name}]"


def _plain(text: str | None) -> str:
    """Help as Markdown on one line a paragraph, safe within a table."""
    paragraphs = (text or "").replace("|", "\\|").split("\n\n")
    return "\n\n".join(" ".join(one.split()) for one in paragraphs)


def _sentences(text: str | None) -> list[str]:
    return re.split(r"(?<=[.!?])\s", _plain(text).split("\n\n")[0])


def _anchor(name: str) -> str:
    return name.replace(" ", "-")
