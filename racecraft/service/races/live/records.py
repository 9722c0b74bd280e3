"""The records of a live race: how the show stands, and its heats."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.limit import LapLimit
from racecraft.service.store import Record


class HeatKind(StrEnum):
    """Who drives in a heat."""

    SOLO = "SOLO"
    """One model, all laps of the race under its rules: the result counts on the board."""
    TOGETHER = "TOGETHER"
    """Two to eight models of the queue at once; their laps count on the board."""
    FINAL = "FINAL"
    """Two to eight models of the board at once; who is first wins, and the board stays as it is."""
    MATCH = "MATCH"
    """Two models of a knock-out bracket at once; who is first goes on."""


class HeatStatus(StrEnum):
    """How far a heat is."""

    WAITING = "WAITING"
    """In the queue."""
    DRIVING = "DRIVING"
    """A worker computes it; nobody sees anything yet."""
    SHOWN = "SHOWN"
    """It was driven; spectators see it from `shown_from_s` on, in real time."""
    FAILED = "FAILED"
    REMOVED = "REMOVED"
    """Taken out of the queue, or decided without driving."""


class Contestant(BaseModel):
    """A frozen model in a heat."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    submission_id: str
    person_id: str
    name: str
    """Of the racer, when the heat was made."""
    model_name: str
    checkpoint: int
    shell: str = "classic"
    colour: str = "black"
    seed: int | None = None
    """Place on the board from which the bracket was made."""


class HeatPlace(BaseModel):
    """How one car came out of a heat."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rank: int
    submission_id: str
    laps: int
    time_ms: int | None = None
    """What is ranked; None for a car that did not finish."""
    best_lap_ms: int | None = None
    best_splits_ms: tuple[int, ...] = ()
    """From the beginning of that lap to the end of each of its sectors."""
    gap_ms: int | None = None
    """Behind the winner, of cars that finished."""
    status: str = ""
    off_tracks: int = 0
    crashes: int = 0
    overtakes: int = 0
    distance_m: float | None = None
    """How far it came, and how far beyond the line its last lap ended; of several cars at once."""
    beyond_m: float | None = None


class Heat(Record):
    """One launch of a live race."""

    TABLE: ClassVar[str] = "heats"

    race_id: str
    status: HeatStatus = HeatStatus.WAITING

    kind: HeatKind = HeatKind.SOLO
    title: str = ""
    """Such as `Semi-final 1`."""
    contestants: tuple[Contestant, ...] = ()
    """The front of the grid first."""
    place: float = 0.0
    """In the queue; the smallest is next."""
    match: str = ""
    """Which match of the bracket it is, such as `2-1`."""
    attempt: int = 0
    """How often it was driven anew."""
    job_id: str = ""
    launched_at_s: float | None = None
    shown_from_s: float | None = None
    """When the cars start on the screens; seconds since 1970."""
    shown_s: float = 0.0
    """How long that takes."""
    places: tuple[HeatPlace, ...] = ()
    trials: tuple[dict[str, Any], ...] = ()
    """Of a heat of one: its laps."""
    limits: dict[str, LapLimit] = Field(default_factory=dict)
    """How fast the car of each submission can drive the track at all."""
    is_settled: bool = False
    """Whether the board and the bracket know of it: once it has been shown to its end."""
    winner: str = ""
    """Submission that the organiser declared the winner, whatever was driven."""
    message: str = ""
    """Why it failed."""

    def end_s(self) -> float | None:
        """When it has been shown to its end; None while that is not known."""
        return None if self.shown_from_s is None else self.shown_from_s + self.shown_s

    def is_under_way(self, now_s: float) -> bool:
        """Whether it is being driven, or being shown."""
        if self.status is HeatStatus.DRIVING:
            return True
        end_s = self.end_s()
        return self.status is HeatStatus.SHOWN and end_s is not None and now_s < end_s


class BracketPlan(BaseModel):
    """Who is in the knock-out bracket of a race."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seeds: tuple[Contestant, ...]
    """The first of the board first."""
    has_third_place: bool = True
    gone: tuple[int, ...] = ()
    """Seeds of those who drive no more; nobody comes back."""


class Show(Record):
    """How a live race stands; its id is the race's."""

    TABLE: ClassVar[str] = "shows"

    is_on: bool = False
    """Whether somebody looks after it: it is planned or under way, and not over."""
    begun_at_s: float | None = None

    starts_at_s: float | None = Field(None, description="when the show begins by itself")
    is_paused: bool = Field(False, description="nothing new is launched")
    autolaunch: bool = Field(False, description="launch the next heat when one has been shown")
    gap_s: float = Field(20.0, ge=0, le=600, description="seconds between two heats")
    lights_s: float = Field(5.0, ge=0, le=60, description="seconds of countdown before a start")
    max_retries: int = Field(3, ge=0, le=20, description="times a heat can be driven anew")
    bracket: BracketPlan | None = None
    winner: Contestant | None = None
    """Whom the organiser declared the winner of the race."""
    podium: tuple[Contestant, ...] = ()
    """First, second, third."""
    is_over: bool = False
