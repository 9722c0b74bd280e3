"""Drawn laps among boxes or bot cars: the car goes round what is in its way, or does not.

Boxes that stand elsewhere in every episode are drawn evenly spaced. Bot cars keep their lanes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from racecraft.analysis.closed_line import ClosedLine
from racecraft.analysis.dry_run.laps import Lap
from racecraft.analysis.dry_run.lines import (
    FIRST_BEND_M,
    Speeds,
    is_bend,
    lap_of,
    speeds_on,
    steering_for,
)
from racecraft.domain.bots import BotSpec
from racecraft.domain.car import CameraSpec, CarSpec
from racecraft.domain.episode import CONTROL_HZ
from racecraft.domain.obstacles import (
    CRASH_LENGTH_M,
    CRASH_WIDTH_M,
    ObstacleSpec,
    even_places,
)
from racecraft.domain.race import RaceSpec
from racecraft.domain.reward import COLUMN, OBJECT_COLUMN
from racecraft.domain.reward_rows import Drive, object_rows, reward_rows
from racecraft.domain.track import Track

Values = NDArray[np.float64]

PASSED_M = 0.45
"""A thing so far behind the car's origin is passed."""
AHEAD_M = 2.0
"""From so far away the car begins to go round a thing."""
SLOPE = 0.45
"""How steeply the car changes lanes: metres across for each metre along."""
EASING_M = 0.12
"""The corners of a lane change are rounded over about this distance."""
CLEAR_M = 0.04
"""Least room between the car and a thing that it passes."""
CLEAR_BEFORE_BEND_M = 1.5
"""The car leaves the road in a bend in which nothing is so near."""
INTO_M = 1.0
"""A thing nearer to the start than this is not the one to run into."""


@dataclass(frozen=True)
class Things:
    """What is on the road besides the car."""

    track: Track
    along_m: Values
    """(O,) arc length of each when the lap begins."""
    offset_m: Values
    """(O,) its distance from the centre line; left is positive."""
    speed_mps: float
    """Along the centre line; boxes stand."""
    size_m: tuple[float, float]
    """Length and width of the room in which a corner of the car is a crash."""

    @property
    def are_boxes(self) -> bool:
        """They stand where they are."""
        return self.speed_mps == 0.0

    @property
    def word(self) -> str:
        """One of them, for people."""
        return "a box" if self.are_boxes else "a bot car"

    def along_at(self, time_s: Values | float) -> Values:
        """Arc lengths at a time; they grow from lap to lap."""
        return self.along_m + np.asarray(time_s)[..., None] * self.speed_mps

    def rows(self, time_s: Values) -> Values:
        """(M, O, len(OBJECT_COLUMNS)) what a reward function is told of them at (M,) times."""
        if self.are_boxes and len(time_s) > 1:
            return np.repeat(self.rows(time_s[:1]), len(time_s), axis=0)
        along = np.mod(self.along_at(time_s), self.track.length_m)
        offset = np.broadcast_to(self.offset_m, along.shape)
        rows = object_rows(self.track, along.ravel(), offset.ravel())
        if not self.are_boxes:
            rows[:, OBJECT_COLUMN["speed_mps"]] = self.speed_mps
            rows[:, OBJECT_COLUMN["heading_rad"]] = self.track.heading_at(along.ravel())
        return rows.reshape(*along.shape, -1)

    def headings(self, time_s: Values) -> Values:
        """(M, O) which way each points (rad); boxes along the road."""
        along = np.mod(self.along_at(time_s), self.track.length_m)
        return np.asarray(self.track.heading_at(along.ravel()).reshape(along.shape))


def things_of(track: Track, race: RaceSpec | None, car: CarSpec) -> Things | None:
    """What a drawn lap of a race meets; None on an empty road.

    Raises:
        InvalidSpec: it does not fit on the track.
    """
    spec = (race.obstacles or race.bots) if race is not None else None
    if spec is None:
        return None
    places = spec.fixed_places(track)
    if spec.is_random:
        count = spec.number if isinstance(spec, ObstacleSpec) else spec.count
        places = even_places(count, spec.min_distance_m, track)
    inner = 1.0 if track.is_counter_clockwise else -1.0
    bots = spec if isinstance(spec, BotSpec) else None
    return Things(
        track=track,
        along_m=places[:, 0],
        offset_m=places[:, 1] * inner * 0.25 * track.width_m,
        speed_mps=bots.speed_mps if bots else 0.0,
        size_m=(car.body_length_m, car.body_width_m) if bots else (CRASH_LENGTH_M, CRASH_WIDTH_M),
    )


