"""Packed weights drive exactly as the policy does."""

from __future__ import annotations

import pytest
import torch

from racecraft.domain.layouts import block_size
from racecraft.domain.spec import ModelSpec, Network
from racecraft.training.networks import Policy
from racecraft.training.packed import PackedPolicy
from racecraft.training.trunk import Inputs


def inputs_for(policy: Policy, count: int) -> Inputs:
    """Made-up pictures and LIDAR values in the layout that the policy reads."""
    generator, dtype = torch.Generator().manual_seed(1), policy.head.weight.dtype
    blocks = scans = None
    if policy.camera is not None:
        stride = block_size(policy.network, policy.camera)
        height, width = policy.camera.height // stride, policy.camera.width // stride
        side = stride * stride * policy.camera.channels
        picture = torch.rand(count, height, width, side, generator=generator)
        blocks = picture.to(dtype).permute(0, 3, 1, 2)
    if policy.lidar_values:
        scans = torch.rand(count, policy.lidar_values, generator=generator).to(dtype)
    return Inputs(blocks, scans)


@pytest.mark.parametrize("network", list(Network))
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=["fp32", "bf16"])
@pytest.mark.parametrize("count", [1, 5, 8])
def test_packed_weights_give_the_same_logits(
    network: Network, dtype: torch.dtype, count: int
) -> None:
    torch.manual_seed(2)
    policy = Policy(network, ModelSpec(network=network).camera, 21).to(dtype)
    inputs = inputs_for(policy, count)
    with torch.inference_mode():
        expected, packed = policy(inputs), PackedPolicy(policy)(inputs)
    assert packed.shape == (count, 21)
    assert packed.float().numpy() == pytest.approx(expected.float().numpy(), rel=0.02, abs=2e-3)


@pytest.mark.parametrize("network", list(Network))
@pytest.mark.parametrize("sensors", [("STEREO_CAMERAS",), ("LEFT_CAMERA", "LIDAR"), ("LIDAR",)])
@pytest.mark.parametrize("is_narrow", [False, True], ids=["fp32", "bf16"])
def test_packed_weights_of_all_sensors_give_the_same_logits(
    network: Network, sensors: tuple[str, ...], is_narrow: bool
) -> None:
    torch.manual_seed(2)
    model = ModelSpec(network=network, sensors=sensors)
    policy = Policy(network, model.camera, 21, lidar_values=64 if "LIDAR" in sensors else 0)
    if is_narrow:
        policy.compute_in_bf16()
    inputs = inputs_for(policy, 5)
    with torch.inference_mode():
        expected, packed = policy(inputs), PackedPolicy(policy)(inputs)
    assert packed.shape == (5, 21)
    assert packed.float().numpy() == pytest.approx(expected.float().numpy(), rel=0.02, abs=2e-3)


@pytest.mark.parametrize("is_narrow", [False, True], ids=["fp32", "bf16"])
def test_packed_means_come_with_their_deviations(is_narrow: bool) -> None:
    torch.manual_seed(2)
    camera = ModelSpec(network=Network.LIGHT).camera
    policy = Policy(Network.LIGHT, camera, 2, is_gaussian=True)
    if is_narrow:
        policy.compute_in_bf16()
    assert policy.log_std is not None
    inputs = inputs_for(policy, 5)
    with torch.inference_mode():
        policy.log_std.copy_(torch.tensor([0.25, -1.5]))
        packed = PackedPolicy(policy)
        expected, found = policy(inputs), packed(inputs)
    assert found.shape == (5, 4)
    assert found.dtype == torch.float32
    assert found[:, 2:].tolist() == [[0.25, -1.5]] * 5
    assert found.numpy() == pytest.approx(expected.numpy(), rel=0.02, abs=2e-3)


def test_weights_that_change_later_do_not_reach_the_packed_policy() -> None:
    policy = Policy(Network.LIGHT, ModelSpec(network=Network.LIGHT).camera, 21).to(torch.bfloat16)
    inputs = inputs_for(policy, 3)
    with torch.inference_mode():
        packed = PackedPolicy(policy)
        before = packed(inputs)
        for parameter in policy.parameters():
            parameter.mul_(0.5)
        after = packed(inputs)
        plain = policy(inputs)
    if torch.backends.mkldnn.is_available():
        assert torch.equal(before, after)
    assert not torch.equal(before, plain)
