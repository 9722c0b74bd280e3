"""How a car moves: a dynamic single-track model with tyres that let go.

Forces are divided by the car's mass, so only ratios of the original's masses matter. State
columns (`STATE`): pose of the origin in the track frame, velocities in the car frame, the
steering angle that the servo has reached.

* Tyres: lateral acceleration of an axle = peak · sin(C · atan(B · slip)), Pacejka's simplified
  magic formula. Slip is the sideways speed of the contact patch over its forward speed, the
  latter floored at `SLIP_FLOOR_MPS`, which keeps the equations smooth down to standstill and
  leaves the no-slip solution unchanged.
* Steering: logs of the original turn twice as wide as the wheelbase says (its four driven
  wheels scrub), so the road-wheel angle is atan(STEERING_GAIN · tan(command)).
* Speed: the original's wheels are velocity-controlled; the command is reached with a first
  order lag, and no faster than `MAX_DRIVE_MPS2`.

`docs/explanation/physics.md` says which numbers were fitted to what. Integration is classical
Runge-Kutta of fourth order over `SUBSTEPS` equal parts of a control period.
"""

from __future__ import annotations

# Kernels here are longer than the budget: splitting them would cost calls per substep.
import math
from typing import Any

from racecraft.domain.car import CarSpec
from racecraft.sim.kernel import njit

STATE = ("x_m", "y_m", "yaw_rad", "forward_mps", "left_mps", "yaw_rate_radps", "steering_rad")
SUBSTEPS = 6

STEERING_GAIN = 0.5
"""Effective over geometric steering: radius 0.58 m at 30° instead of 0.28 m."""
SPEED_GAIN = 1.03
"""Wheel radius of the shape over that of the speed controller (0.036 m / 0.035 m)."""
SPEED_LAG_S = 0.05
STEERING_LAG_S = 0.02
MAX_DRIVE_MPS2 = 8.0
"""Limit of acceleration and braking, from the study of official lap times."""
SLIP_FLOOR_MPS = 0.5
TYRE_B = 9.5
TYRE_C = 1.5
REAR_OVER_FRONT_GRIP = 1.0
YAW_INERTIA_M2 = 0.0113
"""Yaw inertia over mass, from the original's link table."""


def physics_parameters(car: CarSpec) -> tuple[float, ...]:
    """The numbers that the kernel needs for one car design, in its order."""
    rear, front = car.wheel_x_m
    peak = car.grip.lateral_mps2
    wheelbase = front - rear
    return (
        front,
        -rear,
        peak * -rear / wheelbase,
        peak * front / wheelbase * REAR_OVER_FRONT_GRIP,
        car.max_steering_rad,
        car.min_speed_mps,
        car.max_speed_mps,
        SPEED_LAG_S,
        STEERING_LAG_S,
    )


@njit(cache=True, nogil=True, inline="always")
def _rates(
    yaw: float,
    forward: float,
    left: float,
    yaw_rate: float,
    steering: float,
    target_steering: float,
    target_speed: float,
    p: Any,
) -> Any:
    """Time derivatives of the seven state columns."""
    wheel = math.atan(STEERING_GAIN * math.tan(steering))
    cos_w, sin_w = math.cos(wheel), math.sin(wheel)
    front_left = left + p[0] * yaw_rate
    rear_left = left - p[1] * yaw_rate
    front_scrub = front_left * cos_w - forward * sin_w
    front_slip = front_scrub / max(abs(forward * cos_w + front_left * sin_w), SLIP_FLOOR_MPS)
    rear_slip = rear_left / max(abs(forward), SLIP_FLOOR_MPS)
    front = -p[2] * math.sin(TYRE_C * math.atan(TYRE_B * math.atan(front_slip)))
    rear = -p[3] * math.sin(TYRE_C * math.atan(TYRE_B * math.atan(rear_slip)))
    # Sliding friction points against the slip, so tyres that slide sideways hardly push ahead.
    scrub = 0.5 * (abs(front_scrub) + abs(rear_left))
    drive = (target_speed - forward) / max(p[7], scrub / (p[2] + p[3]))
    drive = min(max(drive, -MAX_DRIVE_MPS2), MAX_DRIVE_MPS2)
    cos_y, sin_y = math.cos(yaw), math.sin(yaw)
    return (
        forward * cos_y - left * sin_y,
        forward * sin_y + left * cos_y,
        yaw_rate,
        drive + left * yaw_rate,
        front * cos_w + rear - forward * yaw_rate,
        (p[0] * front * cos_w - p[1] * rear) / YAW_INERTIA_M2,
        (target_steering - steering) / p[8],
    )


@njit(cache=True, nogil=True)
def advance(state: Any, car: int, command: Any, period_s: float, p: Any) -> None:
    """Move one car through one control period, in place.

    Args:
        state: (N, 7) columns as in `STATE`.
        car: the row to move.
        command: (steering_rad, speed_mps); clipped to the car's limits.
        period_s: length of the control period.
        p: from `physics_parameters`.
    """
    advance_substeps(state, car, command, period_s, p, SUBSTEPS)


@njit(cache=True, nogil=True)
def advance_substeps(
    state: Any, car: int, command: Any, period_s: float, p: Any, substeps: int
) -> None:
    """`advance` with a chosen number of integration steps."""
    steer_to = min(max(command[0], -p[4]), p[4])
    speed_to = command[1]
    if speed_to != 0.0:
        speed_to = min(max(speed_to, p[5]), p[6]) * SPEED_GAIN
    x, y, yaw = state[car, 0], state[car, 1], state[car, 2]
    u, v, r, d = state[car, 3], state[car, 4], state[car, 5], state[car, 6]
    h = period_s / substeps
    for _ in range(substeps):
        a = _rates(yaw, u, v, r, d, steer_to, speed_to, p)
        k = 0.5 * h
        b = _rates(
            yaw + k * a[2],
            u + k * a[3],
            v + k * a[4],
            r + k * a[5],
            d + k * a[6],
            steer_to,
            speed_to,
            p,
        )
        c = _rates(
            yaw + k * b[2],
            u + k * b[3],
            v + k * b[4],
            r + k * b[5],
            d + k * b[6],
            steer_to,
            speed_to,
            p,
        )
        e = _rates(
            yaw + h * c[2],
            u + h * c[3],
            v + h * c[4],
            r + h * c[5],
            d + h * c[6],
            steer_to,
            speed_to,
            p,
        )
        s = h / 6.0
        x += s * (a[0] + 2.0 * (b[0] + c[0]) + e[0])
        y += s * (a[1] + 2.0 * (b[1] + c[1]) + e[1])
        yaw += s * (a[2] + 2.0 * (b[2] + c[2]) + e[2])
        u += s * (a[3] + 2.0 * (b[3] + c[3]) + e[3])
        v += s * (a[4] + 2.0 * (b[4] + c[4]) + e[4])
        r += s * (a[5] + 2.0 * (b[5] + c[5]) + e[5])
        d += s * (a[6] + 2.0 * (b[6] + c[6]) + e[6])
    state[car, 0], state[car, 1] = x, y
    state[car, 2] = math.atan2(math.sin(yaw), math.cos(yaw))
    state[car, 3], state[car, 4], state[car, 5], state[car, 6] = u, v, r, d
