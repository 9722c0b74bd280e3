"""What everybody sees of a live race: what is on, what comes next, the bracket, the podium.

Nothing of a heat's result is told before it has been shown to its end.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from racecraft.domain.bracket import NOBODY, Match
from racecraft.domain.errors import NotFound
from racecraft.service.files import storage
from racecraft.service.races.live.driving import MOMENTS, RECORDING, heat_folder
from racecraft.service.races.live.queue import show_of, under_way, waiting
from racecraft.service.races.live.records import (
    Contestant,
    Heat,
    HeatPlace,
    HeatStatus,
    Show,
)
from racecraft.service.races.live.tending import bracket_of
from racecraft.service.races.live.views import (
    BracketView,
    CarView,
    HeatView,
    LiveView,
    MatchView,
    PlaceView,
    RecordView,
    SideView,
)
from racecraft.service.races.race import Hosting, Race, Submission, race_in_sight

if TYPE_CHECKING:
    from racecraft.service.access import Actor
    from racecraft.service.settings import Settings
    from racecraft.service.store import Store, Work

MOST_PAST = 40
_FILES = {"recording": RECORDING, "moments": MOMENTS}


def view_show(store: Store, actor: Actor, race_id: str) -> LiveView:
    """How a live race stands, for whoever may see the race.

    Raises:
        NotFound: there is no such race, or the actor may not see it.
    """
    with store.look() as work:
        race = race_in_sight(work, actor, race_id)
        return live_view(work, race, store.now_s())


def is_shown_live(store: Store, actor: Actor, race_id: str) -> bool:
    """Whether there is something live to be watched in a race.

    Raises:
        NotFound: there is no such race, or the actor may not see it.
    """
    with store.look() as work:
        return has_show(work, race_in_sight(work, actor, race_id))


def has_show(work: Work, race: Race) -> bool:
    """Whether a race has anything live."""
    return race.hosting is Hosting.LIVE or work.first(Show, id=race.id) is not None


def live_view(work: Work, race: Race, now_s: float) -> LiveView:
    """How a live race stands, for whoever was asked already whether they may see it."""
    show, heats = show_of(work, race.id), work.find(Heat, race_id=race.id)
    now = under_way(heats, now_s)
    over = (HeatStatus.SHOWN, HeatStatus.FAILED)
    past = [heat for heat in heats if heat.status in over and heat is not now]
    past.sort(key=lambda heat: heat.shown_from_s or heat.launched_at_s or 0.0, reverse=True)
    return LiveView(
        has_begun=show.begun_at_s is not None,
        is_over=show.is_over,
        starts_at_s=show.starts_at_s,
        is_paused=show.is_paused,
        autolaunch=show.autolaunch,
        gap_s=show.gap_s,
        lights_s=show.lights_s,
        max_retries=show.max_retries,
        now=_heat(now, now_s, _bests(work, past, now)) if now else None,
        queue=tuple(_heat(heat, now_s) for heat in waiting(heats)),
        past=tuple(_heat(heat, now_s) for heat in past[:MOST_PAST]),
        bracket=_bracket(show, heats, now),
        record=_record(past),
        podium=tuple(each.name for each in show.podium),
    )


def heat_file(work: Work, settings: Settings, race_id: str, heat_id: str, name: str) -> bytes:
    """Recording or moments of a heat that is shown or was shown.

    Raises:
        NotFound: there is no such heat, or nothing of it may be seen.
        StorageFailed: it cannot be read.
    """
    heat = work.first(Heat, id=heat_id, race_id=race_id)
    if heat is None or heat.status is not HeatStatus.SHOWN:
        raise NotFound("There is no recording of such a heat.")
    file = heat_folder(settings, race_id, heat.id, heat.attempt) / _FILES[name]
    with storage(file):
        return file.read_bytes()


def key_of(submission_id: str) -> str:
    """Tells cars apart without telling ids."""
    return hashlib.sha256(submission_id.encode()).hexdigest()[:16]


def _heat(heat: Heat, now_s: float, bests: dict[str, HeatPlace] | None = None) -> HeatView:
    names = {each.submission_id: each.name for each in heat.contestants}
    is_told = heat.status is HeatStatus.SHOWN and not heat.is_under_way(now_s)
    return HeatView(
        id=heat.id,
        kind=heat.kind,
        title=heat.title,
        status=heat.status,
        attempt=heat.attempt,
        cars=tuple(_car(each, (bests or {}).get(each.person_id)) for each in heat.contestants),
        shown_from_s=heat.shown_from_s,
        shown_s=heat.shown_s,
        places=tuple(_place(each, names) for each in heat.places) if is_told else (),
        winner=key_of(heat.winner) if heat.winner else "",
        message=heat.message,
    )


def _car(driver: Contestant, best: HeatPlace | None) -> CarView:
    return CarView(
        key=key_of(driver.submission_id),
        name=driver.name,
        model_name=driver.model_name,
        shell=driver.shell,
        colour=driver.colour,
        seed=driver.seed,
        best_lap_ms=best.best_lap_ms if best else None,
        best_splits_ms=best.best_splits_ms if best else (),
    )


def _place(place: HeatPlace, names: dict[str, str]) -> PlaceView:
    return PlaceView(
        key=key_of(place.submission_id),
        name=names.get(place.submission_id, ""),
        rank=place.rank,
        laps=place.laps,
        time_ms=place.time_ms,
        best_lap_ms=place.best_lap_ms,
        gap_ms=place.gap_ms,
        status=place.status,
        overtakes=place.overtakes,
    )


def _bests(work: Work, past: list[Heat], now: Heat | None) -> dict[str, HeatPlace]:
    """Personal bests of those who drive: of their heats, else of the board."""
    found: dict[str, HeatPlace] = {}
    for heat in past:
        people = {each.submission_id: each.person_id for each in heat.contestants}
        for place in heat.places:
            person = people[place.submission_id]
            if place.best_lap_ms is not None and _is_better(place, found.get(person)):
                found[person] = place
    drivers = () if now is None else now.contestants
    race_id = "" if now is None else now.race_id
    for driver in drivers:
        if driver.person_id in found:
            continue
        for each in work.find(Submission, race_id=race_id, person_id=driver.person_id):
            place = HeatPlace(
                rank=0, submission_id=each.id, laps=0, best_lap_ms=each.result.best_lap_ms
            )
            if place.best_lap_ms is not None and _is_better(place, found.get(driver.person_id)):
                found[driver.person_id] = place
    return found


def _is_better(place: HeatPlace, other: HeatPlace | None) -> bool:
    return other is None or (place.best_lap_ms or 0) < (other.best_lap_ms or 0)


def _record(past: list[Heat]) -> RecordView | None:
    best: tuple[HeatPlace, str] | None = None
    for heat in past:
        names = {each.submission_id: each.name for each in heat.contestants}
        for place in heat.places:
            if place.best_lap_ms is not None and _is_better(place, best[0] if best else None):
                best = (place, names.get(place.submission_id, ""))
    if best is None:
        return None
    place, name = best
    return RecordView(name=name, lap_ms=place.best_lap_ms or 0, splits_ms=place.best_splits_ms)


def _bracket(show: Show, heats: list[Heat], now: Heat | None) -> BracketView | None:
    bracket = bracket_of(show, heats)
    if bracket is None or show.bracket is None:
        return None
    by_match = {heat.match: heat for heat in heats if heat.match}
    seeds = show.bracket.seeds
    on = now.match if now is not None else ""
    return BracketView(
        rounds=bracket.rounds,
        matches=tuple(
            _match(match, seeds, by_match.get(match.key), on) for match in bracket.matches
        ),
    )


def _match(match: Match, seeds: tuple[Contestant, ...], heat: Heat | None, on: str) -> MatchView:
    is_told = heat is not None and heat.is_settled
    times = {each.submission_id: each.time_ms for each in heat.places} if heat and is_told else {}
    sides: list[SideView | None] = []
    for seed in match.sides:
        if seed is None or seed == NOBODY:
            sides.append(None)
            continue
        driver = seeds[seed - 1]
        time_ms = times.get(driver.submission_id)
        is_winner = match.winner == seed
        sides.append(SideView(seed=seed, name=driver.name, is_winner=is_winner, time_ms=time_ms))
    return MatchView(
        key=match.key,
        round=match.round,
        number=match.number,
        title=match.title,
        sides=tuple(sides),
        is_bye=NOBODY in match.sides,
        is_decided=match.winner is not None,
        is_on=bool(on) and on == match.key,
    )
