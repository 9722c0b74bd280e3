"""Action spaces: the grid of the original console, its order and its limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from racecraft.domain.action_space import (
    Action,
    ContinuousActionSpace,
    DiscreteActionSpace,
    SpeedRange,
    SteeringRange,
    action_grid,
    refuse_duplicates,
)
from racecraft.domain.errors import InvalidSpec


def test_the_default_grid_has_seven_angles_and_three_speeds() -> None:
    assert len(action_grid()) == 21


def test_a_seven_by_three_grid_at_four_metres_a_second_has_the_speeds_of_the_console() -> None:
    space = action_grid(max_speed_mps=4.0)
    assert space.speed_mps[:3] == pytest.approx([4 / 3, 8 / 3, 4.0], abs=1e-4)
    assert np.unique(space.steering_deg) == pytest.approx([-30, -20, -10, 0, 10, 20, 30])


def test_actions_go_from_right_to_left_and_for_each_angle_from_slow_to_fast() -> None:
    space = action_grid(steering_granularity=3, speed_granularity=2, max_speed_mps=1.0)
    listed = [(action.steering_angle, action.speed) for action in space.actions]
    assert listed == [(-30, 0.5), (-30, 1.0), (0, 0.5), (0, 1.0), (30, 0.5), (30, 1.0)]


@given(
    max_steering_deg=st.floats(1.0, 30.0),
    steering_granularity=st.sampled_from([3, 5, 7]),
    max_speed_mps=st.floats(0.3, 4.0),
    speed_granularity=st.sampled_from([1, 2, 3]),
)
def test_every_grid_is_symmetric_and_never_stands_still(
    max_steering_deg: float, steering_granularity: int, max_speed_mps: float, speed_granularity: int
) -> None:
    space = action_grid(
        max_steering_deg=max_steering_deg,
        steering_granularity=steering_granularity,
        max_speed_mps=max_speed_mps,
        speed_granularity=speed_granularity,
    )
    angles = np.unique(space.steering_deg)
    assert len(space) == steering_granularity * speed_granularity
    assert angles == pytest.approx(-angles[::-1])
    assert 0.0 in angles
    assert space.speed_mps.min() >= 0.1 - 1e-4
    assert space.speed_mps.max() == pytest.approx(max_speed_mps, abs=1e-4)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"steering_granularity": 4}, "steering granularity is 4; choose 3, 5 or 7"),
        ({"speed_granularity": 0}, "speed granularity is 0; choose 1, 2 or 3"),
        ({"max_steering_deg": 31.0}, "steering angle is 31°; choose 1° to 30°"),
        ({"max_steering_deg": 0.5}, "steering angle is 0.5°"),
        ({"max_speed_mps": 4.5}, "maximum speed is 4.5 m/s"),
        ({"max_speed_mps": 0.2}, "the slowest must be at least 0.1 m/s"),
        ({"max_speed_mps": float("nan")}, "maximum speed is nan m/s"),
    ],
)
def test_a_grid_outside_the_limits_is_refused_with_the_value_and_the_choice(
    asked: dict[str, float], sentence: str
) -> None:
    with pytest.raises(InvalidSpec, match=sentence):
        action_grid(**asked)  # type: ignore[arg-type]


def test_three_speeds_up_to_three_tenths_start_at_exactly_one_tenth() -> None:
    assert action_grid(max_speed_mps=0.3).speed_mps[0] == 0.1  # 0.3 / 3 is a little less


def test_an_edited_list_may_hold_any_angles_and_speeds_within_the_limits() -> None:
    space = DiscreteActionSpace(
        actions=(Action(steering_angle=-12.5, speed=2.2), Action(steering_angle=7, speed=0.1))
    )
    assert space.steering_deg.tolist() == [-12.5, 7.0]
    assert space.speed_mps.tolist() == [2.2, 0.1]


@pytest.mark.parametrize("count", [0, 1, 31])
def test_an_action_list_holds_two_to_thirty_actions(count: int) -> None:
    with pytest.raises(ValidationError):
        DiscreteActionSpace(actions=(Action(steering_angle=0, speed=1),) * count)


@pytest.mark.parametrize(
    ("steering_angle", "speed"), [(30.1, 1.0), (-31.0, 1.0), (0.0, 0.0), (0.0, 4.01)]
)
def test_an_action_outside_the_cars_limits_is_refused(steering_angle: float, speed: float) -> None:
    with pytest.raises(ValidationError):
        Action(steering_angle=steering_angle, speed=speed)


def test_an_action_space_survives_being_written_and_read() -> None:
    space = action_grid(max_speed_mps=2.5, speed_granularity=2)
    assert DiscreteActionSpace.model_validate_json(space.model_dump_json()) == space


def test_two_equal_actions_in_a_new_list_are_refused_by_their_places() -> None:
    actions = [(0, 1.0), (10, 1.0), (-10, 2.0), (10.0, 1)]
    space = DiscreteActionSpace(
        actions=tuple(Action(steering_angle=a, speed=v) for a, v in actions)
    )
    with pytest.raises(InvalidSpec, match=r"actions 1 and 3 .* are both 10° at 1 m/s; remove"):
        refuse_duplicates(space)
    refuse_duplicates(action_grid())


def test_a_continuous_space_reaches_as_far_as_the_car_unless_told_otherwise() -> None:
    space = ContinuousActionSpace()
    assert (space.steering_angle.low, space.steering_angle.high) == (-30, 30)
    assert space.speed_range_mps == (0.5, 1.0)
    assert (space.kind, space.num_outputs) == ("continuous", 2)
    assert space.summary == "-30° to 30°, 0.5 to 1 m/s"


def test_a_continuous_space_is_written_as_the_community_writes_it() -> None:
    space = ContinuousActionSpace(
        steering_angle=SteeringRange(low=-20, high=25.5), speed=SpeedRange(low=0.1, high=4)
    )
    document = {
        "steering_angle": {"low": -20.0, "high": 25.5},
        "speed": {"low": 0.1, "high": 4.0},
    }
    assert space.model_dump() == document
    assert ContinuousActionSpace.model_validate(document) == space


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [
        (SteeringRange, -30.1, 0),
        (SteeringRange, 0, 31),
        (SpeedRange, 0.0, 1),
        (SpeedRange, 1, 4.01),
        (SpeedRange, float("nan"), 1),
    ],
)
def test_a_range_beyond_the_cars_limits_is_refused(
    kind: type[SteeringRange | SpeedRange], low: float, high: float
) -> None:
    with pytest.raises(ValidationError):
        kind(low=low, high=high)


def test_a_range_without_width_is_refused_with_both_ends() -> None:
    with pytest.raises(ValidationError, match="go from 5° to 5°; the low end must be below"):
        SteeringRange(low=5, high=5)
    with pytest.raises(ValidationError, match="go from 2 m/s to 1 m/s; the low end must be"):
        SpeedRange(low=2, high=1)


@given(
    low=st.floats(-30, 29), width=st.floats(0.01, 1), value=st.floats(-3, 3), speed=st.floats(-3, 3)
)
def test_commands_stay_between_the_limits_and_grow_with_the_action(
    low: float, width: float, value: float, speed: float
) -> None:
    space = ContinuousActionSpace(steering_angle=SteeringRange(low=low, high=low + width))
    commands = space.command_function()
    found = commands(np.array([[value, speed], [value + 0.1, speed + 0.1]]))
    assert (found[:, 0] >= np.radians(low)).all()
    assert (found[:, 0] <= np.radians(low + width)).all()
    assert (found[:, 1] >= 0.5).all()
    assert (found[:, 1] <= 1.0).all()
    assert (np.diff(found, axis=0) >= 0).all()


def test_the_commands_of_a_list_are_radians_and_metres_a_second() -> None:
    commands = action_grid(steering_granularity=3, speed_granularity=1).command_function()
    found = commands(np.array([2, 0]))
    assert np.degrees(found[:, 0]) == pytest.approx([30, -30])
    assert found[:, 1].tolist() == [1.0, 1.0]
