"""The values of a trial reach the training that they are meant for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from racecraft.domain.action_space import action_grid
from racecraft.domain.errors import InvalidSpec, NotFound, RacecraftError
from racecraft.domain.sweep import SweepSpec, SweepTrial
from racecraft.service.settings import Settings
from racecraft.service.sweeps.plans import plan_of
from racecraft.service.sweeps.reward_numbers import constants_of, with_constants
from racecraft.service.sweeps.rewards import Rewards, read_rewards
from racecraft.service.trainings import NewTraining, start

REWARD = '''
"""Straße: a comment with an umlaut comes before."""
TOP_SPEED = 1.0  # m/s
PENALTY: float = -2
LANE = "left"
TWICE = 1
TWICE = 2
lower = 3.0
FLAG = True


def reward_function(params):
    INNER = 5.0
    return params["speed"] / TOP_SPEED + PENALTY + INNER
'''


def plan(tmp_path: Path, values: dict[str, Any], **base: Any) -> NewTraining:
    spec = SweepSpec(base=base, space={"unused": (1,)})
    trial = SweepTrial(number=1, values=values, seed=7)
    rewards = Rewards(base=REWARD)
    if "reward" in values:
        named = SweepSpec(space={"reward": (values["reward"],)})
        rewards = rewards.model_copy(update={"choices": read_rewards(named, tmp_path).choices})
    return plan_of(Settings(home=tmp_path), spec, trial, name="trial-1", rewards=rewards)


def test_constants_are_numbers_under_names_in_capitals() -> None:
    assert constants_of(REWARD) == {"TOP_SPEED": 1.0, "PENALTY": -2.0}
    assert constants_of("def broken(:") == {}
    assert constants_of(f"FAR = {10**400}\nENDLESS = 1e999\n") == {}


def test_a_whole_number_stays_one() -> None:
    assert [repr(each) for each in constants_of("A = 2\nB = -3\nC = 2.0\n").values()] == [
        "2", "-3", "2.0",
    ]  # fmt: skip
    assert with_constants("STEPS = 7\n", {"STEPS": 1234567}) == "STEPS = 1234567\n"


def test_constants_are_replaced_where_they_stand_and_nothing_else() -> None:
    changed = with_constants(REWARD, {"TOP_SPEED": 2.5, "PENALTY": -0.125})
    assert constants_of(changed) == {"TOP_SPEED": 2.5, "PENALTY": -0.125}
    assert changed == REWARD.replace("= 1.0 ", "= 2.5 ").replace("= -2\n", "= -0.125\n")


def test_two_constants_of_one_line_are_both_replaced() -> None:
    assert with_constants("A = 1; B = 2\n", {"A": 10.5, "B": 3}) == "A = 10.5; B = 3\n"


def test_every_name_reaches_its_place(tmp_path: Path) -> None:
    found = plan(
        tmp_path,
        {
            "hyperparameters.gamma": 0.9,
            "model.network": "LIGHT",
            "training.evaluation_trials": 2,
            "training.hyperparameters.num_cars": 8,
            "track": "thimble:reversed",
            "reward.TOP_SPEED": 3.0,
            "actions.max_speed_mps": 2.0,
            "actions.speed_granularity": 2,
        },
        training={"hyperparameters": {"num_epochs": 4}},
    )
    hyper = found.training.hyperparameters
    assert (hyper.gamma, hyper.num_cars) == (0.9, 8)
    assert getattr(hyper, "num_epochs") == 4  # noqa: B009 - of PPO only
    assert found.model.network == "LIGHT"
    assert found.training.evaluation_trials == 2
    assert str(found.training.tracks[0]) == "thimble (reversed)"
    assert "TOP_SPEED = 3 " in found.reward_source
    assert len(found.model.action_space.model_dump()["actions"]) == 14
    assert (found.model.name, found.training.seed) == ("trial-1", 7)
    assert found.training.stop.env_steps == 20_000


def test_a_value_replaces_the_base_under_whichever_spelling(tmp_path: Path) -> None:
    base = {"hyperparameters": {"lr": 1e-3, "num_cars": 8}}
    found = plan(tmp_path, {"hyperparameters.learning_rate": 2e-4}, training=base)
    hyper = found.training.hyperparameters
    assert (hyper.learning_rate, hyper.num_cars) == (2e-4, 8)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("training.seed", "`seed` at the top"),
        ("training.threads", "`threads` at the top"),
        ("training.stop.env_steps", "`steps` at the top"),
        ("model.name", "--name"),
    ],
)
def test_what_all_trainings_have_in_common_is_not_replaced_silently(
    tmp_path: Path, path: str, place: str
) -> None:
    with pytest.raises(InvalidSpec, match=f"does not take {path!r}.*{place}"):
        plan(tmp_path, {path: 1})
    area, field = path.split(".")[:2]
    with pytest.raises(InvalidSpec, match=place):
        plan(tmp_path, {}, **{area: {field: {}}})


def test_a_factor_stretches_the_actions_that_are_there(tmp_path: Path) -> None:
    table = {"actions": [{"steering_angle": -20, "speed": 1}, {"steering_angle": 25, "speed": 2}]}
    values = {"actions.speed_factor": 2.5, "actions.steering_factor": 1.3}
    found = plan(tmp_path, values, model={"action_space": table})
    stretched = found.model.action_space.model_dump()["actions"]
    assert [each["speed"] for each in stretched] == [2.5, 4.0]  # no car is faster
    assert [each["steering_angle"] for each in stretched] == [-26.0, 30.0]


def test_a_factor_stretches_two_ranges(tmp_path: Path) -> None:
    table = {"steering_angle": {"low": -20, "high": 20}, "speed": {"low": 0.5, "high": 1.0}}
    found = plan(tmp_path, {"actions.speed_factor": 2.0}, model={"action_space": table})
    assert found.model.action_space.speed_range_mps == (1.0, 2.0)


def test_nothing_changed_is_the_base(tmp_path: Path) -> None:
    found = plan(tmp_path, {})
    assert found.model.action_space == action_grid()
    assert found.reward_source == REWARD


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"colour": "red"}, "no place for 'colour'; name one of hyperparameters"),
        ({"reward.SPEED": 1.0}, r"no constant 'SPEED' \(it has TOP_SPEED, PENALTY\)"),
        ({"reward.TOP_SPEED": "fast"}, "value of reward.TOP_SPEED is 'fast'"),
        ({"hyperparameters.gamma": 2.0}, "gamma is 2.0; choose from 0 to 1"),
        ({"hyperparameters.gama": 0.9}, "no field hyperparameters.gama; remove it"),
        ({"model.network": "HUGE"}, "network is 'HUGE'; choose one of"),
        ({"track": "moon"}, "moon"),
        ({"reward": "kindness"}, "no reward 'kindness'"),
    ],
)
def test_what_leads_nowhere_is_told(tmp_path: Path, values: dict[str, Any], sentence: str) -> None:
    def begin() -> None:
        start(Settings(home=tmp_path), plan(tmp_path, values))

    with pytest.raises(RacecraftError, match=sentence) as met:
        begin()
    assert isinstance(met.value, (InvalidSpec, NotFound))
