"""`racecraft/TimeTrial-v0` as Gymnasium and Stable-Baselines3 expect an environment to be."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from stable_baselines3.common.env_checker import check_env as check_env_for_sb3

import racecraft.sim  # noqa: F401
from racecraft.domain.action_space import (
    ContinuousActionSpace,
    SpeedRange,
    SteeringRange,
    action_grid,
)
from racecraft.domain.bots import BotSpec
from racecraft.domain.car import CameraSpec
from racecraft.domain.episode import MAX_EPISODE_STEPS, EpisodeStatus
from racecraft.domain.errors import InvalidInput, TrackNotFound
from racecraft.domain.obstacles import ObstacleSpec
from racecraft.sim.env import HeadToHeadEnv, ObjectAvoidanceEnv, TimeTrialEnv
from tests.sim.roads import circle

ID = "racecraft/TimeTrial-v0"
SMALL = CameraSpec(width=40, height=36)
STRAIGHT_ON = 10
"""Middle angle, middle speed of the default actions."""
CAMERAS = [
    CameraSpec(),
    CameraSpec(is_colour=True),
    CameraSpec(width=80, height=60),
    CameraSpec(width=64, height=48, is_colour=True),
]

BOX = ContinuousActionSpace(
    steering_angle=SteeringRange(low=-10, high=30), speed=SpeedRange(low=0.5, high=2)
)


def make(**design: Any) -> TimeTrialEnv:
    return TimeTrialEnv(**{"camera": SMALL, "track": circle(), **design})


@pytest.mark.parametrize("camera", CAMERAS, ids=lambda c: f"{c.width}x{c.height}x{c.channels}")
def test_gymnasium_finds_nothing_to_complain_about(camera: CameraSpec) -> None:
    environment = gymnasium.make(ID, camera=camera, render_mode="rgb_array")
    check_env(environment.unwrapped)
    environment.close()


@pytest.mark.parametrize("camera", CAMERAS, ids=lambda c: f"{c.width}x{c.height}x{c.channels}")
def test_stable_baselines_finds_nothing_to_complain_about(camera: CameraSpec) -> None:
    check_env_for_sb3(make(camera=camera), warn=True)


def test_observations_are_pictures_and_differ_from_step_to_step() -> None:
    environment = make(camera=CameraSpec())
    first, _ = environment.reset(seed=0)
    assert first.shape == (120, 160, 1)
    assert first.dtype == np.uint8
    environment.step(np.int64(STRAIGHT_ON))
    second = environment.step(np.int64(STRAIGHT_ON))[0]
    assert not np.array_equal(first, second)
    assert not np.shares_memory(first, second)


def drive(environment: TimeTrialEnv, steps: int = 60) -> list[Any]:
    random = np.random.default_rng(0)
    seen: list[Any] = []
    for _ in range(steps):
        observation, reward, terminated, truncated, info = environment.step(
            np.int64(random.integers(21))
        )
        seen.append((observation.tobytes(), reward, terminated, truncated, info))
        if terminated or truncated:
            observation, info = environment.reset()
            seen.append((observation.tobytes(), info))
    return seen


def test_the_same_seed_and_actions_give_the_same_everything() -> None:
    drives = []
    environment = make()
    for _ in range(2):
        start, info = environment.reset(seed=7)
        drives.append([start.tobytes(), info, *drive(environment)])
    assert drives[0] == drives[1]


def test_seeds_differ_in_where_the_car_starts() -> None:
    places = {tuple(make().reset(seed=seed)[1][key] for key in ("x_m", "y_m")) for seed in range(9)}
    assert len(places) == 9


def test_without_a_seed_the_start_is_random() -> None:
    places = {make().reset()[1]["y_m"] for _ in range(4)}
    assert len(places) == 4


def test_a_seed_starts_at_the_line_and_each_reset_a_twentieth_further_on() -> None:
    environment = make(start_jitter=0.0)
    angles = []
    for reset in range(21):
        _, info = environment.reset(seed=3 if reset == 0 else None)
        angles.append(np.arctan2(info["y_m"], info["x_m"]))
    on = np.mod(np.diff(angles), 2 * np.pi)
    assert angles[0] == pytest.approx(0.14 / 3.0, abs=2e-3)
    assert np.allclose(on, 2 * np.pi / 20, atol=1e-3)
    environment.reset(seed=3)
    assert environment.reset(seed=3)[1]["y_m"] == pytest.approx(0.14, abs=1e-3)


def test_info_after_a_reset_is_that_of_the_prepare_row() -> None:
    _, info = make(start_jitter=0.0).reset(seed=1)
    assert set(info) == {"progress_percent", "x_m", "y_m", "sim_time_s", "status"}
    assert info["status"] == "prepare"
    assert info["progress_percent"] == pytest.approx(100 * 0.14 / circle().length_m, rel=0.01)
    assert isinstance(info["x_m"], float)


def test_leaving_the_track_terminates_and_costs_one() -> None:
    environment = make(start_jitter=0.0)
    environment.reset(seed=0)
    for _ in range(100):
        _, reward, terminated, truncated, info = environment.step(np.int64(20))  # left, fast
        if terminated:
            break
    assert info["status"] == "off_track"
    assert not truncated
    assert reward < -0.9


def test_standing_is_not_possible_but_backing_terminates() -> None:
    environment = make(start_jitter=0.0)
    environment.reset(seed=0)
    car = environment._simulator.cars.state[0]
    car[2] += np.pi
    statuses = [environment.step(np.int64(STRAIGHT_ON)) for _ in range(20)]
    ended = next(step for step in statuses if step[2])
    assert ended[4]["status"] == "reversed"
    assert not ended[3]


def test_a_complete_lap_truncates_and_pays_what_its_length_is_worth() -> None:
    track = circle(1.5)
    environment = make(track=track, start_jitter=0.0, actions=action_grid(max_steering_deg=18.5))
    environment.reset(seed=0)
    total = 0.0
    for _ in range(400):
        _, reward, terminated, truncated, info = environment.step(np.int64(17))
        total += reward
        if terminated or truncated:
            break
    assert info["status"] == "lap_complete"
    assert info["progress_percent"] == 100.0
    assert truncated
    assert not terminated
    assert total == pytest.approx((track.length_m - 0.14) / (4.0 / 15.0), rel=0.01)


def test_an_endless_episode_is_truncated() -> None:
    environment = make(start_jitter=0.0)
    environment.reset(seed=0)
    environment._simulator.cars.steps[0] = MAX_EPISODE_STEPS - 2
    assert environment.step(np.int64(STRAIGHT_ON))[2:4] == (False, False)
    assert environment.step(np.int64(STRAIGHT_ON))[2:4] == (False, True)


def test_a_reward_function_gets_the_documented_inputs_of_driven_steps_only() -> None:
    seen: list[dict[str, Any]] = []

    def reward_function(params: dict[str, Any]) -> float:
        seen.append(params)
        return 0.25 * params["speed"]

    environment = make(reward_function=reward_function)
    environment.reset(seed=0)
    assert seen == []
    reward = environment.step(np.int64(20))[1]
    assert reward == 0.25
    assert [params["steps"] for params in seen] == [2.0]
    assert seen[0]["steering_angle"] == pytest.approx(30.0)


def test_pictures_for_people_are_in_colour_and_only_on_request() -> None:
    for camera in (SMALL, SMALL.model_copy(update={"is_colour": True})):
        environment = make(camera=camera, render_mode="rgb_array")
        environment.reset(seed=0)
        picture = environment.render()
        assert picture.shape == (36, 40, 3)
        assert picture.dtype == np.uint8
    environment = make()
    environment.reset(seed=0)
    assert environment.render() is None


def test_an_unknown_track_is_a_sentence() -> None:
    with pytest.raises(TrackNotFound):
        gymnasium.make(ID, track="harbor-loop")


def test_every_status_is_told_in_the_words_of_the_traces() -> None:
    environment = make()
    environment.reset(seed=0)
    for status in EpisodeStatus:
        environment._simulator.cars.status[0] = status
        assert environment._info()["status"] == status.trace_word


def test_many_cars_are_made_and_driven_without_torch(request: pytest.FixtureRequest) -> None:
    source = (
        "import sys, gymnasium, racecraft.sim\n"
        f"cars = gymnasium.make_vec('{ID}', num_envs=2)\n"
        "cars.reset(seed=1); cars.step(cars.action_space.sample()); cars.close()\n"
        "print('torch' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", source],
        cwd=request.config.rootpath,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "False"), done.stderr


def test_continuous_actions_are_a_box_and_no_checker_finds_anything_to_complain_about() -> None:
    environment = gymnasium.make(ID, actions=BOX, render_mode="rgb_array")
    assert environment.action_space == gymnasium.spaces.Box(-1.0, 1.0, (2,), np.float32)
    check_env(environment.unwrapped)
    check_env_for_sb3(make(actions=BOX), warn=True)
    environment.close()


def test_a_continuous_action_commands_what_lies_between_the_limits() -> None:
    seen = []

    def reward(params: dict[str, Any]) -> float:
        seen.append((params["steering_angle"], params["speed"]))
        return 1.0

    environment = make(actions=BOX, reward_function=reward)
    environment.reset(seed=1)
    for action in ([-1, -1], [0, 0], [1, 1], [9, -9]):
        environment.step(np.array(action, np.float32))
    assert np.array(seen) == pytest.approx(
        np.array([[-10, 0.5], [10, 1.25], [30, 2.0], [30, 0.5]]), abs=1e-5
    )


def test_a_continuous_action_that_is_no_number_is_a_sentence() -> None:
    environment = make(actions=BOX)
    environment.reset(seed=1)
    with pytest.raises(InvalidInput, match="A continuous action is not a number; look for"):
        environment.step(np.array([np.nan, 0.0], np.float32))


BOXES = "racecraft/ObjectAvoidance-v0"


@pytest.mark.parametrize("camera", CAMERAS, ids=lambda c: f"{c.width}x{c.height}x{c.channels}")
def test_gymnasium_finds_nothing_to_complain_about_with_boxes(camera: CameraSpec) -> None:
    environment = gymnasium.make(BOXES, camera=camera, render_mode="rgb_array")
    check_env(environment.unwrapped)
    environment.close()


def test_stable_baselines_finds_nothing_to_complain_about_with_boxes() -> None:
    check_env_for_sb3(ObjectAvoidanceEnv(camera=SMALL), warn=True)


def test_the_same_seed_meets_the_same_boxes() -> None:
    drives = []
    environment = ObjectAvoidanceEnv(camera=SMALL)
    for _ in range(2):
        start, info = environment.reset(seed=7)
        drives.append([start.tobytes(), info, *drive(environment)])
    assert drives[0] == drives[1]


def test_hitting_a_box_terminates_and_costs_one() -> None:
    told: list[dict[str, Any]] = []

    def note(params: dict[str, Any]) -> float:
        told.append(params)
        return 0.0

    spec = ObstacleSpec(places="0.064:outer,0.5:inner")
    for reward_function in (None, note):
        environment = ObjectAvoidanceEnv(
            camera=SMALL,
            track=circle(3.0, 0.8),
            start_jitter=0.0,
            obstacles=spec,
            reward_function=reward_function,
        )
        environment.reset(seed=0)
        # Straight on where the road bends left, into the outer lane and the box in it.
        seen = [environment.step(np.int64(STRAIGHT_ON)) for _ in range(45)]
        last = next(step for step in seen if step[2] or step[3])
        assert last[4]["status"] == "crashed"
        assert last[2]
        if reward_function is None:
            assert last[1] < -0.5
    assert len(told[0]["objects_location"]) == 2
    assert any(params["is_crashed"] for params in told)
    assert any(params["object_in_camera"] for params in told)


BOTS = "racecraft/HeadToHead-v0"


@pytest.mark.parametrize("camera", CAMERAS, ids=lambda c: f"{c.width}x{c.height}x{c.channels}")
def test_gymnasium_finds_nothing_to_complain_about_with_bots(camera: CameraSpec) -> None:
    environment = gymnasium.make(BOTS, camera=camera, render_mode="rgb_array")
    check_env(environment.unwrapped)
    environment.close()


def test_stable_baselines_finds_nothing_to_complain_about_with_bots() -> None:
    check_env_for_sb3(HeadToHeadEnv(camera=SMALL), warn=True)


def test_the_same_seed_meets_the_same_bots() -> None:
    drives = []
    environment = HeadToHeadEnv(camera=SMALL, bots=BotSpec(changes_lanes=True))
    for _ in range(2):
        start, info = environment.reset(seed=7)
        drives.append([start.tobytes(), info, *drive(environment)])
    assert drives[0] == drives[1]


def test_running_into_a_bot_terminates_and_costs_one() -> None:
    spec = BotSpec(count=1, places="even", speed_mps=0.1)
    environment = HeadToHeadEnv(camera=SMALL, track=circle(), start_jitter=0.0, bots=spec)
    environment.reset(seed=0)
    # Along the inner lane, 25 cm nearer to the middle, into the bot 2 m ahead.
    seen: list[Any] = [(None, 0.0, False, False, {"x_m": 3.0, "y_m": 0.0})]
    while len(seen) < 90 and not (seen[-1][2] or seen[-1][3]):
        is_outside = np.hypot(seen[-1][4]["x_m"], seen[-1][4]["y_m"]) > 2.75
        seen.append(environment.step(np.int64(STRAIGHT_ON + 3 * is_outside)))
    assert seen[-1][4]["status"] == "crashed"
    assert seen[-1][2]
    assert seen[-1][1] < -0.5
