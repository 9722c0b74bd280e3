"""Agents that race each other, as PettingZoo expects it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from pettingzoo import ParallelEnv
from pettingzoo.test import parallel_api_test, parallel_seed_test

from racecraft.domain.action_space import ContinuousActionSpace
from racecraft.domain.bots import BotSpec
from racecraft.domain.car import CameraSpec
from racecraft.domain.errors import InvalidInput
from racecraft.domain.randomisation import RandomisationSpec
from racecraft.sim.parallel_env import HeadToHeadParallelEnv
from tests.sim.roads import circle

SMALL = CameraSpec(width=40, height=36)
DESIGNS: list[dict[str, Any]] = [
    {"cars": 2},
    {"cars": 4, "sensors": ("STEREO_CAMERAS", "LIDAR")},
    {"cars": 2, "actions": ContinuousActionSpace()},
]


def make(**design: Any) -> HeadToHeadParallelEnv:
    return HeadToHeadParallelEnv(**{"camera": SMALL, "track": circle(), **design})


@pytest.mark.parametrize("design", DESIGNS)
def test_pettingzoo_finds_nothing_to_complain_about(design: dict[str, Any]) -> None:
    environment = make(**design)
    assert isinstance(environment, ParallelEnv)
    parallel_api_test(environment, num_cycles=200)


def test_the_same_seed_and_actions_give_the_same_everything() -> None:
    parallel_seed_test(make, num_cycles=100)


def test_an_agent_that_is_done_is_taken_out_and_the_others_go_on() -> None:
    environment = make(cars=3)
    environment.reset(seed=1)
    # Straight on where the road bends, car_0 faster than the others.
    for _ in range(200):
        actions = {agent: np.int64(11 if agent == "car_0" else 9) for agent in environment.agents}
        _, _, terminated, _, infos = environment.step(actions)
        if terminated["car_0"]:
            break
    assert infos["car_0"]["status"] == "off_track"
    assert environment.agents == ["car_1", "car_2"]
    observations = environment.step({"car_1": np.int64(9), "car_2": np.int64(9)})[0]
    assert set(observations) == {"car_1", "car_2"}


def test_the_first_car_has_nobody_in_front_and_the_second_sees_it() -> None:
    environment = make(cars=2, camera=CameraSpec(), render_mode="rgb_array")
    observations, _ = environment.reset(seed=1)
    assert observations["car_0"].shape == (120, 160, 1)
    picture = environment.render()
    assert picture is not None
    assert picture.shape == (120, 320, 3)
    assert np.array_equal(picture[:, 160:, :1], observations["car_1"])
    # Tyres are darker than anything on the ground.
    assert (observations["car_1"] < 30).sum() > 20
    assert (observations["car_0"] < 30).sum() == 0


def test_boxes_and_bots_are_refused() -> None:
    with pytest.raises(InvalidInput, match="leave them out"):
        make(bots=BotSpec())


def test_randomisation_is_refused_rather_than_forgotten() -> None:
    with pytest.raises(InvalidInput, match=r"Randomisation \(light\) was asked for"):
        make(randomisation=RandomisationSpec.model_validate(["light"]))
    make(randomisation=RandomisationSpec()).reset(seed=0)


def test_it_works_without_pettingzoo() -> None:
    program = (
        "import sys; sys.modules['pettingzoo'] = None\n"
        "from racecraft.sim.parallel_env import HeadToHeadParallelEnv as Env\n"
        "environment = Env(cars=2)\n"
        "environment.reset(seed=0)\n"
        "spaces = {agent: environment.action_space(agent) for agent in environment.agents}\n"
        "actions = {agent: space.sample() for agent, space in spaces.items()}\n"
        "print(len(environment.step(actions)), environment.num_agents)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["5", "2"]
