"""The physical limit: what laps are against it, and what is faster than physics allows."""

from __future__ import annotations

import numpy as np
import pytest

from racecraft.domain.limit import (
    LEAGUE,
    FastestLap,
    LapLimit,
    defect,
    least_lap_ms,
    standing,
)
from racecraft.domain.randomisation import RandomisationSpec
from racecraft.domain.track import Track

CAR = LapLimit(limit_s=6.0, own_limit_s=6.0, own_top_mps=4.0)
WORKSHOP = LapLimit(limit_s=6.0, own_limit_s=22.0, own_top_mps=1.0)


def ring(radius_m: float = 3.0, waypoints: int = 61) -> Track:
    turn = np.linspace(0.0, 2 * np.pi, waypoints)
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    circle[-1] = circle[0]
    return Track("ring", radius_m * circle, (radius_m - 0.4) * circle, (radius_m + 0.4) * circle)


def lap_on(radius_m: float, begins: float = 0.0, stations: int = 90) -> FastestLap:
    """A lap at 2 m/s on a circle that begins at an angle."""
    turn = begins + np.linspace(0.0, 2 * np.pi, stations)
    along = radius_m * (turn - begins)
    points = radius_m * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    speed = 1.5 + 0.5 * np.cos(turn)
    return FastestLap(float(along[-1] / 2), points, along, speed, along / 2)


def test_a_lap_is_told_in_multiples_of_both_limits() -> None:
    assert WORKSHOP.times(24_000) == 4.0
    assert WORKSHOP.times_own(24_200) == 1.1
    assert WORKSHOP.is_slower
    assert not CAR.is_slower


def test_a_slow_car_is_told_what_its_own_actions_allow_and_a_fast_one_is_not() -> None:
    told = WORKSHOP.words(24_200)
    assert "4.03 × the physical limit of this car on this track (6.00 s)" in told
    assert "1 m/s, nobody could be faster than 22.00 s: it took 1.10 ×" in told
    assert "own actions" not in CAR.words(7_000)
    assert "as near to it as the best 1 % of the public boards" in CAR.words(7_000)


def test_the_league_is_told_from_the_best_to_the_rest() -> None:
    assert [most for most, _ in LEAGUE] == sorted(most for most, _ in LEAGUE)
    words = [standing(ratio) for ratio in (0.98, 0.99, 1.08, 1.2, 2.0, 3.7, 3.79)]
    assert "defect" in words[0]
    assert "the winner" in words[1] == words[2]
    assert len(set(words)) == 6
    assert "further from it than half" in words[-1]


@pytest.mark.parametrize(
    ("drawn", "least_ms"),
    [
        ({}, 5_940.0),
        ({"friction": {"grip": (0.7, 1.0)}}, 5_940.0),
        ({"friction": {"grip": (0.98, 1.21)}}, 5_400.0),
        ({"actuators": {"speed_gain": (0.9, 1.1)}}, 5_400.0),
        ({"light": {}}, 5_940.0),
    ],
)
def test_the_luck_of_the_draw_may_make_a_lap_faster_and_is_no_defect(
    drawn: dict[str, object], least_ms: float
) -> None:
    spec = RandomisationSpec.model_validate(drawn)
    assert least_lap_ms(6.0, spec) == pytest.approx(least_ms)
    assert CAR.is_impossible(int(least_ms) - 1, spec)
    assert not CAR.is_impossible(int(least_ms) + 1, spec)


def test_a_lucky_lap_is_told_as_lucky_and_an_impossible_one_as_a_defect() -> None:
    lucky = RandomisationSpec.model_validate({"friction": {"grip": (0.98, 1.21)}})
    assert "please report this as a defect" in CAR.words(5_800)
    assert "the luck of what was drawn" in CAR.words(5_800, lucky)
    assert "please report this as a defect" in CAR.words(5_300, lucky)
    assert CAR.words(7_000, lucky) == CAR.words(7_000)


def test_a_defect_is_told_in_whole_sentences_with_both_times() -> None:
    told = defect(5_100, 6.0)
    assert "5.100 s" in told
    assert "6.00 s" in told
    assert "not a record" in told


@pytest.mark.parametrize("begins", [0.0, 0.01, -0.01])
def test_places_along_the_lap_never_fall_wherever_the_line_begins(begins: float) -> None:
    shares = lap_on(2.8, begins).shares(ring())
    assert (np.diff(shares) >= 0).all()
    assert shares[0] == pytest.approx(begins / (2 * np.pi), abs=0.002)
    assert shares[-1] - shares[0] == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("begins", [0.0, 0.3, -0.3])
def test_the_points_beside_the_waypoints_lie_beside_them(begins: float) -> None:
    track, lap = ring(), lap_on(2.8, begins)
    points, speed = lap.beside(track)
    away = points - track.centre
    assert np.linalg.norm(points, axis=1) == pytest.approx(2.8, abs=0.01)
    assert np.linalg.norm(away, axis=1) == pytest.approx(0.2, abs=0.03)
    turn = np.linspace(0.0, 2 * np.pi, len(track.centre))
    assert speed == pytest.approx(1.5 + 0.5 * np.cos(turn), abs=0.02)
