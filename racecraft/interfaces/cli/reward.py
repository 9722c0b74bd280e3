"""`racecraft reward`: what is wrong with a reward function, and what it pays for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from racecraft.domain.errors import InvalidInput, InvalidReward
from racecraft.domain.race import RaceSpec, RaceType
from racecraft.domain.spec import TrackChoice
from racecraft.interfaces.cli.flags import with_flags
from racecraft.interfaces.cli.output import JSON_FLAG, say_files, say_json, say_table, settings_now
from racecraft.interfaces.cli.place import stay_here
from racecraft.interfaces.cli.races import BOTS, OBSTACLES, RACE, race_changes
from racecraft.interfaces.exit_codes import EXIT_CODES
from racecraft.sandbox.printouts import plain
from racecraft.sandbox.source import LINE_END
from racecraft.service.documents import checked
from racecraft.service.presets import QUICKSTART_TRACK

if TYPE_CHECKING:
    from racecraft.analysis.dry_run import DryRun, PaidLap
    from racecraft.sandbox.check import RewardCheck

app = typer.Typer(
    help="Check and try reward functions before training with them.", no_args_is_help=True
)
_COLOURS = {"error": typer.colors.RED, "warning": typer.colors.YELLOW, "hint": typer.colors.BLUE}
PRINTED_LINES = 10
_MARKS = {
    "good": ("+", typer.colors.GREEN),
    "bad": ("!", typer.colors.RED),
    "note": ("·", typer.colors.BLUE),
}


@app.command()
def check(
    reward: Annotated[str, typer.Argument(help="A Python file, or the name of an example.")],
    track: str = typer.Option(QUICKSTART_TRACK, help="Track in whose states to call it."),
    reverse: bool = typer.Option(False, "--reverse", help="Drive the track the other way round."),
    race_type: Annotated[
        RaceType, typer.Option(case_sensitive=False, help="What else is on the track.")
    ] = RaceType.TIME_TRIAL,
    is_json: bool = JSON_FLAG,
) -> None:
    """Find what is wrong with a reward function, without training.

    Reads the text, then calls the function in some hundred states: on the line, off the track,
    backwards, in first and last steps, with and without objects. Takes about a second, runs
    locked in, and ends with exit code 2 if the function cannot be trained with.
    """
    from racecraft.service.documents import read_reward
    from racecraft.service.rewards import check_reward

    stay_here("reward check")
    source = read_reward(reward)
    road = TrackChoice(name=track, is_reversed=reverse)
    found = check_reward(settings_now(), source, track=road, race_type=race_type)
    if is_json:
        say_json({"reward": reward, "usable": found.is_usable, **asdict(found)})
    else:
        _say_check(found, Path(reward).name, LINE_END.split(source))
    if not found.is_usable:
        raise typer.Exit(EXIT_CODES[InvalidReward])


@app.command("try")
@with_flags(RACE, OBSTACLES, BOTS)
def try_out(
    race: dict[str, Any],
    obstacles: dict[str, Any],
    bots: dict[str, Any],
    reward: Annotated[str, typer.Argument(help="A Python file, or the name of an example.")],
    track: str | None = typer.Option(
        None, help="Track to drive; that of the model or harbour-loop if not given."
    ),
    reverse: bool = typer.Option(False, "--reverse", help="Drive the track the other way round."),
    model: str | None = typer.Option(
        None, help="Try it on the recorded laps of this model too, at the speeds of its actions."
    ),
    slow: float | None = typer.Option(None, help="Speed of the slow lap in m/s (default 0.5)."),
    fast: float | None = typer.Option(None, help="Speed of the fast laps in m/s (default 1)."),
    out: Annotated[
        Path | None, typer.Option(help="Picture to write (.png); in this folder if not given.")
    ] = None,
    is_json: bool = JSON_FLAG,
) -> None:
    """Show what a reward function pays for well and badly driven laps.

    A slow lap, a fast one, one on the racing line, a zigzag and a failure are drawn, not driven,
    so this takes about a second. Among boxes or bot cars the laps go round them, and one runs
    into them. The verdict says whether driving well pays better than driving
    badly, and the picture shows where on the track the reward comes from.
    """
    from racecraft.service.documents import read_reward
    from racecraft.service.rewards import draw_try, try_reward

    stay_here("reward try")
    if reverse and not track:
        raise InvalidInput("The flag --reverse needs a track; name one with --track.")
    among = race_changes(race, obstacles, bots)
    run = try_reward(
        settings_now(),
        read_reward(reward),
        track=TrackChoice(name=track, is_reversed=reverse) if track else None,
        race=checked(RaceSpec, among) if among else None,
        model=model,
        speeds_mps=(slow, fast),
    )
    road = TrackChoice(name=run.track.name, is_reversed=run.track.is_reversed)
    picture = _picture(out, f"{Path(reward).stem}-on-{road}")
    draw_try(run, picture, title=f"{Path(reward).name} on {road}")
    if is_json:
        facts = {"reward": reward, "model": model, "file": str(picture), **run.as_json()}
        say_json(facts)
        return
    typer.echo(f"{Path(reward).name} on {road}:")
    _say_run(run)
    if model and not run.recorded and not run.has_objects:
        typer.echo(f"\nThe model {model} has no recorded laps on {road}.")
    typer.echo("\nThe picture:")
    say_files([picture])


@app.command()
def examples(
    name: str | None = typer.Argument(None, help="Print the text of this one."),
    is_json: bool = JSON_FLAG,
) -> None:
    """List the reward functions to start from, or print one.

    Save one to a file with `racecraft reward examples NAME > my_reward.py`, and change it.
    """
    from racecraft.sandbox.builtin import builtin_reward
    from racecraft.service.rewards import reward_examples

    if name is not None:
        source = builtin_reward(name)
        if is_json:
            say_json({"name": name, "source": source})
        else:
            typer.echo(source, nl=False)
        return
    found = reward_examples()
    if is_json:
        say_json({"examples": [{"name": one.name, "summary": one.summary} for one in found]})
        return
    say_table(("Name", "What it rewards"), [(one.name, one.summary) for one in found])
    typer.echo("`racecraft reward examples NAME` prints one.")


def _say_check(found: RewardCheck, name: str, lines: list[str]) -> None:
    for finding in found.findings:
        typer.secho(f"{finding.severity}", fg=_COLOURS[finding.severity], bold=True, nl=False)
        place = f" in line {finding.line}" if finding.line else ""
        place += f", column {finding.column}" if finding.line and finding.column else ""
        typer.echo(f"{place}: {finding.message}")
        if finding.line and finding.line <= len(lines):
            typer.secho(f"    {plain(lines[finding.line - 1].strip(), 120)}", dim=True)
    if found.call_ms is not None and found.lowest is not None and found.highest is not None:
        typer.echo(
            f"Called {found.calls} times, {found.call_ms:.2g} ms each; rewards from "
            f"{found.lowest:.4g} to {found.highest:.4g}."
        )
    if found.is_usable:
        typer.secho(f"{name} can be trained with.", fg=typer.colors.GREEN, bold=True)
    else:
        typer.secho(f"{name} cannot be trained with.", fg=typer.colors.RED, bold=True)


def _picture(out: Path | None, name: str) -> Path:
    """Where the picture goes."""
    name = name.replace(" (reversed)", "-reversed") + ".png"
    if out is None:
        return Path(name)
    if out.is_dir():
        return out / name
    if out.suffix.lower() != ".png":
        raise InvalidInput(f"The picture is called {out.name}; give it a name ending in .png.")
    return out


def _say_run(run: DryRun) -> None:
    from racecraft.analysis.dry_run.verdict import number

    def row(paid: PaidLap) -> Sequence[str]:
        lap = paid.lap
        return (
            lap.title,
            f"{lap.time_s:.1f} s",
            str(len(lap)),
            number(paid.total),
            number(paid.mean),
            number(paid.discounted),
        )

    say_table(("Lap", "Time", "Steps", "Reward", "Per step", "Return"), [*map(row, run.laps)])
    colour = typer.colors.GREEN if run.driving_well_pays else typer.colors.RED
    typer.secho(run.headline, fg=colour, bold=True)
    for judgement in run.verdict:
        sign, colour = _MARKS[judgement.mark.value]
        typer.secho(f"  {sign} ", fg=colour, bold=True, nl=False)
        typer.echo(judgement.message)
    typer.echo(f"\n{run.footnote}")
    lines = run.printed.splitlines()
    if lines:
        typer.echo("\nThe reward function printed:")
        typer.echo("\n".join(f"  {line}" for line in lines[:PRINTED_LINES]))
        if len(lines) > PRINTED_LINES:
            typer.echo(f"  … and {len(lines) - PRINTED_LINES} more lines")
