"""The car against the single-track models of the CommonRoad documentation, written down anew.

Formulas: M. Althoff and G. Würsching, "CommonRoad: Vehicle Models" (2020a), the kinematic
single-track model (section 5) and the single-track model with linear tyres (section 7). Both are
integrated here by small steps of their own, so nothing but numbers is shared with `sim.dynamics`:
the axles, the yaw inertia over the mass, the grip and the stiffness of the tyres at small slip.
`docs/explanation/physics.md` tells the differences.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.physics import FORWARD, LEFT, YAW_RATE, drive, held
from racecraft.domain.car import STEERING_GAIN, CarSpec, Grip
from racecraft.sim.dynamics import STEERING_LAG_S, TYRE_B, TYRE_C, YAW_INERTIA_M2

LR, LF = -CarSpec().wheel_x_m[0], CarSpec().wheel_x_m[1]
PERIODS, PARTS = 30, 500
"""Two seconds, and small steps in a control period of 1/15 s."""
STEP_S = 1 / 15 / PARTS
STIFFNESS = TYRE_B * TYRE_C
"""Cornering stiffness over load and friction of an axle, C_S in the documentation (1/rad)."""


def wheel_angles(steering_deg: float) -> NDArray[np.float64]:
    """(K,) of the front wheels after each small step, as the servo and the gain make them."""
    seconds = np.arange(1, PERIODS * PARTS + 1) * STEP_S
    reached = math.radians(steering_deg) * (1.0 - np.exp(-seconds / STEERING_LAG_S))
    return np.asarray(np.arctan(STEERING_GAIN * np.tan(reached)))


def kinematic(speed_mps: float, wheels_rad: NDArray[np.float64]) -> NDArray[np.float64]:
    """(K, 3) x, y (m) and yaw rate (rad/s) of the kinematic model about the centre of gravity."""
    x = y = yaw = 0.0
    rows = []
    for delta in wheels_rad:
        beta = math.atan(math.tan(delta) * LR / (LR + LF))
        rate = speed_mps * math.cos(beta) * math.tan(delta) / (LR + LF)
        x += STEP_S * speed_mps * math.cos(beta + yaw)
        y += STEP_S * speed_mps * math.sin(beta + yaw)
        yaw += STEP_S * rate
        rows.append((x, y, rate))
    return np.array(rows)


def single_track(
    speed_mps: float, wheels_rad: NDArray[np.float64], grip_mps2: float
) -> NDArray[np.float64]:
    """(K, 3) x, y (m) and yaw rate (rad/s) of the dynamic model at constant speed.

    The friction times g is our grip, and the centre of gravity lies on the road (h = 0), because
    our loads do not move from axle to axle.
    """
    x = y = yaw = rate = beta = 0.0
    front, rear = grip_mps2 * STIFFNESS * LR, grip_mps2 * STIFFNESS * LF
    base, inertia = LR + LF, YAW_INERTIA_M2
    rows = []
    for delta in wheels_rad:
        turning = (
            -(LF**2 * front + LR**2 * rear) * rate / speed_mps
            + (LR * rear - LF * front) * beta
            + LF * front * delta
        ) / (inertia * base)
        sliding = (
            ((rear * LR - front * LF) / speed_mps) * rate - (rear + front) * beta + front * delta
        ) / (speed_mps * base) - rate
        x += STEP_S * speed_mps * math.cos(beta + yaw)
        y += STEP_S * speed_mps * math.sin(beta + yaw)
        yaw += STEP_S * rate
        rate += STEP_S * turning
        beta += STEP_S * sliding
        rows.append((x, y, rate))
    return np.array(rows)


def ours(steering_deg: float, speed_mps: float) -> tuple[NDArray[np.float64], float]:
    """(PERIODS, 7) states after a step of the steering at speed, from the origin; that speed."""
    start = drive(held(0.0, speed_mps, 4.0))[-1]
    start[:3] = 0.0
    states = drive(held(steering_deg, speed_mps, PERIODS / 15), start=start)
    return states, float(np.hypot(states[:, FORWARD], states[:, LEFT]).mean())


def at_periods(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return rows[PARTS - 1 :: PARTS]


@pytest.mark.parametrize("steering_deg", [-30.0, -10.0, 5.0, 20.0, 30.0])
def test_a_slow_car_drives_as_the_kinematic_model(steering_deg: float) -> None:
    states, speed = ours(steering_deg, 0.4)
    expected = at_periods(kinematic(speed, wheel_angles(steering_deg)))
    np.testing.assert_allclose(states[:, :2], expected[:, :2], atol=0.016)
    np.testing.assert_allclose(states[5:, YAW_RATE], expected[5:, 2], rtol=0.002)


@pytest.mark.parametrize(
    ("speed_mps", "steering_deg", "apart_m", "share"),
    [
        (1.0, 6.0, 0.003, 0.01),  # a tenth of the grip
        (2.0, -3.0, 0.004, 0.01),  # a fifth
        (4.0, 1.0, 0.008, 0.01),  # a quarter
        (2.0, 6.0, 0.02, 0.025),  # two fifths
        (4.0, 2.0, 0.06, 0.025),  # more than a half
    ],
)
def test_a_bend_within_the_grip_is_that_of_the_model_with_linear_tyres(
    speed_mps: float, steering_deg: float, apart_m: float, share: float
) -> None:
    states, speed = ours(steering_deg, speed_mps)
    grip = Grip.STANDARD.lateral_mps2
    expected = at_periods(single_track(speed, wheel_angles(steering_deg), grip))
    np.testing.assert_allclose(states[:, :2], expected[:, :2], atol=apart_m)
    settled = expected[-1, 2]
    np.testing.assert_allclose(states[:, YAW_RATE], expected[:, 2], atol=share * abs(settled))
    assert states[-1, YAW_RATE] == pytest.approx(settled, rel=0.001)


def test_beyond_the_grip_linear_tyres_hold_and_ours_let_go() -> None:
    states, speed = ours(15.0, 3.0)
    grip = Grip.STANDARD.lateral_mps2
    linear = at_periods(single_track(speed, wheel_angles(15.0), grip))[-1, 2]
    assert speed * linear > 2.0 * grip
    assert speed * abs(states[-1, YAW_RATE]) < grip
