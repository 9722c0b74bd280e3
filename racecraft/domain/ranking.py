"""Community races: the rules that everybody drives under, and who is ahead of whom.

A submission drives a number of laps. What counts of them says the ranking method. A board shows
everybody's best submission; a worse one later changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, model_validator

from racecraft.domain.episode import EpisodeStatus, Trial
from racecraft.domain.limit import least_lap_ms
from racecraft.domain.race import RaceSpec
from racecraft.domain.randomisation import FrictionRange, RandomisationSpec
from racecraft.domain.spec import EvaluationSpec, TrackChoice


class RankingMethod(StrEnum):
    """What counts of the laps of a submission."""

    BEST_LAP_TIME = "BEST_LAP_TIME"
    """The fastest completed lap."""
    AVERAGE_LAP_TIME = "AVERAGE_LAP_TIME"
    """The best average over the required number of laps in a row."""
    TOTAL_TIME = "TOTAL_TIME"
    """All laps together; each has to be completed."""

    @property
    def words(self) -> str:
        """For people, for instance `best lap time`."""
        return self.value.lower().replace("_", " ")


class RaceRules(BaseModel):
    """What everybody drives under; nothing in it changes once somebody has entered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    track: TrackChoice = Field(TrackChoice(), description="where it is driven, and which way round")
    race: RaceSpec = Field(RaceSpec(), description="what is on the track besides the car")
    ranking: RankingMethod = Field(
        RankingMethod.BEST_LAP_TIME, description="what counts of the laps of a submission"
    )
    laps: int = Field(5, ge=1, le=50, description="laps that a submission drives")
    min_laps: int = Field(
        1,
        ge=1,
        le=50,
        description="laps in a row that it must complete to be ranked; an average is taken over "
        "so many",
    )
    is_continuous: bool = Field(False, description="drive the laps in one go instead of one by one")
    max_resets: int = Field(
        10_000, ge=0, le=10_000, description="times a car is put back before its lap ends"
    )
    off_track_penalty_s: float = Field(
        3.0, ge=0, le=60, description="pause after leaving the track in seconds"
    )
    collision_penalty_s: float = Field(
        5.0, ge=0, le=60, description="pause after a crash in seconds"
    )
    interval_jitter: float = Field(
        0.05,
        ge=0,
        le=0.1,
        description="share by which the control interval varies, so that no two laps are copies",
    )
    grip_jitter: float = Field(
        0.02,
        ge=0,
        le=0.2,
        description="share by which the grip of the tyres varies from lap to lap",
    )
    seed: int = Field(0, ge=0, lt=2**31, description="luck of the race, the same for everybody")

    @model_validator(mode="after")
    def _can_be_met(self) -> RaceRules:
        if self.min_laps > self.laps:
            raise ValueError(
                f"min_laps is {self.min_laps} and laps is {self.laps}; nobody can complete more "
                "laps than there are. Ask for fewer, or let everybody drive more."
            )
        return self

    @property
    def evaluation(self) -> EvaluationSpec:
        """What a submission drives: the same laps for the same weights, whoever sends them."""
        return EvaluationSpec(
            track=self.track,
            race=self.race,
            trials=self.laps,
            is_continuous=self.is_continuous,
            max_resets=self.max_resets,
            off_track_penalty_s=self.off_track_penalty_s,
            collision_penalty_s=self.collision_penalty_s,
            interval_jitter=self.interval_jitter,
            randomisation=self._luck,
            seed=self.seed,
        )

    @property
    def _luck(self) -> RandomisationSpec:
        """Lap 3 has the same grip for everybody: it is drawn from the seed and its number."""
        if self.grip_jitter == 0:
            return RandomisationSpec()
        grip = (1.0 - self.grip_jitter, 1.0 + self.grip_jitter)
        return RandomisationSpec(friction=FrictionRange(grip=grip))


