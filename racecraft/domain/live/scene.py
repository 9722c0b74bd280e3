"""A scene: what some cars drove without a gap, to be shown at real speed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.episode import CONTROL_HZ
from racecraft.domain.live.segments import CarsSegment, ViewSegment

PERIOD_S = 1.0 / CONTROL_HZ
Frame = NDArray[np.uint8]
"""(H, W) a grey picture, (H, W, 2) those of two eyes, or (H, W, 3) in colour."""


@dataclass(frozen=True, eq=False)
class CarView:
    """What one car met, thought and saw in the T steps of a scene."""

    objects: NDArray[np.float64]
    """(T, O, 3) x, y (m) and heading (rad) of the things on its road."""
    kinds: NDArray[np.int64]
    """(O,) 0 for a box, 1 for a bot car."""
    probabilities: NDArray[np.float64]
    """(T, A) of each action; A is 0 where they are not known."""
    frames: Sequence[Frame | None] = field(default_factory=tuple)
    """(T,) pictures of its camera; nothing without one."""


@dataclass(frozen=True, eq=False)
class Scene:
    """T steps of N cars, one after the other."""

    part: int
    """Iteration of a training, trial of an evaluation."""
    cars: CarsSegment
    views: dict[int, CarView] = field(default_factory=dict)
    """Of the cars that somebody looks at."""
    is_whole: bool = True
    """Whether the next part goes on where this one ends."""
    start_s: float = 0.0
    """Of a part of a recording: when it begins."""

    @property
    def num_cars(self) -> int:
        """N."""
        return int(self.cars.x_m.shape[1])

    @property
    def steps(self) -> int:
        """T."""
        return len(self.cars.time_s)

    def view(self, car: int, begin: int, end: int, encode: Callable[[Frame], bytes]) -> ViewSegment:
        """Steps begin..end-1 of one car's view.

        Args:
            car: one of `views`.
            begin: first step.
            end: one past the last step.
            encode: makes a file of a picture.
        """
        seen = self.views[car]
        frames = seen.frames[begin:end]
        return ViewSegment(
            car=car,
            objects=seen.objects[begin:end],
            kinds=seen.kinds,
            probabilities=seen.probabilities[begin:end],
            pictures=[b"" if frame is None else encode(frame) for frame in frames],
        )
