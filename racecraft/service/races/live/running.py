"""What the organiser of a race does with its live show: plan, launch, reorder, retry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from racecraft.domain.duel import FEWEST_RACERS, MOST_RACERS
from racecraft.domain.errors import Conflict, InvalidInput
from racecraft.service.documents import sentences
from racecraft.service.races.arranging import managed_race
from racecraft.service.races.live.queue import append, heat_of, keep_show, show_of, waiting
from racecraft.service.races.live.records import Heat, HeatKind, HeatStatus, Show
from racecraft.service.races.live.steps import go_on, mark, new_heat, ready, take_back
from racecraft.service.races.live.tending import COUNTS, advance_bracket, launch, settle_shown
from racecraft.service.races.race import SubmissionStatus

if TYPE_CHECKING:
    from racecraft.service.access import Actor
    from racecraft.service.store import Store

FIELDS = frozenset({"starts_at_s", "is_paused", "autolaunch", "gap_s", "lights_s", "max_retries"})
"""What an organiser decides about a show."""


def change_show(store: Store, actor: Actor, race_id: str, changes: dict[str, Any]) -> Show:
    """Plan a show, pause it, or change how it runs.

    Raises:
        NotFound: there is no such race.
        Forbidden: it is somebody else's.
        InvalidInput: a value does not fit.
    """
    unknown = set(changes) - FIELDS
    if unknown:
        raise InvalidInput(
            f"A live show has no {sorted(unknown)[0]!r}; give {', '.join(sorted(FIELDS))}."
        )
    race = managed_race(store, actor, race_id)
    with store.work() as work:
        work.alone(f"race {race.id}")
        show = show_of(work, race.id)
        try:
            changed = Show.model_validate({**show.model_dump(), **changes})
        except ValidationError as error:
            raise InvalidInput(sentences(Show, error)) from error
        return keep_show(work, changed.model_copy(update={"is_on": not show.is_over}))


def begin(store: Store, actor: Actor, race_id: str) -> Show:
    """Begin the show now, or go on with one that was over.

    Raises:
        NotFound, Forbidden: as for `change_show`.
    """
    race = managed_race(store, actor, race_id)
    with store.work() as work:
        work.alone(f"race {race.id}")
        show = show_of(work, race.id)
        now_s = store.now_s()
        update: dict[str, Any] = {"is_on": True, "is_over": False, "is_paused": False}
        update |= {"begun_at_s": show.begun_at_s or now_s, "winner": None, "podium": ()}
        return keep_show(work, show.model_copy(update=update))


def launch_heat(store: Store, actor: Actor, race_id: str, heat_id: str | None = None) -> Heat:
    """Launch a heat now: the next one, or another one that waits.

    Raises:
        NotFound: there is no such race or heat.
        Forbidden: it is somebody else's race.
        Conflict: nothing waits, or a heat is under way.
        QuotaExceeded: the organiser has no computing time left.
    """
    race = managed_race(store, actor, race_id)
    with store.work() as work:
        heats = ready(store, work, race)
        queue = waiting(heats)
        if heat_id is not None:
            heat = heat_of(work, race.id, heat_id)
            if heat.status is not HeatStatus.WAITING:
                raise Conflict(f"{heat.title!r} does not wait in the queue any more.")
        elif queue:
            heat = queue[0]
        else:
            raise Conflict("Nothing waits in the queue of this race.")
        go_on(store, work, race)
        return launch(store, work, race, heat)


def launch_together(store: Store, actor: Actor, race_id: str) -> Heat:
    """Launch the first of those who wait alone together on one track, up to eight at once.

    Raises:
        NotFound, Forbidden, QuotaExceeded: as for `launch_heat`.
        Conflict: fewer than two wait alone, or a heat is under way.
    """
    race = managed_race(store, actor, race_id)
    with store.work() as work:
        alone = [heat for heat in waiting(ready(store, work, race)) if heat.kind is HeatKind.SOLO]
        if len(alone) < FEWEST_RACERS:
            raise Conflict(
                f"{len(alone)} wait alone in the queue; at least {FEWEST_RACERS} can be launched "
                "together."
            )
        taken = alone[:MOST_RACERS]
        for heat in taken:
            work.remove(Heat, id=heat.id)
        number = 1 + sum(h.kind is HeatKind.TOGETHER for h in work.find(Heat, race_id=race.id))
        drivers = tuple(driver for heat in taken for driver in heat.contestants)
        made = new_heat(store, race, HeatKind.TOGETHER, f"Heat {number}", drivers)
        go_on(store, work, race)
        return launch(store, work, race, append(work, made, is_first=True))


def reorder(store: Store, actor: Actor, race_id: str, heat_ids: Sequence[str]) -> list[Heat]:
    """Give the queue another order; all of those who wait must be named.

    Raises:
        NotFound, Forbidden: as for `launch_heat`.
        Conflict: the queue is another one by now.
    """
    race = managed_race(store, actor, race_id)
    with store.work() as work:
        work.alone(f"race {race.id}")
        queue = {heat.id: heat for heat in waiting(work.find(Heat, race_id=race.id))}
        if sorted(queue) != sorted(heat_ids):
            raise Conflict("The queue has changed meanwhile; look at it again and repeat that.")
        return [
            work.put(queue[heat_id].model_copy(update={"place": float(place)}))
            for place, heat_id in enumerate(heat_ids)
        ]


def remove_heat(store: Store, actor: Actor, race_id: str, heat_id: str) -> Heat:
    """Take a heat out of the queue; who was in it may enter again.

    Raises:
        NotFound, Forbidden: as for `launch_heat`.
        Conflict: it does not wait, or is a match of the bracket.
    """
    race = managed_race(store, actor, race_id)
    with store.work() as work:
        work.alone(f"race {race.id}")
        heat = heat_of(work, race.id, heat_id)
        if heat.status not in (HeatStatus.WAITING, HeatStatus.FAILED):
            raise Conflict(f"{heat.title!r} does not wait in the queue any more.")
        if heat.kind is HeatKind.MATCH:
            raise Conflict(
                "A match of the bracket cannot be taken out; say who goes on instead, or drop the "
                "bracket."
            )
        if heat.kind in COUNTS:
            mark(work, heat, SubmissionStatus.FAILED, "The organiser took it out of the queue.")
        return work.put(heat.model_copy(update={"status": HeatStatus.REMOVED}))


def retry_heat(store: Store, actor: Actor, race_id: str, heat_id: str) -> Heat:
    """Let a heat be driven anew, as the next one.

    One that drives alone drives the same laps again; several at once get the luck of the next
    seed.

    Raises:
        NotFound, Forbidden: as for `launch_heat`.
        Conflict: it was not driven yet, is under way, was tried too often, or who won it has
            driven on.
    """
    race = managed_race(store, actor, race_id)
    with store.work() as work:
        heats = ready(store, work, race)
        show, heat = show_of(work, race.id), heat_of(work, race.id, heat_id)
        if heat.status not in (HeatStatus.SHOWN, HeatStatus.FAILED):
            raise Conflict(f"{heat.title!r} was not driven yet.")
        if heat.attempt >= show.max_retries:
            raise Conflict(
                f"{heat.title!r} was driven {heat.attempt + 1} times, and {show.max_retries} "
                "retries are allowed; allow more of them first."
            )
        if heat.match:
            take_back(work, show, heats, heat)
        if heat.kind in COUNTS:
            mark(work, heat, SubmissionStatus.QUEUED, "")
        update = {
            "status": HeatStatus.WAITING,
            "attempt": heat.attempt + 1,
            "place": min((each.place for each in heats), default=0.0) - 1.0,
            "places": (),
            "trials": (),
            "winner": "",
            "is_settled": False,
            "shown_from_s": None,
            "message": "",
        }
        return work.put(heat.model_copy(update=update))


def skip_heat(store: Store, actor: Actor, race_id: str) -> Heat:
    """Cut short what is being shown: its result counts at once.

    Raises:
        NotFound, Forbidden: as for `launch_heat`.
        Conflict: nothing is being shown.
    """
    race = managed_race(store, actor, race_id)
    with store.work() as work:
        work.alone(f"race {race.id}")
        now_s = store.now_s()
        shown = [
            heat
            for heat in work.find(Heat, race_id=race.id, status=HeatStatus.SHOWN)
            if heat.is_under_way(now_s)
        ]
        if not shown:
            raise Conflict("Nothing is being shown at the moment.")
        start_s = now_s - shown[0].shown_s
        heat = work.put(shown[0].model_copy(update={"shown_from_s": start_s}))
        settle_shown(store, work, race)
        advance_bracket(store, work, race)
        return heat
