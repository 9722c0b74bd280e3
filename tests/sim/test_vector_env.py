"""Many time trials in one: the same as single ones, with Gymnasium's next-step autoreset."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from racecraft.domain.action_space import ContinuousActionSpace
from racecraft.domain.car import CameraSpec
from racecraft.sim.env import HeadToHeadEnv, ObjectAvoidanceEnv, TimeTrialEnv
from racecraft.sim.vector_env import (
    HeadToHeadVectorEnv,
    ObjectAvoidanceVectorEnv,
    TimeTrialVectorEnv,
)
from tests.sim.roads import circle

SMALL = CameraSpec(width=40, height=36)
DESIGN: dict[str, Any] = {"camera": SMALL, "track": circle()}


@pytest.fixture
def cars() -> Iterator[TimeTrialVectorEnv]:
    environment = TimeTrialVectorEnv(4, threads=2, **DESIGN)
    yield environment
    environment.close()


def actions_of(car: int, steps: int) -> NDArray[np.int64]:
    return np.random.default_rng(car).integers(0, 21, steps)


def drive_all(
    num_envs: int, seed: Any, steps: int, threads: int = 1, **more: Any
) -> list[tuple[Any, ...]]:
    """(observations, rewards, terminated, truncated, info) from the reset on."""
    environment = TimeTrialVectorEnv(num_envs, threads=threads, **{**DESIGN, **more})
    actions = np.stack([actions_of(car, steps) for car in range(num_envs)], axis=1)
    nothing = np.zeros(num_envs)
    observations, info = environment.reset(seed=seed)
    seen: list[tuple[Any, ...]] = [(observations, nothing, nothing != 0, nothing != 0, info)]
    seen += [environment.step(actions[step]) for step in range(steps)]
    environment.close()
    return seen


def drive_one(seed: int, car: int, steps: int, places_on: int, **more: Any) -> list[Any]:
    """The same for one car of the single environment, reset by hand as autoreset would."""
    environment = TimeTrialEnv(**{**DESIGN, **more})
    observation, info = environment.reset(seed=seed)
    for _ in range(places_on):
        observation, info = environment.reset()
    seen: list[Any] = [(observation, 0.0, False, False, info)]
    has_ended = False
    for action in actions_of(car, steps):
        if has_ended:
            observation, info = environment.reset()
            seen.append((observation, 0.0, False, False, info))
        else:
            seen.append(environment.step(action))
        has_ended = seen[-1][2] or seen[-1][3]
    return seen


def assert_same(many: list[tuple[Any, ...]], car: int, one: list[Any], *, clock: bool) -> None:
    for ours, theirs in zip(many, one, strict=True):
        assert np.array_equal(ours[0][car], theirs[0])
        assert ours[1][car] == theirs[1]
        assert (bool(ours[2][car]), bool(ours[3][car])) == (theirs[2], theirs[3])
        for name, value in theirs[4].items():
            if clock or name != "sim_time_s":
                assert ours[4][name][car] == value


def test_each_car_is_a_single_environment_that_starts_further_on() -> None:
    many = drive_all(3, 5, 120, start_jitter=0.0)
    assert any(step[2].any() for step in many)
    for car in range(3):
        one = drive_one(5 + car, car, 120, places_on=car, start_jitter=0.0)
        assert_same(many, car, one, clock=car == 0)


@pytest.mark.parametrize("seed", [0, 42])
def test_the_first_car_is_the_single_environment_with_that_seed(seed: int) -> None:
    assert_same(drive_all(2, seed, 120), 0, drive_one(seed, 0, 120, places_on=0), clock=True)


def test_continuous_actions_drive_each_car_as_a_single_environment() -> None:
    actions = np.random.default_rng(3).uniform(-1.2, 1.2, (60, 2, 2)).astype(np.float32)
    many = TimeTrialVectorEnv(2, threads=2, actions=ContinuousActionSpace(), **DESIGN)
    one = TimeTrialEnv(actions=ContinuousActionSpace(), **DESIGN)
    assert many.action_space == gymnasium.spaces.Box(-1.0, 1.0, (2, 2), np.float32)
    many.reset(seed=4)
    one.reset(seed=4)
    for step in range(60):
        ours, theirs = many.step(actions[step]), one.step(actions[step, 0])
        assert np.array_equal(ours[0][0], theirs[0])
        assert ours[1][0] == theirs[1]
        if theirs[2] or theirs[3]:
            break
    assert step > 5
    many.close()


def test_a_car_does_not_depend_on_the_number_of_cars_or_threads() -> None:
    few, many = drive_all(2, 9, 80), drive_all(5, 9, 80, threads=3)
    for ours, theirs in zip(few, many, strict=True):
        for part in range(4):
            assert np.array_equal(ours[part], theirs[part][:2])
        for name in ours[4]:
            assert ours[4][name].tolist() == theirs[4][name][:2].tolist()


def test_seeds_count_on_from_the_first_or_are_given_one_by_one() -> None:
    counted, listed = drive_all(3, 20, 40), drive_all(3, [20, 21, 22], 40)
    assert np.array_equal([step[1] for step in counted], [step[1] for step in listed])
    assert np.array_equal(counted[-1][0], listed[-1][0])


def test_none_in_a_list_of_seeds_leaves_that_car_its_luck(cars: TimeTrialVectorEnv) -> None:
    places = []
    for _ in range(3):
        _, info = cars.reset(seed=[1, None, 1, None])
        places.append(np.stack([info["x_m"], info["y_m"]], axis=1))
    assert np.array_equal(places[0][[0, 2]], places[1][[0, 2]])
    assert not np.any(np.all(places[1][[1, 3]] == places[2][[1, 3]], axis=1))


def test_a_list_of_seeds_must_have_one_for_each_car(cars: TimeTrialVectorEnv) -> None:
    with pytest.raises(ValueError, match="There are 2 seeds for 4 cars"):
        cars.reset(seed=[1, 2])


def test_without_a_seed_cars_start_at_random_and_spread_over_the_lap(
    cars: TimeTrialVectorEnv,
) -> None:
    first = cars.reset()[1]
    other = TimeTrialVectorEnv(4, threads=1, **DESIGN)
    assert not np.any(first["x_m"] == other.reset()[1]["x_m"])
    other.close()
    angle = np.unwrap(np.arctan2(first["y_m"], first["x_m"]))
    assert np.allclose(np.diff(angle), 2 * np.pi / 20, atol=0.05)


def test_episodes_restart_in_the_step_after_their_last(cars: TimeTrialVectorEnv) -> None:
    """As gymnasium's AutoresetMode.NEXT_STEP says."""
    assert cars.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
    cars.reset(seed=0)
    hard_left = np.array([20, 10, 10, 10])
    for _ in range(100):
        last, _, terminated, truncated, info = cars.step(hard_left)
        if terminated[0]:
            break
    assert terminated.tolist() == [True, False, False, False]
    assert not truncated.any()
    assert info["status"].tolist() == ["off_track"] + 3 * ["in_progress"]
    first, rewards, terminated, truncated, info = cars.step(hard_left)
    assert not terminated.any()
    assert not truncated.any()
    assert rewards[0] == 0.0
    assert np.all(rewards[1:] > 0.0)
    assert info["status"].tolist() == ["prepare"] + 3 * ["in_progress"]
    assert not np.array_equal(first[0], last[0])
    assert cars.step(hard_left)[4]["status"][0] == "in_progress"


