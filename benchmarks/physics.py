"""Drive the car where no road is, and measure it: the tables of `docs/explanation/physics.md`.

Run it with `python -m benchmarks.physics`.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.car import CarSpec, Grip
from racecraft.domain.episode import CONTROL_HZ
from racecraft.sim.dynamics import STATE, SUBSTEPS, advance_substeps, physics_parameters

FORWARD, LEFT, YAW_RATE = (STATE.index(name) for name in STATE[3:6])
REFERENCE_SUBSTEPS = 200
MEASURED_RADII = ((10.0, 2.0, 1.77), (15.0, 1.5, 1.195), (25.0, 1.0, 0.73))
"""Steering (degrees), command (m/s) and radius (m) in sample logs of the original."""


def drive(
    commands: NDArray[np.float64],
    *,
    grip: Grip = Grip.STANDARD,
    substeps: int = SUBSTEPS,
    start: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """(T, 7) states after each of (T, 2) commands (steering in radians, speed in m/s)."""
    parameters = physics_parameters(CarSpec(grip=grip))
    state = np.zeros((1, len(STATE))) if start is None else start.reshape(1, -1).copy()
    states = np.empty((len(commands), len(STATE)))
    for step, (steering_rad, speed_mps) in enumerate(commands):
        command = (float(steering_rad), float(speed_mps))
        advance_substeps(state, 0, command, 1.0 / CONTROL_HZ, parameters, substeps)
        states[step] = state[0]
    return states


def held(steering_deg: float, speed_mps: float, seconds: float) -> NDArray[np.float64]:
    """(T, 2) commands: one held for some seconds."""
    steps = round(seconds * CONTROL_HZ)
    return np.tile([math.radians(steering_deg), speed_mps], (steps, 1))


def steady_circle(
    steering_deg: float, speed_mps: float, grip: Grip = Grip.STANDARD
) -> tuple[float, float]:
    """Radius (m) and lateral acceleration (m/s²) over the last two of ten seconds."""
    states = drive(held(steering_deg, speed_mps, 10.0), grip=grip)[-2 * CONTROL_HZ :]
    speed = np.hypot(states[:, FORWARD], states[:, LEFT])
    turn = np.abs(states[:, YAW_RATE])
    return float(np.mean(speed) / np.mean(turn)), float(np.mean(speed * turn))


def sustained_lateral_mps2(speed_mps: float, grip: Grip = Grip.STANDARD) -> float:
    """The most lateral acceleration (m/s²) that any steering angle holds at a speed."""
    angles_deg = np.arange(2.0, 30.1, 1.0)
    return max(steady_circle(float(angle), speed_mps, grip)[1] for angle in angles_deg)


def integration_errors(speed_mps: float, cars: int = 100) -> NDArray[np.float64]:
    """(cars,) metres between the model as used and integrated finely, after one second.

    Each car gets up to speed and then random steering, new every third step.
    """
    random = np.random.default_rng(0)
    errors = np.empty(cars)
    for car in range(cars):
        steering_rad = np.repeat(random.uniform(-1.0, 1.0, 5) * math.radians(30.0), 3)
        commands = np.stack([steering_rad, np.full(15, speed_mps)], axis=1)
        start = drive(held(0.0, speed_mps, 2.0))[-1]
        ends = [
            drive(commands, substeps=n, start=start)[-1] for n in (SUBSTEPS, REFERENCE_SUBSTEPS)
        ]
        errors[car] = math.dist(ends[0][:2], ends[1][:2])
    return errors


def main() -> None:
    """Print the tables in Markdown."""
    print("| steering | command | radius in logs | radius here |\n| --- | --- | --- | --- |")
    for steering_deg, speed_mps, logged_m in MEASURED_RADII:
        radius_m, _ = steady_circle(steering_deg, speed_mps)
        print(f"| {steering_deg:g}° | {speed_mps:g} m/s | {logged_m:.2f} m | {radius_m:.2f} m |")
    print(f"| 30° | 1 m/s | – | {steady_circle(30.0, 1.0)[0]:.2f} m |")
    speeds_mps = (1.0, 2.0, 3.0, 4.0)
    print("\n| grip | wanted |" + "".join(f" {speed:g} m/s |" for speed in speeds_mps))
    print("| --- | --- |" + " --- |" * len(speeds_mps))
    for grip in Grip:
        most = [sustained_lateral_mps2(speed, grip) for speed in speeds_mps]
        cells = "".join(f" {value:.2f} |" for value in most)
        print(f"| {grip.value} | {grip.lateral_mps2:g} |{cells}")
    print("\n| command | median error | 95 % below | largest |\n| --- | --- | --- | --- |")
    for speed_mps in speeds_mps:
        middle, high, top = np.percentile(1000.0 * integration_errors(speed_mps), [50, 95, 100])
        print(f"| {speed_mps:g} m/s | {middle:.2g} mm | {high:.2g} mm | {top:.2g} mm |")


if __name__ == "__main__":
    main()
