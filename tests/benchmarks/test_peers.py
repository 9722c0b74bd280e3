"""The peers of the benchmarks run, and have the networks that ours have."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.loops import How, loop
from benchmarks.soft_loops import hyperparameters, soft_loop
from racecraft.domain.hyperparameters import Critic
from racecraft.domain.spec import Network

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("algorithm", ["PPO", "SAC"])
def test_the_peer_has_as_many_weights_and_learns_a_curve(algorithm: str) -> None:
    words = ["--algorithm", algorithm, "--network", "light", "--cars", "2", "--steps", "64"]
    command = [sys.executable, "-m", "benchmarks.sb3_peer", *words, "--curve", "256"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    peer = json.loads(done.stdout.splitlines()[-1])
    assert len(peer["curve"]) == 2
    if algorithm == "PPO":
        how = How(uses_bf16=False)
        with loop(Network.LIGHT, batch_size=128, critic=Critic.SHARED, steps=64, how=how) as ours:
            assert ours.num_weights == peer["num_weights"]
    else:
        with soft_loop(Network.LIGHT, hyperparameters(), How(uses_bf16=False)) as each:
            assert each.num_weights == peer["num_weights"]


def test_our_soft_loop_gathers_and_learns() -> None:
    with soft_loop(Network.LIGHT, hyperparameters(Critic.TRACK)) as each:
        for _ in range(9):
            assert each.iterate() == 128
        assert each.algorithm.learner.policy_optimizer.count == 2 * 32
