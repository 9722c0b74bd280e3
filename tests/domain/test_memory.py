"""What SAC remembers fits into the machine, or is refused."""

from __future__ import annotations

import numpy as np
import pytest

from racecraft.domain.action_space import ContinuousActionSpace
from racecraft.domain.errors import InvalidSpec
from racecraft.domain.hyperparameters import PPOHyperparameters, SACHyperparameters
from racecraft.domain.memory import SHARE, refuse_beyond_memory, replay_bytes_per_step
from racecraft.domain.spec import ModelSpec, Network, StopCondition, TrainingSpec
from racecraft.sim.simulator import Simulator
from racecraft.training.heads import SquashedGaussian
from racecraft.training.rollout import make_rollout
from racecraft.training.sac.replay import Replay
from tests.sim.circuits import stadium

CONTINUOUS = ContinuousActionSpace()
MODELS = [
    {"network": Network.LIGHT},
    {"network": Network.SHALLOW},
    {"network": Network.LIGHT, "sensors": ("STEREO_CAMERAS", "LIDAR")},
]


def a_training(replay_steps: int) -> TrainingSpec:
    hyper = SACHyperparameters(replay_steps=replay_steps)
    return TrainingSpec(hyperparameters=hyper, stop=StopCondition(env_steps=1))


@pytest.mark.parametrize("fields", MODELS)
def test_a_step_takes_about_as_much_as_is_reckoned(fields: dict[str, object]) -> None:
    model = ModelSpec.model_validate({**fields, "action_space": CONTINUOUS})
    simulator = Simulator([stadium()], 4, camera=model.camera, lidar=model.lidar)
    rollout = make_rollout(8, simulator, SquashedGaussian(CONTINUOUS))
    replay = Replay(1_000, rollout)
    taken = sum(np.asarray(memory).nbytes for memory in replay.arrays().values())
    steps = replay.slots * replay.cars
    assert replay_bytes_per_step(model) == pytest.approx(taken / steps, rel=0.05)


def test_more_steps_than_the_memory_holds_are_refused_with_the_number_that_fits() -> None:
    model = ModelSpec(network=Network.SHALLOW)
    refuse_beyond_memory(model, a_training(20_000), 4_000.0)
    with pytest.raises(InvalidSpec, match=r"replay_steps are 1000000, which take 19,456 MB") as met:
        refuse_beyond_memory(model, a_training(1_000_000), 4_000.0)
    fits = int(str(met.value).split("Set replay_steps to ")[1].split()[0])
    refuse_beyond_memory(model, a_training(fits), 4_000.0)
    assert (fits + 1_000) * replay_bytes_per_step(model) > SHARE * 4_000e6


def test_a_machine_too_small_for_the_least_memory_is_told_what_else_to_do() -> None:
    with pytest.raises(InvalidSpec, match="light network, or PPO"):
        refuse_beyond_memory(ModelSpec(), a_training(1_000), 20.0)


def test_ppo_remembers_nothing() -> None:
    training = TrainingSpec(hyperparameters=PPOHyperparameters())
    refuse_beyond_memory(ModelSpec(), training, 1.0)
