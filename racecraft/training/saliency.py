"""What of a picture a policy looks at: how much each part of it moves what was chosen.

The measure is the gradient of what was chosen with respect to the picture (Simonyan, Vedaldi and
Zisserman 2013): of an action of a list its logit above the mean of all logits, which a shift of
all of them leaves alone; of a continuous action the steering. Absolute values are summed over
small squares and smoothed over their neighbours, because one pixel alone says little.
"""

from __future__ import annotations

import time

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import avg_pool2d

from racecraft.domain.episode import NO_ACTION_NUMBER
from racecraft.domain.layouts import block_size
from racecraft.domain.live.scene import LookedAt
from racecraft.sim.observations import Observations
from racecraft.training.inputs import InputBuffer
from racecraft.training.networks import Policy

EVERY_STEPS = 5
"""A map for every so many steps: three a second."""
MOST_S = 0.2
"""Of computing for the steps of one iteration; after that there are fewer maps."""
SQUARE = 4
"""Side of the squares of a map, in pixels."""
_AT_ONCE = 8
_EYES = 2
_BRIGHTEST = 255


def explained_steps(
    policy: Policy, seen: Observations, actions: NDArray[np.int64]
) -> dict[int, LookedAt]:
    """Maps of some of the steps of one car, evenly spread.

    How many depends on the clock; nothing that is learnt or driven does.

    Args:
        policy: with a camera.
        seen: what its sensors gave, (T, …).
        actions: (T,) what was chosen; -1 in a continuous space.
    """
    steps = range(0, len(actions), EVERY_STEPS)
    # Every fourth one first, then those in between, so that what time allows is spread evenly.
    order = sorted(steps, key=lambda step: (step % (4 * EVERY_STEPS) != 0, step))
    maps: dict[int, LookedAt] = {}
    deadline = time.monotonic() + MOST_S
    for begin in range(0, len(order), _AT_ONCE):
        chosen = order[begin : begin + _AT_ONCE]
        maps |= zip(chosen, saliency_maps(policy, seen[chosen], actions[chosen]), strict=True)
        if time.monotonic() > deadline:
            break
    return maps


def saliency_maps(
    policy: Policy, seen: Observations, actions: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """What the policy looks at in each picture.

    Neither weights, gradients of weights nor random numbers are touched.

    Args:
        policy: with a camera.
        seen: what its sensors gave, (B, …).
        actions: (B,) what was chosen; -1 in a continuous space.

    Returns:
        (B, h, w) 0 to 255 for squares of pixels; 255 is what counts most in each picture. Those
        of two eyes stand side by side.
    """
    assert policy.camera is not None
    uses_bf16 = policy.head.weight.dtype is torch.bfloat16
    buffer = InputBuffer(len(actions), policy, uses_bf16=uses_bf16)
    buffer.fill(seen, np.arange(len(actions)))
    inputs = buffer.inputs(0, len(actions))
    assert inputs.blocks is not None
    blocks = inputs.blocks.detach().requires_grad_()
    with torch.enable_grad():
        outputs = policy(inputs._replace(blocks=blocks)).float()
        (slopes,) = torch.autograd.grad(_chosen(outputs, actions).sum(), blocks)
    eyes = _EYES if policy.camera.channels == _EYES else 1
    side = block_size(policy.network, policy.camera)
    return _as_bytes(_squares(slopes.float().abs(), eyes, max(SQUARE // side, 1)))


def _chosen(outputs: Tensor, actions: NDArray[np.int64]) -> Tensor:
    """(B,) what made each action the one that was chosen."""
    if actions[0] == NO_ACTION_NUMBER:
        return outputs[:, 0]
    logits = outputs - outputs.mean(dim=1, keepdim=True)
    return logits.gather(1, torch.from_numpy(actions)[:, None]).squeeze(1)


def _squares(slopes: Tensor, eyes: int, side: int) -> NDArray[np.float32]:
    """(B, C, H, W) of blocks, the eye being the last part of C -> (B, h, w) smooth sums."""
    count, _, high, wide = slopes.shape
    per_eye = slopes.reshape(count, -1, eyes, high, wide).sum(dim=1)  # (B, eyes, H, W)
    coarse = avg_pool2d(per_eye, side)
    smooth = avg_pool2d(coarse, 3, stride=1, padding=1, count_include_pad=False)
    maps: NDArray[np.float32] = torch.cat(list(smooth.unbind(1)), dim=2).numpy()
    return maps


def _as_bytes(maps: NDArray[np.float32]) -> NDArray[np.uint8]:
    most = maps.max(axis=(1, 2), keepdims=True)
    shares = np.divide(maps, most, out=np.zeros_like(maps), where=most > 0.0)
    rounded: NDArray[np.uint8] = np.rint(shares * _BRIGHTEST).astype(np.uint8)
    return rounded
