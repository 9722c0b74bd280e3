"""`racecraft results`: results of races as files, checking them, and driving submissions again."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from racecraft.domain.episode import format_lap_time
from racecraft.domain.errors import Conflict, NotFound
from racecraft.interfaces.cli.output import JSON_FLAG, say_json, say_table, size_text
from racecraft.interfaces.cli.place import desk_now
from racecraft.service.files import storage, write_bytes

if TYPE_CHECKING:
    from racecraft.domain.results import EventResults, RaceResults
    from racecraft.service.results.signed import Verified

app = typer.Typer(help="Export, verify and repeat the results of races.", no_args_is_help=True)


class Form(StrEnum):
    """How results are written."""

    JSON = "json"
    BOARD = "board.csv"
    LAPS = "laps.csv"
    HEATS = "heats.csv"


@app.command()
def export(
    race: str = typer.Argument(help="Id or name of the race."),
    path: Path = typer.Argument(help="File to write."),
    form: Form = typer.Option(
        Form.JSON,
        help="json: every lap and heat, signed; board.csv, laps.csv, heats.csv: tables for "
        "spreadsheets.",
    ),
    replace: bool = typer.Option(False, "--replace", help="Overwrite a file that is there."),
    is_json: bool = JSON_FLAG,
) -> None:
    """Write all results of a race that count to a file."""
    if path.exists() and not replace:
        raise Conflict(f"The file {path} exists; choose another name, or add --replace.")
    data = desk_now().results.export(race, form.value)
    write_bytes(path, data)
    if is_json:
        say_json({"file": str(path), "size_bytes": len(data), "form": form.value})
    else:
        typer.echo(f"Wrote {path} ({size_text(len(data))}).")


@app.command()
def verify(
    path: Path = typer.Argument(help="File of results that was exported as json."),
    key: str | None = typer.Option(
        None, help="Fingerprint or public key that the organiser has told you."
    ),
    is_json: bool = JSON_FLAG,
) -> None:
    """Check, without any network, that a file of results is exactly what was signed.

    The signature must fit, and results, board, heats and bracket must follow from the laps in the
    file. Only with --key you also know who signed it.
    """
    from racecraft.service.results import signed

    if not path.is_file():
        raise NotFound(f"There is no file {path}; check the path.")
    with storage(path):
        data = path.read_bytes()
    told = signed.verify(data, key=key)
    if is_json:
        say_json(_facts(told))
        return
    typer.echo("Genuine: nothing was changed since it was signed.")
    typer.echo(f"Signed with the key {told.signature.fingerprint}.")
    if told.is_expected_key is None:
        typer.echo("Compare it with the one that the organiser tells you, or give it as --key.")
    for results in _races(told.results):
        state = "final" if results.race.is_over else "not final"
        typer.echo(f"\n{results.race.name} at {results.installation} ({state})")
        say_table(
            ("Rank", "Racer", "Time", "Gap"),
            [
                (str(line.rank), line.racer, format_lap_time(line.time_ms), f"{line.gap_ms} ms")
                for line in results.board
            ],
        )
        _say_live(results)


@app.command()
def rerun(
    race: str = typer.Argument(help="Id or name of the race."),
    racer: str = typer.Argument(help="Racer whose best submission drives, or a submission's id."),
    is_json: bool = JSON_FLAG,
) -> None:
    """Let a submission drive once more; every lap must be the same to the millisecond.

    It ends with the code of a forgery if anything differs. The board stays as it is.
    """
    done = desk_now().results.rerun(race, racer)
    if is_json:
        say_json({"submission": done.submission_id, "is_same": True, "times_ms": done.times_ms})
        return
    typer.echo(f"The same to the millisecond: {len(done.times_ms)} laps.")
    for number, time_ms in enumerate(done.times_ms, 1):
        typer.echo(f"  lap {number}: {format_lap_time(time_ms)}")


def _say_live(results: RaceResults) -> None:
    """What a file tells besides the board."""
    if results.heats:
        typer.echo(f"{len(results.heats)} heats of a live race follow from their laps, too.")
    if results.podium:
        typer.echo("Podium: " + ", ".join(f"{p.place}. {p.racer}" for p in results.podium))
    if results.race.track_note:
        typer.echo(results.race.track_note)


def _races(results: RaceResults | EventResults) -> tuple[RaceResults, ...]:
    from racecraft.domain.results import RaceResults

    return (results,) if isinstance(results, RaceResults) else results.races


def _facts(told: Verified) -> dict[str, Any]:
    return {
        "is_genuine": True,
        "fingerprint": told.signature.fingerprint,
        "is_expected_key": told.is_expected_key,
        "races": [
            {
                "name": each.race.name,
                "is_final": each.race.is_over,
                "board": [line.model_dump() for line in each.board],
                "heats": len(each.heats),
                "podium": [place.racer for place in each.podium],
                "track_note": each.race.track_note,
            }
            for each in _races(told.results)
        ],
    }
