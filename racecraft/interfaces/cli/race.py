"""`racecraft race`: let trained models race each other."""

from __future__ import annotations

from typing import Any

import typer

from racecraft.domain.duel import DuelSpec, Standing
from racecraft.domain.episode import format_lap_time
from racecraft.interfaces.cli.flags import FlagGroup, with_flags
from racecraft.interfaces.cli.output import (
    JSON_FLAG,
    say_files,
    say_json,
    say_table,
    settings_now,
)
from racecraft.interfaces.cli.place import stay_here
from racecraft.service.documents import checked
from racecraft.service.duels import race_models, standing_facts
from racecraft.service.models import load_training, model_folder
from racecraft.service.track_choices import chosen_tracks

_DUEL = FlagGroup(
    "duel",
    DuelSpec,
    "Race",
    {
        "laps": "--laps",
        "max_resets": "--resets",
        "off_track_penalty_s": "--off-track-penalty",
        "collision_penalty_s": "--collision-penalty",
        "draws_grid": "--draw-grid",
        "checkpoint": "--checkpoint",
        "seed": "--seed",
    },
)


@with_flags(_DUEL)
def race(
    duel: dict[str, Any],
    models: list[str] = typer.Argument(
        help="Two to eight models; the first one starts at the front."
    ),
    track: str | None = typer.Option(
        None,
        help="Track to race on, NAME or NAME:reversed; the first one that the first model was "
        "trained on if not given.",
    ),
    no_replay: bool = typer.Option(False, "--no-replay", help="Make no film of the winner."),
    is_json: bool = JSON_FLAG,
) -> None:
    """Let models race each other on one track at once, and show the ranking.

    They see each other and can run into each other. Of two cars that touch, the one behind is at
    fault: it waits out a penalty where it is, and the other drives on. The record of the race is
    kept in the folder `races`.
    """
    stay_here("race")
    settings = settings_now()
    usual = load_training(model_folder(settings, models[0])).tracks[:1]
    chosen = chosen_tracks([track] if track else usual)[0]
    spec = checked(DuelSpec, {**duel, "track": chosen})
    driven = race_models(settings, models, spec, draws_replay=not no_replay)
    if is_json:
        say_json(
            {
                "track": chosen.name,
                "reversed": chosen.is_reversed,
                "ranking": [standing_facts(standing) for standing in driven.standings],
                "folder": driven.folder,
                "files": [str(file) for file in driven.files],
            }
        )
        return
    laps = "1 lap" if spec.laps == 1 else f"{spec.laps} laps"
    typer.echo(f"{len(models)} cars on {chosen}, {laps}:")
    say_table(
        (
            *("Rank", "Model", "Grid", "Laps", "Total time", "Best lap"),
            *("Crashes caused", "Overtakes", "Off track", "Status"),
        ),
        [_row(standing) for standing in driven.standings],
    )
    say_files(driven.files)


def _row(standing: Standing) -> tuple[str, ...]:
    best = standing.best_lap_ms
    return (
        str(standing.rank),
        standing.name,
        str(standing.grid_place),
        str(len(standing.lap_times_ms)),
        format_lap_time(standing.total_ms) if standing.has_finished else "-",
        "-" if best is None else format_lap_time(best),
        str(standing.crashes),
        str(standing.overtakes),
        str(standing.off_tracks),
        standing.status.label,
    )
