"""How near to the physical limit 15 decisions a second and a list of actions can come.

A driver who knows everything, the true car of the simulator included, looks for a lap by beam
search: every action of the list is tried from every kept state for one control period, states
that leave the road are dropped, of states that are nearly alike the better one is kept, and of
the rest those that are ahead on the fastest lap, counting what their distance from its line and
its speed will cost. The line is that of a car with a little less grip, because a car that slips
cannot follow the limit itself; several are tried. What is found is a lap that can be driven, so
the true floor is at most as high, and may be lower.

Run it with `python -m benchmarks.limit_floor [TRACK ...]`; a cell takes about a minute.
"""

from __future__ import annotations

import dataclasses
import math
import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from racecraft.analysis.fastest_lap import _Search, fastest_lap
from racecraft.domain.action_space import DiscreteActionSpace, action_grid
from racecraft.domain.car import CarSpec
from racecraft.domain.episode import CONTROL_HZ
from racecraft.domain.limit import FastestLap
from racecraft.domain.track import Track, nearest_points
from racecraft.sim.dynamics import SPEED_GAIN, STATE, advance, physics_parameters
from racecraft.sim.kernel import njit
from racecraft.tracks.library import load_track

Values = NDArray[np.float64]
BEAM = 300
LAPS = 2
"""The first one only gets the car into its rhythm; the last one counts."""
GRIP_SHARES = (0.80, 0.86, 0.92)
OFFSET_WEIGHTS = (0.3, 1.0)
"""Seconds that a distance of a metre from the line costs, for its square."""
HEADING_WEIGHT, SLOW_WEIGHT, FAST_WEIGHT = 0.15, 0.015, 0.06
"""The same for a radian, and for a metre a second too slow and too fast."""
STATION_M = 0.02
BINS = np.array([0.08, 0.03, 0.04, 0.12, 0.12])
"""States that differ by less along (m), across (m), in heading (rad), speed and sideways speed
(m/s) are alike."""
SPACES: dict[str, DiscreteActionSpace] = {
    "21: 7 angles, 1.33, 2.67 and 4 m/s": action_grid(max_speed_mps=4.0),
    "10: 5 angles, 2 and 4 m/s": action_grid(
        max_speed_mps=4.0, steering_granularity=5, speed_granularity=2
    ),
    "21: 7 angles, 0.33, 0.67 and 1 m/s": action_grid(max_speed_mps=1.0),
}


@dataclasses.dataclass(frozen=True, eq=False)
class Road:
    """A track at fine stations, and the lap that is followed; (S,) each."""

    track: Track
    centre: Values
    heading: Values
    left_m: Values
    right_m: Values
    clock_s: Values
    speed_mps: Values
    offset_m: Values
    turned_rad: Values
    """Heading of the line against that of the centre line."""
    lap_s: float

    @classmethod
    def of(cls, track: Track, lap: FastestLap) -> Road:
        along = np.arange(0.0, track.length_m, STATION_M)
        centre, heading = track.point_at(along), track.heading_at(along)
        left = np.stack([-np.sin(heading), np.cos(heading)], axis=1)
        inner, outer = (
            np.linalg.norm(nearest_points(centre, line)[2], axis=1)
            for line in (track.inner, track.outer)
        )
        shares = lap.shares(track)
        at = along / track.length_m

        def seen(values: Values) -> Values:
            return np.interp(at, shares, values, period=1.0)

        clock = np.interp(at + (at < shares[0]), shares, lap.clock_s) - lap.time_s * (
            at < shares[0]
        )
        points = np.stack([seen(lap.points[:, 0]), seen(lap.points[:, 1])], axis=1)
        ahead = np.roll(points, -5, axis=0) - np.roll(points, 5, axis=0)
        turned = np.arctan2(ahead[:, 1], ahead[:, 0]) - heading
        is_left = track.is_counter_clockwise
        return cls(
            track, centre, heading, inner if is_left else outer, outer if is_left else inner,
            clock, seen(lap.speed_mps), ((points - centre) * left).sum(axis=1),
            np.mod(turned + np.pi, 2 * np.pi) - np.pi, lap.time_s,
        )  # fmt: skip


@njit(cache=True, nogil=True)
def _expand(states: Values, commands: Values, p: tuple[float, ...], into: Values) -> None:
    count = len(commands)
    for row in range(len(states)):
        for action in range(count):
            k = row * count + action
            into[k] = states[row]
            advance(into, k, (commands[action, 0], commands[action, 1]), 1.0 / 15.0, p)


def _project(
    road: Road, points: Values, near: NDArray[np.int64]
) -> tuple[NDArray[np.int64], Values]:
    """Station beside each point, near a known one, and the offset to the left."""
    count = len(road.centre)
    window = (near[:, None] + np.arange(-20, 30)) % count
    away = points[:, None, :] - road.centre[window]
    best = (away**2).sum(axis=2).argmin(axis=1)
    station = window[np.arange(len(points)), best]
    gap = points - road.centre[station]
    heading = road.heading[station]
    return station, -gap[:, 0] * np.sin(heading) + gap[:, 1] * np.cos(heading)