def test_the_reward_function_is_not_asked_about_a_restart() -> None:
    """Regression: it was called with the prepare row, where the speed is 0."""
    asked: list[float] = []

    def reward_function(params: dict[str, Any]) -> float:
        asked.append(params["steps"])
        return 1.0 / params["speed"]

    many = drive_all(3, 0, 100, reward_function=reward_function)
    restarts = sum((step[4]["status"] == "prepare").sum() for step in many[1:])
    assert restarts > 0
    assert len(asked) == 300 - restarts
    assert min(asked) == 2.0


def test_info_has_an_entry_and_a_mark_for_each_car(cars: TimeTrialVectorEnv) -> None:
    _, info = cars.reset(seed=0)
    for name in ("progress_percent", "x_m", "y_m", "sim_time_s", "status"):
        assert info[name].shape == (4,)
        assert info[f"_{name}"].tolist() == [True] * 4


def test_gymnasium_makes_it_by_name() -> None:
    environment = gymnasium.make_vec("racecraft/TimeTrial-v0", num_envs=3, **DESIGN)
    assert isinstance(environment.unwrapped, TimeTrialVectorEnv)
    observations, _ = environment.reset(seed=0)
    assert environment.observation_space.contains(observations)
    assert environment.single_action_space == gymnasium.spaces.Discrete(21)
    observations, rewards, terminated, truncated, _ = environment.step(
        environment.action_space.sample()
    )
    assert observations.shape == (3, 36, 40, 1)
    assert rewards.dtype == np.float64
    assert terminated.dtype == truncated.dtype == np.bool_
    environment.close()


def test_colour_pictures_keep_their_shape() -> None:
    colour = SMALL.model_copy(update={"is_colour": True})
    environment = TimeTrialVectorEnv(2, render_mode="rgb_array", **{**DESIGN, "camera": colour})
    observations, _ = environment.reset(seed=0)
    assert observations.shape == (2, 36, 40, 3)
    pictures = environment.render()
    assert len(pictures) == 2
    assert np.array_equal(pictures[1], observations[1])
    environment.close()


def test_observations_of_earlier_steps_are_not_overwritten(cars: TimeTrialVectorEnv) -> None:
    first, _ = cars.reset(seed=0)
    kept = first.copy()
    for _ in range(3):
        cars.step(np.full(4, 14))
    assert np.array_equal(first, kept)


@pytest.mark.parametrize("design", ["ObjectAvoidance", "HeadToHead"])
def test_boxes_and_bots_are_the_same_for_any_number_of_cars_and_threads(design: str) -> None:
    seen = []
    for num_envs, threads in ((2, 1), (5, 3)):
        environment = gymnasium.make_vec(
            f"racecraft/{design}-v0", num_envs=num_envs, threads=threads, camera=SMALL
        )
        observations = [environment.reset(seed=4)[0][:2]]
        actions = np.stack([actions_of(car, 50) for car in range(num_envs)], axis=1)
        observations += [environment.step(actions[step])[0][:2] for step in range(50)]
        seen.append(np.stack(observations))
        environment.close()
    assert np.array_equal(*seen)


@pytest.mark.parametrize(
    ("vector_form", "single_form"),
    [(ObjectAvoidanceVectorEnv, ObjectAvoidanceEnv), (HeadToHeadVectorEnv, HeadToHeadEnv)],
)
def test_the_vector_form_meets_what_the_single_one_does(vector_form: Any, single_form: Any) -> None:
    vector = vector_form(1, threads=1, camera=SMALL)
    single = single_form(camera=SMALL)
    assert np.array_equal(vector.reset(seed=4)[0][0], single.reset(seed=4)[0])
    for action in actions_of(0, 15):
        together = vector.step(np.array([action]))
        alone = single.step(action)
        assert np.array_equal(together[0][0], alone[0])
        assert together[1][0] == alone[1]
    vector.close()
