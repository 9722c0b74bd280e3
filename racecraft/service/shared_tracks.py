"""The tracks of an installation, as the people of it ask for them.

Every track is for everybody: a race needs the same road for all. Organisers and admins import
more.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from racecraft.domain.errors import Conflict, InvalidInput, TrackNotFound
from racecraft.domain.job import ACTIVE
from racecraft.domain.spec import TrackChoice
from racecraft.service.access import Actor, Operation
from racecraft.service.files import storage
from racecraft.service.jobs.job import Job
from racecraft.service.limits import known_limit
from racecraft.service.model_records import Model
from racecraft.service.races.roads import follow_replaced
from racecraft.service.track_choices import kept_track, refuse_odd_track
from racecraft.service.tracks import (
    Source,
    TrackCard,
    keep_track,
    kept_name,
    list_tracks,
    tracks_folder,
)
from racecraft.tracks.library import load_track
from racecraft.tracks.preview import preview_svg

if TYPE_CHECKING:
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

MOST_IMPORTED = 200
"""Track files that an installation keeps."""


def view_track(settings: Settings, name: str) -> TrackCard:
    """Facts of one track.

    Raises:
        TrackNotFound: there is no such track.
    """
    refuse_odd_track(name)
    for card in list_tracks(settings.home):
        if card.name == name:
            return card
    raise TrackNotFound(f"There is no track {name!r}; look at the list of tracks.")


def draw_track(
    settings: Settings, name: str, *, is_reversed: bool = False, has_line: bool = False
) -> str:
    """A picture of a track as SVG, with its start line and the way round.

    With `has_line`, the fastest line of the standard car is drawn on it if it is known already.

    Raises:
        TrackNotFound: there is no such track.
        InvalidTrack: its file cannot be used.
    """
    card = view_track(settings, name)
    track = load_track(name, is_reversed=is_reversed, folders=[settings.tracks])
    if has_line:
        lap = known_limit(settings, TrackChoice(name=name, is_reversed=is_reversed))
        return preview_svg(track, card.title, lap)
    return _picture(track.centre.tobytes(), card.title, name, is_reversed, str(settings.tracks))


@lru_cache(maxsize=256)
def _picture(_line: bytes, title: str, name: str, is_reversed: bool, folder: str) -> str:
    """Kept as long as the line is the same."""
    track = load_track(name, is_reversed=is_reversed, folders=[Path(folder)])
    return preview_svg(track, title)


def track_file(settings: Settings, name: str, *, is_reversed: bool = False) -> bytes:
    """A track as a community file.

    Raises:
        TrackNotFound: there is no such track.
        InvalidTrack: its file cannot be used.
    """
    view_track(settings, name)
    track = load_track(name, is_reversed=is_reversed, folders=[settings.tracks])
    file, rows = BytesIO(), np.hstack([track.centre, track.inner, track.outer])
    np.save(file, np.ascontiguousarray(rows, np.float64), allow_pickle=False)
    return file.getvalue()


def receive_track(
    store: Store,
    settings: Settings,
    actor: Actor,
    name: str,
    data: bytes,
    *,
    replaces: bool = False,
) -> TrackCard:
    """Check a community track file that somebody sent, and keep it for everybody.

    Raises:
        Forbidden: a racer may not.
        InvalidInput: the name breaks the rule for names, or there are too many tracks.
        Conflict: the name is taken, or the track to be replaced is in use.
        InvalidTrack: the file breaks a rule that every track keeps.
        StorageFailed: it cannot be written.
    """
    actor.demand(Operation.IMPORT_TRACK)
    refuse_odd_track(name)
    name = kept_name(settings.home, name)
    known = {c.name: c for c in list_tracks(settings.home) if c.source is Source.IMPORTED}
    if name in known and replaces:
        _refuse_in_use(store, name)
    if name not in known and len(known) >= MOST_IMPORTED:
        raise InvalidInput(
            f"There are {len(known)} imported tracks already, and {MOST_IMPORTED} are kept; "
            "remove one first."
        )
    card = keep_track(settings.home, name, data, replace=replaces)
    # Also one that is new here: it may have been removed before.
    follow_replaced(store, settings, name)
    return card


def remove_track(store: Store, settings: Settings, actor: Actor, name: str) -> None:
    """Remove an imported track. Models that were trained on it stay.

    Raises:
        Forbidden: a racer may not.
        TrackNotFound: there is no such track.
        Conflict: it comes with racecraft, or a job needs it.
        StorageFailed: it cannot be removed.
    """
    actor.demand(Operation.IMPORT_TRACK)
    card = view_track(settings, name)
    if card.source is Source.SHIPPED:
        raise Conflict(f"The track {name!r} comes with racecraft and stays.")
    _refuse_in_use(store, name)
    path = tracks_folder(settings.home) / f"{name}.npy"
    with storage(path):
        path.unlink(missing_ok=True)


def _refuse_in_use(store: Store, name: str) -> None:
    """A job that is under way may have to start again, and reads the track then."""
    with store.look() as work:
        jobs = work.find(Job, status=ACTIVE)
        models = work.find(Model, id=[job.model_id for job in jobs])
    roads = {kept_track(track).name for model in models for track in model.tracks}
    for job in jobs:
        roads |= _roads_in(job.request)
    if name in roads:
        raise Conflict(f"A job that is under way needs the track {name!r}; wait until it ends.")


def _roads_in(request: Mapping[str, Any]) -> set[str]:
    """Names of the tracks in what a job was asked for: its own, or that of its laps or rules."""
    found = set()
    for key, value in request.items():
        if not isinstance(value, Mapping):
            continue
        if key == "track":
            found.add(str(value.get("name", "")))
        else:
            found |= _roads_in(value)
    return found
