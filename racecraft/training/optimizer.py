"""Adam over master weights of 32 bits, shared by the threads that computed the gradients.

With 16-bit arithmetic a step reads and writes six arrays a weight; doing that in one pass,
each thread on its share of the weights, is what makes small minibatches affordable. The sum of
the threads' gradients is always taken in the same order, so results do not depend on timing.
Weights follow Kingma and Ba 2015, algorithm 1, with the constants of the original (ε 1e-5).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray
from torch import Tensor, nn

from racecraft.sim.kernel import njit

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-5
# Without Python's check for division by zero the loops become vector code: measured 5 times as
# fast. No other liberties with floats, so that NaN stays NaN and no bit depends on the shares.
_KERNEL: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    "fastmath": {"contract"},
    "error_model": "numpy",
}


@intrinsic
def _bits_to_float(typing_context: Any, bits: Any) -> Any:
    """uint32 -> the float32 with these bits."""
    del typing_context, bits

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return builder.bitcast(arguments[0], ir.FloatType())

    return types.float32(types.uint32), generate


@intrinsic
def _float_to_bits(typing_context: Any, value: Any) -> Any:
    """float32 -> its bits as uint32."""
    del typing_context, value

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del context, signature
        return builder.bitcast(arguments[0], ir.IntType(32))

    return types.uint32(types.float32), generate


@njit(**_KERNEL)
def _adam_bf16(first: Any, second: Any, state: Any, weights: Any, rate: Any) -> None:
    """`_adam_fp32` for gradients and weights of 16 bits (bit patterns, rounded to nearest even)."""
    mean, square, master = state
    step, epsilon, scale = rate
    b1, b2 = np.float32(BETA_1), np.float32(BETA_2)
    c1, c2 = np.float32(1.0 - BETA_1), np.float32(1.0 - BETA_2)
    for k in range(len(master)):
        g = _bits_to_float(np.uint32(first[k]) << np.uint32(16))
        g = (g + _bits_to_float(np.uint32(second[k]) << np.uint32(16))) * scale
        m = b1 * mean[k] + c1 * g
        v = b2 * square[k] + c2 * g * g
        w = master[k] - step * m / (np.float32(math.sqrt(v)) + epsilon)
        mean[k], square[k], master[k] = m, v, w
        bits = _float_to_bits(w)
        bits += np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
        weights[k] = np.uint16(bits >> np.uint32(16))


@njit(**_KERNEL)
def _adam_fp32(first: Any, second: Any, state: Any, weights: Any, rate: Any) -> None:
    """One Adam step of flat arrays, in place.

    Args:
        first: (K,) gradient of the first half of the minibatch.
        second: (K,) gradient of the second half.
        state: (mean, square, master), each (K,) float32.
        weights: (K,) what the network computes with.
        rate: (step size, ε, factor of the gradients), bias corrections folded in.
    """
    mean, square, master = state
    step, epsilon, scale = rate
    b1, b2 = np.float32(BETA_1), np.float32(BETA_2)
    c1, c2 = np.float32(1.0 - BETA_1), np.float32(1.0 - BETA_2)
    for k in range(len(master)):
        g = (first[k] + second[k]) * scale
        m = b1 * mean[k] + c1 * g
        v = b2 * square[k] + c2 * g * g
        w = master[k] - step * m / (np.float32(math.sqrt(v)) + epsilon)
        mean[k], square[k], master[k] = m, v, w
        weights[k] = w


@dataclass(frozen=True)
class _Parameter:
    """One tensor of weights and its optimiser state, as flat arrays."""

    weights: NDArray[Any]
    mean: NDArray[np.float32]
    square: NDArray[np.float32]
    master: NDArray[np.float32]


def flat_bits(tensor: Tensor) -> NDArray[Any]:
    """Flat numpy view of a contiguous tensor; 16-bit floats as their bit patterns."""
    flat = tensor.detach().contiguous().view(-1)
    if flat.dtype == torch.bfloat16:
        flat = flat.view(torch.uint16)
    array: NDArray[Any] = flat.numpy()
    return array


class Adam:
    """Optimiser of the parameters of some modules, stepped by several threads together."""

    def __init__(self, parameters: Sequence[nn.Parameter], masters: Sequence[Tensor]) -> None:
        """Take over parameters.

        Args:
            parameters: what the networks compute with, updated in place.
            masters: the same in 32 bits; copied.
        """
        self.count = 0
        self._parameters = [
            _Parameter(
                weights=flat_bits(parameter),
                mean=np.zeros(parameter.numel(), np.float32),
                square=np.zeros(parameter.numel(), np.float32),
                master=master.detach().reshape(-1).to(torch.float32).numpy().copy(),
            )
            for parameter, master in zip(parameters, masters, strict=True)
        ]

    def begin_step(self) -> None:
        """Count a step; call once before the threads' `step_share`."""
        self.count += 1

    def step_share(
        self, gradients: Sequence[Sequence[Tensor]], learning_rate: float, share: int, shares: int
    ) -> None:
        """Do this thread's share of the step.

        Args:
            gradients: for each thread, one gradient a parameter; all are summed in this order.
            learning_rate: step size.
            share: which share, 0-based.
            shares: how many shares the weights are cut into.
        """
        correction_1 = 1.0 - BETA_1**self.count
        correction_2 = math.sqrt(1.0 - BETA_2**self.count)
        rate = (
            np.float32(learning_rate * correction_2 / correction_1),
            np.float32(EPSILON * correction_2),
            np.float32(1.0),
        )
        for index, parameter in enumerate(self._parameters):
            size = len(parameter.master)
            lo, hi = size * share // shares, size * (share + 1) // shares
            grads = [flat_bits(each[index])[lo:hi] for each in gradients]
            while len(grads) > 2:
                grads = _fold(grads)
            if len(grads) == 1:
                grads.append(np.zeros_like(grads[0]))
            kernel = _adam_bf16 if parameter.weights.dtype == np.uint16 else _adam_fp32
            state = (parameter.mean[lo:hi], parameter.square[lo:hi], parameter.master[lo:hi])
            kernel(grads[0], grads[1], state, parameter.weights[lo:hi], rate)

    def masters(self) -> list[NDArray[np.float32]]:
        """The flat 32-bit weights, in parameter order; shares memory."""
        return [parameter.master for parameter in self._parameters]

    def scale_master(self, index: int, factor: float, shift: float = 0.0) -> None:
        """Multiply one parameter's weights and add to them, master and copy."""
        parameter = self._parameters[index]
        parameter.master[...] = parameter.master * np.float32(factor) + np.float32(shift)
        self._refresh(parameter)

    def set_master(self, index: int, weights: Tensor) -> None:
        """Replace one parameter's weights, master and copy."""
        parameter = self._parameters[index]
        parameter.master[...] = weights.detach().float().reshape(-1).numpy()
        self._refresh(parameter)

    def limit_master(self, index: int, most: float) -> None:
        """Lower those of a parameter's weights that are greater, master and copy."""
        parameter = self._parameters[index]
        np.minimum(parameter.master, most, out=parameter.master)
        self._refresh(parameter)

    def state_arrays(self) -> dict[str, NDArray[Any]]:
        """All that a resumed training needs; shares memory."""
        arrays: dict[str, NDArray[Any]] = {"count": np.array([self.count], np.int64)}
        for index, parameter in enumerate(self._parameters):
            arrays[f"{index}.mean"] = parameter.mean
            arrays[f"{index}.square"] = parameter.square
            arrays[f"{index}.master"] = parameter.master
        return arrays

    def load_state_arrays(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take over what `state_arrays` gave."""
        self.count = int(arrays["count"][0])
        for index, parameter in enumerate(self._parameters):
            parameter.mean[...] = arrays[f"{index}.mean"]
            parameter.square[...] = arrays[f"{index}.square"]
            parameter.master[...] = arrays[f"{index}.master"]
            self._refresh(parameter)

    def _refresh(self, parameter: _Parameter) -> None:
        """Copy the master into the weights that the network computes with."""
        master = torch.from_numpy(parameter.master)
        if parameter.weights.dtype == np.uint16:
            parameter.weights[...] = master.to(torch.bfloat16).view(torch.uint16).numpy()
        else:
            parameter.weights[...] = parameter.master


def _fold(gradients: list[NDArray[Any]]) -> list[NDArray[Any]]:
    """Sum the last two gradients, for more than two threads."""
    last, other = gradients.pop(), gradients.pop()
    if last.dtype == np.uint16:
        a = torch.from_numpy(last).view(torch.bfloat16)
        b = torch.from_numpy(other).view(torch.bfloat16)
        return [*gradients, (a.float() + b.float()).to(torch.bfloat16).view(torch.uint16).numpy()]
    return [*gradients, last + other]
