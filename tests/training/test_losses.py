"""Closed-form gradients against automatic differentiation of the written-out losses."""

from __future__ import annotations

import math

import pytest
import torch
from stable_baselines3.common.distributions import DiagGaussianDistribution
from torch import Tensor

from racecraft.domain.hyperparameters import LossType
from racecraft.training.losses import clipped_gaussian_loss, clipped_policy_loss, value_loss

CLIP, ENTROPY = 0.2, 0.013


def written_out(
    logits: Tensor, actions: Tensor, old: Tensor, advantages: Tensor, clip: float, ent_coef: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Loss, entropy and ratios as the papers write them."""
    policy = torch.distributions.Categorical(logits=logits)
    ratio = (policy.log_prob(actions) - old).exp()
    clipped = torch.clamp(ratio, 1 - clip, 1 + clip)
    surrogate = torch.min(ratio * advantages, clipped * advantages)
    entropy = policy.entropy().mean()
    return -surrogate.mean() - ent_coef * entropy, entropy, ratio


def a_batch(seed: int, drift: float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Logits, actions, old log probabilities of a policy `drift` away, and advantages."""
    random = torch.Generator().manual_seed(seed)
    count, choices = 4 + seed % 60, 2 + seed % 20
    logits = 2 * torch.randn(count, choices, generator=random, dtype=torch.float64)
    before = logits + drift * torch.randn(count, choices, generator=random, dtype=torch.float64)
    # Uniformly random actions, as e-greedy takes them: many have a tiny probability.
    actions = torch.randint(choices, (count,), generator=random)
    old = torch.log_softmax(before, 1).gather(1, actions[:, None]).squeeze(1)
    advantages = torch.randn(count, generator=random, dtype=torch.float64)
    return logits, actions, old, advantages


@pytest.mark.parametrize("drift", [0.0, 0.05, 0.5, 3.0])
def test_the_policy_gradient_is_that_of_automatic_differentiation(drift: float) -> None:
    above = below = 0
    for seed in range(80):
        logits, actions, old, advantages = a_batch(seed, drift)
        logits.requires_grad_()
        loss, entropy, ratio = written_out(logits, actions, old, advantages, CLIP, ENTROPY)
        (expected,) = torch.autograd.grad(loss, logits)

        found = clipped_policy_loss(logits.detach(), actions, old, advantages, CLIP, ENTROPY)

        torch.testing.assert_close(found.gradient, expected, rtol=1e-9, atol=1e-12)
        assert found.loss == pytest.approx(loss.item(), rel=1e-9, abs=1e-12)
        assert found.entropy == pytest.approx(entropy.item(), rel=1e-9)
        is_above = (ratio > 1 + CLIP) & (advantages > 0)
        is_below = (ratio < 1 - CLIP) & (advantages < 0)
        assert found.clip_fraction == pytest.approx((is_above | is_below).double().mean().item())
        above, below = above + int(is_above.sum()), below + int(is_below.sum())
    assert (above > 50 and below > 50) == (drift >= 0.5)


def test_a_clipped_row_moves_nothing_without_the_entropy_bonus() -> None:
    logits = torch.tensor([[2.0, 0.0], [-2.0, 0.0]])
    actions = torch.tensor([0, 0])
    old = torch.log(torch.tensor([0.5, 0.5]))
    advantages = torch.tensor([1.0, -1.0])

    found = clipped_policy_loss(logits, actions, old, advantages, CLIP, 0.0)

    assert found.gradient.tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert found.clip_fraction == 1.0
    assert found.loss == pytest.approx(-(1.2 - 0.8) / 2)


def test_going_down_the_gradient_makes_an_action_with_an_advantage_more_likely() -> None:
    logits, actions = torch.zeros(2, 3), torch.tensor([1, 2])
    old = torch.full((2,), -math.log(3.0))

    found = clipped_policy_loss(logits, actions, old, torch.tensor([1.0, -1.0]), CLIP, 0.01)

    assert (-found.gradient[0]).argmax() == 1
    assert (-found.gradient[1]).argmin() == 2


def test_the_entropy_bonus_pulls_towards_the_uniform_policy_only_where_it_is_not() -> None:
    logits = torch.tensor([[3.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    actions, old = torch.tensor([0, 0]), torch.log_softmax(logits, 1)[:, 0]

    found = clipped_policy_loss(logits, actions, old, torch.zeros(2), CLIP, 1.0)

    assert found.gradient[0, 0] > 0
    assert found.gradient[0, 1] < 0
    assert found.gradient[1].abs().max() < 1e-7


def test_the_estimated_divergence_is_zero_for_the_same_policy_and_positive_for_another() -> None:
    logits, actions, old, advantages = a_batch(7, 0.0)
    same = clipped_policy_loss(logits, actions, old, advantages, CLIP, ENTROPY)
    other = clipped_policy_loss(1.5 * logits, actions, old, advantages, CLIP, ENTROPY)
    assert same.approx_kl == pytest.approx(0.0, abs=1e-12)
    assert other.approx_kl > 0.01


def written_out_for_pairs(
    outputs: Tensor, actions: Tensor, old: Tensor, advantages: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Loss, entropy, divergence and clip fraction from Stable-Baselines3's own policy and PPO."""
    means, log_stds = outputs.chunk(2, dim=1)
    policy = DiagGaussianDistribution(2).proba_distribution(means, log_stds.clamp(-20, 3))
    log_prob, entropy = policy.log_prob(actions), policy.entropy()
    assert log_prob is not None
    assert entropy is not None
    # As in its PPO.train, line by line.
    ratio = torch.exp(log_prob - old)
    policy_loss_1 = advantages * ratio
    policy_loss_2 = advantages * torch.clamp(ratio, 1 - CLIP, 1 + CLIP)
    policy_loss = -torch.min(policy_loss_1, policy_loss_2).mean()
    log_ratio = log_prob - old
    kl = torch.mean((torch.exp(log_ratio) - 1) - log_ratio)
    loss = policy_loss + ENTROPY * -torch.mean(entropy)
    return loss, entropy.mean(), kl, ratio


def pairs(seed: int, drift: float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Outputs, drawn pairs, old log densities of a policy `drift` away, and advantages."""
    random = torch.Generator().manual_seed(seed)
    count = 4 + seed % 60
    means = torch.randn(count, 2, generator=random, dtype=torch.float64)
    log_stds = torch.randn(1, 2, generator=random, dtype=torch.float64).expand(count, 2)
    before = means + drift * torch.randn(count, 2, generator=random, dtype=torch.float64)
    noise = torch.randn(count, 2, generator=random, dtype=torch.float64)
    actions = before + noise * log_stds.exp()
    old = torch.distributions.Normal(before, log_stds.exp()).log_prob(actions).sum(dim=1)
    advantages = torch.randn(count, generator=random, dtype=torch.float64)
    return torch.cat([means, log_stds], dim=1), actions, old, advantages


@pytest.mark.parametrize("drift", [0.0, 0.05, 0.5, 3.0])
def test_loss_and_gradient_for_pairs_are_those_of_stable_baselines3(drift: float) -> None:
    clipped = 0
    for seed in range(80):
        outputs, actions, old, advantages = pairs(seed, drift)
        outputs.requires_grad_()
        loss, entropy, kl, ratio = written_out_for_pairs(outputs, actions, old, advantages)
        (expected,) = torch.autograd.grad(loss, outputs)

        found = clipped_gaussian_loss(outputs.detach(), actions, old, advantages, CLIP, ENTROPY)

        torch.testing.assert_close(found.gradient, expected, rtol=1e-9, atol=1e-12)
        assert found.loss == pytest.approx(loss.item(), rel=1e-9, abs=1e-12)
        assert found.entropy == pytest.approx(entropy.item(), rel=1e-9)
        assert found.approx_kl == pytest.approx(kl.item(), rel=1e-9, abs=1e-12)
        is_flat = (ratio > 1 + CLIP) & (advantages > 0) | (ratio < 1 - CLIP) & (advantages < 0)
        assert found.clip_fraction == pytest.approx(is_flat.double().mean().item())
        clipped += int(is_flat.sum())
    assert (clipped > 50) == (drift > 0)


def test_the_loss_of_one_pair_is_what_comes_out_by_hand() -> None:
    outputs = torch.tensor([[0.5, 0.0, math.log(2.0), 0.0]])
    actions, advantages = torch.tensor([[2.5, 1.0]]), torch.tensor([3.0])
    # z = 1 and 1; log density −½ − ln 2 − ½ ln 2π and −½ − ½ ln 2π.
    density = -1.0 - math.log(2.0) - math.log(2.0 * math.pi)
    old = torch.tensor([density - math.log(1.1)])  # ratio 1.1

    found = clipped_gaussian_loss(outputs, actions, old, advantages, CLIP, 0.1)

    entropy = math.log(2.0) + math.log(2.0 * math.pi) + 1.0
    assert found.entropy == pytest.approx(entropy)
    assert found.loss == pytest.approx(-1.1 * 3.0 - 0.1 * entropy)
    assert found.approx_kl == pytest.approx(0.1 - math.log(1.1), abs=1e-6)
    # −r A z / σ for the means; −r A (z² − 1) − 0.1 for the deviations.
    assert found.gradient[0].tolist() == pytest.approx([-1.65, -3.3, -0.1, -0.1], abs=1e-5)


def test_a_deviation_at_its_limit_is_not_pushed_any_further() -> None:
    for log_std, is_free in ((-25.0, False), (2.9, True), (3.5, False)):
        outputs = torch.tensor([[0.0, 0.0, log_std, 0.0]], dtype=torch.float64, requires_grad=True)
        actions = torch.tensor([[1e-9, 0.3]], dtype=torch.float64)
        old, advantages = torch.zeros(1, dtype=torch.float64), torch.tensor([-1.0])
        loss, *_ = written_out_for_pairs(outputs, actions, old, advantages)
        (expected,) = torch.autograd.grad(loss, outputs)
        found = clipped_gaussian_loss(outputs.detach(), actions, old, advantages, CLIP, ENTROPY)
        torch.testing.assert_close(found.gradient, expected)
        assert bool(found.gradient[0, 2] != 0) == is_free


def test_going_down_the_gradient_moves_the_mean_to_what_paid_and_widens_for_the_bonus() -> None:
    outputs = torch.zeros(2, 4)
    actions = torch.tensor([[0.5, 0.5], [0.5, -0.5]])
    old = -0.5 * (actions**2).sum(dim=1) - math.log(2.0 * math.pi)

    found = clipped_gaussian_loss(outputs, actions, old, torch.tensor([1.0, -1.0]), CLIP, 0.0)
    bonus = clipped_gaussian_loss(outputs, actions, old, torch.zeros(2), CLIP, 1.0)

    assert (-found.gradient[:, :2]).sign().tolist() == [[1, 1], [-1, 1]]
    assert not bonus.gradient[:, :2].any()
    assert (bonus.gradient[:, 2:] == -0.5).all()


@pytest.mark.parametrize("loss_type", list(LossType))
def test_the_value_gradient_is_that_of_automatic_differentiation(loss_type: LossType) -> None:
    for seed in range(20):
        random = torch.Generator().manual_seed(seed)
        values, targets = 2 * torch.randn(2, 33, generator=random, dtype=torch.float64)
        values.requires_grad_()
        reference = {
            LossType.HUBER: torch.nn.functional.huber_loss(values, targets, delta=1.0),
            LossType.MEAN_SQUARED_ERROR: 0.5 * torch.nn.functional.mse_loss(values, targets),
        }[loss_type]
        (expected,) = torch.autograd.grad(reference, values)

        gradient, loss = value_loss(values.detach(), targets, loss_type)

        torch.testing.assert_close(gradient, expected)
        assert loss == pytest.approx(reference.item())


def test_beyond_an_error_of_one_only_the_squared_loss_grows_steeper() -> None:
    values, targets = torch.tensor([10.0, -10.0]), torch.zeros(2)
    huber, _ = value_loss(values, targets, LossType.HUBER)
    squared, _ = value_loss(values, targets, LossType.MEAN_SQUARED_ERROR)
    assert huber.tolist() == [0.5, -0.5]
    assert squared.tolist() == [5.0, -5.0]
