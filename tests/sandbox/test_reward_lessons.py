"""What each reward function that comes with racecraft teaches: it is what it pays most for."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from racecraft.domain.episode import CONTROL_HZ
from racecraft.domain.reward_rows import object_rows
from tests.sandbox.example_laps import (
    CLOSE_TO_NOTHING,
    Lap,
    fresh,
    most_turning,
    pay,
    road,
    turning,
)


def whole_lap(speed_mps: float, **how: Any) -> Lap:
    """A lap of harbour-loop at one speed, short of the finish."""
    return Lap(np.arange(0.0, road().length_m - 0.2, speed_mps / CONTROL_HZ), **how)


def paid_near_box(box_lane: float, box_at_m: float, *, way_m: float, lane: float) -> float:
    """What avoid-objects pays `way_m` before a box; lanes are 1 left, -1 right, 0 the middle."""
    track, quarter = road(), road().width_m / 4
    box = object_rows(track, np.array([box_at_m]), np.array([box_lane * quarter])).tolist()
    along = (box_at_m - way_m) % track.length_m
    (state,) = Lap([along], offset_m=lane * quarter).params(track, box)
    return fresh("avoid-objects")(state)


def test_the_lane_is_worth_more_than_the_other_one_and_than_its_edges() -> None:
    quarter = road().width_m / 4
    ways = {offset: Lap([0.5], offset_m=offset * quarter) for offset in (-1.0, 0.0, 0.5, 1.0, 1.3)}
    paid = {offset: pay(fresh("stay-in-lane"), lap) for offset, lap in ways.items()}
    assert paid[1.0] == pytest.approx(1.0, abs=0.01)
    assert paid[-1.0] == CLOSE_TO_NOTHING
    assert paid[0.0] < paid[0.5] < paid[1.0] > paid[1.3] > CLOSE_TO_NOTHING
    right = fresh("stay-in-lane", LANE="right")
    assert pay(right, ways[-1.0]) == pytest.approx(1.0, abs=0.01)


def test_heading_pays_for_turning_in_before_the_bend() -> None:
    track = road()
    straight, bend = most_turning(track)
    turn = math.degrees(turning(track, bend, bend + 0.5))
    assert abs(turn) > 20
    heading = fresh("heading")
    assert pay(heading, Lap([bend], turn_deg=turn)) > pay(heading, Lap([bend])) + 0.1
    assert pay(heading, Lap([bend])) > pay(heading, Lap([bend], turn_deg=-turn)) + 0.1
    assert pay(heading, Lap([straight])) > 0.95
    assert pay(heading, Lap([straight], turn_deg=30.0)) < 0.8


@pytest.mark.parametrize("offset", [-0.2, 0.2])
def test_aiming_pays_for_steering_back_to_the_road(offset: float) -> None:
    straight, _ = most_turning(road())
    paid = {
        angle: pay(fresh("aim-ahead"), Lap([straight], offset_m=offset, steering_deg=angle))
        for angle in (-30.0, -15.0, 0.0, 15.0, 30.0)
    }
    best = max(paid, key=lambda angle: paid[angle])
    assert best == math.copysign(15.0, -offset)
    centred = {
        angle: pay(fresh("aim-ahead"), Lap([straight], steering_deg=angle)) for angle in paid
    }
    assert max(centred, key=lambda angle: centred[angle]) == 0.0


@pytest.mark.parametrize("name", ["progress-per-step", "milestones", "finish-bonus"])
def test_a_lap_of_fewer_steps_earns_at_least_as_much(name: str) -> None:
    fast, slow = pay(fresh(name), whole_lap(1.0)), pay(fresh(name), whole_lap(0.5))
    assert fast > 0.95 * slow
    if name != "finish-bonus":  # whose steps add up to the same; its bonus makes the difference
        assert fast > 1.5 * slow


def test_the_finish_pays_a_bonus_and_more_after_a_faster_lap() -> None:
    state = Lap([3.0]).params(road())[0]

    def bonus(steps: float) -> float:
        function = fresh("finish-bonus")
        before = function({**state, "steps": steps - 1, "progress": 99.9})
        return function({**state, "steps": steps, "progress": 100.0}) - before

    lap_steps = road().length_m * CONTROL_HZ
    assert bonus(lap_steps) == pytest.approx(20.0, abs=1.0)
    assert bonus(2 * lap_steps) == pytest.approx(10.0, abs=1.0)
    assert bonus(10.0) <= 31.0
    # Of a whole lap at top speed the bonus is a small part.
    assert pay(fresh("finish-bonus"), whole_lap(1.0)) > 5 * 20.0


def test_zigzag_earns_less_than_an_angle_that_is_held() -> None:
    way = np.linspace(0.0, 3.0, 40)
    zigzag = np.where(np.arange(40) % 2, 15.0, -15.0)
    held = pay(fresh("smooth-steering"), Lap(way, steering_deg=15.0))
    assert pay(fresh("smooth-steering"), Lap(way)) == pytest.approx(held)
    assert pay(fresh("smooth-steering"), Lap(way, steering_deg=zigzag)) < 0.8 * held
    hard = pay(fresh("smooth-steering"), Lap(way, steering_deg=2 * zigzag))
    assert hard < 0.55 * held


def test_fast_pays_on_straights_and_slow_in_bends() -> None:
    straight, bend = most_turning(road())
    speed = fresh("speed-on-straights")
    assert pay(speed, Lap([straight])) > 0.9
    assert pay(speed, Lap([straight])) > 1.5 * pay(speed, Lap([straight], speed_mps=0.6))
    assert pay(speed, Lap([bend], speed_mps=0.6)) > 0.9
    assert pay(speed, Lap([bend], speed_mps=0.6)) > 1.3 * pay(speed, Lap([bend]))
    assert pay(speed, Lap([straight], offset_m=0.3)) < 0.5


def test_without_objects_avoiding_them_is_getting_on() -> None:
    offsets, turns = np.linspace(-0.3, 0.3, 60), np.linspace(-80.0, 80.0, 60)
    states = Lap(np.linspace(0.0, 15.0, 60), offset_m=offsets, turn_deg=turns).params(road())
    avoid, progress = fresh("avoid-objects"), fresh("progress")
    for state in states:
        paid = avoid(state)
        # The two examples take another speed for the best one.
        assert paid == pytest.approx(4 * progress(state)) or paid < 0.004


@pytest.mark.parametrize("box_lane", [1.0, -1.0], ids=["left", "right"])
@pytest.mark.parametrize("box_at_m", [1.5, 0.3], ids=["ahead", "beyond the start line"])
@pytest.mark.parametrize("way_m", [1.2, 0.2, -0.3])
def test_the_more_room_there_is_beside_the_next_object_the_more_it_pays(
    box_lane: float, box_at_m: float, way_m: float
) -> None:
    lanes = (-box_lane, 0.0, 0.5 * box_lane, box_lane)
    free, middle, near, in_the_way = (
        paid_near_box(box_lane, box_at_m, way_m=way_m, lane=lane) for lane in lanes
    )
    assert free > 1.8 * middle > 3.0 * near > 3.0 * CLOSE_TO_NOTHING
    assert in_the_way < 0.1


def test_an_object_far_ahead_or_passed_does_not_matter() -> None:
    for way in (3.0, -0.6):
        for lane in (1.0, -1.0):
            assert paid_near_box(1.0, 5.0, way_m=way, lane=lane) > 0.9


def test_of_two_objects_the_one_with_less_room_counts() -> None:
    track, quarter = road(), road().width_m / 4
    (state,) = Lap([4.0], offset_m=quarter).params(
        track, object_rows(track, np.array([5.2, 4.0]), np.array([quarter, -quarter])).tolist()
    )
    assert fresh("avoid-objects")(state) < 0.1


def test_touching_an_object_earns_next_to_nothing() -> None:
    (state,) = Lap([1.0], offset_m=road().width_m / 4).params(road())
    assert fresh("avoid-objects")(state) > 0.9
    assert fresh("avoid-objects")({**state, "is_crashed": True}) == CLOSE_TO_NOTHING


def test_the_racing_line_runs_inside_in_bends_and_in_the_middle_on_straights() -> None:
    track = road()
    straight, bend = most_turning(track)
    inside = math.copysign(1.0, turning(track, bend, bend + 1.0))
    line = fresh("racing-line")
    middle_of_bend = bend + 0.5
    at = {
        share: pay(line, Lap([middle_of_bend], offset_m=inside * share * track.width_m / 2))
        for share in (-0.4, 0.0, 0.4)
    }
    assert at[0.4] > at[0.0] + 0.05 > at[-0.4] + 0.1
    assert pay(line, Lap([straight])) > 0.9
    assert pay(line, Lap([straight], speed_mps=0.5)) < 0.55
    assert pay(line, Lap([straight], turn_deg=60.0)) < 0.55


def test_a_mark_is_paid_once_however_often_it_is_crossed() -> None:
    there, back = np.linspace(0.0, 1.1, 17), np.linspace(1.1, 0.3, 17)
    states = Lap(np.concatenate([there, back, back[::-1]])).params(road())
    function = fresh("milestones")
    paid = [function(state) for state in states]
    assert sum(reward > CLOSE_TO_NOTHING for reward in paid[:17]) == 4
    assert paid[17:] == [CLOSE_TO_NOTHING] * 34
