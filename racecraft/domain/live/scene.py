"""A scene: what some cars drove without a gap, to be shown at real speed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.episode import CONTROL_HZ
from racecraft.domain.live.segments import CarsSegment, ViewSegment

PERIOD_S = 1.0 / CONTROL_HZ
Frame = NDArray[np.uint8]
"""(H, W) a grey picture, (H, W, 2) those of two eyes, or (H, W, 3) in colour."""

LookedAt = NDArray[np.uint8]
"""(h, w) what the network looks at in a picture, coarser than that; 255 the most."""
NO_MAPS: NDArray[np.uint8] = np.zeros((0, 0, 0), np.uint8)


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
    maps: Mapping[int, LookedAt] = field(default_factory=dict)
    """By step, for some of them: what of the picture the network looked at."""
    is_explained: bool = False
    """Whether that was asked for."""


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
        steps = [step for step in range(begin, end) if step in seen.maps]
        maps = np.stack([seen.maps[step] for step in steps]) if steps else NO_MAPS
        return ViewSegment(
            car=car,
            objects=seen.objects[begin:end],
            kinds=seen.kinds,
            probabilities=seen.probabilities[begin:end],
            pictures=[b"" if frame is None else encode(frame) for frame in frames],
            map_steps=np.array(steps, np.int64) - begin,
            maps=maps,
        )
