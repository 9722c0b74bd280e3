"""Gathering experience: what is recorded is what was driven, and always the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch

from racecraft.domain.episode import EpisodeStatus
from racecraft.domain.hyperparameters import Critic, Exploration
from racecraft.domain.reward import COLUMN, COLUMNS
from racecraft.domain.spec import ModelSpec, TrainingSpec
from racecraft.sandbox.builtin import builtin_reward
from racecraft.sandbox.runner import RewardRunner
from racecraft.sim.features import NUM_FEATURES
from racecraft.sim.simulator import Simulator
from racecraft.tracks.library import load_track
from racecraft.training.heads import make_head
from racecraft.training.networks import ActorCritic
from racecraft.training.returns import ValueScale
from racecraft.training.rollout import CHUNK_STEPS, Gatherer, make_rollout
from racecraft.training.team import Team
from racecraft.training.trunk import Inputs

REWARD = builtin_reward("centre-line")
MANY_STEPS = {
    "max_steps_per_iteration": 320,
    "num_episodes_between_training": 100,
    "practice_steps": 10,
}
Gather = Callable[..., tuple[Gatherer, RewardRunner]]
IN_PROGRESS, LAP, OFF = (
    int(EpisodeStatus.IN_PROGRESS),
    int(EpisodeStatus.LAP_COMPLETE),
    int(EpisodeStatus.OFF_TRACK),
)


@pytest.fixture
def gather(model: ModelSpec, small: Callable[..., TrainingSpec]) -> Iterator[Gather]:
    """`gather(…)` is a gatherer with these hyperparameters, and a runner for it."""
    teams: list[Team] = []
    runners: list[RewardRunner] = []

    def make(threads: int = 2, **hyperparameters: Any) -> tuple[Gatherer, RewardRunner]:
        chosen = small(128, **hyperparameters).hyperparameters
        actor = ActorCritic(model, chosen.critic, uses_bf16=False, seed=3)
        simulator = Simulator([load_track("thimble")], chosen.num_cars, camera=model.camera, seed=3)
        teams.append(Team(threads))
        runners.append(RewardRunner(REWARD, simulator.tracks, chosen.num_cars))
        return Gatherer(actor, chosen, simulator, teams[-1]), runners[-1]

    yield make
    for team in teams:
        team.__exit__()
    for runner in runners:
        runner.close()


def test_a_rollout_has_room_for_the_wanted_steps_of_each_car(gather: Gather) -> None:
    gatherer, runner = gather(max_steps_per_iteration=200, num_episodes_between_training=100)
    rollout = gatherer.gather(runner, 0)
    steps = 32  # 200 / 8 cars = 25, in whole chunks
    assert rollout.length == steps
    assert rollout.observations.frames.shape == (steps, 8, 60, 80)
    assert rollout.features.shape == (steps + 1, 8, NUM_FEATURES)
    assert rollout.values.shape == (steps + 1, 8)
    assert rollout.table.shape == rollout.prepared.shape == (steps, 8, len(COLUMNS))
    for array in (rollout.actions, rollout.log_probs, rollout.rewards, rollout.is_last):
        assert array.shape == (steps, 8)
    assert np.isfinite(rollout.features).all()
    assert rollout.observations.frames.any(axis=(2, 3)).all()


def test_what_is_recorded_is_what_was_driven(gather: Gather, model: ModelSpec) -> None:
    gatherer, runner = gather(**MANY_STEPS)
    rollout = gatherer.gather(runner, 0)
    steering = np.radians(model.action_space.steering_deg)[rollout.actions]
    assert rollout.table[..., COLUMN["steering_rad"]] == pytest.approx(steering)
    assert (rollout.table[..., COLUMN["speed_mps"]] == 1.0).all()
    assert ((rollout.status != IN_PROGRESS) == rollout.is_last).all()
    assert rollout.is_last.any()
    runner.finish()
    # Rewards are those of the recorded inputs: the centre-line reward, written out.
    distance = rollout.table[..., COLUMN["distance_from_center_m"]]
    share = distance / (rollout.table[..., COLUMN["track_width_m"]] / 2)
    expected = np.select([share <= 0.2, share <= 0.5, share <= 1.0], [1.0, 0.5, 0.1], 1e-3)
    assert (rollout.rewards == expected).all()


def test_log_probabilities_are_those_of_the_policy_for_the_recorded_pictures(
    gather: Gather,
) -> None:
    gatherer, runner = gather()
    rollout = gatherer.gather(runner, 0)
    frames = rollout.observations.frames.reshape(-1, 15, 4, 20, 4).transpose(0, 2, 4, 1, 3)
    blocks = torch.from_numpy(frames.reshape(-1, 16, 15, 20).astype(np.float32) / 255)
    with torch.no_grad():
        log_probs = torch.log_softmax(gatherer.actor.policy(Inputs(blocks, None)), 1).numpy()
    chosen = log_probs[np.arange(len(log_probs)), rollout.actions.reshape(-1)]
    assert rollout.log_probs.reshape(-1) == pytest.approx(chosen, abs=1e-5)


def test_every_episode_begins_with_a_prepare_row_and_the_first_step_follows(
    gather: Gather,
) -> None:
    gatherer, runner = gather(**MANY_STEPS)
    rollout = gatherer.gather(runner, 0)
    after_an_end = np.zeros_like(rollout.begins)
    after_an_end[0] = True
    after_an_end[1:] = rollout.is_last[:-1]
    assert (rollout.begins == after_an_end).all()
    assert (rollout.prepared[rollout.begins][:, COLUMN["steps"]] == 1).all()
    assert (rollout.prepared[rollout.begins][:, COLUMN["speed_mps"]] == 0).all()
    assert (rollout.table[rollout.begins][:, COLUMN["steps"]] == 2).all()
    assert (rollout.prepared[~rollout.begins] == 0).all()
    # The first step has not moved yet.
    xy = [COLUMN["x_m"], COLUMN["y_m"]]
    first, prepared = rollout.table[rollout.begins], rollout.prepared[rollout.begins]
    assert first[:, xy] == pytest.approx(prepared[:, xy], abs=1e-9)


def test_gathering_stops_at_the_first_look_after_enough_episodes(gather: Gather) -> None:
    gatherer, runner = gather(max_steps_per_iteration=4000, num_episodes_between_training=3)
    rollout = gatherer.gather(runner, 0)
    ended = rollout.is_last[: rollout.length].sum()
    before = rollout.is_last[: rollout.length - CHUNK_STEPS].sum()
    assert before < 3 <= ended
    assert rollout.length < len(rollout.actions)
    assert rollout.length % CHUNK_STEPS == 0


def test_cars_drive_on_from_one_rollout_to_the_next(gather: Gather) -> None:
    gatherer, runner = gather(num_episodes_between_training=100)
    first = gatherer.gather(runner, 0)
    steps, status = first.table[-1, :, COLUMN["steps"]].copy(), first.status[-1].copy()
    second = gatherer.gather(runner, 64)
    running = status == IN_PROGRESS
    assert running.any()
    assert (second.table[0, running, COLUMN["steps"]] == steps[running] + 1).all()
    assert not second.begins[0, running].any()
    assert second.begins[0, ~running].all()


def test_exploration_begins_uniform_and_becomes_greedy(gather: Gather) -> None:
    gatherer, runner = gather(
        exploration_type=Exploration.E_GREEDY,
        e_greedy_value=0.0,
        epsilon_steps=1000,
        num_episodes_between_training=100,
    )
    with torch.no_grad():
        gatherer.actor.policy.head.bias[1] = 5.0

    at_first = gatherer.gather(runner, 0).actions[:CHUNK_STEPS].copy()
    at_last = gatherer.gather(runner, 5000)

    assert (at_first != 1).mean() > 0.4
    assert (at_last.actions[: at_last.length] == 1).all()


def test_the_value_after_a_step_is_cut_off_at_laps_and_nothing_after_failures(
    model: ModelSpec,
) -> None:
    simulator = Simulator([load_track("thimble")], 3, camera=model.camera)
    rollout = make_rollout(8, simulator, make_head(model.action_space))
    rollout.length = 3
    rollout.values[:4] = np.arange(1.0, 13.0).reshape(4, 3)
    rollout.status[:3] = IN_PROGRESS
    rollout.status[1] = [LAP, OFF, IN_PROGRESS]
    rollout.status[2, 0] = int(EpisodeStatus.REVERSED)
    rollout.is_last[:3] = rollout.status[:3] != IN_PROGRESS

    found = rollout.next_values

    assert found.tolist() == [[4.0, 5.0, 6.0], [4.0, 0.0, 9.0], [0.0, 11.0, 12.0]]


@pytest.mark.parametrize("critic", list(Critic))
def test_values_are_in_reward_units_and_zero_before_those_are_known(
    gather: Gather, critic: Critic
) -> None:
    gatherer, runner = gather(critic=critic)
    rollout = gatherer.gather(runner, 0)

    gatherer.fill_values(ValueScale())
    assert not rollout.values.any()

    gatherer.fill_values(ValueScale(mean=0.0, spread=1.0, is_set=True))
    plain = rollout.values.copy()
    gatherer.fill_values(ValueScale(mean=50.0, spread=3.0, is_set=True))
    assert np.isfinite(plain).all()
    assert plain.std() > 0
    assert rollout.values == pytest.approx(50.0 + 3.0 * plain)


@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_seed_gathers_the_same_bytes(gather: Gather, threads: int) -> None:
    found = []
    for _ in range(2):
        gatherer, runner = gather(threads)
        gatherer.gather(runner, 0)
        rollout = gatherer.gather(runner, 64)
        found.append(
            [
                rollout.observations.frames.tobytes(),
                rollout.actions.tobytes(),
                rollout.table.tobytes(),
            ]
        )
    assert found[0] == found[1]


def test_practising_cars_get_a_new_start_in_time_and_others_do_not(gather: Gather) -> None:
    gatherer, runner = gather(practice_share=0.5, **MANY_STEPS)
    rollout = gatherer.gather(runner, 0)
    steps = rollout.table[: rollout.length, :, COLUMN["steps"]]
    status = rollout.status[: rollout.length]
    time_up = status == int(EpisodeStatus.TIME_UP)
    assert time_up[:, 4:].sum() >= 4
    assert steps[:, 4:].max() == 11
    assert not time_up[:, :4].any()
    assert steps[:, :4].max() > 11
    assert rollout.is_last[: rollout.length][time_up].all()


def test_practice_that_is_cut_off_counts_for_what_would_have_followed(gather: Gather) -> None:
    gatherer, runner = gather(practice_share=1.0, **MANY_STEPS)
    rollout = gatherer.gather(runner, 0)
    rollout.values[:] = np.arange(rollout.values.size).reshape(rollout.values.shape) + 1.0
    time_up = rollout.status[: rollout.length] == int(EpisodeStatus.TIME_UP)
    assert time_up.any()
    assert (rollout.next_values[time_up] == rollout.values[: rollout.length][time_up]).all()


def test_practice_does_not_count_as_episodes(gather: Gather) -> None:
    wanted = {"max_steps_per_iteration": 640, "num_episodes_between_training": 3}
    gatherer, runner = gather(practice_share=0.5, practice_steps=10, **wanted)
    rollout = gatherer.gather(runner, 0)
    ended = rollout.is_last[: rollout.length]
    assert ended[:, :4].sum() >= 3 or rollout.length == len(rollout.actions)
    assert ended[:-CHUNK_STEPS, :4].sum() < 3
    assert ended.sum() > 3
