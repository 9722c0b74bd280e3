"""The physical limit of a track: how fast it can be driven at all, and what is kept of it.

Working one out takes about a second and libraries that a server never loads, so it is kept:
`<home>/limits/<key>.json`, beside those that come with the shipped tracks. Whoever drives laps
(workers, the command line) works out what is missing; a server that needs another one lets a
process of its own do it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from racecraft.domain.car import CarSpec
from racecraft.domain.errors import InvalidInput, InvalidTrack, StorageFailed, TrackNotFound
from racecraft.domain.limit import FastestLap, LapLimit
from racecraft.service.apart import do_apart
from racecraft.service.files import read_text, storage, write_whole
from racecraft.service.turns import Turns
from racecraft.tracks.library import load_track
from racecraft.tracks.limits import lap_document, lap_of, limit_key, shipped_lap
from racecraft.tracks.preview import preview_svg

if TYPE_CHECKING:
    from racecraft.domain.spec import ModelSpec, TrackChoice
    from racecraft.domain.track import Track
    from racecraft.service.settings import Settings

FOLDER = "limits"
TURNS = Turns(at_once=1, most_waiting=16, most_each=2, patience_s=60.0)
"""For limits that people ask a server for."""


def limit_of(
    settings: Settings, choice: TrackChoice, car: CarSpec | None = None, *, top_mps: float = 4.0
) -> FastestLap:
    """The fastest lap that is physically possible; if it is not kept yet it takes about a second.

    Only for processes that may load scipy.

    Args:
        settings: where limits and imported tracks are kept.
        choice: the track and its direction.
        car: the car design.
        top_mps: the fastest speed that the driver may choose.

    Raises:
        TrackNotFound: there is no such track.
        StorageFailed: it cannot be kept.
    """
    car, track = car or CarSpec(), _road(settings, choice)
    found = kept_lap(settings.home, track, car, top_mps)
    if found is None:
        from racecraft.analysis.fastest_lap import fastest_lap

        document = lap_document(fastest_lap(track, car, top_mps=top_mps))
        found = lap_of(document)
        path = settings.home / FOLDER / f"{limit_key(track, car, top_mps)}.json"
        with storage(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(document, separators=(",", ":")) + "\n")
    return found


def known_limit(
    settings: Settings, choice: TrackChoice, car: CarSpec | None = None, *, top_mps: float = 4.0
) -> FastestLap | None:
    """What `limit_of` gives if that is kept already; this loads nothing heavy.

    None also for a track that is not there any more, or a file that cannot be read.
    """
    try:
        return kept_lap(settings.home, _road(settings, choice), car or CarSpec(), top_mps)
    except (TrackNotFound, InvalidTrack, StorageFailed):
        return None


def asked_limit(
    settings: Settings, choice: TrackChoice, *, top_mps: float = 4.0, who: str = ""
) -> FastestLap:
    """What `limit_of` gives for the standard car, worked out by another process if need be.

    Args:
        settings: where limits and imported tracks are kept.
        choice: the track and its direction.
        top_mps: the fastest speed that the driver may choose.
        who: for whom, so that nobody takes all the places.

    Raises:
        TrackNotFound: there is no such track.
        TooManyRequests: too many are being worked out.
        StorageFailed: it could not be worked out.
    """
    _road(settings, choice)
    found = known_limit(settings, choice, top_mps=top_mps)
    if found is not None:
        return found
    with TURNS.turn(who):
        # Whoever was before in the line may have asked for the same.
        if known_limit(settings, choice, top_mps=top_mps) is None:
            _work_out(settings, choice, top_mps)
    found = known_limit(settings, choice, top_mps=top_mps)
    if found is None:
        raise StorageFailed(f"The limit of {choice} was worked out but not kept; try again.")
    return found


def draw_limit(settings: Settings, choice: TrackChoice, lap: FastestLap, path: Path) -> None:
    """Draw a lap on its track as SVG, from red (slow) to green.

    Raises:
        StorageFailed: the picture cannot be written.
    """
    write_whole(path, preview_svg(_road(settings, choice), str(choice), lap))


def lap_limit(settings: Settings, choice: TrackChoice, model: ModelSpec) -> LapLimit:
    """How fast a model's car could drive a track, and how fast with the model's own top speed.

    Only for processes that may load scipy.

    Raises:
        TrackNotFound: there is no such track.
        StorageFailed: it cannot be kept.
    """
    car, top_mps = model.car, model.action_space.speed_range_mps[1]
    limit_s = limit_of(settings, choice, car, top_mps=car.max_speed_mps).time_s
    own_s = limit_s
    if top_mps < car.max_speed_mps:
        own_s = max(limit_s, limit_of(settings, choice, car, top_mps=top_mps).time_s)
    return LapLimit(limit_s=limit_s, own_limit_s=own_s, own_top_mps=top_mps)


def _road(settings: Settings, choice: TrackChoice) -> Track:
    return load_track(choice.name, is_reversed=choice.is_reversed, folders=(settings.tracks,))


def kept_lap(home: Path, track: Track, car: CarSpec, top_mps: float) -> FastestLap | None:
    """The fastest lap on a road, if it came with racecraft or was worked out in this home folder.

    Raises:
        StorageFailed: its file cannot be read.
    """
    found = shipped_lap(track, car, top_mps)
    path = home / FOLDER / f"{limit_key(track, car, top_mps)}.json"
    if found is not None or not path.is_file():
        return found
    try:
        return lap_of(json.loads(read_text(path)))
    except (ValueError, InvalidInput):  # it is made anew
        return None


def _work_out(settings: Settings, choice: TrackChoice, top_mps: float) -> None:
    order = {
        "home": str(settings.home),
        "choice": choice.model_dump(mode="json"),
        "top_mps": top_mps,
    }
    do_apart("racecraft.service.limit_worker", order, what=f"Working out the limit of {choice}")
