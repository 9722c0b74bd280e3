"""In the worker: drive a heat, and keep what spectators will see.

submissions/<race>/heats/<heat>-<attempt>/recording.rcl   segments: `docs/reference/live.md`
submissions/<race>/heats/<heat>-<attempt>/moments.json    what a commentator tells
submissions/<race>/heats/<heat>-<attempt>/<n>.csv         the trace of each car

Everything is simulated: the same weights, rules and seed give the same milliseconds, however often.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from racecraft.domain.commentary import Lap, Run, splits_ms, tell
from racecraft.domain.duel import DuelSpec, Standing
from racecraft.domain.episode import EpisodeStatus, Step, Trial
from racecraft.domain.limit import LapLimit, best_sound_ms
from racecraft.domain.ranking import RaceRules
from racecraft.service.files import storage, write_bytes, write_whole
from racecraft.service.limits import lap_limit
from racecraft.service.live.broadcast import recorded
from racecraft.service.models import load_model
from racecraft.service.races.arranging import folder_of_race
from racecraft.service.races.live.records import HeatPlace
from racecraft.service.races.roads import refuse_other_road

if TYPE_CHECKING:
    from racecraft.domain.live.scene import Scene
    from racecraft.service.settings import Settings

RECORDING, MOMENTS = "recording.rcl", "moments.json"
MOST_RESETS = 10_000


class HeatCar(BaseModel):
    """A frozen model that drives."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    submission_id: str
    checkpoint: int


class HeatOrder(BaseModel):
    """What a worker is to drive."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    race_id: str
    heat_id: str
    attempt: int
    rules: RaceRules
    track_sha256: str = ""
    """Of the shape that the race is driven on."""
    cars: tuple[HeatCar, ...]


class HeatReport(BaseModel):
    """What came of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shown_s: float
    places: tuple[HeatPlace, ...]
    trials: dict[str, tuple[dict[str, Any], ...]]
    """Laps of each submission."""
    limits: dict[str, LapLimit] = {}
    """How fast the car of each can drive the track at all."""


@dataclasses.dataclass(frozen=True)
class _Driven:
    scenes: Sequence[Scene]
    steps: Sequence[Sequence[Step]]
    runs: Sequence[Run]
    report: HeatReport


def heat_folder(settings: Settings, race_id: str, heat_id: str, attempt: int) -> Path:
    """Where what a heat drove lies."""
    return folder_of_race(settings, race_id) / "heats" / f"{heat_id}-{attempt}"


def drive_heat(settings: Settings, order: HeatOrder) -> tuple[str, HeatReport]:
    """Drive a heat and keep its recording.

    Raises:
        InvalidSpec: the cars have different shapes, or do not fit on the track.
        CorruptCheckpoint: weights are damaged.
        Conflict: the track is gone, or has another shape than when the race opened.
        StorageFailed: the recording cannot be kept.
    """
    refuse_other_road(settings, order.rules.track, order.track_sha256)
    driven = _solo(settings, order) if len(order.cars) == 1 else _together(settings, order)
    place = heat_folder(settings, order.race_id, order.heat_id, order.attempt)
    with storage(place):
        place.mkdir(parents=True, exist_ok=True)
    from racecraft.domain.trace_table import TraceTable

    for number, steps in enumerate(driven.steps, start=1):
        write_whole(place / f"{number}.csv", TraceTable.from_steps(list(steps)).csv_text())
    moments = [moment.model_dump(mode="json") for moment in tell(driven.runs)]
    write_whole(place / MOMENTS, json.dumps(moments, separators=(",", ":")))
    write_bytes(place / RECORDING, b"".join(recorded(driven.scenes)))
    laps = sum(each.laps for each in driven.report.places)
    return f"{laps} laps were completed.", driven.report


