"""How the car moves: closed forms, symmetry, the limits it should have, and its integration."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from benchmarks.physics import (
    FORWARD,
    LEFT,
    MEASURED_RADII,
    YAW_RATE,
    drive,
    held,
    integration_errors,
    main,
    steady_circle,
    sustained_lateral_mps2,
)
from racecraft.domain.car import CarSpec, Grip
from racecraft.sim.dynamics import STATE, STEERING_GAIN, advance, physics_parameters

CONTROL_S = 1 / 15


def rolling(speed_mps: float) -> NDArray[np.float64]:
    """A state of driving straight ahead at a commanded speed."""
    return drive(held(0.0, speed_mps, 2.0))[-1]


def body_slip_deg(states: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.degrees(np.abs(np.arctan2(states[:, LEFT], states[:, FORWARD])))


def flick(speed_mps: float) -> NDArray[np.float64]:
    """Hard to the left, then hard to the right."""
    return np.concatenate([held(30.0, speed_mps, 0.4), held(-30.0, speed_mps, 1.5)])


@pytest.mark.parametrize("grip", list(Grip))
@pytest.mark.parametrize("speed_mps", [2.0, 3.0])
def test_a_steady_circle_reaches_the_grip_that_the_preset_names(
    grip: Grip, speed_mps: float
) -> None:
    assert sustained_lateral_mps2(speed_mps, grip) == pytest.approx(grip.lateral_mps2, rel=0.05)


@pytest.mark.parametrize(
    ("steering_deg", "radius_m"), [(30.0, 0.6), (25.0, 0.73), (-30.0, 0.6), (-25.0, 0.73)]
)
def test_slow_circles_are_as_wide_as_those_in_the_logs(
    steering_deg: float, radius_m: float
) -> None:
    assert steady_circle(steering_deg, 1.0)[0] == pytest.approx(radius_m, rel=0.05)


@pytest.mark.parametrize(("steering_deg", "speed_mps", "logged_m"), MEASURED_RADII)
def test_every_logged_radius_is_met_within_seven_percent(
    steering_deg: float, speed_mps: float, logged_m: float
) -> None:
    assert steady_circle(steering_deg, speed_mps)[0] == pytest.approx(logged_m, rel=0.07)


@pytest.mark.parametrize("steering_deg", [-30.0, -12.0, 5.0, 20.0, 30.0])
def test_a_crawling_car_turns_like_a_bicycle_without_slip(steering_deg: float) -> None:
    state = drive(held(steering_deg, 0.1, 3.0))[-1]
    wheel_rad = math.atan(STEERING_GAIN * math.tan(math.radians(steering_deg)))
    per_metre = math.tan(wheel_rad) / CarSpec().wheelbase_m
    assert state[YAW_RATE] / state[FORWARD] == pytest.approx(per_metre, rel=0.01)
    assert state[LEFT] / state[FORWARD] == pytest.approx(0.081663 * per_metre, rel=0.02)


@pytest.mark.parametrize("speed_mps", [0.5, 1.0, 2.0, 4.0])
def test_the_car_settles_a_little_above_the_commanded_speed(speed_mps: float) -> None:
    assert rolling(speed_mps)[FORWARD] == pytest.approx(1.03 * speed_mps, rel=1e-3)


@pytest.mark.parametrize(("before_mps", "after_mps"), [(0.5, 1.0), (1.0, 0.5), (1.0, 1.5)])
def test_a_new_speed_is_reached_within_two_steps(before_mps: float, after_mps: float) -> None:
    states = drive(held(0.0, after_mps, 1.0), start=rolling(before_mps))
    change = 1.03 * (after_mps - before_mps)
    done = (states[:, FORWARD] - 1.03 * before_mps) / change
    assert 0.6 < done[0] < 0.9
    assert done[1] > 0.88
    assert np.all(np.diff(done) > -1e-9)


@pytest.mark.parametrize(("before_mps", "after_mps"), [(0.5, 4.0), (4.0, 0.5)])
def test_speed_changes_no_faster_than_eight_metres_per_second_squared(
    before_mps: float, after_mps: float
) -> None:
    start = rolling(before_mps)
    states = drive(held(0.0, after_mps, 1.0), start=start)
    gain = np.abs(np.diff(np.concatenate([[start[FORWARD]], states[:, FORWARD]]))) / CONTROL_S
    assert gain.max() == pytest.approx(8.0, rel=1e-6)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_left_and_right_are_mirror_images(seed: int) -> None:
    random = np.random.default_rng(seed)
    commands = np.stack([random.uniform(-0.6, 0.6, 30), random.uniform(0.1, 4.0, 30)], axis=1)
    left, right = drive(commands), drive(commands * [-1.0, 1.0])
    assert np.allclose(left * [1, -1, -1, 1, -1, -1, -1], right, atol=1e-9)


@pytest.mark.parametrize("steering_deg", np.arange(-30.0, 31.0, 10.0).tolist())
def test_nothing_slides_at_one_metre_per_second(steering_deg: float) -> None:
    states = drive(held(steering_deg, 1.0, 3.0), start=rolling(1.0))
    wheel_rad = math.atan(STEERING_GAIN * math.tan(math.radians(abs(steering_deg))))
    without_slip = math.degrees(math.atan(0.081663 * math.tan(wheel_rad) / 0.16397))
    assert body_slip_deg(states).max() < without_slip + 2.0
    assert body_slip_deg(drive(flick(1.0), start=rolling(1.0))).max() < 10.0


@pytest.mark.parametrize("speed_mps", [3.0, 3.5, 4.0])
def test_a_flick_breaks_the_car_away_at_high_speed(speed_mps: float) -> None:
    assert body_slip_deg(drive(flick(speed_mps), start=rolling(speed_mps))).max() > 45.0


@pytest.mark.parametrize("steering_deg", [10.0, -15.0])
def test_a_sudden_bend_at_top_speed_slides(steering_deg: float) -> None:
    assert body_slip_deg(drive(held(steering_deg, 4.0, 2.0), start=rolling(4.0))).max() > 20.0


@pytest.mark.parametrize("grip", list(Grip))
def test_no_slide_makes_the_car_faster_than_its_wheels(grip: Grip) -> None:
    """Regression: driven wheels pushed a sliding car sideways up to 9 m/s."""
    random = np.random.default_rng(3)
    for _ in range(15):
        steering_rad = np.repeat(random.choice(np.radians([-30, -10, 0, 10, 30]), 60), 3)
        speed_mps = np.repeat(random.choice([2.0, 3.0, 4.0], 60), 3)
        states = drive(np.stack([steering_rad, speed_mps], axis=1), grip=grip)
        assert np.hypot(states[:, FORWARD], states[:, LEFT]).max() < 1.03 * 4.0 * 1.02


def test_losing_the_grip_costs_speed() -> None:
    states = drive(flick(4.0), start=rolling(4.0))
    assert np.hypot(states[:, FORWARD], states[:, LEFT]).min() < 3.0


@pytest.mark.parametrize("steering_deg", [0.0, 30.0])
def test_a_standing_car_stays_where_it_is(steering_deg: float) -> None:
    states = drive(held(steering_deg, 0.0, 2.0))
    assert np.array_equal(states[:, :6], np.zeros((30, 6)))


def test_a_moving_car_stops_when_told_to() -> None:
    states = drive(held(0.0, 0.0, 2.0), start=rolling(2.0))
    assert np.hypot(states[-1, FORWARD], states[-1, LEFT]) < 1e-9


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ((math.radians(50.0), 1.0), (math.radians(30.0), 1.0)),
        ((math.radians(-90.0), 1.0), (math.radians(-30.0), 1.0)),
        ((0.1, 9.0), (0.1, 4.0)),
        ((0.1, 0.01), (0.1, 0.1)),
        ((0.1, -2.0), (0.1, 0.1)),
    ],
)
def test_commands_beyond_the_limits_are_clipped(
    asked: tuple[float, float], meant: tuple[float, float]
) -> None:
    assert np.array_equal(drive(np.tile(asked, (30, 1))), drive(np.tile(meant, (30, 1))))


@pytest.mark.parametrize(("speed_mps", "median_mm", "p95_mm"), [(1.0, 0.2, 0.6), (4.0, 0.6, 1.6)])
def test_integration_is_exact_to_a_millimetre_or_two_a_second(
    speed_mps: float, median_mm: float, p95_mm: float
) -> None:
    middle, high = np.percentile(1000.0 * integration_errors(speed_mps, 60), [50, 95])
    assert 0.0 < middle < median_mm
    assert high < p95_mm


@given(st.integers(0, 2**32 - 1), st.sampled_from(list(Grip)))
@settings(max_examples=25, deadline=None)
def test_no_sequence_of_commands_makes_the_numbers_run_away(seed: int, grip: Grip) -> None:
    random = np.random.default_rng(seed)
    start = random.normal(0.0, [10.0, 10.0, 10.0, 4.0, 4.0, 20.0, 0.5])
    commands = np.stack([random.uniform(-1, 1, 60), random.uniform(0.0, 5.0, 60)], axis=1)
    states = drive(commands, grip=grip, start=start)
    assert np.isfinite(states).all()
    assert np.abs(states[:, 2]).max() <= math.pi
    assert np.abs(states[-1, YAW_RATE]) < 10.0


def test_only_the_named_row_moves() -> None:
    states = np.zeros((3, len(STATE)))
    advance(states, 1, (0.2, 1.0), CONTROL_S, physics_parameters(CarSpec()))
    assert np.any(states[1] != 0.0)
    assert np.array_equal(states[[0, 2]], np.zeros((2, len(STATE))))


def test_the_page_on_physics_shows_the_tables_that_the_command_prints(
    capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    main()
    page = (request.config.rootpath / "docs" / "explanation" / "physics.md").read_text("utf-8")
    printed = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    # The last digit of an error in micrometres may differ between processors.
    exact = [line for line in printed if "mm |" not in line]
    assert [line for line in exact if line not in page.splitlines()] == []
    assert len(exact) == 13
