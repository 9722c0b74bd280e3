"""A race of trained models: each drives its car by what its own sensors see.

Everything is simulated time, and nothing depends on the machine's clock: the same checkpoints,
specification and seed give the same milliseconds and the same ranking.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.duel import DuelSpec, Standing, ranked
from racecraft.domain.episode import CONTROL_HZ, EpisodeStatus, Step
from racecraft.domain.reward import COLUMN
from racecraft.domain.spec import ModelSpec
from racecraft.domain.track import Track
from racecraft.sim.rivals import RivalSimulator
from racecraft.training.driving import SPARE, Driver
from racecraft.training.evaluate import SLOWEST_MPS
from racecraft.training.loading import load_actor
from racecraft.training.packed import PackedPolicy
from racecraft.training.resets import put_back
from racecraft.training.traced import traced_step

_PERIOD_S = 1.0 / CONTROL_HZ
_INSTANT_S = 1e-6
"""What is left of a pause by rounding."""
_RESETTABLE = (
    EpisodeStatus.OFF_TRACK,
    EpisodeStatus.CRASHED,
    EpisodeStatus.REVERSED,
    EpisodeStatus.IMMOBILIZED,
)
_PROGRESS, _ALONG = COLUMN["progress_percent"], COLUMN["projection_distance_m"]
_TIME = COLUMN["sim_time_s"]


@dataclass(frozen=True)
class Entry:
    """A model that takes part."""

    name: str
    model: ModelSpec
    checkpoint: Path


@dataclass(frozen=True)
class DuelResult:
    """What a race drove; standings, steps and objects in the order of the ranking."""

    standings: tuple[Standing, ...]
    steps: tuple[list[Step], ...]
    """For each car all its rows, prepare and pause rows included."""
    objects: tuple[NDArray[np.float64], ...] = field(compare=False)
    """For each car (rows, O, 4): x, y (m), yaw (rad) and kind of the others."""


@dataclass
class Racer:
    """One car's way through the race."""

    entry: Entry
    driver: Driver
    place: int
    """On the grid, and its row in the simulator; 0 is the front."""
    laps_ms: list[int] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    objects: list[NDArray[np.float64]] = field(default_factory=list)
    counts: dict[EpisodeStatus, int] = field(default_factory=dict)
    overtakes: int = 0
    driven: int = 0
    """Steps, pauses not counted."""
    resets: int = 0
    pause_s: float = 0.0
    lap_began_s: float = 0.0
    safe_progress: float = 0.0
    distance_m: float = 0.0
    beyond_m: float = 0.0
    number: int = 0
    """Of its newest action."""
    status: EpisodeStatus = EpisodeStatus.PREPARE

    @property
    def is_over(self) -> bool:
        """Whether it has finished, or is out."""
        return self.status is not EpisodeStatus.PREPARE

    @property
    def is_waiting(self) -> bool:
        """Whether it serves a penalty."""
        return self.pause_s >= _INSTANT_S


