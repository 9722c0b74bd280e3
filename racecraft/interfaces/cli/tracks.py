"""`racecraft tracks`: the roads there are, and more of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from racecraft.domain.car import CarSpec, Grip
from racecraft.domain.errors import InvalidInput, TrackNotFound
from racecraft.domain.limit import standing
from racecraft.domain.spec import TrackChoice
from racecraft.interfaces.cli.completion import track_names
from racecraft.interfaces.cli.output import (
    JSON_FLAG,
    say_files,
    say_json,
    say_table,
    settings_now,
)
from racecraft.interfaces.cli.place import desk_now, stay_here
from racecraft.service.documents import near
from racecraft.service.limits import draw_limit, limit_of
from racecraft.service.tracks import TrackCard

app = typer.Typer(help="List, show, import, export and download tracks.", no_args_is_help=True)
_NAME = typer.Argument(help="Name of the track.", autocompletion=track_names)
_REPLACE = typer.Option(False, "--replace", help="Overwrite what has this name.")


@app.command("list")
def list_tracks(is_json: bool = JSON_FLAG) -> None:
    """List the tracks that come with racecraft, then the imported ones."""
    cards = desk_now().tracks.cards()
    if is_json:
        say_json({"tracks": [card.model_dump(mode="json") for card in cards]})
        return
    say_table(
        ("Name", "Title", "Length", "Width", "Difficulty", "Source"),
        [
            (
                card.name,
                card.title,
                f"{card.length_m:.1f} m",
                f"{card.width_m:.2f} m",
                card.difficulty.value if card.difficulty else "-",
                card.problem or card.source.value,
            )
            for card in cards
        ],
    )


@app.command()
def show(name: str = _NAME, is_json: bool = JSON_FLAG) -> None:
    """Show what is known about a track."""
    cards = {card.name: card for card in desk_now().tracks.cards()}
    if name not in cards:
        raise TrackNotFound(
            f"There is no track {name!r}.{near(name, list(cards))} "
            "`racecraft tracks list` shows what there is."
        )
    if is_json:
        say_json(cards[name].model_dump(mode="json"))
        return
    say_table(("", ""), [(key, text) for key, text in _rows(cards[name]) if text])


@app.command()
def limit(
    name: str = _NAME,
    reverse: bool = typer.Option(False, "--reverse", help="Drive the track the other way round."),
    grip: Annotated[
        Grip, typer.Option(case_sensitive=False, help="How much grip the tyres have.")
    ] = Grip.STANDARD,
    top_speed: Annotated[
        float,
        typer.Option(
            min=0.3,
            max=4.0,
            help="Fastest speed of the action space in m/s; cars drive 1.03 times that.",
        ),
    ] = 4.0,
    lap: Annotated[
        str | None, typer.Option(help="A lap time to compare, in seconds or as MM:SS.mmm.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Draw the line on the track, as SVG.")
    ] = None,
    is_json: bool = JSON_FLAG,
) -> None:
    """Tell how fast a track can be driven at all.

    The least time of a rolling lap of a car that corners, speeds up, brakes and steers as hard as
    it can, all at once and without delay. Nobody is faster; good racers need 1.2 times as long.
    """
    stay_here("tracks limit")
    choice = TrackChoice(name=name, is_reversed=reverse)
    found = limit_of(settings_now(), choice, CarSpec(grip=grip), top_mps=top_speed)
    if output is not None:
        draw_limit(settings_now(), choice, found, output)
    ratio = None if lap is None else _seconds(lap) / found.time_s
    if is_json:
        facts = {
            "track": name,
            "is_reversed": reverse,
            "grip": grip.value,
            "top_speed_mps": top_speed,
            "limit_s": round(found.time_s, 3),
            "line_m": round(found.length_m, 2),
            "slowest_mps": round(float(found.speed_mps.min()), 3),
        }
        say_json(facts if ratio is None else facts | {"times_limit": round(ratio, 3)})
        return
    typer.echo(
        f"{choice}: {found.time_s:.2f} s on a line of {found.length_m:.1f} m, between "
        f"{found.speed_mps.min():.2f} and {found.speed_mps.max():.2f} m/s, with "
        f"{grip.value} grip."
    )
    if ratio is not None:
        told = standing(ratio) if top_speed == CarSpec().max_speed_mps else ""
        typer.echo(
            f"A lap of {lap} takes {ratio:.2f} times as long" + (f", {told}." if told else ".")
        )
    if output is not None:
        say_files([output])


def _rows(card: TrackCard) -> list[tuple[str, str]]:
    """What is known about a track, as people read it."""
    limit = "" if card.limit_s is None else f"{card.limit_s:.2f} s a lap at up to 4 m/s"
    return [
        ("name", card.name),
        ("title", card.title),
        ("description", card.description),
        ("length", f"{card.length_m:.1f} m along the centre line"),
        ("width", f"{card.width_m:.2f} m"),
        ("difficulty", card.difficulty.value if card.difficulty else ""),
        ("directions", ", ".join(card.directions)),
        ("source", card.source.value),
        ("physical limit", limit),
        ("problem", card.problem),
    ]


def _seconds(lap: str) -> float:
    """A lap time as people write it.

    Raises:
        InvalidInput: it is none.
    """
    minutes, _, seconds = lap.rpartition(":")
    try:
        time_s = 60 * int(minutes or 0) + float(seconds)
    except ValueError:
        time_s = 0.0
    if not 0.1 <= time_s < 3600:
        raise InvalidInput(
            f"The lap time is {lap!r}; write seconds, or MM:SS.mmm as lap tables do."
        )
    return time_s


@app.command("import")
def import_track(
    path: Annotated[Path, typer.Argument(help="Community track file (.npy).")],
    name: str | None = typer.Option(None, help="Name to give it; that of the file if not given."),
    replace: bool = _REPLACE,
    is_json: bool = JSON_FLAG,
) -> None:
    """Check a track file and keep a copy of it."""
    card = desk_now().tracks.receive(path, name, replace=replace)
    _done(card.model_dump(mode="json"), f"Imported {card.name} ({card.length_m:.1f} m).", is_json)


@app.command()
def export(
    name: Annotated[str, typer.Argument(help="Name of the track.", autocompletion=track_names)],
    path: Annotated[Path, typer.Argument(help="File to write, or a folder.")],
    reverse: bool = typer.Option(False, "--reverse", help="Write it in the other direction."),
    replace: bool = _REPLACE,
    is_json: bool = JSON_FLAG,
) -> None:
    """Write a track as a community track file."""
    file = desk_now().tracks.give(name, path, is_reversed=reverse, replace=replace)
    _done({"track": name, "file": str(file)}, f"Wrote {file}.", is_json)


@app.command()
def download(
    name: str = typer.Argument(help="Name of the track at its source."),
    url: str | None = typer.Option(
        None, help="Address of the folder of tracks; RACECRAFT_TRACKS_URL if not given."
    ),
    sha256: str | None = typer.Option(
        None, help="Checksum that the file must have; that of its source's list if not given."
    ),
    replace: bool = _REPLACE,
    is_json: bool = JSON_FLAG,
) -> None:
    """Fetch a track from the network, check it and keep it."""
    from racecraft.service.tracks import download_track

    stay_here("tracks download")
    settings = settings_now()
    address = url or settings.tracks_url
    if not address:
        raise InvalidInput(
            "There is no address to download from; give --url or set RACECRAFT_TRACKS_URL."
        )
    card = download_track(settings.home, name, base_url=address, sha256=sha256, replace=replace)
    _done(card.model_dump(mode="json"), f"Downloaded {card.name} ({card.length_m:.1f} m).", is_json)


def _done(facts: dict[str, object], sentence: str, is_json: bool) -> None:
    if is_json:
        say_json(facts)
    else:
        typer.echo(sentence)
