"""The batch: same seed same bytes, rows that know nothing of each other, starts and restarts."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest

from benchmarks.physics import drive
from racecraft.domain.car import CarSpec, Grip
from racecraft.domain.episode import CONTROL_HZ, EpisodeStatus
from racecraft.domain.reward import COLUMN
from racecraft.domain.track import Track
from racecraft.sim.simulator import START_ADVANCE, Simulator
from racecraft.tracks.library import load_track
from tests.sim.roads import circle, commands_of, digest, record, square, two_tracks

STEPS = range(90)


def full_drive(num_cars: int = 5, seed: int = 11) -> np.ndarray:
    return record(Simulator(two_tracks(), num_cars, seed=seed), STEPS, [(0, num_cars)])


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert full_drive().tobytes() == full_drive().tobytes()


def test_another_seed_gives_another_drive() -> None:
    assert not np.array_equal(full_drive(seed=11)[0], full_drive(seed=12)[0])


def test_the_same_seed_gives_the_same_bytes_in_a_fresh_process(
    request: pytest.FixtureRequest,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from tests.sim.roads import digest; print(digest())"],
        cwd=request.config.rootpath,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == digest()


@pytest.mark.parametrize("num_cars", [1, 2, 9])
def test_a_car_drives_the_same_whatever_the_number_of_cars(num_cars: int) -> None:
    shared = min(num_cars, 5)
    assert np.array_equal(full_drive(num_cars)[:, :shared], full_drive()[:, :shared])


@pytest.mark.parametrize(
    "spans", [[(0, 1), (1, 5)], [(3, 5), (0, 3)], [(k, k + 1) for k in range(5)]]
)
def test_splitting_the_rows_changes_nothing(spans: list[tuple[int, int]]) -> None:
    assert np.array_equal(record(Simulator(two_tracks(), 5, seed=11), STEPS, spans), full_drive())


def test_driving_on_two_threads_changes_nothing() -> None:
    split = record(Simulator(two_tracks(), 5, seed=11), STEPS, [(0, 2), (2, 5)], threads=2)
    assert np.array_equal(split, full_drive())


def test_chosen_rows_step_as_they_do_together() -> None:
    together, chosen = (Simulator(two_tracks(), 4, seed=3) for _ in range(2))
    commands = np.stack([commands_of(car, 1)[0] for car in range(4)])
    for simulator in (together, chosen):
        simulator.restart(0, 4, jitter=0.2)
    before = chosen.cars.state.copy()
    together.step(commands, 0, 4)
    chosen.step_rows(commands, np.array([3, 1]))
    assert np.array_equal(chosen.cars.table[[1, 3]], together.cars.table[[1, 3]])
    assert np.array_equal(chosen.cars.state[[1, 3]], together.cars.state[[1, 3]])
    assert np.array_equal(chosen.cars.state[[0, 2]], before[[0, 2]])


def test_a_drive_goes_on_from_saved_arrays_as_if_nothing_had_happened() -> None:
    first = Simulator(two_tracks(), 5, seed=11)
    record(first, range(40), [(0, 5)])
    saved = first.state_arrays()
    rest = record(first, range(40, 90), [(0, 5)])
    second = Simulator(two_tracks(), 5, seed=999)
    second.load_state_arrays(saved)
    assert np.array_equal(record(second, range(40, 90), [(0, 5)]), rest)


def test_saved_arrays_are_copies() -> None:
    simulator = Simulator(two_tracks(), 2, seed=1)
    saved = simulator.state_arrays()
    record(simulator, range(5), [(0, 2)])
    assert not np.any(saved["steps"])
    assert not np.any(saved["state"])


@pytest.mark.parametrize("grip", list(Grip))
def test_cars_move_as_the_dynamics_say(grip: Grip) -> None:
    """Fails too when a compiled step has kept an older car model inside."""
    simulator = Simulator([circle(40.0, 4.0)], 1, car=CarSpec(grip=grip))
    simulator.place_at(0, 5.0)
    commands = commands_of(0, 20)
    expected = drive(commands, grip=grip, start=simulator.cars.state[0])
    for step in range(20):
        simulator.step(commands[step : step + 1], 0, 1)
        assert np.allclose(simulator.cars.state[0], expected[step], atol=1e-12)


def test_cars_take_the_tracks_in_turn() -> None:
    simulator = Simulator([circle(), square(), load_track("thimble")], 7)
    assert simulator.cars.track.tolist() == [0, 1, 2, 0, 1, 2, 0]
    simulator.restart(0, 7, jitter=0.0)
    for car in range(7):
        params = simulator.inputs.params(car)
        assert params["track_length"] == simulator.tracks[car % 3].length_m
        assert params["distance_from_center"] < 0.03
        assert params["all_wheels_on_track"]


# Places


@pytest.mark.parametrize("offset_m", [0.0, 0.25, -0.25])
@pytest.mark.parametrize("turn_rad", [0.0, 0.4, -0.4])
def test_a_car_is_placed_where_it_is_wanted(offset_m: float, turn_rad: float) -> None:
    simulator = Simulator([square()], 1)
    simulator.place_at(0, 10.0, offset_m=offset_m, turn_rad=turn_rad)  # driving along +y
    assert simulator.cars.state[0, :3] == pytest.approx(
        [8.0 - offset_m, 2.0, math.pi / 2 + turn_rad]
    )
    assert np.array_equal(simulator.cars.state[0, 3:], np.zeros(4))
    assert simulator.cars.status[0] == EpisodeStatus.PREPARE


def test_a_distance_beyond_the_lap_is_taken_round_it() -> None:
    once, twice = Simulator([circle()], 1), Simulator([circle()], 1)
    once.place_at(0, 3.0)
    twice.place_at(0, 3.0 + circle().length_m)
    assert np.allclose(once.cars.table[0], twice.cars.table[0])


def end_episodes(simulator: Simulator) -> None:
    simulator.cars.status[:] = EpisodeStatus.OFF_TRACK


def test_starts_move_on_by_a_twentieth_of_the_lap_and_come_round() -> None:
    simulator = Simulator([circle()], 1)
    starts = []
    for _ in range(41):
        simulator.restart(0, 1, jitter=0.0)
        starts.append(simulator.cars.start_share[0])
        progress = simulator.cars.table[0, COLUMN["progress_percent"]]
        assert progress == pytest.approx(100.0 * 0.14 / circle().length_m, rel=0.01)
        end_episodes(simulator)
    on = np.mod(np.diff(starts), 1.0)
    assert np.allclose(on, START_ADVANCE)
    assert starts[20] == pytest.approx(starts[0])
    assert starts[40] == pytest.approx(starts[0])


def test_many_cars_begin_spread_over_the_lap() -> None:
    simulator = Simulator([circle()], 20)
    simulator.restart(0, 20, jitter=0.0)
    shares = np.sort(simulator.cars.table[:, COLUMN["projection_distance_m"]] / circle().length_m)
    assert np.allclose(np.diff(shares), 0.05, atol=1e-3)


def test_starts_can_stay_where_they_are() -> None:
    simulator = Simulator([circle()], 1)
    simulator.restart(0, 1, jitter=0.0)
    before = simulator.cars.state.copy()
    end_episodes(simulator)
    simulator.restart(0, 1, jitter=0.0, advances=False)
    assert np.array_equal(simulator.cars.state, before)


def test_only_cars_without_an_episode_are_restarted() -> None:
    simulator = Simulator([circle()], 4)
    simulator.restart(0, 4, jitter=0.0)
    simulator.step(np.tile([0.0, 1.0], (3, 1)), 0, 3)  # car 3 still waits in its prepare row
    simulator.cars.status[1] = EpisodeStatus.REVERSED
    simulator.cars.status[2] = EpisodeStatus.LAP_COMPLETE
    before = simulator.cars.start_share.copy()
    simulator.restart(0, 4, jitter=0.0)
    assert (simulator.cars.start_share != before).tolist() == [False, True, True, False]
    assert simulator.cars.steps.tolist() == [2, 1, 1, 1]


def displaced(track: Track, jitter: float) -> tuple[np.ndarray, np.ndarray]:
    """(N,) offsets and turns of many starts."""
    simulator = Simulator([track], 400, seed=4)
    simulator.restart(0, 400, jitter=jitter)
    state = simulator.cars.state
    place = track.locate(state[:, :2])
    turn = state[:, 2] - track.heading_at(place.distance_m)
    return place.offset_m, np.arctan2(np.sin(turn), np.cos(turn))


def test_starts_are_displaced_within_the_bounds_and_fill_them() -> None:
    offset_m, turn_rad = displaced(circle(width_m=0.8), 0.5)
    assert 0.19 < np.abs(offset_m).max() <= 0.2 + 1e-3  # half of the half width of 0.4 m
    assert 0.24 < np.abs(turn_rad).max() <= 0.25 + 0.01
    assert abs(offset_m.mean()) < 0.02
    assert abs(turn_rad.mean()) < 0.03
    assert abs(np.corrcoef(offset_m, turn_rad)[0, 1]) < 0.2


def test_borders_that_run_ahead_of_the_centre_line_displace_no_start_further() -> None:
    """Regression: the distance between border points of one row is not the width."""
    track = circle(width_m=0.8)
    ahead = np.roll(track.outer[:-1], 120, axis=0)
    shifted = Track("shifted", track.centre, track.inner, np.concatenate([ahead, ahead[:1]]))
    assert np.abs(displaced(shifted, 0.5)[0]).max() <= 0.2 + 1e-3


def test_a_centre_line_off_the_middle_keeps_starts_on_the_road() -> None:
    track = circle(width_m=1.0)
    inner = circle(width_m=0.4).inner
    offset_m, _ = displaced(Track("uneven", track.centre, inner, track.outer), 0.9)
    assert np.abs(offset_m).max() <= 0.18 + 1e-3


def test_without_jitter_starts_are_on_the_line_and_along_it() -> None:
    offset_m, turn_rad = displaced(circle(), 0.0)
    assert np.abs(offset_m).max() < 1e-9
    assert np.abs(turn_rad).max() < 0.01


# Uneven steps and laps


def step_times(jitter: float, seed: int = 0) -> np.ndarray:
    simulator = Simulator([circle(20.0, 4.0)], 1, seed=seed)
    simulator.place_at(0, 0.0)
    times = []
    for _ in range(100):
        simulator.step(np.array([[0.02, 1.0]]), 0, 1, interval_jitter=jitter)
        times.append(simulator.cars.table[0, COLUMN["sim_time_s"]])
    assert simulator.cars.status[0] == EpisodeStatus.IN_PROGRESS
    return np.diff(times)


def test_steps_last_exactly_a_fifteenth_of_a_second() -> None:
    assert np.allclose(step_times(0.0), 1 / CONTROL_HZ, atol=1e-12)


def test_jitter_makes_steps_uneven_within_its_bounds() -> None:
    share = step_times(0.1) * CONTROL_HZ
    assert 0.9 <= share.min() < 0.92
    assert 1.08 < share.max() <= 1.1
    assert share.mean() == pytest.approx(1.0, abs=0.02)


def test_jitter_is_the_same_for_the_same_seed() -> None:
    assert np.array_equal(step_times(0.1, seed=5), step_times(0.1, seed=5))
    assert not np.array_equal(step_times(0.1, seed=5), step_times(0.1, seed=6))


@pytest.mark.parametrize("is_continuous", [False, True])
def test_only_in_a_continuous_drive_the_car_drives_on_after_a_lap(is_continuous: bool) -> None:
    simulator = Simulator([circle(1.5, 1.0)], 1)
    simulator.place_at(0, 0.0)
    command = np.array([[math.atan(0.16397 / 1.5 / 0.5), 1.0]])
    for _ in range(300):
        before = simulator.cars.state.copy()
        simulator.step(command, 0, 1, is_continuous=is_continuous)
        if simulator.cars.status[0] == EpisodeStatus.LAP_COMPLETE:
            break
    assert simulator.cars.status[0] == EpisodeStatus.LAP_COMPLETE
    assert np.array_equal(simulator.cars.state, before) is not is_continuous
    if is_continuous:
        steps = simulator.cars.steps[0]
        simulator.step(command, 0, 1, is_continuous=is_continuous)
        assert simulator.cars.steps[0] == steps + 1
        assert simulator.cars.status[0] == EpisodeStatus.IN_PROGRESS
        assert 0.0 < simulator.cars.table[0, COLUMN["progress_percent"]] < 3.0


def test_drawing_needs_a_camera() -> None:
    with pytest.raises(ValueError, match="without a camera"):
        Simulator([circle()], 1).render(np.zeros((1, 120, 160), np.uint8), 0, 1)
