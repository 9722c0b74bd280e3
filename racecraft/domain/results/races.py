"""The results of a race, and of an event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from racecraft.domain.errors import NotGenuine
from racecraft.domain.limit import LapLimit
from racecraft.domain.ranking import Entry, RaceRules, Result, board, score
from racecraft.domain.results.heats import BracketResult, HeatResult, PodiumPlace
from racecraft.domain.results.part import LapResult, Part


class SubmissionResult(Part):
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


class BoardLine(Part):
    """One line of the board."""

    rank: int
    racer: str
    submission_id: str
    time_ms: int
    gap_ms: int


class RaceFacts(Part):
    """What was raced."""

    id: str
    name: str
    description: str = ""
    starts_at_s: float
    ends_at_s: float
    is_over: bool = Field(description="whether the board is final")
    max_submissions: int = 0
    rules: RaceRules
    track_sha256: str = Field("", description="of the shape of the track when the race opened")
    track_note: str = Field("", description="what has become of that shape; nothing if it is there")


class RaceResults(Part):
    """All results of a race that count."""

    format: Literal["racecraft-race-results/1", "racecraft-race-results/2"] = (
        "racecraft-race-results/2"
    )
    """Files of form 1 tell nothing of heats and tracks."""
    installation: str
    program: str = Field(description="version of racecraft that wrote it")
    exported_at_s: float
    race: RaceFacts
    board: tuple[BoardLine, ...]
    submissions: tuple[SubmissionResult, ...]
    heats: tuple[HeatResult, ...] = Field(
        (), description="of a live race, that were shown to their end or decided; oldest first"
    )
    bracket: BracketResult | None = None
    podium: tuple[PodiumPlace, ...] = Field((), description="as the organiser declared it")

    def refuse_wrong_sums(self) -> None:
        """Stop here unless results, board, heats and bracket follow from the laps and the rules.

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
        driven = {each.id: each.laps for each in self.submissions}
        for heat in self.heats:
            heat.refuse_wrong_places(self.race.rules)
            heat.refuse_other_laps(driven)
        if self.bracket is not None:
            self.bracket.refuse_wrong_matches(self.heats)


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


class EventResults(Part):
    """All results of the races of an event."""

    format: Literal["racecraft-event-results/1", "racecraft-event-results/2"] = (
        "racecraft-event-results/2"
    )
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
