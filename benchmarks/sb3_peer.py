"""Stable-Baselines3's PPO and SAC in our environment, with our networks: the peers of ours.

Run on its own it prints one JSON object: speeds for `benchmarks.speed`, or with `--curve` how
one training went for `benchmarks.curves`. Nothing here makes it slower than it need be: cars
drive on all cores in one call, pictures come in the layout that its networks read, and ended
cars restart within the step, as its algorithms expect.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

# Before anything of racecraft, which would set torch to one thread.
import torch  # isort: skip

import gymnasium
import numpy as np
import stable_baselines3
from numpy.typing import NDArray
from stable_baselines3 import PPO, SAC
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from stable_baselines3.common.vec_env import VecEnv
from torch import Tensor, nn

from racecraft.domain.action_space import ActionSpace, ContinuousActionSpace, SpeedRange
from racecraft.domain.car import CameraSpec
from racecraft.domain.layouts import LAYOUTS, feature_size
from racecraft.domain.spec import ModelSpec, Network
from racecraft.sandbox.builtin import builtin_reward
from racecraft.sandbox.source import RewardSource
from racecraft.sim.simulator import Simulator
from racecraft.sim.time_trial import ends, make_time_trial
from racecraft.training.optimizer import EPSILON
from racecraft.training.sac.networks import WIDTH

NETWORKS = {"shallow": Network.SHALLOW, "light": Network.LIGHT}
TRACK = "harbour-loop"
REWARD = "centre-line"
RANGES = ContinuousActionSpace(speed=SpeedRange(low=0.5, high=2.0))
"""What SAC chooses from; PPO has the lab's list."""
REPLAY_STEPS = 20_000
GAMMA = 0.95


class RacecraftFeatures(BaseFeaturesExtractor):
    """The layers of one of our networks, in the usual form; actor and critic share them."""

    def __init__(self, observation_space: gymnasium.Space[Any], network: Network) -> None:
        layout = LAYOUTS[network]
        super().__init__(observation_space, layout.middleware[-1])
        channels, height, width = observation_space.shape or (0, 0, 0)
        size = feature_size(layout, CameraSpec(width=width, height=height))
        layers: list[nn.Module] = []
        for filters, kernel, stride in layout.convolutions:
            layers += [nn.Conv2d(channels, filters, kernel, stride), nn.ReLU()]
            channels = filters
        layers.append(nn.Flatten())
        for dense in (*layout.embedding, *layout.middleware):
            layers += [nn.Linear(size, dense), nn.ReLU()]
            size = dense
        self.layers = nn.Sequential(*layers)

    def forward(self, observations: Tensor) -> Tensor:
        """(B, 1, H, W) pictures from 0 to 1 -> (B, features)."""
        features: Tensor = self.layers(observations)
        return features


