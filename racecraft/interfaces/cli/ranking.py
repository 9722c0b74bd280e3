"""`racecraft models rank`: every checkpoint of a model drives, and the best comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from racecraft.domain.episode import format_lap_time
from racecraft.domain.errors import InvalidInput
from racecraft.domain.spec import EvaluationSpec
from racecraft.interfaces.cli.completion import model_names, track_names
from racecraft.interfaces.cli.output import JSON_FLAG, say_json, say_table
from racecraft.interfaces.cli.place import desk_now
from racecraft.service.documents import checked
from racecraft.service.track_choices import chosen_tracks

if TYPE_CHECKING:
    from racecraft.service.rankings import Ranking


def rank(
    name: Annotated[str, typer.Argument(help="Name of the model.", autocompletion=model_names)],
    track: str | None = typer.Option(
        None,
        help="Track to drive, NAME or NAME:reversed; the first one of the training if not given.",
        autocompletion=track_names,
    ),
    trials: int = typer.Option(3, min=1, max=50, help="Laps for each checkpoint."),
    seed: int = typer.Option(0, min=0, help="Same seed, same ranking."),
    last: int | None = typer.Option(None, min=1, help="Only so many of the newest checkpoints."),
    is_json: bool = JSON_FLAG,
) -> None:
    """Let every checkpoint of a model drive the same laps, and rank them.

    First come those with most clean laps, then those that came furthest, then those with the
    fastest median lap. What is on the track is what the model was trained with. The ranking is kept
    with the model.
    """
    desk = desk_now()
    training = desk.work.training_of(name)
    choice = chosen_tracks(
        [track] if track else training.tracks[:1], is_reversed=False, both_directions=False
    )[0]
    iterations = [int(row["iteration"]) for row in desk.models.checkpoints(name)]
    if not iterations:
        raise InvalidInput(f"The model {name!r} has no checkpoint yet; train it first.")
    spec = checked(
        EvaluationSpec, {"track": choice, "race": training.race, "trials": trials, "seed": seed}
    )
    chosen = tuple(iterations[-last:] if last else iterations)
    ranking = desk.work.rank(name, spec, chosen, say=lambda line: typer.echo(line, err=True))
    if is_json:
        rows = ranking.rows()
        say_json({"model": name, "track": str(choice), "stamp": ranking.stamp, "ranking": rows})
        return
    typer.echo(f"{name} on {choice}:")
    _say(ranking)


def _say(ranking: Ranking) -> None:
    say_table(
        ("Rank", "Iteration", "Clean laps", "Progress", "Best lap", "Median lap", "Off track"),
        [
            (
                str(place),
                str(each.iteration),
                f"{each.clean_laps}/{each.laps}",
                f"{each.completion_percent:.1f} %",
                _time(each.best_lap_ms),
                _time(each.median_lap_ms),
                str(each.off_track_count),
            )
            for place, each in enumerate(ranking.checkpoints, start=1)
        ],
    )


def _time(time_ms: int | None) -> str:
    return "-" if time_ms is None else format_lap_time(time_ms)
