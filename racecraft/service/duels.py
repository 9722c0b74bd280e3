"""Races of models against each other: run one, and keep its record.

races/<stamp>/race.json              who raced, by which rules, and the ranking
races/<stamp>/<rank>-<model>.csv     the trace of each car
races/<stamp>/replay.mp4             the winner from behind, with the others on the road
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from racecraft.domain.duel import FEWEST_RACERS, MOST_RACERS, DuelSpec, Standing
from racecraft.domain.errors import InvalidInput
from racecraft.service.clones import checkpoint_folder
from racecraft.service.files import storage
from racecraft.service.models import load_model, model_folder

if TYPE_CHECKING:
    from racecraft.domain.track import Track
    from racecraft.service.settings import Settings
    from racecraft.training.duel import DuelResult

RACE_FILE = "race.json"
REPLAY = "replay.mp4"


@dataclasses.dataclass(frozen=True)
class DuelOutcome:
    """What a race left behind."""

    folder: Path
    standings: tuple[Standing, ...]
    files: tuple[Path, ...]


def race_models(
    settings: Settings, names: Sequence[str], spec: DuelSpec, *, draws_replay: bool = True
) -> DuelOutcome:
    """Let models race each other, and keep ranking, traces and film.

    Args:
        settings: where the models are.
        names: two to eight models, the front of the grid first; a name may come twice.
        spec: track, laps, rules and seed.
        draws_replay: make the film of the winner.

    Raises:
        InvalidInput: too few or too many models, or one has not learnt anything yet.
        InvalidSpec: the cars have different shapes, or do not fit on the track.
        ModelNotFound, TrackNotFound: a name is not known.
        StorageFailed: the record cannot be written.
    """
    if not FEWEST_RACERS <= len(names) <= MOST_RACERS:
        raise InvalidInput(
            f"There are {len(names)} models for a race; name {FEWEST_RACERS} to {MOST_RACERS}."
        )
    folders = [model_folder(settings, name) for name in names]
    checkpoints = [checkpoint_folder(folder, spec.checkpoint) for folder in folders]
    from racecraft.tracks.library import load_track
    from racecraft.training.duel import Duel, Entry

    track = load_track(
        spec.track.name, is_reversed=spec.track.is_reversed, folders=(settings.tracks,)
    )
    entries = [
        Entry(folder.name, load_model(folder), checkpoint)
        for folder, checkpoint in zip(folders, checkpoints, strict=True)
    ]
    result = Duel(entries, track, spec).drive()
    place = _new_folder(settings.races)
    with storage(place):
        files = _write_record(place, spec, names, result)
        if draws_replay:
            files.append(_film(place, track, result))
    return DuelOutcome(place, result.standings, tuple(files))


def standing_facts(standing: Standing) -> dict[str, Any]:
    """One line of a ranking for JSON."""
    return {
        "rank": standing.rank,
        "model": standing.name,
        "grid_place": standing.grid_place,
        "laps": len(standing.lap_times_ms),
        "lap_times_ms": list(standing.lap_times_ms),
        "best_lap_ms": standing.best_lap_ms,
        "total_ms": standing.total_ms,
        "distance_m": round(standing.distance_m, 3),
        "status": standing.status.label,
        "crashes_caused": standing.crashes,
        "overtakes": standing.overtakes,
        "off_tracks": standing.off_tracks,
    }


def _write_record(
    place: Path, spec: DuelSpec, names: Sequence[str], result: DuelResult
) -> list[Path]:
    from racecraft.domain.trace_table import TraceTable
    from racecraft.training.artifacts.files import write_json, write_text

    record = place / RACE_FILE
    document = {
        "models": list(names),
        "race": spec.model_dump(mode="json"),
        "ranking": [standing_facts(standing) for standing in result.standings],
    }
    write_json(record, document)
    files = [record]
    for standing, steps in zip(result.standings, result.steps, strict=True):
        trace = place / f"{standing.rank}-{standing.name}.csv"
        write_text(trace, TraceTable.from_steps(steps).csv_text())
        files.append(trace)
    return files


def _film(place: Path, track: Track, result: DuelResult) -> Path:
    from racecraft.analysis.replay import write_replay

    title = " - ".join(standing.name for standing in result.standings)
    return write_replay(
        track, result.steps[0], place / REPLAY, title=title, objects=result.objects[0]
    )


def _new_folder(races: Path) -> Path:
    """A folder named after now, or the next free second."""
    moment = datetime.now(UTC)
    with storage(races):
        races.mkdir(parents=True, exist_ok=True)
        while True:
            folder = races / f"{moment:%Y%m%d%H%M%S}"
            try:
                folder.mkdir()
            except FileExistsError:
                moment += timedelta(seconds=1)
            else:
                return folder
