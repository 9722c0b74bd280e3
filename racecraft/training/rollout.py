"""Gather experience: cars driven by the policy for some steps, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from racecraft.domain.episode import EpisodeStatus
from racecraft.domain.hyperparameters import Critic, PPOHyperparameters, SACHyperparameters
from racecraft.domain.reward import COLUMNS
from racecraft.sandbox.runner import RewardRunner
from racecraft.sim.features import feature_count, object_features, track_features
from racecraft.sim.observations import Observations, make_observations
from racecraft.sim.simulator import Simulator
from racecraft.training.driving import Actor, Driver
from racecraft.training.heads import Head
from racecraft.training.inputs import InputBuffer
from racecraft.training.networks import ActorCritic
from racecraft.training.returns import ValueScale
from racecraft.training.team import Team

CHUNK_STEPS = 8
"""Steps between two looks at whether enough was gathered; fixed, so that timing cannot matter."""
VALUED_AT_ONCE = 64
"""Observations that a critic values in one go."""
_IN_PROGRESS = int(EpisodeStatus.IN_PROGRESS)
_POSE = 3
"""Columns of a thing that viewers need: x, y, heading."""
_CUT_OFF = (EpisodeStatus.LAP_COMPLETE, EpisodeStatus.TIME_UP)


@dataclass
class Rollout:
    """The experience of one iteration; arrays are (T, N, ...), the first `length` steps count."""

    observations: Observations
    features: NDArray[np.float32]
    actions: NDArray[Any]
    """(T, N) numbers of a list, or (T, N, 2) what was drawn in a continuous action space."""
    log_probs: NDArray[np.float64]
    rewards: NDArray[np.float64]
    values: NDArray[np.float64]
    """(T + 1, N) in reward units; the last row is the state after the last step."""
    is_last: NDArray[np.bool_]
    table: NDArray[np.float64]
    """(T, N, len(COLUMNS)) reward inputs."""
    status: NDArray[np.int64]
    prepared: NDArray[np.float64]
    """(T, N, len(COLUMNS)) prepare row before this step, where an episode began with it."""
    begins: NDArray[np.bool_]
    length: int = 0
    things: NDArray[np.float64] | None = None
    """(T, N, O, 3) x, y (m) and heading (rad) of what is on each car's road; for viewers."""
    outputs: NDArray[np.float32] | None = None
    """(T, N, A) of the policy for a list of actions; for viewers."""

    @property
    def next_values(self) -> NDArray[np.float64]:
        """(T, N) value after each step: cut off at laps done, nothing after a failure."""
        following = self.values[1 : self.length + 1].copy()
        status = self.status[: self.length]
        ended = self.is_last[: self.length]
        following[ended] = 0.0
        # Finishing a lap is no reason to expect nothing more: the car could drive on.
        lap = np.isin(status, _CUT_OFF)
        following[lap] = self.values[: self.length][lap]
        return following


def make_rollout(steps: int, simulator: Simulator, head: Head) -> Rollout:
    """Memory for up to `steps` steps of each car."""
    cars = simulator.num_cars
    features = feature_count(has_objects=simulator.has_objects)
    shape = (steps, cars)
    count = head.output_count
    return Rollout(
        observations=make_observations(shape, simulator.camera_spec, simulator.lidar_spec),
        features=np.zeros((steps + 1, cars, features), np.float32),
        actions=head.make_actions(*shape),
        log_probs=np.zeros(shape),
        rewards=np.zeros(shape),
        values=np.zeros((steps + 1, cars)),
        is_last=np.zeros(shape, np.bool_),
        table=np.zeros((*shape, len(COLUMNS))),
        status=np.zeros(shape, np.int64),
        prepared=np.zeros((*shape, len(COLUMNS))),
        begins=np.zeros(shape, np.bool_),
        things=np.zeros((*shape, len(simulator.objects.kind), _POSE)),
        outputs=np.zeros((*shape, count), np.float32) if count else None,
    )


