"""What a commentator tells of a heat: sectors, laps, gaps and mishaps, each at its moment.

A lap has three sectors of a third of the track each. A sector ends between two steps of 1/15 s; its
moment is interpolated, the end of a lap is not: it is the official one, so the sectors of a lap
add up to its time. The gap at a sector or lap is behind the car that was first there, however
long ago that was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from racecraft.domain.episode import EpisodeStatus

SECTORS = 3
_ROUNDED_S = 0.02
"""Less than a step, and more than a sum of lap times in whole milliseconds is off: a row so soon
after a lap begins is that of the line, whose progress is still that of the lap before."""


class Happening(StrEnum):
    """What is told."""

    SECTOR = "SECTOR"
    LAP = "LAP"
    OFF_TRACK = "OFF_TRACK"
    CRASHED = "CRASHED"
    REVERSED = "REVERSED"
    IMMOBILIZED = "IMMOBILIZED"
    FINISHED = "FINISHED"
    OUT = "OUT"


_MISHAPS = {
    EpisodeStatus.OFF_TRACK: Happening.OFF_TRACK,
    EpisodeStatus.CRASHED: Happening.CRASHED,
    EpisodeStatus.REVERSED: Happening.REVERSED,
    EpisodeStatus.IMMOBILIZED: Happening.IMMOBILIZED,
}


class Moment(BaseModel):
    """Something that happens to one car."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at_s: float
    """Seconds after the heat began."""
    car: int
    kind: Happening
    lap: int
    """From 1."""
    sector: int = 0
    """From 1, of a sector."""
    time_ms: int | None = None
    """Of the sector, or of the lap."""
    split_ms: int | None = None
    """Since the lap began, of a sector."""
    gap_ms: int | None = None
    """Behind the car that was here first; None in a heat of one."""
    place: int | None = None
    """How many were here before, and one."""


@dataclass(frozen=True)
class Lap:
    """A lap of one car, in seconds after the heat began."""

    start_s: float
    end_s: float | None
    """None of one that was not completed."""
    time_ms: int | None = None
    """As it counts."""


@dataclass(frozen=True)
class Run:
    """All that one car did."""

    times_s: Sequence[float]
    """Of its steps, after the heat began."""
    progress_percent: Sequence[float]
    """Of the lap under way."""
    statuses: Sequence[EpisodeStatus]
    laps: Sequence[Lap]
    has_finished: bool


def tell(runs: Sequence[Run]) -> list[Moment]:
    """All moments of a heat, in the order in which they happen."""
    moments = [moment for car, run in enumerate(runs) for moment in _of_car(car, run)]
    moments.sort(key=lambda each: (each.at_s, each.car, each.kind.value))
    return _with_gaps(moments) if len(runs) > 1 else moments


def splits_ms(run: Run, lap: Lap) -> tuple[int, ...]:
    """Milliseconds from the beginning of a lap to the end of each sector that was completed."""
    inside = [
        (time_s, share)
        for time_s, share in zip(run.times_s, run.progress_percent, strict=True)
        if time_s > lap.start_s + _ROUNDED_S and (lap.end_s is None or time_s < lap.end_s)
    ]
    found: list[int] = []
    for sector in range(1, SECTORS):
        at_s = _reached_s(inside, 100.0 * sector / SECTORS)
        if at_s is None:
            break
        found.append(max(round((at_s - lap.start_s) * 1000), found[-1] if found else 0))
    if lap.time_ms is not None:
        # A car that was put down beyond a line has no moment there: it counts as the line's end.
        found += [lap.time_ms] * (SECTORS - len(found))
    return tuple(min(each, lap.time_ms) if lap.time_ms is not None else each for each in found)


def _of_car(car: int, run: Run) -> Iterable[Moment]:
    for number, lap in enumerate(run.laps, start=1):
        before = 0
        splits = splits_ms(run, lap)
        for sector, split in enumerate(splits, start=1):
            is_end = sector == SECTORS and lap.end_s is not None
            at_s = lap.end_s if is_end and lap.end_s is not None else lap.start_s + split / 1000
            yield Moment(
                at_s=at_s,
                car=car,
                kind=Happening.LAP if is_end else Happening.SECTOR,
                lap=number,
                sector=sector,
                time_ms=lap.time_ms if is_end else split - before,
                split_ms=split,
            )
            before = split
    yield from _mishaps(car, run)
    if run.times_s:
        kind = Happening.FINISHED if run.has_finished else Happening.OUT
        yield Moment(at_s=run.times_s[-1], car=car, kind=kind, lap=max(len(run.laps), 1))


def _mishaps(car: int, run: Run) -> Iterable[Moment]:
    for time_s, status in zip(run.times_s, run.statuses, strict=True):
        if status in _MISHAPS:
            begun = [number for number, lap in enumerate(run.laps, 1) if lap.start_s <= time_s]
            yield Moment(at_s=time_s, car=car, kind=_MISHAPS[status], lap=max(begun, default=1))


def _reached_s(steps: Sequence[tuple[float, float]], percent: float) -> float | None:
    """When a share of the lap was first reached, between two steps."""
    before: tuple[float, float] | None = None
    for time_s, share in steps:
        if share >= percent:
            if before is None or share <= before[1]:
                return time_s
            part = (percent - before[1]) / (share - before[1])
            return before[0] + part * (time_s - before[0])
        before = (time_s, share)
    return None


def _with_gaps(moments: Sequence[Moment]) -> list[Moment]:
    first: dict[tuple[int, int], float] = {}
    passed: dict[tuple[int, int], int] = {}
    told = []
    for moment in moments:
        if moment.sector:
            point = (moment.lap, moment.sector)
            lead_s = first.setdefault(point, moment.at_s)
            passed[point] = passed.get(point, 0) + 1
            gap_ms = round((moment.at_s - lead_s) * 1000)
            update = {"gap_ms": gap_ms, "place": passed[point]}
            moment = moment.model_copy(update=update)
        told.append(moment)
    return told
