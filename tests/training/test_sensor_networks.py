"""Networks with two eyes, with a LIDAR beside a camera, and with a LIDAR alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from racecraft.domain.hyperparameters import Critic
from racecraft.domain.layouts import layout_of
from racecraft.domain.sensors import LidarConfig
from racecraft.domain.spec import ModelSpec, Network
from racecraft.sim.features import NUM_FEATURES
from racecraft.sim.observations import Observations, make_observations
from racecraft.training import networks
from racecraft.training.checkpoint import checkpoint_path, load_policy, save_policy
from racecraft.training.inputs import InputBuffer
from racecraft.training.networks import ActorCritic, from_blocks, kernel_mask, to_blocks
from racecraft.training.trunk import Inputs

STEREO, LIDAR = "STEREO_CAMERAS", "LIDAR"
SENSORS = [("LEFT_CAMERA",), (STEREO,), ("FRONT_FACING_CAMERA", LIDAR), (STEREO, LIDAR), (LIDAR,)]
BOTH_DEEP = [Network.DEEP, Network.DEEP_DEEP]


@pytest.fixture(autouse=True)
def quick_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random weights that are not orthogonal: for 57 million of them that takes 15 seconds."""

    def fill(weight: torch.Tensor, gain: float, generator: torch.Generator) -> None:
        nn.init.normal_(weight, 0.0, gain / weight[0].numel() ** 0.5, generator=generator)

    monkeypatch.setattr(networks, "_make_orthogonal", fill)


def an_actor(model: ModelSpec, *, uses_bf16: bool = False) -> ActorCritic:
    return ActorCritic(model, Critic.TRACK, uses_bf16=uses_bf16, seed=1)


def made_up(model: ModelSpec, count: int = 3) -> Observations:
    random = np.random.default_rng(5)
    seen = make_observations((count,), model.camera, model.lidar)
    if seen.frames is not None:
        seen.frames[:] = random.integers(0, 256, seen.frames.shape)
    if seen.scans is not None:
        seen.scans[:] = random.uniform(0.15, 1.0, seen.scans.shape)
    return seen


def as_inputs(actor: ActorCritic, seen: Observations, count: int = 3) -> Inputs:
    buffer = InputBuffer(count, actor.policy, uses_bf16=actor.uses_bf16)
    buffer.fill(seen, np.arange(count))
    return buffer.inputs(0, count)


def dense(layers: tuple[nn.Module, ...] | nn.Sequential) -> list[tuple[int, int]]:
    return [(each.in_features, each.out_features) for each in layers if isinstance(each, nn.Linear)]


@pytest.mark.parametrize("sensors", SENSORS)
@pytest.mark.parametrize("network", list(Network))
@pytest.mark.parametrize("uses_bf16", [False, True], ids=["fp32", "bf16"])
def test_every_network_reads_every_set_of_sensors(
    sensors: tuple[str, ...], network: Network, uses_bf16: bool
) -> None:
    model = ModelSpec(network=network, sensors=sensors)
    actor = an_actor(model, uses_bf16=uses_bf16)
    outputs, values = actor(as_inputs(actor, made_up(model)), torch.zeros(3, NUM_FEATURES))
    assert outputs.shape == (3, 21)
    assert torch.isfinite(outputs).all()
    assert values.shape == (3,)
    assert outputs.float().std(dim=0).min() > 0


@pytest.mark.parametrize(
    ("network", "middleware"),
    [
        (Network.SHALLOW, [512]),
        (Network.DEEP, [512]),
        (Network.DEEP_DEEP, [256, 128]),
        (Network.LIGHT, [128]),
    ],
)
@pytest.mark.parametrize("sensors", [("FRONT_FACING_CAMERA", LIDAR), (STEREO, LIDAR), (LIDAR,)])
def test_lidar_values_pass_two_layers_and_join_before_the_middleware(
    network: Network, middleware: list[int], sensors: tuple[str, ...]
) -> None:
    model = ModelSpec(network=network, sensors=sensors)
    trunk = an_actor(model).policy.trunk
    assert trunk.lidar is not None
    assert dense(trunk.lidar) == [(64, 256), (256, 256)]
    camera_only = ModelSpec(network=network, sensors=sensors[:1])
    seen = 0
    if len(sensors) == 2:
        seen = dense(an_actor(camera_only).policy.trunk.middleware)[0][0]
    sizes = [seen + 256, *middleware]
    assert dense(trunk.middleware) == list(zip(sizes, middleware, strict=False))


@pytest.mark.parametrize("network", BOTH_DEEP)
def test_two_eyes_have_the_documented_convolutions_in_the_deep_networks(network: Network) -> None:
    model = ModelSpec(network=network, sensors=(STEREO,))
    layout = layout_of(network, model.camera)
    assert layout.convolutions == ((32, 3, 1), (64, 3, 2), (64, 3, 1), (128, 3, 2), (128, 3, 1))
    assert layout.embedding == ()
    trunk = an_actor(model).policy.trunk
    assert dense(trunk.camera_layers) == []
    assert dense(trunk.middleware)[0][0] == 25 * 35 * 128