class Result(BaseModel):
    """What a submission reached."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    time_ms: int | None = None
    """What is ranked; None if too few laps in a row were completed."""
    best_lap_ms: int | None = None
    average_lap_ms: int | None = None
    """Best average over `min_laps` completed laps in a row."""
    total_ms: int | None = None
    """Of all laps, if each was completed."""
    laps_completed: int = 0
    laps_in_a_row: int = 0
    off_tracks: int = 0
    crashes: int = 0
    resets: int = 0
    """Of every kind, in all laps."""
    impossible_laps: int = 0
    """Faster than physics allows: defects. With one of them nothing is ranked."""


@dataclass(frozen=True)
class Entry:
    """A submission as the board knows it."""

    racer_id: str
    submission_id: str
    submitted_at_s: float
    result: Result

    @property
    def place(self) -> tuple[float, int, float, str]:
        """What orders entries: time, then fewer resets, then who was first to submit."""
        time_ms = float("inf") if self.result.time_ms is None else self.result.time_ms
        return (time_ms, self.result.resets, self.submitted_at_s, self.submission_id)


@dataclass(frozen=True)
class Standing:
    """One row of a board."""

    rank: int
    """From 1; two racers never share one."""
    entry: Entry
    gap_ms: int
    """Behind the leader."""


def score(rules: RaceRules, trials: Sequence[Trial], limit_s: float | None = None) -> Result:
    """What the laps of a submission are worth.

    Penalties and resets are in the times of the laps already.

    Args:
        rules: of the race.
        trials: its laps, in the order in which they were driven.
        limit_s: the physical limit of its car on the track, if it is known. A lap that is faster
            than physics allows does not count, and a submission with one is not ranked.
    """
    times = [t.time_ms if t.status is EpisodeStatus.LAP_COMPLETE else None for t in trials]
    least_ms = 0.0 if limit_s is None else least_lap_ms(limit_s, rules.evaluation.randomisation)
    impossible = sum(time is not None and time < least_ms for time in times)
    times = [None if time is None or time < least_ms else time for time in times]
    completed = [time for time in times if time is not None]
    in_a_row = _longest_run(times)
    is_whole = len(completed) == len(times) == rules.laps
    result = Result(
        best_lap_ms=min(completed, default=None),
        average_lap_ms=_best_average(times, rules.min_laps),
        total_ms=sum(completed) if is_whole else None,
        laps_completed=len(completed),
        laps_in_a_row=in_a_row,
        off_tracks=sum(trial.off_track_count for trial in trials),
        crashes=sum(trial.crash_count for trial in trials),
        resets=sum(trial.reset_count for trial in trials),
        impossible_laps=impossible,
    )
    if impossible or in_a_row < rules.min_laps:
        return result
    times_by_method = {
        RankingMethod.BEST_LAP_TIME: result.best_lap_ms,
        RankingMethod.AVERAGE_LAP_TIME: result.average_lap_ms,
        RankingMethod.TOTAL_TIME: result.total_ms,
    }
    return result.model_copy(update={"time_ms": times_by_method[rules.ranking]})


def board(entries: Iterable[Entry]) -> list[Standing]:
    """Everybody's best ranked entry, the leader first."""
    best: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda each: each.place):
        if entry.result.time_ms is not None:
            best.setdefault(entry.racer_id, entry)
    times_ms = [entry.result.time_ms or 0 for entry in best.values()]
    return [
        Standing(rank=k + 1, entry=entry, gap_ms=times_ms[k] - times_ms[0])
        for k, entry in enumerate(best.values())
    ]


def _longest_run(times: Sequence[int | None]) -> int:
    longest = run = 0
    for time in times:
        run = 0 if time is None else run + 1
        longest = max(longest, run)
    return longest


def _best_average(times: Sequence[int | None], count: int) -> int | None:
    """Least mean of so many completed laps in a row, in whole milliseconds, halves upwards."""
    sums = []
    for k in range(len(times) - count + 1):
        window = [time for time in times[k : k + count] if time is not None]
        if len(window) == count:
            sums.append(sum(window))
    return (2 * min(sums) + count) // (2 * count) if sums else None
