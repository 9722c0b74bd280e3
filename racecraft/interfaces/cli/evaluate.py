"""`racecraft evaluate`: let a trained model drive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

from racecraft.domain.episode import format_lap_time
from racecraft.domain.limit import league_scale
from racecraft.domain.race import merged_race
from racecraft.domain.randomisation import with_ranges_of
from racecraft.domain.spec import EvaluationSpec, TrackChoice
from racecraft.interfaces.cli.completion import model_names, track_names
from racecraft.interfaces.cli.desk.desk import Desk, Driven
from racecraft.interfaces.cli.flags import FlagGroup, with_flags
from racecraft.interfaces.cli.output import (
    JSON_FLAG,
    are_copies,
    lap_facts,
    percent_text,
    say_files,
    say_json,
    say_laps,
    say_limit,
    say_line,
)
from racecraft.interfaces.cli.place import desk_now
from racecraft.interfaces.cli.races import BOTS, OBSTACLES, RACE, race_changes
from racecraft.interfaces.cli.randomisation import Randomise
from racecraft.service.documents import checked
from racecraft.service.track_choices import chosen_tracks

_EVALUATION = FlagGroup(
    "evaluation",
    EvaluationSpec,
    "Evaluation",
    {
        "trials": "--trials",
        "is_continuous": "--continuous",
        "max_resets": "--resets",
        "off_track_penalty_s": "--off-track-penalty",
        "collision_penalty_s": "--collision-penalty",
        "interval_jitter": "--jitter",
        "checkpoint": "--checkpoint",
        "seed": "--seed",
    },
)


_Tracks = Annotated[
    list[str] | None,
    typer.Option(
        help="Track to drive, NAME or NAME:reversed; the first one that it was trained on if not "
        "given. Several times, or `all` for every shipped track: one line each.",
        autocompletion=track_names,
    ),
]


@with_flags(_EVALUATION, RACE, OBSTACLES, BOTS)
def evaluate(
    evaluation: dict[str, Any],
    race: dict[str, Any],
    obstacles: dict[str, Any],
    bots: dict[str, Any],
    name: str = typer.Argument(help="Name of the model.", autocompletion=model_names),
    track: _Tracks = None,
    reverse: bool = typer.Option(False, "--reverse", help="Drive the track the other way round."),
    both_directions: bool = typer.Option(
        False, "--both-directions", help="Drive every track in both directions."
    ),
    randomise: Randomise = None,
    no_replay: bool = typer.Option(False, "--no-replay", help="Make no film of the best lap."),
    is_json: bool = JSON_FLAG,
) -> None:
    """Let a model drive some laps and show the lap table.

    The policy is greedy: it always takes the action that it thinks best. What is on the track is
    what the model was trained with, unless you say otherwise. Trace, metrics, a picture of the
    driven lines and a film of the best lap are kept in the model's folder; of several tracks, trace
    and metrics alone.
    """
    desk = desk_now()
    training = desk.work.training_of(name)
    chosen = chosen_tracks(
        track or training.tracks[:1], is_reversed=reverse, both_directions=both_directions
    )
    among = merged_race(training.race, race_changes(race, obstacles, bots))
    evaluation |= {"track": chosen[0], "race": among}
    if randomise:
        evaluation["randomisation"] = with_ranges_of(randomise, training.randomisation)
    spec = checked(EvaluationSpec, evaluation)
    if len(chosen) > 1:
        _say_tracks(name, desk, spec, chosen, is_json=is_json)
        return
    driven = desk.work.evaluate(name, spec, draws_replay=not no_replay)
    if is_json:
        say_json(
            {
                "model": name,
                **_facts(chosen[0], driven, spec),
                **_race_facts(spec),
                **_place(desk, driven),
                "files": [str(file) for file in driven.files],
            }
        )
        return
    typer.echo(f"{name} on {chosen[0]}{_among(spec)}:")
    say_laps(driven.trials)
    if are_copies(driven.trials):
        typer.echo(
            "All laps are alike, because nothing differs between them. With --jitter 0.05 the time "
            "between two actions varies, as it does in races."
        )
    say_limit(driven.trials, driven.limit, spec.randomisation)
    say_files(driven.files)


def _place(desk: Desk, driven: Driven) -> dict[str, Any]:
    return {"server": desk.server} if desk.server else {"folder": driven.folder}


def _facts(track: TrackChoice, driven: Driven, spec: EvaluationSpec) -> dict[str, Any]:
    return {
        "track": track.name,
        "reversed": track.is_reversed,
        "clean": driven.is_clean,
        "laps": lap_facts(driven.trials, driven.limit, spec.randomisation),
        "limit": driven.limit.model_dump() if driven.limit else None,
    }


def _race_facts(spec: EvaluationSpec) -> dict[str, Any]:
    drawn = spec.randomisation.model_dump(mode="json", exclude_none=True)
    race = {"race": spec.race.model_dump(mode="json", exclude_none=True)}
    return race | ({"randomisation": drawn} if drawn else {})


def _among(spec: EvaluationSpec) -> str:
    """What is on the track and what is randomised, when anything is."""
    among = f", {spec.race.summary}" if spec.race.has_objects else ""
    drawn = spec.randomisation
    return among + (f", randomised {drawn.summary}" if drawn.is_on else "")


def _say_tracks(
    name: str,
    desk: Desk,
    spec: EvaluationSpec,
    chosen: Sequence[TrackChoice],
    *,
    is_json: bool,
) -> None:
    """A line a track, or one JSON object with an entry a track."""
    driven = desk.work.evaluate_on(name, spec, chosen)
    if is_json:
        outcomes = list(driven)
        facts = [
            {**_facts(track, outcome, spec), "files": [str(file) for file in outcome.files]}
            for track, outcome in outcomes
        ]
        say_json(
            {
                "model": name,
                "clean": all(outcome.is_clean for _, outcome in outcomes),
                **_race_facts(spec),
                "tracks": facts,
                **_place(desk, outcomes[0][1]),
            }
        )
        return
    typer.echo(f"{name} on {len(chosen)} tracks{_among(spec)}:")
    _say_lines(driven, [str(track) for track in chosen], spec)


def _say_lines(
    driven: Iterator[tuple[TrackChoice, Driven]], names: Sequence[str], spec: EvaluationSpec
) -> None:
    """A line a track, each as soon as it is driven."""
    headings = ("Track", "Clean laps", "Completed", "Best lap", "Mean lap", "× limit", "× own")
    # The widths are known before the first lap: lap times have a fixed form.
    first = max(len(headings[0]), *map(len, names))
    say_line((headings[0].ljust(first), *(heading.rjust(10) for heading in headings[1:])))
    clean = 0
    for track, outcome in driven:
        clean += outcome.is_clean
        cells = (cell.rjust(10) for cell in _row(outcome, spec))
        say_line((str(track).ljust(first), *cells))
    typer.echo(f"Every lap was clean on {clean} of {len(names)} tracks.")
    typer.echo(
        "× limit is the best lap over the physical limit of the car, × own over that at the "
        f"model's own top speed. {league_scale()}"
    )


def _row(driven: Driven, spec: EvaluationSpec) -> tuple[str, ...]:
    """Clean laps, mean share of the track completed, best and mean time of the clean laps."""
    trials, limit = driven.trials, driven.limit
    times = [trial.time_ms for trial in trials if trial.is_clean]
    best = min(times, default=0)
    ratios = ("-", "-")
    if limit is not None and limit.is_impossible(best, spec.randomisation) and best:
        ratios = ("defect", "defect")
    elif limit is not None and best:
        ratios = (f"{limit.times(best):.2f}", f"{limit.times_own(best):.2f}")
    completed = sum(trial.completion_percent for trial in trials) / len(trials)
    return (
        f"{len(times)}/{len(trials)}",
        percent_text(completed),
        format_lap_time(best) if times else "-",
        format_lap_time(round(sum(times) / len(times))) if times else "-",
        *ratios,
    )
