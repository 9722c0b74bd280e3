"""The standings of a season, worked out from the boards of its races whenever somebody looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from racecraft.domain.season import Outcome, SeasonRow, standings
from racecraft.service.access import Actor, Operation
from racecraft.service.people.person import Person
from racecraft.service.races.boards import counted_submissions, ranked, settle
from racecraft.service.races.race import Race, RaceState
from racecraft.service.seasons.season import Season, season_in_sight

if TYPE_CHECKING:
    from racecraft.service.store import Store, Work


@dataclass(frozen=True)
class SeasonRace:
    """A race of a season."""

    id: str
    name: str
    ends_at_s: float
    state: RaceState
    """Only races that are over bring points."""


@dataclass(frozen=True)
class DivisionTable:
    """The standings of one division."""

    name: str
    rows: list[SeasonRow]


@dataclass(frozen=True)
class SeasonView:
    """A season with its standings."""

    season: Season
    is_mine: bool
    races: list[SeasonRace]
    divisions: list[DivisionTable]
    names: dict[str, str]
    """Racers, and who corrected their points, by their ids."""


def view_season(store: Store, actor: Actor, season_id: str) -> SeasonView:
    """A season and who is ahead.

    Raises:
        NotFound: there is none with this id, or the actor may not see it.
    """
    with store.look() as work:
        season = season_in_sight(work, actor, season_id)
    return season_table(store, actor, season)


def season_table(store: Store, actor: Actor, season: Season) -> SeasonView:
    """The standings of a season that the actor may see."""
    for race_id in season.race_ids:
        settle(store, race_id)
    with store.look() as work:
        kept = work.find(Race, id=season.race_ids) if season.race_ids else []
        by_id = {race.id: race for race in kept}
        races = [by_id[each] for each in season.race_ids if each in by_id]
        over = [race for race in races if race.state(store.now_s()) is RaceState.CLOSED]
        outcomes = [outcome_of(work, race) for race in over]
        racers = dict.fromkeys(racer for each in outcomes for racer in each.racers)
        told = {one for each in season.corrections for one in (each.person_id, each.by_id)}
        wanted = [*racers, *(told - racers.keys())]
        found = work.find(Person, id=wanted) if wanted else []
    people = {person.id: person.name for person in found}
    tables = standings(
        season.points,
        outcomes,
        season.division_of,
        counted=season.counted,
        # Who left without a result has no line.
        corrections={
            racer: points
            for racer, points in season.given.items()
            if racer in racers or racer in people
        },
    )
    return SeasonView(
        season=season,
        is_mine=actor.may(Operation.MANAGE_EVENTS, season.owner_id),
        races=[
            SeasonRace(race.id, race.name, race.ends_at_s, race.state(store.now_s()))
            for race in races
        ],
        divisions=[DivisionTable(name, rows) for name, rows in tables.items()],
        names={one: people.get(one, "somebody who left") for one in wanted},
    )


def outcome_of(work: Work, race: Race) -> Outcome:
    """Who came where in a race."""
    board = ranked(counted_submissions(work, race.id))
    return Outcome(race.id, tuple(standing.entry.racer_id for standing in board))
