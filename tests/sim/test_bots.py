"""Bot cars: how they drive, whose fault a crash is, and what a reward function is told of them."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from racecraft.domain.bots import LANE_CHANGE_M, BotSpec
from racecraft.domain.car import CarSpec
from racecraft.domain.episode import CONTROL_HZ, EpisodeStatus
from racecraft.domain.errors import InvalidSpec
from racecraft.domain.obstacles import INNER, OUTER, ObstacleSpec
from racecraft.domain.reward import COLUMN, OBJECT_COLUMN
from racecraft.domain.track import Track
from racecraft.sim.bots import ALONG, GLIDE, PAUSE, WAIT
from racecraft.sim.simulator import Simulator
from racecraft.tracks.library import load_track, shipped_names
from tests.sim.circuits import stadium
from tests.sim.roads import circle, mirrored

CAR = CarSpec()
STILL = np.zeros((1, 2))
PERIOD_S = 1.0 / CONTROL_HZ


def with_bots(track: Track | None = None, **fields: Any) -> Simulator:
    """One car and its bots, one evenly placed at 0.5 m/s unless told otherwise."""
    spec = BotSpec(**{"count": 1, "places": "even", "speed_mps": 0.5, **fields})
    simulator = Simulator([track or stadium()], 1, bots=spec, seed=3)
    simulator.place_objects(0)
    return simulator


def put(simulator: Simulator, x: float, y: float, yaw: float) -> None:
    simulator.cars.state[0] = 0.0
    simulator.cars.state[0, :3] = x, y, yaw


def pass_time(simulator: Simulator, seconds: float) -> NDArray[np.float64]:
    """(T, B, 3) poses while the car waits."""
    seen = []
    for _ in range(round(seconds * CONTROL_HZ)):
        simulator.pass_time(0)
        seen.append(simulator.objects.pose[0].copy())
    return np.array(seen)


def test_bots_start_where_they_are_told_in_alternating_lanes() -> None:
    track = stadium()
    simulator = with_bots(count=4)
    expected = np.linspace(2.0, track.length_m - 1.0, 4)
    assert simulator.objects.motion[0, :, ALONG] == pytest.approx(expected)
    assert simulator.objects.lane[0].tolist() == [INNER, OUTER, INNER, OUTER]
    assert simulator.objects.rows[0, :, OBJECT_COLUMN["distance_m"]] == pytest.approx(
        expected, abs=0.02
    )


def test_random_bots_keep_their_distance_and_start_elsewhere_each_time() -> None:
    simulator = with_bots(load_track("harbour-loop"), count=6, places="random")
    seen = []
    for _ in range(100):
        simulator.place_objects(0)
        seen.append(simulator.objects.motion[0, :, ALONG].copy())
    along = np.stack(seen)
    assert np.diff(along, axis=1).min() >= 2.0
    assert len(np.unique(along[:, 0])) == 100


def test_a_bot_moves_at_its_speed_along_the_centre_line() -> None:
    track = stadium()
    simulator = with_bots(track)
    start = simulator.objects.motion[0, 0, ALONG]
    laps = 2.5
    pass_time(simulator, laps * track.length_m / 0.5)
    gone = round(laps * track.length_m / 0.5 * CONTROL_HZ) * PERIOD_S * 0.5
    assert simulator.objects.motion[0, 0, ALONG] == pytest.approx((start + gone) % track.length_m)


@pytest.mark.parametrize("lane", [INNER, OUTER])
@pytest.mark.parametrize("track", [circle(), mirrored(circle())], ids=["left", "right"])
def test_a_bot_stays_in_the_middle_of_its_lane_and_points_along_it(track: Track, lane: int) -> None:
    simulator = with_bots(track)
    simulator.objects.lane[0, 0] = lane
    poses = pass_time(simulator, 30.0)[:, 0]
    radius = 3.0 - 0.25 * lane
    assert np.hypot(poses[:, 0], poses[:, 1]) == pytest.approx(
        np.full(len(poses), radius), abs=1e-3
    )
    turn = 1.0 if track.is_counter_clockwise else -1.0
    tangent = np.arctan2(poses[:, 1], poses[:, 0]) + turn * math.pi / 2
    assert np.abs(np.sin(poses[:, 2] - tangent)).max() < 2e-3
    assert np.cos(poses[:, 2] - tangent).min() > 0.99


@pytest.mark.parametrize("name", shipped_names())
def test_bots_stay_on_the_road_of_every_track(name: str) -> None:
    track = load_track(name)
    simulator = with_bots(track, count=2, speed_mps=1.0, changes_lanes=True)
    poses = pass_time(simulator, 1.2 * track.length_m)
    found = track.locate(poses.reshape(-1, 3)[:, :2])
    assert np.abs(found.offset_m).max() < 0.5 * track.width_m
    turns = np.abs(np.angle(np.exp(1j * np.diff(poses[:, :, 2], axis=0))))
    assert turns.max() < 0.5


def test_a_lane_change_is_a_glide_over_a_metre_of_travel() -> None:
    track = circle()
    simulator = with_bots(track, changes_lanes=True)
    motion = simulator.objects.motion[0, 0]
    assert 3.0 <= motion[WAIT] <= 5.0
    waits, steps = motion[WAIT], 0
    while motion[GLIDE] == LANE_CHANGE_M:
        simulator.pass_time(0)
        steps += 1
    assert steps == pytest.approx(waits * CONTROL_HZ, abs=1.01)
    assert simulator.objects.lane[0, 0] == OUTER
    poses = pass_time(simulator, LANE_CHANGE_M / 0.5)[:, 0]
    simulator.pass_time(0)  # in case of a last rounding
    assert motion[GLIDE] == LANE_CHANGE_M
    radius = np.hypot(poses[:, 0], poses[:, 1])
    assert (np.diff(radius) > -1e-6).all()
    assert radius[0] == pytest.approx(2.75, abs=0.01)
    assert radius[len(radius) // 2 - 1] == pytest.approx(3.0, abs=0.02)
    assert radius[-1] == pytest.approx(3.25, abs=1e-3)
    assert 2.9 <= motion[WAIT] <= 5.0
    # told at its speed all the same
    simulator.place_at(0, 0.0)
    assert simulator.inputs.params(0)["objects_speed"] == [0.5]


def test_bots_that_change_no_lanes_draw_nothing_while_they_drive() -> None:
    simulator = with_bots(count=3)
    before = simulator.cars.streams.copy()
    pass_time(simulator, 20.0)
    assert np.array_equal(simulator.cars.streams, before)
    assert simulator.objects.lane[0].tolist() == [INNER, OUTER, INNER]


def meet(simulator: Simulator, gap_m: float, left_m: float = 0.0) -> EpisodeStatus:
    """What a step finds when the car's origin is so far ahead of the bot's (behind: negative)."""
    simulator.place_at(0, 0.0)
    x, y, yaw = simulator.objects.pose[0, 0]
    c, s = math.cos(yaw), math.sin(yaw)
    put(simulator, x + gap_m * c - left_m * s, y + gap_m * s + left_m * c, yaw)
    simulator.cars.progress[0] = 0.0
    simulator.step(STILL, 0, 1)
    return EpisodeStatus(int(simulator.cars.status[0]))


def test_a_car_that_runs_into_a_bot_ahead_has_crashed() -> None:
    length = CAR.body_length_m
    simulator = with_bots()
    assert meet(simulator, -length - 0.01) is EpisodeStatus.IN_PROGRESS
    assert meet(simulator, -length + 0.01, 0.05) is EpisodeStatus.CRASHED
    assert simulator.inputs.params(0)["is_crashed"] is True
    assert simulator.objects.motion[0, 0, PAUSE] == 0.0
    assert meet(simulator, -length + 0.01, CAR.body_width_m + 0.01) is EpisodeStatus.IN_PROGRESS


def test_a_bot_that_runs_into_the_car_is_at_fault_and_waits() -> None:
    simulator = with_bots(penalty_s=2.0)
    assert meet(simulator, CAR.body_length_m - 0.01, 0.05) is EpisodeStatus.IN_PROGRESS
    assert simulator.inputs.params(0)["is_crashed"] is False
    poses = pass_time(simulator, 3.0)[:, 0]
    moved = np.hypot(*np.diff(poses[:, :2], axis=0).T) > 0
    # One control period of the pause went by in the step that found the car.
    assert moved.tolist().index(True) == pytest.approx(2.0 * CONTROL_HZ - 1, abs=1)
    assert moved[-1]


def test_fault_is_judged_round_the_line() -> None:
    track = stadium()
    simulator = with_bots(track)
    simulator.objects.motion[0, 0, ALONG] = 0.1
    simulator.pass_time(0)
    assert meet(simulator, -CAR.body_length_m + 0.01, 0.05) is EpisodeStatus.CRASHED
    assert simulator.cars.table[0, COLUMN["projection_distance_m"]] > 0.5 * track.length_m


def test_a_bot_stops_behind_a_bot_that_waits() -> None:
    simulator = with_bots(count=2, min_distance_m=0.6)
    motion = simulator.objects.motion[0]
    simulator.objects.lane[0] = INNER
    motion[0, ALONG], motion[1, ALONG] = 2.0, 2.6
    simulator.pass_time(0)
    motion[1, PAUSE] = 2.0
    pass_time(simulator, 1.9)
    assert motion[1, ALONG] - motion[0, ALONG] == pytest.approx(CAR.body_length_m, abs=0.04)
    assert motion[0, PAUSE] > 0.0
    pass_time(simulator, 4.0)
    assert motion[1, ALONG] - motion[0, ALONG] > 0.6


def test_bots_go_round_boxes() -> None:
    track = stadium()
    boxes = ObstacleSpec(places="0.3:inner,0.6:outer")
    spec = BotSpec(count=1, places="even", speed_mps=0.5)
    simulator = Simulator([track], 1, obstacles=boxes, bots=spec)
    simulator.place_objects(0)
    assert simulator.objects.kind.tolist() == [0, 0, 1]
    nearest = np.inf
    for _ in range(int(2 * track.length_m / 0.5 * CONTROL_HZ)):
        simulator.pass_time(0)
        pose = simulator.objects.pose[0]
        nearest = min(nearest, np.hypot(*(pose[:2, :2] - pose[2, :2]).T).min())
    # Side by side in two lanes they are 0.4 m apart; half a box and half a car are 0.25 m.
    assert nearest > 0.35


def test_the_reward_function_is_told_where_the_bots_are_and_how_they_move() -> None:
    track = stadium()
    simulator = with_bots(track, count=2)
    simulator.place_at(0, 0.0)
    before = simulator.objects.pose.copy()
    simulator.step(STILL, 0, 1)
    params = simulator.inputs.params(0)
    # Told is where they were when the picture was taken, like everything else.
    assert np.array_equal(params["objects_location"], before[0, :, :2])
    assert params["objects_heading"] == before[0, :, 2].tolist()
    assert params["objects_speed"] == [0.5, 0.5]
    assert params["objects_left_of_center"] == [True, False]
    assert params["objects_distance_from_center"] == pytest.approx([0.2, 0.2], abs=0.01)
    assert params["closest_objects"] == [1, 0]
    assert not np.array_equal(simulator.objects.pose, before)


def test_boxes_beside_bots_are_told_to_stand() -> None:
    simulator = Simulator([stadium()], 1, obstacles=ObstacleSpec(count=2), bots=BotSpec(count=2))
    simulator.restart(0, 1, jitter=0.0)
    simulator.step(STILL, 0, 1)
    params = simulator.inputs.params(0)
    assert params["objects_speed"] == [0.0, 0.0, 0.2, 0.2]
    assert params["objects_heading"][:2] == [0.0, 0.0]


def test_a_car_that_starts_near_a_bot_starts_in_the_other_lane() -> None:
    track = stadium()
    simulator = with_bots(track)
    simulator.place_at(0, simulator.objects.motion[0, 0, ALONG])
    assert track.locate(simulator.cars.state[0, :2]).offset_m[0] == pytest.approx(-0.2, abs=1e-3)


def test_bots_that_do_not_fit_on_the_track_are_refused() -> None:
    with pytest.raises(InvalidSpec, match="6 bot cars at least 2 m apart do not fit on circle"):
        Simulator([circle(1.5)], 1, bots=BotSpec(count=6))


def record(simulator: Simulator, spans: list[tuple[int, int]], steps: int) -> NDArray[np.float64]:
    """(T, N, columns) what cars and bots did, driven in parts by threads."""
    cars = simulator.num_cars
    commands = np.random.default_rng(5).uniform([-0.3, 0.5], [0.3, 2.0], (steps, 8, 2))
    seen = []
    with ThreadPoolExecutor(len(spans)) as pool:
        for step in range(steps):
            every = np.ascontiguousarray(commands[step, :cars])

            def work(span: tuple[int, int], every: NDArray[np.float64] = every) -> None:
                simulator.restart(*span, jitter=0.3)
                simulator.step(every, *span, interval_jitter=0.1)

            list(pool.map(work, spans))
            objects = simulator.objects
            parts = (simulator.cars.table, objects.pose, objects.rows, objects.motion)
            seen.append(np.concatenate([part.reshape(cars, -1) for part in parts], axis=1))
    return np.stack(seen)


def busy(cars: int, seed: int = 1) -> Simulator:
    return Simulator(
        [load_track("harbour-loop")],
        cars,
        obstacles=ObstacleSpec(count=2),
        bots=BotSpec(count=3, changes_lanes=True, speed_mps=0.8),
        seed=seed,
    )


def test_bots_do_not_depend_on_the_number_of_cars_or_threads() -> None:
    alone = record(busy(2), [(0, 2)], 150)
    together = record(busy(5), [(0, 1), (1, 3), (3, 5)], 150)
    assert np.array_equal(alone, together[:, :2])
    assert not np.array_equal(together[:, 0], together[:, 1])


def test_a_saved_state_brings_the_bots_back() -> None:
    first, second = busy(3), busy(3, seed=9)
    record(first, [(0, 3)], 60)
    second.load_state_arrays(first.state_arrays())
    assert np.array_equal(record(first, [(0, 3)], 120), record(second, [(0, 3)], 120))
