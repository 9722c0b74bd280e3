"""The road of a race: its shape is frozen when the race opens, and must be there for every drive.

An imported track can be replaced by another shape of the same name. Until a race opens it follows;
from then on times on two shapes would stand side by side, so nothing is driven for a race whose
road is another one, and everybody is told.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from racecraft.domain.errors import Conflict, InvalidTrack, StorageFailed, TrackNotFound
from racecraft.service.races.race import Race, RaceState
from racecraft.tracks.library import load_track, title_of

if TYPE_CHECKING:
    from racecraft.domain.spec import TrackChoice
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store

_TO_TENTHS_MM = 1e4


def road_digest(settings: Settings, track: TrackChoice) -> str:
    """SHA-256 of the shape of a track as its file has it, in tenths of a millimetre.

    Rounded, because shipped shapes are computed, and machines may differ in the last digit.

    Raises:
        TrackNotFound: nothing has this name.
        InvalidTrack, StorageFailed: its file cannot be used.
    """
    road = load_track(track.name, folders=(settings.tracks,))
    found = hashlib.sha256()
    for line in (road.centre, road.inner, road.outer):
        found.update(np.rint(line * _TO_TENTHS_MM).astype("<i8").tobytes())
    return found.hexdigest()


def road_note(settings: Settings, track: TrackChoice, frozen: str) -> str:
    """What has become of the road of a race, as a sentence; empty while it is what it was.

    Args:
        settings: where imported tracks are.
        track: of the race.
        frozen: its digest as the race has it; empty in races of before, which know none.
    """
    if not frozen:
        return ""
    try:
        if road_digest(settings, track) == frozen:
            return ""
        became = "has been replaced: it is no longer the shape that this race is driven on"
    except TrackNotFound:
        became = "has been removed"
    except (InvalidTrack, StorageFailed):
        became = "cannot be read any more"
    return (
        f"The track {title_of(track.name)} {became}. Times that stand on the board stay, but "
        "nothing more is driven for this race, and replays are not drawn on the road of before."
    )


def refuse_other_road(settings: Settings, track: TrackChoice, frozen: str) -> None:
    """Stop here unless the road of a race is still what it was.

    Raises:
        Conflict: it is not.
    """
    note = road_note(settings, track, frozen)
    if note:
        raise Conflict(
            f"{note} The organiser can put the file of before back, or copy the race to drive on "
            "the new shape."
        )


def follow_replaced(store: Store, settings: Settings, name: str) -> None:
    """Let races that have not opened yet take the new shape of a track that was replaced."""
    with store.work() as work:
        for race in work.find(Race):
            track = race.rules.track
            is_ahead = race.state(store.now_s()) is RaceState.UPCOMING
            if track.name == name and is_ahead and race.track_sha256:
                digest = road_digest(settings, track)
                work.put(race.model_copy(update={"track_sha256": digest}))