def _solo(settings: Settings, order: HeatOrder) -> _Driven:
    """All laps of the race under its rules, as any submission drives them."""
    from racecraft.service.worker.evaluation import drive_evaluation
    from racecraft.training.scenes import scenes_of_steps

    (car,) = order.cars
    folder = folder_of_race(settings, order.race_id) / car.submission_id
    spec = order.rules.evaluation.model_copy(update={"checkpoint": str(car.checkpoint)})
    result = drive_evaluation(settings, folder, spec)
    model, luck = load_model(folder), order.rules.evaluation.randomisation
    limit = lap_limit(settings, order.rules.track, model)
    scenes = scenes_of_steps(result.steps, result.objects, (), {}, model.car.nose_m)
    run = _run_of_trials(result.steps, result.trials, [len(each) for each in result.objects])
    trials = tuple(dataclasses.asdict(trial) for trial in result.trials)
    done = [t.time_ms for t in result.trials if t.status is EpisodeStatus.LAP_COMPLETE]
    best_ms = best_sound_ms(done, limit, luck)
    place = HeatPlace(
        rank=1,
        submission_id=car.submission_id,
        laps=len(done),
        best_lap_ms=best_ms,
        best_splits_ms=_splits_of(run, best_ms),
        status="Finished" if run.has_finished else "Out",
        off_tracks=sum(trial.off_track_count for trial in result.trials),
        crashes=sum(trial.crash_count for trial in result.trials),
    )
    shown_s = result.steps[-1].time_s - result.steps[0].time_s
    report = HeatReport(
        shown_s=shown_s,
        places=(place,),
        trials={car.submission_id: trials},
        limits={car.submission_id: limit},
    )
    return _Driven(scenes, [result.steps], [run], report)


def _together(settings: Settings, order: HeatOrder) -> _Driven:
    """Everybody at once; boxes and bots stay away."""
    from racecraft.tracks.library import load_track
    from racecraft.training.duel import Duel, Entry
    from racecraft.training.scenes import scene_of_cars

    rules, race = order.rules, folder_of_race(settings, order.race_id)
    spec = DuelSpec(
        track=rules.track,
        laps=rules.laps,
        max_resets=min(rules.max_resets * rules.laps, MOST_RESETS),
        off_track_penalty_s=rules.off_track_penalty_s,
        collision_penalty_s=rules.collision_penalty_s,
        seed=(rules.seed + order.attempt) % 2**31,
    )
    track = load_track(
        rules.track.name, is_reversed=rules.track.is_reversed, folders=(settings.tracks,)
    )
    entries = [
        Entry(
            str(k),
            load_model(race / car.submission_id),
            race / car.submission_id / "checkpoints" / str(car.checkpoint),
        )
        for k, car in enumerate(order.cars)
    ]
    result = Duel(entries, track, spec).drive()
    by_car = {
        int(each.name): rows for each, rows in zip(result.standings, result.steps, strict=True)
    }
    steps = [by_car[k] for k in range(len(entries))]
    limits = {
        car.submission_id: lap_limit(settings, rules.track, entry.model)
        for car, entry in zip(order.cars, entries, strict=True)
    }
    luck = rules.evaluation.randomisation
    runs, trials, places = {}, {}, []
    for standing in result.standings:
        k = int(standing.name)
        submission_id = order.cars[k].submission_id
        runs[k] = _run_of_laps(steps[k], standing.lap_times_ms, standing.has_finished)
        laps = _trials(standing.lap_times_ms, steps[k], rules)
        trials[submission_id] = tuple(dataclasses.asdict(trial) for trial in laps)
        best_ms = best_sound_ms(standing.lap_times_ms, limits[submission_id], luck)
        best = (best_ms, _splits_of(runs[k], best_ms))
        places.append(_place(standing, result.standings[0], submission_id, best))
    shown_s = max(rows[-1].time_s for rows in steps) - steps[0][0].time_s
    report = HeatReport(shown_s=shown_s, places=tuple(places), trials=trials, limits=limits)
    scene = scene_of_cars(steps, entries[0].model.car.nose_m)
    return _Driven([scene], steps, [runs[k] for k in range(len(entries))], report)


