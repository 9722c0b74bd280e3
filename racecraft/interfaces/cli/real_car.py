"""`racecraft models car`: a policy for the physical car."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from racecraft.domain.errors import Conflict
from racecraft.interfaces.cli.completion import model_names
from racecraft.interfaces.cli.output import JSON_FLAG, say_files, say_json
from racecraft.interfaces.cli.place import desk_now
from racecraft.service.real_car.files import CarFile


def car(
    name: Annotated[str, typer.Argument(help="Name of the model.", autocompletion=model_names)],
    folder: Annotated[
        Path, typer.Argument(help="Folder to write to.", file_okay=False, exists=True)
    ] = Path("."),
    checkpoint: str = typer.Option(
        "best", help="Which weights: best, last or the number of an iteration."
    ),
    onnx: bool = typer.Option(True, help="Write the same policy as ONNX beside it."),
    replace: bool = typer.Option(False, "--replace", help="Overwrite files that are there."),
    is_json: bool = JSON_FLAG,
) -> None:
    """Write a model for the physical car: NAME.tar.gz, to be uploaded in the car's own console.

    The archive holds model_metadata.json and agent/model.pb (a frozen TensorFlow graph).
    """
    kinds = (CarFile.CAR, CarFile.ONNX) if onnx else (CarFile.CAR,)
    targets = [folder / f"{name}{kind.ending}" for kind in kinds]
    for target in targets:
        if target.exists() and not replace:
            raise Conflict(f"The file {target} exists; choose another folder, or add --replace.")
    desk = desk_now()
    for kind, target in zip(kinds, targets, strict=True):
        desk.files.car(name, target, kind=kind, checkpoint=checkpoint)
    if is_json:
        say_json({"model": name, "files": [str(target) for target in targets]})
        return
    typer.echo("Wrote")
    say_files(targets)
