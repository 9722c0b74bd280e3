"""Finals and knock-out brackets from the board, and who has won."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from racecraft.domain.bracket import FEWEST, MOST, NOBODY
from racecraft.domain.duel import FEWEST_RACERS, MOST_RACERS
from racecraft.domain.errors import Conflict, InvalidInput
from racecraft.service.races.arranging import managed_race
from racecraft.service.races.boards import board_rows, settle
from racecraft.service.races.live.queue import append, contestant, heat_of, keep_show, show_of
from racecraft.service.races.live.records import (
    BracketPlan,
    Contestant,
    Heat,
    HeatKind,
    HeatStatus,
    Show,
)
from racecraft.service.races.live.stage import key_of
from racecraft.service.races.live.steps import go_on, new_heat, ready, take_back
from racecraft.service.races.live.tending import advance_bracket, bracket_of
from racecraft.service.races.race import Race, Submission

if TYPE_CHECKING:
    from racecraft.service.access import Actor
    from racecraft.service.store import Store, Work


def make_final(store: Store, actor: Actor, race_id: str, count: int) -> Heat:
    """Put a final of the first of the board into the queue; its grid is the board's order.

    Raises:
        NotFound, Forbidden: as for `launch_heat`.
        InvalidInput: a final is for two to eight.
        Conflict: the board has fewer.
    """
    if not FEWEST_RACERS <= count <= MOST_RACERS:
        raise InvalidInput(
            f"A final is for {FEWEST_RACERS} to {MOST_RACERS} racers, and {count} were asked for."
        )
    race = managed_race(store, actor, race_id)
    settle(store, race.id)
    with store.work() as work:
        work.alone(f"race {race.id}")
        drivers = _best(work, race, count)
        if len(drivers) < count:
            raise Conflict(
                f"The board has {len(drivers)} racers, and the final is for {count}; take fewer."
            )
        go_on(store, work, race)
        made = new_heat(store, race, HeatKind.FINAL, f"Final of {count}", drivers)
        return append(work, made)


def make_bracket(
    store: Store, actor: Actor, race_id: str, count: int, *, has_third_place: bool = True
) -> Show:
    """Make a knock-out bracket of the first of the board; its first matches are in the queue then.

    Args:
        store: the records.
        actor: who asks.
        race_id: which race.
        count: how many take part, at most; the board may have fewer.
        has_third_place: let the losers of the semi-finals meet.

    Raises:
        NotFound, Forbidden: as for `launch_heat`.
        InvalidInput: a bracket is for four to thirty-two.
        Conflict: the board has fewer than four, or there is a bracket already.
    """
    if not FEWEST <= count <= MOST:
        raise InvalidInput(
            f"A bracket is for {FEWEST} to {MOST} racers, and {count} were asked for."
        )
    race = managed_race(store, actor, race_id)
    settle(store, race.id)
    with store.work() as work:
        work.alone(f"race {race.id}")
        if show_of(work, race.id).bracket is not None:
            raise Conflict("This race has a bracket already; drop it before you make another one.")
        drivers = _best(work, race, count)
        if len(drivers) < FEWEST:
            raise Conflict(
                f"The board has {len(drivers)} racers, and a bracket needs {FEWEST}; let more of "
                "them enter first."
            )
        show = go_on(store, work, race)
        plan = BracketPlan(seeds=drivers, has_third_place=has_third_place)
        kept = keep_show(work, show.model_copy(update={"bracket": plan}))
        advance_bracket(store, work, race)
        return kept


def drop_bracket(store: Store, actor: Actor, race_id: str) -> Show:
    """Take the bracket away, with its matches and their results.

    Raises:
        NotFound, Forbidden: as for `launch_heat`.
        Conflict: there is none, or a heat is under way.
    """
    race = managed_race(store, actor, race_id)
    with store.work() as work:
        heats = ready(store, work, race)
        show = show_of(work, race.id)
        if show.bracket is None:
            raise Conflict("This race has no bracket.")
        for heat in heats:
            if heat.kind is HeatKind.MATCH:
                work.remove(Heat, id=heat.id)
        return keep_show(work, show.model_copy(update={"bracket": None}))


def decide_match(
    store: Store, actor: Actor, race_id: str, heat_id: str, submission_id: str
) -> Heat:
    """Say who goes on from a match, whatever was driven: a walkover, or a dispute settled.

    Raises:
        NotFound, Forbidden: as for `launch_heat`.
        InvalidInput: this racer is not in it.
        Conflict: it is no match, is under way, or who won it has driven on.
    """
    race = managed_race(store, actor, race_id)
    with store.work() as work:
        heats = ready(store, work, race)
        show, heat = show_of(work, race.id), heat_of(work, race.id, heat_id)
        if heat.kind is not HeatKind.MATCH:
            raise Conflict(f"{heat.title!r} is no match of a bracket.")
        chosen = _named(heat.contestants, submission_id)
        if chosen is None:
            raise InvalidInput(f"This racer is not in {heat.title!r}.")
        take_back(work, show, heats, heat)
        status = HeatStatus.SHOWN if heat.places else HeatStatus.REMOVED
        update = {"winner": chosen.submission_id, "status": status, "is_settled": True}
        decided = work.put(heat.model_copy(update=update))
        advance_bracket(store, work, race)
        return decided


def declare_winner(
    store: Store, actor: Actor, race_id: str, submission_id: str | None = None
) -> Show:
    """End the show with a winner and a podium.

    Without a name it is who won the bracket, else the last final, else who leads the board.

    Raises:
        NotFound, Forbidden: as for `launch_heat`.
        InvalidInput: this racer is not among those who could win.
        Conflict: a heat is under way, or nobody has a result.
    """
    race = managed_race(store, actor, race_id)
    settle(store, race.id)
    with store.work() as work:
        heats = ready(store, work, race)
        show = show_of(work, race.id)
        ranked = _ranked(work, race, show, heats)
        if not ranked:
            raise Conflict("Nobody has a result yet, so nobody can have won.")
        if submission_id is not None:
            chosen = _named(ranked, submission_id)
            if chosen is None:
                raise InvalidInput("This racer is not among those who could have won.")
            ranked = [chosen, *(each for each in ranked if each is not chosen)]
        update = {"winner": ranked[0], "podium": tuple(ranked[:3]), "is_over": True}
        update |= {"is_on": False, "begun_at_s": show.begun_at_s or store.now_s()}
        return keep_show(work, show.model_copy(update=update))


def _named(drivers: Sequence[Contestant], name: str) -> Contestant | None:
    """The one with this submission, or with the key by which spectators know it."""
    found = (d for d in drivers if name in (d.submission_id, key_of(d.submission_id)))
    return next(found, None)


def _best(work: Work, race: Race, count: int) -> tuple[Contestant, ...]:
    """The first of the board, with their ranks."""
    rows = board_rows(work, race)[:count]
    return tuple(
        contestant(work, work.get(Submission, row.submission_id), seed=row.rank) for row in rows
    )


def _ranked(work: Work, race: Race, show: Show, heats: list[Heat]) -> list[Contestant]:
    """Who could have won, in the order in which they are told."""
    bracket = bracket_of(show, heats)
    if bracket is not None and show.bracket is not None and bracket.places:
        return [show.bracket.seeds[seed - 1] for seed in bracket.places if seed != NOBODY]
    finals = [h for h in heats if h.kind is HeatKind.FINAL and h.status is HeatStatus.SHOWN]
    if finals:
        last = max(finals, key=lambda heat: heat.shown_from_s or 0.0)
        by_id = {each.submission_id: each for each in last.contestants}
        return [by_id[place.submission_id] for place in last.places]
    return list(_best(work, race, MOST))
