"""The heats of a race: in which order they wait, what is under way, and who may be in one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from racecraft.domain.errors import Conflict, NotFound
from racecraft.service.people.person import Person
from racecraft.service.races.live.records import Contestant, Heat, HeatKind, HeatStatus, Show
from racecraft.service.races.race import Race, Submission

if TYPE_CHECKING:
    from racecraft.service.store import Work


def waiting(heats: Sequence[Heat]) -> list[Heat]:
    """Those that wait, the next one first."""
    found = [heat for heat in heats if heat.status is HeatStatus.WAITING]
    return sorted(found, key=lambda heat: (heat.place, heat.created_at_s, heat.id))


def under_way(heats: Sequence[Heat], now_s: float) -> Heat | None:
    """The one that is driven or shown at the moment."""
    return next((heat for heat in heats if heat.is_under_way(now_s)), None)


def show_of(work: Work, race_id: str) -> Show:
    """How the live race stands; a new one stands at its beginning."""
    return work.first(Show, id=race_id) or Show(id=race_id)


def keep_show(work: Work, show: Show) -> Show:
    """Write it, whether it was there before or not."""
    if work.first(Show, id=show.id) is None:
        return work.add(show)
    return work.put(show)


def heat_of(work: Work, race_id: str, heat_id: str) -> Heat:
    """A heat of a race.

    Raises:
        NotFound: there is none with this id.
    """
    found = work.first(Heat, id=heat_id, race_id=race_id)
    if found is None:
        raise NotFound("There is no such heat in this race; look at the queue again.")
    return found


def refuse_under_way(heats: Sequence[Heat], now_s: float) -> None:
    """Stop here while a heat is driven or shown.

    Raises:
        Conflict: one is.
    """
    busy = under_way(heats, now_s)
    if busy is not None:
        raise Conflict(
            f"{busy.title!r} is under way; wait until it has been shown, or cut it short."
        )


def append(work: Work, heat: Heat, *, is_first: bool = False) -> Heat:
    """Add a heat at the end of the queue, or at its front."""
    places = [each.place for each in work.find(Heat, race_id=heat.race_id)]
    place = min(places, default=0.0) - 1.0 if is_first else max(places, default=0.0) + 1.0
    return work.add(heat.model_copy(update={"place": place}))


def contestant(work: Work, submission: Submission, seed: int | None = None) -> Contestant:
    """A frozen model as it stands in heats."""
    person = work.first(Person, id=submission.person_id)
    return Contestant(
        submission_id=submission.id,
        person_id=submission.person_id,
        name=person.name if person else "somebody who left",
        model_name=submission.model_name,
        checkpoint=submission.checkpoint,
        shell=submission.shell,
        colour=submission.colour,
        seed=seed,
    )


def queue_entry(work: Work, race: Race, submission: Submission, now_s: float) -> Heat:
    """Put what somebody has entered into a live race at the end of its queue."""
    driver = contestant(work, submission)
    heat = Heat(
        race_id=race.id,
        created_at_s=now_s,
        kind=HeatKind.SOLO,
        title=driver.name,
        contestants=(driver,),
    )
    return append(work, heat)


def forget_racer(work: Work, person_id: str, race_ids: Collection[str]) -> None:
    """Take the name of somebody who leaves out of the heats of some races.

    What waits with them alone is taken out of the queue; the rest of a heat drives without them.
    """
    for race_id in race_ids:
        for heat in work.find(Heat, race_id=race_id):
            if any(each.person_id == person_id for each in heat.contestants):
                _forget_in(work, heat, person_id)
        show = work.first(Show, id=race_id)
        if show is None:
            continue
        plan = show.bracket
        if plan is not None:
            plan = plan.model_copy(update={"seeds": _without(plan.seeds, person_id)})
        winner = _without((show.winner,), person_id)[0] if show.winner else None
        podium = _without(show.podium, person_id)
        update = {"bracket": plan, "winner": winner, "podium": podium}
        work.put(show.model_copy(update=update))


def _forget_in(work: Work, heat: Heat, person_id: str) -> None:
    drivers = _without(heat.contestants, person_id)
    update: dict[str, Any] = {"contestants": drivers}
    if heat.kind is HeatKind.SOLO:
        update["title"] = drivers[0].name
    if heat.status is HeatStatus.WAITING and heat.kind is not HeatKind.MATCH:
        left = tuple(each for each in drivers if each.person_id)
        is_enough = len(left) > 1
        update["contestants"] = left if is_enough else drivers
        update["status"] = heat.status if is_enough else HeatStatus.REMOVED
    work.put(heat.model_copy(update=update))


def _without(drivers: Sequence[Contestant], person_id: str) -> tuple[Contestant, ...]:
    """The same, with somebody's name and id taken out."""
    nobody = {"person_id": "", "name": "somebody who left", "model_name": ""}
    return tuple(
        each.model_copy(update=nobody) if each.person_id == person_id else each for each in drivers
    )
