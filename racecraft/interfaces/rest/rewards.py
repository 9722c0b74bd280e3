"""Reward functions: examples, and the check."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.race import RaceType
from racecraft.domain.spec import TrackChoice
from racecraft.interfaces.rest.shared import Page
from racecraft.interfaces.rest.who import Asker, Here
from racecraft.sandbox.findings import Finding
from racecraft.service.making import refuse_odd_track
from racecraft.service.rewards import Example, check_reward, reward_examples

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


@router.get("/rewards")
def examples(actor: Asker) -> Page[Example]:
    """Reward functions to start from."""
    del actor
    found = reward_examples()
    return Page(items=found, total=len(found))


@router.post("/rewards/check")
def check(wish: CheckWish, actor: Asker, here: Here) -> CheckAnswer:
    """What is wrong or odd about a reward function."""
    del actor
    refuse_odd_track(wish.track.name)
    found = check_reward(here.settings, wish.source, track=wish.track, race_type=wish.race_type)
    return CheckAnswer(is_usable=found.is_usable, findings=list(found.findings))
