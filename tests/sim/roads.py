"""Simple roads with known answers, and a drive that tests repeat in several ways."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.track import Track
from racecraft.sim.simulator import Simulator
from racecraft.tracks.library import load_track


def ring(radius_m: float, corners: int = 720) -> NDArray[np.float64]:
    angle = np.linspace(0.0, 2 * np.pi, corners + 1)
    points = radius_m * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points[-1] = points[0]
    return points


def circle(radius_m: float = 3.0, width_m: float = 1.0) -> Track:
    """Counter-clockwise from (radius, 0)."""
    return Track(
        "circle", ring(radius_m), ring(radius_m - width_m / 2), ring(radius_m + width_m / 2)
    )


def square(side_m: float = 8.0, width_m: float = 1.0) -> Track:
    """Counter-clockwise from the origin along x, one waypoint a corner."""
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]], dtype=float)
    outward = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]], dtype=float)
    centre = side_m * corners
    half = 0.5 * width_m
    return Track("square", centre, centre - half * outward, centre + half * outward)


def mirrored(track: Track) -> Track:
    """Seen in a mirror along the x axis."""
    flip = np.array([1.0, -1.0])
    return Track("mirrored", track.centre * flip, track.inner * flip, track.outer * flip)


def two_tracks() -> list[Track]:
    return [load_track("harbour-loop"), load_track("thimble", is_reversed=True)]


def commands_of(car: int, steps: int) -> NDArray[np.float64]:
    """(T, 2) commands of one car, the same whatever the other cars do."""
    random = np.random.default_rng(car)
    steering_rad = np.radians(random.uniform(-30.0, 30.0, steps))
    return np.stack([steering_rad, random.uniform(0.5, 4.0, steps)], axis=1)


def record(
    simulator: Simulator, steps: range, spans: list[tuple[int, int]], threads: int = 1
) -> NDArray[np.float64]:
    """(T, N, columns) tables of a drive with displaced starts and uneven steps."""
    every = np.stack([commands_of(car, 90) for car in range(simulator.num_cars)], axis=1)
    rows = []
    with ThreadPoolExecutor(threads) as pool:
        for step in steps:

            def work(span: tuple[int, int], step: int = step) -> None:
                simulator.restart(*span, jitter=0.4)
                simulator.step(every[step], *span, interval_jitter=0.1)

            list(pool.map(work, spans))
            rows.append(np.concatenate([simulator.cars.table, simulator.cars.state], axis=1))
    return np.stack(rows)


def digest() -> str:
    """What a drive of five cars gives, in a few letters."""
    simulator = Simulator(two_tracks(), 5, seed=11)
    return hashlib.sha256(record(simulator, range(90), [(0, 5)]).tobytes()).hexdigest()