class Gatherer:
    """Gathers rollouts of one training; cars drive on where they were from one to the next."""

    def __init__(
        self,
        actor: Actor,
        hyperparameters: PPOHyperparameters | SACHyperparameters,
        simulator: Simulator,
        team: Team,
    ) -> None:
        self.actor, self.simulator, self.team = actor, simulator, team
        self.critic = actor if isinstance(actor, ActorCritic) else None
        """Gives every step a value; None where the algorithm needs none of them."""
        self.hyperparameters = hyperparameters
        spans = [team.span(share, simulator.num_cars) for share in range(team.size)]
        head = actor.head
        self.drivers = [Driver(actor, head, simulator, *span) for span in spans]
        steps = -(-hyperparameters.max_steps_per_iteration // simulator.num_cars)
        self.rollout = make_rollout(-(-steps // CHUNK_STEPS) * CHUNK_STEPS, simulator, head)
        self._last_seen = make_observations(
            (simulator.num_cars,), simulator.camera_spec, simulator.lidar_spec
        )
        self._commands = np.zeros((simulator.num_cars, 2))

    def gather(self, runner: RewardRunner, env_steps: int) -> Rollout:
        """Drive until enough episodes have ended, or enough steps were made.

        The rewards are there after `runner.finish()`; they are computed while the cars drive.

        Args:
            runner: the user's reward function.
            env_steps: steps of the training so far, for the exploration schedule.
        """
        rollout = self.rollout
        rollout.length = 0
        hyper = self.hyperparameters
        while rollout.length < len(rollout.actions):
            begin = rollout.length
            done = env_steps + begin * self.simulator.num_cars
            self.team.run(partial(self._drive, runner=runner, begin=begin, env_steps=done))
            rollout.length = begin + CHUNK_STEPS
            ended = rollout.is_last[: rollout.length, : hyper.num_lap_cars].sum()
            if ended >= hyper.num_episodes_between_training:
                break
        self.team.run(self._look_once_more)
        return rollout

    def _drive(self, share: int, runner: RewardRunner, begin: int, env_steps: int) -> None:
        driver, rollout, simulator = self.drivers[share], self.rollout, self.simulator
        lo, hi = driver.lo, driver.hi
        cars = np.arange(lo, hi)
        random_share = self.hyperparameters.random_share(env_steps)
        epsilon = -1.0 if random_share is None else random_share
        for t in range(begin, begin + CHUNK_STEPS):
            simulator.restart(lo, hi, jitter=self.hyperparameters.start_jitter)
            self._record_starts(t, lo, hi)
            outputs = driver.look(rollout.observations[t])
            state = simulator.cars
            self._describe(t, lo, hi)
            chosen = rollout.actions[t], rollout.log_probs[t]
            driver.head.draw(outputs, state.streams, (lo, hi), epsilon, chosen)
            self._commands[lo:hi] = driver.head.command(rollout.actions[t, lo:hi])
            simulator.step(self._commands, lo, hi)
            self._end_practice(lo, hi)
            rollout.table[t, lo:hi] = state.table[lo:hi]
            rollout.status[t, lo:hi] = state.status[lo:hi]
            rollout.is_last[t, lo:hi] = state.status[lo:hi] != _IN_PROGRESS
            things = simulator.objects.rows[lo:hi]
            if rollout.outputs is not None:
                rollout.outputs[t, lo:hi] = outputs
            if rollout.things is not None:
                rollout.things[t, lo:hi] = things[..., :_POSE]
            runner.submit(rollout.table[t, lo:hi], cars, rollout.rewards[t, lo:hi], things)

    def _end_practice(self, lo: int, hi: int) -> None:
        """Cut the practice of cars short that have driven long enough since their start.

        Once the cars stay on the track, none of them would see a start off the line again, and
        the policy would forget how to come back to it.
        """
        state, hyper = self.simulator.cars, self.hyperparameters
        first = max(lo, hyper.num_lap_cars)
        if first < hi:
            status = state.status[first:hi]
            is_over = state.steps[first:hi] > hyper.practice_steps
            status[is_over & (status == _IN_PROGRESS)] = EpisodeStatus.TIME_UP

    def _record_starts(self, t: int, lo: int, hi: int) -> None:
        state, rollout = self.simulator.cars, self.rollout
        begins = state.steps[lo:hi] == 1
        rollout.begins[t, lo:hi] = begins
        if begins.any():
            rows = lo + np.flatnonzero(begins)
            rollout.prepared[t, rows] = state.table[rows]

    def _describe(self, t: int, lo: int, hi: int) -> None:
        """Tell the value function where the cars are, and what is next on their road."""
        simulator, features = self.simulator, self.rollout.features[t]
        cars, pack, nose_m = simulator.cars, simulator.pack, simulator.size[0]
        track_features(cars, pack, nose_m, features, (lo, hi))
        if simulator.has_objects:
            object_features(cars, pack, nose_m, simulator.objects, features, (lo, hi))

    def _look_once_more(self, share: int) -> None:
        """Features (and observations) of the state after the last step, for its value."""
        driver, rollout = self.drivers[share], self.rollout
        self._describe(rollout.length, driver.lo, driver.hi)
        if self.critic is not None and self.critic.kind is not Critic.TRACK:
            self.simulator.observe(self._last_seen, driver.lo, driver.hi)

    def fill_values(self, scale: ValueScale) -> None:
        """Values of all gathered states, in reward units; 0 as long as those are unknown."""
        rollout, critic = self.rollout, self.critic
        assert critic is not None
        count = rollout.length + 1
        if not scale.is_set:
            # What a fresh network says has no unit, so it would drown small rewards.
            rollout.values[:count] = 0.0
            return
        flat = rollout.features[:count].reshape(-1, rollout.features.shape[2])
        if critic.kind is Critic.TRACK:
            with torch.inference_mode():
                values = critic.value(None, torch.from_numpy(flat)).numpy()
        else:
            values = self._seen_values(critic, flat)
        rollout.values[:count] = scale.mean + scale.spread * values.reshape(count, -1)

    def _seen_values(
        self, critic: ActorCritic, features: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Values by a critic that sees what the policy sees."""
        rollout = self.rollout
        seen = rollout.observations[: rollout.length].flat(2).followed_by(self._last_seen)
        values = np.zeros(len(features), np.float32)

        def work(share: int) -> None:
            lo, hi = self.team.span(share, len(features))
            buffer = InputBuffer(VALUED_AT_ONCE, critic.policy, uses_bf16=critic.uses_bf16)
            for first in range(lo, hi, VALUED_AT_ONCE):
                rows = np.arange(first, min(first + VALUED_AT_ONCE, hi))
                buffer.fill(seen, rows)
                with torch.inference_mode():
                    inputs = buffer.inputs(0, len(rows))
                    values[rows] = critic.value(inputs, torch.from_numpy(features[rows]))

        self.team.run(work)
        return values
