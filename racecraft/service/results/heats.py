"""Heats of a live race, its bracket and its podium, as the records have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from racecraft.domain.results import (
    BracketRacer,
    BracketResult,
    HeatCarResult,
    HeatResult,
    LapResult,
    PodiumPlace,
    bracket_of_heats,
)
from racecraft.service.races.live.records import BracketPlan, Heat, Show
from racecraft.service.races.race import trial_of

if TYPE_CHECKING:
    from racecraft.domain.episode import Trial
    from racecraft.service.races.live.records import Contestant, HeatPlace


def heat_results(heats: Sequence[Heat]) -> tuple[HeatResult, ...]:
    """Those that everybody has seen to their end, and those that were decided; oldest first."""
    told = [heat for heat in heats if heat.is_settled or heat.winner]
    told.sort(key=lambda heat: (heat.shown_from_s or heat.created_at_s, heat.id))
    return tuple(map(_heat, told))


def bracket_result(plan: BracketPlan | None, heats: Sequence[HeatResult]) -> BracketResult | None:
    """The bracket of a race; None without one."""
    if plan is None:
        return None
    racers = [
        BracketRacer(seed=seed, racer=each.name, submission_id=each.submission_id)
        for seed, each in enumerate(plan.seeds, start=1)
    ]
    return bracket_of_heats(racers, heats, gone=plan.gone, has_third_place=plan.has_third_place)


def podium_result(show: Show | None) -> tuple[PodiumPlace, ...]:
    """Who stands where, once the organiser has declared it."""
    if show is None or not show.is_over:
        return ()
    return tuple(
        PodiumPlace(place=place, racer=each.name, submission_id=each.submission_id)
        for place, each in enumerate(show.podium, start=1)
    )


def lap_result(trial: Trial) -> LapResult:
    """A lap as documents of results have it."""
    return LapResult(**{**vars(trial), "status": trial.status.trace_word})


def _heat(heat: Heat) -> HeatResult:
    grid = {each.submission_id: (k, each) for k, each in enumerate(heat.contestants, start=1)}
    laps: dict[str, Sequence[Mapping[str, Any]]] = {
        str(each["submission_id"]): each["laps"] for each in heat.trials
    }
    return HeatResult(
        id=heat.id,
        kind=heat.kind.value,
        title=heat.title,
        match=heat.match,
        attempt=heat.attempt,
        shown_from_s=heat.shown_from_s,
        cars=tuple(
            _car(heat, place, grid[place.submission_id], laps.get(place.submission_id, ()))
            for place in heat.places
        ),
        declared=heat.winner,
    )


def _car(
    heat: Heat, place: HeatPlace, on_grid: tuple[int, Contestant], laps: Sequence[Mapping[str, Any]]
) -> HeatCarResult:
    grid_place, driver = on_grid
    return HeatCarResult(
        rank=place.rank,
        grid_place=grid_place,
        submission_id=place.submission_id,
        racer=driver.name,
        model=driver.model_name,
        status=place.status,
        laps=tuple(lap_result(trial_of(lap)) for lap in laps),
        limit=heat.limits.get(place.submission_id),
        time_ms=place.time_ms,
        best_lap_ms=place.best_lap_ms,
        distance_m=place.distance_m,
        beyond_m=place.beyond_m,
        off_tracks=place.off_tracks,
        crashes=place.crashes,
        overtakes=place.overtakes,
    )
