"""One random stream a car, so that no car's luck depends on how many others there are.

SplitMix64 (Steele, Lea, Flood 2014): 64 bits of state a car, advanced in place.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from racecraft.sim.kernel import njit

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@njit(cache=True, nogil=True)
def next_uniform(streams: Any, car: int) -> float:
    """A number in [0, 1) from the car's own stream."""
    streams[car] += np.uint64(0x9E3779B97F4A7C15)
    z = streams[car]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@njit(cache=True, nogil=True)
def next_normals(streams: Any, car: int) -> tuple[float, float]:
    """Two independent standard normal numbers from the car's own stream (Box, Muller 1958)."""
    # From (0, 1], because the logarithm of 0 is no number; so no draw is beyond 8.6.
    radius = math.sqrt(-2.0 * math.log(1.0 - next_uniform(streams, car)))
    angle = 2.0 * math.pi * next_uniform(streams, car)
    return radius * math.cos(angle), radius * math.sin(angle)


def make_streams(seed: int, cars: int) -> NDArray[np.uint64]:
    """(N,) starting states; car i gets the same stream whatever the number of cars."""
    words = np.arange(1, cars + 1, dtype=np.uint64) * np.uint64(0xD1B54A32D192ED03)
    with np.errstate(over="ignore"):
        state = (np.uint64(seed) + np.uint64(1)) * _GOLDEN ^ words
        state = (state ^ (state >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
        return state ^ (state >> np.uint64(29))
