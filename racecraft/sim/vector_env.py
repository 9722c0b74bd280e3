"""The vector forms of the environments: all cars in one call, on several threads."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from racecraft.domain.bots import BotSpec
from racecraft.domain.episode import EpisodeStatus
from racecraft.domain.obstacles import ObstacleSpec
from racecraft.domain.reward import COLUMN, RewardInputs
from racecraft.sim.observations import Observations, make_observations
from racecraft.sim.simulator import START_ADVANCE
from racecraft.sim.time_trial import ends, info_of, make_time_trial, pictures


class TimeTrialVectorEnv(VectorEnv[Any, NDArray[Any], NDArray[np.float64]]):
    """N independent time trials; a car's results do not depend on N or on the threads.

    Car k with seed s drives as `TimeTrialEnv` does with that seed, but its round of starting
    places begins k twentieths of a lap further on.

    Episodes restart in the step after their last one (`AutoresetMode.NEXT_STEP`): that step
    ignores its action, its reward is 0 and its observation is the first of the new episode.
    """

    metadata = {  # noqa: RUF012
        "render_modes": ["rgb_array"],
        "render_fps": 15,
        "autoreset_mode": AutoresetMode.NEXT_STEP,
    }

    def __init__(
        self,
        num_envs: int = 1,
        render_mode: str | None = None,
        threads: int | None = None,
        **design: Any,
    ) -> None:
        """Make the cars.

        Args:
            num_envs: N.
            render_mode: "rgb_array" or None.
            threads: how many threads drive them; one a processor core by default.
            **design: `track`, `is_reversed` and the fields of `TimeTrial`.
        """
        self.design = make_time_trial(**design)
        self.num_envs, self.render_mode = num_envs, render_mode
        self.single_observation_space = self.design.observation_space
        self.single_action_space = self.design.action_space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._simulator = self.design.make_simulator(num_envs, draws=render_mode is not None)
        size = min(threads or os.cpu_count() or 1, num_envs)
        self._spans = [(num_envs * k // size, num_envs * (k + 1) // size) for k in range(size)]
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="racecraft-env")
        self._commands = self.design.command_function()
        self._ended = np.ones(num_envs, np.bool_)
        self._is_seeded = False

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Start new episodes in all environments.

        Args:
            seed: of car 0, the others count on from it; or one for each car. A car with a
                seed starts its round of starting places anew, one without (None) goes on.
            options: not used.
        """
        cars = self._simulator.cars
        super().reset(seed=seed[0] if isinstance(seed, list) else seed)
        for car, each in enumerate(self._seeds(seed)):
            if each is not None:
                self._simulator.reseed(car, each)
                cars.start_share[car] = (car * START_ADVANCE - START_ADVANCE) % 1.0
        self._is_seeded = True
        cars.steps[:] = 0
        cars.status[:] = EpisodeStatus.PREPARE
        self._each_span(lambda lo, hi: self._restart(lo, hi))
        self._ended[:] = False
        return self._observe(), self._info()

    def step(
        self, actions: NDArray[Any]
    ) -> tuple[Any, NDArray[np.float64], Any, Any, dict[str, Any]]:
        """Hold one action a car for one step; cars whose episode ended start a new one."""
        simulator, cars = self._simulator, self._simulator.cars
        restarting = self._ended.copy()
        before = cars.progress.copy()
        commands = np.ascontiguousarray(self._commands(actions))
        out = self._room()

        def work(lo: int, hi: int) -> None:
            for first, last in _runs(restarting, lo, hi):
                if restarting[first]:
                    self._restart(first, last)
                else:
                    simulator.step(commands, first, last)
            simulator.observe(out, lo, hi)

        self._each_span(work)
        moved = cars.table[:, COLUMN["progress_percent"]] - before
        driving = np.flatnonzero(~restarting)
        inputs = RewardInputs(
            cars.table[driving],
            simulator.tracks,
            cars.track[driving],
            simulator.objects.rows[driving],
        )
        rewards = np.zeros(self.num_envs)
        rewards[driving] = self.design.rewards(inputs, moved[driving])
        terminated, truncated = ends(cars.status, cars.steps)
        self._ended = terminated | truncated
        return self.design.told(out), rewards, terminated, truncated, self._info()

    def render(self) -> Any:
        """Every car's picture as `TimeTrialEnv.render` shows it; None without a render mode."""
        if self.render_mode != "rgb_array":
            return None
        return tuple(pictures(self._simulator, self._spans))

    def close_extras(self, **kwargs: Any) -> None:
        """Stop the threads."""
        self._pool.shutdown()

    def _seeds(self, seed: int | list[int | None] | None) -> list[int | None]:
        """One seed a car; None keeps its stream, which the first reset must have made."""
        if isinstance(seed, int):
            return [seed + car for car in range(self.num_envs)]
        seeds: list[int | None] = [None] * self.num_envs if seed is None else list(seed)
        if len(seeds) != self.num_envs:
            raise ValueError(
                f"There are {len(seeds)} seeds for {self.num_envs} cars; give one for each car."
            )
        if self._is_seeded:
            return seeds
        drawn = self.np_random.integers(2**31, size=self.num_envs).tolist()
        return [new if each is None else each for each, new in zip(seeds, drawn, strict=True)]

    def _room(self) -> Observations:
        return make_observations((self.num_envs,), self.design.seen, self.design.lidar)

    def _restart(self, lo: int, hi: int) -> None:
        self._simulator.restart(lo, hi, jitter=self.design.start_jitter)

    def _observe(self) -> Any:
        out = self._room()
        self._each_span(lambda lo, hi: self._simulator.observe(out, lo, hi))
        return self.design.told(out)

    def _each_span(self, work: Any) -> None:
        for future in [self._pool.submit(work, *span) for span in self._spans]:
            future.result()

    def _info(self) -> dict[str, Any]:
        cars = self._simulator.cars
        info: dict[str, Any] = info_of(cars.table, cars.status)
        info |= {f"_{name}": np.ones(self.num_envs, np.bool_) for name in list(info)}
        return info