class Duel:
    """The cars of one race."""

    def __init__(self, entries: Sequence[Entry], track: Track, spec: DuelSpec) -> None:
        """Put the cars together.

        Args:
            entries: two to eight models, the one at the front of the grid first.
            track: where they race.
            spec: laps, rules and seed.

        Raises:
            CorruptCheckpoint: a checkpoint is damaged.
            InvalidSpec: the cars have different shapes, or are too many for the track.
        """
        self.spec, self.track = spec, track
        car = entries[0].model.car
        self.simulator = RivalSimulator([track], len(entries), car=car, seed=spec.seed)
        order = np.arange(len(entries))
        if spec.draws_grid:
            order = np.random.default_rng(spec.seed).permutation(order)
        for place, k in enumerate(order.tolist()):
            self.simulator.set_tyres(place, entries[k].model.car)
        self.racers = [self._racer(entries[k], place) for place, k in enumerate(order.tolist())]
        self._commands = np.zeros((len(entries), 2))
        self._longest = int(track.length_m / SLOWEST_MPS * CONTROL_HZ) * spec.laps
        self._is_ahead = np.triu(np.ones((len(entries), len(entries)), np.bool_), 1)
        """(N, N) whether the one was ahead of the other when they last were a car apart."""
        self._penalties_s = {
            EpisodeStatus.OFF_TRACK: spec.off_track_penalty_s,
            EpisodeStatus.REVERSED: spec.off_track_penalty_s,
            EpisodeStatus.CRASHED: spec.collision_penalty_s,
        }

    def drive(self) -> DuelResult:
        """Drive everybody to the end."""
        self.simulator.line_up(0)
        for racer in self.racers:
            racer.lap_began_s = float(self.simulator.cars.spawn_s[racer.place])
            racer.safe_progress = float(self.simulator.cars.table[racer.place, _PROGRESS])
            self._record(racer, EpisodeStatus.PREPARE)
        while going := [racer for racer in self.racers if not racer.is_over]:
            self._step(going)
        standings = ranked(self._standing(racer) for racer in self.racers)
        by_place = [self.racers[standing.grid_place - 1] for standing in standings]
        kind = self.simulator.objects.kind[:, None]
        return DuelResult(
            standings,
            tuple(racer.steps for racer in by_place),
            tuple(
                np.stack([np.concatenate([poses, kind], axis=1) for poses in racer.objects])
                for racer in by_place
            ),
        )

    def _racer(self, entry: Entry, place: int) -> Racer:
        actor = load_actor(entry.model, entry.checkpoint)
        view = self.simulator.seen_with(entry.model.camera, entry.model.lidar)
        driver = Driver(actor, actor.head, view, place, place + 1)
        driver.policy = PackedPolicy(actor.policy)
        return Racer(entry, driver, place)

    def _step(self, going: Sequence[Racer]) -> None:
        driving = [racer for racer in going if not racer.is_waiting]
        for racer in driving:
            head, row = racer.driver.head, np.array([racer.place])
            actions = head.best(racer.driver.look_from(row, group=SPARE))
            racer.number = int(head.numbers(actions)[0])
            self._commands[racer.place] = head.command(actions)[0]
        rows = np.array([racer.place for racer in driving], np.int64)
        self.simulator.step_rows(self._commands, rows, is_continuous=True)
        for racer in going:
            if racer in driving:
                self._judge(racer)
            else:
                self._wait(racer)
        self._count_overtakes(going)
        for racer in going:
            place = racer.place
            if not (racer.is_over or racer.is_waiting) and self.simulator.is_clear(place):
                self.simulator.is_solid[place] = True

    def _judge(self, racer: Racer) -> None:
        cars = self.simulator.cars
        racer.driven += 1
        status = EpisodeStatus(int(cars.status[racer.place]))
        if status is EpisodeStatus.LAP_COMPLETE:
            self._finish_lap(racer)
        elif status is EpisodeStatus.IN_PROGRESS and racer.driven >= self._longest:
            self._end(racer, EpisodeStatus.TIME_UP)
        elif status is EpisodeStatus.IN_PROGRESS:
            self._record(racer, status)
            racer.safe_progress = float(cars.table[racer.place, _PROGRESS])
        else:
            racer.counts[status] = racer.counts.get(status, 0) + 1
            if status in _RESETTABLE and racer.resets < self.spec.max_resets:
                self._record(racer, status)
                self._reset(racer, status)
            else:
                self._end(racer, status)
        self._measure(racer)

    def _finish_lap(self, racer: Racer) -> None:
        row = self.simulator.cars.table[racer.place]
        now = float(row[_TIME])
        racer.laps_ms.append(round((now - racer.lap_began_s) * 1000))
        racer.lap_began_s, racer.safe_progress = now, 0.0
        racer.beyond_m = float(row[_ALONG])
        if len(racer.laps_ms) == self.spec.laps:
            self._end(racer, EpisodeStatus.LAP_COMPLETE)
        else:
            self._record(racer, EpisodeStatus.IN_PROGRESS)

    def _end(self, racer: Racer, status: EpisodeStatus) -> None:
        self._record(racer, status, is_done=True)
        racer.status = status
        self._measure(racer)
        self.simulator.park(racer.place)

    def _reset(self, racer: Racer, status: EpisodeStatus) -> None:
        """Put a car back on the road, or leave it where it hit another one; it waits there."""
        simulator, cars, place = self.simulator, self.simulator.cars, racer.place
        racer.resets += 1
        racer.pause_s = self._penalties_s.get(status, 0.0)
        simulator.is_solid[place] = False
        if status is EpisodeStatus.CRASHED:
            cars.state[place, 3:] = 0.0
            cars.standing[place] = cars.falling[place] = 0
            cars.clock_s[place] += _PERIOD_S
        else:
            racer.safe_progress = put_back(simulator, place, racer.safe_progress)
        simulator.face_each_other(0)

    def _wait(self, racer: Racer) -> None:
        cars, place = self.simulator.cars, racer.place
        cars.steps[place] += 1
        cars.table[place, COLUMN["steps"]] = cars.steps[place]
        cars.table[place, _TIME] = cars.clock_s[place]
        self._record(racer, EpisodeStatus.PAUSE)
        cars.clock_s[place] += _PERIOD_S
        racer.pause_s -= _PERIOD_S
        cars.standing[place] = 0

    def _measure(self, racer: Racer) -> None:
        """How far a car has come since the start line."""
        if racer.status is EpisodeStatus.LAP_COMPLETE:
            racer.distance_m = self.spec.laps * self.track.length_m + racer.beyond_m
            return
        laps = len(racer.laps_ms) + racer.safe_progress / 100.0
        racer.distance_m = laps * self.track.length_m

    def _count_overtakes(self, going: Sequence[Racer]) -> None:
        """Count who got ahead of whom, once they are a car's length apart.

        Passing a car that waits, or is out, is no overtaking.
        """
        apart_m = self.simulator.car.body_length_m
        for one in going:
            for other in self.racers:
                if one is other or one.distance_m - other.distance_m < apart_m:
                    continue
                if self._is_ahead[one.place, other.place]:
                    continue
                self._is_ahead[one.place, other.place] = True
                self._is_ahead[other.place, one.place] = False
                one.overtakes += not (other.is_waiting or other.is_over)

    def _standing(self, racer: Racer) -> Standing:
        # A car that is out has the time of its last lap; one without a lap has all it drove.
        total = sum(racer.laps_ms)
        first, last = racer.steps[0].time_s, racer.steps[-1].time_s
        return Standing(
            name=racer.entry.name,
            grid_place=racer.place + 1,
            lap_times_ms=tuple(racer.laps_ms),
            total_ms=total if racer.laps_ms else round((last - first) * 1000),
            distance_m=racer.distance_m,
            beyond_m=racer.beyond_m,
            status=racer.status,
            crashes=racer.counts.get(EpisodeStatus.CRASHED, 0),
            overtakes=racer.overtakes,
            off_tracks=racer.counts.get(EpisodeStatus.OFF_TRACK, 0),
        )

    def _record(self, racer: Racer, status: EpisodeStatus, *, is_done: bool = False) -> None:
        """Keep the newest row of a car, and where the others are."""
        row, head = self.simulator.cars.table[racer.place].tolist(), racer.driver.head
        is_driving = status not in (EpisodeStatus.PREPARE, EpisodeStatus.PAUSE)
        number = racer.number if is_driving else head.resting_number
        step = traced_step(row, status, number, self.track.length_m, is_done=is_done)
        crashes = racer.counts.get(EpisodeStatus.CRASHED, 0)
        racer.steps.append(replace(step, pause_s=max(racer.pause_s, 0.0), crash_count=crashes))
        racer.objects.append(self.simulator.objects.pose[racer.place].copy())
