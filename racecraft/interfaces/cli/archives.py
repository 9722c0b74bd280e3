"""`racecraft models export` and `import`: models as single files."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from racecraft.domain.errors import Conflict, InvalidInput
from racecraft.interfaces.cli.completion import model_names
from racecraft.interfaces.cli.output import JSON_FLAG, say_json, settings_now, size_text
from racecraft.interfaces.cli.place import desk_now
from racecraft.service.archives.export import export_model
from racecraft.service.files import write_parts
from racecraft.service.foreign.taking import import_foreign, is_foreign


def export(
    name: Annotated[str, typer.Argument(help="Name of the model.", autocompletion=model_names)],
    path: Annotated[
        Path | None, typer.Argument(help="File to write, or a folder; NAME.zip if not given.")
    ] = None,
    checkpoints: str = typer.Option(
        "all", help="Which weights: all, best, last or the number of an iteration."
    ),
    state: bool = typer.Option(
        True, help="With what is needed to go on with the training exactly."
    ),
    replace: bool = typer.Option(False, "--replace", help="Overwrite a file that is there."),
    is_json: bool = JSON_FLAG,
) -> None:
    """Write a model to one file: documents, reward, weights, traces, evaluations and log.

    Another machine takes it over with `racecraft models import`, or its console does.
    """
    target = _target(path, name)
    if target.exists() and not replace:
        raise Conflict(f"The file {target} exists; choose another name, or add --replace.")
    desk_now().models.export(name, target, checkpoints=checkpoints, has_state=state)
    size = target.stat().st_size
    if is_json:
        say_json({"model": name, "file": str(target), "size_bytes": size})
    else:
        typer.echo(f"Wrote {target} ({size_text(size)}).")


def import_(
    path: Annotated[
        Path,
        typer.Argument(
            help="Archive that `models export` wrote, or the folder or archive of a model of the "
            "console, of deepracer-for-cloud or for the physical car."
        ),
    ],
    name: str | None = typer.Option(None, help="What to call the model; as in the file if not."),
    is_json: bool = JSON_FLAG,
) -> None:
    """Make a model from a file that was exported, after every check.

    A file that is damaged, or that somebody made to do harm, is refused, and nothing of it is
    kept. Of a model of another program is taken over what can be: vehicle, reward, hyperparameters,
    logs, and weights from a model.pb; a report tells what was not.
    """
    if not path.exists():
        raise InvalidInput(f"There is no file {path}; check the path.")
    if path.is_dir() or is_foreign(path):
        _take(path, name, is_json=is_json)
        return
    report = desk_now().models.import_from(path, name)
    if is_json:
        say_json(report.model_dump())
        return
    typer.echo(
        f"Imported {report.name}: {report.files} files ({size_text(report.size_bytes)}), "
        f"{_counted(len(report.checkpoints), 'checkpoint')}, "
        f"{_counted(report.evaluations, 'evaluation')}."
    )
    for note in report.notes:
        typer.echo(f"  {note}")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _take(path: Path, name: str | None, *, is_json: bool) -> None:
    """A model of another program: made here, and sent on if a server was meant."""
    settings, desk = settings_now(), desk_now()
    if desk.server is None:
        report = import_foreign(settings, path, name=name)
    else:
        with tempfile.TemporaryDirectory(prefix="racecraft-import-") as room:
            here = settings.model_copy(update={"home": Path(room)})
            report = import_foreign(here, path, name=name)
            archive = Path(room) / "model.zip"
            write_parts(archive, export_model(here.models / report.name))
            report = report.model_copy(update={"name": desk.models.import_from(archive, name).name})
    if is_json:
        say_json(report.model_dump())
        return
    typer.echo(f"Imported {report.name}. Taken over:")
    for line in report.taken:
        typer.echo(f"  {line}")
    if report.left:
        typer.echo("Not taken over, or different:")
    for line in report.left:
        typer.echo(f"  {line}")


def _target(path: Path | None, name: str) -> Path:
    if path is None:
        return Path(f"{name}.zip")
    if path.is_dir():
        return path / f"{name}.zip"
    if path.suffix != ".zip":
        raise InvalidInput(f"The archive is called {path.name}; give it a name ending in .zip.")
    return path
