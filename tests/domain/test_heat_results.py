"""Places of heats in files of results: those that the rules of a race give, and no others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from racecraft.domain.duel import Standing, ranked
from racecraft.domain.episode import EpisodeStatus
from racecraft.domain.errors import NotGenuine
from racecraft.domain.limit import LapLimit
from racecraft.domain.ranking import RaceRules
from racecraft.domain.results import HeatCarResult, HeatResult, LapResult

LAPS = 2
RULES = RaceRules(laps=LAPS, grip_jitter=0.02)
DISTANCES = st.sampled_from([0.0, 0.25, 0.1 + 0.2, 17.5])


def lap(number: int, time_ms: int, *, is_done: bool = True) -> LapResult:
    status = "lap_complete" if is_done else "off_track"
    return LapResult(trial=number, time_ms=time_ms, completion_percent=50.0, status=status)


@st.composite
def cars(draw: st.DrawFn, grid_place: int) -> Standing:
    """A car that finished, or did not; equal values are frequent, so that ties are."""
    times = tuple(draw(st.lists(st.sampled_from([9_000, 9_500]), max_size=LAPS)))
    has_finished = len(times) == LAPS
    return Standing(
        name=f"s{grid_place}",
        grid_place=grid_place,
        lap_times_ms=times,
        total_ms=sum(times),
        distance_m=draw(DISTANCES),
        beyond_m=draw(DISTANCES),
        status=EpisodeStatus.LAP_COMPLETE if has_finished else EpisodeStatus.CRASHED,
        crashes=draw(st.integers(0, 1)),
    )


def fields() -> st.SearchStrategy[list[Standing]]:
    return st.integers(2, 8).flatmap(
        lambda count: st.tuples(*(cars(k) for k in range(1, count + 1))).map(list)
    )


def told(standing: Standing, rank: int, *, knows_distance: bool = True) -> HeatCarResult:
    laps = [lap(k, time_ms) for k, time_ms in enumerate(standing.lap_times_ms, start=1)]
    if not standing.has_finished:
        laps.append(lap(len(laps) + 1, 0, is_done=False))
    return HeatCarResult(
        rank=rank,
        grid_place=standing.grid_place,
        submission_id=standing.name,
        racer=standing.name,
        model="m",
        status=standing.status.label,
        laps=tuple(laps),
        time_ms=standing.total_ms if standing.has_finished else None,
        best_lap_ms=standing.best_lap_ms,
        distance_m=standing.distance_m if knows_distance else None,
        beyond_m=standing.beyond_m if knows_distance else None,
        crashes=standing.crashes,
    )


def heat(order: list[Standing], *, knows_distance: bool = True) -> HeatResult:
    found = [told(each, k, knows_distance=knows_distance) for k, each in enumerate(order, start=1)]
    return HeatResult(id="h", kind="FINAL", title="Final of some", cars=tuple(found))


@given(fields())
def test_the_order_of_the_rules_is_genuine_and_no_other_one_is(field: list[Standing]) -> None:
    order = list(ranked(field))
    kept = HeatResult.model_validate_json(heat(order).model_dump_json())
    kept.refuse_wrong_places(RULES)
    for k in range(len(order) - 1):  # no two cars share a place, so every other order is wrong
        other = [*order[:k], order[k + 1], order[k], *order[k + 2 :]]
        with pytest.raises(NotGenuine, match="do not follow from the laps"):
            heat(other).refuse_wrong_places(RULES)


@given(fields())
def test_heats_that_do_not_tell_distances_are_checked_by_finish_and_time(
    field: list[Standing],
) -> None:
    order = list(ranked(field))
    heat(order, knows_distance=False).refuse_wrong_places(RULES)
    first, last = order[0], order[-1]
    is_clear = first.has_finished and (not last.has_finished or first.total_ms < last.total_ms)
    if is_clear:
        with pytest.raises(NotGenuine):
            heat(order[::-1], knows_distance=False).refuse_wrong_places(RULES)


def alone(times_ms: list[int], best_lap_ms: int | None, limit: LapLimit | None) -> HeatResult:
    laps = tuple(lap(k, time_ms) for k, time_ms in enumerate(times_ms, start=1))
    car = HeatCarResult(
        rank=1,
        grid_place=1,
        submission_id="s",
        racer="ann",
        model="m",
        status="Finished",
        laps=laps,
        limit=limit,
        time_ms=None,
        best_lap_ms=best_lap_ms,
    )
    return HeatResult(id="h", kind="SOLO", title="ann", cars=(car,))


@pytest.mark.parametrize(
    ("times_ms", "best_ms"),
    [
        ([5_000, 12_000], 12_000),  # the next sound one counts
        ([9_850, 12_000], 9_850),  # the best luck of the draw makes 9.80 s possible
        ([5_000, 6_000], None),
    ],
)
def test_the_best_lap_of_a_heat_is_the_fastest_that_physics_allows(
    times_ms: list[int], best_ms: int | None
) -> None:
    limit = LapLimit(limit_s=10.0, own_limit_s=10.0, own_top_mps=4.0)
    alone(times_ms, best_ms, limit).refuse_wrong_places(RULES)
    for other_ms in {None, *times_ms} - {best_ms}:
        with pytest.raises(NotGenuine, match="time of ann"):
            alone(times_ms, other_ms, limit).refuse_wrong_places(RULES)


def test_a_heat_of_before_that_does_not_tell_the_limit_is_still_genuine() -> None:
    plain = alone([5_000, 12_000], 5_000, None).model_dump(mode="json")
    del plain["cars"][0]["limit"]
    HeatResult.model_validate(plain).refuse_wrong_places(RULES)
