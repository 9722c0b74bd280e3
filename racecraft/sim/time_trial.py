"""What the single and the vector environments share: spaces, commands, reward and info."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from racecraft.domain.action_space import (
    ContinuousActionSpace,
    DiscreteActionSpace,
    action_grid,
)
from racecraft.domain.bots import BotSpec
from racecraft.domain.car import CameraSpec, CarSpec
from racecraft.domain.episode import CONTROL_HZ, MAX_EPISODE_STEPS, EpisodeStatus
from racecraft.domain.obstacles import ObstacleSpec
from racecraft.domain.randomisation import RandomisationSpec
from racecraft.domain.reward import COLUMN, RewardInputs
from racecraft.domain.sensors import (
    LidarConfig,
    LidarSpec,
    Sensor,
    camera_of,
    lidar_of,
    ordered_sensors,
    refuse_unused_config,
)
from racecraft.domain.track import Track
from racecraft.sim.observations import Observations, frame_shape
from racecraft.sim.simulator import Simulator
from racecraft.tracks.library import load_track

RewardFunction = Callable[[dict[str, Any]], float]
MAX_SPEED_MPS = 4.0
ENDED_BY_RULES = (
    EpisodeStatus.OFF_TRACK,
    EpisodeStatus.CRASHED,
    EpisodeStatus.REVERSED,
    EpisodeStatus.IMMOBILIZED,
)
_WORDS = np.array([status.trace_word for status in EpisodeStatus], dtype=object)


@dataclass(frozen=True, kw_only=True)
class TimeTrial:
    """The fixed part of a time trial: track, car, camera, actions and reward."""

    track: Track
    camera: CameraSpec = field(default_factory=CameraSpec)
    """Size and optics of the pictures; how many eyes take them is for `sensors`."""
    sensors: tuple[Sensor, ...] = (Sensor.FRONT_FACING_CAMERA,)
    """One camera at most, one LIDAR at most."""
    lidar_config: LidarConfig | None = None
    """Of DISCRETIZED_SECTOR_LIDAR."""
    car: CarSpec = field(default_factory=CarSpec)
    actions: DiscreteActionSpace | ContinuousActionSpace = field(default_factory=action_grid)
    """7 steering angles times 3 speeds up to 1 m/s."""
    reward_function: RewardFunction | None = None
    """Called with the documented reward inputs; trusted code only, it runs right here."""
    start_jitter: float = 0.3
    """Starts are displaced by up to this share of the half width."""
    obstacles: ObstacleSpec | None = None
    """Boxes on the road; None for none."""
    bots: BotSpec | None = None
    """Bot cars on the road; None for none."""
    randomisation: RandomisationSpec | None = None
    """What is drawn anew for each episode; None for nothing."""

    @property
    def seen(self) -> CameraSpec | None:
        """The camera that is observed; None without one."""
        return camera_of(self.sensors, self.camera)

    @property
    def lidar(self) -> LidarSpec | None:
        """The LIDAR that is observed; None without one."""
        return lidar_of(self.sensors, self.lidar_config)

    @property
    def observation_space(self) -> spaces.Box | spaces.Dict:
        """A box for one sensor; for two a dictionary, by the sensors' names.

        Pictures are (H, W, C) unsigned bytes, channels last, LIDAR values (L,) floats.
        """
        boxes: dict[str, spaces.Space[Any]] = {s.value: self._box(s) for s in self.sensors}
        return self._box(self.sensors[0]) if len(boxes) == 1 else spaces.Dict(boxes)

    def _box(self, sensor: Sensor) -> spaces.Box:
        camera, lidar = camera_of((sensor,), self.camera), lidar_of((sensor,), self.lidar_config)
        if camera is not None:
            return spaces.Box(0, 255, (camera.height, camera.width, camera.channels), np.uint8)
        assert lidar is not None
        low, high = (np.float32(limit) for limit in lidar.limits)
        return spaces.Box(low, high, (lidar.num_values,), np.float32)

    def told(self, observations: Observations) -> Any:
        """Observations of any number of cars in the form of the observation space."""
        camera = self.seen
        given: dict[str, NDArray[Any]] = {}
        if camera is not None and observations.frames is not None:
            frames = observations.frames
            given[self.sensors[0].value] = frames[..., None] if camera.channels == 1 else frames
        if observations.scans is not None:
            given[self.sensors[-1].value] = observations.scans
        return given[self.sensors[0].value] if len(given) == 1 else given

    def make_simulator(self, num_cars: int, *, draws: bool) -> Simulator:
        """The world of some cars; `draws` asks for pictures even where no camera is observed."""
        return Simulator(
            [self.track],
            num_cars,
            car=self.car,
            camera=self.seen or (self.camera if draws else None),
            lidar=self.lidar,
            obstacles=self.obstacles,
            bots=self.bots,
            randomisation=self.randomisation,
        )

    @property
    def action_space(self) -> spaces.Discrete[np.int64] | spaces.Box:
        """The number of an action in the list, or steering and speed from -1 to 1."""
        if isinstance(self.actions, ContinuousActionSpace):
            return spaces.Box(-1.0, 1.0, (2,), np.float32)
        return spaces.Discrete(len(self.actions))

    def command_function(self) -> Callable[[Any], NDArray[np.float64]]:
        """What the actions of some cars, as the spaces give them, command: (B, 2) rad and m/s."""
        commands, dtype = self.actions.command_function(), self.action_space.dtype
        return lambda actions: commands(np.asarray(actions, dtype))

    def rewards(self, inputs: RewardInputs, moved_percent: NDArray[np.float64]) -> NDArray[Any]:
        """(N,) rewards: the given function's, or the default.

        The default pays for progress: 1 for a step at top speed along the centre line, and
        -1 for leaving the track or hitting a box or car.
        """
        if self.reward_function is not None:
            params = (inputs.params(car) for car in range(len(inputs.table)))
            return np.array([float(self.reward_function(each)) for each in params])
        top_percent = 100.0 * MAX_SPEED_MPS / CONTROL_HZ / self.track.length_m
        has_failed = np.maximum(
            inputs.table[:, COLUMN["is_offtrack"]], inputs.table[:, COLUMN["is_crashed"]]
        )
        return np.asarray(moved_percent / top_percent - has_failed)


def make_time_trial(
    *, track: Track | str | Path = "harbour-loop", is_reversed: bool = False, **design: Any
) -> TimeTrial:
    """A time trial with the lab's car and actions unless told otherwise.

    Args:
        track: a shipped track's name, a track file, or a Track.
        is_reversed: drive it against the row order of its file; a Track is driven as it is.
        **design: the other fields of `TimeTrial`.

    Raises:
        InvalidSpec: the sensors do not go together.
        TrackNotFound, InvalidTrack: the track cannot be used.
    """
    chosen = track if isinstance(track, Track) else load_track(str(track), is_reversed=is_reversed)
    if "sensors" in design:
        given = design["sensors"]
        design["sensors"] = ordered_sensors([given] if isinstance(given, str) else given)
    made = TimeTrial(track=chosen, **design)
    refuse_unused_config(made.sensors, made.lidar_config)
    return made


def pictures(simulator: Simulator, spans: Sequence[tuple[int, int]]) -> list[NDArray[np.uint8]]:
    """(H, W, 3) bytes of every car's camera; two eyes side by side, (H, 2 W, 3)."""
    spec = simulator.camera_spec
    assert spec is not None
    frames = np.zeros((simulator.num_cars, *frame_shape(spec)), np.uint8)
    for lo, hi in spans:
        simulator.render(frames, lo, hi)
    if spec.is_colour:
        return list(frames)
    eyes = np.moveaxis(frames.reshape(*frames.shape[:3], -1), 3, 1)  # (N, C, H, W)
    side_by_side = np.concatenate(list(np.moveaxis(eyes, 1, 0)), axis=2)
    return list(np.repeat(side_by_side[..., None], 3, axis=3))


def ends(
    status: NDArray[np.int64], steps: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(N,) terminated and (N,) truncated."""
    terminated = np.isin(status, ENDED_BY_RULES)
    is_at_limit = (status == EpisodeStatus.LAP_COMPLETE) | (steps >= MAX_EPISODE_STEPS)
    return terminated, is_at_limit & ~terminated


def info_of(table: NDArray[np.float64], status: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """Named (N,) arrays for `info`: progress, nose, simulated time and the status as a word."""
    return {
        "progress_percent": table[:, COLUMN["progress_percent"]].copy(),
        "x_m": table[:, COLUMN["x_m"]].copy(),
        "y_m": table[:, COLUMN["y_m"]].copy(),
        "sim_time_s": table[:, COLUMN["sim_time_s"]].copy(),
        "status": _WORDS[status],
    }