def laps_among(track: Track, speeds: Speeds, things: Things, car: CarSpec) -> list[Lap]:
    """The drawn laps of a race with boxes or bot cars, all from the start line.

    Returns:
        `slow` and `fast` round everything, `crash`: as fast, but straight on where the road
        bends, and `hit`: as fast, but into what stands in the way, where the car can reach it.
    """
    centre = ClosedLine.through(track.centre)
    road = _Road(track, centre, things, car)
    slow, fast = speeds.slow_mps, speeds.fast_mps
    laps = [
        _lap(road, "slow", f"Slow, round everything ({slow:.3g} m/s)", road.round(slow)),
        _lap(road, "fast", f"Fast, round everything ({fast:.3g} m/s)", road.round(fast)),
        _lap(road, "crash", "Fast, off the track in a bend", road.straight_on(fast)),
    ]
    if fast <= things.speed_mps:
        return laps
    hit = _lap(road, "hit", f"Fast, into {things.word}", road.into(fast))
    return [*laps, hit] if hit.rows[-1, COLUMN["is_crashed"]] else laps


@dataclass(frozen=True)
class _Path:
    """Where the car is step after step, seen from the centre line."""

    along_m: Values
    offset_m: Values
    speed_mps: Values


@dataclass(frozen=True)
class _Road:
    track: Track
    centre: ClosedLine
    things: Things
    car: CarSpec

    def round(self, top_mps: float) -> Drive:
        """A drive round everything."""
        return self._driven(self._path(top_mps))

    def straight_on(self, top_mps: float) -> Drive:
        """The same until the road bends, then without steering."""
        path = self._path(top_mps)
        drive = self._driven(path)
        bends = is_bend(self.centre, FIRST_BEND_M)
        bending = np.interp(path.along_m, self.centre.along_m, bends) > 0.0
        free = bending & (
            self._near_m(path) > CLEAR_BEFORE_BEND_M
        )  # so that nothing is hit on the way
        bend = int(np.argmax(free if free.any() else bending))
        across_m = float(np.linalg.norm(np.ptp(self.track.outer, axis=0)))
        beyond = np.arange(1, int(across_m / top_mps * CONTROL_HZ) + 2) * top_mps / CONTROL_HZ
        x, y, yaw = drive.poses[bend]
        off = np.column_stack(
            [x + beyond * np.cos(yaw), y + beyond * np.sin(yaw), np.full(len(beyond), yaw)]
        )
        told = np.column_stack([np.zeros(len(beyond)), np.full(len(beyond), top_mps)])
        return Drive(
            np.concatenate([drive.poses[: bend + 1], off]),
            np.concatenate([drive.commands[: bend + 1], told]),
        )

    def into(self, top_mps: float) -> Drive:
        """The same, but it does not go round the first thing that it catches up with."""
        along_m = self.things.along_m
        nearest = int(np.argmin(np.where(along_m > INTO_M, along_m, np.inf)))
        return self._driven(self._path(top_mps, into=nearest))

    def _path(self, top_mps: float, into: int | None = None) -> _Path:
        """Steps of a lap at most so fast; `into` is the thing that is not gone round."""
        centre, speed = self.centre, speeds_on(self.centre, top_mps, self.car)
        steps: list[tuple[float, float, float]] = []
        along_m = offset_m = 0.0
        while along_m < centre.length_m + PASSED_M:
            now_mps = float(np.interp(along_m % centre.length_m, centre.along_m, speed))
            steps.append((along_m, offset_m, now_mps))
            wanted_m = self._wanted_m(along_m, len(steps) / CONTROL_HZ, into)
            step_m = now_mps / CONTROL_HZ
            offset_m += float(np.clip(wanted_m - offset_m, -SLOPE * step_m, SLOPE * step_m))
            along_m += step_m
        path = _Path(*np.array(steps).T)
        return replace(path, offset_m=_eased(path))

    def _wanted_m(self, along_m: float, time_s: float, into: int | None) -> float:
        """The offset to steer for: away from the nearest thing that is not passed yet."""
        gaps = self._gaps(np.array(along_m), time_s)
        nearest = int(np.argmin(gaps))
        if gaps[nearest] > AHEAD_M:
            return 0.0
        theirs_m = float(self.things.offset_m[nearest])
        if nearest == into:
            return theirs_m
        needed_m = (self.things.size_m[1] + self.car.body_width_m) / 2 + CLEAR_M
        return float(-np.sign(theirs_m) * max(abs(theirs_m), needed_m - abs(theirs_m)))

    def _near_m(self, path: _Path) -> Values:
        """(M,) along the road to the nearest thing, before or behind the car."""
        half_m = self.centre.length_m / 2
        gaps = self._gaps(path.along_m, np.arange(len(path.along_m)) / CONTROL_HZ)
        return np.asarray(np.abs(np.mod(gaps + half_m, 2 * half_m) - half_m).min(axis=-1))

    def _gaps(self, along_m: Values, time_s: Values | float) -> Values:
        """How far ahead of the car each thing is; behind it only while it is not passed."""
        gaps = self.things.along_at(time_s) - along_m[..., None]
        return np.mod(gaps + PASSED_M, self.centre.length_m) - PASSED_M

    def _driven(self, path: _Path) -> Drive:
        """Poses and commands of a path."""
        centre = self.centre
        poses = centre.poses_at(path.along_m)
        yaw = poses[:, 2]
        poses[:, :2] += path.offset_m[:, None] * np.stack([-np.sin(yaw), np.cos(yaw)], axis=1)
        slope = np.gradient(path.offset_m, path.along_m)
        stretch = 1.0 - path.offset_m * centre.curvature_at(path.along_m)
        turned = np.unwrap(yaw) + np.arctan2(slope, stretch)
        moved = np.maximum(np.hypot(*np.gradient(poses[:, :2], axis=0).T), 1e-9)
        steering = steering_for(np.gradient(turned) / moved, self.car)
        poses[:, 2] = np.arctan2(np.sin(turned), np.cos(turned))
        return Drive(poses, np.stack([steering, path.speed_mps], axis=1))


