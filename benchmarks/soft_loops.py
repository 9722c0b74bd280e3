"""How fast SAC gathers and learns, beside Stable-Baselines3's; as `loops` for PPO."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from benchmarks.loops import REWARD, TRACK, How, Peer, best_peer, peer_words
from benchmarks.measuring import Effort, Sample, cores
from benchmarks.table import Row
from racecraft.domain.action_space import ContinuousActionSpace, SpeedRange
from racecraft.domain.hyperparameters import Critic, SACHyperparameters
from racecraft.domain.spec import ModelSpec, Network, StopCondition, TrainingSpec
from racecraft.sandbox.builtin import builtin_reward
from racecraft.sandbox.runner import RewardRunner
from racecraft.sim.simulator import Simulator
from racecraft.sim.time_trial import TimeTrial
from racecraft.tracks.library import load_track
from racecraft.training.sac import SAC
from racecraft.training.team import Team
from racecraft.training.threads import has_fast_bf16

SPACE = ContinuousActionSpace(speed=SpeedRange(low=0.5, high=2.0))
CARS, STEPS = 16, 8
"""An iteration: as many steps of each car, then a quarter as many gradient steps in all."""
NETWORK, NAME = Network.LIGHT, "light"
"""With the shallow network the peer takes minutes for an iteration."""
TIMES_FASTER = 1.5
"""Wanted against Stable-Baselines3."""
CRITICS: tuple[Literal[Critic.SEPARATE, Critic.TRACK], ...] = (Critic.SEPARATE, Critic.TRACK)


def hyperparameters(
    critic: Literal[Critic.SEPARATE, Critic.TRACK] = Critic.SEPARATE,
) -> SACHyperparameters:
    """Those that are the same for everybody."""
    return SACHyperparameters(
        batch_size=128,
        learning_rate=1e-3,
        sac_alpha=0.2,
        learns_alpha=True,
        gamma=0.95,
        scales_rewards=False,
        gradient_steps_per_step=0.25,
        warm_up_steps=1_000,
        replay_steps=20_000,
        target_smoothing=0.005,
        num_episodes_between_training=100,
        max_steps_per_iteration=CARS * STEPS,
        num_cars=CARS,
        critic=critic,
        # What nobody else does stays out of a comparison.
        practice_share=0.0,
        # The peer's starts are displaced by as much.
        start_jitter=TimeTrial.start_jitter,
    )


class SoftLoop:
    """Gathering and learning of one training, without greedy laps and without files."""

    def __init__(self, network: Network, hyper: SACHyperparameters, team: Team, how: How) -> None:
        model = ModelSpec(network=network, action_space=SPACE)
        training = TrainingSpec(
            hyperparameters=hyper,
            stop=StopCondition(env_steps=1),
            threads=team.size,
            uses_bf16=how.uses_bf16,
            seed=how.seed,
        )
        tracks = [load_track(TRACK)]
        simulator = Simulator(
            tracks, hyper.num_cars, car=model.car, camera=model.camera, seed=how.seed
        )
        self.algorithm = SAC(model, training, simulator, team)
        self.runner = RewardRunner(builtin_reward(REWARD), tracks, hyper.num_cars)
        self.env_steps = 0
        self.mean_reward = 0.0
        """Of a step in the newest iteration."""

    def iterate(self) -> int:
        """Gather and learn; gives the environment steps."""
        rollout, _ = self.algorithm.iterate(self.runner, self.env_steps)
        self.mean_reward = float(rollout.rewards[: rollout.length].mean())
        steps = rollout.length * rollout.rewards.shape[1]
        self.env_steps += steps
        return steps

    @property
    def num_weights(self) -> int:
        """Of the policy and the value functions, without their targets."""
        learner = self.algorithm.learner
        modules = (learner.actor, learner.critic)
        return sum(p.numel() for module in modules for p in module.parameters())


@contextmanager
def soft_loop(
    network: Network, hyper: SACHyperparameters, how: How | None = None
) -> Iterator[SoftLoop]:
    """A loop on all cores."""
    with Team(cores()) as team:
        made = SoftLoop(network, hyper, team, how or How())
        with made.runner:
            yield made


def soft_loop_rows(effort: Effort) -> list[Row]:
    """Gather and learn, ours and Stable-Baselines3's, one after the other."""
    rows = []
    peer = best_peer(effort, peer_words("SAC", NAME, CARS, STEPS))
    for critic in CRITICS:
        hyper = hyperparameters(critic)
        with soft_loop(NETWORK, hyper) as each:
            while each.env_steps < hyper.warm_up_steps + CARS * STEPS:
                each.iterate()
            ours, num_weights = effort.rate(each.iterate), each.num_weights
        if critic is Critic.SEPARATE and num_weights != peer.num_weights:
            raise RuntimeError(
                f"The networks differ: {num_weights} weights here, {peer.num_weights} there."
            )
        rows.append(_row(critic, ours, peer))
    return rows


def _row(critic: Critic, ours: Sample, peer: Peer) -> Row:
    is_like = critic is Critic.SEPARATE
    return Row(
        name=f"SAC loop, {NAME}, critic {critic} "
        f"({'like for like' if is_like else 'our default critic'})",
        value=ours.median,
        unit="steps/s",
        target=TIMES_FASTER * peer.sample.median,
        peer=f"Stable-Baselines3 {peer.version} SAC, torch threads: {peer.threads}",
        peer_value=peer.sample.median,
        note=f"{ours.median / peer.sample.median:.2f} times the peer, wanted {TIMES_FASTER:g} "
        f"times; {ours} ({'bf16' if has_fast_bf16() else 'fp32'}); peer {peer.sample} (fp32, "
        f"{peer.medians}); {CARS} cars x {STEPS} steps, then {CARS * STEPS // 4} gradient steps "
        "of 128, no evaluation, no files",
    )
