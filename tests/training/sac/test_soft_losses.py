"""Soft actor-critic's maths against hand-computed cases, autograd and Stable-Baselines3."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from stable_baselines3.common.distributions import SquashedDiagGaussianDistribution
from torch import Tensor

from racecraft.training.sac.losses import (
    Draw,
    Temperature,
    Weights,
    draw_actions,
    policy_gradient,
    soft_targets,
)


def outputs_and_noise(seed: int, rows: int = 64) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    means = torch.randn(rows, 2, generator=generator)
    log_stds = torch.randn(rows, 2, generator=generator) * 0.7 - 0.5
    return torch.cat([means, log_stds], dim=1), torch.randn(rows, 2, generator=generator)


def test_the_middle_of_a_narrow_distribution_by_hand() -> None:
    outputs = torch.tensor([[0.0, 0.5, math.log(0.1), 0.0]])
    draw = draw_actions(outputs, torch.zeros(1, 2))
    a = math.tanh(0.5)
    by_hand = -math.log(0.1 * math.sqrt(2 * math.pi)) - 0.5 * math.log(2 * math.pi)
    by_hand -= math.log(1 - a**2)
    assert draw.actions.tolist()[0] == pytest.approx([0.0, a])
    assert float(draw.log_probs) == pytest.approx(by_hand, rel=1e-6)


@pytest.mark.parametrize("seed", [0, 1])
def test_actions_and_densities_are_those_of_stable_baselines3(seed: int) -> None:
    outputs, noise = outputs_and_noise(seed)
    draw = draw_actions(outputs, noise)

    reference = SquashedDiagGaussianDistribution(2)
    reference.proba_distribution(outputs[:, :2], outputs[:, 2:])
    u = outputs[:, :2] + outputs[:, 2:].exp() * noise
    densities = reference.log_prob(torch.tanh(u), u)

    torch.testing.assert_close(draw.actions, torch.tanh(u))
    # It adds 1e-6 within a logarithm to stay clear of log 0, which is felt far out.
    near = (u.abs() < 2.5).all(dim=1)
    assert near.sum() > 40
    torch.testing.assert_close(draw.log_probs[near], densities[near], atol=2e-4, rtol=1e-4)


def test_the_density_integrates_to_one() -> None:
    outputs = torch.tensor([[0.3, -0.2, -0.3, 0.2]])
    grid = (torch.arange(20_000, dtype=torch.float64) + 0.5) / 10_000 - 1
    u = torch.atanh(grid)
    total = 1.0
    for k in range(2):
        noise = torch.zeros(len(grid), 2, dtype=torch.float64)
        noise[:, k] = (u - outputs[0, k]) / outputs[0, 2 + k].exp()
        both = draw_actions(outputs.double().expand(len(grid), -1), noise).log_probs
        # The other dimension stays at its mean, whose density is a constant.
        other = draw_actions(outputs.double(), torch.zeros(1, 2, dtype=torch.float64))
        mean_k = other.actions[0, k]
        own = -0.5 * math.log(2 * math.pi) - outputs[0, 2 + k] - torch.log(1 - mean_k**2)
        rest = other.log_probs - own
        total *= float((both - rest).exp().sum() * (grid[1] - grid[0]))
    assert total == pytest.approx(1.0, abs=2e-3)


def test_far_out_actions_have_finite_densities_and_gradients() -> None:
    outputs = torch.tensor([[30.0, -30.0, 2.0, -20.0]])
    noise = torch.ones(1, 2)
    draw = draw_actions(outputs, noise)
    gradient = policy_gradient(draw, noise, torch.ones(1, 2), 0.2)
    assert torch.isfinite(draw.log_probs).all()
    assert torch.isfinite(gradient).all()


@pytest.mark.parametrize("alpha", [0.0, 0.2, 3.0])
def test_the_policy_gradient_is_that_of_autograd(alpha: float) -> None:
    outputs, noise = (each.double() for each in outputs_and_noise(3))
    outputs[0, 2], outputs[1, 3] = 2.5, -21.0  # beyond the range: these count as its ends
    outputs.requires_grad_()

    def value(actions: Tensor) -> Tensor:
        return torch.sin(3 * actions[:, 0]) + actions[:, 1] ** 2 * actions[:, 0]

    draw = draw_actions(outputs, noise)
    loss = (alpha * draw.log_probs - value(draw.actions)).mean()
    (expected,) = torch.autograd.grad(loss, outputs)

    plain = draw_actions(outputs.detach(), noise)
    actions = plain.actions.requires_grad_()
    (by_action,) = torch.autograd.grad(value(actions).sum(), actions)
    held = Draw(actions.detach(), plain.log_probs, plain.deviations, plain.is_inside)
    torch.testing.assert_close(policy_gradient(held, noise, by_action, alpha), expected)


def test_targets_by_hand() -> None:
    targets = soft_targets(
        rewards=torch.tensor([1.0, 2.0]),
        goes_on=torch.tensor([1.0, 0.0]),
        next_values=torch.tensor([[5.0, 7.0], [4.0, 9.0]]),
        next_log_probs=torch.tensor([-2.0, 1.0]),
        weights=Weights(reward=0.5, gamma=0.9, alpha=0.2),
    )
    assert targets.tolist() == pytest.approx([0.5 + 0.9 * (4.0 + 0.4), 1.0])


def test_a_learnt_alpha_moves_as_with_torch_s_adam() -> None:
    temperature = Temperature(math.log(0.2))
    log_alpha = torch.tensor(math.log(0.2), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([log_alpha], lr=1e-3, eps=1e-5)
    for log_prob in np.random.default_rng(0).normal(1.0, 2.0, 50):
        loss = -(log_alpha * (log_prob - 2.0))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        temperature.learn(float(log_prob), -2.0, 1e-3)
    assert temperature.log_alpha == pytest.approx(log_alpha.item(), rel=1e-9)


@pytest.mark.parametrize(("log_prob", "grows"), [(3.0, True), (1.0, False)])
def test_alpha_grows_when_actions_vary_too_little(log_prob: float, grows: bool) -> None:
    temperature = Temperature(0.0)
    temperature.learn(log_prob, -2.0, 1e-2)
    assert (temperature.alpha > 1.0) == grows
