"""Packed weights drive exactly as the policy does."""

from __future__ import annotations

import pytest
import torch

from racecraft.domain.spec import ModelSpec, Network
from racecraft.training.networks import Policy
from racecraft.training.packed import PackedPolicy


def blocks_for(policy: Policy, count: int) -> torch.Tensor:
    """Made-up pictures in the layout that the policy reads."""
    side = policy.trunk[0].in_channels
    stride = round(side**0.5)
    height, width = policy.camera.height // stride, policy.camera.width // stride
    picture = torch.rand(count, height, width, side, generator=torch.Generator().manual_seed(1))
    return picture.to(policy.first_weight.dtype).permute(0, 3, 1, 2)


@pytest.mark.parametrize("network", list(Network))
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=["fp32", "bf16"])
@pytest.mark.parametrize("count", [1, 5, 8])
def test_packed_weights_give_the_same_logits(
    network: Network, dtype: torch.dtype, count: int
) -> None:
    torch.manual_seed(2)
    policy = Policy(network, ModelSpec(network=network).camera, 21).to(dtype)
    blocks = blocks_for(policy, count)
    with torch.inference_mode():
        expected, packed = policy(blocks), PackedPolicy(policy)(blocks)
    assert packed.shape == (count, 21)
    assert packed.float().numpy() == pytest.approx(expected.float().numpy(), rel=0.02, abs=2e-3)


@pytest.mark.parametrize("is_narrow", [False, True], ids=["fp32", "bf16"])
def test_packed_means_come_with_their_deviations(is_narrow: bool) -> None:
    torch.manual_seed(2)
    camera = ModelSpec(network=Network.LIGHT).camera
    policy = Policy(Network.LIGHT, camera, 2, is_gaussian=True)
    if is_narrow:
        policy.compute_in_bf16()
    assert policy.log_std is not None
    blocks = blocks_for(policy, 5)
    with torch.inference_mode():
        policy.log_std.copy_(torch.tensor([0.25, -1.5]))
        packed = PackedPolicy(policy)
        expected, found = policy(blocks), packed(blocks)
    assert found.shape == (5, 4)
    assert found.dtype == torch.float32
    assert found[:, 2:].tolist() == [[0.25, -1.5]] * 5
    assert found.numpy() == pytest.approx(expected.numpy(), rel=0.02, abs=2e-3)


def test_weights_that_change_later_do_not_reach_the_packed_policy() -> None:
    policy = Policy(Network.LIGHT, ModelSpec(network=Network.LIGHT).camera, 21).to(torch.bfloat16)
    blocks = blocks_for(policy, 3)
    with torch.inference_mode():
        packed = PackedPolicy(policy)
        before = packed(blocks)
        for parameter in policy.parameters():
            parameter.mul_(0.5)
        after = packed(blocks)
        plain = policy(blocks)
    if torch.backends.mkldnn.is_available():
        assert torch.equal(before, after)
    assert not torch.equal(before, plain)
