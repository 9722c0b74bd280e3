"""Random streams: the published generator, and one stream a car."""

from __future__ import annotations

import math

import numpy as np
import pytest

from racecraft.sim.streams import make_streams, next_normals, next_uniform

MASK = 2**64 - 1


def splitmix64(state: int) -> tuple[int, int]:
    """New state and output, as published."""
    state = (state + 0x9E3779B97F4A7C15) & MASK
    z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return state, z ^ (z >> 31)


def test_the_first_number_of_stream_zero_is_the_published_one() -> None:
    assert splitmix64(0)[1] == 0xE220A8397B1DCDAF
    assert next_uniform(np.zeros(1, np.uint64), 0) == (0xE220A8397B1DCDAF >> 11) / 2**53


@pytest.mark.parametrize("start", [0, 1, 2**63, MASK])
def test_numbers_follow_the_published_generator(start: int) -> None:
    streams, state = np.array([start], np.uint64), start
    for _ in range(50):
        state, output = splitmix64(state)
        assert next_uniform(streams, 0) == (output >> 11) / 2**53
    assert int(streams[0]) == state


def test_numbers_are_even_between_zero_and_one() -> None:
    streams = make_streams(5, 1)
    numbers = np.array([next_uniform(streams, 0) for _ in range(20_000)])
    assert numbers.min() >= 0.0
    assert numbers.max() < 1.0
    counts = np.bincount((numbers * 20).astype(int), minlength=20)
    assert np.abs(counts - 1000).max() < 150  # five standard deviations


def test_neighbouring_cars_and_seeds_have_nothing_in_common() -> None:
    firsts = []
    for seed in range(40):
        streams = make_streams(seed, 40)
        firsts += [next_uniform(streams, car) for car in range(40)]
    assert len(set(firsts)) == 1600
    grid = np.array(firsts).reshape(40, 40)
    assert abs(np.corrcoef(grid[:, :-1].ravel(), grid[:, 1:].ravel())[0, 1]) < 0.13
    assert abs(np.corrcoef(grid[:-1].ravel(), grid[1:].ravel())[0, 1]) < 0.13


def test_a_car_has_the_same_stream_whatever_the_number_of_cars() -> None:
    assert np.array_equal(make_streams(9, 3), make_streams(9, 100)[:3])


def test_one_car_takes_numbers_from_its_own_stream_only() -> None:
    streams = make_streams(1, 3)
    before = streams.copy()
    next_uniform(streams, 1)
    assert streams[1] != before[1]
    assert np.array_equal(streams[[0, 2]], before[[0, 2]])


@pytest.mark.parametrize("seed", [0, 1, 2**31 - 1, 2**63])
def test_large_seeds_are_seeds_too(seed: int) -> None:
    assert len(set(make_streams(seed, 8).tolist())) == 8


def test_normal_pairs_are_two_uniform_numbers_turned_round() -> None:
    streams, uniform = make_streams(4, 3), make_streams(4, 3)
    for _ in range(20):
        radius = math.sqrt(-2 * math.log(1 - next_uniform(uniform, 1)))
        angle = 2 * math.pi * next_uniform(uniform, 1)
        expected = radius * math.cos(angle), radius * math.sin(angle)
        assert next_normals(streams, 1) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert np.array_equal(streams, uniform)


def test_normal_pairs_have_mean_zero_spread_one_and_the_tails_of_the_bell() -> None:
    streams = make_streams(6, 1)
    numbers = np.array([next_normals(streams, 0) for _ in range(20_000)])
    assert numbers.mean(axis=0) == pytest.approx([0, 0], abs=0.035)  # five standard errors
    assert numbers.std(axis=0) == pytest.approx([1, 1], abs=0.025)
    assert abs(np.corrcoef(numbers.T)[0, 1]) < 0.035
    for limit, share in ((1.0, 0.3173), (2.0, 0.0455), (3.0, 0.0027)):
        found = (np.abs(numbers) > limit).mean()
        assert found == pytest.approx(share, abs=5 * (share / 40_000) ** 0.5)


def test_a_uniform_number_of_zero_is_no_problem_for_a_normal_one() -> None:
    # The stream whose next state mixes to zero.
    streams = np.array([2**64 - 0x9E3779B97F4A7C15], np.uint64)
    assert next_uniform(streams.copy(), 0) == 0.0
    assert np.isfinite(next_normals(streams, 0)).all()
