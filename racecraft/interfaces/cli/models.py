"""`racecraft models`: what there is, and what can be done with it."""

from __future__ import annotations

from typing import Any

import typer

from racecraft.domain.errors import InvalidInput
from racecraft.interfaces.cli import archives, ranking, real_car
from racecraft.interfaces.cli.completion import model_names
from racecraft.interfaces.cli.desk.desk import ModelCard
from racecraft.interfaces.cli.output import JSON_FLAG, say_json, say_table, size_text, time_text
from racecraft.interfaces.cli.place import desk_now

app = typer.Typer(
    help="List, show, clone, rename, delete, export and import models.", no_args_is_help=True
)
_NAME = typer.Argument(help="Name of the model.", autocompletion=model_names)
app.command("export")(archives.export)
app.command("import")(archives.import_)
app.command("car")(real_car.car)
app.command("rank")(ranking.rank)


@app.command("list")
def list_models(is_json: bool = JSON_FLAG) -> None:
    """List all models, newest first."""
    desk = desk_now()
    rows = desk.models.cards()
    if is_json:
        say_json({"models": [_facts(row) for row in rows]})
        return
    if not rows:
        typer.echo(desk.models.empty)
        return
    say_table(
        ("Name", "Description", "Status", "Network", "Sensors", "Actions", "Created", "Size"),
        [
            (
                row.name,
                row.description,
                row.status,
                row.network,
                ", ".join(row.sensors),
                row.actions,
                time_text(row.created_at_s),
                size_text(row.size_bytes),
            )
            for row in rows
        ],
    )


@app.command()
def show(name: str = _NAME, is_json: bool = JSON_FLAG) -> None:
    """Show what a model is, how it is trained and how far it is."""
    desk = desk_now()
    facts = _facts(desk.models.card(name)) | desk.models.facts(name)
    if is_json:
        say_json(facts)
        return
    facts["size"] = size_text(facts["size_bytes"])
    lines = [(key, _text(facts[key])) for key in _SHOWN if facts.get(key) not in (None, "")]
    training = facts.get("training", {})
    for key, value in training.get("hyperparameters", {}).items():
        lines.append((key, _text(value)))
    say_table(("", ""), lines)


@app.command()
def checkpoints(name: str = _NAME, is_json: bool = JSON_FLAG) -> None:
    """List the checkpoints of a model."""
    rows = desk_now().models.checkpoints(name)
    if is_json:
        say_json({"model": name, "checkpoints": rows})
        return
    say_table(
        ("Iteration", "Evaluation", ""),
        [
            (
                str(row["iteration"]),
                _percent(row["mean_evaluation_progress"]),
                " ".join(word for word in ("best", "last") if row[f"is_{word}"]),
            )
            for row in rows
        ],
    )


@app.command()
def clone(
    name: str = _NAME,
    new_name: str = typer.Argument(help="Name of the new model."),
    checkpoint: str = typer.Option(
        "best", help="Which weights: best, last or the number of an iteration."
    ),
    is_json: bool = JSON_FLAG,
) -> None:
    """Make a model that starts from the weights of another one.

    To change track, reward or hyperparameters at once, use `racecraft train --clone-of`.
    """
    folder = desk_now().models.clone(name, new_name, checkpoint)
    _done(
        {"model": new_name} | ({"folder": folder} if folder else {}),
        f"Cloned {name} to {new_name}. Train it with `racecraft train --resume {new_name}`.",
        is_json=is_json,
    )


@app.command()
def rename(
    name: str = _NAME,
    new_name: str = typer.Argument(help="The new name."),
    is_json: bool = JSON_FLAG,
) -> None:
    """Give a model another name."""
    folder = desk_now().models.rename(name, new_name)
    facts = {"model": new_name} | ({"folder": folder} if folder else {})
    _done(facts, f"Renamed {name} to {new_name}.", is_json=is_json)


@app.command()
def delete(
    name: str = _NAME,
    yes: bool = typer.Option(False, "--yes", "-y", help="Do not ask."),
    is_json: bool = JSON_FLAG,
) -> None:
    """Delete a model and everything that it learnt."""
    models = desk_now().models
    what = models.deletion(name)
    if is_json and not yes:
        raise InvalidInput(f"Nobody can be asked whether to delete {what}; say so with --yes.")
    if not yes:
        typer.confirm(f"Delete {what}?", abort=True)
    models.delete(name)
    _done({"deleted": name}, f"Deleted {name}.", is_json=is_json)


@app.command()
def undelete(
    name: str = typer.Argument(help="Name that the model had."), is_json: bool = JSON_FLAG
) -> None:
    """Put a model back that was deleted on a server less than a day ago."""
    back = desk_now().models.undelete(name)
    _done({"model": back}, f"{back} is back.", is_json=is_json)


_SHOWN = (
    "name",
    "status",
    "problem",
    "description",
    "network",
    "sensors",
    "actions",
    "tracks",
    "race",
    "iterations",
    "size",
    "folder",
)


def _facts(row: ModelCard) -> dict[str, Any]:
    return {
        "name": row.name,
        "status": row.status,
        "description": row.description,
        "network": row.network,
        "sensors": list(row.sensors),
        "actions": row.actions,
        "tracks": list(row.tracks),
        "iterations": row.iterations,
        "created_at": time_text(row.created_at_s),
        "size_bytes": row.size_bytes,
        **({"folder": str(row.folder)} if row.folder else {}),
        "problem": row.problem,
    }


def _done(facts: dict[str, Any], sentence: str, *, is_json: bool) -> None:
    if is_json:
        say_json(facts)
    else:
        typer.echo(sentence)


def _text(value: Any) -> str:
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} %"
