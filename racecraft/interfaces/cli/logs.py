"""`racecraft logs`: what a model drove, in the shapes that log tools read."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from racecraft.domain.errors import Conflict, InvalidInput
from racecraft.domain.simtrace import LOG_MARK
from racecraft.interfaces.cli.completion import model_names
from racecraft.interfaces.cli.output import JSON_FLAG, say_json, size_text
from racecraft.interfaces.cli.place import desk_now
from racecraft.service.logs.entries import Shape

if TYPE_CHECKING:
    from racecraft.interfaces.cli.desk.desk import Desk

_PAUSE_S = 1.0
_BUSY = ("TRAINING", "QUEUED", "STOPPING")


def logs(
    name: Annotated[str, typer.Argument(help="Name of the model.", autocompletion=model_names)],
    path: Annotated[
        Path | None, typer.Argument(help="File to write, or a folder; NAME-logs… if not given.")
    ] = None,
    shape: Shape = typer.Option(
        Shape.DRFC,
        help="drfc: the folder of a deepracer-for-cloud training, as ZIP; droa: the archive of "
        "DeepRacer on AWS, as tar.gz.",
    ),
    text: bool = typer.Option(
        False, "--text", help="Print the simulator's text log (SIM_TRACE_LOG) instead."
    ),
    evaluation: str | None = typer.Option(
        None, help="With --text: the 14 digits of an evaluation, instead of the training."
    ),
    follow: bool = typer.Option(
        False, "--follow", "-f", help="With --text: go on printing while the model is trained."
    ),
    replace: bool = typer.Option(False, "--replace", help="Overwrite a file that is there."),
    is_json: bool = JSON_FLAG,
) -> None:
    """Write the logs of a model: traces, metrics and text logs, also while it is trained.

    deepracer-utils and the community's notebooks read both shapes.
    """
    desk = desk_now()
    if text:
        _print_text(desk, name, evaluation, follow=follow)
        return
    if evaluation is not None or follow:
        raise InvalidInput("--evaluation and --follow belong to --text; add it.")
    target = _target(path, f"{name}-logs{shape.ending}")
    if target.exists() and not replace:
        raise Conflict(f"The file {target} exists; choose another name, or add --replace.")
    desk.files.logs(name, target, shape)
    size = target.stat().st_size
    if is_json:
        say_json({"model": name, "file": str(target), "shape": shape.value, "size_bytes": size})
    else:
        typer.echo(f"Wrote {target} ({size_text(size)}).")


def _print_text(desk: Desk, name: str, stamp: str | None, *, follow: bool) -> None:
    if stamp is not None and follow:
        raise InvalidInput("An evaluation cannot be followed; leave out --follow.")
    if stamp is not None:
        for part in desk.files.log_text(name, stamp=stamp):
            sys.stdout.write(part)
        return
    printer, is_busy = _Printer(desk, name), True
    while is_busy:
        # Asked first: what came before the training ended is printed, too.
        is_busy = follow and desk.models.card(name).status in _BUSY
        printer.go_on()
        if is_busy:
            time.sleep(_PAUSE_S)


class _Printer:
    """Prints a training's log, each iteration once."""

    def __init__(self, desk: Desk, name: str) -> None:
        self._desk, self._name = desk, name
        self._next = 0
        """Iteration that was not printed yet."""
        self._episodes = 0
        """Numbers that an iteration has for its episodes; 0 before they are known."""

    def go_on(self) -> None:
        """Print what is new."""
        text = self._desk.files.log_text(self._name, first_iteration=self._next)
        rest = ""
        for part in text:
            lines = (rest + part).splitlines(keepends=True)
            rest = lines.pop() if lines and not lines[-1].endswith("\n") else ""
            for line in lines:
                self._remember(line)
            sys.stdout.writelines(lines)
        sys.stdout.flush()

    def _remember(self, line: str) -> None:
        if line.startswith(LOG_MARK):
            episode = int(line.removeprefix(LOG_MARK).partition(",")[0])
            self._next = episode // max(self._episodes, 1) + 1
        elif '"num_episodes_between_training"' in line:
            self._episodes = int("".join(c for c in line if c.isdecimal()))


def _target(path: Path | None, name: str) -> Path:
    if path is None:
        return Path(name)
    return path / name if path.is_dir() else path
