"""Continuous actions: drawn as often as they should be, told apart by every car's own stream."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from stable_baselines3.common.distributions import DiagGaussianDistribution

from racecraft.domain.action_space import (
    ContinuousActionSpace,
    SpeedRange,
    SteeringRange,
    action_grid,
)
from racecraft.domain.episode import NO_ACTION_NUMBER
from racecraft.sim.streams import make_streams
from racecraft.training.heads import Categorical, Gaussian, make_head

SPACE = ContinuousActionSpace(
    steering_angle=SteeringRange(low=-10, high=30), speed=SpeedRange(low=0.5, high=2.5)
)
HEAD = Gaussian(SPACE)
MEANS, LOG_STDS = (0.3, -1.2), (-0.5, 0.4)
LINE = np.array([*MEANS, *LOG_STDS], np.float32)
ROWS = 40_000


def drawn(line: NDArray[np.float32], rows: int = ROWS, seed: int = 3) -> tuple[NDArray, NDArray]:
    chosen = HEAD.make_actions(rows), np.zeros(rows)
    HEAD.draw(np.tile(line, (rows, 1)), make_streams(seed, rows), (0, rows), -1.0, chosen)
    return chosen


def test_each_kind_of_action_space_has_its_head() -> None:
    assert isinstance(make_head(action_grid()), Categorical)
    assert isinstance(make_head(SPACE), Gaussian)


def test_pairs_have_the_mean_and_the_deviation_that_the_policy_says() -> None:
    actions, _ = drawn(LINE)
    deviations = np.exp(LOG_STDS)
    assert actions.shape == (ROWS, 2)
    assert actions.mean(axis=0) == pytest.approx(MEANS, abs=5 * deviations.max() / ROWS**0.5)
    assert actions.std(axis=0) == pytest.approx(deviations, rel=0.02)
    assert abs(np.corrcoef(actions.T)[0, 1]) < 5 / ROWS**0.5
    assert np.abs(actions).max() > 1.0  # what is drawn is not clipped


def test_log_densities_are_those_of_stable_baselines3() -> None:
    actions, log_probs = drawn(LINE, 500)
    reference = DiagGaussianDistribution(2).proba_distribution(
        torch.tensor(MEANS, dtype=torch.float64).expand(500, 2),
        torch.tensor(LINE[2:], dtype=torch.float64),
    )
    expected = reference.log_prob(torch.from_numpy(actions.astype(np.float64))).numpy()
    assert log_probs == pytest.approx(expected, abs=1e-6)


def test_a_deviation_beyond_the_limits_counts_as_the_limit() -> None:
    narrow, log_probs = drawn(np.array([0.5, -0.25, -99.0, -20.0], np.float32), 50)
    assert narrow == pytest.approx(np.tile([0.5, -0.25], (50, 1)))
    assert np.isfinite(log_probs).all()
    wide, _ = drawn(np.array([0.0, 0.0, 50.0, 3.0], np.float32))
    assert wide.std(axis=0) == pytest.approx([math.e**3] * 2, rel=0.02)


def test_every_row_draws_from_its_own_stream_and_no_other() -> None:
    outputs, together = np.tile(LINE, (10, 1)), (HEAD.make_actions(10), np.zeros(10))
    HEAD.draw(outputs, make_streams(8, 10), (0, 10), -1.0, together)

    streams, alone = make_streams(8, 10), (HEAD.make_actions(10), np.zeros(10))
    HEAD.draw(outputs[4:7], streams, (4, 7), -1.0, alone)

    assert alone[0][4:7].tobytes() == together[0][4:7].tobytes()
    assert alone[1][4:7].tobytes() == together[1][4:7].tobytes()
    assert not alone[0][:4].any()
    assert not alone[0][7:].any()
    untouched = make_streams(8, 10)
    assert (streams == untouched).tolist() == [True] * 4 + [False] * 3 + [True] * 3


def test_the_same_seed_draws_the_same_bytes() -> None:
    assert drawn(LINE, 100)[0].tobytes() == drawn(LINE, 100)[0].tobytes()
    assert drawn(LINE, 100)[0].tobytes() != drawn(LINE, 100, seed=4)[0].tobytes()


def test_the_best_action_is_the_mean() -> None:
    outputs = np.array([[0.1, 0.2, -1.0, -2.0], [3.0, -4.0, 0.0, 0.0]], np.float32)
    assert HEAD.best(outputs).tolist() == outputs[:, :2].tolist()


def test_actions_reach_from_the_low_end_to_the_high_end_and_no_further() -> None:
    actions = np.array([[-1, -1], [0, 0], [1, 1], [0.5, -0.5], [-7, 9]], np.float32)
    commands = HEAD.command(actions)
    assert np.degrees(commands[:, 0]) == pytest.approx([-10, 10, 30, 20, -10])
    assert commands[:, 1] == pytest.approx([0.5, 1.5, 2.5, 1.0, 2.5])
    # Not even by a rounding error, whatever the limits.
    odd = ContinuousActionSpace(
        steering_angle=SteeringRange(low=-29.9, high=0.1), speed=SpeedRange(low=0.1, high=0.7)
    )
    ends = Gaussian(odd).command(np.array([[-1, -1], [1, 1]], np.float32))
    assert ends.tolist() == [[np.radians(-29.9), 0.1], [np.radians(0.1), 0.7]]


def test_pairs_have_no_number_in_the_records() -> None:
    numbers = HEAD.numbers(HEAD.make_actions(3, 4))
    assert numbers.shape == (3, 4)
    assert (numbers == NO_ACTION_NUMBER).all()
