"""Words for tracks and directions: those that people write, and those that they read.

In flags and files `harbour-loop`, `harbour-loop:reversed`, `harbour-loop:both`; and `all` for every
shipped track, which takes the same endings. On pages `Harbour Loop` and `Harbour Loop, reversed`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from racecraft.domain.errors import InvalidInput
from racecraft.domain.spec import TrackChoice
from racecraft.service.documents import checked
from racecraft.tracks.library import shipped_names, title_of

ALL = "all"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")
_REVERSED = " (reversed)"
_ENDINGS: Mapping[str, tuple[bool, ...]] = {
    "normal": (False,),
    "reversed": (True,),
    "both": (False, True),
}


def chosen_tracks(
    wanted: Iterable[Any], *, is_reversed: bool = False, both_directions: bool = False
) -> tuple[TrackChoice, ...]:
    """The tracks that some words, or tables with the fields of `TrackChoice`, stand for.

    Args:
        wanted: at least one of them; what is named twice is taken once.
        is_reversed: turn every direction round.
        both_directions: take every track in both directions, whatever is written.

    Raises:
        InvalidInput: the ending of a word is none of those known.
        InvalidSpec: a table does not fit.
    """
    choices: dict[tuple[str, bool], TrackChoice] = {}
    for item in wanted:
        for choice in _read(item):
            turned = choice.is_reversed != is_reversed
            for direction in (False, True) if both_directions else (turned,):
                key = (choice.name, direction)
                choices.setdefault(key, TrackChoice(name=choice.name, is_reversed=direction))
    return tuple(choices.values())


def track_words(track: TrackChoice | str) -> str:
    """A track and the way round as people read them: `Harbour Loop, reversed`.

    Args:
        track: the choice, or how a record keeps it (`harbour-loop (reversed)`).
    """
    choice = kept_track(track) if isinstance(track, str) else track
    return f"{title_of(choice.name)}{', reversed' if choice.is_reversed else ''}"


def kept_track(text: str) -> TrackChoice:
    """The choice that a record keeps as its `str`."""
    name = text.removesuffix(_REVERSED)
    return TrackChoice(name=name, is_reversed=name != text)


def refuse_odd_track(name: str) -> None:
    """Stop here unless this can be the name of a track: people from elsewhere send no paths.

    Raises:
        InvalidInput: it cannot.
    """
    if not _NAME.match(name):
        raise InvalidInput(
            f"The track is {name!r}; give the name of a shipped or imported track, made of "
            "letters, digits, hyphens and underscores."
        )


def _read(item: Any) -> list[TrackChoice]:
    if isinstance(item, TrackChoice):
        return [item]
    if not isinstance(item, str):
        return [checked(TrackChoice, item)]
    name, colon, ending = item.rpartition(":")
    is_path = "/" in ending or "\\" in ending or (ending not in _ENDINGS and _is_file(item))
    if not colon or is_path:  # a colon may belong to a path
        name, ending = item, "normal"
    if not name:
        raise InvalidInput(f"The track {item!r} has no name; write for instance pebble-oval:both.")
    if ending not in _ENDINGS:
        raise InvalidInput(
            f"The track {item!r} ends in {ending!r}; write {name}:reversed, {name}:both, or just "
            f"{name}."
        )
    names = shipped_names() if name == ALL else (name,)
    return [
        TrackChoice(name=each, is_reversed=direction)
        for direction in _ENDINGS[ending]
        for each in names
    ]


def _is_file(path: str) -> bool:
    try:
        return Path(path).is_file()
    except OSError:  # longer than a name can be
        return False
