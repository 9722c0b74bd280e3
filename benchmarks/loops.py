"""How fast PPO learns and gathers, alone and beside Stable-Baselines3."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.measuring import Effort, Sample, child_environment, cores
from benchmarks.table import ROOT, Row, number
from racecraft.domain.hyperparameters import Critic, LossType, PPOHyperparameters
from racecraft.domain.spec import ModelSpec, Network, StopCondition, TrainingSpec
from racecraft.sandbox.builtin import builtin_reward
from racecraft.sandbox.runner import RewardRunner
from racecraft.sim.simulator import Simulator
from racecraft.sim.time_trial import TimeTrial
from racecraft.tracks.library import load_track
from racecraft.training.learner import Learner
from racecraft.training.rollout import Gatherer
from racecraft.training.team import Team
from racecraft.training.threads import VARIABLES, has_fast_bf16

TRACK = "harbour-loop"
REWARD = "centre-line"
CARS, STEPS = 32, 16
"""An iteration of the loops that are compared, as Stable-Baselines3 counts: n_envs, n_steps."""
LEARNT_STEPS = 2048
"""Experience of one update when only learning is timed."""
NETWORKS = {"shallow": Network.SHALLOW, "light": Network.LIGHT}
LEARNING_TARGETS = {"shallow": 5_000.0}
TIMES_FASTER = {"shallow": 6.0, "light": 2.0}
"""Wanted against Stable-Baselines3."""


@dataclass(frozen=True)
class How:
    """What two runs of the same loop may differ in."""

    uses_bf16: bool = has_fast_bf16()
    seed: int = 0


class Loop:
    """Gathering and learning of one training, without greedy laps and without files."""

    def __init__(self, network: Network, hyper: PPOHyperparameters, team: Team, how: How) -> None:
        model = ModelSpec(network=network)
        training = TrainingSpec(
            hyperparameters=hyper,
            stop=StopCondition(env_steps=1),
            threads=team.size,
            uses_bf16=how.uses_bf16,
            seed=how.seed,
        )
        self.learner = Learner(model, training, team)
        self.simulator = Simulator(
            [load_track(TRACK)],
            hyper.num_cars,
            car=model.car,
            camera=model.camera,
            lidar=model.lidar,
            seed=how.seed,
        )
        self.gatherer = Gatherer(self.learner.actor, hyper, self.simulator, team)
        self.runner = RewardRunner(builtin_reward(REWARD), self.simulator.tracks, hyper.num_cars)
        self.env_steps = 0

    def gather(self) -> int:
        """Gather the experience of one iteration; gives its steps."""
        rollout = self.gatherer.gather(self.runner, self.env_steps)
        self.gatherer.fill_values(self.learner.scale)
        self.runner.finish()
        steps = rollout.length * self.simulator.num_cars
        self.env_steps += steps
        return steps

    def learn(self) -> int:
        """One update; gives the samples learnt from, each pass over the experience counted."""
        hyper, rollout = self.learner.hyperparameters, self.gatherer.rollout
        self.learner.update(rollout)
        steps = rollout.length * self.simulator.num_cars
        return steps // hyper.batch_size * hyper.batch_size * hyper.num_epochs

    def iterate(self) -> int:
        """Gather and learn; gives the environment steps."""
        steps = self.gather()
        self.learn()
        return steps

    @property
    def num_weights(self) -> int:
        """Of the policy and its value function."""
        return sum(p.numel() for p in self.learner.actor.parameters())


@contextmanager
def loop(
    network: Network, *, batch_size: int, critic: Critic, steps: int, how: How | None = None
) -> Iterator[Loop]:
    """A loop on all cores with the hyperparameters that are the same for everybody."""
    hyper = PPOHyperparameters(
        batch_size=batch_size,  # type: ignore[arg-type]
        num_epochs=4,
        learning_rate=1e-3,
        gamma=0.95,
        gae_lambda=0.9,
        loss_type=LossType.MEAN_SQUARED_ERROR,
        num_episodes_between_training=100,
        max_steps_per_iteration=steps,
        num_cars=CARS,
        critic=critic,
        # What nobody else does stays out of a comparison: every step is learnt from.
        update_share=1.0,
        practice_share=0.0,
        # The peer's starts are displaced by as much.
        start_jitter=TimeTrial.start_jitter,
    )
    with Team(cores()) as team:
        made = Loop(network, hyper, team, how or How())
        with made.runner:
            yield made


def _arithmetic() -> str:
    return "bf16" if has_fast_bf16() else "fp32"


def learning_rows(effort: Effort) -> list[Row]:
    """Samples learnt a second, nothing but updates timed."""
    rows = []
    for name, network in NETWORKS.items():
        for batch_size in (128, 256):
            steps = 256 if effort.is_quick else LEARNT_STEPS
            critic = PPOHyperparameters().critic
            with loop(network, batch_size=batch_size, critic=critic, steps=steps) as each:
                samples = _learning_rate(effort, each)
            camera = ModelSpec(network=network).camera
            rows.append(
                Row(
                    name=f"learning, {name} {camera.width}x{camera.height}, "
                    f"minibatch {batch_size}, all cores",
                    value=samples.median,
                    unit="samples/s",
                    target=LEARNING_TARGETS.get(name),
                    note=f"{samples}; {_arithmetic()}, {steps} steps x 4 epochs an update, "
                    f"critic {critic}",
                )
            )
    return rows


def _learning_rate(effort: Effort, each: Loop) -> Sample:
    each.iterate()

    def measure() -> float:
        learnt, seconds = 0, 0.0
        while seconds < effort.seconds:
            each.gather()
            begin = time.perf_counter()
            learnt += each.learn()
            seconds += time.perf_counter() - begin
        return learnt / seconds

    return effort.sample(measure)


@dataclass(frozen=True)
class Peer:
    """What Stable-Baselines3 reached."""

    sample: Sample
    threads: int
    version: str
    num_weights: int
    medians: str


def loop_rows(effort: Effort) -> list[Row]:
    """Gather and learn, ours and Stable-Baselines3's, one after the other."""
    rows = []
    for name, network in NETWORKS.items():
        peer = best_peer(effort, peer_words("PPO", name, CARS, STEPS))
        for critic in (Critic.SHARED, PPOHyperparameters().critic):
            with loop(network, batch_size=128, critic=critic, steps=CARS * STEPS) as each:
                ours, num_weights = effort.rate(each.iterate), each.num_weights
            if critic is Critic.SHARED and num_weights != peer.num_weights:
                raise RuntimeError(
                    f"The networks differ: {num_weights} weights here, {peer.num_weights} there."
                )
            rows.append(_loop_row(name, critic, ours, peer))
    return rows


