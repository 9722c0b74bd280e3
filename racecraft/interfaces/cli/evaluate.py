"""`racecraft evaluate`: let a trained model drive."""

from __future__ import annotations

from typing import Any

import typer

from racecraft.domain.spec import EvaluationSpec, TrackChoice
from racecraft.interfaces.cli.flags import FlagGroup, with_flags
from racecraft.interfaces.cli.output import (
    JSON_FLAG,
    lap_facts,
    say_files,
    say_json,
    say_laps,
    settings_now,
)
from racecraft.service.documents import checked
from racecraft.service.models import load_training, model_folder
from racecraft.service.worker import evaluate_model

_EVALUATION = FlagGroup(
    "evaluation",
    EvaluationSpec,
    "Evaluation",
    {
        "trials": "--trials",
        "is_continuous": "--continuous",
        "max_resets": "--resets",
        "off_track_penalty_s": "--off-track-penalty",
        "interval_jitter": "--jitter",
        "checkpoint": "--checkpoint",
        "seed": "--seed",
    },
)


@with_flags(_EVALUATION)
def evaluate(
    evaluation: dict[str, Any],
    name: str = typer.Argument(help="Name of the model."),
    track: str | None = typer.Option(
        None, help="Track to drive; the first one that it was trained on if not given."
    ),
    reverse: bool = typer.Option(False, "--reverse", help="Drive the track the other way round."),
    no_replay: bool = typer.Option(False, "--no-replay", help="Make no film of the best lap."),
    is_json: bool = JSON_FLAG,
) -> None:
    """Let a model drive some laps and show the lap table.

    The policy is greedy: it always takes the action that it thinks best. Trace, metrics, a
    picture of the driven lines and a film of the best lap are kept in the model's folder.
    """
    settings = settings_now()
    trained_on = load_training(model_folder(settings, name)).tracks[0]
    chosen = TrackChoice(name=track, is_reversed=reverse) if track else trained_on
    if reverse and not track:
        chosen = trained_on.model_copy(update={"is_reversed": not trained_on.is_reversed})
    driven = evaluate_model(
        settings,
        name,
        checked(EvaluationSpec, {**evaluation, "track": chosen}),
        draws_replay=not no_replay,
    )
    if is_json:
        say_json(
            {
                "model": name,
                "track": chosen.name,
                "reversed": chosen.is_reversed,
                "clean": driven.is_clean,
                "laps": lap_facts(driven.trials),
                "folder": driven.folder,
                "files": [str(file) for file in driven.files],
            }
        )
        return
    typer.echo(f"{name} on {chosen}:")
    say_laps(driven.trials)
    say_files(driven.files)