@pytest.mark.parametrize("network", [Network.SHALLOW, Network.LIGHT])
def test_two_eyes_pass_the_usual_convolutions_of_the_other_networks(network: Network) -> None:
    stereo = ModelSpec(network=network, sensors=(STEREO,))
    assert layout_of(network, stereo.camera) == layout_of(network, ModelSpec().camera)


@pytest.mark.parametrize("network", list(Network))
def test_blocks_of_two_eyes_give_what_a_plain_convolution_gives(network: Network) -> None:
    model = ModelSpec(network=network, sensors=(STEREO,))
    actor, seen = an_actor(model), made_up(model)
    policy = actor.policy
    first = policy.trunk.camera_layers[0]
    assert isinstance(first, nn.Conv2d)
    with torch.no_grad():
        assert first.bias is not None
        first.bias.uniform_(-1.0, 1.0)
        found = first(as_inputs(actor, seen).blocks)
        pictures = torch.from_numpy(np.moveaxis(seen.frames / 255.0, 3, 1))
        weight = from_blocks(policy.first_weight, policy)
        assert weight.shape[1] == 2
        stride = layout_of(network, model.camera).convolutions[0][2]
        expected = nn.functional.conv2d(
            pictures, weight.double(), first.bias.double(), stride=stride
        )
    torch.testing.assert_close(found.double(), expected, rtol=1e-4, atol=1e-5)
    assert to_blocks(weight, policy).equal(policy.first_weight)


def test_a_lidar_alone_has_no_kernel_to_mask() -> None:
    assert kernel_mask(an_actor(ModelSpec(sensors=(LIDAR,))).policy) is None


@pytest.mark.parametrize("critic", list(Critic))
@pytest.mark.parametrize("sensors", [(STEREO, LIDAR), (LIDAR,)])
def test_every_critic_values_what_every_sensor_sees(
    critic: Critic, sensors: tuple[str, ...]
) -> None:
    model = ModelSpec(network=Network.LIGHT, sensors=sensors)
    actor = ActorCritic(model, critic, uses_bf16=False, seed=0)
    features = torch.randn(3, NUM_FEATURES, generator=torch.Generator().manual_seed(2))
    inputs = as_inputs(actor, made_up(model))
    _, values = actor(inputs, features)
    torch.testing.assert_close(actor.value(inputs, features), values)
    assert values.std() > 0


def test_both_sensors_move_the_outputs() -> None:
    model = ModelSpec(network=Network.LIGHT, sensors=(STEREO, LIDAR))
    actor, seen = an_actor(model), made_up(model)
    with torch.no_grad():
        before = actor.policy(as_inputs(actor, seen))
        other_scan = Observations(seen.frames, seen.scans * 0.5)
        other_eye = Observations(seen.frames * np.array([1, 0], np.uint8), seen.scans)
        for other in (other_scan, other_eye):
            assert not torch.equal(actor.policy(as_inputs(actor, other)), before)


@pytest.mark.parametrize("sensors", SENSORS)
@pytest.mark.parametrize("network", [Network.DEEP_DEEP, Network.LIGHT])
def test_a_stored_policy_comes_back_as_it_was(
    tmp_path: Path, sensors: tuple[str, ...], network: Network
) -> None:
    model = ModelSpec(network=network, sensors=sensors)
    policy = an_actor(model).policy
    save_policy(tmp_path, 0, policy, {})
    other = ActorCritic(model, Critic.TRACK, uses_bf16=False, seed=9).policy
    load_policy(checkpoint_path(tmp_path, 0), other)
    for name, weight in policy.state_dict().items():
        assert weight.equal(other.state_dict()[name]), name


def test_a_config_of_sectors_sets_the_width_of_the_lidar_branch() -> None:
    config = LidarConfig(num_sectors=4, num_values_per_sector=3)
    model = ModelSpec(sensors=("DISCRETIZED_SECTOR_LIDAR",), lidar_config=config)
    trunk = an_actor(model).policy.trunk
    assert trunk.lidar is not None
    assert dense(trunk.lidar)[0] == (12, 256)


def test_blocks_of_two_eyes_hold_both_eyes_of_a_pixel_side_by_side() -> None:
    model = ModelSpec(network=Network.LIGHT, sensors=(STEREO,))
    actor, seen = an_actor(model), made_up(model)
    blocks = as_inputs(actor, seen).blocks
    assert blocks is not None
    assert seen.frames is not None
    # Channel 2 · (4 · 1 + 3) + 1 of block (5, 2): the right eye's pixel in row 1, column 3.
    expected = seen.frames[1, 5 * 4 + 1, 2 * 4 + 3, 1] / 255
    assert blocks[1, 15, 5, 2].item() == pytest.approx(expected)
