"""Gradient steps against a plain second way, with any number of threads and both arithmetics."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.distributions import Normal
from torch.nn.functional import mse_loss

from racecraft.domain.action_space import ContinuousActionSpace
from racecraft.domain.episode import EpisodeStatus
from racecraft.domain.errors import TrainingFailed
from racecraft.domain.hyperparameters import Critic, LossType, SACHyperparameters
from racecraft.domain.spec import ModelSpec, Network, TrainingSpec
from racecraft.sim.simulator import Simulator
from racecraft.tracks.library import load_track
from racecraft.training.inputs import InputBuffer
from racecraft.training.rollout import make_rollout
from racecraft.training.sac.learner import SoftLearner
from racecraft.training.sac.networks import SoftActor, SoftCritic
from racecraft.training.sac.replay import Replay
from racecraft.training.team import Team
from racecraft.training.trunk import Inputs

MODEL = ModelSpec(network=Network.LIGHT, action_space=ContinuousActionSpace())
RATE, SMOOTHING, GAMMA = 1e-3, 0.05, 0.9
STATUSES = [
    EpisodeStatus.IN_PROGRESS.value,
    EpisodeStatus.OFF_TRACK.value,
    EpisodeStatus.TIME_UP.value,
]


@pytest.fixture
def teams() -> Iterator[list[Team]]:
    made: list[Team] = []
    yield made
    for team in made:
        team.__exit__()


def some_replay(seed: int = 0) -> Replay:
    """Random experience of 4 cars."""
    simulator = Simulator([load_track("thimble")], 4, camera=MODEL.camera, seed=0)
    actor = SoftActor(MODEL, uses_bf16=False, seed=0)
    rollout = make_rollout(32, simulator, actor.head)
    generator = np.random.default_rng(seed)
    frames = rollout.observations.frames
    frames[:] = generator.integers(0, 256, frames.shape)
    rollout.features[:] = generator.normal(size=rollout.features.shape)
    rollout.actions[:] = generator.uniform(-1, 1, rollout.actions.shape)
    rollout.rewards[:] = generator.normal(1.0, 1.0, rollout.rewards.shape)
    rollout.status[:] = generator.choice(STATUSES, rollout.status.shape, p=[0.8, 0.1, 0.1])
    rollout.length = 32
    replay = Replay(1_000, rollout)
    replay.add(rollout)
    return replay


def make_learner(
    teams: list[Team], *, threads: int = 1, uses_bf16: bool = False, **chosen: object
) -> SoftLearner:
    values = {"batch_size": 32, "learning_rate": RATE, "gamma": GAMMA, "learns_alpha": True}
    values |= {"target_smoothing": SMOOTHING, "scales_rewards": False}
    hyper = SACHyperparameters.model_validate(values | chosen)
    training = TrainingSpec(hyperparameters=hyper, threads=threads, uses_bf16=uses_bf16)
    teams.append(Team(threads))
    actor = SoftActor(MODEL, uses_bf16=uses_bf16, seed=3)
    features = some_replay().features.shape[2]
    critic = SoftCritic(MODEL, hyper.critic, features, uses_bf16=uses_bf16, seed=3)
    return SoftLearner(actor, critic, training, teams[-1])


def pictures(replay: Replay, rows: np.ndarray) -> Inputs:
    buffer = InputBuffer(
        len(rows), SoftActor(MODEL, uses_bf16=False, seed=0).policy, uses_bf16=False
    )
    buffer.fill(replay.observations.flat(2), rows)
    return buffer.inputs(0, len(rows))


def plain_policy(policy: torch.nn.Module, blocks: Inputs, noise: Tensor) -> tuple[Tensor, Tensor]:
    means, log_stds = policy(blocks).chunk(2, dim=1)
    spread = Normal(means, log_stds.clamp(-20, 2).exp())
    u = means + spread.stddev * noise
    actions = torch.tanh(u)
    return actions, (spread.log_prob(u) - torch.log(1 - actions**2)).sum(dim=1)


def plain_steps(learner: SoftLearner, replay: Replay, steps: int) -> dict[str, list[Tensor]]:
    """The same gradient steps as anybody would write them with torch."""
    draws = np.random.default_rng([0, 2])
    chosen = replay.choose(draws, steps * 32)
    noise = torch.from_numpy(draws.standard_normal((steps, 2, 32, 2), np.float32))
    policy, critic = copy.deepcopy(learner.actor.policy), copy.deepcopy(learner.critic)
    target = copy.deepcopy(critic)
    adam = {"lr": RATE, "eps": 1e-5}
    for_policy = torch.optim.Adam(policy.parameters(), **adam)
    for_critic = torch.optim.Adam(critic.parameters(), **adam)
    log_alpha = torch.tensor(math.log(0.2), requires_grad=True)
    for_alpha = torch.optim.Adam([log_alpha], **adam)
    for k in range(steps):
        rows = slice(32 * k, 32 * (k + 1))
        now, after = chosen.now[rows], chosen.after[rows]
        blocks, next_blocks = pictures(replay, now), pictures(replay, after)
        features, next_features = (
            torch.from_numpy(replay.flat("features")[each]) for each in (now, after)
        )
        alpha = log_alpha.exp().item()
        with torch.no_grad():
            actions, log_probs = plain_policy(policy, next_blocks, noise[k, 1])
            following = target(next_blocks, next_features, actions).min(dim=0).values
            targets = torch.from_numpy(replay.flat("rewards")[now].astype(np.float32))
            goes_on = torch.from_numpy(chosen.goes_on[rows])
            targets = targets + GAMMA * goes_on * (following - alpha * log_probs)
        values = critic(blocks, features, torch.from_numpy(replay.flat("actions")[now]))
        for_critic.zero_grad()
        (0.5 * (mse_loss(values[0], targets) + mse_loss(values[1], targets))).backward()
        for_critic.step()
        actions, log_probs = plain_policy(policy, blocks, noise[k, 0])
        value = critic(blocks, features, actions).min(dim=0).values
        for_policy.zero_grad()
        (alpha * log_probs - value).mean().backward()
        for_policy.step()
        for_alpha.zero_grad()
        (-(log_alpha * (log_probs.detach() - 2.0))).mean().backward()
        for_alpha.step()
        with torch.no_grad():
            for slow, fast in zip(target.parameters(), critic.parameters(), strict=True):
                slow.lerp_(fast, SMOOTHING)
    return {
        "policy": list(policy.parameters()),
        "critic": list(critic.parameters()),
        "target": list(target.parameters()),
        "alpha": [log_alpha.exp()],
    }


def weights_of(learner: SoftLearner) -> dict[str, list[Tensor]]:
    return {
        "policy": list(learner.actor.policy.parameters()),
        "critic": list(learner.critic.parameters()),
        "target": list(learner.target.critic.parameters()),
        "alpha": [torch.tensor(learner.alpha)],
    }


@pytest.mark.parametrize("critic", [Critic.TRACK, Critic.SEPARATE])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_gradient_steps_are_those_that_anybody_would_write(
    teams: list[Team], critic: Critic, threads: int
) -> None:
    replay = some_replay()
    learner = make_learner(teams, threads=threads, critic=critic)
    before = [each.detach().clone() for each in learner.actor.policy.parameters()]
    expected = plain_steps(learner, replay, 5)

    figures = learner.update(replay, 5)

    for name, found in weights_of(learner).items():
        for one, other in zip(found, expected[name], strict=True):
            torch.testing.assert_close(
                one.detach().double(), other.detach().double(), atol=2e-4, rtol=2e-3
            )
    moved = [
        float((one.detach() - other).abs().max())
        for one, other in zip(learner.actor.policy.parameters(), before, strict=True)
    ]
    assert min(moved) > 1e-3
    assert set(figures) == {"policy_loss", "value_loss", "entropy", "explained_variance", "alpha"}


@pytest.mark.parametrize("critic", [Critic.TRACK, Critic.SEPARATE])
def test_16_bit_steps_go_the_same_way(teams: list[Team], critic: Critic) -> None:
    replay = some_replay()
    exact = make_learner(teams, critic=critic)
    coarse = make_learner(teams, critic=critic, uses_bf16=True)
    start = torch.cat([m.reshape(-1) for m in exact.actor.masters])
    for learner in (exact, coarse):
        learner.update(replay, 3)
    steps = [
        torch.from_numpy(np.concatenate(learner.policy_optimizer.masters())) - start
        for learner in (exact, coarse)
    ]
    assert torch.cosine_similarity(*steps, dim=0) > 0.8
    assert coarse.actor.policy.first_weight.dtype == torch.bfloat16


def test_the_unit_of_rewards_does_not_matter(teams: list[Team]) -> None:
    learners = []
    for factor in (1.0, 4096.0):
        replay = some_replay()
        replay.rewards *= factor
        learners.append(make_learner(teams, scales_rewards=True))
        learners[-1].update(replay, 2)
        learners[-1].update(replay, 2)
    for name, found in weights_of(learners[0]).items():
        for one, other in zip(found, weights_of(learners[1])[name], strict=True):
            torch.testing.assert_close(one, other)


def test_values_stay_in_the_unit_of_rewards_when_those_grow(teams: list[Team]) -> None:
    replay = some_replay()
    learner = make_learner(teams, scales_rewards=True, learning_rate=1e-8, target_smoothing=1e-9)
    learner.update(replay, 1)
    features, actions = torch.randn(5, replay.features.shape[2]), torch.zeros(5, 2)
    networks = (learner.critic, learner.target.critic)
    before = [network(None, features, actions) * learner.reward_size for network in networks]
    replay.rewards *= 3.0
    learner.update(replay, 1)
    after = [network(None, features, actions) * learner.reward_size for network in networks]
    torch.testing.assert_close(after, before, atol=1e-4, rtol=1e-4)


def test_a_fixed_alpha_stays(teams: list[Team]) -> None:
    learner = make_learner(teams, learns_alpha=False, sac_alpha=0.0, loss_type=LossType.HUBER)
    assert learner.update(some_replay(), 2)["alpha"] == 0.0


@pytest.mark.parametrize("broken", ["rewards", "features"])
def test_what_is_not_a_number_ends_the_training(teams: list[Team], broken: str) -> None:
    replay = some_replay()
    getattr(replay, broken)[:] = np.nan
    with pytest.raises(TrainingFailed, match="smaller learning rate"):
        make_learner(teams).update(replay, 2)


@pytest.mark.parametrize("uses_bf16", [False, True])
def test_a_state_carries_everything_over(teams: list[Team], uses_bf16: bool) -> None:
    replay = some_replay()
    whole, left, taken_up = (make_learner(teams, uses_bf16=uses_bf16) for _ in range(3))
    for learner in (whole, left):
        learner.update(replay, 3)
    arrays, facts = left.state()
    taken_up.load_state({name: array.copy() for name, array in arrays.items()}, facts)
    assert whole.update(replay, 3) == taken_up.update(replay, 3)
    for name, found in weights_of(whole).items():
        for one, other in zip(found, weights_of(taken_up)[name], strict=True):
            assert torch.equal(one, other)
