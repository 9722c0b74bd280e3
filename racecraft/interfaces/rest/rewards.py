"""Reward functions: examples, the check, and what they pay for."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.race import RaceSpec, RaceType
from racecraft.domain.spec import TrackChoice
from racecraft.interfaces.rest.shared import Page
from racecraft.interfaces.rest.who import Asker, Here
from racecraft.sandbox.findings import Finding
from racecraft.service.reward_desk import Trial, check_sent, try_sent
from racecraft.service.rewards import Example, reward_examples

router = APIRouter(tags=["rewards"])


class CheckWish(BaseModel):
    """A reward function, and where it is to pay."""

    model_config = ConfigDict(extra="forbid")

    source: str = Field(max_length=140_000)
    track: TrackChoice = TrackChoice()
    race_type: RaceType = RaceType.TIME_TRIAL


class CheckAnswer(BaseModel):
    """What was found."""

    is_usable: bool
    findings: list[Finding]
    """The worst first."""
    calls: int
    """States in which the function was called."""
    call_ms: float | None
    """Mean time of a call."""
    lowest: float | None
    """Smallest reward."""
    highest: float | None


@router.get("/rewards")
def examples(actor: Asker) -> Page[Example]:
    """Reward functions to start from."""
    del actor
    found = reward_examples()
    return Page(items=found, total=len(found))


class TryWish(BaseModel):
    """A reward function, and the laps to try it on."""

    model_config = ConfigDict(extra="forbid")

    source: str = Field(max_length=140_000)
    track: TrackChoice | None = Field(None, description="by default the model's")
    race: RaceSpec | None = Field(
        None, description="what else is on the track; by default what the model was trained with"
    )
    model_id: str | None = Field(
        None, max_length=64, description="whose recorded laps, speeds and car to take too"
    )
    slow_mps: float | None = Field(None, ge=0, le=10, description="speed of the slow lap")
    fast_mps: float | None = Field(None, ge=0, le=10, description="speed of the fast laps")


class TriedLap(BaseModel):
    """What one lap was paid."""

    name: str
    title: str
    is_recorded: bool
    is_complete: bool
    steps: int
    time_s: float
    total: float
    mean: float
    discounted: float
    """What lies ahead of an average step, later steps counting less."""
    points: list[list[float]]
    """x and y (m) of each step."""
    rewards: list[float]


class Judgement(BaseModel):
    """One thing that the comparison of laps says."""

    mark: str
    message: str


class IdealLap(BaseModel):
    """The fastest lap that is possible at the speed of the fast laps."""

    time_s: float
    points: list[list[float]]
    """x and y (m) of the car's origin."""
    speed_mps: list[float]


class TryAnswer(BaseModel):
    """What a reward function pays for well and badly driven laps."""

    track: str
    is_reversed: bool
    slow_mps: float
    fast_mps: float
    gamma: float
    driving_well_pays: bool
    headline: str
    verdict: list[Judgement]
    footnote: str
    scale: list[float]
    """Ends of a colour scale for the rewards."""
    boxes: list[list[float]]
    """x and y (m) of each box on the road."""
    laps: list[TriedLap]
    ideal: IdealLap | None
    printed: str


@router.post("/rewards/check")
def check(wish: CheckWish, actor: Asker, here: Here) -> CheckAnswer:
    """What is wrong or odd about a reward function."""
    found = check_sent(
        here.settings, actor, wish.source, track=wish.track, race_type=wish.race_type
    )
    return CheckAnswer(
        is_usable=found.is_usable,
        findings=list(found.findings),
        calls=found.calls,
        call_ms=found.call_ms,
        lowest=found.lowest,
        highest=found.highest,
    )


@router.post("/rewards/try")
def try_out(wish: TryWish, actor: Asker, here: Here) -> TryAnswer:
    """What a reward function pays for drawn laps, and for the recorded laps of a model."""
    tried = try_sent(here.store, here.settings, actor, Trial(**dict(wish)))
    return TryAnswer.model_validate(tried.as_json())
