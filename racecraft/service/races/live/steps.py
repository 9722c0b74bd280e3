"""Parts of what an organiser does, all inside one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from racecraft.domain.errors import Conflict
from racecraft.service.races.live.queue import keep_show, refuse_under_way, show_of
from racecraft.service.races.live.records import Contestant, Heat, HeatKind, HeatStatus, Show
from racecraft.service.races.live.tending import bracket_of, settle_shown
from racecraft.service.races.race import Race, Submission, SubmissionStatus

if TYPE_CHECKING:
    from racecraft.service.store import Store, Work


def ready(store: Store, work: Work, race: Race) -> list[Heat]:
    """The heats of a race in which nothing is under way."""
    work.alone(f"race {race.id}")
    heats = work.find(Heat, race_id=race.id)
    refuse_under_way(heats, store.now_s())
    settle_shown(store, work, race)
    return work.find(Heat, race_id=race.id)


def go_on(store: Store, work: Work, race: Race) -> Show:
    """The show, begun and not over."""
    show, now_s = show_of(work, race.id), store.now_s()
    update: dict[str, Any] = {"is_on": True, "is_over": False, "winner": None, "podium": ()}
    update |= {"begun_at_s": show.begun_at_s or now_s}
    return keep_show(work, show.model_copy(update=update))


def new_heat(
    store: Store, race: Race, kind: HeatKind, title: str, drivers: tuple[Contestant, ...]
) -> Heat:
    return Heat(
        race_id=race.id, created_at_s=store.now_s(), kind=kind, title=title, contestants=drivers
    )


def mark(work: Work, heat: Heat, status: SubmissionStatus, message: str) -> None:
    """Tell the racers of a heat how far their submissions are."""
    for driver in heat.contestants:
        submission = work.first(Submission, id=driver.submission_id)
        if submission is not None:
            work.put(submission.model_copy(update={"status": status, "message": message}))


def take_back(work: Work, show: Show, heats: list[Heat], heat: Heat) -> None:
    """Let matches that follow from this one be made anew.

    Raises:
        Conflict: one of them was driven.
    """
    bracket = bracket_of(show, heats)
    assert bracket is not None
    rounds = {match.key: match.round for match in bracket.matches}
    later = {key for key, number in rounds.items() if number > rounds[heat.match]}
    drivers = {each.submission_id for each in heat.contestants}
    for other in heats:
        met = drivers & {each.submission_id for each in other.contestants}
        if other.match not in later or not met:
            continue
        if other.status in (HeatStatus.SHOWN, HeatStatus.DRIVING) or other.winner:
            raise Conflict(
                f"{other.title!r} was driven already with who won {heat.title!r}; drive that anew "
                "first."
            )
        work.remove(Heat, id=other.id)
