"""What a policy looks at: the places of the picture that move its choice, and no others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from racecraft.domain.action_space import ContinuousActionSpace, action_grid
from racecraft.domain.hyperparameters import Critic
from racecraft.domain.sensors import Sensor
from racecraft.domain.spec import ModelSpec, Network
from racecraft.domain.spec import TrainingSpec as Training
from racecraft.sandbox.builtin import builtin_reward
from racecraft.sim.observations import Observations, frame_shape
from racecraft.training.inputs import InputBuffer
from racecraft.training.loading import load_actor
from racecraft.training.networks import ActorCritic, Policy
from racecraft.training.ppo import train
from racecraft.training.saliency import SQUARE, explained_steps, saliency_maps
from tests.training.conftest import Learned

Frames = NDArray[np.uint8]


def outputs_of(policy: Policy, frames: Frames) -> NDArray[np.float32]:
    """(B, …) what the policy says of some pictures."""
    buffer = InputBuffer(len(frames), policy, uses_bf16=False)
    buffer.fill(Observations(frames, None), np.arange(len(frames)))
    with torch.inference_mode():
        result: NDArray[np.float32] = policy(buffer.inputs(0, len(frames))).float().numpy()
    return result


def as_chosen(logits: NDArray[np.float32], actions: NDArray[np.int64]) -> NDArray[np.float32]:
    """(B,) logits of the actions above the mean."""
    chosen: NDArray[np.float32] = np.take_along_axis(logits, actions[:, None], 1)[:, 0]
    return chosen - logits.mean(axis=1)


@pytest.fixture(scope="session")
def driven(learned: Learned, model: ModelSpec, tmp_path_factory: pytest.TempPathFactory) -> Frames:
    """(24, H, W) pictures that the cars of a training saw."""
    folder = tmp_path_factory.mktemp("driven")
    training = learned.training.model_copy(
        update={"stop": learned.training.stop.model_copy(update={"env_steps": 800})}
    )
    report = next(
        iter(train(model, training, reward_source=builtin_reward("centre-line"), folder=folder))
    )
    assert report.driven is not None
    view = report.driven.scene([3], [], 24).views[3]
    return np.stack([frame for frame in view.frames if frame is not None])


def test_covering_what_a_policy_looks_at_moves_its_choice_more_than_covering_the_rest(
    learned: Learned, model: ModelSpec, driven: Frames
) -> None:
    policy = load_actor(model, learned.checkpoint).policy.float()
    logits = outputs_of(policy, driven)
    actions = logits.argmax(axis=1)
    maps = saliency_maps(policy, Observations(driven, None), actions)

    def moved(order: NDArray[np.int64]) -> float:
        """How much the choice moves when a tenth of the squares, the first ones, turn grey."""
        covered = driven.copy()
        high, wide = maps.shape[1:]
        for frame, squares in zip(covered, order, strict=True):
            for square in squares[: high * wide // 10].tolist():
                y, x = divmod(square, wide)
                rows = slice(y * SQUARE, (y + 1) * SQUARE)
                frame[rows, x * SQUARE : (x + 1) * SQUARE] = 127
        after = as_chosen(outputs_of(policy, covered), actions)
        return float(np.abs(after - as_chosen(logits, actions)).mean())

    order = maps.reshape(len(maps), -1).argsort(axis=1)
    assert moved(order[:, ::-1]) > 3.0 * moved(order)


def test_a_policy_that_reads_the_right_half_alone_looks_at_nothing_on_the_left(
    model: ModelSpec, driven: Frames
) -> None:
    policy = ActorCritic(model, Critic.TRACK, uses_bf16=False, seed=1).policy
    hidden = next(layer for layer in policy.trunk.middleware if isinstance(layer, torch.nn.Linear))
    with torch.no_grad():
        # (rows, columns, filters) of the last convolution; the third column begins at pixel 32.
        hidden.weight.unflatten(1, (2, 3, 32))[:, :, :2] = 0.0
    maps = saliency_maps(policy, Observations(driven, None), np.ones(len(driven), np.int64))

    assert (maps[..., : 32 // SQUARE - 1] == 0).all()
    assert (maps.max(axis=(1, 2)) == 255).all()


@pytest.mark.parametrize("network", list(Network))
@pytest.mark.parametrize("sensors", [(Sensor.FRONT_FACING_CAMERA,), (Sensor.STEREO_CAMERAS,)])
@pytest.mark.parametrize("is_continuous", [False, True])
def test_every_network_can_be_explained_without_being_changed(
    network: Network, sensors: tuple[Sensor, ...], *, is_continuous: bool
) -> None:
    space = ContinuousActionSpace() if is_continuous else action_grid()
    model = ModelSpec(network=network, sensors=sensors, action_space=space)
    assert model.camera is not None
    policy = ActorCritic(model, Critic.TRACK, uses_bf16=True, seed=2).policy
    before = [each.clone() for each in policy.parameters()]
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (2, *frame_shape(model.camera)), np.uint8)
    luck = torch.get_rng_state()
    actions = np.full(2, -1 if is_continuous else 1)

    maps = saliency_maps(policy, Observations(frames, None), actions)

    eyes = 2 if Sensor.STEREO_CAMERAS in sensors else 1
    size = (model.camera.height // SQUARE, eyes * (model.camera.width // SQUARE))
    assert maps.shape == (2, *size)
    assert maps.max(axis=(1, 2)).tolist() == [255, 255]
    assert torch.equal(luck, torch.get_rng_state())
    assert all(torch.equal(a, b) for a, b in zip(before, policy.parameters(), strict=True))
    assert all(each.grad is None for each in policy.parameters())


def test_steps_are_explained_evenly_and_those_of_a_scene_are_its_own(
    model: ModelSpec, small: Callable[..., Training], tmp_path: Path
) -> None:
    longer = small(500, max_steps_per_iteration=512)
    report = next(
        iter(train(model, longer, reward_source=builtin_reward("centre-line"), folder=tmp_path))
    )
    assert report.driven is not None
    views = report.driven.scene([1, 2], [2], 10_000).views

    assert not views[1].maps
    assert views[2].is_explained
    assert {0, 20} <= set(views[2].maps)
    assert all(step % 5 == 0 for step in views[2].maps)
    seen = report.driven.rollout.observations[:, 2]
    again = explained_steps(report.driven.actor.policy, seen, report.driven.rollout.actions[:, 2])
    np.testing.assert_array_equal(again[20], views[2].maps[20])