class TimeTrialCars(VecEnv):
    """Our time trial in the form that Stable-Baselines3 expects of many environments."""

    def __init__(
        self,
        cars: int,
        camera: CameraSpec,
        threads: int,
        *,
        actions: ActionSpace | None = None,
        seed: int = 0,
        reward_unit: float = 1.0,
    ) -> None:
        chosen = {} if actions is None else {"actions": actions}
        self.design = make_time_trial(track=TRACK, camera=camera, **chosen)
        self.simulator = Simulator([self.design.track], cars, camera=camera, seed=seed)
        self.reward_unit = reward_unit
        self.reward_sum = 0.0
        """Of all cars since somebody set it to 0."""
        # The peer calls the function in its own process, as its users do.
        self.reward = RewardSource(builtin_reward(REWARD)).load()
        self.shape = (cars, camera.height, camera.width)
        self._commands_of = self.design.command_function()
        self._commands = np.zeros((cars, 2))
        size = min(threads, cars)
        self._spans = [(cars * k // size, cars * (k + 1) // size) for k in range(size)]
        self._pool = ThreadPoolExecutor(size)
        picture = gymnasium.spaces.Box(0, 255, (1, camera.height, camera.width), np.uint8)
        super().__init__(cars, picture, self.design.action_space)

    def reset(self) -> NDArray[np.uint8]:
        """Start all cars."""
        pictures = np.empty(self.shape, np.uint8)

        def begin(lo: int, hi: int) -> None:
            self.simulator.restart(lo, hi, jitter=self.design.start_jitter)
            self.simulator.render(pictures, lo, hi)

        self._each_span(begin)
        return pictures[:, None]

    def step_async(self, actions: NDArray[np.int64]) -> None:
        """Take the actions."""
        self._commands = np.ascontiguousarray(self._commands_of(actions))

    def step_wait(self) -> tuple[Any, Any, Any, list[dict[str, Any]]]:
        """Drive, and restart the cars whose episode ended."""
        simulator, cars = self.simulator, self.simulator.cars
        pictures = np.empty(self.shape, np.uint8)  # fresh: the algorithm still holds the last one

        def drive(lo: int, hi: int) -> None:
            simulator.step(self._commands, lo, hi)
            simulator.render(pictures, lo, hi)

        self._each_span(drive)
        inputs = simulator.inputs
        rewards = np.array([self.reward(inputs.params(car)) for car in range(self.num_envs)])
        self.reward_sum += float(rewards.sum())
        terminated, truncated = ends(cars.status, cars.steps)
        done = terminated | truncated
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for car in np.flatnonzero(done).tolist():
            infos[car] = {
                "terminal_observation": pictures[car][None].copy(),
                "TimeLimit.truncated": bool(truncated[car]),
            }
            simulator.restart(car, car + 1, jitter=self.design.start_jitter)
            simulator.render(pictures, car, car + 1)
        return pictures[:, None], (rewards * self.reward_unit).astype(np.float32), done, infos

    def close(self) -> None:
        """Stop the threads."""
        self._pool.shutdown()

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """No car has attributes of its own."""
        return [None] * self.num_envs

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Nothing to set."""

    def env_method(
        self, method_name: str, *method_args: Any, indices: Any = None, **method_kwargs: Any
    ) -> list[Any]:
        """Nothing to call."""
        return [None] * self.num_envs

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> list[bool]:
        """None is."""
        return [False] * self.num_envs

    def _each_span(self, work: Callable[[int, int], None]) -> None:
        for future in [self._pool.submit(work, *span) for span in self._spans]:
            future.result()


def _policy_settings(network: Network) -> dict[str, Any]:
    return {
        "features_extractor_class": RacecraftFeatures,
        "features_extractor_kwargs": {"network": network},
        "optimizer_kwargs": {"eps": EPSILON},
    }


def make_ppo(network: Network, cars: int, steps: int, env_threads: int, seed: int = 0) -> PPO:
    """PPO with the hyperparameters of `benchmarks.loops.loop`."""
    camera = ModelSpec(network=network).camera
    return PPO(
        "CnnPolicy",
        # Ours brings values near 1 by itself; the peer's users scale their rewards for it.
        TimeTrialCars(cars, camera, env_threads, seed=seed, reward_unit=1.0 - GAMMA),
        n_steps=steps,
        batch_size=128,
        n_epochs=4,
        learning_rate=1e-3,
        gamma=GAMMA,
        gae_lambda=0.9,
        ent_coef=0.01,
        # Ours does not clip gradients.
        max_grad_norm=float("inf"),
        policy_kwargs={**_policy_settings(network), "net_arch": []},
        device="cpu",
        seed=seed,
    )


def make_sac(network: Network, cars: int, steps: int, env_threads: int, seed: int = 0) -> SAC:
    """SAC with the hyperparameters of `benchmarks.soft_loops.hyperparameters`."""
    camera = ModelSpec(network=network).camera
    return SAC(
        "CnnPolicy",
        TimeTrialCars(cars, camera, env_threads, actions=RANGES, seed=seed),
        buffer_size=REPLAY_STEPS,
        learning_starts=1_000,
        train_freq=steps,
        gradient_steps=cars * steps // 4,
        batch_size=128,
        learning_rate=1e-3,
        gamma=GAMMA,
        tau=0.005,
        ent_coef="auto_0.2",
        policy_kwargs={**_policy_settings(network), "net_arch": {"pi": [], "qf": [WIDTH, WIDTH]}},
        device="cpu",
        seed=seed,
    )


def start_as_ours(peer: SAC) -> None:
    """Give SAC's networks first weights drawn as ours are; it leaves them as torch makes them.

    PPO of the peer begins with orthogonal weights by itself.
    """
    policy = peer.policy
    small = [policy.actor.mu, policy.actor.log_std]
    last = [network[-1] for network in policy.critic.q_networks]
    for layer in (*policy.actor.modules(), *policy.critic.modules()):
        if isinstance(layer, nn.Linear | nn.Conv2d):
            gain = 0.01 if layer in small else 1.0 if layer in last else math.sqrt(2.0)
            nn.init.orthogonal_(layer.weight, gain)
            nn.init.zeros_(layer.bias)
    policy.critic_target.load_state_dict(policy.critic.state_dict())


PEERS: dict[str, Callable[..., PPO | SAC]] = {"PPO": make_ppo, "SAC": make_sac}


def curve(peer: PPO | SAC, iteration_steps: int, total_steps: int) -> list[float]:
    """Mean reward of a step in each iteration of a training."""
    cars = peer.get_env()
    assert isinstance(cars, TimeTrialCars)
    means = []
    for k in range(total_steps // iteration_steps):
        cars.reward_sum = 0.0
        peer.learn(iteration_steps, reset_num_timesteps=k == 0)
        means.append(cars.reward_sum / iteration_steps)
    return means


def rates(peer: PPO | SAC, iteration_steps: int, repeats: int, seconds: float) -> list[float]:
    """Environment steps a second of gathering and learning; the first iterations are not timed."""
    # SAC drives at random for a thousand steps first.
    peer.learn(max(iteration_steps, 1_500 if isinstance(peer, SAC) else 0))
    measured = []
    for _ in range(repeats):
        done, begin = 0, time.perf_counter()
        while (passed := time.perf_counter() - begin) < seconds:
            peer.learn(iteration_steps, reset_num_timesteps=False)
            done += iteration_steps
        measured.append(done / passed)
    return measured


def main(words: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure Stable-Baselines3.")
    parser.add_argument("--algorithm", choices=list(PEERS), default="PPO")
    parser.add_argument("--network", choices=list(NETWORKS), required=True)
    parser.add_argument("--threads", type=int, default=1, help="of torch")
    parser.add_argument("--start-as-ours", action="store_true", help="SAC with such weights")
    parser.add_argument("--cars", type=int, default=32)
    parser.add_argument("--steps", type=int, default=16, help="of each car in an iteration")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each repeat")
    parser.add_argument("--curve", type=int, help="train for so many steps instead")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(words)
    torch.set_num_threads(given.threads)
    from benchmarks.measuring import cores

    make = PEERS[given.algorithm]
    peer = make(NETWORKS[given.network], given.cars, given.steps, cores(), given.seed)
    if given.start_as_ours and isinstance(peer, SAC):
        start_as_ours(peer)
    # Of SAC's target nothing is learnt.
    parts = [peer.actor, peer.critic] if isinstance(peer, SAC) else [peer.policy]
    iteration_steps = given.cars * given.steps
    result: dict[str, Any] = {
        "num_weights": sum(each.numel() for part in parts for each in part.parameters()),
        "torch_threads": torch.get_num_threads(),
        "version": stable_baselines3.__version__,
    }
    if given.curve:
        result["curve"] = curve(peer, iteration_steps, given.curve)
    else:
        result["steps_per_s"] = rates(peer, iteration_steps, given.repeats, given.seconds)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