def _loop_row(name: str, critic: Critic, ours: Sample, peer: Peer) -> Row:
    times = TIMES_FASTER[name]
    like = "like for like" if critic is Critic.SHARED else "our default critic"
    return Row(
        name=f"PPO loop, {name}, critic {critic} ({like})",
        value=ours.median,
        unit="steps/s",
        target=times * peer.sample.median,
        peer=f"Stable-Baselines3 {peer.version} PPO, torch threads: {peer.threads}",
        peer_value=peer.sample.median,
        note=f"{ours.median / peer.sample.median:.2f} times the peer, wanted {times:g} times; "
        f"{ours} ({_arithmetic()}); peer {peer.sample} (fp32, {peer.medians}); "
        f"{CARS} cars x {STEPS} steps, minibatch 128, 4 epochs, no evaluation, no files",
    )


def best_peer(effort: Effort, words: Sequence[str]) -> Peer:
    """Stable-Baselines3 in a process of its own, with the faster of one and two torch threads.

    Args:
        effort: how long to measure.
        words: what `benchmarks.sb3_peer` is told: algorithm, network, cars, steps.
    """
    words = [*words, "--repeats", str(effort.repeats), "--seconds", str(effort.seconds)]
    peers = {threads: run_peer(words, threads) for threads in (1, 2)}
    samples = {threads: Sample(tuple(each["steps_per_s"])) for threads, each in peers.items()}
    best = max(samples, key=lambda threads: samples[threads].median)
    return Peer(
        sample=samples[best],
        threads=best,
        version=str(peers[best]["version"]),
        num_weights=int(peers[best]["num_weights"]),
        medians=", ".join(f"torch threads {t}: {number(s.median)}" for t, s in samples.items()),
    )


def peer_words(algorithm: str, network: str, cars: int, steps: int) -> list[str]:
    """What the peer is told."""
    words = ["--algorithm", algorithm, "--network", network]
    return [*words, "--cars", str(cars), "--steps", str(steps)]


def run_peer(words: Sequence[str], threads: int) -> dict[str, Any]:
    """What `benchmarks.sb3_peer` says to these words, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.sb3_peer", *words, "--threads", str(threads)]
    environment = child_environment(**dict.fromkeys(VARIABLES, str(threads)))
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"Stable-Baselines3 could not be measured:\n{done.stderr}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result
