"""Which episode of its car a step belongs to, so that printed text can say where it comes from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.reward_rows import FIRST_CALL


class EpisodeCounts:
    """How many episodes each car has begun, told by the numbers of its steps."""

    def __init__(self, num_cars: int) -> None:
        self._episodes = np.ones(num_cars, np.int64)
        self._is_seen = np.zeros(num_cars, np.bool_)

    def of(self, cars: NDArray[np.int64], steps: NDArray[np.float64]) -> NDArray[np.int64]:
        """(M,) which episode of its car each row belongs to, from 1 since these counts were made.

        Args:
            cars: (M,) whose step each row is; the rows of a car in the order of time.
            steps: (M,) number of the step in its episode.
        """
        begins = steps <= FIRST_CALL
        if len(cars) == 1 or (np.diff(cars) > 0).all():  # one row a car: the usual case
            self._episodes[cars] += begins & self._is_seen[cars]
            self._is_seen[cars] = True
            return self._episodes[cars]
        numbers = np.zeros(len(cars), np.int64)
        for car in np.unique(cars):
            rows = np.flatnonzero(cars == car)
            begins[rows[0]] &= self._is_seen[car]
            numbers[rows] = self._episodes[car] + np.cumsum(begins[rows])
            self._episodes[car] = numbers[rows[-1]]
            self._is_seen[car] = True
        return numbers
