"""What everybody is told of a live race, as values; `stage` fills them in."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from racecraft.service.races.live.records import HeatKind, HeatStatus


class _Shown(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CarView(_Shown):
    """Somebody in a heat."""

    key: str
    """Of the submission; tells cars apart."""
    name: str
    model_name: str
    shell: str
    colour: str
    seed: int | None
    best_lap_ms: int | None = None
    """Personal best in this race, before this heat."""
    best_splits_ms: tuple[int, ...] = ()
    """Of that lap, if it was driven in a heat."""


class PlaceView(_Shown):
    """How one car came out of a heat."""

    key: str
    name: str
    rank: int
    laps: int
    time_ms: int | None
    best_lap_ms: int | None
    gap_ms: int | None
    status: str
    overtakes: int


class HeatView(_Shown):
    """One launch."""

    id: str
    kind: HeatKind
    title: str
    status: HeatStatus
    attempt: int
    cars: tuple[CarView, ...]
    shown_from_s: float | None
    shown_s: float
    places: tuple[PlaceView, ...]
    """Nothing before it has been shown to its end."""
    winner: str
    """Key of whom the organiser declared the winner."""
    message: str


class SideView(_Shown):
    """One of the two of a match."""

    seed: int
    name: str
    is_winner: bool
    time_ms: int | None


class MatchView(_Shown):
    """A match of the bracket."""

    key: str
    round: int
    number: int
    title: str
    sides: tuple[SideView | None, ...]
    """None where it is not decided yet who that is."""
    is_bye: bool
    is_decided: bool
    is_on: bool


class BracketView(_Shown):
    """The bracket as far as people have seen it."""

    rounds: int
    matches: tuple[MatchView, ...]


class RecordView(_Shown):
    """The fastest lap that was driven in a heat."""

    name: str
    lap_ms: int
    splits_ms: tuple[int, ...]


class LiveView(_Shown):
    """How a live race stands."""

    has_begun: bool
    is_over: bool
    starts_at_s: float | None
    is_paused: bool
    autolaunch: bool
    gap_s: float
    lights_s: float
    max_retries: int
    now: HeatView | None
    """What is driven or shown."""
    queue: tuple[HeatView, ...]
    past: tuple[HeatView, ...]
    """What was shown or failed, the newest first."""
    bracket: BracketView | None
    record: RecordView | None
    podium: tuple[str, ...]
    """Names: first, second, third."""
