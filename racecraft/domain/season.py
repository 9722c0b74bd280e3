"""Seasons: points for places in several races, and who is ahead by them.

In each race the racers of a division are ranked among themselves, and the table of points says what
a place is worth. Only the best results count, if the season says how many. Of two racers with equal
points the one with more wins is ahead, then with more second places, and so on; then whoever did
better in the latest race, in which not to be ranked counts as last, or else in the one before it.
What an organiser gave or took by hand is added to the sum and changes no place of a race.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

OPEN_DIVISION = "Open"
"""Of racers whom nobody has put into a division."""
USUAL_POINTS = (25, 18, 15, 12, 10, 8, 6, 4, 2, 1)


@dataclass(frozen=True)
class Outcome:
    """A race of a season that is over."""

    race_id: str
    racers: tuple[str, ...]
    """Those on the board, the winner first."""


@dataclass(frozen=True)
class RaceScore:
    """What a racer got in one race."""

    rank: int
    """Among the racers of the division."""
    points: int
    is_counted: bool
    """Whether it is among the best results that count."""


@dataclass(frozen=True)
class SeasonRow:
    """One racer in the standings of a division."""

    rank: int
    """From 1; two racers never share one."""
    racer_id: str
    points: int
    correction: int
    """How many of them were given by hand; negative if some were taken."""
    wins: int
    podiums: int
    scores: Mapping[str, RaceScore] = field(default_factory=dict)
    """By the id of the race; races without a result are missing."""


def standings(
    points: Sequence[int],
    outcomes: Sequence[Outcome],
    divisions: Mapping[str, str],
    *,
    counted: int = 0,
    corrections: Mapping[str, int] | None = None,
) -> dict[str, list[SeasonRow]]:
    """Who is ahead in each division.

    Args:
        points: for the first place, the second, …; nothing for places behind the last one.
        outcomes: the races that are over, in the order of the season.
        divisions: name of the division of racers; who is missing is in `OPEN_DIVISION`.
        counted: how many of the best results count; 0 for all.
        corrections: points that racers were given by hand; negative if they were taken.

    Returns:
        For each division that has racers, its rows, the leader first.
    """
    given = corrections or {}
    driven = (racer for outcome in outcomes for racer in outcome.racers)
    racers = dict.fromkeys([*driven, *given])
    names = dict.fromkeys(divisions.get(racer, OPEN_DIVISION) for racer in racers)
    return {
        name: _division(
            points,
            [
                Outcome(
                    outcome.race_id,
                    tuple(r for r in outcome.racers if divisions.get(r, OPEN_DIVISION) == name),
                )
                for outcome in outcomes
            ],
            counted,
            {r: worth for r, worth in given.items() if divisions.get(r, OPEN_DIVISION) == name},
        )
        for name in sorted(names)
    }


def _division(
    points: Sequence[int], outcomes: Sequence[Outcome], counted: int, given: Mapping[str, int]
) -> list[SeasonRow]:
    scores: dict[str, dict[str, RaceScore]] = {racer: {} for racer in given}
    for outcome in outcomes:
        for rank, racer in enumerate(outcome.racers, 1):
            worth = points[rank - 1] if rank <= len(points) else 0
            scores.setdefault(racer, {})[outcome.race_id] = RaceScore(rank, worth, True)
    scores = {racer: _best(own, counted) for racer, own in scores.items()}
    order = [outcome.race_id for outcome in reversed(outcomes)]
    last = len(scores) + 1

    def place(racer: str) -> tuple[float, list[int], list[int]]:
        own = scores[racer]
        ranks = [score.rank for score in own.values()]
        counts = [-ranks.count(rank) for rank in range(1, last)]
        latest = [own[race].rank if race in own else last for race in order]
        return -_total(own) - given.get(racer, 0), counts, latest

    return [
        SeasonRow(
            rank=rank,
            racer_id=racer,
            points=_total(scores[racer]) + given.get(racer, 0),
            correction=given.get(racer, 0),
            wins=sum(score.rank == 1 for score in scores[racer].values()),
            podiums=sum(score.rank <= 3 for score in scores[racer].values()),
            scores=scores[racer],
        )
        for rank, racer in enumerate(sorted(scores, key=place), 1)
    ]


def _best(own: dict[str, RaceScore], counted: int) -> dict[str, RaceScore]:
    """The same with those that count marked: most points, then the better place, then earlier."""
    if not counted:
        return own
    by_worth = sorted(own, key=lambda race: (-own[race].points, own[race].rank))
    kept = set(by_worth[:counted])
    return {race: RaceScore(score.rank, score.points, race in kept) for race, score in own.items()}


def _total(own: Mapping[str, RaceScore]) -> int:
    return sum(score.points for score in own.values() if score.is_counted)
