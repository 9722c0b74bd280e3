"""The library: which tracks there are, what is known about them, and loading one by name.

A shipped track is a folder beside this file that holds a `track.json`. Its waypoints are made
from its shape when it is first asked for. An imported track is an `.npy` file in a folder that
the caller names.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.errors import TrackNotFound
from racecraft.domain.track import Track
from racecraft.tracks.shape import Shape, draw

FOLDER = Path(__file__).parent


class Difficulty(StrEnum):
    """How hard a track is to learn for a new model."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class TrackFacts(BaseModel):
    """What a person wants to know about a shipped track; `track.json` without its shape."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", description="name of the folder")
    title: str = Field(min_length=3, max_length=40, description="the name that people read")
    description: str = Field(min_length=20, max_length=200, description="one friendly sentence")
    difficulty: Difficulty
    width_m: float = Field(ge=0.6, le=1.5, description="distance between the borders")
    licence: str = Field("Apache-2.0", min_length=3, description="SPDX name")
    author: str = Field("racecraft contributors", min_length=3)


@lru_cache(maxsize=1)
def shipped_names() -> tuple[str, ...]:
    """Names of the tracks that come with racecraft, in alphabetical order."""
    return tuple(sorted(path.parent.name for path in FOLDER.glob("*/track.json")))


def facts(name: str) -> TrackFacts:
    """Facts of a shipped track.

    Raises:
        TrackNotFound: no shipped track has this name.
    """
    return _document(name)[0]


def title_of(name: str) -> str:
    """What people call a track: the title of a shipped one; others are called as their file is."""
    return facts(name).title if name in shipped_names() else name


def load_track(
    name_or_path: str | Path, *, is_reversed: bool = False, folders: Sequence[Path] = ()
) -> Track:
    """A shipped track, else `<folder>/<name>.npy`, else the file at a path ending in `.npy`.

    Tracks are kept and shared: treat their arrays as read-only.

    Raises:
        TrackNotFound: nothing has this name; the sentence offers near ones.
        InvalidTrack: the file breaks a rule that every track keeps.
    """
    name = str(name_or_path)
    if name in shipped_names():
        return _shipped(name, is_reversed)
    path = _find_file(name, folders)
    if path is None:
        raise _not_found(name, [*shipped_names(), *_imported_names(folders)])
    stat = path.stat()
    return _from_file(path.resolve(), stat.st_mtime_ns, stat.st_size, is_reversed)


def _find_file(name: str, folders: Sequence[Path]) -> Path | None:
    candidates = [folder / f"{name}.npy" for folder in folders if Path(name).name == name]
    if name.endswith(".npy"):
        candidates.append(Path(name))
    return next((path for path in candidates if path.is_file()), None)


def _imported_names(folders: Sequence[Path]) -> list[str]:
    return [path.stem for folder in folders for path in sorted(folder.glob("*.npy"))]


def _not_found(name: str, known: Iterable[str]) -> TrackNotFound:
    if name.endswith(".npy"):
        return TrackNotFound(f"There is no track file at {name}; check the path.")
    by_lower = {one.lower(): one for one in known}
    near = difflib.get_close_matches(name.lower(), by_lower, n=3, cutoff=0.5)
    if not near:
        return TrackNotFound(
            f"There is no track called {name!r}; look at the list of tracks for the names."
        )
    return TrackNotFound(
        f"There is no track called {name!r}; did you mean "
        f"{' or '.join(by_lower[one] for one in near)}?"
    )


@lru_cache(maxsize=64)
def _document(name: str) -> tuple[TrackFacts, str]:
    """Facts of a shipped track and the JSON text of its shape."""
    import json

    if name not in shipped_names():
        raise _not_found(name, shipped_names())
    document = json.loads((FOLDER / name / "track.json").read_text(encoding="utf-8"))
    shape = json.dumps(document.pop("shape"))
    return TrackFacts.model_validate(document), shape


@lru_cache(maxsize=128)
def _shipped(name: str, is_reversed: bool) -> Track:
    if is_reversed:
        return _shipped(name, False).reversed()
    known, shape = _document(name)
    centre, inner, outer = draw(Shape.model_validate_json(shape), known.width_m)
    return Track(name=name, centre=centre, inner=inner, outer=outer)


@lru_cache(maxsize=64)
def _from_file(path: Path, _mtime_ns: int, _size: int, is_reversed: bool) -> Track:
    """Time and size are in the key, so that a file that changed is read again."""
    from racecraft.tracks.exchange import read_npy

    track = read_npy(path)
    return track.reversed() if is_reversed else track
