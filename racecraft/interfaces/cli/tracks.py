"""`racecraft tracks`: the roads there are, and more of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from racecraft.domain.errors import InvalidInput, TrackNotFound
from racecraft.interfaces.cli.completion import track_names
from racecraft.interfaces.cli.output import JSON_FLAG, say_json, say_table, settings_now
from racecraft.interfaces.cli.place import desk_now, stay_here
from racecraft.service.documents import near

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
    facts = cards[name].model_dump(mode="json")
    if is_json:
        say_json(facts)
        return
    rows = [
        (key, ", ".join(value) if isinstance(value, list) else str(value))
        for key, value in facts.items()
        if value not in (None, "")
    ]
    say_table(("", ""), rows)


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
