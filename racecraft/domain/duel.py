"""A race of trained models against each other: what is raced, and who has won."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.episode import EpisodeStatus
from racecraft.domain.spec import TrackChoice

FEWEST_RACERS, MOST_RACERS = 2, 8


class DuelSpec(BaseModel):
    """One race of two to eight models on one track at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    track: TrackChoice = TrackChoice()
    laps: int = Field(3, ge=1, le=50, description="laps to drive, without a stop")
    max_resets: int = Field(
        100, ge=0, le=10_000, description="times a car is put back on the track before it is out"
    )
    off_track_penalty_s: float = Field(
        2.0, ge=0, le=60, description="pause after leaving the track"
    )
    collision_penalty_s: float = Field(
        5.0, ge=0, le=60, description="pause of the car that ran into another one"
    )
    draws_grid: bool = Field(
        False, description="draw the places on the grid instead of taking the order given"
    )
    seed: int = Field(0, ge=0, lt=2**31, description="same seed, same race")
    checkpoint: str = Field("best", description="`best`, `last` or an iteration number")


@dataclass(frozen=True)
class Standing:
    """How one car came out of a race."""

    name: str
    grid_place: int
    """1 is the front."""
    lap_times_ms: tuple[int, ...]
    """Of the laps completed, penalties included."""
    total_ms: int
    """From the start to the last line crossed; to the end for a car without a lap."""
    distance_m: float
    """Driven along the centre line from the start line."""
    beyond_m: float
    """How far beyond the line it was in the step that found its last lap complete."""
    status: EpisodeStatus
    """`LAP_COMPLETE` for all laps; else what put it out of the race."""
    crashes: int = 0
    """That it caused."""
    overtakes: int = 0
    off_tracks: int = 0
    rank: int = 0
    """1 is the winner; 0 before they are ranked."""

    @property
    def has_finished(self) -> bool:
        """Whether it drove all laps."""
        return self.status is EpisodeStatus.LAP_COMPLETE

    @property
    def best_lap_ms(self) -> int | None:
        """Its fastest lap; None without one."""
        return min(self.lap_times_ms, default=None)


def ranked(standings: Iterable[Standing]) -> tuple[Standing, ...]:
    """Put the cars of a race in order.

    Those that drove all laps come first, by their total time; then the others, by how far they
    came. Time is counted in steps of 1/15 s: of cars that cross the line in the same step, the one
    further beyond it was there first. Whoever is still equal is ordered by crashes caused (fewer),
    best lap (faster) and place on the grid (further back).
    """

    def order(one: Standing) -> tuple[float, ...]:
        best = one.best_lap_ms
        how_far = -one.beyond_m if one.has_finished else -one.distance_m
        return (
            not one.has_finished,
            one.total_ms if one.has_finished else 0,
            how_far,
            one.crashes,
            float("inf") if best is None else best,
            -one.grid_place,
        )

    return tuple(
        replace(one, rank=rank) for rank, one in enumerate(sorted(standings, key=order), start=1)
    )
