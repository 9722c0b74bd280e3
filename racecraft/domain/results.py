"""The results of a race as a document: who drove what under which rules.

It is complete enough that anybody can work out the board from the laps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from racecraft.domain.episode import EpisodeStatus, Trial
from racecraft.domain.errors import NotGenuine
from racecraft.domain.limit import LapLimit
from racecraft.domain.ranking import Entry, RaceRules, Result, board, score


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LapResult(_Part):
    """One lap of a submission."""

    trial: int = Field(description="from 1")
    time_ms: int = Field(description="simulated time with penalties")
    completion_percent: float = Field(description="0 to 100")
    status: str = Field(description="how it ended, such as lap_complete")
    start_time_ms: int = 0
    off_track_count: int = 0
    crash_count: int = 0
    reversed_count: int = 0
    immobilized_count: int = 0
    overtakes: int = 0

    @property
    def plain(self) -> Trial:
        """As rankings want it.

        Raises:
            NotGenuine: there is no such status.
        """
        try:
            status = EpisodeStatus[self.status.upper()]
        except KeyError as error:
            raise NotGenuine(f"A lap cannot end with {self.status[:40]!r}.") from error
        return Trial(**{**self.model_dump(), "status": status})


class SubmissionResult(_Part):
    """One model that was entered, and what it drove."""

    id: str
    racer_id: str
    racer: str
    country: str = ""
    model: str
    checkpoint: int = Field(description="iteration of the weights")
    weights_sha256: str = Field(description="of the frozen weights")
    submitted_at_s: float = Field(description="seconds since 1970")
    limit: LapLimit | None = Field(None, description="how fast its car can drive the track at all")
    result: Result
    laps: tuple[LapResult, ...]

    @property
    def limit_s(self) -> float | None:
        """Of the car, if it is known."""
        return self.limit.limit_s if self.limit else None


class BoardLine(_Part):
    """One line of the board."""

    rank: int
    racer: str
    submission_id: str
    time_ms: int
    gap_ms: int


class RaceFacts(_Part):
    """What was raced."""

    id: str
    name: str
    description: str = ""
    starts_at_s: float
    ends_at_s: float
    is_over: bool = Field(description="whether the board is final")
    max_submissions: int = 0
    rules: RaceRules


class RaceResults(_Part):
    """All results of a race that count."""

    format: Literal["racecraft-race-results/1"] = "racecraft-race-results/1"
    installation: str
    program: str = Field(description="version of racecraft that wrote it")
    exported_at_s: float
    race: RaceFacts
    board: tuple[BoardLine, ...]
    submissions: tuple[SubmissionResult, ...]

    def refuse_wrong_sums(self) -> None:
        """Stop here unless results and board follow from the laps and the rules.

        Raises:
            NotGenuine: they do not.
        """
        for each in self.submissions:
            laps = [lap.plain for lap in each.laps]
            if score(self.race.rules, laps, each.limit_s) != each.result:
                raise NotGenuine(
                    f"The result of {each.racer}'s submission {each.id} does not follow from its "
                    "laps."
                )
        if board_of(self.submissions) != self.board:
            raise NotGenuine("The board does not follow from the laps of the submissions.")


def board_of(submissions: Sequence[SubmissionResult]) -> tuple[BoardLine, ...]:
    """The board that follows from some submissions."""
    names = {each.id: each.racer for each in submissions}
    entries = [
        Entry(each.racer_id, each.id, each.submitted_at_s, each.result) for each in submissions
    ]
    return tuple(
        BoardLine(
            rank=standing.rank,
            racer=names[standing.entry.submission_id],
            submission_id=standing.entry.submission_id,
            time_ms=standing.entry.result.time_ms or 0,
            gap_ms=standing.gap_ms,
        )
        for standing in board(entries)
    )


class EventResults(_Part):
    """All results of the races of an event."""

    format: Literal["racecraft-event-results/1"] = "racecraft-event-results/1"
    installation: str
    program: str
    exported_at_s: float
    event: dict[str, Any] = Field(description="id, name, start and end")
    races: tuple[RaceResults, ...]

    def refuse_wrong_sums(self) -> None:
        """As for each race.

        Raises:
            NotGenuine: something does not follow from the laps.
        """
        for race in self.races:
            race.refuse_wrong_sums()
