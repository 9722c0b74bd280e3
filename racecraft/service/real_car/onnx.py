"""A plan as an ONNX model, for everything that is no DeepRacer car.

Field numbers are those of `onnx.proto3`. Inputs and output have the same names, shapes and ranges
as in the graph for the car.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from racecraft.service.real_car.plan import Dense, Eye, Plan
from racecraft.service.real_car.wire import block, packed, real, whole

_FLOAT = 1
_IR_VERSION, _OPERATORS = 8, 17
"""Old enough for every reader of the last years."""
_WHOLE, _INTS, _REAL = 2, 7, 1
"""Kinds of attributes."""
_BATCH = "batch"


def onnx_model(plan: Plan, producer: str) -> bytes:
    """The bytes of an `.onnx` file."""
    graph = _Graph()
    parts = []
    if plan.eye is not None:
        parts.append(_eye(graph, plan.eye))
    if plan.scan is not None:
        graph.input(plan.scan.input_name, (plan.scan.values,))
        parts.append(graph.chain(plan.scan.input_name, plan.scan.embedding))
    joined = parts[0]
    if len(parts) > 1:
        joined = graph.node("Concat", f"{plan.scope}/concat", parts, _number("axis", 1))
    hidden = graph.dense(graph.chain(joined, plan.middleware), plan.head)
    attributes = _number("axis", 1) if plan.ending == "Softmax" else b""
    graph.node(plan.ending, plan.output_name, (hidden,), attributes)
    graph.output(plan.output_name, (len(plan.head.bias),))
    parts_of_model = (
        whole(1, _IR_VERSION),
        block(2, "racecraft"),
        block(3, producer),
        block(7, graph.written()),
        block(8, block(1, "") + whole(2, _OPERATORS)),
    )
    return b"".join(parts_of_model)


def _eye(graph: _Graph, eye: Eye) -> str:
    scope = eye.convolutions[0].name.rpartition("/")[0]
    graph.input(eye.input_name, (eye.height, eye.width, eye.channels))
    scale = graph.constant(f"{scope}/scale", np.array(255.0, np.float32))
    seen = graph.node("Div", f"{scope}/scaled", (eye.input_name, scale))
    seen = graph.node("Transpose", f"{scope}/channels_first", (seen,), _numbers("perm", 0, 3, 1, 2))
    if eye.shrink > 1:
        sides = _numbers("kernel_shape", eye.shrink, eye.shrink)
        sides += _numbers("strides", eye.shrink, eye.shrink)
        seen = graph.node("AveragePool", f"{scope}/shrink", (seen,), sides)
    for layer in eye.convolutions:
        kernel = graph.constant(f"{layer.name}/kernel", layer.kernel)
        bias = graph.constant(f"{layer.name}/bias", layer.bias)
        strides = _numbers("strides", layer.stride, layer.stride)
        strides += _numbers("kernel_shape", *layer.kernel.shape[2:])
        seen = graph.node("Conv", f"{layer.name}/Conv", (seen, kernel, bias), strides)
        seen = graph.node("Relu", f"{layer.name}/Relu", (seen,))
    seen = graph.node("Transpose", f"{scope}/channels_last", (seen,), _numbers("perm", 0, 2, 3, 1))
    flat = graph.node("Flatten", f"{scope}/flatten", (seen,), _number("axis", 1))
    return graph.chain(flat, eye.embedding)


class _Graph:
    """Nodes, constants, inputs and outputs."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def written(self) -> bytes:
        return b"".join((*self._parts, block(2, "policy")))

    def node(
        self, operation: str, name: str, inputs: Sequence[str], attributes: bytes = b""
    ) -> str:
        """Add a node with one output, which has the node's name; gives that name."""
        read = b"".join(block(1, each) for each in inputs)
        node = read + block(2, name) + block(3, name) + block(4, operation) + attributes
        self._parts.append(block(1, node))
        return name

    def constant(self, name: str, values: NDArray[np.float32]) -> str:
        """An array."""
        sizes = packed(1, values.shape) if values.ndim else b""
        data = np.ascontiguousarray(values).tobytes()
        self._parts.append(block(5, sizes + whole(2, _FLOAT) + block(8, name) + block(9, data)))
        return name

    def input(self, name: str, sizes: Sequence[int]) -> None:
        """Something that is given."""
        self._parts.append(block(11, _described(name, sizes)))

    def output(self, name: str, sizes: Sequence[int]) -> None:
        """Something that is asked for."""
        self._parts.append(block(12, _described(name, sizes)))

    def dense(self, hidden: str, layer: Dense) -> str:
        """A product with a matrix, and a bias."""
        weight = self.constant(f"{layer.name}/kernel", layer.weight)
        bias = self.constant(f"{layer.name}/bias", layer.bias)
        attributes = _number("transB", 1) + _factor("alpha", 1.0) + _factor("beta", 1.0)
        return self.node("Gemm", f"{layer.name}/Gemm", (hidden, weight, bias), attributes)

    def chain(self, hidden: str, layers: Sequence[Dense]) -> str:
        """Dense layers with ReLUs."""
        for layer in layers:
            hidden = self.node("Relu", f"{layer.name}/Relu", (self.dense(hidden, layer),))
        return hidden


def _described(name: str, sizes: Sequence[int]) -> bytes:
    shape = block(1, block(2, _BATCH)) + b"".join(block(1, whole(1, size)) for size in sizes)
    return block(1, name) + block(2, block(1, whole(1, _FLOAT) + block(2, shape)))


def _number(name: str, value: int) -> bytes:
    return block(5, block(1, name) + whole(3, value) + whole(20, _WHOLE))


def _numbers(name: str, *values: int) -> bytes:
    return block(5, block(1, name) + packed(8, values) + whole(20, _INTS))


def _factor(name: str, value: float) -> bytes:
    return block(5, block(1, name) + real(2, value) + whole(20, _REAL))
