"""The Gymnasium environments with randomisation."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import racecraft.sim  # registers the environments
from racecraft.domain.car import CameraSpec
from racecraft.domain.randomisation import RandomisationSpec

ALL = RandomisationSpec.model_validate("all")
SMALL = CameraSpec(width=80, height=60)
NAMES = ("racecraft/TimeTrial-v0", "racecraft/ObjectAvoidance-v0")


def make(name: str = NAMES[0], **design: Any) -> gymnasium.Env[Any, Any]:
    return gymnasium.make(name, camera=SMALL, randomisation=ALL, **design)


@pytest.mark.parametrize("name", NAMES)
def test_gymnasium_finds_nothing_to_complain_about(name: str) -> None:
    check_env(make(name).unwrapped)


def test_the_same_seed_gives_the_same_episodes_and_each_episode_looks_another_way() -> None:
    def episodes() -> list[np.ndarray]:
        env = make()
        frames = [env.reset(seed=3)[0]]
        frames += [env.step(10)[0] for _ in range(5)]
        return [*frames, env.reset()[0], env.reset()[0]]

    first, again = episodes(), episodes()
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    plain = gymnasium.make(NAMES[0], camera=SMALL)
    means = [frame.mean() for frame in (plain.reset(seed=3)[0], first[0], first[-2], first[-1])]
    assert np.abs(np.diff(means)).min() > 0.5


def test_a_car_of_many_drives_as_one_alone() -> None:
    many = gymnasium.make_vec(NAMES[0], 3, camera=SMALL, randomisation=ALL)
    together = [many.reset(seed=[7, 8, 9])[0]]
    for _ in range(8):
        together.append(many.step(np.array([3, 10, 17]))[0])
    alone = make()
    frames = [alone.reset(seed=7)[0]] + [alone.step(3)[0] for _ in range(8)]
    many.close()
    assert all(np.array_equal(a[0], b) for a, b in zip(together, frames, strict=True))
    assert racecraft.sim is not None
