"""Heats of a live race in a document of results, its bracket and its podium.

Places of a heat follow from the laps of its cars, and the bracket follows from its matches. What an
organiser decided without driving, or against it, is marked as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from pydantic import Field

from racecraft.domain.bracket import play
from racecraft.domain.duel import Standing, ranked
from racecraft.domain.episode import EpisodeStatus
from racecraft.domain.errors import InvalidInput, NotGenuine
from racecraft.domain.limit import LapLimit, best_sound_ms
from racecraft.domain.ranking import RaceRules
from racecraft.domain.results.part import LapResult, Part

_COUNT = ("SOLO", "TOGETHER")
"""Kinds of heats whose laps count on the board."""


class HeatCarResult(Part):
    """How one car came out of a heat."""

    rank: int = Field(description="1 is the winner")
    grid_place: int = Field(description="1 is the front")
    submission_id: str
    racer: str
    model: str
    status: str = Field(description="how its race ended, in words")
    laps: tuple[LapResult, ...]
    limit: LapLimit | None = Field(
        None, description="how fast its car can drive the track at all; not told in older files"
    )
    time_ms: int | None = Field(description="of all laps, if several cars drove and it finished")
    best_lap_ms: int | None = Field(description="a lap faster than physics allows is none")
    distance_m: float | None = Field(None, description="driven along the centre line")
    beyond_m: float | None = Field(
        None,
        description="beyond the line in the step in which its last lap was complete; of cars that "
        "cross it in the same step the one with more was first",
    )
    off_tracks: int = 0
    crashes: int = 0
    overtakes: int = 0

    @property
    def times_ms(self) -> tuple[int, ...]:
        """Of the laps that it completed."""
        done = EpisodeStatus.LAP_COMPLETE
        return tuple(lap.time_ms for lap in self.laps if lap.plain.status is done)

    def standing(self, laps: int) -> Standing:
        """As rankings want it, in a race over so many laps."""
        times = self.times_ms
        has_finished = len(times) == laps
        return Standing(
            name=self.submission_id,
            grid_place=self.grid_place,
            lap_times_ms=times,
            total_ms=sum(times),
            distance_m=self.distance_m or 0.0,
            beyond_m=self.beyond_m or 0.0,
            status=EpisodeStatus.LAP_COMPLETE if has_finished else EpisodeStatus.OFF_TRACK,
            crashes=self.crashes,
        )


class HeatResult(Part):
    """One heat that was driven, or decided without driving."""

    id: str
    kind: Literal["SOLO", "TOGETHER", "FINAL", "MATCH"] = Field(
        description="laps of the first two kinds count on the board"
    )
    title: str
    match: str = Field("", description="which match of the bracket it is, such as 2-1")
    attempt: int = Field(0, description="how often it had been driven before")
    shown_from_s: float | None = Field(None, description="seconds since 1970")
    cars: tuple[HeatCarResult, ...] = Field(description="the winner first")
    declared: str = Field(
        "", description="submission that the organiser declared the winner, whatever was driven"
    )

    @property
    def winner(self) -> str:
        """Submission that goes on; empty without one."""
        return self.declared or next((car.submission_id for car in self.cars), "")

    def refuse_wrong_places(self, rules: RaceRules) -> None:
        """Stop here unless times and places follow from the laps of the cars.

        Args:
            rules: of the race.

        Raises:
            NotGenuine: they do not.
        """
        laps, luck = rules.laps, rules.evaluation.randomisation
        for car in self.cars:
            times, is_alone = car.times_ms, self.kind == "SOLO"
            total = sum(times) if len(times) == laps and not is_alone else None
            best_ms = best_sound_ms(times, car.limit, luck)
            if (car.time_ms, car.best_lap_ms) != (total, best_ms):
                raise NotGenuine(
                    f"The time of {car.racer} in {self.title!r} does not follow from the laps."
                )
        ranks = [car.rank for car in self.cars]
        if ranks != list(range(1, len(ranks) + 1)) or not self._is_in_order(laps):
            raise NotGenuine(f"The places of {self.title!r} do not follow from the laps.")

    def refuse_other_laps(self, driven: Mapping[str, tuple[LapResult, ...]]) -> None:
        """Stop here if a submission counts with other laps than those of this heat.

        Raises:
            NotGenuine: one does.
        """
        for car in self.cars if self.kind in _COUNT else ():
            if driven.get(car.submission_id, car.laps) != car.laps:
                raise NotGenuine(
                    f"The laps of {car.racer} in {self.title!r} are not those on the board."
                )

    def _is_in_order(self, laps: int) -> bool:
        standings = [car.standing(laps) for car in self.cars]
        if all(car.distance_m is not None for car in self.cars):
            return [each.name for each in ranked(standings)] == [each.name for each in standings]
        # Heats of before do not tell how far cars came: finishers first, by their time.
        worth = [(not one.has_finished, one.has_finished and one.total_ms) for one in standings]
        return worth == sorted(worth)


class BracketRacer(Part):
    """Somebody in a knock-out bracket."""

    seed: int = Field(description="place on the board from which the bracket was made")
    racer: str
    submission_id: str


class MatchResult(Part):
    """A match of a bracket."""

    key: str
    title: str
    sides: tuple[int | None, ...] = Field(description="seeds; 0 for nobody, null for not known yet")
    winner: int | None = Field(description="seed; 0 if nobody goes on, null while it is open")


class BracketResult(Part):
    """A knock-out bracket as far as it has come."""

    racers: tuple[BracketRacer, ...] = Field(description="seed 1 first")
    has_third_place: bool = Field(description="whether the losers of the semi-finals meet")
    gone: tuple[int, ...] = Field((), description="seeds of those who drove no more")
    matches: tuple[MatchResult, ...]
    places: tuple[int, ...] = Field(description="seeds, the first place first; none before the end")

    def refuse_wrong_matches(self, heats: Iterable[HeatResult]) -> None:
        """Stop here unless matches and places follow from the heats.

        Raises:
            NotGenuine: they do not.
        """
        try:
            told = bracket_of_heats(
                self.racers, heats, gone=self.gone, has_third_place=self.has_third_place
            )
        except InvalidInput as error:
            raise NotGenuine(f"The bracket cannot be one: {error}") from error
        if told != self:
            raise NotGenuine("The bracket does not follow from its heats.")


class PodiumPlace(Part):
    """Who stands where at the end."""

    place: int
    racer: str
    submission_id: str


def bracket_of_heats(
    racers: Sequence[BracketRacer],
    heats: Iterable[HeatResult],
    *,
    gone: Sequence[int],
    has_third_place: bool,
) -> BracketResult:
    """The bracket that follows from some heats.

    Args:
        racers: seed 1 first.
        heats: those of the bracket count, the others do not matter.
        gone: seeds of those who drive no more.
        has_third_place: whether the losers of the semi-finals meet.

    Raises:
        InvalidInput: too few or too many racers.
    """
    seed_of = {each.submission_id: each.seed for each in racers}
    winners = {
        heat.match: seed_of[heat.winner] for heat in heats if heat.match and heat.winner in seed_of
    }
    played = play(len(racers), winners, gone=gone, has_third_place=has_third_place)
    return BracketResult(
        racers=tuple(racers),
        has_third_place=has_third_place,
        gone=tuple(gone),
        matches=tuple(
            MatchResult(key=each.key, title=each.title, sides=each.sides, winner=each.winner)
            for each in played.matches
        ),
        places=played.places,
    )
