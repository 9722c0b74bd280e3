"""`racecraft sweep` and `racecraft tune`: many trainings, and what they say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from racecraft.domain.errors import InvalidInput, TrainingFailed
from racecraft.domain.sweep import Status, SweepResult, SweepSpec
from racecraft.interfaces.cli.completion import model_names
from racecraft.interfaces.cli.flags import FlagGroup, with_flags
from racecraft.interfaces.cli.output import (
    JSON_FLAG,
    Interrupted,
    clock_text,
    say_files,
    say_json,
    say_table,
    settings_now,
)
from racecraft.interfaces.cli.place import stay_here
from racecraft.interfaces.exit_codes import EXIT_CODES
from racecraft.service.documents import checked, read_values
from racecraft.service.interrupts import interrupted_by_ends
from racecraft.service.sweeps import reporting
from racecraft.service.sweeps.kept import with_kept_models
from racecraft.service.sweeps.rewards import read_rewards
from racecraft.service.sweeps.running import Sweep, run_sweep
from racecraft.service.sweeps.schedules import Searching, Tuning, best_of
from racecraft.service.sweeps.tuning import AREAS, about_trainings, tuning_of

if TYPE_CHECKING:
    from racecraft.service.sweeps.running import Schedule

_SHOWN = 5
_TUNING_MINUTES = 15.0
_WHAT = FlagGroup(
    "wanted",
    SweepSpec,
    "Sweep",
    {
        "trials": "--trials",
        "minutes": "--minutes",
        "steps": "--steps",
        "laps": "--laps",
        "goal": "--goal",
        "method": "--method",
        "prunes": "--prune",
        "workers": "--workers",
        "threads": "--threads",
        "keep": "--keep",
        "seed": "--seed",
    },
)


@with_flags(_WHAT)
def sweep(
    wanted: dict[str, Any],
    file: Annotated[
        Path,
        typer.Argument(
            help="TOML or JSON file with a table `space`, and with `base` and the fields below.",
            metavar="FILE",
        ),
    ],
    name: str | None = typer.Option(
        None, help="Name of the sweep and of its models; that of the file if not given."
    ),
    is_json: bool = JSON_FLAG,
) -> None:
    """Train many models that differ in a few values, and say which values are good.

    The same command goes on with a sweep that was cut short, and tries again what failed. A
    training that is worse than most were at a quarter or half of its steps ends early. The best
    model is kept, with a table and a picture of all of them. Reward files are read once, at the
    beginning.
    """
    stay_here("sweep")
    values = read_values(file)
    spec = checked(SweepSpec, {**values, **wanted})
    rewards = read_rewards(spec, file.parent)
    found = Sweep(settings_now(), name or file.stem, spec, rewards)
    _run(found, Searching(spec), f"racecraft sweep {file}", is_json=is_json)


@with_flags(_WHAT)
def tune(
    wanted: dict[str, Any],
    model: Annotated[str, typer.Argument(help="Name of the model.", autocompletion=model_names)],
    what: Annotated[
        list[str] | None,
        typer.Option(
            help=f"What may change: {', '.join(AREAS)} (constants of the reward function such as "
            "`TOP_SPEED = 1.0`). Several times for several; all of them if not given.",
        ),
    ] = None,
    name: str | None = typer.Option(
        None, help="Name of the tuning and of its models; MODEL-tuned if not given."
    ),
    is_json: bool = JSON_FLAG,
) -> None:
    """Look for a better training of a model than its own, and say what helped.

    Tries other speeds and angles of its actions, hyperparameters and constants of its reward
    function, each time training anew for as many steps as the model was trained (at least
    8,000 and at most 200,000, or --steps). Then it trains the best and the old way with two other
    seeds, because the best of many is partly luck, and puts one value after another back to tell
    what each was worth. Takes 15 minutes on the clock if nothing else is said; the same command
    goes on with a tuning that was cut short.
    """
    stay_here("tune")
    areas = tuple(what or AREAS)
    for area in areas:
        if area not in AREAS:
            raise InvalidInput(f"What may change is {area!r}; choose some of {', '.join(AREAS)}.")
    if not {"minutes", "trials"} & set(wanted):
        wanted["minutes"] = _TUNING_MINUTES
    usual = {"workers": 2}
    settings = settings_now()
    found = tuning_of(settings, model, name or f"{model}-tuned", areas, usual | wanted)
    typer.echo(about_trainings(settings, model, found), err=is_json)
    _run(found, Tuning(found.spec), f"racecraft tune {model}", is_json=is_json)


def _run(found: Sweep, schedule: Schedule, command: str, *, is_json: bool) -> None:
    """Run it, telling each result, and then what all of them say."""
    kept: list[SweepResult] = []

    def tell(result: SweepResult) -> None:
        kept.append(result)
        typer.echo(_line(found.spec, result), err=is_json)

    try:
        with interrupted_by_ends():
            results = run_sweep(found, schedule, tell)
    except KeyboardInterrupt:
        raise Interrupted(
            f"Interrupted; {len(kept)} results are kept in {found.folder}. The same command, "
            f"`{command}`, goes on from there.",
            {"sweep": found.name, "folder": found.folder, "trials": len(kept)},
        ) from None
    _say(found, with_kept_models(found.settings, results), is_json=is_json)
    if best_of(results) is None:
        raise typer.Exit(EXIT_CODES[TrainingFailed])


def _line(spec: SweepSpec, result: SweepResult) -> str:
    trial = result.trial
    words = {
        Status.DONE: f"{reporting.score_text(spec, result.score)}, "
        f"{100 * (result.clean_share or 0.0):.0f} % of laps clean",
        Status.PRUNED: f"{reporting.score_text(spec, result.score)} so far, ended early",
        Status.FAILED: f"failed: {result.problem}",
    }[result.status]
    values = ", ".join(f"{key.rpartition('.')[2]} {value}" for key, value in trial.values.items())
    kind = "" if trial.kind.value == "search" else f" ({trial.kind.value})"
    return f"{trial.number}{kind}: {words}, {clock_text(result.took_s)} [{values}]"


def _say(found: Sweep, results: list[SweepResult], *, is_json: bool) -> None:
    from racecraft.analysis.figures.sweeps import sweep_figure
    from racecraft.service.sweeps.study import importances

    spec, folder, best = found.spec, found.folder, best_of(results)
    shares = importances(spec, results)
    sentences = reporting.findings(spec, results)
    picture = folder / reporting.PICTURE_FILE
    sweep_figure(spec, results, shares, picture)
    files = [
        reporting.write_report(folder, found.name, spec, results),
        reporting.write_table(folder, spec, results),
        picture,
    ]
    if is_json:
        say_json(
            {
                "sweep": found.name,
                "folder": folder,
                "trials": len(results),
                "best": None if best is None else best.model_dump(mode="json"),
                "importances": shares,
                "findings": sentences,
                "files": [str(file) for file in files],
            }
        )
        return
    typer.echo("")
    say_table(
        ("Training", "Score", "Clean laps", "Mean lap", "Model"),
        [
            (
                str(each.trial.number),
                reporting.score_text(spec, each.score),
                f"{100 * (each.clean_share or 0.0):.0f} %",
                "-" if each.mean_lap_s is None else f"{each.mean_lap_s:.2f} s",
                each.model,
            )
            for each in reporting.top(results, _SHOWN)
        ],
    )
    for sentence in sentences:
        typer.echo(f"- {sentence}")
    if best is not None and best.model:
        typer.echo(f"\nThe best model is {best.model}; race it with `racecraft evaluate`.")
    typer.echo("\nEverything is in:")
    say_files(files)
