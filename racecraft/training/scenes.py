"""What was driven, as scenes for those who watch: copies of what is there anyway.

Nothing here changes what is learnt or driven: it is called after the steps were made, reads, and
copies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.episode import CONTROL_HZ, EpisodeStatus, Step
from racecraft.domain.live.scene import CarView, Frame, LookedAt, Scene
from racecraft.domain.live.segments import CarsSegment
from racecraft.domain.reward import COLUMN
from racecraft.sim.simulator import Simulator
from racecraft.training.driving import Actor
from racecraft.training.rollout import Rollout
from racecraft.training.saliency import explained_steps

_PUTS_BACK = (
    EpisodeStatus.OFF_TRACK,
    EpisodeStatus.CRASHED,
    EpisodeStatus.REVERSED,
    EpisodeStatus.IMMOBILIZED,
)
"""After one of these a car that drives on does so from another place."""


@dataclass(frozen=True, eq=False)
class DrivenIteration:
    """The steps of one iteration of a training, as long as their memory is not used anew."""

    iteration: int
    rollout: Rollout
    simulator: Simulator
    actor: Actor

    def scene(self, cars: Sequence[int], explained: Sequence[int], most_steps: int) -> Scene:
        """A copy of the first steps of all cars.

        Args:
            cars: those whose view is wanted too; numbers of no car are passed over.
            explained: those of them of which what the network looks at is wanted, too: the
                network as it is now, which has just learnt from these steps.
            most_steps: at most so many.
        """
        rollout = self.rollout
        length = min(rollout.length, most_steps)
        table = rollout.table[:length]
        column = {name: table[..., index] for name, index in COLUMN.items()}
        heading, nose_m = column["heading_rad"].copy(), self.simulator.car.nose_m
        count = self.simulator.num_cars
        segment = CarsSegment(
            time_s=np.arange(length) / CONTROL_HZ,
            x_m=column["x_m"] - nose_m * np.cos(heading),
            y_m=column["y_m"] - nose_m * np.sin(heading),
            reward=rollout.rewards[:length].copy(),
            heading_rad=heading,
            speed_mps=column["speed_mps"].copy(),
            steering_rad=column["steering_rad"].copy(),
            progress_percent=column["progress_percent"].copy(),
            action=self.actor.head.numbers(rollout.actions[:length]).copy(),
            status=rollout.status[:length].copy(),
            jump=rollout.begins[:length].copy(),
        )
        views = {
            car: self._view(car, length, is_explained=car in explained)
            for car in cars
            if 0 <= car < count
        }
        return Scene(self.iteration, segment, views, is_whole=length == rollout.length)

    def _view(self, car: int, length: int, *, is_explained: bool) -> CarView:
        rollout, objects = self.rollout, self.simulator.objects
        assert rollout.things is not None
        frames = rollout.observations.frames
        return CarView(
            objects=rollout.things[:length, car].copy(),
            kinds=objects.kind.copy(),
            probabilities=_probabilities(rollout, car, length),
            frames=() if frames is None else tuple(frames[:length, car].copy()),
            maps={} if frames is None or not is_explained else self._maps(car, length),
            is_explained=is_explained,
        )

    def _maps(self, car: int, length: int) -> dict[int, LookedAt]:
        rollout = self.rollout
        numbers = self.actor.head.numbers(rollout.actions[:length, car])
        seen = rollout.observations[:length, car]
        return explained_steps(self.actor.policy, seen, numbers)


def _probabilities(rollout: Rollout, car: int, length: int) -> NDArray[np.float64]:
    """(length, A) softmax of the policy's outputs."""
    if rollout.outputs is None:
        return np.zeros((length, 0))
    logits = rollout.outputs[:length, car].astype(np.float64)
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return shares


def scenes_of_steps(
    steps: Sequence[Step],
    objects: Sequence[NDArray[np.float64]],
    frames: Sequence[Frame | None],
    maps: Mapping[int, LookedAt],
    nose_m: float,
) -> list[Scene]:
    """The episodes of an evaluation, each as a scene with one car.

    Args:
        steps: all rows of all episodes in turn, prepare and pause rows included.
        objects: for each episode (rows, O, 4) x, y (m), yaw (rad) and kind of what is on its road.
        frames: for each row what the car saw; empty when that was not kept.
        maps: for some rows what the network looked at.
        nose_m: the point that the rows tell of, ahead of the middle of the axles.
    """
    scenes, first = [], 0
    for part, things in enumerate(objects):
        last = first + len(things)
        view = CarView(
            objects=things[..., :3],
            kinds=things[0, :, 3].astype(np.int64),
            probabilities=np.zeros((len(things), 0)),
            frames=tuple(frames[first:last]),
            maps={step - first: at for step, at in maps.items() if first <= step < last},
            is_explained=bool(maps),
        )
        start_s = steps[first].time_s - steps[0].time_s
        cars = _cars(steps[first:last], nose_m)
        scenes.append(Scene(part, cars, {0: view}, start_s=start_s))
        first = last
    return scenes


def scene_of_cars(steps: Sequence[Sequence[Step]], nose_m: float) -> Scene:
    """Cars that drove at once, as one scene; who is done first stands where they ended.

    Args:
        steps: for each car all its rows, from the same start on.
        nose_m: the point that the rows tell of, ahead of the middle of the axles.
    """
    longest = max(steps, key=len)
    cars = [_cars(rows, nose_m) for rows in steps]

    def together(name: str) -> NDArray[Any]:
        columns = [getattr(each, name)[:, 0] for each in cars]
        return np.stack([np.pad(c, (0, len(longest) - len(c)), "edge") for c in columns], axis=1)

    arrays = {name: together(name) for name in vars(cars[0]) if name != "time_s"}
    for car, rows in enumerate(steps):
        arrays["status"][len(rows) :, car] = EpisodeStatus.PARK
        arrays["speed_mps"][len(rows) :, car] = 0.0
        arrays["jump"][len(rows) :, car] = False
    times = np.array([step.time_s for step in longest]) - longest[0].time_s
    return Scene(0, CarsSegment(time_s=times, **arrays))


def _cars(steps: Sequence[Step], nose_m: float) -> CarsSegment:
    def column(name: str) -> NDArray[np.float64]:
        return np.array([[getattr(step, name)] for step in steps], np.float64)

    heading, status = column("yaw_rad"), column("status").astype(np.int64)
    jump = np.zeros(status.shape, np.bool_)
    jump[0], jump[1:] = True, np.isin(status[:-1], _PUTS_BACK)
    return CarsSegment(
        time_s=column("time_s")[:, 0] - steps[0].time_s,
        x_m=column("x_m") - nose_m * np.cos(heading),
        y_m=column("y_m") - nose_m * np.sin(heading),
        reward=np.full(status.shape, np.nan),
        heading_rad=heading,
        speed_mps=column("speed_mps"),
        steering_rad=column("steering_rad"),
        progress_percent=column("progress_percent"),
        action=column("action").astype(np.int64),
        status=status,
        jump=jump,
    )
