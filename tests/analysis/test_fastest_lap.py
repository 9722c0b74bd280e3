"""The physical limit: closed forms, what it must never break, and its search."""

from __future__ import annotations

import numpy as np
import pytest

from racecraft.analysis.fastest_lap import BEYOND_M, SPEED_GAIN, _Search, fastest_lap
from racecraft.domain.car import CarSpec, Grip
from racecraft.domain.limit import FastestLap
from racecraft.domain.track import nearest_points
from racecraft.sim import dynamics
from racecraft.tracks.library import load_track
from tests.analysis.recordings import HARBOUR
from tests.sim.roads import circle


@pytest.fixture(scope="module")
def limit() -> FastestLap:
    return fastest_lap(HARBOUR)


def test_on_a_circle_it_is_known(limit: FastestLap) -> None:
    track = circle()
    radius_m = track.length_m / (2 * np.pi)
    # Either the shortest way round, on the inside, or the fastest, on the outside: with even
    # sideways grip the time goes with the root of the radius, so the inside is faster.
    inside_m = radius_m - track.width_m / 2 - BEYOND_M
    found = fastest_lap(track)

    known_s = 2 * np.pi * np.sqrt(inside_m / CarSpec().grip.lateral_mps2)
    assert found.time_s == pytest.approx(known_s, rel=0.01)
    assert limit.time_s < HARBOUR.length_m / 2.5


def test_it_breaks_no_law_of_its_own(limit: FastestLap) -> None:
    car = CarSpec()
    step = np.diff(limit.along_m)
    change = np.abs(np.diff(limit.speed_mps**2)) / (2 * step)
    heading = np.unwrap(np.arctan2(*np.diff(limit.points, axis=0).T[::-1]))
    bend = np.abs(np.diff(heading)) / step[1:]

    assert limit.speed_mps.max() <= SPEED_GAIN * car.max_speed_mps + 1e-9
    assert change.max() <= 8.0 * 1.001
    assert (bend * limit.speed_mps[1:-1] ** 2).max() < 1.1 * car.grip.lateral_mps2
    assert bend.max() < 1.1 * 0.5 * np.tan(car.max_steering_rad) / car.wheelbase_m
    offset_m = np.linalg.norm(nearest_points(limit.points, HARBOUR.centre)[2], axis=1)
    assert offset_m.max() < HARBOUR.width_m / 2 + BEYOND_M + 0.01
    assert limit.clock_s[-1] == limit.time_s


def test_more_grip_and_more_speed_make_it_faster_and_no_more_than_that(limit: FastestLap) -> None:
    slippery, grippy = (
        fastest_lap(HARBOUR, CarSpec(grip=grip)) for grip in (Grip.SLIPPERY, Grip.GRIPPY)
    )
    walking = fastest_lap(HARBOUR, top_mps=1.0)

    assert slippery.time_s > limit.time_s > grippy.time_s
    assert walking.speed_mps.max() <= SPEED_GAIN + 1e-9
    assert walking.time_s == pytest.approx(walking.length_m / SPEED_GAIN, rel=0.01)
    assert walking.length_m < HARBOUR.length_m


def test_it_drives_the_car_of_the_simulator() -> None:
    assert SPEED_GAIN == dynamics.SPEED_GAIN


@pytest.mark.parametrize("name", ["harbour-loop", "needle-eye", "otter-bay"])
def test_other_starts_of_the_search_end_within_a_percent(name: str) -> None:
    track = load_track(name)
    search = _Search.on(track, CarSpec(), 4.0)
    rng = np.random.default_rng(5)
    others = [search.run(0.7 * rng.uniform(*search.bounds)).time_s for _ in range(2)]

    assert fastest_lap(track).time_s < 1.01 * min(others)


@pytest.mark.parametrize("softness", [3.0, 0.1])
def test_the_gradient_is_that_of_the_cost(softness: float) -> None:
    search = _Search.on(HARBOUR, CarSpec(), 4.0)
    offset = np.random.default_rng(1).normal(0.0, 0.05, search.spline.shape[1])
    _, gradient = search.cost(offset, softness)
    for knot in (0, 7, 20):
        move = np.zeros_like(offset)
        move[knot] = 1e-5
        gain = search.cost(offset + move, softness)[0] - search.cost(offset - move, softness)[0]
        assert gradient[knot] == pytest.approx(gain / 2e-5, abs=1e-4)


def test_it_is_the_same_every_time(limit: FastestLap) -> None:
    again = fastest_lap(HARBOUR)
    assert again.points.tobytes() == limit.points.tobytes()
    assert again.time_s == limit.time_s
