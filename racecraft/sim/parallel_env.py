"""Several agents race each other: the environment in the form of PettingZoo's parallel API.

PettingZoo is not needed. Where it is installed, the class is one of its environments, so that its
wrappers take it.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from racecraft.domain.errors import InvalidInput
from racecraft.domain.reward import COLUMN, RewardInputs
from racecraft.sim.observations import make_observations
from racecraft.sim.rivals import RivalSimulator
from racecraft.sim.simulator import START_ADVANCE
from racecraft.sim.streams import make_streams
from racecraft.sim.time_trial import ends, info_of, make_time_trial, pictures

if TYPE_CHECKING:
    _Api = object
else:
    try:
        from pettingzoo import ParallelEnv as _Api
    except ImportError:
        _Api = object


class HeadToHeadParallelEnv(_Api):
    """Two to eight cars on one track; each agent drives one by what its own sensors see.

    Agents are `car_0`, `car_1` and so on. The cars start on a grid in alternating lanes, each
    0.75 m behind the one before; the line is a twentieth of a lap further on in every episode.
    Spaces, rewards and the ends of an agent's episode are those of `TimeTrialEnv`. A car that runs
    into one ahead of it has crashed, and the other goes on. An agent that is done is taken out, and
    its car off the road.
    """

    metadata = {  # noqa: RUF012
        "name": "racecraft_head_to_head_v0",
        "render_modes": ["rgb_array"],
        "render_fps": 15,
        "is_parallelizable": True,
    }

    def __init__(self, cars: int = 2, render_mode: str | None = None, **design: Any) -> None:
        """Make the cars.

        Args:
            cars: how many, two to eight.
            render_mode: "rgb_array" or None.
            **design: `track`, `is_reversed` and the fields of `TimeTrial`, but boxes,
                bots and randomisation.

        Raises:
            InvalidInput: boxes, bots or randomisation were asked for.
            InvalidSpec: so many cars do not fit on the track.
        """
        self.design, self.render_mode = make_time_trial(**design), render_mode
        if self.design.obstacles is not None or self.design.bots is not None:
            raise InvalidInput(
                "Boxes or bot cars were asked for where agents race each other; leave them out."
            )
        if self.design.randomisation is not None and self.design.randomisation.is_on:
            raise InvalidInput(
                f"Randomisation ({self.design.randomisation.summary}) was asked for where agents "
                "race each other, which is the same for all of them; leave it out, or train with "
                "it among bot cars."
            )
        draws = render_mode is not None
        self._simulator = RivalSimulator(
            [self.design.track],
            cars,
            car=self.design.car,
            camera=self.design.seen or (self.design.camera if draws else None),
            lidar=self.design.lidar,
        )
        self.possible_agents = [f"car_{number}" for number in range(cars)]
        self.agents: list[str] = []
        # One object for each agent: they are seeded one by one.
        seen, done = self.design.observation_space, self.design.action_space
        self._observation_spaces = {agent: deepcopy(seen) for agent in self.possible_agents}
        self._action_spaces = {agent: deepcopy(done) for agent in self.possible_agents}
        self._numbers = {agent: number for number, agent in enumerate(self.possible_agents)}
        self._to_commands = self.design.command_function()
        self._commands = np.zeros((cars, 2))
        self._line = -START_ADVANCE
        self._is_seeded = False

    @property
    def num_agents(self) -> int:
        """Agents that drive now."""
        return len(self.agents)

    @property
    def max_num_agents(self) -> int:
        """All agents."""
        return len(self.possible_agents)

    @property
    def unwrapped(self) -> HeadToHeadParallelEnv:
        """The environment itself."""
        return self

    def observation_space(self, agent: str) -> Any:
        """What an agent sees; the same object at every call."""
        return self._observation_spaces[agent]

    def action_space(self, agent: str) -> Any:
        """What an agent may do; the same object at every call."""
        return self._action_spaces[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """Line all cars up; a seed starts the round of starting places anew."""
        simulator = self._simulator
        if seed is not None or not self._is_seeded:
            drawn = int(np.random.default_rng().integers(2**31)) if seed is None else seed
            for car in range(simulator.num_cars):
                simulator.reseed(car, drawn)
            simulator.cars.streams[:] = make_streams(drawn, simulator.num_cars)
            self._line, self._is_seeded = -START_ADVANCE, True
        self._line = (self._line + START_ADVANCE) % 1.0
        simulator.line_up(0, lap_share=self._line)
        self.agents = list(self.possible_agents)
        rows = np.arange(simulator.num_cars)
        return self._observe(rows), self._infos(rows)

    def step(self, actions: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
        """Hold one action of each agent for one step.

        Returns:
            Observations, rewards, terminations, truncations and infos of the agents that drove.
        """
        simulator, cars = self._simulator, self._simulator.cars
        rows = np.array([self._numbers[agent] for agent in self.agents], np.int64)
        for row in rows.tolist():
            action = actions[self.possible_agents[row]]
            self._commands[row] = self._to_commands([action])[0]
        before = cars.progress[rows]
        simulator.step_rows(self._commands, rows)
        inputs = RewardInputs(
            cars.table[rows], simulator.tracks, cars.track[rows], simulator.objects.rows[rows]
        )
        moved = cars.table[rows, COLUMN["progress_percent"]] - before
        rewards = self.design.rewards(inputs, moved).tolist()
        terminated, truncated = ends(cars.status[rows], cars.steps[rows])
        observations, infos = self._observe(rows), self._infos(rows)
        results = [
            dict(zip(observations, values, strict=True))
            for values in (rewards, terminated.tolist(), truncated.tolist())
        ]
        for row in rows[terminated | truncated].tolist():
            simulator.park(row)
            self.agents.remove(self.possible_agents[row])
        return observations, *results, infos

    def render(self) -> NDArray[np.uint8] | None:
        """What all cars see, side by side, (H, N W, 3) bytes; None without a render mode."""
        if self.render_mode != "rgb_array":
            return None
        return np.concatenate(pictures(self._simulator, [(0, self.max_num_agents)]), axis=1)

    def close(self) -> None:
        """Nothing has to be freed."""

    def _observe(self, rows: NDArray[np.int64]) -> dict[str, Any]:
        seen = make_observations((len(rows),), self.design.seen, self.design.lidar)
        self._simulator.observe_rows(rows, seen)
        return {
            self.possible_agents[row]: self.design.told(seen[place])
            for place, row in enumerate(rows.tolist())
        }

    def _infos(self, rows: NDArray[np.int64]) -> dict[str, dict[str, Any]]:
        cars = self._simulator.cars
        columns = info_of(cars.table[rows], cars.status[rows])
        lists = {name: column.tolist() for name, column in columns.items()}
        return {
            self.possible_agents[row]: {name: values[k] for name, values in lists.items()}
            for k, row in enumerate(rows.tolist())
        }
