"""The folders of comparisons: `<comparisons>/<key>/`, with the report and what was compared."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from racecraft.domain.errors import StorageFailed
from racecraft.service.files import read_text, write_whole

if TYPE_CHECKING:
    from racecraft.service.settings import Settings

KEY = re.compile(r"[0-9a-f]{32}")
_WORDS = "subjects.json"


def keep_words(place: Path, words: tuple[str, ...]) -> None:
    """Write down what was compared.

    Raises:
        StorageFailed: the folder cannot be written.
    """
    write_whole(place / _WORDS, json.dumps(words))


def kept_words(place: Path) -> tuple[str, ...] | None:
    """What was compared; None if that is not known, so that it is made anew."""
    try:
        return tuple(map(str, json.loads(read_text(place / _WORDS))))
    except (StorageFailed, ValueError, TypeError):
        return None


def newest_first(folder: Path) -> list[Path]:
    """The comparisons in a folder."""
    found = []
    for place in folder.glob("*"):
        try:
            if KEY.fullmatch(place.name) and (place / _WORDS).is_file():
                found.append((-place.stat().st_mtime, place.name, place))
        except OSError:  # gone meanwhile
            continue
    return [place for _, _, place in sorted(found)]


def forget_old(folder: Path, most: int) -> None:
    """Remove all but the newest, and what is none."""
    kept = newest_first(folder)[:most]
    for place in folder.glob("*"):
        if KEY.fullmatch(place.name) and place not in kept:
            shutil.rmtree(place, ignore_errors=True)


def forget_naming(settings: Settings, subject: str) -> None:
    """Remove everybody's comparisons with something that is gone, or with a part of it."""
    for pattern in ("comparisons/*", "people/*/comparisons/*"):
        for place in settings.home.glob(pattern):
            if subject in {word.partition("@")[0] for word in kept_words(place) or ()}:
                shutil.rmtree(place, ignore_errors=True)
