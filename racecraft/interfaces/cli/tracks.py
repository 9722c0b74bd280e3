"""`racecraft tracks`: the roads there are, and more of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from racecraft.domain.errors import InvalidInput, TrackNotFound
from racecraft.interfaces.cli.output import JSON_FLAG, say_json, say_table, settings_now
from racecraft.service.documents import near

app = typer.Typer(help="List, show, import, export and download tracks.", no_args_is_help=True)
_REPLACE = typer.Option(False, "--replace", help="Overwrite what has this name.")


@app.command("list")
def list_tracks(is_json: bool = JSON_FLAG) -> None:
    """List the tracks that come with racecraft, then the imported ones."""
    from racecraft.service.tracks import list_tracks as find

    cards = find(settings_now().home)
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
def show(name: str = typer.Argument(help="Name of the track."), is_json: bool = JSON_FLAG) -> None:
    """Show what is known about a track."""
    from racecraft.service.tracks import list_tracks as find

    cards = {card.name: card for card in find(settings_now().home)}
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
    from racecraft.service.tracks import import_track as keep

    card = keep(settings_now().home, path, name, replace=replace)
    _done(card.model_dump(mode="json"), f"Imported {card.name} ({card.length_m:.1f} m).", is_json)


@app.command()
def export(
    name: Annotated[str, typer.Argument(help="Name of the track.")],
    path: Annotated[Path, typer.Argument(help="File to write, or a folder.")],
    reverse: bool = typer.Option(False, "--reverse", help="Write it in the other direction."),
    replace: bool = _REPLACE,
    is_json: bool = JSON_FLAG,
) -> None:
    """Write a track as a community track file."""
    from racecraft.service.tracks import export_track

    file = export_track(settings_now().home, name, path, is_reversed=reverse, replace=replace)
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
