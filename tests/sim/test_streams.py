"""Random streams: the published generator, and one stream a car."""

from __future__ import annotations

import numpy as np
import pytest

from racecraft.sim.streams import make_streams, next_uniform

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
