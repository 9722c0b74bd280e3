"""How often cars pass the bot cars on their road, and are passed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.reward import COLUMN, OBJECT_COLUMN
from racecraft.sim.scene import CAR
from racecraft.sim.simulator import Simulator

_NEAR_LAP_SHARE = 0.25
"""Far away the order turns round by itself: what is half a lap ahead is half a lap behind too."""


class Overtakes:
    """Counts for the N cars of a simulator; ask it after every step."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._bots = np.flatnonzero(simulator.objects.kind == CAR)
        self._is_ahead = np.zeros((simulator.num_cars, len(self._bots)), np.bool_)
        self.counts = np.zeros(simulator.num_cars, np.int64)
        """(N,) bots passed since `begin`, less those that passed the car."""

    def begin(self, rows: NDArray[np.int64]) -> None:
        """Start to count anew for some cars that have been placed."""
        self.counts[rows] = 0
        self._is_ahead[rows] = self._gaps_m(rows) > 0.0

    def look(self, rows: NDArray[np.int64]) -> None:
        """Compare the newest step of some cars with the one before."""
        if not len(self._bots):
            return
        gaps_m, before = self._gaps_m(rows), self._is_ahead[rows]
        now = gaps_m > 0.0
        is_near = np.abs(gaps_m) < _NEAR_LAP_SHARE * self._lengths_m(rows)[:, None]
        change = np.where(is_near, before.astype(np.int64) - now, 0)
        self.counts[rows] += change.sum(axis=1)
        self._is_ahead[rows] = now

    def _gaps_m(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """(B, bots) way along the loop from each car's nose to the bots; negative behind it."""
        simulator, length_m = self._simulator, self._lengths_m(rows)[:, None]
        along_m = simulator.objects.rows[rows][:, self._bots, OBJECT_COLUMN["distance_m"]]
        own_m = simulator.cars.table[rows, COLUMN["projection_distance_m"]][:, None]
        gaps_m = (along_m - own_m + 0.5 * length_m) % length_m - 0.5 * length_m
        return np.asarray(gaps_m)

    def _lengths_m(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        return self._simulator.pack.length_m[self._simulator.cars.track[rows]]
