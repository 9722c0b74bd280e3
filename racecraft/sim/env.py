"""The environments of one car: alone on its track, or with boxes or bots on the road."""

from __future__ import annotations

from typing import Any

import gymnasium

from racecraft.domain.bots import BotSpec
from racecraft.domain.episode import EpisodeStatus
from racecraft.domain.obstacles import ObstacleSpec
from racecraft.domain.reward import COLUMN
from racecraft.sim.observations import make_observations
from racecraft.sim.simulator import START_ADVANCE
from racecraft.sim.time_trial import ends, info_of, make_time_trial, pictures


class TimeTrialEnv(gymnasium.Env[Any, Any]):
    """A 1/18-scale car drives laps by what its sensors see.

    Description:
        Decisions 15 times a second of simulated time. Each episode starts at rest on the
        centre line, a twentieth of a lap after the start of the one before.
    Action Space:
        `Discrete(A)`: the number of an action, a steering angle and a speed held for one step.
        With `actions=ContinuousActionSpace(...)` it is `Box(-1, 1, (2,), float32)`: steering
        (1 is the leftmost) and speed (1 is the fastest) between the limits of the space.
    Observation Space:
        `Box(0, 255, (H, W, C), uint8)`: the camera's picture, grey by default. With
        `sensors=(...)` another camera or a LIDAR, `Box(low, high, (L,), float32)`; with two
        sensors a `Dict` of both by their names.
    Rewards:
        1 for a step's worth of progress at 4 m/s, -1 for leaving the track; or the result of
        `reward_function(params)` with the documented reward inputs.
    Starting State:
        Displaced by up to `start_jitter` of the half width and turned a little.
    Episode Termination:
        Terminated off the track (all four wheels), driving backwards or standing for a second.
        Truncated when the lap is complete, because the car could drive on, and after 100 000
        steps.

    Arguments:
        `track`, `is_reversed` and the fields of `racecraft.sim.time_trial.TimeTrial`;
        `render_mode` may be "rgb_array".
    Version History:
        v0: first version.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 15}  # noqa: RUF012

    def __init__(self, render_mode: str | None = None, **design: Any) -> None:
        self.design = make_time_trial(**design)
        self.render_mode = render_mode
        self.observation_space: Any = self.design.observation_space
        self.action_space: Any = self.design.action_space
        self._simulator = self.design.make_simulator(1, draws=render_mode is not None)
        self._commands = self.design.command_function()

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Start the next episode; a seed starts the round of starting places anew."""
        super().reset(seed=seed)
        cars = self._simulator.cars
        if seed is not None or cars.steps[0] == 0:
            drawn = int(self.np_random.integers(2**31)) if seed is None else seed
            self._simulator.reseed(0, drawn)
            cars.start_share[:] = 1.0 - START_ADVANCE
        cars.steps[0] = 0
        cars.status[0] = EpisodeStatus.PREPARE
        self._simulator.restart(0, 1, jitter=self.design.start_jitter)
        return self._observe(), self._info()

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Hold an action for one step."""
        simulator, cars = self._simulator, self._simulator.cars
        before = float(cars.progress[0])
        simulator.step(self._commands([action]), 0, 1)
        moved = cars.table[:, COLUMN["progress_percent"]] - before
        reward = float(self.design.rewards(simulator.inputs, moved)[0])
        terminated, truncated = ends(cars.status, cars.steps)
        return self._observe(), reward, bool(terminated[0]), bool(truncated[0]), self._info()

    def render(self) -> Any:
        """The camera's picture as (H, W, 3) bytes; None without a render mode.

        Two eyes are shown side by side; a car without a camera shows what the front camera
        would see.
        """
        if self.render_mode != "rgb_array":
            return None
        return pictures(self._simulator, [(0, 1)])[0]

    def _observe(self) -> Any:
        seen = make_observations((1,), self.design.seen, self.design.lidar)
        self._simulator.observe(seen, 0, 1)
        return self.design.told(seen[0])

    def _info(self) -> dict[str, Any]:
        cars = self._simulator.cars
        return {
            name: column.tolist()[0] for name, column in info_of(cars.table, cars.status).items()
        }


class ObjectAvoidanceEnv(TimeTrialEnv):
    """A 1/18-scale car drives laps round boxes on the road.

    Description:
        As `TimeTrialEnv`, with boxes of 0.4 m × 0.3 m × 0.25 m in the two lanes of the road. By
        default six, at least 2 m apart, at other places in every episode.
    Rewards:
        1 for a step's worth of progress at 4 m/s, -1 for leaving the track or hitting a box; or
        the result of `reward_function(params)`, which is told where the boxes are.
    Starting State:
        As in a time trial; within 1 m of a box in the other lane than the box.
    Episode Termination:
        As in a time trial; and terminated when a corner of the car is nearer than 5 cm to a box.

    Arguments:
        `obstacles`, an `ObstacleSpec`, and those of `TimeTrialEnv`.
    Version History:
        v0: first version.
    """

    def __init__(
        self,
        render_mode: str | None = None,
        obstacles: ObstacleSpec | None = None,
        **design: Any,
    ) -> None:
        super().__init__(render_mode, obstacles=obstacles or ObstacleSpec(), **design)


class HeadToHeadEnv(TimeTrialEnv):
    """A 1/18-scale car drives laps among slower bot cars.

    Description:
        As `TimeTrialEnv`, with bot cars that follow the lanes of the road at a constant speed. By
        default three at 0.2 m/s, at other places in every episode. A bot that runs into the car
        from behind stops for two seconds.
    Rewards:
        1 for a step's worth of progress at 4 m/s, -1 for leaving the track or running into a bot;
        or the result of `reward_function(params)`, which is told where the bots are.
    Starting State:
        As in a time trial; within 1 m of a bot in the other lane than the bot.
    Episode Termination:
        As in a time trial; and terminated when a corner of the car is inside a bot that is ahead.

    Arguments:
        `bots`, a `BotSpec`, and those of `TimeTrialEnv`; `obstacles` for boxes as well.
    Version History:
        v0: first version.
    """

    def __init__(
        self, render_mode: str | None = None, bots: BotSpec | None = None, **design: Any
    ) -> None:
        super().__init__(render_mode, bots=bots or BotSpec(), **design)
