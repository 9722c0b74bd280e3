"""`racecraft notebook`: a Jupyter notebook about a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from racecraft.analysis.notebook import notebook_of
from racecraft.domain.errors import Conflict
from racecraft.interfaces.cli.completion import model_names
from racecraft.interfaces.cli.output import JSON_FLAG, say_files, say_json
from racecraft.interfaces.cli.place import desk_now
from racecraft.service.files import write_whole
from racecraft.service.logs.entries import Shape


def notebook(
    name: Annotated[str, typer.Argument(help="Name of the model.", autocompletion=model_names)],
    path: Annotated[
        Path | None, typer.Argument(help="File to write, or a folder; NAME.ipynb if not given.")
    ] = None,
    replace: bool = typer.Option(False, "--replace", help="Overwrite files that are there."),
    is_json: bool = JSON_FLAG,
) -> None:
    """Write a Jupyter notebook that analyses a model, to be run and changed.

    On a server the logs are fetched and laid beside it. Open it with `jupyter lab NAME.ipynb`.
    """
    target = Path(f"{name}.ipynb") if path is None else path
    target = target / f"{name}.ipynb" if target.is_dir() else target
    desk = desk_now()
    folder = desk.models.card(name).folder
    files = [target]
    source = str(folder)
    if folder is None:
        files.append(target.with_name(f"{name}-logs.zip"))
        source = files[1].name
    for file in files:
        if file.exists() and not replace:
            raise Conflict(f"The file {file} exists; choose another name, or add --replace.")
    if folder is None:
        desk.files.logs(name, files[1], Shape.DRFC)
    write_whole(target, notebook_of(name, source))
    if is_json:
        say_json({"model": name, "files": [str(file) for file in files]})
        return
    typer.echo("Wrote")
    say_files(files)