def _eased(path: _Path) -> Values:
    """(M,) offsets with round corners."""
    step_m = float(np.median(np.diff(path.along_m)))
    reach = max(1, round(2 * EASING_M / step_m))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) * step_m / EASING_M) ** 2)
    padded = np.pad(path.offset_m, reach, mode="edge")
    return np.convolve(padded, weights / weights.sum(), mode="valid")


def _lap(road: _Road, name: str, title: str, drive: Drive) -> Lap:
    """What a reward function is told of a drive, up to the step that ends it."""
    rows = reward_rows(road.track, drive, road.car)
    time_s = np.arange(len(rows)) / CONTROL_HZ
    objects, headings = road.things.rows(time_s), road.things.headings(time_s)
    rows[:, COLUMN["is_crashed"]] = _is_crashed(road, drive.poses, objects, headings)
    rows[:, COLUMN["object_in_camera"]] = _is_seen(drive.poses, rows, objects)
    return lap_of(name, title, rows, objects)


def _is_crashed(road: _Road, poses: Values, objects: Values, headings: Values) -> NDArray[np.bool_]:
    """(M,) whether a corner of the car is in something; who is run into from behind is not."""
    long_m, wide_m = road.things.size_m
    c, s = np.cos(headings), np.sin(headings)
    away = poses[:, None, :2] - objects[..., :2]
    is_behind = away[..., 0] * c + away[..., 1] * s < 0.0
    crashed = np.zeros(len(poses), dtype=bool)
    for ahead_m, left_m in _corners(road.car):
        corner = away + _turned(ahead_m, left_m, poses[:, None, 2])
        along = np.abs(corner[..., 0] * c + corner[..., 1] * s)
        across = np.abs(corner[..., 1] * c - corner[..., 0] * s)
        is_inside = (along < long_m / 2) & (across < wide_m / 2)
        crashed |= (is_inside & (is_behind | road.things.are_boxes)).any(axis=1)
    return crashed


def _corners(car: CarSpec) -> list[tuple[float, float]]:
    """Ahead of the middle of the car, and left of it (m)."""
    long_m, wide_m = car.body_length_m / 2, car.body_width_m / 2
    return [(long_m, wide_m), (long_m, -wide_m), (-long_m, wide_m), (-long_m, -wide_m)]


def _turned(ahead_m: float, left_m: float, yaw_rad: Values) -> Values:
    """A place on a car as the world sees it, for every yaw."""
    c, s = np.cos(yaw_rad), np.sin(yaw_rad)
    return np.stack([ahead_m * c - left_m * s, ahead_m * s + left_m * c], axis=-1)


def _is_seen(poses: Values, rows: Values, objects: Values) -> NDArray[np.bool_]:
    """(M,) whether the next thing ahead is in the picture of the front camera."""
    gaps = objects[..., OBJECT_COLUMN["distance_m"]] - rows[:, [COLUMN["projection_distance_m"]]]
    following = np.where(gaps > 0.0, gaps, gaps + 1e6).argmin(axis=1)
    away = objects[np.arange(len(poses)), following, :2] - poses[:, :2]
    bearing = np.arctan2(away[:, 1], away[:, 0]) - poses[:, 2]
    bearing = np.abs(np.mod(bearing + np.pi, 2 * np.pi) - np.pi)
    return np.asarray(bearing < CameraSpec().horizontal_fov_rad / 2)
