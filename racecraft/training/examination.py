"""Greedy laps during training: how good is the policy now, and is it good enough to stop?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.episode import CONTROL_HZ, EpisodeStatus, Trial
from racecraft.domain.race import RaceSpec
from racecraft.domain.spec import ModelSpec, Network
from racecraft.domain.track import Track
from racecraft.sim.simulator import Simulator
from racecraft.training.driving import Actor, Driver
from racecraft.training.overtakes import Overtakes
from racecraft.training.packed import PackedPolicy
from racecraft.training.team import Team

SLOWEST_MPS = 0.2
"""Centre-line speed below which an examined lap is cut short as timed out."""
PATIENCE_STEPS = 60
"""Steps over which that speed is taken, and after which the threads compare notes."""
LAYOUT_SEED = 2**31
"""Where the luck of examined laps begins; no training and no evaluation has such a seed."""
SPLIT_CARS = 8
"""Fewer cars than this are driven by one thread: two would wait for each other."""
_IN_PROGRESS = int(EpisodeStatus.IN_PROGRESS)
_LAP_COMPLETE = int(EpisodeStatus.LAP_COMPLETE)
_TIME_UP = int(EpisodeStatus.TIME_UP)


@dataclass(frozen=True)
class Start:
    """Where an examined lap begins."""

    lap_share: float
    offset_half_widths: float = 0.0
    turn_rad: float = 0.0


@dataclass(frozen=True)
class Examination:
    """What greedy laps after an iteration were like."""

    trials: tuple[Trial, ...]
    is_clean: bool
    mean_progress: float
    mean_speed_mps: float

    @property
    def score(self) -> tuple[float, ...]:
        """What makes a checkpoint better than another: goal reached, then distance, then pace."""
        return (float(self.is_clean), round(self.mean_progress, 3), self.mean_speed_mps)


def even_starts(count: int) -> list[Start]:
    """Starts on the centre line, the first at the finish line, spread evenly over the lap."""
    return [Start(k / count) for k in range(count)]


def displaced_starts(count: int) -> list[Start]:
    """Fixed starts, up to half of the half width off the centre line and up to 15° turned.

    The same for every training: a low-discrepancy sequence (R2, Roberts 2018), no randomness.
    """
    k = np.arange(1, count + 1)
    offset = (k * 0.7548776662466927) % 1.0 - 0.5
    turn = ((k * 0.5698402909980532) % 1.0 - 0.5) * 2.0 * np.radians(15.0)
    return [Start((i + 0.5) / count, float(offset[i]), float(turn[i])) for i in range(count)]


class Examiner:
    """Drives greedy laps from fixed starts, one lap a start, all at the same time."""

    def __init__(
        self,
        actor: Actor,
        model: ModelSpec,
        tracks: Sequence[Track],
        starts: Sequence[Start],
        team: Team,
        race: RaceSpec | None = None,
    ) -> None:
        """Make the cars.

        Args:
            actor: the policy; its weights may change between examinations.
            model: the model.
            tracks: start i is driven on track i modulo their number.
            starts: one lap each.
            team: the threads that drive.
            race: what is on the road; nothing by default. Things at random places stand elsewhere
                in every lap, but in the same places in every examination.
        """
        self._actor, self.starts, self.team = actor, starts, team
        self.layout_seed = LAYOUT_SEED
        """Of what stands on the road in the first lap; the others count on."""
        self.simulator = Simulator(
            tracks,
            len(starts),
            car=model.car,
            camera=model.camera,
            lidar=model.lidar,
            obstacles=race.obstacles if race else None,
            bots=race.bots if race else None,
        )
        self.overtakes = Overtakes(self.simulator)
        is_small = len(starts) < SPLIT_CARS or model.network is Network.LIGHT
        spans = [team.span(share, len(starts)) for share in range(team.size)]
        if is_small:
            spans = [(0, len(starts)), *[(0, 0)] * (team.size - 1)]
        self.drivers = [Driver(actor, actor.head, self.simulator, *span) for span in spans]

    def examine(self, *, stops_at_failure: bool = False) -> tuple[Trial, ...]:
        """Drive every start to its end.

        Args:
            stops_at_failure: give up as soon as one lap failed; the trials still under way are
                reported as far as they came.
        """
        simulator = self.simulator
        # Every examination is the same whatever was driven before it.
        for car, start in enumerate(self.starts):
            simulator.reseed(car, self.layout_seed + car)
            track = simulator.cars.track[car]
            simulator.place_objects(car)
            half_width = 0.5 * simulator.tracks[track].width_m
            simulator.place_at(
                car,
                start.lap_share * simulator.pack.length_m[track],
                offset_m=start.offset_half_widths * half_width,
                turn_rad=start.turn_rad,
            )
        self.overtakes.begin(np.arange(len(self.starts)))
        packed = PackedPolicy(self._actor.policy)
        for driver in self.drivers:
            driver.policy = packed
        running = [np.arange(driver.lo, driver.hi) for driver in self.drivers]
        while any(len(rows) for rows in running):
            before = simulator.cars.progress.copy()
            self.team.run(partial(self._drive, running=running))
            self._end_late(before)
            status = simulator.cars.status
            is_over = (status != _IN_PROGRESS) & (status != _LAP_COMPLETE)
            if stops_at_failure and is_over.any():
                break
            running = [rows[status[rows] == _IN_PROGRESS] for rows in running]
        return tuple(self._trial(car) for car in range(len(self.starts)))

    @property
    def steps(self) -> int:
        """Steps of all cars in the newest examination."""
        return int(self.simulator.cars.steps.sum())

    def _drive(self, share: int, running: list[NDArray[np.int64]]) -> None:
        """Drive some cars for a while; threads compare notes only at such agreed steps."""
        driver, simulator, rows = self.drivers[share], self.simulator, running[share]
        commands = np.zeros((simulator.num_cars, 2))
        for _ in range(PATIENCE_STEPS):
            if not len(rows):
                return
            commands[rows] = driver.head.command(driver.head.best(driver.look_from(rows)))
            simulator.step_rows(commands, rows)
            self.overtakes.look(rows)
            rows = rows[simulator.cars.status[rows] == _IN_PROGRESS]

    def _end_late(self, before: NDArray[np.float64]) -> None:
        """End the laps of cars that hardly got on."""
        cars, pack = self.simulator.cars, self.simulator.pack
        seconds = PATIENCE_STEPS / CONTROL_HZ
        slowest_percent = SLOWEST_MPS * seconds * 100.0 / pack.length_m[cars.track]
        is_late = cars.progress - before < slowest_percent
        cars.status[is_late & (cars.status == _IN_PROGRESS)] = _TIME_UP

    def _trial(self, car: int) -> Trial:
        cars = self.simulator.cars
        status = EpisodeStatus(int(cars.status[car]))
        if status in (EpisodeStatus.IN_PROGRESS, EpisodeStatus.PREPARE):
            status = EpisodeStatus.TIME_UP
        return Trial(
            trial=car + 1,
            time_ms=round(float(cars.clock_s[car] - cars.spawn_s[car]) * 1000),
            completion_percent=max(float(cars.table[car, 5]), 0.0),
            status=status,
            start_time_ms=round(float(cars.spawn_s[car]) * 1000),
            off_track_count=int(status is EpisodeStatus.OFF_TRACK),
            crash_count=int(status is EpisodeStatus.CRASHED),
            overtakes=int(self.overtakes.counts[car]),
            reversed_count=int(status is EpisodeStatus.REVERSED),
            immobilized_count=int(status is EpisodeStatus.IMMOBILIZED),
        )


def mean_speed_mps(trials: Sequence[Trial], lengths_m: NDArray[np.float64]) -> float:
    """Centre-line speed over completed laps, standing starts included; 0 without any.

    Args:
        trials: what was driven.
        lengths_m: (len(trials),) track length of each.
    """
    is_clean = np.array([trial.is_clean for trial in trials])
    times_s = np.array([trial.time_ms / 1000 for trial in trials])
    return float(lengths_m[is_clean].sum() / times_s[is_clean].sum()) if is_clean.any() else 0.0
