"""Commentary: sectors add up, gaps are those of the clock, everything is told in order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from racecraft.domain.commentary import SECTORS, Happening, Lap, Run, splits_ms, tell
from racecraft.domain.episode import EpisodeStatus

STEP_S = 1 / 15


def run_of(speeds: list[float], laps_wanted: int = 2, late_s: float = 0.0) -> Run:
    """A car that drives so many percent of the lap in each step, again and again."""
    times, shares, laps = [late_s], [0.0], []
    begin, share, k = late_s, 0.0, 0
    while len(laps) < laps_wanted:
        share += speeds[k % len(speeds)]
        k += 1
        now = late_s + k * STEP_S
        times.append(now)
        shares.append(min(share, 100.0))
        if share >= 100.0:  # the row at the line still tells of the lap that ends there
            laps.append(Lap(begin, now, round((now - begin) * 1000)))
            begin, share = now, 0.0
    statuses = [EpisodeStatus.IN_PROGRESS] * len(times)
    return Run(times, shares, statuses, laps, has_finished=True)


SPEEDS = st.lists(st.floats(0.2, 9.0), min_size=1, max_size=6)


@given(SPEEDS)
def test_sectors_of_a_lap_add_up_to_its_time(speeds: list[float]) -> None:
    run = run_of(speeds)
    moments = tell([run])
    for number, lap in enumerate(run.laps, start=1):
        of_lap = [each for each in moments if each.lap == number and each.sector]
        assert [each.sector for each in of_lap] == [1, 2, 3]
        sectors = [each.time_ms or 0 for each in of_lap[:-1]]
        assert of_lap[-1].kind is Happening.LAP
        assert of_lap[-1].time_ms == lap.time_ms
        assert sum(sectors) <= (lap.time_ms or 0)
        assert all(each >= 0 for each in sectors)
        assert len(splits_ms(run, lap)) == SECTORS


@given(st.lists(st.tuples(SPEEDS, st.floats(0, 3)), min_size=2, max_size=8))
def test_gaps_and_places_are_those_of_the_clock(cars: list[tuple[list[float], float]]) -> None:
    moments = tell([run_of(speeds, late_s=late_s) for speeds, late_s in cars])
    assert [m.at_s for m in moments] == sorted(m.at_s for m in moments)
    for lap in (1, 2):
        for sector in (1, 2, 3):
            here = [m for m in moments if (m.lap, m.sector) == (lap, sector)]
            assert [m.place for m in here] == list(range(1, len(cars) + 1))
            assert here[0].gap_ms == 0
            for each in here:
                assert abs((each.gap_ms or 0) - (each.at_s - here[0].at_s) * 1000) <= 0.5


def test_a_steady_car_has_equal_sectors_between_its_steps() -> None:
    run = run_of([100.0 / 30.7])
    assert splits_ms(run, run.laps[0])[:2] == (682, 1364)


@pytest.mark.parametrize("steps", [29.7, 30.7, 31.7])
def test_later_laps_have_the_same_sectors_wherever_milliseconds_round(steps: float) -> None:
    run = run_of([100.0 / steps], laps_wanted=50)
    begin_s, laps = 0.0, []
    for lap in run.laps:  # laps begin where those before end in whole milliseconds
        assert lap.time_ms is not None
        end_s = begin_s + lap.time_ms / 1000
        laps.append(Lap(begin_s, end_s, lap.time_ms))
        begin_s = end_s
    sector_ms = steps * STEP_S * 1000 / 3
    for lap in laps:
        first, second, end = splits_ms(run, lap)
        assert abs(first - sector_ms) < 20
        assert abs(second - 2 * sector_ms) < 20
        assert end == lap.time_ms


def test_a_car_that_is_put_back_behind_a_line_passes_it_once() -> None:
    shares = [0.0, 20.0, 40.0, 30.0, 38.0, 70.0, 90.0, 0.0]
    times = [float(k) for k in range(len(shares))]
    statuses = [EpisodeStatus.IN_PROGRESS] * len(shares)
    statuses[2] = EpisodeStatus.OFF_TRACK
    run = Run(times, shares, statuses, [Lap(0.0, 7.0, 7000)], has_finished=True)
    kinds = [(m.kind, m.lap, m.sector) for m in tell([run])]
    assert kinds == [
        (Happening.SECTOR, 1, 1),
        (Happening.OFF_TRACK, 1, 0),
        (Happening.SECTOR, 1, 2),
        (Happening.FINISHED, 1, 0),
        (Happening.LAP, 1, 3),
    ]


def test_a_lap_that_was_not_completed_tells_the_sectors_that_were() -> None:
    statuses = [EpisodeStatus.IN_PROGRESS] * 3 + [EpisodeStatus.CRASHED]
    run = Run([0.0, 1.0, 2.0, 3.0], [0.0, 25.0, 50.0, 60.0], statuses, [Lap(0.0, None)], False)
    moments = tell([run])
    assert [m.kind for m in moments] == [Happening.SECTOR, Happening.CRASHED, Happening.OUT]
    assert moments[0].split_ms == 1333


def test_nothing_is_told_of_nothing() -> None:
    assert tell([]) == []
    assert tell([Run([], [], [], [], has_finished=False)]) == []
