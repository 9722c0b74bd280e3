"""`racecraft quickstart`: from nothing to a model that drives laps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from racecraft.domain.spec import EvaluationSpec, TrackChoice
from racecraft.interfaces.cli.output import (
    JSON_FLAG,
    Interrupted,
    clock_text,
    lap_facts,
    say_files,
    say_findings,
    say_json,
    say_laps,
    say_limit,
    say_tracks,
    settings_now,
)
from racecraft.interfaces.cli.place import stay_here
from racecraft.interfaces.cli.running import run_training
from racecraft.service import trainings
from racecraft.service.pictures import Pictures
from racecraft.service.presets import PRESETS, QUICKSTART_TRACK, preset
from racecraft.service.worker import (
    EvaluationOutcome,
    TrainingOutcome,
    evaluate_model,
)

if TYPE_CHECKING:
    from racecraft.service.settings import Settings

_LAPS = 5
_JITTER = 0.1
"""Control intervals vary as they did in the original, so that five laps are not five copies."""
_PRESET_HELP = "; ".join(f"**{name}**: {row.title}" for name, row in PRESETS.items()) + "."


def quickstart(
    preset_name: str = typer.Option(
        "default",
        "--preset",
        help=_PRESET_HELP,
    ),
    reward: str | None = typer.Option(
        None,
        help="What to pay for: progress, centre-line, steady-steering, no-crawling, …, or a Python "
        "file with `reward_function(params)`; that of the preset if not given.",
    ),
    track: str | None = typer.Option(
        None,
        help="Track to drive, that of the preset if not given; `racecraft tracks list` shows them.",
    ),
    seed: int = typer.Option(0, help="Same seed, same training."),
    name: str | None = typer.Option(
        None,
        help="Name of the model; the first free of quickstart, quickstart-2, ... if not given.",
    ),
    no_replay: bool = typer.Option(False, "--no-replay", help="Make no film of the best lap."),
    is_json: bool = JSON_FLAG,
) -> None:
    """Train a model until it drives clean laps, then show how it drives.

    Trains with the front camera and a list of actions (with the presets fast and champion, ranges
    of speed and angle), tries five laps, and leaves a reward graph, a picture of the driven lines
    and a film of the best lap beside the model. Ctrl-C stops at any time; what was learnt is kept.
    """
    stay_here("quickstart", instead="racecraft train")
    settings = settings_now()
    plan = trainings.plan_quickstart(
        settings, preset_name=preset_name, reward=reward, track=track, seed=seed, name=name
    )
    made = trainings.start(settings, plan)
    say_findings(made.findings)
    trained = run_training(
        settings,
        made.name,
        typical_env_steps=preset(preset_name).typical_env_steps,
        is_json=is_json,
    )
    driven = _drive(
        settings,
        trained,
        EvaluationSpec(
            track=_shown_track(plan.training.tracks),
            race=plan.training.race,
            trials=_LAPS,
            seed=seed,
            interval_jitter=_JITTER,
        ),
        draws_replay=not no_replay,
    )
    if is_json:
        say_json(_facts(trained, driven))
    else:
        _say(trained, driven)


def _shown_track(tracks: tuple[TrackChoice, ...]) -> TrackChoice:
    """Where a model is shown that was trained on these tracks."""
    return tracks[0] if len(tracks) == 1 else TrackChoice(name=QUICKSTART_TRACK)


def _facts(trained: TrainingOutcome, driven: EvaluationOutcome) -> dict[str, Any]:
    return {
        "model": trained.name,
        "training_s": round(trained.training_s, 3),
        "env_steps": trained.env_steps,
        "clean": driven.is_clean,
        "laps": lap_facts(driven.trials, driven.limit),
        "limit": driven.limit.model_dump(),
        "iterations": trained.iterations,
        "stop_reason": trained.stop_reason,
        "folder": trained.folder,
        "files": [str(file) for file in (*trained.files, *driven.files)],
    }


def _drive(
    settings: Settings,
    trained: TrainingOutcome,
    evaluation: EvaluationSpec,
    *,
    draws_replay: bool,
) -> EvaluationOutcome:
    try:
        return evaluate_model(
            settings,
            trained.name,
            evaluation,
            pictures=Pictures.FILM if draws_replay else Pictures.LINES,
        )
    except KeyboardInterrupt:
        raise Interrupted(
            f"Interrupted after the training; the model {trained.name} is in {trained.folder}. "
            f"Drive it with `racecraft evaluate {trained.name}`.",
            {"model": trained.name, "folder": trained.folder, "iterations": trained.iterations},
        ) from None


def _say(trained: TrainingOutcome, driven: EvaluationOutcome) -> None:
    typer.echo(
        f"\nTrained {trained.name} in {clock_text(trained.training_s)} "
        f"({trained.env_steps:,} steps, {trained.iterations} iterations)."
    )
    if trained.tracks:
        say_tracks(trained.tracks)
    say_laps(driven.trials)
    say_limit(driven.trials, driven.limit)
    if not driven.is_clean:
        typer.echo(
            "Not every lap is clean yet. Train on with "
            f"`racecraft train --resume {trained.name} --minutes 10`.\n"
        )
    typer.echo(f"The model and what it did are in {trained.folder}:")
    say_files((*trained.files, *driven.files))
    typer.echo(
        "\nNext:\n"
        "  drive another track      "
        f"racecraft evaluate {trained.name} --track pebble-oval\n"
        "  learn another track      "
        f"racecraft train --clone-of {trained.name} --track pebble-oval\n"
        "  write a reward           racecraft reward examples progress > my_reward.py\n"
        "  pay for it               racecraft quickstart --reward my_reward.py\n"
        "  see it in the browser    racecraft up"
    )
