"""Advantages, standardising and the value scale, against slow and obvious versions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from racecraft.training.returns import (
    ValueScale,
    explained_variance,
    generalised_advantages,
    standardise,
)

Floats = NDArray[np.float64]


def slow_advantages(
    rewards: Floats,
    values: Floats,
    following: Floats,
    is_last: NDArray[np.bool_],
    gamma: float,
    gae_lambda: float,
) -> Floats:
    """The sum of equation 16 written out for every step, up to the end of its episode."""
    steps, cars = rewards.shape
    advantages = np.zeros((steps, cars))
    for car in range(cars):
        for t in range(steps):
            for k in range(t, steps):
                delta = rewards[k, car] + gamma * following[k, car] - values[k, car]
                advantages[t, car] += (gamma * gae_lambda) ** (k - t) * delta
                if is_last[k, car]:
                    break
    return advantages


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 12),
    st.integers(1, 4),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_advantages_are_the_sum_of_discounted_differences_up_to_the_end_of_the_episode(
    seed: int, steps: int, cars: int, gamma: float, gae_lambda: float
) -> None:
    random = np.random.default_rng(seed)
    rewards, values, following = random.normal(size=(3, steps, cars))
    is_last = random.random((steps, cars)) < 0.3

    found = generalised_advantages(
        rewards, values, following, is_last, gamma=gamma, gae_lambda=gae_lambda
    )

    expected = slow_advantages(rewards, values, following, is_last, gamma, gae_lambda)
    assert found == pytest.approx(expected, abs=1e-12)


def test_advantages_of_three_steps_computed_by_hand() -> None:
    found = generalised_advantages(
        np.array([[1.0], [2.0], [3.0]]),
        np.array([[0.5], [0.5], [0.5]]),
        np.array([[0.5], [0.5], [0.0]]),
        np.array([[False], [False], [True]]),
        gamma=0.5,
        gae_lambda=0.5,
    )
    assert found[:, 0].tolist() == [1.34375, 2.375, 2.5]


def test_with_lambda_one_and_no_values_advantages_are_discounted_sums_of_rewards() -> None:
    rewards = np.array([[1.0, 0.0], [2.0, 0.0], [4.0, 8.0]])
    nothing = np.zeros((3, 2))
    is_last = np.array([[False, False], [True, False], [False, False]])

    found = generalised_advantages(rewards, nothing, nothing, is_last, gamma=0.5, gae_lambda=1.0)

    assert found.tolist() == [[2.0, 2.0], [2.0, 4.0], [4.0, 8.0]]


@given(st.integers(0, 2**32 - 1), st.sampled_from([1e-3, 1.0, 1e4]))
def test_standardised_values_have_mean_zero_and_spread_one(seed: int, scale: float) -> None:
    values = scale * (3.0 + np.random.default_rng(seed).normal(size=(7, 5)))

    found = standardise(values)

    assert found.mean() == pytest.approx(0.0, abs=1e-9)
    assert found.std() == pytest.approx(1.0)
    assert (np.argsort(found, axis=None) == np.argsort(values, axis=None)).all()


@pytest.mark.parametrize("value", [0.0, 1e-9, 0.1, 1e5])
def test_values_that_are_all_equal_are_standardised_to_zero(value: float) -> None:
    assert standardise(np.full((4, 3), value)).tolist() == np.zeros((4, 3)).tolist()


@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([1e-3, 1.0, 1e4]),
    st.sampled_from([1e-3, 1.0, 1e4]),
    st.floats(-5, 5),
)
def test_new_targets_change_no_prediction_in_reward_units(
    seed: int, first: float, second: float, offset: float
) -> None:
    random = np.random.default_rng(seed)
    scale = ValueScale()
    scale.update(first * (offset + random.normal(size=100)))
    hidden, weight, bias = random.normal(size=(9, 6)), random.normal(size=6), random.normal()
    before = scale.mean + scale.spread * (hidden @ weight + bias)

    factor, shift = scale.update(second * (offset + random.normal(size=100)))
    after = scale.mean + scale.spread * (hidden @ (weight * factor) + bias * factor + shift)

    assert scale.is_set
    assert after == pytest.approx(before, rel=1e-6, abs=1e-6 * max(first, second))


def test_the_first_targets_set_the_scale() -> None:
    scale = ValueScale()

    assert scale.update(np.array([1.0, 3.0, 5.0, 7.0])) == (1.0, 0.0)

    assert (scale.mean, scale.spread) == (4.0, pytest.approx(5**0.5))


def test_the_scale_follows_targets_that_move() -> None:
    random, scale = np.random.default_rng(1), ValueScale()
    scale.update(random.normal(size=1000))
    for _ in range(60):
        scale.update(500.0 + 30.0 * random.normal(size=1000))
    assert scale.mean == pytest.approx(500.0, rel=0.01)
    assert scale.spread == pytest.approx(30.0, rel=0.1)


def test_targets_that_never_vary_leave_finite_numbers() -> None:
    scale = ValueScale()
    for value in (5.0, 5.0, 0.0, 0.0, 7.0):
        factor, shift = scale.update(np.full(10, value))
        assert np.isfinite([factor, shift, scale.mean, scale.spread]).all()
        assert scale.spread > 0


def test_the_explained_variance_of_perfect_useless_and_wrong_values() -> None:
    targets = np.array([1.0, 2.0, 3.0, 6.0])
    assert explained_variance(targets, targets) == 1.0
    assert explained_variance(targets, targets + 100.0) == 1.0
    assert explained_variance(targets, np.full(4, 3.0)) == 0.0
    assert explained_variance(targets, -targets) == pytest.approx(-3.0)
    assert explained_variance(np.ones(4), targets) == 0.0
