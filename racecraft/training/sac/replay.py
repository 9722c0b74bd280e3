"""The newest steps of all cars, to learn from again and again.

A picture is kept once: the state after a step is the one before the next step of the same car.
Where an episode was merely cut off (a lap done, practice over) the state of its last step
stands for the one after it, because the car did not move any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.episode import EpisodeStatus
from racecraft.training.rollout import Rollout

CUT_OFF = (int(EpisodeStatus.LAP_COMPLETE), int(EpisodeStatus.TIME_UP))
_IN_PROGRESS = int(EpisodeStatus.IN_PROGRESS)


@dataclass(frozen=True)
class Rows:
    """Chosen steps, as rows of the flat memory."""

    now: NDArray[np.int64]
    after: NDArray[np.int64]
    goes_on: NDArray[np.float32]
    """(B,) 1, or 0 where a failure ended the episode."""


class Replay:
    """A ring of time slots with a step of every car in each."""

    def __init__(self, steps: int, rollout: Rollout) -> None:
        """Reserve memory.

        Args:
            steps: how many to keep, of all cars together.
            rollout: of the kind that will be added.
        """
        cars = rollout.rewards.shape[1]
        self.slots = max(-(-steps // cars), len(rollout.rewards) + 1)
        self.count = 0
        """Slots filled so far, those written over included."""
        # Untouched memory costs nothing, so a short training takes little of it.
        self.observations = rollout.observations.room_for(self.slots)
        self.features = np.zeros((self.slots, *rollout.features.shape[1:]), np.float32)
        self.actions = np.zeros((self.slots, *rollout.actions.shape[1:]), np.float32)
        self.rewards = np.zeros((self.slots, cars))
        self.status = np.zeros((self.slots, cars), np.int64)

    @property
    def cars(self) -> int:
        """N."""
        return int(self.rewards.shape[1])

    def add(self, rollout: Rollout) -> None:
        """Keep an iteration's steps instead of the oldest."""
        places = (self.count + np.arange(rollout.length)) % self.slots
        given = arrays_of(rollout)
        for name, memory in self.arrays().items():
            memory[places] = given[name][: rollout.length]
        self.count += rollout.length

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What is kept of every step: (slots, N, ...) each, by its name."""
        return arrays_of(self)

    def flat(self, name: str) -> NDArray[Any]:
        """(slots x N, ...) view of one of the arrays that are no observations."""
        memory: NDArray[Any] = getattr(self, name)
        return memory.reshape(-1, *memory.shape[2:])

    def choose(self, generator: np.random.Generator, size: int) -> Rows:
        """Draw steps, any as likely; those of the newest slot have no successor yet.

        Args:
            generator: of the draw.
            size: B.
        """
        full = min(self.count, self.slots)
        back = generator.integers(1, full, size)
        slot = (self.count - 1 - back) % self.slots
        car = generator.integers(0, self.cars, size)
        status = self.status[slot, car]
        now = slot * self.cars + car
        after = ((slot + 1) % self.slots) * self.cars + car
        is_cut = np.isin(status, CUT_OFF)
        goes_on = is_cut | (status == _IN_PROGRESS)
        return Rows(now, np.where(is_cut, now, after), goes_on.astype(np.float32))

    def reward_size(self) -> float:
        """Root of the mean square of all rewards; 1 when all are zero."""
        rewards = self.rewards[: min(self.count, self.slots)]
        return float(np.sqrt(np.mean(rewards**2))) or 1.0


def arrays_of(steps: Rollout | Replay) -> dict[str, NDArray[Any]]:
    """What is remembered of steps, by its name; pictures and scans where there are some."""
    seen = {"frames": steps.observations.frames, "scans": steps.observations.scans}
    named: dict[str, NDArray[Any]] = {k: v for k, v in seen.items() if v is not None}
    return named | {k: getattr(steps, k) for k in ("features", "actions", "rewards", "status")}
