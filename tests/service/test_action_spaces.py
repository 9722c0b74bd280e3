"""Action spaces from flags and files: every form that people have, and sentences for the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from racecraft.domain.action_space import ContinuousActionSpace, DiscreteActionSpace, action_grid
from racecraft.domain.errors import InvalidSpec, NotFound
from racecraft.domain.spec import ModelSpec
from racecraft.service.action_spaces import ActionChoice, read_action_space
from racecraft.service.documents import checked

RANGES = {"steering_angle": {"low": -20, "high": 25.0}, "speed": {"low": 0.5, "high": 2}}
LIST = [{"steering_angle": -10, "speed": 0.5}, {"steering_angle": 30.0, "speed": 4}]


def read(tmp_path: Path, content: Any) -> DiscreteActionSpace | ContinuousActionSpace:
    path = tmp_path / "actions.json"
    path.write_text(json.dumps(content))
    return read_action_space(path)


def numbered(count: int) -> list[dict[str, float]]:
    return [{"steering_angle": k - 15, "speed": 1.0} for k in range(count)]


@pytest.mark.parametrize(
    "content",
    [
        LIST,
        {"actions": LIST},
        {"action_space": LIST},
        {"action_space": {"actions": LIST}},
        # A vehicle description of 2019, before sensors had names.
        {"action_space": [{**a, "index": k} for k, a in enumerate(LIST)]},
        {
            "action_space": [{**a, "index": k} for k, a in enumerate(LIST)],
            "sensor": ["STEREO_CAMERAS", "SECTOR_LIDAR"],
            "neural_network": "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW",
            "version": "2",
        },
        {"action_space": LIST, "action_space_type": "discrete", "version": 5},
    ],
)
def test_a_list_of_actions_is_read_in_every_form(tmp_path: Path, content: Any) -> None:
    space = read(tmp_path, content)
    assert isinstance(space, DiscreteActionSpace)
    assert space.steering_deg.tolist() == [-10.0, 30.0]
    assert space.speed_mps.tolist() == [0.5, 4.0]


@pytest.mark.parametrize(
    "content",
    [
        RANGES,
        {"action_space": RANGES},
        {
            "action_space": RANGES,
            "action_space_type": "continuous",
            "sensor": ["FRONT_FACING_CAMERA"],
            "neural_network": "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW",
            "training_algorithm": "sac",
            "version": "6",
        },
    ],
)
def test_two_ranges_are_read_in_every_form(tmp_path: Path, content: Any) -> None:
    space = read(tmp_path, content)
    assert isinstance(space, ContinuousActionSpace)
    assert space.model_dump() == RANGES


def test_ranges_can_be_written_as_toml(tmp_path: Path) -> None:
    path = tmp_path / "actions.toml"
    path.write_text("steering_angle = {low = -20, high = 25}\nspeed = {low = 0.5, high = 2}\n")
    assert read_action_space(path).model_dump() == RANGES


@pytest.mark.parametrize("count", [2, 30])
def test_a_list_may_have_from_two_to_thirty_actions(tmp_path: Path, count: int) -> None:
    assert read(tmp_path, numbered(count)).num_outputs == count


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (numbered(1), r"lists 1 action; an action space has from 2 to 30\.$"),
        (numbered(31), r"lists 31 actions; an action space has from 2 to 30\.$"),
        ([], "lists 0 actions"),
        (
            [*LIST, {"steering_angle": 30.5, "speed": 1}],
            r"^actions\.2\.steering_angle is 30\.5; choose from -30 to 30\.$",
        ),
        ([*LIST, {"steering_angle": 3, "speed": 0}], r"^actions\.2\.speed is 0; choose from 0\.1"),
        ([*LIST, {"steering_angle": 3, "speed": 4.5}], r"^actions\.2\.speed is 4\.5; choose"),
        ([*LIST, {"steering_angle": 3}], r"^The field actions\.2\.speed is missing; add it\.$"),
        ([*LIST, {"steering_angle": "left", "speed": 1}], r"^actions\.2\.steering_angle is 'left'"),
        ([*LIST, LIST[0]], r"^The actions 0 and 2 \(counted from 0\) are both -10° at 0\.5 m/s"),
        ([1, 2], "holds no action space; write a list"),
        ("actions", "holds no action space; write a list"),
        ({"sensor": ["observation"]}, "holds no action space; write a list"),
        ({**RANGES, "speed": {"low": 0.5}}, r"gives {'low': 0\.5} as speed; .* needs its"),
        ({"speed": RANGES["speed"]}, "gives None as steering_angle"),
        ({**RANGES, "speed": {"low": 2, "high": 1}}, "speeds go from 2 m/s to 1 m/s; the low end"),
        (
            {**RANGES, "speed": {"low": 1, "high": 5}},
            r"^speed\.high is 5; choose from 0\.1 to 4\.$",
        ),
        (
            {"action_space": LIST, "action_space_type": "continuous"},
            "says that its action_space_type is 'continuous', but .* in it is discrete",
        ),
    ],
)
def test_what_is_no_action_space_is_told_in_a_sentence(
    tmp_path: Path, content: Any, sentence: str
) -> None:
    with pytest.raises(InvalidSpec, match=sentence):
        read(tmp_path, content)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no action space file"):
        read_action_space(tmp_path / "nothing.json")


def test_a_choice_of_nothing_is_the_usual_grid() -> None:
    assert ActionChoice().actions() == action_grid()


def test_a_choice_can_be_continuous() -> None:
    space = ActionChoice(continuous=True, max_steering_deg=20, max_speed_mps=2).actions()
    assert space.model_dump() == {
        "steering_angle": {"low": -20.0, "high": 20.0},
        "speed": {"low": 0.5, "high": 2.0},
    }


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({"continuous": True, "steering_granularity": 5}, "The steering granularity is 5, but a"),
        ({"continuous": True, "speed_granularity": 2}, "The speed granularity is 2, but a"),
        ({"min_speed_mps": 0.2}, "A slowest speed of 0.2 m/s is asked for, but"),
        ({"continuous": True, "min_speed_mps": 1.5}, "go from 1.5 m/s to 1 m/s; the low end"),
    ],
)
def test_choices_that_do_not_go_together_are_refused(choice: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidSpec, match=sentence):
        checked(ActionChoice, choice).actions()


@pytest.mark.parametrize(
    ("action_space", "sentence"),
    [
        ({"actions": [*LIST, {"steering_angle": 40, "speed": 1}]}, "action_space.actions.2.steer"),
        (
            {**RANGES, "speed": {"low": 0, "high": 1}},
            r"^action_space\.speed\.low is 0; choose from",
        ),
        ({**RANGES, "brake": 1}, r"^There is no field action_space\.brake"),
        ({"actions": numbered(31)}, "action_space.actions is"),
    ],
)
def test_faults_in_a_model_s_action_space_are_told_by_their_place(
    action_space: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidSpec, match=sentence):
        checked(ModelSpec, {"action_space": action_space})
