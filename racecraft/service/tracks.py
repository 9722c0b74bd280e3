"""Tracks: list the shipped and imported ones; import, export and download track files.

Imported tracks lie in `<home>/tracks/<name>.npy`, byte for byte as they came. A file gets
there only after every check, and in one step.
"""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.car import CarSpec
from racecraft.domain.errors import (
    Conflict,
    DownloadFailed,
    InvalidInput,
    InvalidTrack,
    StorageFailed,
)
from racecraft.domain.track import Track
from racecraft.service.fetch import fetch, published_checksum
from racecraft.service.limits import kept_lap
from racecraft.service.track_choices import ALL
from racecraft.tracks.exchange import (
    MAX_FILE_BYTES,
    parse_npy,
    read_bytes,
    write_bytes,
    write_npy,
)
from racecraft.tracks.library import Difficulty, facts, load_track, shipped_names

TRACK_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
SHA256 = re.compile(r"[0-9a-fA-F]{64}")


class Direction(StrEnum):
    """Which way the cars go round."""

    COUNTER_CLOCKWISE = "counter-clockwise"
    CLOCKWISE = "clockwise"


class Source(StrEnum):
    """Where a track comes from."""

    SHIPPED = "shipped"
    IMPORTED = "imported"


class TrackCard(BaseModel):
    """One row of the list of tracks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    description: str
    length_m: float = Field(description="length of the centre line")
    width_m: float
    difficulty: Difficulty | None = Field(description="nobody has rated an imported track")
    directions: tuple[Direction, ...] = Field(description="normal direction first, then reversed")
    source: Source
    limit_s: float | None = Field(
        None,
        description="least time of a lap of the standard car in the normal direction, if known",
    )
    problem: str = Field("", description="why an imported file cannot be used, if it cannot")


def list_tracks(home: Path) -> list[TrackCard]:
    """Shipped tracks, then imported ones, each by name.

    An imported file that has become unusable is listed with its problem.
    """
    shipped = [_shipped_card(name) for name in shipped_names()]
    imported = sorted(tracks_folder(home).glob("*.npy"))
    return shipped + [_imported_card(path, Path(home)) for path in imported]


def tracks_folder(home: Path) -> Path:
    """Where imported tracks lie."""
    return Path(home) / "tracks"


def kept_name(home: Path, name: str) -> str:
    """The name of an imported track as it is kept, whatever capitals are asked for.

    Some file systems do not tell Oval.npy from oval.npy. A name that is not taken stays as it is.
    """
    taken = {path.stem.lower(): path.stem for path in tracks_folder(home).glob("*.npy")}
    return taken.get(name.lower(), name)


def import_track(
    home: Path, path: Path, name: str | None = None, *, replace: bool = False
) -> TrackCard:
    """Check a community track file and copy it to the imported tracks.

    Args:
        home: the home folder.
        path: the `.npy` file.
        name: what to call the track; the name of the file when None.
        replace: overwrite an imported track of that name.

    Raises:
        InvalidInput: the name breaks the rule for names.
        Conflict: the name is taken.
        TrackNotFound: there is no such file.
        InvalidTrack: the file breaks a rule that every track keeps.
        StorageFailed: the file cannot be read or written.
    """
    name = Path(path).stem if name is None else name
    target = _free_place(home, name, replace)
    return _keep(read_bytes(Path(path)), target)


def keep_track(home: Path, name: str, data: bytes, *, replace: bool = False) -> TrackCard:
    """`import_track` for the bytes of a file.

    Raises:
        InvalidInput: the name breaks the rule for names.
        Conflict: the name is taken.
        InvalidTrack: the file breaks a rule that every track keeps.
        StorageFailed: the file cannot be written.
    """
    if len(data) > MAX_FILE_BYTES:
        raise InvalidTrack(
            f"The file has {len(data) / 1e6:.1f} MB; a track file has at most "
            f"{MAX_FILE_BYTES / 1e6:.0f} MB, so check that this is one."
        )
    return _keep(data, _free_place(home, name, replace))


def export_track(
    home: Path, name: str, path: Path, *, is_reversed: bool = False, replace: bool = False
) -> Path:
    """Write a shipped or imported track as a community file; the path of the file written.

    Args:
        home: the home folder.
        name: which track.
        path: the file to write, or a folder to write `<name>.npy` in.
        is_reversed: write the rows in the other driving direction.
        replace: overwrite a file that is there.

    Raises:
        TrackNotFound: nothing has this name.
        InvalidInput: the path does not end in `.npy`.
        Conflict: the file exists.
        StorageFailed: the file cannot be written.
    """
    track = load_track(name, is_reversed=is_reversed, folders=[tracks_folder(home)])
    path = Path(path)
    target = path / f"{track.name}.npy" if path.is_dir() else path
    if target.suffix != ".npy":
        raise InvalidInput(f"The export is called {target.name}; give it a name ending in .npy.")
    if target.exists() and not replace:
        raise Conflict(f"The file {target} exists; choose another name, or replace it on purpose.")
    write_npy(track, target)
    return target


def download_track(
    home: Path,
    name: str,
    *,
    base_url: str,
    sha256: str | None = None,
    timeout_s: float = 20,
    replace: bool = False,
) -> TrackCard:
    """Fetch `<base_url>/<name>.npy`, verify its checksum, check it as an import and keep it.

    Args:
        home: the home folder.
        name: name of the track there, and here.
        base_url: http or https address of the folder of tracks.
        sha256: expected checksum (hex); read from `<base_url>/SHA256SUMS` when None.
        timeout_s: time for each of the (at most two) files.
        replace: overwrite an imported track of that name.

    Raises:
        InvalidInput: the name, address or checksum breaks its rule.
        Conflict: the name is taken.
        DownloadFailed: the file did not arrive, or is not what was promised.
        InvalidTrack: the file breaks a rule that every track keeps.
        StorageFailed: the file cannot be written.
    """
    target = _free_place(home, name, replace)
    if sha256 is not None and not SHA256.fullmatch(sha256):
        raise InvalidInput(f"The SHA-256 checksum is {sha256!r}; give its 64 hexadecimal digits.")
    file = f"{name}.npy"
    expected = sha256 or published_checksum(base_url, file, timeout_s=timeout_s)
    data = fetch(base_url, file, max_bytes=MAX_FILE_BYTES, timeout_s=timeout_s)
    if data is None:
        raise DownloadFailed(
            f"There is no track {name} at {base_url} (error 404); check the name and the address."
        )
    found = hashlib.sha256(data).hexdigest()
    if found != expected.lower():
        raise DownloadFailed(
            f"The track {name} that arrived has the SHA-256 checksum {found} instead of "
            f"{expected.lower()}; it was not kept, so try again or ask who publishes it."
        )
    return _keep(data, target)


def _free_place(home: Path, name: str, replace: bool) -> Path:
    if not TRACK_NAME.fullmatch(name):
        raise InvalidInput(
            f"The track name is {name!r}; use 1 to 64 letters, digits, - and _, with a letter or "
            "digit first."
        )
    if name.lower() == ALL:
        raise InvalidInput(
            f"The track name {name!r} stands for all shipped tracks; choose another name."
        )
    if name.lower() in shipped_names():
        raise Conflict(f"A track called {name} comes with racecraft; choose another name.")
    target = tracks_folder(home) / f"{kept_name(home, name)}.npy"
    if target.exists() and not replace:
        raise Conflict(
            f"There is an imported track called {target.stem}; choose another name, or replace "
            "it on purpose."
        )
    return target


def _keep(data: bytes, target: Path) -> TrackCard:
    track = parse_npy(data, target.stem)
    write_bytes(data, target)
    return _card_of(track)


def _shipped_card(name: str) -> TrackCard:
    known, track = facts(name), load_track(name)
    return TrackCard(
        name=name,
        title=known.title,
        description=known.description,
        length_m=track.length_m,
        width_m=known.width_m,
        difficulty=known.difficulty,
        directions=_directions(track),
        source=Source.SHIPPED,
        limit_s=_shipped_limit_s(name),
    )


@lru_cache(maxsize=128)
def _shipped_limit_s(name: str) -> float | None:
    return _limit_s(Path(), load_track(name))


def _limit_s(home: Path, track: Track) -> float | None:
    car = CarSpec()
    try:
        found = kept_lap(home, track, car, car.max_speed_mps)
    except StorageFailed:  # the track is good all the same
        return None
    return None if found is None else round(found.time_s, 2)


def _imported_card(path: Path, home: Path) -> TrackCard:
    try:
        track = load_track(path)
        return _card_of(track).model_copy(update={"limit_s": _limit_s(home, track)})
    except (InvalidTrack, StorageFailed) as error:
        return TrackCard(
            name=path.stem,
            title=path.stem,
            description="An imported file that cannot be used.",
            length_m=0.0,
            width_m=0.0,
            difficulty=None,
            directions=(),
            source=Source.IMPORTED,
            problem=str(error),
        )


def _card_of(track: Track) -> TrackCard:
    return TrackCard(
        name=track.name,
        title=track.name,
        description="An imported track.",
        length_m=track.length_m,
        width_m=track.width_m,
        difficulty=None,
        directions=_directions(track),
        source=Source.IMPORTED,
    )


def _directions(track: Track) -> tuple[Direction, ...]:
    both = (Direction.COUNTER_CLOCKWISE, Direction.CLOCKWISE)
    return both if track.is_counter_clockwise else both[::-1]