class ObjectAvoidanceVectorEnv(TimeTrialVectorEnv):
    """N independent drives round boxes, as `ObjectAvoidanceEnv`; every car meets its own boxes."""

    def __init__(
        self,
        num_envs: int = 1,
        render_mode: str | None = None,
        threads: int | None = None,
        obstacles: ObstacleSpec | None = None,
        **design: Any,
    ) -> None:
        """Make the cars.

        Args:
            num_envs: N.
            render_mode: "rgb_array" or None.
            threads: how many threads drive them; one a processor core by default.
            obstacles: how many boxes, and where; six at random places by default.
            **design: `track`, `is_reversed` and the fields of `TimeTrial`.
        """
        boxes = obstacles or ObstacleSpec()
        super().__init__(num_envs, render_mode, threads, obstacles=boxes, **design)


class HeadToHeadVectorEnv(TimeTrialVectorEnv):
    """N independent drives among bot cars, as `HeadToHeadEnv`; every car meets its own bots."""

    def __init__(
        self,
        num_envs: int = 1,
        render_mode: str | None = None,
        threads: int | None = None,
        bots: BotSpec | None = None,
        **design: Any,
    ) -> None:
        """Make the cars.

        Args:
            num_envs: N.
            render_mode: "rgb_array" or None.
            threads: how many threads drive them; one a processor core by default.
            bots: how many bots, how fast, and where; three slow ones by default.
            **design: `track`, `is_reversed` and the fields of `TimeTrial`.
        """
        super().__init__(num_envs, render_mode, threads, bots=bots or BotSpec(), **design)


def _runs(flags: NDArray[np.bool_], lo: int, hi: int) -> list[tuple[int, int]]:
    """Cut lo..hi-1 where the flag changes."""
    cuts = [lo, *(lo + 1 + np.flatnonzero(np.diff(flags[lo:hi]))).tolist(), hi]
    return [(a, b) for a, b in pairwise(cuts) if b > a]