def _place(
    standing: Standing,
    first: Standing,
    submission_id: str,
    best: tuple[int | None, tuple[int, ...]],
) -> HeatPlace:
    """How one of several came out; `best` are the time and the splits of its best lap."""
    has_finished = standing.has_finished
    return HeatPlace(
        rank=standing.rank,
        submission_id=submission_id,
        laps=len(standing.lap_times_ms),
        time_ms=standing.total_ms if has_finished else None,
        best_lap_ms=best[0],
        best_splits_ms=best[1],
        gap_ms=standing.total_ms - first.total_ms if has_finished else None,
        status="Finished" if has_finished else standing.status.label,
        off_tracks=standing.off_tracks,
        crashes=standing.crashes,
        overtakes=standing.overtakes,
        distance_m=standing.distance_m,
        beyond_m=standing.beyond_m,
    )


def _run_of_trials(steps: Sequence[Step], trials: Sequence[Trial], rows: Sequence[int]) -> Run:
    """One car that drove its laps one by one, or all in one go.

    Args:
        steps: all rows.
        trials: its laps.
        rows: how many rows each episode has; a single one for laps in one go.
    """
    begin_s, laps, first = steps[0].time_s, [], 0
    shares = [list(trials)] if len(rows) == 1 else [[trial] for trial in trials]
    for count, of_episode in zip(rows, shares, strict=True):
        at_s = steps[first].time_s - begin_s
        for trial in of_episode:
            is_lap = trial.status is EpisodeStatus.LAP_COMPLETE
            end_s = at_s + trial.time_ms / 1000
            laps.append(Lap(at_s, end_s if is_lap else None, trial.time_ms if is_lap else None))
            at_s = end_s
        first += count
    return _run(steps, laps, has_finished=all(lap.end_s is not None for lap in laps))


def _run_of_laps(steps: Sequence[Step], laps_ms: Sequence[int], has_finished: bool) -> Run:
    """One car among others: laps follow each other."""
    laps, at_s = [], 0.0
    for time_ms in laps_ms:
        laps.append(Lap(at_s, at_s + time_ms / 1000, time_ms))
        at_s += time_ms / 1000
    if not has_finished:
        laps.append(Lap(at_s, None))
    return _run(steps, laps, has_finished=has_finished)


def _run(steps: Sequence[Step], laps: Sequence[Lap], *, has_finished: bool) -> Run:
    begin_s = steps[0].time_s
    return Run(
        times_s=[step.time_s - begin_s for step in steps],
        progress_percent=[step.progress_percent for step in steps],
        statuses=[step.status for step in steps],
        laps=laps,
        has_finished=has_finished,
    )


def _splits_of(run: Run, time_ms: int | None) -> tuple[int, ...]:
    """Splits of the first lap of that time; nothing without one."""
    if time_ms is None:
        return ()
    return next(splits_ms(run, lap) for lap in run.laps if lap.time_ms == time_ms)


def _trials(laps_ms: Sequence[int], steps: Sequence[Step], rules: RaceRules) -> list[Trial]:
    """Laps among others as a board counts them; mishaps are told with the first lap."""
    statuses = [step.status for step in steps]
    trials = [Trial(k, ms, 100.0, EpisodeStatus.LAP_COMPLETE) for k, ms in enumerate(laps_ms, 1)]
    if len(trials) < rules.laps:
        last = steps[-1]
        trials.append(Trial(len(trials) + 1, 0, last.progress_percent, last.status))
    first = dataclasses.replace(
        trials[0],
        off_track_count=statuses.count(EpisodeStatus.OFF_TRACK),
        crash_count=statuses.count(EpisodeStatus.CRASHED),
        reversed_count=statuses.count(EpisodeStatus.REVERSED),
        immobilized_count=statuses.count(EpisodeStatus.IMMOBILIZED),
    )
    return [first, *trials[1:]]
