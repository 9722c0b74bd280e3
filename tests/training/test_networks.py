"""The networks: sizes as documented, equal to plain convolutions, gradients where they belong."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from racecraft.domain.action_space import ContinuousActionSpace, action_grid
from racecraft.domain.car import CameraSpec
from racecraft.domain.hyperparameters import Critic
from racecraft.domain.layouts import LAYOUTS, block_size, feature_size
from racecraft.domain.spec import ModelSpec, Network
from racecraft.sim.features import NUM_FEATURES
from racecraft.training.blocks import as_input, block_buffer, block_lookup, fill_blocks
from racecraft.training.networks import (
    ActorCritic,
    Policy,
    from_blocks,
    initialise,
    kernel_mask,
    to_blocks,
)
from racecraft.training.trunk import Inputs, Trunk

ACTIONS = 5
FULL, SMALL = CameraSpec(), CameraSpec(width=80, height=60)
# (height, width) after each convolution, weights and biases of the trunk; VALID padding.
DOCUMENTED = {
    Network.SHALLOW: (FULL, [(29, 39), (13, 18), (11, 16)], 11_264, 512, 5_839_520),
    Network.DEEP: (FULL, [(58, 78), (56, 76), (27, 37), (25, 35)], 56_000, 512, 3_682_848),
    Network.DEEP_DEEP: (FULL, [(29, 39), (13, 18), (5, 8), (3, 6)], 1_152, 128, 1_105_472),
    Network.LIGHT: (SMALL, [(14, 19), (6, 8), (2, 3)], 192, 128, 43_216),
}
NETWORKS = list(Network)


def a_policy(network: Network) -> Policy:
    """With weights and biases that all matter."""
    torch.manual_seed(3)
    policy = Policy(network, DOCUMENTED[network][0], ACTIONS)
    with torch.no_grad():
        for parameter in policy.parameters():
            parameter.mul_(1.7)
        policy.first_weight.copy_(to_blocks(from_blocks(policy.first_weight, policy), policy))
    return policy


def pictures(camera: CameraSpec, count: int = 3) -> np.ndarray:
    random = np.random.default_rng(5)
    return random.integers(0, 256, (count, camera.height, camera.width)).astype(np.uint8)


def as_blocks(frames: np.ndarray, network: Network, uses_bf16: bool = False) -> Inputs:
    camera = DOCUMENTED[network][0]
    buffer = block_buffer(len(frames), camera, block_size(network, camera), uses_bf16)
    fill_blocks(frames, np.arange(len(frames)), block_lookup(uses_bf16), buffer)
    return Inputs(as_input(buffer), None)


def layers_of(trunk: Trunk) -> list[nn.Module]:
    return [*trunk.camera_layers, *trunk.middleware]


def plain_logits(policy: Policy, frames: np.ndarray) -> Tensor:
    """What the documented network says, in 64 bits, on whole pictures divided by 255."""
    values = torch.from_numpy(frames.astype(np.float64) / 255.0)[:, None]
    convolutions = [layer for layer in layers_of(policy.trunk) if isinstance(layer, nn.Conv2d)]
    for index, (layer, shape) in enumerate(
        zip(convolutions, LAYOUTS[policy.network].convolutions, strict=True)
    ):
        weight = layer.weight if index else from_blocks(layer.weight, policy)
        assert weight.shape[0] == shape[0]
        assert weight.shape[2:] == (shape[1], shape[1])
        assert layer.bias is not None
        values = nn.functional.conv2d(
            values, weight.double(), layer.bias.double(), stride=shape[2]
        ).relu()
    values = values.permute(0, 2, 3, 1).reshape(len(frames), -1)
    for layer in layers_of(policy.trunk):
        if isinstance(layer, nn.Linear):
            values = nn.functional.linear(values, layer.weight.double(), layer.bias.double()).relu()
    return nn.functional.linear(values, policy.head.weight.double(), policy.head.bias.double())


@pytest.mark.parametrize("network", NETWORKS)
def test_layers_have_the_documented_shapes(network: Network) -> None:
    camera, shapes, features, outputs, _ = DOCUMENTED[network]
    policy = a_policy(network)
    found: list[tuple[int, ...]] = []
    for layer in layers_of(policy.trunk):
        if isinstance(layer, nn.Conv2d):
            layer.register_forward_hook(
                lambda _layer, _input, output: found.append(tuple(output.shape[2:]))
            )
    dense = [layer for layer in layers_of(policy.trunk) if isinstance(layer, nn.Linear)]

    logits = policy(as_blocks(pictures(camera), network))

    assert found == shapes
    assert feature_size(LAYOUTS[network], camera) == features == dense[0].in_features
    assert policy.trunk.out_features == outputs == policy.head.in_features
    assert logits.shape == (3, ACTIONS)


@pytest.mark.parametrize("network", NETWORKS)
def test_networks_have_the_documented_number_of_weights(network: Network) -> None:
    policy = a_policy(network)
    count = sum(parameter.numel() for parameter in policy.trunk.parameters())
    unused = policy.first_weight.numel() - from_blocks(policy.first_weight, policy).numel()
    assert count - unused == DOCUMENTED[network][4]


def test_the_dense_layers_are_the_documented_ones() -> None:
    sizes = {network: (layout.embedding, layout.middleware) for network, layout in LAYOUTS.items()}
    assert sizes[Network.SHALLOW] == ((), (512,))
    assert sizes[Network.DEEP] == ((64,), (512,))
    assert sizes[Network.DEEP_DEEP] == ((512, 512), (256, 128))


@pytest.mark.parametrize("network", NETWORKS)
def test_blocks_of_pixels_give_what_plain_convolutions_give(network: Network) -> None:
    policy = a_policy(network)
    frames = pictures(policy.camera)

    with torch.no_grad():
        found = policy(as_blocks(frames, network))
        expected = plain_logits(policy, frames)

    assert expected.std() > 1e-3
    torch.testing.assert_close(found.double(), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("network", [Network.SHALLOW, Network.LIGHT])
def test_sixteen_bits_are_near_thirty_two(network: Network) -> None:
    policy = a_policy(network)
    frames = pictures(policy.camera)
    with torch.no_grad():
        expected = plain_logits(policy, frames)
        narrow = policy.to(torch.bfloat16)(as_blocks(frames, network, uses_bf16=True))
    assert narrow.dtype == torch.bfloat16
    assert (narrow.double() - expected).abs().max() < 0.05 * expected.abs().max()


@pytest.mark.parametrize("network", NETWORKS)
def test_kernels_over_blocks_and_over_pixels_are_the_same_weights(network: Network) -> None:
    policy = a_policy(network)
    _, kernel, _ = LAYOUTS[network].convolutions[0]
    plain = torch.randn(LAYOUTS[network].convolutions[0][0], 1, kernel, kernel)

    over_blocks = to_blocks(plain, policy)

    assert over_blocks.shape == policy.first_weight.shape
    assert torch.equal(from_blocks(over_blocks, policy), plain)
    assert over_blocks.square().sum().item() == pytest.approx(plain.square().sum().item())


def test_only_the_five_by_five_kernel_leaves_pixels_of_its_blocks_unused() -> None:
    masks = {network: kernel_mask(a_policy(network)) for network in NETWORKS}
    mask = masks.pop(Network.DEEP)
    assert list(masks.values()) == [None, None, None]
    assert mask is not None
    assert set(mask.unique().tolist()) == {0.0, 1.0}
    assert mask.sum() == 32 * 5 * 5


def test_a_fresh_five_by_five_kernel_weighs_nothing_beyond_its_pixels() -> None:
    actor = ActorCritic(spec(Network.DEEP), Critic.TRACK, uses_bf16=False, seed=0)
    mask = kernel_mask(actor.policy)
    assert mask is not None
    assert not (actor.policy.first_weight * (1 - mask)).any()
    assert actor.masters[0].equal(actor.policy.first_weight)


def spec(network: Network = Network.LIGHT) -> ModelSpec:
    return ModelSpec(
        network=network, action_space=action_grid(steering_granularity=5, speed_granularity=1)
    )


def inputs(network: Network, uses_bf16: bool = False) -> tuple[Inputs, Tensor]:
    camera = DOCUMENTED[network][0]
    features = torch.randn(4, NUM_FEATURES, generator=torch.Generator().manual_seed(2))
    return as_blocks(pictures(camera, 4), network, uses_bf16), features


@pytest.mark.parametrize("critic", list(Critic))
@pytest.mark.parametrize("uses_bf16", [False, True], ids=["fp32", "bf16"])
def test_every_critic_gives_a_finite_value_for_each_row(critic: Critic, uses_bf16: bool) -> None:
    actor = ActorCritic(spec(), critic, uses_bf16=uses_bf16, seed=0)
    blocks, features = inputs(Network.LIGHT, uses_bf16)

    logits, values = actor(blocks, features)

    assert logits.shape == (4, 5)
    assert values.shape == (4,)
    assert torch.isfinite(values).all()
    assert values.float().std() > 0
    alone = actor.value(None if critic is Critic.TRACK else blocks, features)
    assert alone.dtype == torch.float32
    torch.testing.assert_close(alone, values.float(), rtol=1e-5, atol=1e-6)


def moved(actor: ActorCritic, of: Tensor) -> set[str]:
    """Names of the parameters that a sum depends on."""
    names, parameters = zip(*actor.named_parameters(), strict=True)
    gradients = torch.autograd.grad(of.sum(), parameters, retain_graph=True, allow_unused=True)
    return {
        name
        for name, gradient in zip(names, gradients, strict=True)
        if gradient is not None and gradient.abs().max() > 0
    }


@pytest.mark.parametrize("critic", [Critic.TRACK, Critic.SEPARATE])
def test_a_value_function_of_its_own_shares_nothing_with_the_policy(critic: Critic) -> None:
    actor = ActorCritic(spec(), critic, uses_bf16=False, seed=0)
    logits, values = actor(*inputs(Network.LIGHT))

    assert {name.split(".")[0] for name in moved(actor, logits.square())} == {"policy"}
    assert {name.split(".")[0] for name in moved(actor, values.square())} == {"critic"}
    assert len(moved(actor, logits.square()) | moved(actor, values.square())) == len(
        list(actor.parameters())
    )


def test_a_shared_value_function_moves_the_trunk_but_not_the_head_of_the_policy() -> None:
    actor = ActorCritic(spec(), Critic.SHARED, uses_bf16=False, seed=0)
    _, values = actor(*inputs(Network.LIGHT))

    names = moved(actor, values.square())

    assert {"policy.trunk.0.weight", "critic.weight", "critic.bias"} <= names
    assert not {"policy.head.weight", "policy.head.bias"} & names


@pytest.mark.parametrize("critic", list(Critic))
def test_the_value_head_is_the_last_linear_layer_of_the_critic(critic: Critic) -> None:
    actor = ActorCritic(spec(), critic, uses_bf16=False, seed=0)
    blocks, features = inputs(Network.LIGHT)
    with torch.no_grad():
        before = actor.value(blocks, features)
        actor.value_head.bias += 2.5
        torch.testing.assert_close(actor.value(blocks, features), before + 2.5)


def test_the_same_seed_gives_the_same_weights_and_another_seed_others() -> None:
    first, same, other = (
        ActorCritic(spec(), Critic.TRACK, uses_bf16=False, seed=seed) for seed in (4, 4, 5)
    )
    for a, b in zip(first.masters, same.masters, strict=True):
        assert a.equal(b)
    assert not first.masters[0].equal(other.masters[0])


@pytest.mark.parametrize("critic", list(Critic))
def test_the_critic_does_not_change_the_policy_s_first_weights(critic: Critic) -> None:
    tracked = ActorCritic(spec(), Critic.TRACK, uses_bf16=False, seed=4)
    other = ActorCritic(spec(), critic, uses_bf16=False, seed=4)
    assert other.policy.head.weight.equal(tracked.policy.head.weight)


@pytest.mark.parametrize("network", [Network.SHALLOW, Network.LIGHT])
def test_a_fresh_policy_prefers_no_action(network: Network) -> None:
    actor = ActorCritic(spec(network), Critic.TRACK, uses_bf16=False, seed=1)
    with torch.no_grad():
        log_probs = torch.log_softmax(actor.policy(inputs(network)[0]), dim=1)
    assert (log_probs + math.log(5)).abs().max() < 0.1


def test_masters_keep_what_sixteen_bits_round_away() -> None:
    actor = ActorCritic(spec(), Critic.TRACK, uses_bf16=True, seed=1)
    exact = ActorCritic(spec(), Critic.TRACK, uses_bf16=False, seed=1)
    for master, weight, full in zip(
        actor.masters, actor.parameters(), exact.parameters(), strict=True
    ):
        assert master.equal(full)
        assert weight.equal(master.to(weight.dtype))
    assert actor.policy.head.weight.dtype == torch.bfloat16
    assert actor.value_head.weight.dtype == torch.float32


def test_a_trunk_is_a_plain_sequence_of_layers() -> None:
    kinds = [type(layer).__name__ for layer in layers_of(Trunk(Network.LIGHT, SMALL))]
    assert kinds == ["Conv2d", "ReLU"] * 3 + ["FlattenChannelsLast", "Linear", "ReLU"]


@pytest.mark.parametrize("critic", list(Critic))
@pytest.mark.parametrize("uses_bf16", [False, True], ids=["fp32", "bf16"])
def test_continuous_policies_give_means_and_deviations_of_32_bits(
    critic: Critic, uses_bf16: bool
) -> None:
    model = ModelSpec(network=Network.LIGHT, action_space=ContinuousActionSpace())
    actor = ActorCritic(model, critic, uses_bf16=uses_bf16, seed=1)
    dtype = torch.bfloat16 if uses_bf16 else torch.float32
    blocks = Inputs(torch.rand(3, 16, 15, 20).to(dtype), None)
    features = torch.rand(3, NUM_FEATURES)

    outputs, values = actor(blocks, features)

    assert outputs.shape == (3, 4)
    assert outputs.dtype == torch.float32
    assert not outputs[:, 2:].any()  # a deviation of 1 to begin with
    assert outputs[:, :2].abs().max() < 0.05
    gradients = torch.autograd.grad(
        (outputs, values), list(actor.parameters()), (torch.ones_like(outputs), values.detach())
    )
    named = dict(zip([name for name, _ in actor.named_parameters()], gradients, strict=True))
    assert named["policy.log_std"].tolist() == [3.0, 3.0]
    assert named["policy.log_std"].dtype == torch.float32
    assert named["policy.head.weight"].dtype == dtype


def test_each_column_of_a_fresh_head_of_means_has_the_documented_length() -> None:
    model = ModelSpec(network=Network.LIGHT, action_space=ContinuousActionSpace())
    actor = ActorCritic(model, Critic.TRACK, uses_bf16=False, seed=1)
    assert actor.policy.head.weight.norm(dim=1).tolist() == pytest.approx([0.01, 0.01])
    assert not actor.policy.head.bias.any()


def test_large_layers_begin_orthogonal_as_torch_makes_them() -> None:
    made, known = nn.Linear(40_000, 512), nn.Linear(40_000, 512)
    generators = [torch.Generator().manual_seed(3) for _ in range(2)]
    initialise(made, generators[0], made, 0.5)
    nn.init.orthogonal_(known.weight, 0.5, generator=generators[1])
    torch.testing.assert_close(made.weight, known.weight, rtol=1e-3, atol=1e-6)
    torch.testing.assert_close(made.weight @ made.weight.T, torch.eye(512) / 4)
