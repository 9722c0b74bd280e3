"""Reward inputs: every documented key, in the documented unit."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from racecraft.domain.reward import COLUMN, COLUMNS, RewardInputs
from racecraft.domain.track import Track

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "reward-parameters.md"

TYPES: dict[str, type] = {
    "all_wheels_on_track": bool,
    "x": float,
    "y": float,
    "heading": float,
    "distance_from_center": float,
    "projection_distance": float,
    "progress": float,
    "steps": float,
    "speed": float,
    "steering_angle": float,
    "track_width": float,
    "track_length": float,
    "waypoints": list,
    "racing_line": list,
    "racing_speed": list,
    "closest_waypoints": list,
    "is_left_of_center": bool,
    "is_reversed": bool,
    "closest_objects": list,
    "objects_location": list,
    "objects_left_of_center": list,
    "objects_speed": list,
    "objects_heading": list,
    "objects_distance": list,
    "objects_distance_from_center": list,
    "object_in_camera": bool,
    "is_crashed": bool,
    "is_offtrack": bool,
    "crashed": bool,
    "offtrack": bool,
    "sim_time": float,
}


def circle(radius_m: float = 3.0, waypoints: int = 61) -> Track:
    """Counter-clockwise, 0.8 m wide."""
    turn = np.linspace(0.0, 2 * np.pi, waypoints)
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    ring[-1] = ring[0]
    return Track("circle", radius_m * ring, (radius_m - 0.4) * ring, (radius_m + 0.4) * ring)


def inputs(*cars: dict[str, float], tracks: tuple[Track, ...] = ()) -> RewardInputs:
    """One row a car; columns that are not given are zero; car i drives on track i modulo."""
    chosen = tracks or (circle(),)
    table = np.zeros((len(cars), len(COLUMNS)))
    for row, car in enumerate(cars):
        for name, value in car.items():
            table[row, COLUMN[name]] = value
    return RewardInputs(table, chosen, np.arange(len(cars), dtype=np.int64) % len(chosen))


def test_params_hold_every_documented_key_and_no_other() -> None:
    assert set(inputs({}).params(0)) == set(TYPES)


def test_every_value_has_the_type_that_the_original_gave() -> None:
    params = inputs({"steps": 3.0, "all_wheels_on_track": 1.0}).params(0)
    wrong = {name: params[name] for name, kind in TYPES.items() if type(params[name]) is not kind}
    assert wrong == {}


def test_the_reference_page_lists_exactly_these_keys() -> None:
    table = PAGE.read_text(encoding="utf-8").split("\n## ")[1]
    assert table.startswith("Keys")
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    listed = [key for row in rows for key in re.findall(r"`(\w+)`", row)]
    assert sorted(listed) == sorted(TYPES)


@pytest.mark.parametrize(
    ("column", "inside", "key", "shown"),
    [
        ("x_m", 1.25, "x", 1.25),
        ("y_m", -2.5, "y", -2.5),
        ("heading_rad", math.pi / 2, "heading", 90.0),
        ("heading_rad", -math.pi, "heading", -180.0),
        ("distance_from_center_m", 0.2, "distance_from_center", 0.2),
        ("projection_distance_m", 12.0, "projection_distance", 12.0),
        ("progress_percent", 42.5, "progress", 42.5),
        ("steps", 7.0, "steps", 7.0),
        ("speed_mps", 3.9, "speed", 3.9),
        ("steering_rad", math.radians(-30), "steering_angle", -30.0),
        ("track_width_m", 0.76, "track_width", 0.76),
        ("is_left_of_center", 1.0, "is_left_of_center", True),
        ("all_wheels_on_track", 1.0, "all_wheels_on_track", True),
        ("sim_time_s", 4.2, "sim_time", 4.2),
    ],
)
def test_a_column_reaches_its_key_in_the_users_unit(
    column: str, inside: float, key: str, shown: Any
) -> None:
    assert inputs({column: inside}).params(0)[key] == pytest.approx(shown)


def test_off_track_and_crashed_answer_to_both_spellings() -> None:
    off_track = inputs({"is_offtrack": 1.0}).params(0)
    assert (off_track["is_offtrack"], off_track["offtrack"]) == (True, True)
    assert (off_track["is_crashed"], off_track["crashed"]) == (False, False)
    crashed = inputs({"is_crashed": 1.0}).params(0)
    assert (crashed["is_crashed"], crashed["crashed"]) == (True, True)


def test_closest_waypoints_are_whole_numbers_behind_then_ahead() -> None:
    behind_ahead = inputs({"waypoint_behind": 4.0, "waypoint_ahead": 5.0}).params(0)
    assert behind_ahead["closest_waypoints"] == [4, 5]
    assert all(type(index) is int for index in behind_ahead["closest_waypoints"])


def test_waypoints_are_pairs_and_the_first_equals_the_last() -> None:
    track = circle()
    waypoints = inputs({}, tracks=(track,)).params(0)["waypoints"]
    assert len(waypoints) == len(track.centre)
    assert waypoints[0] == waypoints[-1] == (3.0, 0.0)
    assert all(type(point) is tuple for point in waypoints)


def test_a_reversed_track_gives_reversed_waypoints_and_says_so() -> None:
    track = circle()
    forward = inputs({}, tracks=(track,)).params(0)
    backward = inputs({}, tracks=(track.reversed(),)).params(0)
    assert (forward["is_reversed"], backward["is_reversed"]) == (False, True)
    assert backward["waypoints"] == forward["waypoints"][::-1]


def test_each_car_sees_its_own_track() -> None:
    small, large = circle(3.0), circle(5.0)
    batch = inputs({}, {}, tracks=(small, large))
    assert batch.params(0)["track_length"] == pytest.approx(small.length_m)
    assert batch.params(1)["track_length"] == pytest.approx(large.length_m)


def test_a_reward_function_may_change_its_params_without_harm_to_the_next_step() -> None:
    batch = inputs({})
    params = batch.params(0)
    params["waypoints"].clear()
    params["objects_speed"].append(1.0)
    assert len(batch.params(0)["waypoints"]) > 0
    assert batch.params(0)["objects_speed"] == []


def test_without_objects_the_object_keys_keep_their_empty_values() -> None:
    params = inputs({}).params(0)
    assert params["closest_objects"] == [0, 0]
    assert params["object_in_camera"] is False
    lists = [name for name in params if name.startswith("objects_")]
    assert len(lists) == 6
    assert all(params[name] == [] for name in lists)
