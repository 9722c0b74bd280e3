"""The records of community races."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from racecraft.domain.episode import EpisodeStatus, Trial
from racecraft.domain.errors import NotFound
from racecraft.domain.limit import LapLimit, defect
from racecraft.domain.ranking import RaceRules, Result, score
from racecraft.service.access import Actor, Operation
from racecraft.service.store import Record, Work

LONGEST_NAME, LONGEST_DESCRIPTION = 64, 255
NUM_PICTURES = 6


class Visibility(StrEnum):
    """Who can find a race."""

    SECRET = "SECRET"
    """Whoever has its link."""
    LISTED = "LISTED"
    """Everybody on this installation."""


class Hosting(StrEnum):
    """When submissions are driven."""

    CLASSIC = "CLASSIC"
    """As soon as there is room."""
    LIVE = "LIVE"
    """In the heats of a show, launched while people watch."""


class RaceState(StrEnum):
    """Whether a race can be entered."""

    UPCOMING = "UPCOMING"
    OPEN = "OPEN"
    CLOSED = "CLOSED"


class Race(Record):
    """A community race."""

    TABLE: ClassVar[str] = "races"

    owner_id: str
    link: str
    """What the secret address of the race ends with."""
    track_sha256: str = ""
    """Of the shape of its track when it opened; nothing in races of before."""

    name: str = Field(description="1 to 64 characters")
    description: str = Field("", description="up to 255 characters, for whoever thinks of entering")
    picture: int = Field(0, ge=0, lt=NUM_PICTURES, description="which of the drawn pictures")
    visibility: Visibility = Field(
        Visibility.SECRET, description="found by whoever has the link, or by everybody"
    )
    hosting: Hosting = Field(
        Hosting.CLASSIC,
        description="submissions are driven at once, or in the heats of a live show",
    )
    starts_at_s: float = Field(
        ge=0, lt=1e11, description="when it can be entered, in seconds since 1970"
    )
    ends_at_s: float = Field(
        ge=0, lt=1e11, description="until when it can be entered, in seconds since 1970"
    )
    max_submissions: int = Field(
        0, ge=0, le=10_000, description="submissions of each racer; 0 for as many as they like"
    )
    rules: RaceRules = Field(RaceRules(), description="what everybody drives under")

    @field_validator("name")
    @classmethod
    def _name_fits(cls, name: str) -> str:
        name = " ".join(name.split())
        if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
            raise ValueError(
                f"The name of the race has {len(name)} characters; use 1 to {LONGEST_NAME} that "
                "can be seen."
            )
        return name

    @field_validator("description")
    @classmethod
    def _description_fits(cls, description: str) -> str:
        description = description.strip()
        if len(description) > LONGEST_DESCRIPTION:
            raise ValueError(
                f"The description has {len(description)} characters; use at most "
                f"{LONGEST_DESCRIPTION}."
            )
        return description

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Race:
        if self.ends_at_s <= self.starts_at_s:
            raise ValueError("The race ends before it starts; choose a later end.")
        return self

    def state(self, now_s: float) -> RaceState:
        """Whether it can be entered at a time."""
        if now_s < self.starts_at_s:
            return RaceState.UPCOMING
        return RaceState.OPEN if now_s < self.ends_at_s else RaceState.CLOSED


class Entrant(Record):
    """Somebody who came into a race."""

    TABLE: ClassVar[str] = "entrants"

    race_id: str
    person_id: str
    is_shut_out: bool = False
    """They see the race no more, and their submissions do not count."""


class SubmissionStatus(StrEnum):
    """How far a submission is."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    RANKED = "RANKED"
    UNRANKED = "UNRANKED"
    """It was driven, but completed too few laps in a row, or drove one that no car can."""
    FAILED = "FAILED"

    @property
    def is_over(self) -> bool:
        """Whether nothing will follow any more."""
        return self not in (SubmissionStatus.QUEUED, SubmissionStatus.RUNNING)


class Rerun(BaseModel):
    """A submission that somebody let drive again, to see whether its times are right."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    job_id: str
    person_id: str
    """Who wanted to see it."""
    asked_at_s: float
    is_same: bool | None = None
    """Whether every lap was the same to the millisecond; None until it was driven."""
    times_ms: tuple[int, ...] = ()
    """Of its laps."""
    message: str = ""
    """Why it was not driven, if it was not."""


class Submission(Record):
    """A model as it was when somebody entered it."""

    TABLE: ClassVar[str] = "submissions"

    race_id: str
    person_id: str
    job_id: str

    model_id: str
    model_name: str
    checkpoint: int
    """Iteration of the weights."""
    weights_sha256: str
    """Of the frozen policy file."""
    shell: str = "classic"
    colour: str = "black"
    status: SubmissionStatus = SubmissionStatus.QUEUED
    message: str = ""
    """Why it failed."""
    limit: LapLimit | None = None
    """How fast its car can drive the track at all, told by whoever drove it."""
    result: Result = Result()
    laps: tuple[dict[str, int | float | str], ...] = ()
    """Each lap as the board's details show it."""
    ended_at_s: float | None = None
    struck: str = ""
    """Why the organiser took it off the board; nothing while it counts."""
    reruns: tuple[Rerun, ...] = ()
    """The newest ones, oldest first."""

    def scored(self, rules: RaceRules, laps: Sequence[Mapping[str, Any]]) -> Submission:
        """The submission with what its laps are worth; its `limit` must be known before."""
        trials = [trial_of(lap) for lap in laps]
        limit_s = self.limit.limit_s if self.limit else None
        result = score(rules, trials, limit_s)
        is_ranked = result.time_ms is not None
        update = {
            "status": SubmissionStatus.RANKED if is_ranked else SubmissionStatus.UNRANKED,
            "result": result,
            "laps": tuple(laps),
            "message": "",
        }
        if result.impossible_laps and limit_s is not None:
            done = [t.time_ms for t in trials if t.status is EpisodeStatus.LAP_COMPLETE]
            update["message"] = defect(min(done), limit_s)
        return self.model_copy(update=update)

    @property
    def trials(self) -> tuple[Trial, ...]:
        """Its laps; none before it was driven."""
        return tuple(trial_of(lap) for lap in self.laps)


def trial_of(lap: Mapping[str, Any]) -> Trial:
    """A lap as workers report it and records keep it."""
    return Trial(**{**lap, "status": EpisodeStatus(lap["status"])})


def race_in_sight(work: Work, actor: Actor, race_id: str) -> Race:
    """A race that the actor may see.

    Raises:
        NotFound: there is none with this id, or they may not.
    """
    race = work.first(Race, id=race_id)
    if race is None or not _sees(work, actor, race):
        raise NotFound("There is no such race, or its organiser shut you out; ask for a new link.")
    return race


def _sees(work: Work, actor: Actor, race: Race) -> bool:
    actor.demand(Operation.VIEW_RACE, actor.person_id)
    if actor.may(Operation.MANAGE_RACES, race.owner_id):
        return True
    entrant = work.first(Entrant, race_id=race.id, person_id=actor.person_id)
    if entrant is not None:
        return not entrant.is_shut_out
    return race.visibility is Visibility.LISTED
