"""`racecraft models rank`: every checkpoint of a model drives, and the best comes first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from racecraft.domain.episode import Trial, format_lap_time
from racecraft.domain.errors import InvalidInput
from racecraft.domain.spec import EvaluationSpec, TrackChoice
from racecraft.interfaces.cli.completion import model_names, track_names
from racecraft.interfaces.cli.output import JSON_FLAG, say_json, say_table
from racecraft.interfaces.cli.place import desk_now
from racecraft.service.documents import checked
from racecraft.service.track_choices import chosen_tracks


@dataclass(frozen=True)
class Ranked:
    """What a checkpoint drove."""

    iteration: int
    trials: tuple[Trial, ...]

    @property
    def clean_laps(self) -> int:
        """Laps without a reset."""
        return sum(trial.is_clean for trial in self.trials)

    @property
    def completion_percent(self) -> float:
        """Mean of how far it came."""
        return sum(trial.completion_percent for trial in self.trials) / len(self.trials)

    @property
    def lap_times_ms(self) -> list[int]:
        """Of the clean laps."""
        return [trial.time_ms for trial in self.trials if trial.is_clean]

    @property
    def order(self) -> tuple[float, ...]:
        """Smaller is better: clean laps, then how far, then the mean lap time."""
        times = self.lap_times_ms
        mean = sum(times) / len(times) if times else float("inf")
        return -self.clean_laps, -round(self.completion_percent, 2), mean, self.iteration


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

    First come those with most clean laps, then those that came furthest, then the fastest. What is
    on the track is what the model was trained with.
    """
    desk = desk_now()
    training = desk.work.training_of(name)
    choice = chosen_tracks(
        [track] if track else training.tracks[:1], is_reversed=False, both_directions=False
    )[0]
    iterations = [int(row["iteration"]) for row in desk.models.checkpoints(name)]
    if not iterations:
        raise InvalidInput(f"The model {name!r} has no checkpoint yet; train it first.")
    ranked = []
    for iteration in iterations[-last:] if last else iterations:
        spec = checked(
            EvaluationSpec,
            {
                "track": choice,
                "race": training.race,
                "trials": trials,
                "seed": seed,
                "checkpoint": str(iteration),
            },
        )
        driven = desk.work.evaluate(name, spec, draws_replay=False)
        ranked.append(Ranked(iteration, driven.trials))
        typer.echo(f"iteration {iteration}: {ranked[-1].clean_laps}/{trials} clean laps", err=True)
    _say(name, choice, sorted(ranked, key=lambda each: each.order), is_json=is_json)


def _say(name: str, track: TrackChoice, ranked: list[Ranked], *, is_json: bool) -> None:
    if is_json:
        rows = [_facts(place, each) for place, each in enumerate(ranked, start=1)]
        say_json({"model": name, "track": str(track), "ranking": rows})
        return
    typer.echo(f"{name} on {track}:")
    say_table(
        ("Rank", "Iteration", "Clean laps", "Progress", "Best lap", "Mean lap"),
        [
            (
                str(place),
                str(each.iteration),
                f"{each.clean_laps}/{len(each.trials)}",
                f"{each.completion_percent:.1f} %",
                _time(min(each.lap_times_ms, default=None)),
                _time(_mean(each.lap_times_ms)),
            )
            for place, each in enumerate(ranked, start=1)
        ],
    )


def _facts(place: int, each: Ranked) -> dict[str, Any]:
    return {
        "rank": place,
        "iteration": each.iteration,
        "clean_laps": each.clean_laps,
        "laps": len(each.trials),
        "completion_pct": round(each.completion_percent, 2),
        "best_lap_ms": min(each.lap_times_ms, default=None),
        "mean_lap_ms": _mean(each.lap_times_ms),
    }


def _mean(times_ms: list[int]) -> int | None:
    return round(sum(times_ms) / len(times_ms)) if times_ms else None


def _time(time_ms: int | None) -> str:
    return "-" if time_ms is None else format_lap_time(time_ms)
