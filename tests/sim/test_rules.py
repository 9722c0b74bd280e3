"""Every rule of docs/reference/episode-rules.md, each met by a car put where the rule decides."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from racecraft.domain.episode import CONTROL_HZ, EpisodeStatus
from racecraft.domain.reward import COLUMN
from racecraft.domain.track import Track
from racecraft.sim.simulator import Simulator
from tests.sim.roads import circle, mirrored, square

NOSE_M = 0.14
STAY = np.zeros((1, 2))


class Ride:
    """One car that tests carry from place to place; it never moves by itself."""

    def __init__(self, track: Track, start_m: float = 0.0) -> None:
        self.track = track
        self.simulator = Simulator([track], 1)
        self.simulator.place_at(0, start_m)

    def step(self) -> EpisodeStatus:
        """A step at rest."""
        self.simulator.cars.state[0, 3:] = 0.0
        self.simulator.step(STAY, 0, 1)
        return self.status

    def nose_to(self, distance_m: float, offset_m: float = 0.0) -> EpisodeStatus:
        """A step with the nose at a place along and across the track, looking along it."""
        x, y = self.track.point_at(distance_m)[0]
        yaw = float(self.track.heading_at(distance_m)[0])
        x, y = x - offset_m * math.sin(yaw), y + offset_m * math.cos(yaw)
        self.simulator.cars.state[0, :3] = (
            x - NOSE_M * math.cos(yaw),
            y - NOSE_M * math.sin(yaw),
            yaw,
        )
        return self.step()

    def origin_to(self, x: float, y: float, yaw: float) -> EpisodeStatus:
        self.simulator.cars.state[0, :3] = x, y, yaw
        return self.step()

    def value(self, name: str) -> float:
        return float(self.simulator.cars.table[0, COLUMN[name]])

    @property
    def status(self) -> EpisodeStatus:
        return EpisodeStatus(int(self.simulator.cars.status[0]))

    @property
    def progress(self) -> float:
        return self.value("progress_percent")

    @property
    def waypoints(self) -> tuple[int, int]:
        return int(self.value("waypoint_behind")), int(self.value("waypoint_ahead"))


# The first row


def test_the_prepare_row_has_counted_one_step_and_the_length_of_the_nose() -> None:
    ride = Ride(square(), start_m=2.0)
    assert ride.status is EpisodeStatus.PREPARE
    assert ride.value("steps") == 1.0
    assert ride.progress == pytest.approx(100.0 * NOSE_M / 32.0)
    assert ride.value("speed_mps") == ride.value("steering_rad") == 0.0
    assert ride.value("is_offtrack") == ride.value("is_crashed") == 0.0
    assert ride.value("all_wheels_on_track") == 1.0
    assert ride.value("projection_distance_m") == pytest.approx(2.0 + NOSE_M)


def test_the_first_driven_row_has_not_moved_and_shows_the_new_command() -> None:
    simulator = Simulator([square()], 1)
    simulator.place_at(0, 2.0)
    before = simulator.cars.table[0].copy()
    simulator.step(np.array([[0.3, 1.5]]), 0, 1)
    after = simulator.cars.table[0]
    places = [COLUMN["x_m"], COLUMN["y_m"], COLUMN["heading_rad"], COLUMN["progress_percent"]]
    assert np.array_equal(after[places], before[places])
    assert after[COLUMN["speed_mps"]] == 1.5
    assert after[COLUMN["steering_rad"]] == 0.3
    assert after[COLUMN["steps"]] == 2.0
    assert simulator.cars.state[0, 0] > 2.0  # it moved afterwards


def test_commands_are_shown_as_given_even_beyond_the_limits() -> None:
    simulator = Simulator([square()], 1)
    simulator.place_at(0, 2.0)
    simulator.step(np.array([[1.0, 9.0]]), 0, 1)
    assert simulator.inputs.params(0)["speed"] == 9.0
    assert simulator.inputs.params(0)["steering_angle"] == pytest.approx(math.degrees(1.0))


def test_steps_and_the_clock_count_on_and_the_clock_outlives_the_episode() -> None:
    ride = Ride(square(), start_m=2.0)
    placed_s = ride.value("sim_time_s")
    for count in range(2, 8):
        ride.step()
        assert ride.value("steps") == count
        assert ride.value("sim_time_s") - placed_s == pytest.approx((count - 1) / CONTROL_HZ)
    assert ride.simulator.cars.spawn_s[0] == placed_s
    last_s = ride.value("sim_time_s")
    ride.simulator.place_at(0, 4.0)
    assert ride.value("steps") == 1.0
    assert ride.value("sim_time_s") > last_s
    assert ride.simulator.cars.spawn_s[0] == ride.value("sim_time_s")


# Progress and laps


def test_progress_is_the_share_of_a_lap_since_the_start() -> None:
    ride = Ride(square(), start_m=8.0)
    for driven_m in (4.0, 10.0, 20.0):
        ride.nose_to(8.0 + driven_m)
        assert ride.progress == pytest.approx(100.0 * driven_m / 32.0)


def test_a_lap_from_the_line_is_complete_when_the_nose_crosses_it() -> None:
    ride = Ride(square())
    assert [ride.nose_to(m) for m in (10.0, 20.0, 31.9)] == [EpisodeStatus.IN_PROGRESS] * 3
    assert ride.progress == pytest.approx(100.0 * 31.9 / 32.0)
    assert ride.nose_to(0.3) is EpisodeStatus.LAP_COMPLETE
    assert ride.progress == 100.0


@pytest.mark.parametrize("start_m", [1.0, 11.2, 31.95])
def test_a_lap_from_elsewhere_goes_through_the_line_and_ends_where_it_began(
    start_m: float,
) -> None:
    ride = Ride(square(), start_m=start_m)
    for driven_m in np.arange(1.0, 32.0, 1.0):
        assert ride.nose_to(start_m + driven_m) is EpisodeStatus.IN_PROGRESS
        assert ride.progress == pytest.approx(100.0 * driven_m / 32.0)
    assert ride.nose_to(start_m + 32.0 + 0.01) is EpisodeStatus.LAP_COMPLETE
    assert ride.progress == 100.0


def test_backing_over_the_line_makes_progress_negative_not_a_full_lap() -> None:
    ride = Ride(square())
    ride.step()
    ride.nose_to(-0.4)
    assert ride.progress == pytest.approx(-100.0 * 0.4 / 32.0)
    ride.nose_to(-0.8)
    assert ride.progress == pytest.approx(-100.0 * 0.8 / 32.0)
    ride.nose_to(0.2)
    assert ride.progress == pytest.approx(100.0 * 0.2 / 32.0)


def test_backing_over_the_line_in_mid_lap_lowers_progress_smoothly() -> None:
    ride = Ride(square(), start_m=8.0)
    for driven_m in (12.0, 24.3, 23.7, 24.1):  # the line is 24 m from the start
        assert ride.nose_to(8.0 + driven_m) is EpisodeStatus.IN_PROGRESS
        assert ride.progress == pytest.approx(100.0 * driven_m / 32.0)


def test_a_car_that_starts_backwards_has_slightly_negative_progress() -> None:
    ride = Ride(square())
    ride.simulator.place_at(0, 2.0, turn_rad=math.pi)
    assert ride.progress == pytest.approx(-100.0 * NOSE_M / 32.0)


def test_in_a_continuous_drive_the_next_lap_counts_from_zero() -> None:
    ride = Ride(square())
    for metres in (10.0, 20.0, 31.0, 0.5):
        ride.nose_to(metres)
    assert ride.status is EpisodeStatus.LAP_COMPLETE
    assert ride.nose_to(1.0) is EpisodeStatus.IN_PROGRESS
    assert ride.progress == pytest.approx(100.0 / 32.0)
    for metres in (12.0, 22.0, 31.0):
        assert ride.nose_to(metres) is EpisodeStatus.IN_PROGRESS
    assert ride.nose_to(0.1) is EpisodeStatus.LAP_COMPLETE


# Off the track


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_the_car_is_off_only_when_all_four_wheels_are(side: float) -> None:
    ride = Ride(square())
    facts: list[tuple[Any, ...]] = []
    # Half gauges are 0.081 and 0.0796 m; the border is 0.5 m from the line.
    for offset_m in (0.41, 0.43, 0.57, 0.59):
        status = ride.origin_to(4.0, side * offset_m, 0.0)
        facts.append((status, ride.value("all_wheels_on_track"), ride.value("is_offtrack")))
    assert facts == [
        (EpisodeStatus.IN_PROGRESS, 1.0, 0.0),
        (EpisodeStatus.IN_PROGRESS, 0.0, 0.0),
        (EpisodeStatus.IN_PROGRESS, 0.0, 0.0),
        (EpisodeStatus.OFF_TRACK, 0.0, 1.0),
    ]


def test_one_wheel_on_the_road_is_enough() -> None:
    ride = Ride(square())
    corner = math.hypot(0.082311, 0.079601)
    # Turned so that the front right wheel points straight at the road.
    yaw = -math.pi / 2 + math.atan2(0.079601, 0.082311)
    assert ride.origin_to(4.0, 0.5 + corner - 0.001, yaw) is EpisodeStatus.IN_PROGRESS
    assert ride.value("all_wheels_on_track") == 0.0
    assert ride.origin_to(4.0, 0.5 + corner + 0.001, yaw) is EpisodeStatus.OFF_TRACK


def test_the_nose_may_hang_over_the_border() -> None:
    ride = Ride(square())
    assert ride.origin_to(4.0, 0.4, math.pi / 2) is EpisodeStatus.IN_PROGRESS
    assert ride.value("distance_from_center_m") == pytest.approx(0.54)
    assert ride.value("is_offtrack") == 0.0


def test_leaving_the_track_is_noticed_one_step_later() -> None:
    simulator = Simulator([square()], 1)
    simulator.place_at(0, 4.0, offset_m=0.55)
    simulator.cars.state[0, 3:5] = 1.0, 1.0  # sliding out
    simulator.step(np.array([[0.0, 1.0]]), 0, 1)
    assert simulator.cars.status[0] == EpisodeStatus.IN_PROGRESS
    assert simulator.cars.state[0, 1] > 0.6
    simulator.step(np.array([[0.0, 1.0]]), 0, 1)
    assert simulator.cars.status[0] == EpisodeStatus.OFF_TRACK


def test_a_car_whose_episode_is_over_does_not_move() -> None:
    ride = Ride(square())
    ride.origin_to(4.0, 0.8, 0.0)
    before = ride.simulator.cars.state.copy()
    ride.simulator.step(np.array([[0.0, 1.0]]), 0, 1)
    assert np.array_equal(ride.simulator.cars.state, before)


# Reversed and immobilized


def test_fifteen_steps_of_falling_progress_are_reversed() -> None:
    ride = Ride(square(), start_m=4.0)
    ride.step()
    statuses = [ride.nose_to(4.0 - 0.02 * step) for step in range(1, 16)]
    assert statuses == [EpisodeStatus.IN_PROGRESS] * 14 + [EpisodeStatus.REVERSED]


def test_one_rising_step_forgives_fourteen_falling_ones() -> None:
    ride = Ride(square(), start_m=4.0)
    ride.step()
    places = [4.0 - 0.02 * step for step in range(1, 15)]
    places += [4.0, *places]
    assert {ride.nose_to(place) for place in places} == {EpisodeStatus.IN_PROGRESS}
    assert ride.nose_to(3.0) is EpisodeStatus.REVERSED


def test_backing_over_the_finish_line_counts_as_falling() -> None:
    ride = Ride(square())
    ride.step()
    statuses = [ride.nose_to(0.1 - 0.02 * step) for step in range(1, 16)]
    assert statuses[-1] is EpisodeStatus.REVERSED


def test_fifteen_steps_of_standing_are_immobilized() -> None:
    ride = Ride(square(), start_m=4.0)
    statuses = [ride.step() for _ in range(16)]  # the first row never has moved
    assert statuses == [EpisodeStatus.IN_PROGRESS] * 15 + [EpisodeStatus.IMMOBILIZED]


@pytest.mark.parametrize(
    ("moved_m", "status"),
    [(0.00029, EpisodeStatus.IMMOBILIZED), (0.00031, EpisodeStatus.IN_PROGRESS)],
)
def test_standing_means_at_most_a_third_of_a_millimetre_a_step(
    moved_m: float, status: EpisodeStatus
) -> None:
    ride = Ride(square(), start_m=4.0)
    for step in range(16):
        found = ride.origin_to(4.0 + moved_m * step, 0.0, 0.0)
    assert found is status


def test_turning_on_the_spot_is_standing() -> None:
    ride = Ride(square(), start_m=4.0)
    found = [ride.origin_to(4.0, 0.0, 0.05 * (step % 2)) for step in range(16)]
    assert found[-1] is EpisodeStatus.IMMOBILIZED


def test_a_new_episode_forgets_what_was_counted() -> None:
    ride = Ride(square(), start_m=4.0)
    for _ in range(15):
        ride.step()
    ride.simulator.place_at(0, 4.0)
    assert {ride.step() for _ in range(15)} == {EpisodeStatus.IN_PROGRESS}


# Precedence


def test_a_lap_counts_even_when_the_car_is_off_the_track_at_the_line() -> None:
    ride = Ride(square(), start_m=2.0)
    for metres in (10.0, 20.0, 33.9):
        ride.nose_to(metres)
    assert ride.nose_to(34.1, offset_m=0.8) is EpisodeStatus.LAP_COMPLETE
    assert ride.value("is_offtrack") == 1.0


def test_off_the_track_goes_before_reversed_and_immobilized() -> None:
    ride = Ride(square(), start_m=4.0)
    ride.step()
    for step in range(1, 15):
        ride.nose_to(4.0 - 0.02 * step)
    assert ride.nose_to(3.7, offset_m=0.8) is EpisodeStatus.OFF_TRACK


# Where on the track


@pytest.mark.parametrize(
    ("distance_m", "pair"),
    [(0.0, (0, 1)), (0.1, (0, 1)), (8.0, (1, 2)), (15.9, (1, 2)), (16.0, (2, 3)), (24.0, (3, 4))],
)
def test_a_car_at_a_waypoint_has_it_behind(distance_m: float, pair: tuple[int, int]) -> None:
    ride = Ride(square(), start_m=4.0)
    ride.nose_to(distance_m)
    assert ride.waypoints == pair


def test_the_last_pair_of_waypoints_ends_with_the_closing_one() -> None:
    ride = Ride(square(), start_m=4.0)
    ride.nose_to(31.9)
    assert ride.waypoints == (3, 4)
    assert np.array_equal(ride.track.centre[4], ride.track.centre[0])


def test_waypoints_count_up_in_driving_direction_either_way() -> None:
    for track in (circle(), circle().reversed(), mirrored(circle())):
        ride = Ride(track)
        behind = []
        for share in (0.1, 0.3, 0.7, 0.9):
            ride.nose_to(share * track.length_m + 1e-6)
            behind.append(ride.waypoints[0])
        assert behind == [72, 216, 504, 648]


@pytest.mark.parametrize(("offset", "closest"), [(3.9, 0), (4.1, 1)])
def test_the_closest_waypoint_is_the_nearer_of_the_pair(offset: float, closest: int) -> None:
    ride = Ride(square(), start_m=1.0)
    ride.nose_to(offset)
    assert ride.value("closest_waypoint") == closest


@pytest.mark.parametrize(
    "track", [circle(), circle().reversed(), mirrored(circle()), mirrored(circle()).reversed()]
)
@pytest.mark.parametrize("offset_m", [0.2, -0.2])
def test_left_of_the_centre_is_left_whichever_way_the_track_goes(
    track: Track, offset_m: float
) -> None:
    ride = Ride(track)
    ride.nose_to(5.0, offset_m=offset_m)
    assert ride.value("is_left_of_center") == float(offset_m > 0.0)
    assert ride.value("distance_from_center_m") == pytest.approx(0.2, abs=1e-3)


def test_is_reversed_tells_the_direction_of_the_file_not_of_the_clock() -> None:
    for track, expected in [
        (circle(), False),
        (mirrored(circle()), False),
        (circle().reversed(), True),
        (mirrored(circle()).reversed(), True),
    ]:
        assert Ride(track).simulator.inputs.params(0)["is_reversed"] is expected


def test_the_width_is_that_of_the_place() -> None:
    track = square(8.0)
    inner, outer = track.inner.copy(), track.outer.copy()
    outer[[0, 1, 4], 1] = -0.8  # the first side is wider on its right
    ride = Ride(Track("uneven", track.centre, inner, outer), start_m=4.0)
    ride.step()
    assert ride.value("track_width_m") == pytest.approx(1.3)
    ride.nose_to(20.0, offset_m=-0.3)
    assert ride.value("track_width_m") == pytest.approx(1.0)


def test_position_is_that_of_the_nose_and_heading_that_of_the_body() -> None:
    ride = Ride(square())
    ride.origin_to(4.0, 0.1, 0.5)
    assert ride.value("x_m") == pytest.approx(4.0 + NOSE_M * math.cos(0.5))
    assert ride.value("y_m") == pytest.approx(0.1 + NOSE_M * math.sin(0.5))
    assert ride.value("heading_rad") == pytest.approx(0.5)
    assert ride.value("projection_distance_m") == pytest.approx(ride.value("x_m"))
    assert ride.value("distance_from_center_m") == pytest.approx(ride.value("y_m"))
