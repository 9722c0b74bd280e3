"""Do our PPO and SAC learn as Stable-Baselines3's do? Learning curves side by side.

The same environment, networks, rewards and hyperparameters, several seeds each; what is compared
is the mean reward of a training step. `python -m benchmarks.learn --only curves-ppo curves-sac`.
Both compute in 32 bits here, our value function is the one that the peer has, and the peer's SAC
begins with weights that are drawn as ours are: as it comes it learns much later.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.loops import CARS, STEPS, How, loop, peer_words, run_peer
from benchmarks.soft_loops import CARS as SOFT_CARS
from benchmarks.soft_loops import STEPS as SOFT_STEPS
from benchmarks.soft_loops import hyperparameters, soft_loop
from benchmarks.table import Row
from racecraft.domain.hyperparameters import Critic
from racecraft.domain.spec import Network

POINTS = 6
"""Of a printed curve."""
NOISE = 2.0
"""Standard errors of the difference within which two curves count as the same."""
NAME, NETWORK = "light", Network.LIGHT


@dataclass(frozen=True)
class Curves:
    """Mean rewards, one row a seed, one column a part of the training."""

    values: np.ndarray

    @classmethod
    def of(cls, runs: Sequence[Sequence[float]]) -> Curves:
        """From the iterations of some trainings, which are as long as each other."""
        return cls(np.array([[p.mean() for p in np.array_split(r, POINTS)] for r in runs]))

    @property
    def total(self) -> float:
        """Mean over the whole training: the area under the curve."""
        return float(self.values.mean())

    @property
    def error(self) -> float:
        """Standard error of that, from its spread over the seeds."""
        areas = [float(row.mean()) for row in self.values]
        return statistics.stdev(areas) / math.sqrt(len(areas)) if len(areas) > 1 else math.inf

    def __str__(self) -> str:
        spread = self.values.std(axis=0, ddof=1 if len(self.values) > 1 else 0)
        pairs = zip(self.values.mean(axis=0), spread, strict=True)
        return ", ".join(f"{mean:.3f} ± {each:.3f}" for mean, each in pairs)


def curve_rows(algorithm: str, seeds: Sequence[int], total_steps: int) -> list[Row]:
    """Train ours and theirs with every seed and compare."""
    cars, steps = (CARS, STEPS) if algorithm == "PPO" else (SOFT_CARS, SOFT_STEPS)
    total_steps = max(total_steps // (cars * steps), POINTS) * cars * steps
    run = OURS[algorithm]
    ours, theirs = [], []
    words = [*peer_words(algorithm, NAME, cars, steps), "--curve", str(total_steps)]
    words.append("--start-as-ours")
    version = ""
    for seed in seeds:
        ours.append(run(seed, total_steps))
        result = run_peer([*words, "--seed", str(seed)], threads=2)
        theirs.append(result["curve"])
        version = result["version"]
        print(f"  seed {seed}: {np.mean(ours[-1]):.3f}, peer {np.mean(theirs[-1]):.3f}", flush=True)
    return [_row(algorithm, Curves.of(ours), Curves.of(theirs), version, total_steps)]


def _row(algorithm: str, ours: Curves, theirs: Curves, version: str, total_steps: int) -> Row:
    error = math.hypot(ours.error, theirs.error)
    apart = abs(ours.total - theirs.total) / error if math.isfinite(error) else 0.0
    print(f"  {algorithm}:  {ours}\n  peer: {theirs}", flush=True)
    return Row(
        name=f"{algorithm} learning curve, {NAME}: mean reward of a step",
        value=ours.total,
        unit="reward",
        peer=f"Stable-Baselines3 {version} {algorithm}",
        peer_value=theirs.total,
        note=f"{apart:.1f} standard errors apart, {'within' if apart <= NOISE else 'beyond'} noise "
        f"({NOISE:g}); {len(ours.values)} seeds, {total_steps:,} steps in {POINTS} parts: ours "
        f"{ours}; peer {theirs}",
    )


def _our_ppo(seed: int, total_steps: int) -> list[float]:
    how = How(uses_bf16=False, seed=seed)
    with loop(NETWORK, batch_size=128, critic=Critic.SHARED, steps=CARS * STEPS, how=how) as each:
        means = []
        while each.env_steps < total_steps:
            each.iterate()
            rollout = each.gatherer.rollout
            means.append(float(rollout.rewards[: rollout.length].mean()))
    return means


def _our_sac(seed: int, total_steps: int) -> list[float]:
    with soft_loop(NETWORK, hyperparameters(), How(uses_bf16=False, seed=seed)) as each:
        means = []
        while each.env_steps < total_steps:
            each.iterate()
            means.append(each.mean_reward)
    return means


OURS: dict[str, Callable[[int, int], list[float]]] = {"PPO": _our_ppo, "SAC": _our_sac}
