"""Action spaces: the grid of the original console, its order and its limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from racecraft.domain.action_space import Action, DiscreteActionSpace, action_grid
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