def drive(road: Road, space: DiscreteActionSpace, offset_weight: float) -> float | None:
    """Seconds of the last lap that the search finds; None if it found none."""
    car = CarSpec()
    p = physics_parameters(car)
    commands = np.stack([np.radians(space.steering_deg), space.speed_mps], axis=1)
    count = len(road.centre)
    start = np.zeros((1, len(STATE)))
    left = np.array([-math.sin(road.heading[0]), math.cos(road.heading[0])])
    start[0, :2] = road.centre[0] + road.offset_m[0] * left
    start[0, 2] = road.heading[0] + road.turned_rad[0]
    start[0, 3] = min(road.speed_mps[0], SPEED_GAIN * float(space.speed_mps.max()))
    states, station = start, np.zeros(1, np.int64)
    laps, begun_s = np.zeros(1, np.int64), np.zeros(1)
    best: float | None = None
    for step in range(1, int(LAPS * road.lap_s * CONTROL_HZ * 1.6)):
        after = np.empty((len(states) * len(commands), len(STATE)))
        _expand(states, commands, p, after)
        parent = np.repeat(np.arange(len(states)), len(commands))
        there, offset = _project(road, after[:, :2], station[parent])
        moved = (there - station[parent] + count // 2) % count - count // 2
        ok = _is_on_road(road, after, there, car) & (moved > -5)
        passed = (station[parent] + moved >= count) & ok
        now_laps = laps[parent] + passed
        part = np.clip((count - station[parent]) / np.maximum(moved, 1), 0.0, 1.0)
        crossed_s = (step - 1 + part) / CONTROL_HZ
        ended = passed & (now_laps == LAPS)
        if ended.any():
            times = crossed_s[ended] - begun_s[parent][ended]
            best = min(float(times.min()), best or np.inf)
            if (~ended & ok).sum() == 0 or step / CONTROL_HZ > best * LAPS * 1.1:
                return best
        now_begun = np.where(passed, crossed_s, begun_s[parent])
        # Who is in the last lap is compared by that lap alone.
        ahead_s = road.clock_s[there] + now_laps * road.lap_s + 0.0
        turned = after[:, 2] - road.heading[there] - road.turned_rad[there]
        turned = np.mod(turned + np.pi, 2 * np.pi) - np.pi
        faster = after[:, 3] - np.minimum(road.speed_mps[there], SPEED_GAIN * space.speed_mps.max())
        cost = (
            -ahead_s
            + offset_weight * (offset - road.offset_m[there]) ** 2
            + HEADING_WEIGHT * turned**2
            + np.where(faster > 0, FAST_WEIGHT, SLOW_WEIGHT) * faster**2
        )
        keys = np.column_stack([there * STATION_M, offset, turned, after[:, 3], after[:, 4]]) / BINS
        rows = np.flatnonzero(ok & ~ended)
        if not len(rows):
            return best
        rows = rows[np.argsort(cost[rows], kind="stable")]
        _, first = np.unique(np.round(keys[rows]).astype(np.int64), axis=0, return_index=True)
        rows = rows[np.sort(first)][:BEAM]
        states, station = after[rows], there[rows]
        laps, begun_s = now_laps[rows], now_begun[rows]
    return best


def _is_on_road(
    road: Road, states: Values, station: NDArray[np.int64], car: CarSpec
) -> NDArray[np.bool_]:
    """Whether at least one wheel is between the borders, as the rules want it."""
    is_on = np.zeros(len(states), np.bool_)
    cos, sin = np.cos(states[:, 2]), np.sin(states[:, 2])
    for x_m in car.wheel_x_m:
        for y_m in (car.wheel_y_m[0], -car.wheel_y_m[0]):
            place = states[:, :2] + np.stack([x_m * cos - y_m * sin, x_m * sin + y_m * cos], axis=1)
            gap = place - road.centre[station]
            heading = road.heading[station]
            side = -gap[:, 0] * np.sin(heading) + gap[:, 1] * np.cos(heading)
            is_on |= (side < road.left_m[station]) & (-side < road.right_m[station])
    return is_on


def floor(track: Track, space: DiscreteActionSpace) -> tuple[float, float | None]:
    """The limit at the top speed of some actions (s), and the best lap that was found (s)."""
    top_mps = float(space.speed_mps.max())
    limit_s = fastest_lap(track, top_mps=top_mps).time_s
    search = _Search.on(track, CarSpec(), SPEED_GAIN * top_mps)
    found = []
    for share in GRIP_SHARES:
        careful = dataclasses.replace(search, lateral_mps2=share * search.lateral_mps2)
        road = Road.of(track, careful.run(np.zeros(search.spline.shape[1])))
        found += [drive(road, space, weight) for weight in OFFSET_WEIGHTS]
    return limit_s, min((each for each in found if each is not None), default=None)


def main(names: Sequence[str]) -> None:
    """Print the table."""
    print("| track | actions | limit | best lap found | times the limit |")
    print("| --- | --- | --- | --- | --- |")
    for name in names or ("harbour-loop", "needle-eye", "lighthouse-mile"):
        for words, space in SPACES.items():
            limit_s, lap_s = floor(load_track(name), space)
            told = "none" if lap_s is None else f"{lap_s:.2f} s | {lap_s / limit_s:.3f}"
            print(f"| {name} | {words} | {limit_s:.2f} s | {told} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
