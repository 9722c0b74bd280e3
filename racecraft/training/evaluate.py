"""Evaluation: a checkpoint's greedy policy drives laps under the rules of a race.

One by one every trial is an episode of its own from the start line; continuous laps follow
each other without a stop. After leaving the track (or a crash, or driving backwards, or standing
still) a car that has resets left is put back and waits out its penalty on the simulated clock, so
the penalty is part of the lap time. Nothing depends on the machine's clock: the same checkpoint,
specification and seed give the same milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.episode import CONTROL_HZ, EpisodeStatus, Step, Trial
from racecraft.domain.live.scene import Frame, LookedAt
from racecraft.domain.race import RaceType
from racecraft.domain.reward import COLUMN
from racecraft.domain.spec import EvaluationSpec, ModelSpec
from racecraft.domain.track import Track
from racecraft.sim.simulator import Simulator
from racecraft.tracks.library import load_track
from racecraft.training.attempt import Attempt
from racecraft.training.driving import SPARE, Actor, Driver
from racecraft.training.loading import load_actor
from racecraft.training.overtakes import Overtakes
from racecraft.training.packed import PackedPolicy
from racecraft.training.resets import put_back, stop_in_place
from racecraft.training.saliency import EVERY_STEPS, saliency_maps
from racecraft.training.traced import traced_step

SLOWEST_MPS = 0.1
"""Centre-line speed below which a trial is ended as timed out; penalties are not counted."""
_PERIOD_S = 1.0 / CONTROL_HZ
_INSTANT_S = 1e-6
"""What is left of a pause by rounding."""
_RESETTABLE = (
    EpisodeStatus.OFF_TRACK,
    EpisodeStatus.CRASHED,
    EpisodeStatus.REVERSED,
    EpisodeStatus.IMMOBILIZED,
)


@dataclass(frozen=True)
class EvaluationResult:
    """What an evaluation drove."""

    trials: tuple[Trial, ...]
    steps: list[Step]
    """All rows of all trials, prepare and pause rows included."""
    objects: tuple[NDArray[np.float64], ...] = field(compare=False)
    """For each episode (rows, O, 4): x, y (m), yaw (rad) and kind of what was on its road."""
    frames: tuple[Frame | None, ...] = field(default=(), compare=False)
    """For each step what the car saw, if that was to be kept; None where it did not look."""
    maps: Mapping[int, LookedAt] = field(default_factory=dict, compare=False)
    """For some steps what of that the network looked at, if that was to be kept."""


def evaluate(
    model: ModelSpec,
    checkpoint: Path,
    evaluation: EvaluationSpec,
    *,
    most_frames: int = 0,
    explains: bool = False,
    on_lap: Callable[[Trial], None] | None = None,
) -> EvaluationResult:
    """Drive the trials of an evaluation.

    Args:
        model: the model of the checkpoint.
        checkpoint: folder of the checkpoint.
        evaluation: track, trials, rules and seed.
        most_frames: camera pictures to keep for viewers, at most.
        explains: whether to keep what the network looks at in some of them.
        on_lap: called with each lap as it ends, those of all cars mixed; may raise to end it all.

    Raises:
        CorruptCheckpoint: the checkpoint is damaged.
        TrackNotFound, InvalidTrack: the track cannot be used.
        InvalidSpec: the boxes do not fit on it.
    """
    track = load_track(evaluation.track.name, is_reversed=evaluation.track.is_reversed)
    driven = Evaluation(model, load_actor(model, checkpoint), track, evaluation)
    driven.frames_left, driven.explains, driven.on_lap = most_frames, explains, on_lap
    return driven.drive()


class Evaluation:
    """The cars of one evaluation: one a trial, or a single one for continuous laps."""

    def __init__(
        self, model: ModelSpec, actor: Actor, track: Track, evaluation: EvaluationSpec
    ) -> None:
        self.evaluation, self.track = evaluation, track
        cars = 1 if evaluation.is_continuous else evaluation.trials
        self.simulator = Simulator(
            [track],
            cars,
            car=model.car,
            camera=model.camera,
            lidar=model.lidar,
            obstacles=evaluation.race.obstacles,
            bots=evaluation.race.bots,
            randomisation=evaluation.randomisation,
            seed=evaluation.seed,
        )
        self.head = actor.head
        self.driver = Driver(actor, self.head, self.simulator, 0, cars)
        self.driver.policy = PackedPolicy(actor.policy)
        laps = evaluation.trials if evaluation.is_continuous else 1
        self.attempts = [Attempt(laps) for _ in range(cars)]
        self.overtakes = Overtakes(self.simulator)
        self._longest = int(track.length_m / SLOWEST_MPS * CONTROL_HZ) * laps
        self._commands = np.zeros((cars, 2))
        self._numbers = np.zeros(cars, np.int64)
        self.frames_left = 0
        """Camera pictures that may still be kept."""
        self.explains = False
        """Whether what the network looks at is kept with some of them."""
        self.on_lap: Callable[[Trial], None] | None = None
        """Hears of each lap as it ends."""
        self._seen: dict[int, Frame] = {}
        """What cars saw when they last looked, until it is recorded."""
        self._looked_at: dict[int, LookedAt] = {}
        self._penalties_s = {
            EpisodeStatus.OFF_TRACK: evaluation.off_track_penalty_s,
            EpisodeStatus.REVERSED: evaluation.off_track_penalty_s,
            EpisodeStatus.CRASHED: evaluation.collision_penalty_s,
        }

    def drive(self) -> EvaluationResult:
        """Drive everything to its end."""
        for car, attempt in enumerate(self.attempts):
            self.simulator.vary(car)
            self.simulator.place_objects(car)
            self.simulator.place_at(car, 0.0)
            attempt.lap_began_s = float(self.simulator.cars.spawn_s[car])
            self._record(car, EpisodeStatus.PREPARE)
        self.overtakes.begin(np.arange(len(self.attempts)))
        while len(running := self._running()):
            self._step(running)
        return self._result()

    def _running(self) -> NDArray[np.int64]:
        return np.flatnonzero([not attempt.is_over for attempt in self.attempts])

    def _step(self, rows: NDArray[np.int64]) -> None:
        driving = np.array(
            [row for row in rows if self.attempts[row].pause_s < _INSTANT_S], np.int64
        )
        if len(driving):
            actions = self.head.best(self.driver.look_from(driving, group=SPARE))
            self._seen = self._kept_frames(driving)
            self._numbers[driving] = self.head.numbers(actions)
            self._looked_at = self._explained(driving)
            self._commands[driving] = self.head.command(actions)
        for car in rows.tolist():
            if self.attempts[car].pause_s >= _INSTANT_S:
                self._wait(car)
            else:
                self._drive_on(car)

    def _kept_frames(self, rows: NDArray[np.int64]) -> dict[int, Frame]:
        """Copies of what some cars see, as long as there is room for them."""
        frames = self.driver.seen.frames
        if frames is None or self.frames_left < len(rows):
            return {}
        self.frames_left -= len(rows)
        return dict(zip(rows.tolist(), frames[: len(rows)].copy(), strict=True))

    def _explained(self, rows: NDArray[np.int64]) -> dict[int, LookedAt]:
        """What the network looks at, of cars at the steps at which that is kept."""
        if not self.explains or not self._seen:
            return {}
        told = [k for k, row in enumerate(rows) if self.attempts[row].driven % EVERY_STEPS == 0]
        if not told:
            return {}
        cars = rows[told]
        maps = saliency_maps(self.driver.actor.policy, self.driver.seen[told], self._numbers[cars])
        return dict(zip(cars.tolist(), maps, strict=True))

    def _drive_on(self, car: int) -> None:
        simulator, attempt = self.simulator, self.attempts[car]
        simulator.step(
            self._commands,
            car,
            car + 1,
            interval_jitter=self.evaluation.interval_jitter,
            is_continuous=len(attempt.laps) + 1 < attempt.laps_wanted,
        )
        attempt.driven += 1
        self.overtakes.look(np.array([car]))
        status = EpisodeStatus(int(simulator.cars.status[car]))
        attempt.crashes += status is EpisodeStatus.CRASHED
        if status is EpisodeStatus.LAP_COMPLETE:
            self._finish_lap(car)
        elif status is EpisodeStatus.IN_PROGRESS and attempt.driven >= self._longest:
            self._end(car, EpisodeStatus.TIME_UP)
        elif status is EpisodeStatus.IN_PROGRESS:
            self._record(car, status)
            attempt.safe_progress = float(simulator.cars.table[car, COLUMN["progress_percent"]])
        elif status in _RESETTABLE and self._is_forgiven(attempt):
            self._record(car, status)
            self._reset(car, status)
        else:
            attempt.counts[status] = attempt.counts.get(status, 0) + 1
            self._end(car, status)

    def _is_forgiven(self, attempt: Attempt) -> bool:
        """Whether a car may go on after a failure; not for ever where every reset fails at once."""
        has_resets = attempt.resets < self.evaluation.max_resets
        return has_resets and attempt.driven < self._longest

    def _finish_lap(self, car: int) -> None:
        attempt = self.attempts[car]
        is_last = len(attempt.laps) + 1 >= attempt.laps_wanted
        status = EpisodeStatus.LAP_COMPLETE if is_last else EpisodeStatus.IN_PROGRESS
        self._record(car, status, is_done=is_last)
        self._keep_lap(car, EpisodeStatus.LAP_COMPLETE)
        attempt.lap_began_s = float(self.simulator.cars.table[car, COLUMN["sim_time_s"]])
        attempt.counts, attempt.safe_progress = {}, 0.0
        self.overtakes.begin(np.array([car]))
        attempt.is_over = is_last

    def _end(self, car: int, status: EpisodeStatus) -> None:
        attempt = self.attempts[car]
        self._record(car, status, is_done=True)
        self._keep_lap(car, status)
        attempt.is_over = True

    def _keep_lap(self, car: int, status: EpisodeStatus) -> None:
        lap = self._trial(car, status)
        self.attempts[car].laps.append(lap)
        if self.on_lap is not None:  # cars drive one trial each, or the only one drives all
            self.on_lap(lap if self.evaluation.is_continuous else replace(lap, trial=car + 1))

    def _reset(self, car: int, status: EpisodeStatus) -> None:
        """Put a car back on the road, where it waits out its penalty."""
        attempt, table = self.attempts[car], self.simulator.cars.table[car]
        attempt.resets += 1
        attempt.counts[status] = attempt.counts.get(status, 0) + 1
        attempt.pause_s = self._penalties_s.get(status, 0.0)
        is_crash = status is EpisodeStatus.CRASHED
        if is_crash and self.evaluation.race.type is RaceType.HEAD_TO_HEAD:
            stop_in_place(self.simulator, car)
            return
        progress = float(table[COLUMN["progress_percent"]]) if is_crash else attempt.safe_progress
        attempt.safe_progress = put_back(self.simulator, car, progress)

    def _wait(self, car: int) -> None:
        attempt, cars = self.attempts[car], self.simulator.cars
        cars.steps[car] += 1
        cars.table[car, COLUMN["steps"]] = cars.steps[car]
        cars.table[car, COLUMN["sim_time_s"]] = cars.clock_s[car]
        self._record(car, EpisodeStatus.PAUSE)
        self.simulator.pass_time(car)
        cars.clock_s[car] += _PERIOD_S
        attempt.pause_s -= _PERIOD_S

    def _trial(self, car: int, status: EpisodeStatus) -> Trial:
        attempt, table = self.attempts[car], self.simulator.cars.table[car]
        began, now = attempt.lap_began_s, float(table[COLUMN["sim_time_s"]])
        counts = attempt.counts
        return Trial(
            trial=len(attempt.laps) + 1,
            time_ms=round((now - began) * 1000),
            completion_percent=max(float(table[COLUMN["progress_percent"]]), 0.0),
            status=status,
            start_time_ms=round(began * 1000),
            off_track_count=counts.get(EpisodeStatus.OFF_TRACK, 0),
            crash_count=counts.get(EpisodeStatus.CRASHED, 0),
            reversed_count=counts.get(EpisodeStatus.REVERSED, 0),
            immobilized_count=counts.get(EpisodeStatus.IMMOBILIZED, 0),
            overtakes=int(self.overtakes.counts[car]),
        )

    def _record(self, car: int, status: EpisodeStatus, *, is_done: bool = False) -> None:
        """Keep the newest row of a car, and where the things on its road are."""
        attempt = self.attempts[car]
        attempt.steps.append(self._row(car, status, is_done=is_done))
        attempt.objects.append(self.simulator.objects.pose[car].copy())
        attempt.frames.append(self._seen.pop(car, None))
        attempt.maps.append(self._looked_at.pop(car, None))

    def _row(self, car: int, status: EpisodeStatus, *, is_done: bool) -> Step:
        row, attempt = self.simulator.cars.table[car].tolist(), self.attempts[car]
        is_driving = status not in (EpisodeStatus.PREPARE, EpisodeStatus.PAUSE)
        number = int(self._numbers[car]) if is_driving else self.head.resting_number
        step = traced_step(row, status, number, self.track.length_m, is_done=is_done)
        pause_s = attempt.pause_s if status is EpisodeStatus.PAUSE else 0.0
        return replace(step, pause_s=pause_s, crash_count=attempt.crashes)

    def _result(self) -> EvaluationResult:
        """Trials one after the other, as if one car had driven them in turn."""
        trials: list[Trial] = []
        steps: list[Step] = []
        shift_s = 0.0
        for episode, attempt in enumerate(self.attempts):
            for lap in attempt.laps:
                start = lap.start_time_ms + round(shift_s * 1000)
                trials.append(replace(lap, trial=len(trials) + 1, start_time_ms=start))
            steps += [
                replace(step, episode=episode, time_s=step.time_s + shift_s)
                for step in attempt.steps
            ]
            shift_s = steps[-1].time_s + _PERIOD_S
        kind = self.simulator.objects.kind[:, None]
        objects = tuple(
            np.stack([np.concatenate([poses, kind], axis=1) for poses in attempt.objects])
            for attempt in self.attempts
        )
        frames = tuple(frame for attempt in self.attempts for frame in attempt.frames)
        told = [looked_at for attempt in self.attempts for looked_at in attempt.maps]
        maps = {step: each for step, each in enumerate(told) if each is not None}
        return EvaluationResult(tuple(trials), steps, objects, frames, maps)
