"""Points of a season that its organiser gives or takes by hand, each with a reason.

Nothing of it is ever removed: what was taken back stays in the record, with who did it and when.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from racecraft.domain.errors import Conflict, InvalidInput, NotFound
from racecraft.service.races.race import Entrant
from racecraft.service.seasons.season import Correction, Season, managed_season
from racecraft.service.store import new_id

if TYPE_CHECKING:
    from racecraft.service.access import Actor
    from racecraft.service.store import Store

LONGEST_REASON, MOST_POINTS, MOST = 200, 1000, 1000


def correct_points(
    store: Store, actor: Actor, season_id: str, person_id: str, *, points: int, reason: str
) -> Season:
    """Give a racer points, or take some.

    Args:
        store: the records.
        actor: the organiser of the season.
        season_id: which season.
        person_id: whose points.
        points: how many; negative to take them.
        reason: everybody reads it.

    Raises:
        NotFound: there is no such season.
        Forbidden: the person may not.
        InvalidInput: points or reason do not fit, or the racer is in none of the races.
    """
    reason = " ".join(reason.split())
    if points == 0 or abs(points) > MOST_POINTS:
        raise InvalidInput(
            f"The correction is {points} points; give 1 to {MOST_POINTS}, or -1 to -{MOST_POINTS}."
        )
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise InvalidInput(
            f"Give a reason of 1 to {LONGEST_REASON} characters; everybody reads it."
        )
    with store.work() as work:
        season = managed_season(work, actor, season_id)
        races = season.race_ids
        if not races or not work.count(Entrant, person_id=person_id, race_id=races):
            raise InvalidInput("This person is in none of the races of the season.")
        if len(season.corrections) >= MOST:
            raise InvalidInput(f"The season has {MOST} corrections already; that is the most.")
        made = Correction(
            id=new_id(),
            person_id=person_id,
            points=points,
            reason=reason,
            by_id=actor.person_id,
            made_at_s=store.now_s(),
        )
        return work.put(season.model_copy(update={"corrections": (*season.corrections, made)}))


def take_back(store: Store, actor: Actor, season_id: str, correction_id: str) -> Season:
    """Let a correction count no more; it stays in the record.

    Raises:
        NotFound: there is no such season or correction.
        Forbidden: the person may not.
        Conflict: it was taken back already.
    """
    with store.work() as work:
        season = managed_season(work, actor, season_id)
        found = next((each for each in season.corrections if each.id == correction_id), None)
        if found is None:
            raise NotFound("There is no such correction in this season.")
        if found.taken_back_at_s is not None:
            raise Conflict("This correction was taken back already.")
        update = {"taken_back_at_s": store.now_s(), "taken_back_by_id": actor.person_id}
        changed = found.model_copy(update=update)
        kept = tuple(changed if each is found else each for each in season.corrections)
        return work.put(season.model_copy(update={"corrections": kept}))
