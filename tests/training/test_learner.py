"""One update: in the right direction, repeatable, independent of the scale of rewards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch

from racecraft.domain.action_space import ContinuousActionSpace
from racecraft.domain.errors import TrainingFailed
from racecraft.domain.hyperparameters import Critic, LossType
from racecraft.domain.spec import ModelSpec, Network, TrainingSpec
from racecraft.sim.features import NUM_FEATURES
from racecraft.sim.simulator import Simulator
from racecraft.tracks.library import load_track
from racecraft.training.inputs import InputBuffer
from racecraft.training.learner import Learner, most_telling
from racecraft.training.networks import kernel_mask
from racecraft.training.rollout import Rollout, make_rollout
from racecraft.training.team import Team

MakeLearner = Callable[..., Learner]
NUM_ACTIONS = 3


@pytest.fixture
def learner(model: ModelSpec, small: Callable[..., TrainingSpec]) -> Iterator[MakeLearner]:
    """`learner(…)` is a fresh one with these hyperparameters."""
    teams: list[Team] = []

    def make(
        *, network: Network = Network.LIGHT, threads: int = 2, uses_bf16: bool = False, **hyper: Any
    ) -> Learner:
        training = small(128, **hyper).model_copy(update={"uses_bf16": uses_bf16})
        teams.append(Team(threads))
        return Learner(model.model_copy(update={"network": network}), training, teams[-1])

    yield make
    for team in teams:
        team.__exit__()


def experience(learner: Learner, *, steps: int = 16, cars: int = 8, scale: float = 1.0) -> Rollout:
    """Made up: pictures of noise, every action from the uniform policy, action 1 is rewarded.

    Each step is the last of its episode, so that its reward is its action's own.
    """
    camera = learner.actor.policy.camera
    simulator = Simulator([load_track("thimble")], cars, camera=camera)
    rollout = make_rollout(steps, simulator, learner.head)
    random = np.random.default_rng(6)
    rollout.length = steps
    rollout.observations.frames[:] = random.integers(0, 256, rollout.observations.frames.shape)
    rollout.features[:] = random.normal(size=rollout.features.shape)
    rollout.actions[:] = random.integers(0, NUM_ACTIONS, (steps, cars))
    rollout.log_probs[:] = log_probs(learner, rollout)[
        np.arange(steps * cars), rollout.actions.reshape(-1)
    ].reshape(steps, cars)
    rollout.rewards[:] = scale * np.where(rollout.actions == 1, 1.0, -0.25)
    rollout.is_last[:] = True
    rollout.status[:] = 3
    return rollout


def log_probs(learner: Learner, rollout: Rollout) -> np.ndarray:
    """(R, A) of the policy as it is, for the pictures of a rollout."""
    return torch.log_softmax(torch.from_numpy(outputs_for(learner, rollout)), 1).numpy()


def predictions(learner: Learner, rollout: Rollout) -> np.ndarray:
    """(R,) values in reward units."""
    features = rollout.features[: rollout.length].reshape(-1, NUM_FEATURES)
    with torch.no_grad():
        values = learner.actor.value(None, torch.from_numpy(features)).numpy()
    return learner.scale.mean + learner.scale.spread * values.astype(np.float64)


@pytest.mark.parametrize("critic", list(Critic))
@pytest.mark.parametrize("uses_bf16", [False, True], ids=["fp32", "bf16"])
def test_an_update_makes_the_rewarded_action_more_likely_and_the_others_less(
    learner: MakeLearner, critic: Critic, uses_bf16: bool
) -> None:
    own = learner(critic=critic, uses_bf16=uses_bf16, learning_rate=1e-3, update_share=1.0)
    rollout = experience(own)
    before = np.exp(log_probs(own, rollout)).mean(axis=0)

    figures = own.update(rollout)

    after = np.exp(log_probs(own, rollout)).mean(axis=0)
    assert after[1] > before[1] + 0.02
    assert after[0] < before[0]
    assert after[2] < before[2]
    assert np.isfinite(figures.policy_loss + figures.value_loss).all()
    assert figures.entropy[0] == pytest.approx(np.log(3), abs=0.01)
    assert figures.approx_kl[0] == pytest.approx(0.0, abs=1e-4)
    assert len(figures.policy_loss) == 3 * 128 // 32


@pytest.mark.parametrize("uses_bf16", [False, True], ids=["fp32", "bf16"])
def test_an_update_moves_the_means_of_continuous_actions_to_what_paid_and_narrows_them(
    model: ModelSpec, small: Callable[..., TrainingSpec], uses_bf16: bool
) -> None:
    space = {"action_space": ContinuousActionSpace()}
    training = small(128, learning_rate=1e-3, ent_coef=0.0, update_share=1.0, num_epochs=10)
    training = training.model_copy(update={"uses_bf16": uses_bf16})
    with Team(2) as team:
        own = Learner(model.model_copy(update=space), training, team)
        rollout = experience_of_pairs(own)
        before = outputs_for(own, rollout)
        own.update(rollout)
        after = outputs_for(own, rollout)

    # Steering right and driving fast was paid for.
    assert (after[:, 0] < before[:, 0] - 0.02).all()
    assert (after[:, 1] > before[:, 1] + 0.02).all()
    assert not np.array_equal(after[:, 2:], before[:, 2:])
    assert (after[:, 2:] == after[0, 2:]).all()


def experience_of_pairs(learner: Learner) -> Rollout:
    """As `experience`, with standard normal pairs; what lies towards (-1, 1) is rewarded."""
    simulator = Simulator([load_track("thimble")], 8, camera=learner.actor.policy.camera)
    rollout = make_rollout(16, simulator, learner.head)
    random = np.random.default_rng(6)
    rollout.length = 16
    rollout.observations.frames[:] = random.integers(0, 256, rollout.observations.frames.shape)
    rollout.features[:] = random.normal(size=rollout.features.shape)
    rollout.actions[:] = random.normal(size=rollout.actions.shape)
    rollout.log_probs[:] = -0.5 * (rollout.actions**2).sum(axis=2) - np.log(2 * np.pi)
    rollout.rewards[:] = rollout.actions[..., 1] - rollout.actions[..., 0]
    rollout.is_last[:] = True
    rollout.status[:] = 3
    return rollout


def outputs_for(learner: Learner, rollout: Rollout) -> np.ndarray:
    """(R, …) of the policy as it is, for the pictures of a rollout."""
    policy, uses_bf16 = learner.actor.policy, learner.actor.uses_bf16
    seen = rollout.observations.flat(2)
    assert seen.frames is not None
    buffer = InputBuffer(len(seen.frames), policy, uses_bf16=uses_bf16)
    buffer.fill(seen, np.arange(len(seen.frames)))
    with torch.no_grad():
        return policy(buffer.inputs(0, len(seen.frames))).float().numpy()


def test_the_value_function_learns_what_is_to_be_expected(learner: MakeLearner) -> None:
    own = learner(learning_rate=1e-3, num_epochs=6, loss_type=LossType.MEAN_SQUARED_ERROR)
    rollout = experience(own)
    # The reward can be read off the first feature.
    rollout.rewards[:] = 40.0 * rollout.features[:-1, :, 0] + 100.0
    for _ in range(10):
        rollout.values[: rollout.length] = predictions(own, rollout).reshape(16, 8)
        figures = own.update(rollout)
    assert figures.explained_variance > 0.9
    assert predictions(own, rollout) == pytest.approx(rollout.rewards.reshape(-1), abs=60.0)


def weights(learner: Learner) -> list[bytes]:
    return [master.tobytes() for master in learner.optimizer.masters()]


@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_seed_gives_the_same_weights(learner: MakeLearner, threads: int) -> None:
    first, second = learner(threads=threads), learner(threads=threads)
    rollout = experience(first)
    for own in (first, second):
        own.update(rollout)
        own.update(rollout)
    assert weights(first) == weights(second)
    assert weights(first) != weights(learner(threads=threads))


def test_threads_change_the_weights_by_no_more_than_rounding(learner: MakeLearner) -> None:
    alone, three = learner(threads=1), learner(threads=3)
    rollout = experience(alone)
    alone.update(rollout)
    three.update(rollout)
    for one, other in zip(alone.optimizer.masters(), three.optimizer.masters(), strict=True):
        assert other == pytest.approx(one, abs=2e-4)
    assert log_probs(three, rollout) == pytest.approx(log_probs(alone, rollout), abs=2e-3)


@pytest.mark.parametrize("steps", [1, 3, 5])
def test_less_experience_than_a_minibatch_is_learned_from_too(
    learner: MakeLearner, steps: int
) -> None:
    own = learner(batch_size=128)
    before = weights(own)
    figures = own.update(experience(own, steps=steps))
    assert len(figures.policy_loss) == 3 * (8 * steps // 2 ** int(np.log2(8 * steps)))
    assert weights(own) != before


def test_rewards_on_another_scale_give_the_same_policy(learner: MakeLearner) -> None:
    found = {}
    for scale in (2.0**-10, 1.0, 2.0**13, 1e-3, 1e4):
        own = learner(learning_rate=1e-3)
        rollout = experience(own, scale=scale)
        for _ in range(3):
            rollout.values[: rollout.length] = (
                predictions(own, rollout).reshape(16, 8) if own.scale.is_set else 0.0
            )
            own.update(rollout)
        found[scale] = log_probs(own, rollout)
    for scale, policy in found.items():
        assert policy == pytest.approx(found[1.0], abs=2e-3), scale


def test_a_new_scale_changes_no_prediction(learner: MakeLearner) -> None:
    own = learner(learning_rate=1e-8)  # learns nothing to speak of
    rollout = experience(own)
    own.update(rollout)
    before, scale = predictions(own, rollout), own.scale.spread

    rollout.rewards *= 300.0
    own.update(rollout)

    assert own.scale.spread > 10 * scale
    assert predictions(own, rollout) == pytest.approx(before, abs=1e-3)


def test_pixels_beyond_the_five_by_five_kernel_stay_without_weight(learner: MakeLearner) -> None:
    own = learner(network=Network.DEEP)
    mask = kernel_mask(own.actor.policy)
    assert mask is not None
    before = own.actor.policy.first_weight.detach().clone()

    own.update(experience(own, steps=4))

    after = own.actor.policy.first_weight.detach()
    assert not (after * (1 - mask)).any()
    assert ((after - before).abs() > 0).sum() > 0.9 * mask.sum()
    assert not (own.optimizer.masters()[0].reshape(after.shape) * (1 - mask.numpy())).any()


def test_a_loss_that_is_no_number_ends_the_training_with_a_sentence(learner: MakeLearner) -> None:
    own = learner()
    rollout = experience(own)
    own.optimizer.set_master(0, torch.full_like(own.parameters[0], torch.nan))
    with pytest.raises(TrainingFailed, match="not a number any more; use a smaller learning rate"):
        own.update(rollout)


def test_weights_that_are_no_numbers_are_found_even_after_the_last_step(
    learner: MakeLearner,
) -> None:
    own = learner()
    own.optimizer.masters()[-1][:] = np.inf  # the network still computes with the sound copy
    with pytest.raises(TrainingFailed, match="not a number"):
        own.update(experience(own))


def test_an_entropy_bonus_keeps_choices_open(learner: MakeLearner) -> None:
    entropies = []
    for ent_coef in (0.0, 1.0):
        own = learner(learning_rate=1e-3, ent_coef=ent_coef, num_epochs=10)
        rollout = experience(own)
        own.update(rollout)
        after = log_probs(own, rollout)
        entropies.append(-(np.exp(after) * after).sum(axis=1).mean())
    assert entropies[1] > entropies[0] + 0.01


def test_the_most_telling_steps_have_the_largest_advantages_of_either_sign() -> None:
    advantages = np.zeros(128, np.float32)
    advantages[::2] = np.linspace(-3, 3, 64)
    assert most_telling(advantages, 1.0).tolist() == list(range(128))
    half = most_telling(advantages, 0.5)
    assert len(half) == 64
    assert (np.diff(half) > 0).all()
    left_out = np.setdiff1d(np.arange(128), half)
    assert np.abs(advantages[half]).min() >= np.abs(advantages[left_out]).max()


def test_a_smaller_share_of_the_steps_means_fewer_minibatches(learner: MakeLearner) -> None:
    own = learner(update_share=0.5)
    assert len(own.update(experience(own)).policy_loss) == 3 * 64 // 32
