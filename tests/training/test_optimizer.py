"""Adam: the same as torch's, whatever the number of shares, and it goes on where it was left."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from racecraft.training.optimizer import EPSILON, Adam

SHAPES = [(33, 7), (5,), (3, 4, 2, 2), (1,)]
RATE = 3e-3


def parameters(dtype: torch.dtype = torch.float32) -> list[nn.Parameter]:
    random = torch.Generator().manual_seed(1)
    return [nn.Parameter(torch.randn(shape, generator=random).to(dtype)) for shape in SHAPES]


def gradients(seed: int, dtype: torch.dtype = torch.float32) -> list[Tensor]:
    random = torch.Generator().manual_seed(seed)
    # Of very different sizes, so that epsilon matters for some.
    sizes = [10.0 ** (k - 4) for k in range(len(SHAPES))]
    return [
        (size * torch.randn(shape, generator=random)).to(dtype)
        for size, shape in zip(sizes, SHAPES, strict=True)
    ]


def an_optimizer(own: list[nn.Parameter]) -> Adam:
    return Adam(own, [parameter.detach().float() for parameter in own])


def step(optimizer: Adam, parts: list[list[Tensor]], shares: int = 1) -> None:
    optimizer.begin_step()
    for share in range(shares):
        optimizer.step_share(parts, RATE, share, shares)


@pytest.mark.parametrize("parts", [1, 2, 3, 5])
def test_steps_are_those_of_torch_s_adam(parts: int) -> None:
    own, reference = parameters(), parameters()
    optimizer = an_optimizer(own)
    torch_adam = torch.optim.Adam(reference, lr=RATE, betas=(0.9, 0.999), eps=EPSILON)

    for turn in range(30):
        pieces = [gradients(100 * turn + part) for part in range(parts)]
        for index, parameter in enumerate(reference):
            parameter.grad = torch.stack([piece[index] for piece in pieces]).sum(0)
        torch_adam.step()
        step(optimizer, pieces)

    for mine, theirs in zip(own, reference, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=2e-5, atol=1e-6)
    assert EPSILON == 1e-5


def test_gradients_with_channels_last_in_memory_reach_the_right_weights() -> None:
    own, reference = parameters(), parameters()
    pieces = gradients(3)
    turned = [
        piece.contiguous(memory_format=torch.channels_last) if piece.ndim == 4 else piece
        for piece in pieces
    ]
    assert not turned[2].is_contiguous()

    step(an_optimizer(own), [turned])
    step(an_optimizer(reference), [pieces])

    for mine, theirs in zip(own, reference, strict=True):
        assert mine.equal(theirs)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=["fp32", "bf16"])
@pytest.mark.parametrize("shares", [2, 3, 7])
def test_the_number_of_shares_changes_no_bit(shares: int, dtype: torch.dtype) -> None:
    alone, together = parameters(dtype), parameters(dtype)
    first, second = an_optimizer(alone), an_optimizer(together)

    for turn in range(10):
        parts = [gradients(2 * turn, dtype), gradients(2 * turn + 1, dtype)]
        step(first, parts)
        step(second, parts, shares)

    for one, other in zip(first.masters(), second.masters(), strict=True):
        assert one.tobytes() == other.tobytes()
    for mine, theirs in zip(alone, together, strict=True):
        assert mine.equal(theirs)


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_sixteen_bit_weights_follow_thirty_two_bit_masters(parts: int) -> None:
    own, reference = parameters(torch.bfloat16), parameters(torch.bfloat16)
    optimizer = an_optimizer(own)
    masters = [nn.Parameter(parameter.detach().float()) for parameter in reference]
    torch_adam = torch.optim.Adam(masters, lr=RATE, eps=EPSILON)

    for turn in range(30):
        pieces = [gradients(100 * turn + part, torch.bfloat16) for part in range(parts)]
        for index, parameter in enumerate(masters):
            parameter.grad = torch.stack([piece[index].float() for piece in pieces]).sum(0)
        torch_adam.step()
        step(optimizer, pieces)

    for found, expected, weight in zip(optimizer.masters(), masters, own, strict=True):
        wanted = expected.detach().reshape(-1)
        # More than two threads sum in 16 bits; two sum in 32.
        torch.testing.assert_close(
            torch.from_numpy(found), wanted, rtol=1e-4, atol=1e-5 if parts < 3 else 3e-3
        )
        rounded = torch.from_numpy(found).to(torch.bfloat16).view(weight.shape)
        assert weight.equal(rounded)


def test_steps_too_small_for_sixteen_bits_add_up_in_the_masters() -> None:
    own = [nn.Parameter(torch.ones(3, dtype=torch.bfloat16))]
    optimizer = an_optimizer(own)
    for _ in range(100):
        optimizer.begin_step()
        optimizer.step_share([[torch.ones(3, dtype=torch.bfloat16)]], 1e-4, 0, 1)
    assert optimizer.masters()[0] == pytest.approx(np.full(3, 0.99), abs=1e-4)
    assert own[0].tolist() == pytest.approx([0.99] * 3, abs=0.003)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=["fp32", "bf16"])
def test_it_goes_on_from_a_kept_state_as_if_nothing_had_happened(dtype: torch.dtype) -> None:
    through, after = parameters(dtype), parameters(dtype)
    first, second = an_optimizer(through), an_optimizer(after)
    for turn in range(5):
        step(first, [gradients(turn, dtype)])
    kept = {name: array.copy() for name, array in first.state_arrays().items()}
    for turn in range(5, 10):
        step(first, [gradients(turn, dtype)])

    second.load_state_arrays(kept)
    for turn in range(5, 10):
        step(second, [gradients(turn, dtype)])

    for mine, theirs in zip(through, after, strict=True):
        assert mine.equal(theirs)
    assert second.count == 10


def test_scaling_and_replacing_weights_reach_master_and_copy() -> None:
    own = parameters()
    optimizer = an_optimizer(own)
    before = own[1].detach().clone()

    optimizer.scale_master(1, 3.0, -0.5)
    torch.testing.assert_close(own[1].detach(), 3.0 * before - 0.5)
    assert optimizer.masters()[1].tolist() == own[1].tolist()

    optimizer.set_master(1, torch.arange(5.0))
    assert own[1].tolist() == optimizer.masters()[1].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
