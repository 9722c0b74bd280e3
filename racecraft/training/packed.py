"""A policy with its weights laid out once for many small batches.

oneDNN computes with weights in a layout of its own and rearranges them at every call. With a
handful of cars that costs as much as the arithmetic, so laps are driven with weights arranged
beforehand; measured 1.8 times as fast for three cars with the shallow network, to the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from racecraft.training.networks import FlattenChannelsLast, Policy, block_size, with_log_std

_HAS_ONEDNN: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
_LIKELY_BATCH = 8
"""What the layout is chosen for; any batch can be computed with it."""

Layer = Callable[[Tensor], Tensor]


class PackedPolicy:
    """The function of a policy as it is now; changes of its weights do not reach it."""

    def __init__(self, policy: Policy) -> None:
        self._plain = policy if not _can_pack(policy) else None
        self._layers = [] if self._plain is not None else _pack(policy)

    def __call__(self, blocks: Tensor) -> Tensor:
        """(B, C, H, W) picture blocks -> the policy's outputs."""
        if self._plain is not None:
            logits: Tensor = self._plain(blocks)
            return logits
        for layer in self._layers:
            blocks = layer(blocks)
        return blocks


def _can_pack(policy: Policy) -> bool:
    """Packed 16-bit weights need oneDNN; 32-bit ones gain nothing from it."""
    return _HAS_ONEDNN and policy.first_weight.dtype == torch.bfloat16


def _pack(policy: Policy) -> list[Layer]:
    modules = [*policy.trunk, policy.head]
    camera, stride = policy.camera, block_size(policy.network)
    shape = [_LIKELY_BATCH, 0, camera.height // stride, camera.width // stride]
    layers: list[Layer] = []
    for module, after in zip(modules, [*modules[1:], None], strict=True):
        activation = "relu" if isinstance(after, nn.ReLU) else "none"
        if isinstance(module, nn.Conv2d):
            shape[1] = module.in_channels
            layers.append(_convolution(module, list(shape), activation))
            kernel, step = module.kernel_size[0], module.stride[0]
            shape[2:] = [(size - kernel) // step + 1 for size in shape[2:]]
        elif isinstance(module, nn.Linear):
            layers.append(_linear(module, activation))
        elif isinstance(module, FlattenChannelsLast):
            layers.append(module)
    if policy.log_std is not None:
        layers.append(partial(with_log_std, log_std=policy.log_std.detach().clone()))
    return layers


def _convolution(module: nn.Conv2d, shape: list[int], activation: str) -> Layer:
    ops = torch.ops.mkldnn
    stride = list(module.stride)
    assert module.bias is not None
    bias = module.bias.detach().clone()
    weight = ops._reorder_convolution_weight(
        module.weight.detach(), [0, 0], stride, [1, 1], 1, shape
    )

    def apply(x: Tensor) -> Tensor:
        y: Tensor = ops._convolution_pointwise(
            x, weight, bias, [0, 0], stride, [1, 1], 1, activation, [], ""
        )
        return y

    return apply


def _linear(module: nn.Linear, activation: str) -> Layer:
    ops = torch.ops.mkldnn
    bias = module.bias.detach().clone()
    weight = ops._reorder_linear_weight(module.weight.detach(), _LIKELY_BATCH)

    def apply(x: Tensor) -> Tensor:
        y: Tensor = ops._linear_pointwise(x, weight, bias, activation, [], "")
        return y

    return apply
