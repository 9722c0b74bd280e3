"""The model that follows the learning policy slowly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from racecraft.domain.hyperparameters import Critic
from racecraft.domain.spec import ModelSpec, TrainingSpec
from racecraft.sandbox.builtin import builtin_reward
from racecraft.sim.simulator import Simulator
from racecraft.tracks.library import load_track
from racecraft.training.average import AveragedPolicy
from racecraft.training.checkpoint import checkpoint_path, load_policy
from racecraft.training.networks import ActorCritic
from racecraft.training.ppo import PPO, train
from racecraft.training.team import Team

REWARD = builtin_reward("centre-line")
Small = Callable[..., TrainingSpec]


def flat(policy: torch.nn.Module) -> np.ndarray:
    return torch.cat([p.detach().float().reshape(-1) for p in policy.parameters()]).numpy()


@pytest.mark.parametrize("uses_bf16", [False, True], ids=["fp32", "bf16"])
def test_the_mean_keeps_its_share_of_the_past_and_forgets_the_start_sooner(
    model: ModelSpec, uses_bf16: bool
) -> None:
    actor = ActorCritic(model, Critic.TRACK, uses_bf16=uses_bf16, seed=1)
    average = AveragedPolicy(actor, 0.5)
    weights = [p.detach().float().reshape(-1).numpy().copy() for p in actor.policy.parameters()]
    average.begin(weights)
    expected = np.concatenate(weights).astype(np.float64)
    for k in range(12):
        new = [w + np.float32(0.1 * (k + 1)) for w in weights]
        average.follow(new)
        stays = min(0.5, (1 + k) / (10 + k))
        expected = stays * expected + (1 - stays) * np.concatenate(new)

    precision = 2.0**-8 if uses_bf16 else 1e-6
    np.testing.assert_allclose(flat(average.policy), expected, rtol=precision, atol=1e-6)
    # The policy that learns is left alone.
    np.testing.assert_array_equal(flat(actor.policy), np.concatenate(weights))


@pytest.fixture
def algorithm(model: ModelSpec, small: Small) -> Callable[..., PPO]:
    """`algorithm(policy_average=…)` is what learns in a small training."""

    def make(**hyperparameters: object) -> PPO:
        training = small(128, **hyperparameters)
        cars = training.hyperparameters.num_cars
        return PPO(model, training, Simulator([load_track("thimble")], cars), Team(1))

    return make


def test_greedy_laps_are_driven_with_the_mean_and_experience_with_what_learns(
    algorithm: Callable[..., PPO],
) -> None:
    own = algorithm(policy_average=0.9)
    assert own.actor is own.average
    assert own.gatherer.actor is own.learner.actor
    plain = algorithm()
    assert plain.average is None
    assert plain.actor is plain.learner.actor is plain.gatherer.actor


def test_the_policies_that_learn_are_the_same_with_and_without_a_mean(
    tmp_path: Path, model: ModelSpec, small: Small
) -> None:
    rewards = []
    for share in (0.0, 0.9):
        folder = tmp_path / str(share)
        reports = train(
            model, small(64 * 4, policy_average=share), reward_source=REWARD, folder=folder
        )
        rewards.append([(r.policy_loss, r.value_loss, r.mean_reward) for r in reports])
    assert rewards[0] == rewards[1]


def test_checkpoints_keep_the_mean(tmp_path: Path, model: ModelSpec, small: Small) -> None:
    kept = {}
    for share in (0.0, 0.9):
        folder = tmp_path / str(share)
        training = small(64 * 3, policy_average=share)
        list(train(model, training, reward_source=REWARD, folder=folder))
        kept[share] = []
        for iteration in range(3):
            actor = ActorCritic(model, Critic.TRACK, uses_bf16=False, seed=0)
            load_policy(checkpoint_path(folder, iteration), actor.policy)
            kept[share].append(flat(actor.policy))
    # The plain run keeps the policies whose mean the other one keeps.
    mean = kept[0.9][0]
    for k in (1, 2):
        stays = (1 + k) / (10 + k)
        mean = stays * mean + (1 - stays) * kept[0.0][k]
        np.testing.assert_allclose(kept[0.9][k], mean, rtol=2e-2, atol=2e-3)
        assert not np.array_equal(kept[0.9][k], kept[0.0][k])


@pytest.mark.parametrize("how", [{"policy_average": 0.8}, {"decay_steps": 64 * 4}])
def test_a_resumed_training_with_a_mean_or_a_decay_is_the_same_to_the_byte(
    tmp_path: Path,
    model: ModelSpec,
    small: Small,
    file_bytes: Callable[[Path], dict[str, bytes]],
    how: dict[str, float],
) -> None:
    whole, left = tmp_path / "whole", tmp_path / "left"
    training = small(64 * 5, **how)
    reports = train(model, training, reward_source=REWARD, folder=left)
    for _ in range(3):
        next(reports)
    reports.close()  # type: ignore[attr-defined]
    list(train(model, training, reward_source=REWARD, folder=left, resume=True))
    list(train(model, training, reward_source=REWARD, folder=whole))
    assert file_bytes(left) == file_bytes(whole)
    assert len(file_bytes(whole)) == 5


def test_a_clone_begins_with_the_policy_it_is_cloned_from(
    tmp_path: Path, model: ModelSpec, small: Small, algorithm: Callable[..., PPO]
) -> None:
    list(train(model, small(64 * 2), reward_source=REWARD, folder=tmp_path))
    source = checkpoint_path(tmp_path, 1)
    own = algorithm(policy_average=0.9)
    before = flat(own.actor.policy)
    own.load_policy(source)
    np.testing.assert_array_equal(flat(own.actor.policy), flat(own.learner.actor.policy))
    assert not np.array_equal(flat(own.actor.policy), before)
