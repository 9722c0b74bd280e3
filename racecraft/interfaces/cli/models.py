"""`racecraft models`: what there is, and what can be done with it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import typer

from racecraft.domain.errors import InvalidInput
from racecraft.interfaces.cli.output import JSON_FLAG, say_json, say_table, settings_now, size_text
from racecraft.service import clones, models, summaries
from racecraft.service.checkpoints import list_checkpoints
from racecraft.service.models import load_model, load_training, model_folder
from racecraft.service.summaries import ModelSummary

app = typer.Typer(help="List, show, clone, rename and delete models.", no_args_is_help=True)
_NAME = typer.Argument(help="Name of the model.")


@app.command("list")
def list_models(is_json: bool = JSON_FLAG) -> None:
    """List all models, newest first."""
    settings = settings_now()
    rows = summaries.list_models(settings)
    if is_json:
        say_json({"models": [_facts(row) for row in rows]})
        return
    if not rows:
        typer.echo(
            f"There are no models in {settings.models} yet. Start with `racecraft quickstart`."
        )
        return
    say_table(
        ("Name", "Description", "Status", "Network", "Sensors", "Actions", "Created", "Size"),
        [
            (
                row.name,
                row.description,
                row.status.value,
                row.network,
                ", ".join(row.sensors),
                row.actions,
                _time_text(row.created_at_s),
                size_text(row.size_bytes),
            )
            for row in rows
        ],
    )


@app.command()
def show(name: str = _NAME, is_json: bool = JSON_FLAG) -> None:
    """Show what a model is, how it is trained and how far it is."""
    folder = model_folder(settings_now(), name)
    row = summaries.summarise(folder)
    facts = _facts(row)
    if row.network:  # its documents can be read
        facts["model"] = load_model(folder).model_dump(mode="json")
        spec = load_training(folder)
        facts |= {"training": spec.model_dump(mode="json"), "race": spec.race.summary}
    reports = summaries.read_progress(folder)
    facts["last_iteration"] = reports[-1] if reports else None
    if is_json:
        say_json(facts)
        return
    lines = [(key, _text(facts[key])) for key in _SHOWN if facts.get(key) not in (None, "")]
    training = facts.get("training", {})
    for key, value in training.get("hyperparameters", {}).items():
        lines.append((key, _text(value)))
    say_table(("", ""), lines)


@app.command()
def checkpoints(name: str = _NAME, is_json: bool = JSON_FLAG) -> None:
    """List the checkpoints of a model."""
    found = list_checkpoints(model_folder(settings_now(), name))
    rows = [row.model_dump() for row in found]
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
    folder = clones.clone_model(settings_now(), name, new_name, checkpoint=checkpoint)
    _done(
        {"model": new_name, "folder": folder},
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
    folder = models.rename_model(settings_now(), name, new_name)
    _done({"model": new_name, "folder": folder}, f"Renamed {name} to {new_name}.", is_json=is_json)


@app.command()
def delete(
    name: str = _NAME,
    yes: bool = typer.Option(False, "--yes", "-y", help="Do not ask."),
    is_json: bool = JSON_FLAG,
) -> None:
    """Delete a model and everything that it learnt."""
    settings = settings_now()
    folder = model_folder(settings, name)
    if is_json and not yes:
        raise InvalidInput(f"Nobody can be asked whether to delete {folder}; say so with --yes.")
    if not yes:
        typer.confirm(f"Delete {folder}?", abort=True)
    models.delete_model(settings, name)
    _done({"deleted": name}, f"Deleted {name}.", is_json=is_json)


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
    "size_bytes",
    "folder",
)


def _facts(row: ModelSummary) -> dict[str, Any]:
    return {
        "name": row.name,
        "status": row.status.value,
        "description": row.description,
        "network": row.network,
        "sensors": list(row.sensors),
        "actions": row.actions,
        "tracks": list(row.tracks),
        "iterations": row.iterations,
        "created_at": _time_text(row.created_at_s),
        "size_bytes": row.size_bytes,
        "folder": str(row.folder),
        "problem": row.problem,
    }


def _done(facts: dict[str, Any], sentence: str, *, is_json: bool) -> None:
    if is_json:
        say_json(facts)
    else:
        typer.echo(sentence)


def _time_text(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone().isoformat(sep=" ", timespec="seconds")


def _text(value: Any) -> str:
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} %"
